/* SPDX-License-Identifier: MIT */
/* Finding out by reading back what came of a write whose outcome is unknown.
 * It waits first: an effect may come late. */
#include "account/outcome.h"
#include "account/recorder.h"
#include "account/rests.h"
#include "account/retry.h"
#include "account/same.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* Clocks that were never compared may differ by as much. */
enum { TRIES = 3, CLOCK_SLACK = 2, LATE_CREATE_MS = 5000, LATE_LOOK = 4 };

/* After an interrupt the first look is still awaited, if it is so near. */
enum { FIRST_LOOK_MS = 2000 };

void signet_account_record(signet_account *account, signet_recorder *recorder)
{
  account->recorder = recorder;
}

signet_verdict signet_call_verdict(const signet_call *call)
{
  return (signet_verdict)call->verdict;
}

/* ---- verdicts ---- */

static void settle_done(signet_call *call)
{
  signet_error_init(&call->error);
  call->error.outcome = SIGNET_OUTCOME_APPLIED;
  call->verdict = SIGNET_VERDICT_DONE;
  signet_call_finish(call);
}

/* Ends with what was known before, and what reading back adds to it. */
static void settle_failed(signet_call *call, signet_verdict verdict,
                          signet_error_kind kind, const char *finding)
{
  signet_error error = *call->unsettled;
  call->verdict = (int)verdict;
  if (verdict == SIGNET_VERDICT_OPEN) {
    call->error = error;
    signet_call_finish(call);
    return;
  }
  call->error = error;
  call->error.outcome = verdict == SIGNET_VERDICT_NOT_DONE
                            ? SIGNET_OUTCOME_NOT_SENT
                            : SIGNET_OUTCOME_REFUSED;
  call->error.retryable = verdict == SIGNET_VERDICT_NOT_DONE;
  signet_call_fail(call, kind, "%s", finding);
}

/* Whatever the last attempt came to, one before it may have worked. */
void signet_settle_leave_open(signet_error *error)
{
  char reason[sizeof error->message];
  error->outcome = SIGNET_OUTCOME_UNKNOWN;
  error->retryable = false;
  if (error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME)
    return;
  snprintf(reason, sizeof reason, "%s", error->message);
  signet_error_set(error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   "it is unknown whether an earlier attempt took effect: %s",
                   reason);
}

static void settle_open(signet_call *call)
{
  if (call->uncertain)
    signet_settle_leave_open(call->unsettled);
  settle_failed(call, SIGNET_VERDICT_OPEN, SIGNET_ERROR_UNKNOWN_OUTCOME, "");
}

static void settle_soon(signet_call *call, int64_t delay_ms);

/* A change that took no effect is made again. Two of the same do no harm: the
 * service refuses the second while the first waits for review, or because there
 * is nothing left to delete, and either is settled again. A create could make a
 * twin. Where no whole reply came the effect may be late, so it takes a second
 * look. @return false: it stays open */
static bool try_again(signet_call *call)
{
  bool change = call->verb == SIGNET_UPDATE || call->verb == SIGNET_DELETE;
  if (!change || !signet_retry_allows(call->account, call->failed,
                                      call->unsettled->http_status))
    return false;
  if (call->unsettled->http_status < 500 && call->settle_looks++ == 0)
    settle_soon(call, call->account->settle_ms * LATE_LOOK);
  else
    signet_write_again(call);
  return true;
}

/* What the service said stands, if it isn't the first attempt's effect. */
static bool is_refused(const signet_call *call)
{
  return call->uncertain && call->refusal;
}

static void settle_refused(signet_call *call)
{
  call->error = *call->unsettled;
  call->error.outcome = SIGNET_OUTCOME_REFUSED;
  signet_call_finish(call);
}

/* The entry is as it was before. Right after a lost reply that proves nothing:
 * the effect may still come. A create, and what was tried often enough, stays
 * unknown until the job is resumed. By then the connection is long gone; only
 * the twin that a template may get is worth waiting for. */
