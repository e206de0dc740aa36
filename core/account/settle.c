/* SPDX-License-Identifier: MIT */
/* Finding out by reading back what came of a write whose outcome is unknown.
 * It waits first: an effect may come late. */
#include "account/settle.h"

#include "account/account.h"
#include "account/outcome.h"
#include "account/recorder.h"
#include "account/rests.h"
#include "account/retry.h"
#include "account/same.h"
#include "account/settle_create.h"
#include "account/settle_verdict.h"
#include "account/settle_wait.h"
#include "account/template.h"
#include "account/times.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* How many times a read that fails is sent. */
enum { TRIES = 3 };

/* Whether it does no harm to send a change again that shows no effect, after so
 * many looks. A delete is refused if there is nothing left to delete. An update
 * is refused while the first one waits for review; but if that was decided
 * meanwhile, and what is read lags behind, it would send the entry to review
 * once more: all looks first. */
static bool is_harmless(const signet_call *call)
{
  bool reviews = signet_dialect_row_of(call->account->dialect)->reviews;
  if (call->verb == SIGNET_UPDATE && reviews)
    return call->settle.looks + 1 >= SIGNET_SETTLE_LOOKS;
  return call->settle.unsettled->http_status >= 500 || call->settle.looks > 0;
}

static void try_again(signet_call *call)
{
  if (!signet_retry_allows(call->account, call->write.failed,
                           call->settle.unsettled->http_status))
    signet_settle_open(call);
  else if (is_harmless(call))
    signet_settle_send_again(call);
  else
    signet_settle_looks_again(call);
}

/* Whether the service's no contradicts what it shows: then what it shows lags
 * behind, and the no may be due to the effect of an attempt before. */
static bool is_contradicted(const signet_call *call,
                            const signet_record *record)
{
  switch (call->settle.unsettled->kind) {
  case SIGNET_ERROR_PENDING:
    return signet_record_integer(record, "status", 0) != SIGNET_STATUS_PENDING;
  case SIGNET_ERROR_NOT_FOUND: /* of an update, a signature that is gone */
    return call->verb == SIGNET_DELETE;
  default:
    return false;
  }
}

/* The entry is as it was before. Right after a lost reply that proves nothing:
 * the effect may still come, or what is read lags behind. */
static void settle_not_done(signet_call *call, const signet_record *record)
{
  if (!call->write.recorded && call->verb == SIGNET_DELETE)
    signet_settle_again(call);
  else if (!call->write.recorded)
    signet_window_look(call, call->settle.look_began);
  else if (!signet_settle_is_refused(call))
    try_again(call);
  else if (is_contradicted(call, record)) {
    if (!signet_settle_waits(call))
      signet_settle_open(call);
  } else if (!signet_settle_looks_again(call)) {
    signet_settle_refused(call);
  }
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
  if (call->settle.perhaps)
    return shows_fields(call, record);
  return signet_entry_is_same(call->kind, call->fields, record);
}

/* What an update that was looked for wrote beside the fields that its script
 * gives; where that can't be told, these are what is known. */
static void complete(signet_call *call, const signet_record *record)
{
  const char *problem;
  if (call->settle.perhaps && call->verb == SIGNET_UPDATE &&
      call->kind == SIGNET_TEMPLATE)
    (void)signet_template_complete(call->fields, record, &problem);
}

/* Whether somebody has put the entry back to what it was: a write without
 * effect leaves its time alone, and a review that ends changes its status. */
static bool was_put_back(const signet_record *before, const signet_record *now)
{
  int64_t then = signet_record_updated_at(before);
  return then > 0 && signet_record_updated_at(now) > then &&
         signet_record_integer(before, "status", 0) ==
             signet_record_integer(now, "status", 0);
}

/* What an update or delete came to that is not to be seen. */
static void judge_change(signet_call *call, const signet_record *record)
{
  signet_list *before = call->write.before != NULL
                            ? signet_record_list(call->kind, call->write.before)
                            : NULL;
  const signet_record *then = before != NULL ? signet_list_at(before, 0) : NULL;
  bool same =
      call->settle.perhaps ||
      (then != NULL && signet_entry_same_content(call->kind, then, record));
  if (same && then != NULL && was_put_back(then, record))
    signet_settle_put_back(call);
  else if (same)
    settle_not_done(call, record);
  else if (before == NULL)
    signet_settle_open(call); /* nothing to compare it with */
  else
    signet_settle_changed(call);
  signet_list_release(before);
}

