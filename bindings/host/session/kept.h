/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_KEPT_H
#define SIGNET_HOST_KEPT_H

/* What a job is run with, kept so that resuming goes on with it: options,
 * folder, and the script's file. */

#include "host/session/session.h"

/** Keeps them with the session's new job. @return false: @p error */
bool signet_host_kept_keep(struct session *session, const struct script *script,
                           signet_error *error);

/** What was kept with a job. Texts are owned; NULL: nothing was. */
struct kept {
  char *options; /* JSON array: "--max-changes=5" */
  char *folder;
  char *words[64];
  int count;
};

/** Reads it. @return false: @p error */
bool signet_host_kept_read(struct kept *kept, const char *state_dir,
                           const char *job, signet_error *error);

/** Gives the command line the job's options, where it has none of its own. They
 * are borrowed from @p kept. */
void signet_host_kept_merge(struct kept *kept, struct arguments *arguments);

/**
 * Goes to the folder that the job ran in, so that it finds the same files. The
 * paths on the command line are made absolute before.
 * @return false: @p error
 */
bool signet_host_kept_enter(struct kept *kept, struct host *host,
                            signet_error *error);

void signet_host_kept_free(struct kept *kept);

#endif
