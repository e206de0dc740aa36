/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_SQLITE_SUPPORT_H
#define SIGNET_TESTS_SQLITE_SUPPORT_H

/* A journal file in a folder of its own, as the store under test. */

#include "store_support.h"

/** Begin as store_begin() does, with FOLDER/journal.db. */
void sqlite_begin(void);
void sqlite_begin_in(folder_place place);

/** Asserts that it can't be opened nor read, with these words and this kind. */
void sqlite_refuses(signet_error_kind kind, const char *words);

/** A journal of version 1, of two jobs; JOB has two writes. */
void sqlite_make_version_1(void);

/** A whole file, asserted to be there; free() it. */
char *sqlite_read_file(const char *path, size_t *size);
/** Asserts that the file could be written. */
void sqlite_write_file(const char *path, const char *content, size_t size);

#endif
