/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_FOLDER_H
#define SIGNET_TESTS_FOLDER_H

/* A folder for the files of one test. Before it goes, everything in it is
 * looked through for the secret that the tests use (tests/canary). */

#include <stdbool.h>
#include <stddef.h>

/** Where a test's folder is to be. */
typedef enum folder_place {
  FOLDER_ON_DISK,   /**< in $TMPDIR, else in /tmp */
  FOLDER_IN_MEMORY, /**< in /dev/shm where there is one: much is written */
} folder_place;

/** Makes a folder that nobody else has, with mode 0700.
 * @param path where its path is put, of `size` bytes
 * @return whether it could be made */
bool folder_make(folder_place place, char *path, size_t size);

/** Removes it with all that is in it. A configuration file
 * (…/signet/config) may hold the secret: it stands there by right.
 * @return NULL, or the path of a file that held it, until the next call */
const char *folder_remove(const char *path);

/** Whether `text` holds the secret in any of its forms. */
bool folder_text_is_secret(const char *text, size_t length);

#endif
