/* SPDX-License-Identifier: MIT */
/* Finding out by reading back what came of a write whose outcome is unknown.
 * It waits first: an effect may come late. */
#include "account/settle.h"
#include "account/outcome.h"
#include "account/recorder.h"
#include "account/rests.h"
#include "account/retry.h"
#include "account/same.h"
#include "account/template.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* Three looks at what seems to have had no effect; the second one after so many
 * tenths of the time until the third. A no that contradicts what is shown is
 * waited for in steps. */
enum { TRIES = 3, LOOKS = 3, SECOND_LOOK = 4, TENTHS = 10, STEP_MS = 1000 };

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

void signet_settle_done(signet_call *call)
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

/* A person who waits wants to know for how long. */
static void say_when(const signet_call *call, signet_error *error)
{
  char moment[32];
  size_t length = strlen(error->message);
  bool worth = call->verb == SIGNET_CREATE || call->verb == SIGNET_UPDATE;
  if (!call->recorded || !worth || call->sent_boot == 0)
    return;
  signet_window_time(signet_window_left(call), moment, sizeof moment);
  snprintf(error->message + length, sizeof error->message - length,
           " (it can be decided at %s, by resuming the job)", moment);
}

void signet_settle_open(signet_call *call)
{
  if (call->uncertain)
    signet_settle_leave_open(call->unsettled);
  say_when(call, call->unsettled);
  settle_failed(call, SIGNET_VERDICT_OPEN, SIGNET_ERROR_UNKNOWN_OUTCOME, "");
}

/* Whoever was told an id may have made the entry, and somebody else deleted it:
 * it is not made a second time. */
static void settle_gone(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_DRIFT, SIGNET_ERROR_NOT_FOUND,
                "the service told its id, and shows no such entry: it was "
                "never made, or somebody else deleted it");
}

void signet_settle_absent(signet_call *call)
{
  if (call->verb == SIGNET_CREATE && call->id[0] != '\0')
    settle_gone(call);
  else
    settle_failed(call, SIGNET_VERDICT_NOT_DONE, SIGNET_ERROR_NETWORK,
                  "no reply told what came of it, and reading back shows that "
                  "it had no effect; it can be tried again");
}

void signet_settle_again(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_AGAIN, SIGNET_ERROR_NETWORK,
                "no reply told what came of it, and reading back shows no "
                "effect; it can be sent again, since it takes effect once");
}

/* What the service said stands, if it isn't the first attempt's effect. */
bool signet_settle_is_refused(const signet_call *call)
{
  return call->uncertain && call->refusal;
}

void signet_settle_refused(signet_call *call)
{
  call->error = *call->unsettled;
  call->error.outcome = SIGNET_OUTCOME_REFUSED;
  signet_call_finish(call);
}

bool signet_settle_looks_again(signet_call *call)
{
  int64_t tenth = signet_window_span(call->account) / TENTHS;
  int64_t times = call->settle_looks == 0 ? SECOND_LOOK : TENTHS - SECOND_LOOK;
  if (++call->settle_looks >= LOOKS)
    return false;
  signet_settle_soon(call, tenth * times);
  return true;
}

bool signet_settle_waits(signet_call *call)
{
  int64_t span = signet_window_span(call->account);
  if (signet_clock_boot_ms() - call->sent_boot > span)
    return false;
  call->settle_looks++;
  signet_settle_soon(call, span < TENTHS * STEP_MS ? span / TENTHS : STEP_MS);
  return true;
}

/* Whether it does no harm to send a change again that shows no effect, after so
 * many looks. A delete is refused if there is nothing left to delete. An update
 * is refused while the first one waits for review; but if that was decided
 * meanwhile, and what is read lags behind, it would send the entry to review
 * once more: all looks first. */
static bool is_harmless(const signet_call *call)
{
  bool reviews = call->account->dialect == SIGNET_CONFIGS;
  if (call->verb == SIGNET_UPDATE && reviews)
    return call->settle_looks + 1 >= LOOKS;
  return call->unsettled->http_status >= 500 || call->settle_looks > 0;
}

static void try_again(signet_call *call)
{
  if (!signet_retry_allows(call->account, call->failed,
                           call->unsettled->http_status))
    signet_settle_open(call);
  else if (is_harmless(call))
    signet_write_again(call);
  else
    signet_settle_looks_again(call);
}

/* Whether the service's no contradicts what it shows: then what it shows lags
 * behind, and the no may be due to the effect of an attempt before. */
static bool is_contradicted(const signet_call *call,
                            const signet_record *record)
{
  switch (call->unsettled->kind) {
  case SIGNET_ERROR_PENDING:
    return signet_record_integer(record, "status", 0) != SIGNET_STATUS_PENDING;
  case SIGNET_ERROR_NOT_FOUND:
    return true;
  default:
    return false;
  }
}

