/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_LEARNED_FILE_H
#define SIGNET_ACCOUNT_LEARNED_FILE_H

/*
 * The file: a line that names its form, then up to two lines an account:
 *
 *     signet learned 2
 *     48250 0 1 1763805600 configs https://smsapi.engagelab.com key mykey
 *     listed 400 1763805600123 2000 1763805600456 0 configs https://…
 *
 * requests in a thousand seconds, requests at once, the forms in which it
 * stores what is written (signet_learned), when that was found out (Unix
 * seconds), which account; and, behind a word, how many signatures there were
 * and when (Unix ms), how many templates and when, and whether a run that may
 * delete some has begun and not ended.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGNET_LEARNED_ACCOUNTS = 64, SIGNET_LEARNED_LINE = 640 };

typedef struct signet_learned_entry {
  bool bears;   /* the first line is there */
  bool listed;  /* the second one is */
  int64_t rate; /* in a thousand seconds */
  int64_t at_once;
  int64_t forms;
  int64_t when;
  int64_t counts[2];
  int64_t counted_ms[2];
  bool open;
  char identity[SIGNET_LEARNED_LINE];
} signet_learned_entry;

typedef struct signet_learned_file {
  signet_learned_entry entries[SIGNET_LEARNED_ACCOUNTS];
  size_t count;
} signet_learned_file;

/** The path of the file. @return false: there is no such folder, or it does not
 * fit */
bool signet_learned_path(char *path, size_t size, const char *folder);
/** The entry of an account; NULL: there is none. */
signet_learned_entry *signet_learned_find(signet_learned_file *learned,
                                          const char *identity);
/** Reads it. A file that is damaged anywhere tells nothing. */
void signet_learned_load(const char *path, signet_learned_file *learned);
/** Writes it beside the file, then in its place: a reader sees the one or the
 * other. */
void signet_learned_store(const char *path, const signet_learned_file *learned);

#endif
