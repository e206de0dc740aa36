/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_FILES_H
#define SIGNET_HOST_FILES_H

/* Whole files, and what stands in their place. */

#include <stdbool.h>
#include <stdio.h>

/** Whether a file of that name can be written in place of what stands there:
 * its folder must take a new one. @return false: errno says why */
bool signet_host_can_replace(const char *path);

/**
 * Reads a stream to its end. Free the result with free(); a NUL stands behind
 * it.
 * @param maximum  of bytes; a power of two
 * @return NULL: errno says why, EFBIG that there are as many or more
 */
char *signet_host_read_whole(FILE *stream, size_t maximum, size_t *length);

/** What follows a byte order mark, which editors put before a text; the text
 * itself where it has none. */
const char *signet_host_skip_mark(const char *text);

#endif
