/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_FILES_H
#define SIGNET_HOST_FILES_H

/* Files and directories that are for their owner alone. */

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>

/** Makes a directory and what is missing above it. */
bool signet_host_make_directory(const char *path);

/** Opens a regular file, and no link, with mode 0600. @param flags  for open()
 * @param mode  for fdopen(). NULL: it can't be */
FILE *signet_host_open_private(const char *path, int flags, const char *mode);

#endif
