/* SPDX-License-Identifier: MIT */
#include "job/guard.h"

#include "account/account.h"
#include "account/outcome.h"
#include "model/error_fill.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NO_KIND = 2, KINDS = 3 };

void signet_guard_recall(signet_guard *guard, signet_verb verb,
                         signet_kind kind)
{
  size_t slot = verb == SIGNET_REQUEST ? NO_KIND : (size_t)kind;
  guard->changes[slot]++;
  guard->creates[slot] += verb == SIGNET_CREATE;
  if (verb == SIGNET_DELETE) {
    guard->deletes[slot]++;
    guard->deleted_before[slot]++;
  }
}

void signet_guard_ask_anew(signet_guard *guard)
{
  guard->confirmed = false;
  guard->refused = false;
  guard->closed = false;
  guard->has_announced = false;
  guard->announced = (signet_job_announcement){0};
  guard->confirmed_deletes = 0;
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

signet_guard_answer signet_guard_refuse(signet_guard *guard, const char *format,
                                        ...)
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

const char *signet_guard_advice(signet_guard *guard, bool deletes)
{
  guard->lifted_by = deletes ? "max-deletes" : "max-changes";
  if (guard->in_lua)
    return deletes ? "max_deletes = N or \"N%\" allows others"
                   : "max_changes = N or \"N%\" allows others";
  return deletes ? "--max-deletes N or N% allows others"
                 : "--max-changes N or N% allows others";
}

/* A list that came after creates of the job shows them too. */
int64_t signet_guard_entries(const signet_guard *guard,
                             const signet_account *account, signet_kind kind)
{
  if (guard->entries[kind] != SIGNET_GUARD_OPEN)
    return guard->entries[kind];
  return account->kinds[kind].listed < 0
             ? SIGNET_GUARD_OPEN
             : account->kinds[kind].listed + guard->deleted_before[kind] -
                   guard->creates[kind];
}

/* A sort of writes against its limit. */
typedef struct measure {
  const signet_job_limit *limit;
  const int64_t *counts;
  const int64_t *out;
  bool deletes;
} measure;

static signet_guard_answer check_number(signet_guard *guard,
                                        const measure *writes)
{
  int64_t all = 0, out = 0;
  for (size_t i = 0; i < KINDS; i++) {
    all += writes->counts[i];
    out += writes->out[i];
  }
  if (all < writes->limit->number)
    return SIGNET_GUARD_PASS;
  if (all - out < writes->limit->number)
    return SIGNET_GUARD_HOLD;
  return signet_guard_refuse(
      guard, "this run may %s at most %" PRId64 " %s: %s",
      signet_guard_verb(writes->deletes), writes->limit->number,
      writes->limit->number == 1 ? "entry" : "entries",
      signet_guard_advice(guard, writes->deletes));
}

/* One more of a sort. */
static signet_guard_answer check(signet_guard *guard, const measure *writes,
                                 size_t slot, int64_t entries)
{
  const signet_job_limit *limit = writes->limit;
  if (!signet_guard_limits(limit))
    return SIGNET_GUARD_PASS;
  if (!limit->percent)
    return check_number(guard, writes);
  if (slot == NO_KIND)
    return SIGNET_GUARD_PASS;
  if (entries == SIGNET_GUARD_OPEN)
    return SIGNET_GUARD_WAIT;
  if (entries < limit->from ||
      (writes->counts[slot] + 1) * 100 <= limit->number * entries)
    return SIGNET_GUARD_PASS;
  if ((writes->counts[slot] - writes->out[slot] + 1) * 100 <=
      limit->number * entries)
    return SIGNET_GUARD_HOLD;
  return signet_guard_refuse(guard,
                             "this run may %s at most %" PRId64
                             " %% of the account's %" PRId64 " %ss: %s",
                             signet_guard_verb(writes->deletes), limit->number,
                             entries, signet_kind_word((signet_kind)slot),
                             signet_guard_advice(guard, writes->deletes));
}

signet_guard_answer signet_guard_confirm_deletes(signet_guard *guard,
                                                 const signet_account *account)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (guard->confirm(guard->confirm_user, signet_account_identity(account),
                     &error))
    return SIGNET_GUARD_PASS;
  guard->lifted_by = "yes";
  return signet_guard_refuse(
      guard, "%s",
      error.message[0] != '\0'
          ? error.message
          : "deletes were not confirmed, so nothing is deleted");
}

/* Not again for what was announced, and once for all that goes beyond it. */
static signet_guard_answer ask_confirmation(signet_guard *guard,
                                            const signet_call *call)
{
  int64_t all = guard->deletes[0] + guard->deletes[1] + guard->deletes[2];
  if (guard->confirm == NULL || guard->confirmed ||
      all < guard->confirmed_deletes)
    return SIGNET_GUARD_PASS;
  guard->has_announced = false; /* this is about something else */
  guard->confirmed =
      signet_guard_confirm_deletes(guard, call->account) == SIGNET_GUARD_PASS;
  return guard->confirmed ? SIGNET_GUARD_PASS : SIGNET_GUARD_REFUSE;
}

static signet_guard_answer ask_limits(signet_guard *guard,
                                      const signet_call *call, size_t slot,
                                      bool deletes)
{
  const measure of_deletes = {&guard->max_deletes, guard->deletes,
                              guard->deletes_out, true};
  const measure of_changes = {&guard->max_changes, guard->changes,
                              guard->changes_out, false};
  int64_t entries = SIGNET_GUARD_OPEN;
  signet_guard_answer answer = SIGNET_GUARD_PASS;
  if (slot != NO_KIND)
    entries = signet_guard_entries(guard, call->account, (signet_kind)slot);
  if (deletes)
    answer = check(guard, &of_deletes, slot, entries);
  return answer == SIGNET_GUARD_PASS ? check(guard, &of_changes, slot, entries)
                                     : answer;
}

signet_guard_answer signet_guard_ask(signet_guard *guard,
                                     const signet_call *call, signet_kind *kind)
{
  size_t slot = slot_of(call);
  bool deletes = is_delete(call);
  *kind = (signet_kind)(slot & 1);
  for (int i = 0; i < NO_KIND; i++)
    guard->entries[i] =
        signet_guard_entries(guard, call->account, (signet_kind)i);
  if (guard->closed || (deletes && guard->refused))
    return SIGNET_GUARD_REFUSE;
  signet_guard_answer answer = ask_limits(guard, call, slot, deletes);
  if (answer == SIGNET_GUARD_PASS && deletes)
    answer = ask_confirmation(guard, call);
  if (answer == SIGNET_GUARD_PASS) {
    guard->changes[slot]++;
    guard->changes_out[slot]++;
    guard->deletes[slot] += deletes;
    guard->deletes_out[slot] += deletes;
    guard->creates[slot] += call->verb == SIGNET_CREATE;
  }
  return answer;
}

void signet_guard_decided(signet_guard *guard, const signet_call *call,
                          bool effect)
{
  size_t slot = slot_of(call);
  bool deletes = is_delete(call);
  guard->changes_out[slot]--;
  guard->deletes_out[slot] -= deletes;
  if (effect)
    return;
  guard->changes[slot]--;
  guard->deletes[slot] -= deletes;
  guard->creates[slot] -= call->verb == SIGNET_CREATE;
}
