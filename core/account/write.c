/* SPDX-License-Identifier: MIT */
/* A write from the moment that all is known of its entry: it is recorded, sent,
 * and what came of it is looked into. */
#include "account/write.h"

#include "account/account.h"
#include "account/alike.h"
#include "account/breaker.h"
#include "account/check.h"
#include "account/clock.h"
#include "account/fresh.h"
#include "account/kept.h"
#include "account/namesake.h"
#include "account/outcome.h"
#include "account/protect.h"
#include "account/recorder.h"
#include "account/settle_create.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "wire/json_write.h"

#include <stdio.h>
#include <string.h>

enum { BEFORE_MAXIMUM = 4 << 20 };

/* ---- what came of it ---- */

/* The service has said that it was created, but not its id. */
static void find_created(signet_call *call, const signet_list *list,
                         const signet_record *record)
{
  size_t count;
  signet_found found = signet_settle_find(call, list, &record, &count);
  if (found == SIGNET_FOUND_ONE) {
    signet_settle_take(call, record);
    call->error.kind = SIGNET_OK;
    call->error.outcome = SIGNET_OUTCOME_APPLIED;
    signet_call_finish(call);
    return;
  }
  call->error.outcome = SIGNET_OUTCOME_UNKNOWN;
  if (found != SIGNET_FOUND_UNCLEAR && call->write.recorded)
    signet_settle_begin(call); /* the list may lag behind: look again */
  else if (found == SIGNET_FOUND_UNCLEAR)
    signet_call_fail(call, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "it was created, but the service did not tell its id, "
                     "and %zu entries look the same",
                     count);
  else
    signet_call_fail(call, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "the service said it was created, but the list doesn't "
                     "show it");
}

static void on_done(signet_call *call)
{
  if (call->verb == SIGNET_DELETE)
    signet_namesake_note_delete(call);
  if (call->verb != SIGNET_CREATE || call->step->result.new_id[0] != '\0') {
    if (call->verb == SIGNET_CREATE) {
      memcpy(call->id, call->step->result.new_id, sizeof call->id);
      signet_settle_claim(call);
    }
    signet_call_finish(call);
    return;
  }
  call->write.created = true;
  call->write.created_after = call->step->result.server_time;
  signet_watch_add(call, SIGNET_CALL_SEARCHING, find_created);
}

/* A service that throttles what it has carried out refuses it the next time:
 * because it is pending, gone, or there already. So does one that carried out
 * late what an earlier run has sent. */
static bool may_be_its_own(const signet_call *call)
{
  signet_error_kind kind = call->error.kind;
  return (call->write.earlier || call->step->http.attempts.throttled > 0) &&
         (kind == SIGNET_ERROR_PENDING || kind == SIGNET_ERROR_NOT_FOUND ||
          kind == SIGNET_ERROR_CONFLICT);
}

/* When it left at the latest, for those who wait for a late effect. */
static void note_sending(signet_call *call)
{
  call->write.sent_boot =
      signet_clock_boot_ms() - call->step->http.exchange.taken_ms;
  call->write.sent_at =
      signet_service_clock_at(&call->account->clock, call->write.sent_boot);
}

/* It waited for its turn, and what it rests on has become old. */
static void look_again(signet_call *call)
{
  const signet_attempts *attempts = &call->step->http.attempts;
  call->write.earlier = call->write.earlier || attempts->throttled > 0;
  if (attempts->throttled > 0)
    call->write.waited_ms =
        attempts->waited_ms +
        (unsigned)signet_breaker_waited(&call->account->retry, attempts->since,
                                        attempts->asked_ms);
  call->write.attempts = attempts->number;
  call->write.failed = attempts->failed;
  if (!signet_check_held(call))
    signet_fresh_look_again(call);
}

/* The entry that a write is about. */
static const char *entry_of(const signet_call *call, signet_kind *kind)
{
  *kind = call->kind;
  return call->verb == SIGNET_REQUEST && signet_request_entry(call, kind)
             ? strrchr(call->path, '/') + 1
             : call->id;
}

static void note_write(const signet_call *call)
{
  signet_kind kind;
  const char *id = entry_of(call, &kind);
  signet_kept_note_write(call->account, kind, id);
}

static void note_attempt(signet_call *call)
{
  call->write.attempts = call->step->http.attempts.number;
  call->write.failed = call->step->http.attempts.failed + 1;
  note_sending(call);
  note_write(call);
  call->write.uncertain = call->write.uncertain || may_be_its_own(call);
}

