/* SPDX-License-Identifier: MIT */
#include "host/learned.h"

#include "host/files.h"
#include "model/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The file: a line that names its form, then a line an account:
 *
 *     signet learned 2
 *     48250 0 1 1763805600 configs https://smsapi.engagelab.com key mykey
 *
 * requests in a thousand seconds, requests at once, the forms in which it
 * stores what is written (signet_learned), when that was found out (Unix
 * seconds), which account.
 */

enum { ACCOUNTS = 64, LINE = 640, DAYS_KEPT = 30, SECONDS_A_DAY = 86400 };

static const char FIRST_LINE[] = "signet learned 2\n";
static const int64_t MOST_RATE = INT64_C(100000) * 1000, MOST_AT_ONCE = 1000,
                     MOST_FORMS = 7;

struct entry {
  int64_t rate; /* in a thousand seconds */
  int64_t at_once;
  int64_t forms;
  int64_t when;
  char identity[LINE];
};

struct learned {
  struct entry entries[ACCOUNTS];
  size_t count;
};

static bool file_path(char *path, size_t size, const char *state_dir)
{
  int length =
      state_dir != NULL ? snprintf(path, size, "%s/learned", state_dir) : -1;

  return length > 0 && (size_t)length < size;
}

/* --- reading --- */

/* A number of digits only, and the space behind it. */
static bool read_number(const char **text, int64_t most, int64_t *number)
{
  char *end;

  if (**text < '0' || **text > '9') {
    return false;
  }
  errno = 0;
  *number = strtoll(*text, &end, 10);
  if (errno != 0 || *end != ' ' || *number > most) {
    return false;
  }
  *text = end + 1;
  return true;
}

static bool read_entry(const char *line, struct entry *entry)
{
  size_t length;

  if (!read_number(&line, MOST_RATE, &entry->rate) ||
      !read_number(&line, MOST_AT_ONCE, &entry->at_once) ||
      !read_number(&line, MOST_FORMS, &entry->forms) ||
      !read_number(&line, INT64_MAX, &entry->when)) {
    return false;
  }
  length = strcspn(line, "\n");
  if (length == 0 || line[length] != '\n' || length >= sizeof entry->identity) {
    return false;
  }
  memcpy(entry->identity, line, length);
  entry->identity[length] = '\0';
  return true;
}

/* A file that is damaged anywhere tells nothing. */
static void load(const char *path, struct learned *learned)
{
  FILE *file = signet_host_open_private(path, O_RDONLY, "r");
  char line[LINE + 80];
  bool good;

  learned->count = 0;
  if (file == NULL) {
    return;
  }
  good =
      fgets(line, sizeof line, file) != NULL && strcmp(line, FIRST_LINE) == 0;
  while (good && fgets(line, sizeof line, file) != NULL) {
    good = learned->count < ACCOUNTS &&
           read_entry(line, &learned->entries[learned->count++]);
  }
  (void)fclose(file);
  if (!good) {
    learned->count = 0;
  }
}

static struct entry *find(struct learned *learned, const char *identity)
{
  for (size_t i = 0; i < learned->count; i++) {
    if (strcmp(learned->entries[i].identity, identity) == 0) {
      return &learned->entries[i];
    }
  }
  return NULL;
}

void signet_host_learned_teach(const char *state_dir, signet_account *account)
{
  struct learned *learned = malloc(sizeof *learned);
  char path[PATH_MAX];
  const struct entry *entry = NULL;

  if (learned != NULL && file_path(path, sizeof path, state_dir)) {
    load(path, learned);
    entry = find(learned, signet_account_identity(account));
  }
  if (entry != NULL && signet_clock_unix_ms() / 1000 - entry->when <
                           (int64_t)DAYS_KEPT * SECONDS_A_DAY) {
    const signet_learned values = {.rate = (double)entry->rate / 1000,
                                   .concurrency = (unsigned)entry->at_once,
                                   .forms = (unsigned)entry->forms};

    signet_account_teach(account, &values);
  }
  free(learned);
}

/* --- writing --- */

static struct entry *oldest(struct learned *learned)
{
  struct entry *entry = &learned->entries[0];

  for (size_t i = 1; i < learned->count; i++) {
    if (learned->entries[i].when < entry->when) {
      entry = &learned->entries[i];
    }
  }
  return entry;
}

/* The account's entry, made where there is none. */
static struct entry *place(struct learned *learned, const char *identity)
{
  struct entry *entry = find(learned, identity);

  if (entry == NULL) {
    entry = learned->count < ACCOUNTS ? &learned->entries[learned->count++]
                                      : oldest(learned);
    (void)snprintf(entry->identity, sizeof entry->identity, "%s", identity);
  }
  return entry;
}

static bool write_all(FILE *file, const struct learned *learned)
{
  bool good = fputs(FIRST_LINE, file) >= 0;

  for (size_t i = 0; good && i < learned->count; i++) {
    const struct entry *entry = &learned->entries[i];

    good = fprintf(file, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s\n",
                   entry->rate, entry->at_once, entry->forms, entry->when,
                   entry->identity) > 0;
  }
  return good;
}

/* Beside the file, then in its place: a reader sees the one or the other. */
static void store(const char *path, const struct learned *learned)
{
  char beside[PATH_MAX + 8];
  FILE *file;
  int handle;
  bool good;

  (void)snprintf(beside, sizeof beside, "%s.XXXXXX", path);
  handle = mkostemp(beside, O_CLOEXEC); /* 0600 */
  if (handle < 0) {
    return;
  }
  file = fdopen(handle, "w");
  if (file == NULL) {
    (void)close(handle);
    (void)unlink(beside);
    return;
  }
  good = write_all(file, learned);
  good = fclose(file) == 0 && good;
  if (!good || rename(beside, path) != 0) {
    (void)unlink(beside);
  }
}

static void forget(struct learned *learned, struct entry *entry)
{
  *entry = learned->entries[--learned->count];
}

void signet_host_learned_keep(const char *state_dir,
                              const signet_account *account)
{
  const char *identity = signet_account_identity(account);
  struct learned *learned = malloc(sizeof *learned);
  signet_learned values;
  char path[PATH_MAX];
  struct entry *entry;

  signet_account_learned(account, &values);
  if (learned == NULL || !file_path(path, sizeof path, state_dir) ||
      strpbrk(identity, "\n\r") != NULL) {
    free(learned);
    return;
  }
  load(path, learned);
  entry = find(learned, identity);
  if (values.rate > 0 || values.concurrency > 0 || values.forms > 0) {
    entry = place(learned, identity);
    entry->rate = (int64_t)(values.rate * 1000 + 0.5);
    entry->at_once = values.concurrency;
    entry->forms = values.forms;
    entry->when = signet_clock_unix_ms() / 1000;
    if (signet_host_make_directory(state_dir)) {
      store(path, learned);
    }
  } else if (entry != NULL) {
    forget(learned, entry);
    store(path, learned);
  }
  free(learned);
}
