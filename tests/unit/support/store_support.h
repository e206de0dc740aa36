/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_STORE_SUPPORT_H
#define SIGNET_TESTS_STORE_SUPPORT_H

/* What is kept for an account of its own, in a store that the environment's
 * SIGNET_TEST_STORE may name. The functions that return something may be called
 * in a child: they assert nothing. */

#include "folder.h"
#include "job/store/sqlite/folder.h"

#include <stdatomic.h>
#include <stddef.h>

/** The id of the job that store_put_job() puts. */
#define JOB "20261122T073105-4f2a"

/** Of the test that runs: a folder, a store's URL, and an account. */
extern char store_folder[200];
extern char store_url[240];
extern char store_account[100];
/** A journal's path, which is opened instead; "": none. */
extern char store_path[240];
/** Who had the store that could not be opened. */
extern signet_job_running store_held_by;
/** The store under test, NULL: closed, and the error of its last call. */
extern signet_store *store;
extern signet_error store_error;
/** Commits that were begun, and have said that they ended. */
extern atomic_int store_ends;

void store_begin(void);
void store_begin_in(folder_place place);
void store_end(void);

/** From now on another account is meant, of which nothing is kept. */
void store_other_account(void);

/** Opens the store. @return whether it could */
bool store_open(void);
void store_close(void);
/** Opens it to be read: the store under test is that then. */
bool store_read(void);
/** Asserts that opening it fails with these words and this kind. */
void store_refuses(signet_error_kind kind, const char *words);
/** Asserts that this is the error of the last call. */
void store_was_refused(signet_error_kind kind, const char *words);
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

#endif
