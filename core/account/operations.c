/* SPDX-License-Identifier: MIT */
/* What each verb does: checks first, then the steps it takes. */
#include "account/alike.h"
#include "account/fresh.h"
#include "account/namesake.h"
#include "account/outcome.h"
#include "account/protect.h"
#include "account/recorder.h"
#include "account/retry.h"
#include "account/same.h"
#include "account/settle.h"
#include "account/shrunk.h"
#include "account/template.h"
#include "account/write.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "overlay/overlay.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BEFORE_MAXIMUM = 4 << 20 };

/* ---- checks before anything is sent ---- */

bool signet_write_refuse_held(signet_call *call)
{
  if (!call->account->held)
    return false;
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_CANCELLED,
                   "nothing new is started after an interrupt");
  return true;
}

static bool fail_rule(signet_call *call, const signet_violation *violation)
{
  const char *page = signet_rule_page(violation->rule);
  if (page[0] != '\0')
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "%s (rule %s of the page \"%s\")", violation->text,
                     signet_rule_name(violation->rule), page);
  else
    signet_call_fail(call, SIGNET_ERROR_VALIDATION, "%s (rule %s)",
                     violation->text, signet_rule_name(violation->rule));
  return false;
}

void signet_write_break_rule(signet_call *call,
                             const signet_violation *violation)
{
  fail_rule(call, violation);
}

static bool check_id(signet_call *call, const signet_operation *operation)
{
  signet_violation violation;
  const char *id = operation->id != NULL ? operation->id : "";
  /* What is no id never comes near a path or a message. */
  if (!signet_rule_check_id(id, operation->id_length, &violation))
    return fail_rule(call, &violation);
  memcpy(call->id, id, operation->id_length);
  return true;
}

static bool check_dialect(signet_call *call)
{
  if (call->account->dialect == SIGNET_CONFIGS)
    return true;
  if (call->kind == SIGNET_TEMPLATE) {
    signet_call_fail(call, SIGNET_ERROR_UNSUPPORTED,
                     "the signs API has no templates");
    return false;
  }
  if (call->verb == SIGNET_WAIT) {
    signet_call_fail(call, SIGNET_ERROR_UNSUPPORTED,
                     "the signs API shows no review states to wait for");
    return false;
  }
  return true;
}

static bool check_fields(signet_call *call)
{
  signet_violation violation;
  if (call->kind == SIGNET_TEMPLATE &&
      !signet_template_normalise(call->fields)) {
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
    return false;
  }
  bool partial = call->kind == SIGNET_TEMPLATE && call->verb == SIGNET_UPDATE;
  bool good =
      partial ? signet_rule_check_partial(call->kind, call->fields, &violation)
              : signet_rule_check_entry(call->kind, call->fields, &violation);
  if (!good)
    return fail_rule(call, &violation);
  if (partial && signet_fields_count(call->fields) == 0) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "no field to change is given");
    return false;
  }
  if (signet_rule_doubt(call->kind, call->fields, &violation))
    call->warning = signet_memory_text(violation.text, strlen(violation.text));
  return true;
}

/* "rejected" is as good as 3 in a filter. */
static bool check_filter(signet_call *call)
{
  signet_value value;
  if (!signet_fields_get(call->fields, "status", &value) ||
      value.type != SIGNET_STRING)
    return true;
  int status = signet_status_number(value.as.text.data);
  if (status == 0) {
    char shown[64];
    signet_text_escape(shown, sizeof shown, value.as.text.data,
                       value.as.text.length);
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "\"%s\" is no status: pending, approved, rejected, or a "
                     "number",
                     shown);
    return false;
  }
  if (signet_fields_set_integer(call->fields, "status", status))
    return true;
  signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  return false;
}

static bool is_method(const char *method)
{
  return method != NULL &&
         (strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0 ||
          strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0);
}

/* A path goes to the service as it is, so it must be one already. */
static bool is_path(const char *path)
{
  if (path == NULL || path[0] != '/' || strlen(path) >= SIGNET_PATH_MAXIMUM)
    return false;
  for (const char *at = path; *at != '\0'; at++)
    if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7F || *at == '#')
      return false;
  for (const char *at = strstr(path, "/."); at != NULL;
       at = strstr(at + 1, "/.")) {
    size_t dots = strspn(at + 1, ".");
    char after = at[1 + dots];
    if (dots <= 2 && (after == '\0' || after == '/' || after == '?'))
      return false;
  }
  return true;
}

