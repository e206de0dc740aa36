/* SPDX-License-Identifier: MIT */
/* What each verb does: checks first, then the steps it takes. */
#include "account/account.h"
#include "account/check.h"
#include "account/fresh.h"
#include "account/hidden.h"
#include "account/kept.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "account/protect.h"
#include "account/reading.h"
#include "account/recorder.h"
#include "account/write.h"
#include "model/error_fill.h"
#include "model/kinds.h"
#include "model/list.h"
#include "model/memory.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- reads ---- */

/* A mistyped field matches nothing, and looks like an answer. */
static void doubt_filter(signet_call *call)
{
  const char *name;
  signet_value value;
  for (size_t i = 0; signet_fields_at(call->fields, i, &name, &value); i++) {
    if (signet_kind_has_field(call->kind, name))
      continue;
    char shown[64];
    char text[160];
    signet_text_escape(shown, sizeof shown, name, strlen(name));
    snprintf(text, sizeof text,
             "nothing matched the filter: no %s here has the field \"%s\"",
             signet_kind_word(call->kind), shown);
    call->warning = signet_memory_text(text, strlen(text));
    return;
  }
}

/* One odd entry is its own problem. */
static void doubt_duplicates(signet_call *call)
{
  char text[160];
  const signet_step *step = call->step;
  const char *word = signet_kind_word(call->kind);
  if (step->result.duplicates == 0)
    return;
  if (step->result.duplicates == 1)
    snprintf(text, sizeof text,
             "the list shows %s %s twice: the first one counts", word,
             step->result.duplicate);
  else
    snprintf(text, sizeof text,
             "the list shows %" PRIu64 " %ss twice, among them %s: the first "
             "of each counts",
             step->result.duplicates, word, step->result.duplicate);
  call->warning = signet_memory_text(text, strlen(text));
}

static void take_list(signet_call *call)
{
  if (signet_hidden_is(call)) {
    signet_hidden_begin(call);
    return;
  }
  call->list = call->step->result.list;
  call->step->result.list = NULL;
  if (call->verb == SIGNET_LIST && signet_list_count(call->list) == 0)
    doubt_filter(call);
  else if (call->verb == SIGNET_LIST)
    doubt_duplicates(call);
  signet_call_finish(call);
}

/* ---- reviews ---- */

static void take_record(signet_call *call, const signet_record *record)
{
  call->list = signet_list_new(call->kind);
  if (call->list == NULL || !signet_list_copy(call->list, record)) {
    signet_list_release(call->list);
    call->list = NULL;
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
    return;
  }
  signet_list_seal(call->list);
  signet_kept_add(call->account, call->kind, call->list,
                  call->account->kinds[call->kind].watch.last_start);
  call->error.outcome = SIGNET_OUTCOME_APPLIED;
  signet_call_finish(call);
}

static void tell_rejected(signet_call *call, const signet_record *record)
{
  char remark[160] = "";
  signet_value value;
  if (signet_record_get(record, "audit_remark", &value) &&
      value.type == SIGNET_STRING)
    signet_text_escape(remark, sizeof remark, value.as.text.data,
                       value.as.text.length);
  signet_call_fail(
      call, SIGNET_ERROR_REJECTED,
      remark[0] != '\0' ? "it was rejected: %s" : "it was rejected%s", remark);
}

/* What the review did to an entry that someone waits for. */
static void look_at_review(signet_call *call, const signet_list *list,
                           const signet_record *record)
{
  (void)list;
  if (record == NULL) {
    if (signet_watch_looks_again(call))
      return;
    signet_call_fail(call, SIGNET_ERROR_NOT_FOUND, "there is no such %s",
                     signet_kind_word(call->kind));
    return;
  }
  if (signet_own_lags(call->account, call->kind, call->id, record))
    return;
  int64_t status = signet_record_integer(record, "status", 0);
  if (status == call->status)
    take_record(call, record);
  else if (status == SIGNET_STATUS_REJECTED)
    tell_rejected(call, record);
}

void signet_read_answer(signet_call *call, signet_list *list)
{
  const signet_record *record = signet_list_at(list, 0);
  int64_t status = signet_record_integer(record, "status", 0);
  call->write.recorded = false;
  if (call->verb == SIGNET_GET || status == call->status) {
    call->list = signet_list_retain(list);
    call->error.outcome = SIGNET_OUTCOME_APPLIED;
    signet_call_finish(call);
  } else if (status == SIGNET_STATUS_REJECTED) {
    tell_rejected(call, record);
  } else {
    signet_call_fail(call, SIGNET_ERROR_TIMEOUT,
                     "its review had not come to an end when an earlier run "
                     "went on");
  }
}

static void wait_for_review(signet_call *call)
{
  const signet_backend *backend = call->account->backend;
  if (backend->wait != NULL)
    backend->wait(call, look_at_review);
  else
    signet_watch_add(call, SIGNET_CALL_REVIEW, look_at_review);
}

/* ---- all of them ---- */

/* A write of which there is no entry yet, or none that is known. */
static void begin_write(signet_call *call)
{
  if (!signet_protect_refuse_id(call))
    call->write.decided(call, NULL);
}

/* What was done before is neither read nor sent again. */
static bool is_recalled(signet_call *call)
{
  signet_recorder *recorder = call->account->recorder;
  bool known = signet_call_writes(call) || call->verb == SIGNET_WAIT ||
               call->verb == SIGNET_GET;
  return recorder != NULL && known && recorder->recall(recorder, call);
}

static void begin(signet_call *call)
{
  switch (call->verb) {
  case SIGNET_LIST:
  case SIGNET_GET:
    signet_call_read(call, call->verb, take_list);
    break;
  case SIGNET_UPDATE:
  case SIGNET_DELETE:
    signet_fresh_begin(call);
    break;
  case SIGNET_WAIT:
    wait_for_review(call);
    break;
  case SIGNET_REQUEST:
    if (!signet_call_writes(call))
      signet_call_read(call, SIGNET_REQUEST, signet_call_finish);
    else
      begin_write(call);
    break;
  case SIGNET_CREATE:
    begin_write(call);
    break;
  }
}

void signet_write_go_on(signet_call *call)
{
  call->write.recorded = false;
  signet_call_enter(call, SIGNET_CALL_NEW, NULL);
  if (!signet_check_held(call))
    begin(call);
}

/* What the caller says that it saw of the entry. */
static bool expect(signet_call *call, const signet_operation *operation)
{
  bool changes = call->verb == SIGNET_UPDATE || call->verb == SIGNET_DELETE;
  return !changes || operation->expected == NULL ||
         signet_fresh_expect(call, operation->expected);
}

static void start(signet_call *call, const signet_operation *operation)
{
  if (!signet_check(call, operation) || !expect(call, operation))
    return;
  if (signet_call_writes(call))
    signet_write_decides(call);
  if (call->verb == SIGNET_WAIT && call->account->backend->wait == NULL &&
      !signet_watch_set_deadline(call, operation->timeout_ms))
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  else if (!is_recalled(call))
    begin(call);
}

signet_call *signet_call_start(signet_account *account,
                               const signet_operation *operation,
                               signet_call_fn done, void *user)
{
  signet_call *call = signet_call_new(account, operation, done, user);
  if (call != NULL)
    start(call, operation);
  return call;
}