/* The entry is as it was before. Right after a lost reply that proves nothing:
 * the effect may still come, or what is read lags behind. */
static void settle_not_done(signet_call *call, const signet_record *record)
{
  if (!call->recorded && call->verb == SIGNET_DELETE)
    signet_settle_again(call);
  else if (!call->recorded)
    signet_window_look(call, call->look_began);
  else if (!signet_settle_is_refused(call))
    try_again(call);
  else if (is_contradicted(call, record)) {
    if (!signet_settle_waits(call))
      signet_settle_open(call);
  } else if (!signet_settle_looks_again(call)) {
    signet_settle_refused(call);
  }
}

static void settle_drift(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_DRIFT, SIGNET_ERROR_CONFLICT,
                "no reply told what came of it, and the entry is neither as "
                "it was nor as it was written: somebody else changed it");
}

/* ---- what the entry is now ---- */

/* Of an update that its script asks for, and that is not completed from the
 * entry. */
static bool shows_fields(const signet_call *call, const signet_record *record)
{
  signet_value wanted, shown;
  bool bare = signet_fields_get(call->fields, "add_signature", &wanted) &&
              wanted.type == SIGNET_BOOLEAN && !wanted.as.boolean;
  signet_record_content(record, "sign_id", &shown);
  if (bare && call->kind == SIGNET_TEMPLATE && shown.type != SIGNET_NULL)
    return false;
  for (const char *const *name = signet_entry_content(call->kind);
       *name != NULL; name++)
    if (signet_fields_get(call->fields, *name, &wanted) &&
        (!signet_record_content(record, *name, &shown) ||
         !signet_value_same(*name, &wanted, &shown)))
      return false;
  return true;
}

/* Whether the record holds what was written. */
static bool is_after(const signet_call *call, const signet_record *record)
{
  if (call->perhaps)
    return shows_fields(call, record);
  return signet_entry_is_same(call->kind, call->fields, record);
}

/* What an update that was looked for wrote beside the fields that its script
 * gives; where that can't be told, these are what is known. */
static void complete(signet_call *call, const signet_record *record)
{
  const char *problem;
  if (call->perhaps && call->verb == SIGNET_UPDATE &&
      call->kind == SIGNET_TEMPLATE)
    (void)signet_template_complete(call->fields, record, &problem);
}

static void judge(signet_call *call, const signet_record *record)
{
  signet_list *before = call->before != NULL
                            ? signet_record_list(call->kind, call->before)
                            : NULL;
  if (call->verb != SIGNET_DELETE && is_after(call, record)) {
    complete(call, record);
    signet_settle_done(call);
  } else if (call->verb == SIGNET_CREATE)
    settle_drift(call);
  else if (call->perhaps)
    settle_not_done(call, record);
  else if (before == NULL)
    signet_settle_open(call); /* nothing to compare it with */
  else if (signet_entry_same_content(call->kind, signet_list_at(before, 0),
                                     record))
    settle_not_done(call, record);
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
      signet_settle_done(call);
    else if (call->verb == SIGNET_CREATE)
      signet_window_look(call, call->look_began); /* it may come late */
    else if (call->perhaps)
      signet_settle_absent(call);
    else
      settle_drift(call);
  } else if (call->error.kind != SIGNET_ERROR_AUTH &&
             ++call->settle_tries < TRIES) {
    signet_settle_soon(call, call->account->settle_ms << call->settle_tries);
  } else {
    signet_settle_open(
        call); /* whom it doesn't know, the service tells nothing */
  }
}

static void read_back(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  call->look_began = signet_clock_boot_ms();
  signet_error_init(&call->error);
  if (signet_settle_look_late(call))
    return;
  if (call->verb == SIGNET_CREATE && call->id[0] == '\0')
    signet_watch_add(call);
  else if (!signet_call_take_step(call, SIGNET_GET, on_read))
    signet_settle_open(call);
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

void signet_settle_soon(signet_call *call, int64_t delay_ms)
{
  if (call->account->held && is_late(call)) {
    signet_settle_open(call);
    return;
  }
  call->deadline = signet_timer_start(call->loop, delay_ms, read_back, call);
  if (call->deadline == NULL)
    signet_settle_open(call);
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
  signet_settle_soon(call, call->perhaps ? 0 : call->account->settle_ms);
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
  call->intended_boot = settlement->since_boot != 0 ? settlement->since_boot
                                                    : signet_clock_boot_ms();
  call->perhaps = settlement->perhaps;
  call->anew = settlement->anew;
  call->intended_at = settlement->intended_at;
  call->sent_at = settlement->sent_at;
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