static bool check_request(signet_call *call)
{
  if (!is_method(call->method)) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "the method must be GET, POST, PUT or DELETE");
    return false;
  }
  if (!is_path(call->path)) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "the path must begin with a slash and hold neither "
                     "spaces, \"#\", \"..\" nor characters that need "
                     "percent-encoding");
    return false;
  }
  /* What a request is, is decided by what leaves: with a body a GET would be a
   * write that nobody takes for one. */
  if (call->body != NULL && !signet_call_writes(call)) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "a GET has no body: leave it out, or name the method that "
                     "the body is for");
    return false;
  }
  return true;
}

static bool check(signet_call *call, const signet_operation *operation)
{
  if (signet_write_refuse_held(call))
    return false;
  if (call->verb != SIGNET_REQUEST && !check_dialect(call))
    return false;
  switch (call->verb) {
  case SIGNET_LIST:
    return check_filter(call);
  case SIGNET_CREATE:
    return check_fields(call);
  case SIGNET_UPDATE:
    return check_id(call, operation) && check_fields(call);
  case SIGNET_REQUEST:
    return check_request(call);
  default:
    return check_id(call, operation);
  }
}

/* ---- steps ---- */

/* Keeps what was read, for the writes to come. They rest on what their caller
 * got to see, not on what is read in between. */
static void keep_images(signet_call *call)
{
  signet_account *account = call->account;
  signet_step *step = call->step;
  bool delivered = call->verb == SIGNET_LIST || call->verb == SIGNET_GET;
  if (step->verb == SIGNET_LIST && step->listed > account->listed[call->kind])
    account->listed[call->kind] = step->listed;
  if (step->list == NULL)
    return;
  if (step->verb == SIGNET_LIST && call->kind == SIGNET_SIGN &&
      step->listed == (int64_t)signet_list_count(step->list))
    signet_alike_note(account, step->list, delivered && !call->internal);
  if (delivered && !call->internal)
    signet_fresh_keep(account, call->kind, step->list, call->read_ms);
  else if (account->recorder != NULL)
    signet_images_note(&account->images[call->kind], step->list,
                       ++account->order);
}

/* A service that throttles what it has carried out refuses it the next time:
 * because it is pending, gone, or there already. So does one that carried out
 * late what an earlier run has sent. */
static bool may_be_its_own(const signet_call *call)
{
  signet_error_kind kind = call->error.kind;
  return (call->earlier || call->step->attempts.throttled > 0) &&
         (kind == SIGNET_ERROR_PENDING || kind == SIGNET_ERROR_NOT_FOUND ||
          kind == SIGNET_ERROR_CONFLICT);
}

/* When it left at the latest, for those who wait for a late effect. */
static void note_sending(signet_call *call)
{
  call->sent_boot = signet_clock_boot_ms() - call->step->exchange.taken_ms;
  call->sent_at =
      signet_service_clock_at(&call->account->clock, call->sent_boot);
}

/* An earlier run's delete has taken effect after all. */
static bool is_gone_by_itself(const signet_call *call)
{
  return call->again && call->verb == SIGNET_DELETE &&
         call->step->verb == SIGNET_GET &&
         call->error.kind == SIGNET_ERROR_NOT_FOUND;
}

static void list_again(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  if (!signet_call_take_step(call, SIGNET_LIST, call->stepped))
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
}

/* @return false: there is no memory, or no time for it */
static bool lists_again(signet_call *call)
{
  if (++call->list_looks >= SIGNET_SHORT_LOOKS || call->account->held)
    return false;
  call->deadline = signet_timer_start(
      call->loop, signet_shrunk_pause(call->account, call->list_looks),
      list_again, call);
  return call->deadline != NULL;
}

/* @return whether the list is far too short: it is asked for again, or refused
 */
