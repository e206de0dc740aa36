/* SPDX-License-Identifier: MIT */
/*
 * What runs find out about an account, kept for the next run. How many entries
 * it had counts only between runs that ended: one that may delete some marks
 * its account as open, and only the run that resumes it, whose journal tells
 * what was deleted, believes the numbers of an open one.
 */
#include "account/learned_file.h"

#include "model/clock.h"
#include "model/memory.h"
#include "model/private.h"
#include "signet/account.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { DAYS_KEPT = 30, SECONDS_A_DAY = 86400 };

static bool is_recent(int64_t unix_ms)
{
  return signet_clock_unix_ms() - unix_ms <
         (int64_t)DAYS_KEPT * SECONDS_A_DAY * 1000;
}

/* What a run that ended early left behind counts only for the one that goes on
 * with it, whose journal tells what was deleted. */
static void teach(signet_account *account, const signet_learned_entry *entry,
                  signet_learner learner)
{
  signet_learned values = {0};
  bool counts =
      entry->listed && (!entry->open || learner == SIGNET_LEARNER_RESUMES);

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

static signet_learned_entry *oldest(signet_learned_file *learned)
{
  signet_learned_entry *entry = &learned->entries[0];

  for (size_t i = 1; i < learned->count; i++)
    if (learned->entries[i].when < entry->when)
      entry = &learned->entries[i];
  return entry;
}

/* The account's entry, made where there is none. */
static signet_learned_entry *place(signet_learned_file *learned,
                                   const char *identity)
{
  signet_learned_entry *entry = signet_learned_find(learned, identity);

  if (entry == NULL) {
    entry = learned->count < SIGNET_LEARNED_ACCOUNTS
                ? &learned->entries[learned->count++]
                : oldest(learned);
    *entry = (signet_learned_entry){0};
    (void)snprintf(entry->identity, sizeof entry->identity, "%s", identity);
  }
  return entry;
}

/* @return whether that is anything new */
static bool take_bears(signet_learned_file *learned, const char *identity,
                       const signet_learned *values)
{
  signet_learned_entry *entry = signet_learned_find(learned, identity);

  if (values->rate > 0 || values->concurrency > 0 || values->forms > 0) {
    entry = place(learned, identity);
    entry->bears = true;
    entry->rate = (int64_t)(values->rate * 1000 + 0.5);
    entry->at_once = values->concurrency;
    entry->forms = values->forms;
    entry->when = signet_clock_unix_ms() / 1000;
    return true;
  }
  if (entry == NULL || !entry->bears)
    return false;
  entry->bears = false;
  return true;
}

/* Of several that look at an account, the last one knows. */
static bool take_count(signet_learned_entry *entry,
                       const signet_learned *values, int kind)
{
  if (values->entries_at_ms[kind] <= entry->counted_ms[kind])
    return false;
  entry->listed = true;
  entry->counts[kind] = values->entries[kind];
  entry->counted_ms[kind] = values->entries_at_ms[kind];
  return true;
}

/* The run that may have deleted some has ended. What an earlier one, which did
 * not, has left of the others is not known. */
static void end_run(signet_learned_entry *entry, const signet_learned *values)
{
  for (int kind = 0; entry->open && kind < 2; kind++)
    if (values->entries_at_ms[kind] == 0)
      entry->counted_ms[kind] = 0;
  entry->open = values->entries_open;
}

static bool is_same(const signet_learned_entry *entry,
                    const signet_learned *values)
{
  return entry->counted_ms[0] == values->entries_at_ms[0] &&
         entry->counted_ms[1] == values->entries_at_ms[1];
}

/* @return whether that is anything new */
static bool take_counts(signet_learned_file *learned, const char *identity,
                        const signet_learned *values, signet_learner learner)
{
  signet_learned_entry *entry = signet_learned_find(learned, identity);
  bool open, newer, same;

  if (entry == NULL) {
    if (values->entries_at_ms[0] == 0 && values->entries_at_ms[1] == 0)
      return false;
    entry = place(learned, identity);
  }
  open = entry->open;
  same = is_same(entry, values);
  newer = take_count(entry, values, 0);
  newer = take_count(entry, values, 1) || newer;
  if (learner != SIGNET_LEARNER_READS && entry->listed && (newer || same))
    end_run(entry, values);
  if (newer && !entry->bears)
    entry->when = signet_clock_unix_ms() / 1000;
  return newer || entry->open != open;
}

/* What nothing is known of any more has no line. */
static void drop_empty(signet_learned_file *learned)
{
  for (size_t i = learned->count; i > 0; i--)
    if (!learned->entries[i - 1].bears && !learned->entries[i - 1].listed)
      learned->entries[i - 1] = learned->entries[--learned->count];
}

void signet_account_keep_learned(const signet_account *account,
                                 const char *folder, signet_learner learner)
{
  const char *identity = signet_account_identity(account);
  signet_learned_file *learned = signet_memory_zeroed(1, sizeof *learned);
  signet_learned values;
  char path[PATH_MAX];
  bool news;

  signet_account_learned(account, &values);
  if (learned == NULL || !signet_learned_path(path, sizeof path, folder) ||
      strpbrk(identity, "\n\r") != NULL) {
    signet_memory_free(learned);
    return;
  }
  signet_learned_load(path, learned);
  news = take_bears(learned, identity, &values);
  news = take_counts(learned, identity, &values, learner) || news;
  drop_empty(learned);
  if (news && signet_private_folder(folder))
    signet_learned_store(path, learned);
  signet_memory_free(learned);
}

void signet_account_teach_kept(signet_account *account, const char *folder,
                               signet_learner learner)
{
  signet_learned_file *learned = signet_memory_zeroed(1, sizeof *learned);
  char path[PATH_MAX];
  signet_learned_entry *entry = NULL;

  if (learned != NULL && signet_learned_path(path, sizeof path, folder)) {
    signet_learned_load(path, learned);
    entry = signet_learned_find(learned, signet_account_identity(account));
  }
  if (entry != NULL)
    teach(account, entry, learner);
  if (entry != NULL && entry->listed && !entry->open &&
      learner != SIGNET_LEARNER_READS) {
    entry->open = true;
    signet_learned_store(path, learned);
  }
  signet_memory_free(learned);
}
