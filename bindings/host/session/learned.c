/* SPDX-License-Identifier: MIT */
#include "host/session/learned.h"

#include "host/system/files.h"
#include "model/clock.h"
#include "signet/job.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

enum { ACCOUNTS = 64, LINE = 640, DAYS_KEPT = 30, SECONDS_A_DAY = 86400 };

static const char FIRST_LINE[] = "signet learned 2\n", LISTED[] = "listed ";
static const int64_t MOST_RATE = INT64_C(100000) * 1000, MOST_AT_ONCE = 1000,
                     MOST_FORMS = 7;

struct entry {
  bool bears;   /* the first line is there */
  bool listed;  /* the second one is */
  int64_t rate; /* in a thousand seconds */
  int64_t at_once;
  int64_t forms;
  int64_t when;
  int64_t counts[2];
  int64_t counted_ms[2];
  bool open;
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

static struct entry *find(struct learned *learned, const char *identity)
{
  for (size_t i = 0; i < learned->count; i++) {
    if (strcmp(learned->entries[i].identity, identity) == 0) {
      return &learned->entries[i];
    }
  }
  return NULL;
}

static bool read_bears(const char **line, struct entry *entry)
{
  entry->bears = true;
  return read_number(line, MOST_RATE, &entry->rate) &&
         read_number(line, MOST_AT_ONCE, &entry->at_once) &&
         read_number(line, MOST_FORMS, &entry->forms) &&
         read_number(line, INT64_MAX, &entry->when);
}

static bool read_listed(const char **line, struct entry *entry)
{
  int64_t open = 0;
  bool good = true;

  *line += sizeof LISTED - 1;
  entry->listed = true;
  for (int kind = 0; good && kind < 2; kind++) {
    good = read_number(line, INT64_MAX, &entry->counts[kind]) &&
           read_number(line, INT64_MAX, &entry->counted_ms[kind]);
  }
  good = good && read_number(line, 1, &open);
  entry->open = open != 0;
  return good;
}

/* Lays a line over what is known of its account. */
static bool read_line(const char *line, struct learned *learned)
{
  struct entry read = {0}, *entry;
  bool listed = strncmp(line, LISTED, sizeof LISTED - 1) == 0;
  size_t length;

  if (!(listed ? read_listed(&line, &read) : read_bears(&line, &read))) {
    return false;
  }
  length = strcspn(line, "\n");
  if (length == 0 || line[length] != '\n' || length >= sizeof read.identity) {
    return false;
  }
  memcpy(read.identity, line, length);
  entry = find(learned, read.identity);
  if (entry == NULL && learned->count == ACCOUNTS) {
    return false;
  }
  if (entry == NULL) {
    learned->entries[learned->count++] = read;
  } else if (listed) {
    entry->listed = true;
    memcpy(entry->counts, read.counts, sizeof entry->counts);
    memcpy(entry->counted_ms, read.counted_ms, sizeof entry->counted_ms);
    entry->open = read.open;
  } else {
    return false; /* an account has one such line */
  }
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
    good = read_line(line, learned);
  }
  (void)fclose(file);
  if (!good) {
    learned->count = 0;
  }
}

static bool is_recent(int64_t unix_ms)
{
  return signet_clock_unix_ms() - unix_ms <
         (int64_t)DAYS_KEPT * SECONDS_A_DAY * 1000;
}

/* What a run that ended early left behind counts only for the one that goes on
 * with it, whose journal tells what was deleted. */
static void teach(signet_account *account, const struct entry *entry,
                  enum learner learner)
{
  signet_learned values = {0};
  bool counts = entry->listed && (!entry->open || learner == LEARNER_RESUMES);

  if (entry->bears && is_recent(entry->when * 1000)) {
    values.rate = (double)entry->rate / 1000;
    values.concurrency = (unsigned)entry->at_once;
    values.forms = (unsigned)entry->forms;
  }
  for (int kind = 0; kind < 2; kind++) {
    if (counts && is_recent(entry->counted_ms[kind])) {
      values.entries[kind] = entry->counts[kind];
      values.entries_at_ms[kind] = entry->counted_ms[kind];
    }
  }
  values.entries_open = counts && entry->open;
  signet_account_teach(account, &values);
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
    *entry = (struct entry){0};
    (void)snprintf(entry->identity, sizeof entry->identity, "%s", identity);
  }
  return entry;
}

