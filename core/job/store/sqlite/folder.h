/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_FOLDER_H
#define SIGNET_JOB_STORE_SQLITE_FOLDER_H

/* Journals in a folder: one file for each account. */

#include "job/store/store.h"

extern const signet_store_kind signet_store_sqlite;

enum { SIGNET_STORE_PATH_SIZE = 4096 };

/** The path of an account's journal. @return false: it does not fit */
bool signet_store_sqlite_path(const char *folder, const char *account,
                              char *path, size_t size);

#endif
