/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_STORE_SUPPORT_H
#define SIGNET_TESTS_STORE_SUPPORT_H

/* A journal in a folder of its own. The functions that return something may be
 * called in a child: they assert nothing. */

#include "folder.h"
#include "job/store/sqlite/folder.h"

#include <stdatomic.h>
#include <stddef.h>

/** The id of the job that store_put_job() puts. */
#define JOB "20261122T073105-4f2a"

/** Of the test that runs: a folder, and a journal's path in it. */
extern char store_folder[200];
extern char store_path[240];
/** The store under test, NULL: closed, and the error of its last call. */
extern signet_store *store;
extern signet_error store_error;
/** Commits that were begun, and have said that they ended. */
extern atomic_int store_ends;

void store_begin(void);
void store_begin_in(folder_place place);
void store_end(void);

/** Opens the journal. @return whether it could */
bool store_open(void);
void store_close(void);
/** Opens it to be read: the store under test is that then. */
bool store_read(void);
/** Asserts that opening it fails with these words and this kind. */
void store_refuses(signet_error_kind kind, const char *words);
/** The same of opening it and of reading it. */
void store_refuses_both(signet_error_kind kind, const char *words);
/** Asserts that it opens, and holds so many writes of JOB. */
void store_holds(long writes);

bool store_put_job(void);
/** A new write with the state "intent". @return its number, 0: failed */
int64_t store_put_write(const char *target);
bool store_commit(void);
/** Begins one; at its end `store_ends` is one more. */
bool store_begin_commit(void);
/** The same, and waits for it. */
bool store_commit_beside(void);
/** Writes of JOB, counted; -1: failed. */
long store_count(void);

/** A journal of version 1, of two jobs; JOB has two writes. */
void store_make_version_1(void);

/** A whole file, asserted to be there; free() it. */
char *store_read_file(const char *path, size_t *size);
/** Asserts that the file could be written. */
void store_write_file(const char *path, const char *content, size_t size);

#endif