static bool write_all(FILE *file, const struct learned *learned)
{
  bool good = fputs(FIRST_LINE, file) >= 0;

  for (size_t i = 0; good && i < learned->count; i++) {
    const struct entry *entry = &learned->entries[i];

    if (entry->bears) {
      good =
          fprintf(file, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s\n",
                  entry->rate, entry->at_once, entry->forms, entry->when,
                  entry->identity) > 0;
    }
    if (good && entry->listed) {
      good =
          fprintf(
              file, "%s%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d %s\n",
              LISTED, entry->counts[0], entry->counted_ms[0], entry->counts[1],
              entry->counted_ms[1], entry->open, entry->identity) > 0;
    }
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

/* @return whether that is anything new */
static bool take_bears(struct learned *learned, const char *identity,
                       const signet_learned *values)
{
  struct entry *entry = find(learned, identity);

  if (values->rate > 0 || values->concurrency > 0 || values->forms > 0) {
    entry = place(learned, identity);
    entry->bears = true;
    entry->rate = (int64_t)(values->rate * 1000 + 0.5);
    entry->at_once = values->concurrency;
    entry->forms = values->forms;
    entry->when = signet_clock_unix_ms() / 1000;
    return true;
  }
  if (entry == NULL || !entry->bears) {
    return false;
  }
  entry->bears = false;
  return true;
}

/* Of several that look at an account, the last one knows. */
static bool take_count(struct entry *entry, const signet_learned *values,
                       int kind)
{
  if (values->entries_at_ms[kind] <= entry->counted_ms[kind]) {
    return false;
  }
  entry->listed = true;
  entry->counts[kind] = values->entries[kind];
  entry->counted_ms[kind] = values->entries_at_ms[kind];
  return true;
}

/* The run that may have deleted some has ended. What an earlier one, which did
 * not, has left of the others is not known. */
static void end_run(struct entry *entry, const signet_learned *values)
{
  for (int kind = 0; entry->open && kind < 2; kind++) {
    if (values->entries_at_ms[kind] == 0) {
      entry->counted_ms[kind] = 0;
    }
  }
  entry->open = values->entries_open;
}

static bool is_same(const struct entry *entry, const signet_learned *values)
{
  return entry->counted_ms[0] == values->entries_at_ms[0] &&
         entry->counted_ms[1] == values->entries_at_ms[1];
}

/* @return whether that is anything new */
static bool take_counts(struct learned *learned, const char *identity,
                        const signet_learned *values, enum learner learner)
{
  struct entry *entry = find(learned, identity);
  bool open, newer, same;

  if (entry == NULL) {
    if (values->entries_at_ms[0] == 0 && values->entries_at_ms[1] == 0) {
      return false;
    }
    entry = place(learned, identity);
  }
  open = entry->open;
  same = is_same(entry, values);
  newer = take_count(entry, values, 0);
  newer = take_count(entry, values, 1) || newer;
  if (learner != LEARNER_READS && entry->listed && (newer || same)) {
    end_run(entry, values);
  }
  if (newer && !entry->bears) {
    entry->when = signet_clock_unix_ms() / 1000;
  }
  return newer || entry->open != open;
}

/* What nothing is known of any more has no line. */
static void drop_empty(struct learned *learned)
{
  for (size_t i = learned->count; i > 0; i--) {
    if (!learned->entries[i - 1].bears && !learned->entries[i - 1].listed) {
      learned->entries[i - 1] = learned->entries[--learned->count];
    }
  }
}

void signet_host_learned_keep(const char *state_dir,
                              const signet_account *account,
                              enum learner learner)
{
  const char *identity = signet_account_identity(account);
  struct learned *learned = malloc(sizeof *learned);
  signet_learned values;
  char path[PATH_MAX];
  bool news;

  signet_account_learned(account, &values);
  if (learned == NULL || !file_path(path, sizeof path, state_dir) ||
      strpbrk(identity, "\n\r") != NULL) {
    free(learned);
    return;
  }
  load(path, learned);
  news = take_bears(learned, identity, &values);
  news = take_counts(learned, identity, &values, learner) || news;
  drop_empty(learned);
  if (news && signet_host_make_directory(state_dir)) {
    store(path, learned);
  }
  free(learned);
}

/* --- at a run's beginning --- */

void signet_host_learned_teach(const char *state_dir, signet_account *account,
                               enum learner learner)
{
  struct learned *learned = malloc(sizeof *learned);
  char path[PATH_MAX];
  struct entry *entry = NULL;

  if (learned != NULL && file_path(path, sizeof path, state_dir)) {
    load(path, learned);
    entry = find(learned, signet_account_identity(account));
  }
  if (entry != NULL) {
    teach(account, entry, learner);
  }
  if (entry != NULL && entry->listed && !entry->open &&
      learner != LEARNER_READS) {
    entry->open = true;
    store(path, learned);
  }
  free(learned);
}

/* --- of a session --- */

static enum learner learner_of(const struct session *session)
{
  if (session->job == NULL ||
      (session->report.interactive && !session->writes)) {
    return LEARNER_READS;
  }
  return session->resumed ? LEARNER_RESUMES : LEARNER_WRITES;
}

static const char *folder_of(const struct session *session)
{
  return signet_jobs_folder(
      signet_settings_get(session->settings, "state_dir"));
}

void signet_host_learned_begin(const struct session *session,
                               signet_account *account)
{
  const signet_account *own = session->account;
  const char *identity = signet_account_identity(account);

  if (own != NULL && own != account &&
      strcmp(signet_account_identity(own), identity) == 0) {
    signet_learned values;

    signet_account_learned(own, &values);
    signet_account_teach(account, &values);
  } else {
    signet_host_learned_teach(folder_of(session), account, learner_of(session));
  }
}

void signet_host_learned_end(const struct session *session,
                             const signet_account *account)
{
  signet_host_learned_keep(folder_of(session), account, learner_of(session));
}