static bool is_short(signet_call *call)
{
  const signet_step *step = call->step;
  signet_account *account = call->account;
  if (step->verb != SIGNET_LIST || step->overlaid)
    return false;
  if (!signet_shrunk_is(account, call->kind, step->listed)) {
    signet_shrunk_note(account, call->kind, step->listed);
    return false;
  }
  if (!lists_again(call)) {
    signet_shrunk_refuse(account, call->kind, step->listed, &call->error);
    signet_call_finish(call);
  }
  return true;
}

/* It waited for its turn, and what it rests on has become old. */
static void look_again(signet_call *call)
{
  const signet_attempts *attempts = &call->step->attempts;
  call->earlier = call->earlier || attempts->throttled > 0;
  if (attempts->throttled > 0)
    call->waited_ms =
        attempts->waited_ms +
        (unsigned)signet_retry_waited(&call->account->retry, attempts->since,
                                      attempts->asked_ms);
  call->attempts = attempts->number;
  call->failed = attempts->failed;
  if (!signet_write_refuse_held(call))
    signet_fresh_look_again(call);
}

static bool is_ready(void *user)
{
  signet_call *call = user;
  return !signet_fresh_is_outdated(call);
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
  signet_fresh_note_write(call->account, kind, id);
}

static void on_step(void *user)
{
  signet_call *call = user;
  bool wrote = signet_step_writes(call->step);
  if (call->step->unready) {
    look_again(call);
    return;
  }
  if (!wrote)
    call->read_ms = signet_clock_boot_ms() - call->step->exchange.taken_ms;
  if (wrote) {
    call->attempts = call->step->attempts.number;
    call->failed = call->step->attempts.failed + 1;
    note_sending(call);
    note_write(call);
    call->uncertain = call->uncertain || may_be_its_own(call);
  }
  if (call->error.kind == SIGNET_OK && is_short(call))
    return;
  if (call->error.kind == SIGNET_OK) {
    keep_images(call);
    call->after(call);
    return;
  }
  if (is_gone_by_itself(call)) {
    signet_error_init(&call->error);
    call->error.outcome = SIGNET_OUTCOME_APPLIED;
    call->recorded = call->waiting = true;
    signet_call_finish(call);
    return;
  }
  /* A write that failed while it was still reading has changed nothing. */
  if (!wrote && signet_call_writes(call))
    call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  /* A no that follows an uncertain attempt may be due to its effect. */
  if (call->recorded && wrote &&
      (call->error.outcome == SIGNET_OUTCOME_UNKNOWN || call->uncertain))
    signet_settle_begin(call);
  else if (!wrote || !signet_namesake_begin(call))
    signet_call_finish(call);
}

/* A step is large, and only there while one runs. */
static void on_stepped(void *user)
{
  signet_call *call = user;
  call->stepped(call);
  if (call->step != NULL && !call->step->active)
    signet_call_drop_step(call);
}

bool signet_call_take_step(signet_call *call, signet_verb verb,
                           void (*done)(void *user))
{
  signet_step *step = signet_call_need_step(call);
  if (step == NULL)
    return false;
  step->verb = verb;
  step->kind = call->kind;
  step->id = call->id;
  step->fields = verb == SIGNET_GET ? NULL : call->fields;
  step->method = call->method;
  step->path = call->path;
  step->body = call->body;
  step->body_length = call->body_length;
  if (signet_step_writes(step)) {
    step->attempts.number = call->attempts;
    step->attempts.failed = call->failed;
    step->attempts.waited_ms = call->waited_ms;
    step->urgent = call->urgent;
    step->ready = call->looked_ms >= 0 ? is_ready : NULL;
  }
  step->done = on_stepped;
  step->user = call;
  call->read_ms = signet_loop_now(call->loop);
  call->stepped = done;
  call->account->backend->start(call->account, step);
  return true;
}

static void take_step(signet_call *call, signet_verb verb,
                      void (*after)(signet_call *call))
{
  call->after = after;
  if (!signet_call_take_step(call, verb, on_step))
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
}

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
  if (step->duplicates == 0)
    return;
  if (step->duplicates == 1)
    snprintf(text, sizeof text,
             "the list shows %s %s twice: the first one counts", word,
             step->duplicate);
  else
    snprintf(text, sizeof text,
             "the list shows %" PRIu64 " %ss twice, among them %s: the first "
             "of each counts",
             step->duplicates, word, step->duplicate);
  call->warning = signet_memory_text(text, strlen(text));
}