static void settle_not_done(signet_call *call)
{
  if (call->recorded) {
    if (is_refused(call))
      settle_refused(call);
    else if (!try_again(call))
      settle_open(call);
    return;
  }
  int64_t left = call->intended_ms + LATE_CREATE_MS - signet_clock_unix_ms();
  if (call->verb == SIGNET_CREATE && call->kind == SIGNET_TEMPLATE &&
      left > 0 && left <= LATE_CREATE_MS) {
    call->settle_looks++;
    settle_soon(call, left);
    return;
  }
  settle_failed(call, SIGNET_VERDICT_NOT_DONE, SIGNET_ERROR_NETWORK,
                "no reply told what came of it, and reading back shows that "
                "it had no effect; it can be tried again");
}

static void settle_drift(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_DRIFT, SIGNET_ERROR_CONFLICT,
                "no reply told what came of it, and the entry is neither as "
                "it was nor as it was written: somebody else changed it");
}

/* ---- what the entry is now ---- */

/* Whether the record holds what was written. */
static bool is_after(const signet_call *call, const signet_record *record)
{
  return signet_entry_is_same(call->kind, call->fields, record);
}

static void judge(signet_call *call, const signet_record *record)
{
  signet_list *before = call->before != NULL
                            ? signet_record_list(call->kind, call->before)
                            : NULL;
  if (call->verb == SIGNET_UPDATE && is_after(call, record))
    settle_done(call);
  else if (before == NULL)
    settle_open(call); /* nothing to compare it with */
  else if (signet_entry_same_content(call->kind, signet_list_at(before, 0),
                                     record))
    settle_not_done(call);
  else
    settle_drift(call);
  signet_list_release(before);
}

/* ---- reading back ---- */

static void on_read(void *user)
{
  signet_call *call = user;
  if (call->error.kind == SIGNET_OK) {
    judge(call, signet_list_at(call->step->list, 0));
  } else if (call->error.kind == SIGNET_ERROR_NOT_FOUND) {
    if (call->verb == SIGNET_DELETE)
      settle_done(call);
    else
      settle_drift(call);
  } else if (call->error.kind != SIGNET_ERROR_AUTH &&
             ++call->settle_tries < TRIES) {
    settle_soon(call, call->account->settle_ms << call->settle_tries);
  } else {
    settle_open(call); /* whom it doesn't know, the service tells nothing */
  }
}

static void read_back(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  signet_error_init(&call->error);
  if (call->verb == SIGNET_CREATE)
    signet_watch_add(call);
  else if (!signet_call_take_step(call, SIGNET_GET, on_read))
    settle_open(call);
}

/* Whether an interrupt leaves no time for the look that is to come. */
static bool is_late(const signet_call *call)
{
  return call->settle_tries > 0 || call->settle_looks > 0 ||
         call->account->settle_ms > FIRST_LOOK_MS;
}

bool signet_settle_holds(const signet_call *call, bool away)
{
  const signet_step *step = call->step;
  if (!call->settling || call->watching)
    return false;
  if (step != NULL && step->active)
    return call->account->backend->is_queued(step) &&
           (away || signet_retry_repeats(step));
  return away || is_late(call);
}

static void settle_soon(signet_call *call, int64_t delay_ms)
{
  if (call->account->held && is_late(call)) {
    settle_open(call);
    return;
  }
  call->deadline = signet_timer_start(call->loop, delay_ms, read_back, call);
  if (call->deadline == NULL)
    settle_open(call);
}