static void judge(signet_call *call, const signet_record *record)
{
  if (call->verb != SIGNET_DELETE && is_after(call, record)) {
    complete(call, record);
    signet_settle_done(call);
  } else if (call->verb == SIGNET_CREATE) {
    signet_settle_changed(call);
  } else {
    judge_change(call, record);
  }
}

/* ---- reading back ---- */

static void on_read(void *user)
{
  signet_call *call = user;
  if (call->error.kind == SIGNET_OK) {
    judge(call, signet_list_at(call->step->result.list, 0));
  } else if (call->error.kind == SIGNET_ERROR_NOT_FOUND) {
    if (call->verb == SIGNET_DELETE)
      signet_settle_done(call);
    else if (call->verb == SIGNET_CREATE)
      signet_window_look(call, call->settle.look_began); /* it may come late */
    else if (call->settle.perhaps)
      signet_settle_absent(call);
    else
      signet_settle_changed(call);
  } else if (call->error.kind != SIGNET_ERROR_AUTH &&
             ++call->settle.tries < TRIES) {
    signet_settle_soon(call,
                       call->account->settings.settle_ms << call->settle.tries);
  } else {
    signet_settle_open(
        call); /* whom it doesn't know, the service tells nothing */
  }
}

static void search(signet_call *call)
{
  signet_watch_add(call, SIGNET_CALL_SETTLING_SEARCH, signet_settle_look);
}

static void read_entry(signet_call *call)
{
  if (signet_call_take_step(call, SIGNET_CALL_SETTLING_READ, SIGNET_GET,
                            on_read) != NULL)
    signet_call_start_step(call);
  else
    signet_settle_open(call);
}

static void read_back(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  call->settle.look_began = signet_clock_boot_ms();
  signet_error_init(&call->error);
  if (signet_settle_look_late(call))
    return;
  if (call->verb == SIGNET_CREATE && call->id[0] == '\0')
    search(call);
  else
    read_entry(call);
}

bool signet_settle_holds(const signet_call *call, bool away)
{
  if (call->phase == SIGNET_CALL_SETTLING_READ)
    return call->account->backend->is_queued(call->step) &&
           (away || signet_retry_repeats(call->step));
  return away || signet_settle_is_late(call);
}

/* What a raw request came to can't be read back. */
static bool can_settle(signet_call *call)
{
  if (call->settle.unsettled == NULL)
    call->settle.unsettled =
        signet_memory_zeroed(1, sizeof *call->settle.unsettled);
  else
    call->settle.tries++; /* it was looked for before */
  return call->settle.unsettled != NULL && call->verb != SIGNET_REQUEST;
}

void signet_settle_begin(signet_call *call)
{
  signet_call_leave(call);
  if (!can_settle(call)) {
    call->settle.verdict = SIGNET_VERDICT_OPEN;
    signet_call_finish(call);
    return;
  }
  call->settle.read_back = read_back;
  call->settle.refusal = call->error.outcome == SIGNET_OUTCOME_REFUSED;
  if (call->error.kind != SIGNET_OK || call->settle.tries == 0)
    *call->settle.unsettled = call->error;
  call->settle.unsettled->outcome = SIGNET_OUTCOME_UNKNOWN;
  if (call->settle.unsettled->kind == SIGNET_OK)
    signet_error_set(call->settle.unsettled, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "it is unknown whether this %s was created",
                     signet_kind_word(call->kind));
  signet_settle_soon(
      call, call->settle.perhaps ? 0 : call->account->settings.settle_ms);
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
  call->write.intended_boot = settlement->since_boot != 0
                                  ? settlement->since_boot
                                  : signet_clock_boot_ms();
  call->settle.perhaps = settlement->perhaps;
  call->settle.anew = settlement->anew;
  call->settle.accepted = settlement->accepted;
  call->write.intended_at = settlement->intended_at;
  call->write.sent_at = settlement->sent_at;
  if (settlement->before != NULL)
    call->write.before =
        signet_memory_text(settlement->before, strlen(settlement->before));
  signet_error_set(&call->error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   "its outcome is unknown since the run that sent it ended");
  call->error.outcome = SIGNET_OUTCOME_UNKNOWN;
  call->settle.verdict = SIGNET_VERDICT_OPEN;
  if (is_readable(call) && read_fields(call, settlement->after))
    signet_settle_begin(call);
  else
    signet_call_fail(call, SIGNET_ERROR_STORE,
                     "the journal's row about it can't be read");
  return call;
}