static void take_list(signet_call *call)
{
  call->list = call->step->list;
  call->step->list = NULL;
  if (call->verb == SIGNET_LIST && signet_list_count(call->list) == 0)
    doubt_filter(call);
  else if (call->verb == SIGNET_LIST)
    doubt_duplicates(call);
  signet_call_finish(call);
}

/* ---- writes ---- */

static void after_write(signet_call *call)
{
  if (call->verb == SIGNET_DELETE)
    signet_namesake_note_delete(call);
  if (call->verb != SIGNET_CREATE || call->step->new_id[0] != '\0') {
    if (call->verb == SIGNET_CREATE) {
      memcpy(call->id, call->step->new_id, sizeof call->id);
      signet_settle_claim(call);
    }
    signet_call_finish(call);
    return;
  }
  call->created = true;
  call->created_after = call->step->server_time;
  signet_watch_add(call);
}

/* What was read of an entry counts no more once it is written. */
static void forget_entry(const signet_call *call)
{
  signet_kind kind;
  const char *id = entry_of(call, &kind);
  signet_fresh_forget(call->account, kind, id);
  note_write(call);
}

void signet_write_send(signet_call *call)
{
  call->waiting = false;
  char text[320];
  if (signet_write_refuse_held(call))
    return;
  if (signet_alike_doubts_still(call, text, sizeof text))
    signet_account_notify(call->account, text);
  forget_entry(call);
  take_step(call, call->verb, after_write);
}

void signet_write_repeat(signet_call *call)
{
  if (!signet_write_refuse_held(call))
    take_step(call, call->verb, after_write);
}

void signet_write_check_again(signet_call *call)
{
  call->waiting = false;
  call->recorded = false;
  signet_fresh_again(call);
}

void signet_write_again(signet_call *call)
{
  call->settling = false;
  call->uncertain = true;
  call->settle_tries = 0;
  call->settle_looks = 0;
  signet_memory_free(call->unsettled);
  call->unsettled = NULL;
  signet_error_init(&call->error);
  take_step(call, call->verb, after_write);
}

void signet_write_answer(signet_call *call, const char *id)
{
  if (call->verb == SIGNET_CREATE && id != NULL)
    snprintf(call->id, sizeof call->id, "%s", id);
  call->recorded = false;
  call->waiting = false;
  call->error.outcome = SIGNET_OUTCOME_APPLIED;
  signet_call_finish(call);
}

void signet_write_refuse(signet_call *call, const signet_error *error)
{
  call->recorded = false;
  call->waiting = false;
  call->error = *error;
  signet_call_finish(call);
}

static bool keep_before(signet_call *call, const signet_record *record)
{
  signet_buffer text;
  size_t length;
  signet_buffer_init(&text, BEFORE_MAXIMUM);
  signet_json_write_record(&text, record);
  call->before = signet_buffer_take(&text, &length);
  return call->before != NULL;
}

/* Of a write that goes on with an earlier run's, all that is read may. */
void signet_write_intended(signet_call *call)
{
  signet_account *account = call->account;
  if (call->again)
    return;
  call->intended_order = ++account->order;
  call->intended_boot = signet_clock_boot_ms();
  call->intended_at =
      signet_service_clock_at(&account->clock, call->intended_boot);
}

/* Before the write, since it is worth a look then. */
static void tell_alike(signet_call *call, const signet_record *before)
{
  char text[320];
  if (signet_alike_doubts(call, before, text, sizeof text))
    signet_account_notify(call->account, text);
}

void signet_write_decided(signet_call *call, const signet_record *before)
{
  signet_recorder *recorder = call->account->recorder;
  if (before != NULL && signet_protect_refuse_entry(call, before))
    return;
  tell_alike(call, before);
  signet_write_intended(call);
  if (recorder == NULL) {
    forget_entry(call);
    take_step(call, call->verb, after_write);
    return;
  }
  if (before != NULL && !keep_before(call, before)) {
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
    return;
  }
  call->recorded = true;
  call->waiting = true;
  recorder->intend(recorder, call);
}

