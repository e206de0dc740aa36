/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_HAR_H
#define SIGNET_HOST_HAR_H

/*
 * A HAR 1.2 file, the format that browsers' developer tools import. After each
 * entry it is whole: an entry is written over the end of the file together with
 * the end that comes after it, so that a run that is killed leaves a file to be
 * opened; one for which there is no room is cut off again. Two runs can't write
 * one file.
 */

#include "signet/trace.h"

#include <sys/types.h>

enum { HAR_BODY_MAXIMUM = 1 << 20 }; /* what is kept of a body */

struct har {
  int file;  /* -1: not open */
  off_t end; /* where the next entry goes */
  bool first;
};

/** Makes the file, or takes the place of an empty one or another trace, for its
 * owner only.
 * @return false: @p problem says why not; errno's text or a reason */
bool signet_host_har_open(struct har *har, const char *path,
                          const char **problem);

/** Adds an entry. @return false: it could not be written (errno); the file is
 * closed, and nothing more will be */
bool signet_host_har_add(struct har *har, const signet_trace *trace);

void signet_host_har_close(struct har *har);

#endif
