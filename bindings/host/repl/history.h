/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_HISTORY_H
#define SIGNET_HOST_HISTORY_H

/* The lines typed at the REPL, kept in the state directory in a file that only
 * its owner can read. What looks like credentials is never kept. */

#include "signet/settings.h"

#include <histedit.h>

struct line_history {
  History *lines;
  const signet_settings *settings; /* whose secret must not be kept */
  char path[4200];                 /* "": nothing is written */
};

/** Reads the file. @return false: out of memory */
bool signet_host_history_open(struct line_history *history,
                              const signet_settings *settings);

/** Remembers a line, and appends it to the file unless it holds a secret. */
void signet_host_history_add(struct line_history *history, const char *line);

void signet_host_history_close(struct line_history *history);

/** Whether a line holds the secret or looks as if it sets credentials. */
bool signet_host_history_is_secret(const signet_settings *settings,
                                   const char *line);

#endif
