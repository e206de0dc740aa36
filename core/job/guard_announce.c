/* SPDX-License-Identifier: MIT */
/* What a run is going to write, judged before its first write. */
#include "job/guard_announce.h"

#include "account/account.h"

#include <inttypes.h>
#include <stdio.h>

enum { KINDS = 2, SLOTS = 3 };

static void add(int64_t sums[SLOTS], const signet_job_amount *amount)
{
  sums[SIGNET_SIGN] += amount->signs;
  sums[SIGNET_TEMPLATE] += amount->templates;
  sums[KINDS] += amount->either;
}

static void add_amount(signet_job_amount *to, const signet_job_amount *more)
{
  to->signs += more->signs;
  to->templates += more->templates;
  to->either += more->either;
}

static int64_t sum_of(const int64_t sums[SLOTS])
{
  return sums[0] + sums[1] + sums[KINDS];
}

static int64_t larger(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

/* The account's entries of a kind, of both for what is of either. */
static int64_t entries_of(const signet_guard *guard,
                          const signet_account *account, size_t slot,
                          signet_kind *open)
{
  int64_t all = 0;
  for (size_t i = 0; i < KINDS; i++) {
    int64_t entries;
    if ((slot != i && slot != KINDS) ||
        !signet_dialect_has(account->dialect, (signet_kind)i))
      continue;
    entries = signet_guard_entries(guard, account, (signet_kind)i);
    *open = (signet_kind)i;
    if (entries == SIGNET_GUARD_OPEN)
      return SIGNET_GUARD_OPEN;
    all += entries;
  }
  return all;
}

static signet_guard_answer refuse_share(signet_guard *guard, int64_t announced,
                                        int64_t entries, size_t slot,
                                        const signet_job_limit *limit,
                                        bool is_deletes)
{
  char noun[20] = "entries";
  if (slot != KINDS)
    snprintf(noun, sizeof noun, "%ss", signet_kind_word((signet_kind)slot));
  return signet_guard_refuse(guard,
                             "this run is going to %s %" PRId64
                             " of the account's %" PRId64
                             " %s, and may %s at most %" PRId64 " %%: %s",
                             signet_guard_verb(is_deletes), announced, entries,
                             noun, signet_guard_verb(is_deletes), limit->number,
                             signet_guard_advice(guard, is_deletes));
}

static signet_guard_answer refuse_number(signet_guard *guard, int64_t announced,
                                         const signet_job_limit *limit,
                                         bool is_deletes)
{
  const char *what = signet_guard_verb(is_deletes);
  return signet_guard_refuse(guard,
                             "this run is going to %s %" PRId64
                             " entries, and may %s at most %" PRId64 ": %s",
                             what, announced, what, limit->number,
                             signet_guard_advice(guard, is_deletes));
}

/* What earlier runs did is a part of what is announced, or all of it. */
static signet_guard_answer
judge(signet_guard *guard, const signet_account *account,
      const signet_job_limit *limit, const int64_t announced[SLOTS],
      const int64_t done[SLOTS], bool is_deletes, signet_kind *kind)
{
  int64_t all = larger(sum_of(announced), sum_of(done));
  if (!signet_guard_limits(limit) || sum_of(announced) == 0)
    return SIGNET_GUARD_PASS;
  if (!limit->percent)
    return all <= limit->number ? SIGNET_GUARD_PASS
                                : refuse_number(guard, all, limit, is_deletes);
  for (size_t slot = 0; slot < SLOTS; slot++) {
    int64_t count = slot == KINDS ? all : larger(announced[slot], done[slot]);
    if (announced[slot] == 0)
      continue;
    int64_t entries = entries_of(guard, account, slot, kind);
    if (entries == SIGNET_GUARD_OPEN)
      return SIGNET_GUARD_WAIT;
    if (entries >= limit->from && count * 100 > limit->number * entries)
      return refuse_share(guard, count, entries, slot, limit, is_deletes);
  }
  return SIGNET_GUARD_PASS;
}

static signet_guard_answer judge_limits(signet_guard *guard,
                                        const signet_account *account,
                                        const signet_job_announcement *all,
                                        signet_kind *kind)
{
  int64_t deletes[SLOTS] = {0}, changes[SLOTS] = {0};
  add(deletes, &all->deletes);
  add(changes, &all->deletes);
  add(changes, &all->updates);
  add(changes, &all->creates);
  signet_guard_answer answer = judge(guard, account, &guard->max_deletes,
                                     deletes, guard->deletes, true, kind);
  return answer != SIGNET_GUARD_PASS
             ? answer
             : judge(guard, account, &guard->max_changes, changes,
                     guard->changes, false, kind);
}

static signet_job_announcement together(const signet_guard *guard,
                                        const signet_job_announcement *more)
{
  signet_job_announcement all = guard->announced;
  add_amount(&all.creates, &more->creates);
  add_amount(&all.updates, &more->updates);
  add_amount(&all.deletes, &more->deletes);
  return all;
}

bool signet_guard_needs(const signet_guard *guard,
                        const signet_account *account,
                        const signet_job_announcement *announcement,
                        signet_kind *kind)
{
  signet_guard copy = *guard;
  signet_job_announcement all = together(guard, announcement);
  return !guard->closed &&
         judge_limits(&copy, account, &all, kind) == SIGNET_GUARD_WAIT;
}

signet_guard_answer
signet_guard_announce(signet_guard *guard, const signet_account *account,
                      const signet_job_announcement *announcement,
                      signet_kind *kind)
{
  signet_job_announcement all = together(guard, announcement);
  int64_t deletes[SLOTS] = {0};
  int64_t until = larger(guard->confirmed_deletes, sum_of(guard->deletes));
  if (guard->closed)
    return SIGNET_GUARD_REFUSE;
  signet_guard_answer answer = judge_limits(guard, account, &all, kind);
  if (answer == SIGNET_GUARD_WAIT)
    return answer;
  guard->announced = all;
  guard->has_announced = true;
  add(deletes, &announcement->deletes);
  if (answer == SIGNET_GUARD_PASS && guard->confirm != NULL &&
      !guard->confirmed && sum_of(deletes) > 0)
    answer = signet_guard_confirm_deletes(guard, account);
  guard->closed = answer == SIGNET_GUARD_REFUSE;
  guard->confirmed_deletes = until + sum_of(deletes);
  return answer;
}
