/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_PRIVATE_H
#define SIGNET_MODEL_PRIVATE_H

/* Files and folders that are for their owner alone. */

#include "model/visibility.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>

/** Makes a directory and what is missing above it. */
SIGNET_INTERNAL bool signet_private_folder(const char *path);

/** Opens a regular file, and no link, with mode 0600. @param flags  for open()
 * @param mode  for fdopen(). NULL: it can't be */
SIGNET_INTERNAL FILE *signet_private_open(const char *path, int flags,
                                          const char *mode);

#endif
