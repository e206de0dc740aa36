/* SPDX-License-Identifier: MIT */
#include "job/guard.h"

#include "account/protect.h"
#include "model/error_fill.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NO_KIND = 2, KINDS = 3 };

static size_t slot_of_name(const char *kind)
{
  if (strcmp(kind, "sign") == 0)
    return SIGNET_SIGN;
  return strcmp(kind, "template") == 0 ? SIGNET_TEMPLATE : NO_KIND;
}

void signet_guard_recall(signet_guard *guard, const char *verb,
                         const char *kind)
{
  size_t slot = slot_of_name(kind);
  guard->changes[slot]++;
  if (strcmp(verb, "delete") == 0) {
    guard->deletes[slot]++;
    guard->deleted_before[slot]++;
  }
}

void signet_guard_ask_anew(signet_guard *guard)
{
  guard->confirmed = false;
  guard->refused = false;
}

static size_t slot_of(const signet_call *call)
{
  signet_kind kind;
  if (call->verb != SIGNET_REQUEST)
    return call->kind;
  return signet_request_entry(call, &kind) ? kind : NO_KIND;
}

static bool is_delete(const signet_call *call)
{
  return call->verb == SIGNET_DELETE ||
         (call->verb == SIGNET_REQUEST && strcmp(call->method, "DELETE") == 0);
}

static signet_guard_answer refuse(signet_guard *guard, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static signet_guard_answer refuse(signet_guard *guard, const char *format, ...)
{
  char text[400];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  signet_error_init(&guard->refusal);
  signet_error_set(&guard->refusal, SIGNET_ERROR_REFUSED, "%s", text);
  guard->refusal.outcome = SIGNET_OUTCOME_NOT_SENT;
  guard->refused = true;
  return SIGNET_GUARD_REFUSE;
}

/* How a limit is changed, for the end of a sentence. */
static const char *advice(const signet_guard *guard, bool deletes)
{
  if (guard->in_lua)
    return deletes ? "max_deletes = N or \"N%\" allows others"
                   : "max_changes = N or \"N%\" allows others";
  return deletes ? "--max-deletes N or N% allows others"
                 : "--max-changes N or N% allows others";
}

/* One more of what `counts` holds, against a limit. */
static signet_guard_answer check(signet_guard *guard,
                                 const signet_job_limit *limit,
                                 const int64_t counts[KINDS], size_t slot,
                                 int64_t entries, bool deletes)
{
  const char *what = deletes ? "delete" : "change";
  if (limit->number < 0)
    return SIGNET_GUARD_PASS;
  if (!limit->percent) {
    int64_t all = counts[0] + counts[1] + counts[2];
    return all < limit->number
               ? SIGNET_GUARD_PASS
               : refuse(guard,
                        "this run may %s %" PRId64 " entries and no more: "
                        "%s",
                        what, limit->number, advice(guard, deletes));
  }
  if (slot == NO_KIND)
    return SIGNET_GUARD_PASS;
  if (entries < 0)
    return SIGNET_GUARD_WAIT;
  if (entries < limit->from ||
      (counts[slot] + 1) * 100 <= limit->number * entries)
    return SIGNET_GUARD_PASS;
  return refuse(guard,
                "this run may %s %" PRId64 " %% of the account's %" PRId64
                " %ss and no more: %s",
                what, limit->number, entries,
                signet_kind_word((signet_kind)slot), advice(guard, deletes));
}

/* ---- a whole plan ---- */

static bool judge(const signet_job_limit *limit, const int64_t counts[2],
                  const int64_t entries[2], const char *what,
                  const char *option, signet_error *error)
{
  int64_t all = counts[0] + counts[1];
  if (limit->number < 0)
    return true;
  if (!limit->percent)
    return all <= limit->number ||
           signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "the plan %s %" PRId64 " entries, more than "
                            "%" PRId64 ": %s allows it",
                            what, all, limit->number, option);
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (entries[kind] > 0 && entries[kind] >= limit->from &&
        counts[kind] * 100 > limit->number * entries[kind])
      return signet_error_set(error, SIGNET_ERROR_REFUSED,
                              "the plan %s %" PRId64 " of %" PRId64
                              " %ss, more than %" PRId64 " %%: %s allows it",
                              what, counts[kind], entries[kind],
                              signet_kind_word((signet_kind)kind),
                              limit->number, option);
  return true;
}

bool signet_guard_judge(const signet_guard *guard,
                        const signet_guard_plan *plan, signet_error *error)
{
  return judge(&guard->max_changes, plan->changes, plan->entries, "changes",
               "--max-changes", error) &&
         judge(&guard->max_deletes, plan->deletes, plan->entries, "deletes",
               "--max-deletes", error);
}

bool signet_guard_confirm(signet_guard *guard, const signet_guard_plan *plan,
                          const signet_account *account, signet_error *error)
{
  bool deletes =
      plan->deletes[SIGNET_SIGN] + plan->deletes[SIGNET_TEMPLATE] > 0;
  if (!deletes || guard->confirm == NULL || guard->confirmed)
    return true;
  guard->confirmed = guard->confirm(guard->confirm_user,
                                    signet_account_identity(account), error);
  if (!guard->confirmed && error->message[0] == '\0')
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "deletes were not confirmed, so nothing is sent");
  error->kind = guard->confirmed ? SIGNET_OK : SIGNET_ERROR_REFUSED;
  return guard->confirmed;
}

/* ---- one write ---- */

static signet_guard_answer ask_confirmation(signet_guard *guard,
                                            const signet_call *call)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (guard->confirm == NULL || guard->confirmed)
    return SIGNET_GUARD_PASS;
  guard->confirmed = guard->confirm(
      guard->confirm_user, signet_account_identity(call->account), &error);
  if (guard->confirmed)
    return SIGNET_GUARD_PASS;
  return refuse(guard, "%s",
                error.message[0] != '\0'
                    ? error.message
                    : "deletes were not confirmed, so nothing is deleted");
}

signet_guard_answer signet_guard_ask(signet_guard *guard,
                                     const signet_call *call, signet_kind *kind)
{
  size_t slot = slot_of(call);
  bool deletes = is_delete(call);
  int64_t entries = -1;
  signet_guard_answer answer = SIGNET_GUARD_PASS;
  if (slot != NO_KIND && call->account->listed[slot] >= 0)
    entries = call->account->listed[slot] + guard->deleted_before[slot];
  *kind = (signet_kind)(slot & 1);
  if (deletes && guard->refused)
    return SIGNET_GUARD_REFUSE;
  if (deletes)
    answer =
        check(guard, &guard->max_deletes, guard->deletes, slot, entries, true);
  if (answer == SIGNET_GUARD_PASS)
    answer =
        check(guard, &guard->max_changes, guard->changes, slot, entries, false);
  if (answer == SIGNET_GUARD_PASS && deletes)
    answer = ask_confirmation(guard, call);
  if (answer == SIGNET_GUARD_PASS) {
    guard->changes[slot]++;
    guard->deletes[slot] += deletes;
  }
  return answer;
}