/* A write of which there is no entry yet, or none that is known. */
static void begin_write(signet_call *call)
{
  if (!signet_protect_refuse_id(call))
    signet_write_decided(call, NULL);
}

void signet_write_read(signet_call *call, void (*after)(signet_call *call))
{
  take_step(call, SIGNET_GET, after);
}

bool signet_write_refuse_pending(signet_call *call, const signet_record *record)
{
  if (signet_record_integer(record, "status", 0) != SIGNET_STATUS_PENDING)
    return false;
  signet_call_fail(call, SIGNET_ERROR_PENDING,
                   "it waits for review and can't be updated until that is "
                   "decided");
  return true;
}

/* What was done before is neither read nor sent again. */
static bool is_recalled(signet_call *call)
{
  signet_recorder *recorder = call->account->recorder;
  return recorder != NULL && signet_call_writes(call) &&
         recorder->recall(recorder, call);
}

static void begin(signet_call *call)
{
  switch (call->verb) {
  case SIGNET_LIST:
  case SIGNET_GET:
    take_step(call, call->verb, take_list);
    break;
  case SIGNET_UPDATE:
  case SIGNET_DELETE:
    signet_fresh_begin(call);
    break;
  case SIGNET_WAIT:
    if (call->account->overlay != NULL)
      signet_overlay_wait(call);
    else
      signet_watch_add(call);
    break;
  case SIGNET_REQUEST:
    if (!signet_call_writes(call))
      take_step(call, SIGNET_REQUEST, signet_call_finish);
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
  call->early = false;
  call->waiting = false;
  call->recorded = false;
  if (!signet_write_refuse_held(call))
    begin(call);
}

/* What the caller says that it saw of the entry. */
static bool expect(signet_call *call, const signet_operation *operation)
{
  bool changes = call->verb == SIGNET_UPDATE || call->verb == SIGNET_DELETE;
  return !changes || operation->expected == NULL ||
         signet_fresh_expect(call, operation->expected);
}

void signet_call_begin(signet_call *call, const signet_operation *operation)
{
  if (!check(call, operation) || !expect(call, operation) || is_recalled(call))
    return;
  if (call->verb == SIGNET_WAIT && call->account->overlay == NULL &&
      !signet_watch_set_deadline(call, operation->timeout_ms))
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  else
    begin(call);
}

/* ---- what a shared list tells ---- */

/* The service has said that it was created, but not its id. */
static void find_created(signet_call *call, const signet_list *list)
{
  const signet_record *record;
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
  if (found != SIGNET_FOUND_UNCLEAR && call->recorded)
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
  signet_fresh_keep(call->account, call->kind, call->list,
                    call->account->watches[call->kind].last_start);
  call->error.outcome = SIGNET_OUTCOME_APPLIED;
  signet_call_finish(call);
}

/* What the review did to an entry that someone waits for. */
static void look_at_review(signet_call *call, const signet_record *record)
{
  if (record == NULL) {
    if (signet_watch_looks_again(call))
      return;
    signet_call_fail(call, SIGNET_ERROR_NOT_FOUND, "there is no such %s",
                     signet_kind_word(call->kind));
    return;
  }
  int64_t status = signet_record_integer(record, "status", 0);
  if (status == call->status) {
    take_record(call, record);
  } else if (status == SIGNET_STATUS_REJECTED) {
    char remark[160] = "";
    signet_value value;
    if (signet_record_get(record, "audit_remark", &value) &&
        value.type == SIGNET_STRING)
      signet_text_escape(remark, sizeof remark, value.as.text.data,
                         value.as.text.length);
    signet_call_fail(call, SIGNET_ERROR_REJECTED,
                     remark[0] != '\0' ? "it was rejected: %s"
                                       : "it was rejected%s",
                     remark);
  }
}

void signet_call_look(signet_call *call, const signet_list *list,
                      const signet_record *record)
{
  if (call->settling)
    signet_settle_look(call, list);
  else if (call->verb == SIGNET_CREATE)
    find_created(call, list);
  else
    look_at_review(call, record);
}