void signet_settle_begin(signet_call *call)
{
  signet_watch_remove(call);
  if (call->unsettled == NULL)
    call->unsettled = signet_memory_zeroed(1, sizeof *call->unsettled);
  else
    call->settle_tries++; /* it was looked for before */
  call->settling = call->unsettled != NULL;
  if (!call->settling || call->verb == SIGNET_REQUEST) {
    call->settling = false;
    call->verdict = SIGNET_VERDICT_OPEN;
    signet_call_finish(call);
    return;
  }
  call->refusal = call->error.outcome == SIGNET_OUTCOME_REFUSED;
  if (call->error.kind != SIGNET_OK || call->settle_tries == 0)
    *call->unsettled = call->error;
  call->unsettled->outcome = SIGNET_OUTCOME_UNKNOWN;
  if (call->unsettled->kind == SIGNET_OK)
    signet_error_set(call->unsettled, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "it is unknown whether this %s was created",
                     signet_kind_word(call->kind));
  settle_soon(call, call->account->settle_ms);
}

/* Whether the entry may be the one that this call tried to create. */
static bool is_candidate(const signet_call *call, const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  const signet_account *account = call->account;
  signet_recorder *recorder = account->recorder;
  signet_record_id(record, id, sizeof id);
  int64_t created = signet_record_integer(record, "created_time", INT64_MAX);
  return created >=
             call->intended_ms / 1000 + account->clock_offset - CLOCK_SLACK &&
         is_after(call, record) &&
         !signet_images_seen(&account->images[call->kind], id,
                             call->intended_ms) &&
         (recorder == NULL || !recorder->is_own(recorder, call->kind, id));
}

void signet_settle_look(signet_call *call, const signet_list *list)
{
  const signet_record *found = NULL;
  size_t count = 0;
  for (size_t i = 0; i < signet_list_count(list); i++) {
    const signet_record *record = signet_list_at(list, i);
    if (is_candidate(call, record)) {
      found = record;
      count++;
    }
  }
  signet_watch_remove(call);
  /* Where it can't be told what was seen before, none of those that were made
   * since is a candidate: that says nothing. */
  bool absent = count == 0 && !call->account->images[call->kind].incomplete;
  if (count == 1) {
    signet_record_id(found, call->id, sizeof call->id);
    settle_done(call);
  } else if (absent && call->unsettled->http_status != 200) {
    settle_not_done(call);
  } else if (absent && ++call->settle_tries < TRIES) {
    /* The service said that it was created: the list lags behind. */
    settle_soon(call, call->account->settle_ms << call->settle_tries);
  } else {
    settle_open(call);
  }
}

/* ---- writes of an earlier run ---- */

static bool read_fields(signet_call *call, const char *text)
{
  const char *problem;
  call->fields = signet_fields_new();
  if (call->fields == NULL || text == NULL)
    return call->fields != NULL;
  json_object *object = signet_json_parse(text, strlen(text), &problem);
  bool good = signet_json_fields(object, call->fields, &problem);
  json_object_put(object);
  return good;
}

/* What is no id never comes near a path. */
static bool is_readable(const signet_call *call)
{
  signet_violation violation;
  return call->verb == SIGNET_CREATE || call->verb == SIGNET_REQUEST ||
         signet_rule_check_id(call->id, strlen(call->id), &violation);
}

signet_call *signet_settle_start(signet_account *account,
                                 const signet_settlement *settlement,
                                 signet_call_fn done, void *user)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.kind = settlement->kind;
  operation.verb = settlement->verb;
  signet_call *call = signet_call_new(account, &operation, done, user);
  if (call == NULL)
    return NULL;
  snprintf(call->id, sizeof call->id, "%s", settlement->id);
  signet_fields_free(call->fields);
  call->fields = NULL;
  call->intended_ms = settlement->intended_ms;
  if (settlement->before != NULL)
    call->before =
        signet_memory_text(settlement->before, strlen(settlement->before));
  signet_error_set(&call->error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   "its outcome is unknown since the run that sent it ended");
  call->error.outcome = SIGNET_OUTCOME_UNKNOWN;
  call->verdict = SIGNET_VERDICT_OPEN;
  if (is_readable(call) && read_fields(call, settlement->after))
    signet_settle_begin(call);
  else
    signet_call_fail(call, SIGNET_ERROR_STORE,
                     "the journal's row about it can't be read");
  return call;
}