/* A no that follows an uncertain attempt may be due to its effect. */
static bool is_uncertain(const signet_call *call)
{
  return call->error.outcome == SIGNET_OUTCOME_UNKNOWN || call->write.uncertain;
}

static void on_written(void *user)
{
  signet_call *call = user;
  if (call->step->result.unready) {
    look_again(call);
    return;
  }
  note_attempt(call);
  if (call->error.kind == SIGNET_OK)
    on_done(call);
  else if (call->write.recorded && is_uncertain(call))
    signet_settle_begin(call);
  else if (!signet_namesake_begin(call))
    signet_call_finish(call);
}

/* ---- sending ---- */

static bool is_ready(void *user)
{
  signet_call *call = user;
  return !signet_fresh_is_outdated(call);
}

static void send_now(signet_call *call)
{
  signet_step *step =
      signet_call_take_step(call, SIGNET_CALL_SENDING, call->verb, on_written);
  if (step == NULL) {
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
    return;
  }
  step->http.attempts.number = call->write.attempts;
  step->http.attempts.failed = call->write.failed;
  step->http.attempts.waited_ms = call->write.waited_ms;
  step->request.urgent = call->basis.urgent;
  step->request.ready = call->basis.looked_ms >= 0 ? is_ready : NULL;
  signet_call_start_step(call);
}

static void send_again(signet_call *call)
{
  if (!signet_check_held(call))
    send_now(call);
}

/* What was read of an entry counts no more once it is written. */
static void forget_entry(const signet_call *call)
{
  signet_kind kind;
  const char *id = entry_of(call, &kind);
  signet_kept_forget(call->account, kind, id);
  note_write(call);
}

void signet_write_send(signet_call *call)
{
  char text[320];
  if (signet_check_held(call))
    return;
  if (signet_alike_doubts_still(call, text, sizeof text))
    signet_account_notify(call->account, text);
  forget_entry(call);
  send_now(call);
}

void signet_write_check_again(signet_call *call)
{
  call->write.recorded = false;
  signet_fresh_again(call);
}

void signet_write_answer(signet_call *call, const char *id)
{
  if (call->verb == SIGNET_CREATE && id != NULL)
    snprintf(call->id, sizeof call->id, "%s", id);
  call->write.recorded = false;
  call->error.outcome = SIGNET_OUTCOME_APPLIED;
  signet_call_finish(call);
}

void signet_write_refuse(signet_call *call, const signet_error *error)
{
  call->write.decided = NULL; /* the recorder need not be told */
  call->write.recorded = false;
  call->error = *error;
  signet_call_finish(call);
}

static bool keep_before(signet_call *call, const signet_record *record)
{
  signet_buffer text;
  size_t length;
  signet_buffer_init(&text, BEFORE_MAXIMUM);
  signet_json_write_record(&text, record);
  call->write.before = signet_buffer_take(&text, &length);
  return call->write.before != NULL;
}

/* Of a write that goes on with an earlier run's, all that is read may. */
void signet_write_intended(signet_call *call)
{
  signet_account *account = call->account;
  if (call->write.again)
    return;
  call->write.intended_order = ++account->order;
  call->write.intended_boot = signet_clock_boot_ms();
  call->write.intended_at =
      signet_service_clock_at(&account->clock, call->write.intended_boot);
}

/* Before the write, since it is worth a look then. */
static void tell_alike(signet_call *call, const signet_record *before)
{
  char text[320];
  if (signet_alike_doubts(call, before, text, sizeof text))
    signet_account_notify(call->account, text);
}

static void decide(signet_call *call, const signet_record *before)
{
  signet_recorder *recorder = call->account->recorder;
  if (before != NULL && signet_protect_refuse_entry(call, before))
    return;
  tell_alike(call, before);
  signet_own_note_before(call, before);
  signet_write_intended(call);
  if (recorder == NULL) {
    forget_entry(call);
    send_now(call);
    return;
  }
  if (before != NULL && !keep_before(call, before)) {
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
    return;
  }
  call->write.recorded = true;
  signet_call_enter(call, SIGNET_CALL_INTENDING, NULL);
  recorder->intend(recorder, call);
}

void signet_write_decides(signet_call *call)
{
  call->write.decided = decide;
  call->write.send = send_again;
}
