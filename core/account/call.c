/* SPDX-License-Identifier: MIT */
/* The life of a call: start, finish, wait, cancel, release. */
#include "account/account.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "account/pool.h"
#include "account/protect.h"
#include "account/recorder.h"
#include "account/shrunk.h"
#include "model/error_fill.h"
#include "model/fields.h"
#include "model/memory.h"
#include "net/loop.h"
#include "net/post.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void link_call(signet_account *account, signet_call *call)
{
  call->previous = account->last;
  if (account->last != NULL)
    account->last->next = call;
  else
    account->first = call;
  account->last = call;
}

static void unlink_call(signet_call *call)
{
  signet_account *account = call->account;
  if (call->previous != NULL)
    call->previous->next = call->next;
  else
    account->first = call->next;
  if (call->next != NULL)
    call->next->previous = call->previous;
  else
    account->last = call->previous;
  call->next = NULL;
  call->previous = NULL;
  call->account = NULL;
}

/* ---- phases ---- */

void signet_call_leave(signet_call *call)
{
  void (*leave)(signet_call * call) = call->leave;
  call->leave = NULL;
  if (leave != NULL)
    leave(call);
}

void signet_call_enter(signet_call *call, signet_call_phase phase,
                       void (*leave)(signet_call *call))
{
  signet_call_leave(call);
  call->phase = phase;
  call->leave = leave;
}

bool signet_call_settles(const signet_call *call)
{
  return signet_phase_row_of(call->phase)->settles;
}

bool signet_call_is_kept(const signet_call *call)
{
  return signet_phase_row_of(call->phase)->recorder;
}

bool signet_call_watches(const signet_call *call)
{
  return signet_phase_row_of(call->phase)->waits_for == SIGNET_WAITS_FOR_LIST;
}

/* ---- the end ---- */

/* From the loop, once the call has come to its end. */
static void deliver(void *user)
{
  signet_call *call = user;
  call->phase = SIGNET_CALL_DELIVERED;
  if (call->released) {
    signet_call_free(call);
    return;
  }
  signet_loop_count(call->loop);
  if (call->done != NULL)
    call->done(call, call->user);
}

static void name_operation(signet_call *call)
{
  signet_error *error = &call->error;
  if (call->verb == SIGNET_REQUEST)
    snprintf(error->operation, sizeof error->operation, "%s",
             signet_verb_name(call->verb));
  else
    snprintf(error->operation, sizeof error->operation, "%s:%s",
             signet_kind_collection(call->kind), signet_verb_name(call->verb));
  memcpy(error->id, call->id, sizeof call->id);
}

static void end_step(signet_call *call)
{
  if (call->step == NULL)
    return;
  if (call->verb == SIGNET_REQUEST) {
    signet_buffer_free(&call->reply);
    call->reply = call->step->result.reply;
    call->step->result.reply = (signet_buffer){0};
  }
  signet_call_drop_step(call);
}

static void tell_looked(signet_call *call)
{
  signet_recorder *recorder = call->account->recorder;
  bool reads = call->verb == SIGNET_LIST || call->verb == SIGNET_GET ||
               call->verb == SIGNET_WAIT;
  if (reads && recorder != NULL && recorder->looked != NULL)
    recorder->looked(recorder, call);
}

static bool is_delete(const signet_call *call, signet_kind *kind)
{
  *kind = call->kind;
  return call->verb == SIGNET_DELETE ||
         (call->verb == SIGNET_REQUEST && strcmp(call->method, "DELETE") == 0 &&
          signet_request_entry(call, kind));
}

/* What may have taken effect counts too. */
static void note_delete(const signet_call *call)
{
  signet_kind kind;
  bool effect = call->error.kind == SIGNET_OK ||
                call->error.outcome == SIGNET_OUTCOME_UNKNOWN;
  if (call->write.attempts > 0 && call->account->overlay == NULL && effect &&
      is_delete(call, &kind))
    signet_shrunk_note_delete(call->account, kind);
}

static void note_write(const signet_call *call)
{
  bool sent = call->write.attempts > 0 || call->error.kind == SIGNET_OK;
  if (!sent || !signet_call_writes(call))
    return;
  call->account->kinds[call->kind].watch.written = true;
  note_delete(call);
  if (call->error.kind == SIGNET_OK && call->write.attempts > 0)
    signet_own_note(call);
}

/* Whether a write that keeps the rules has failed before it was ready. */
static bool is_dropped(const signet_call *call)
{
  return call->write.decided != NULL && call->write.intended_boot == 0 &&
         !signet_call_is_kept(call) && call->error.kind != SIGNET_OK &&
         call->error.kind != SIGNET_ERROR_CANCELLED;
}

static void tell_recorder(signet_call *call)
{
  signet_recorder *recorder = call->account->recorder;
  if (call->write.recorded) {
    call->write.recorded = false;
    recorder->decided(recorder, call);
  } else if (recorder != NULL && recorder->dropped != NULL &&
             is_dropped(call)) {
    recorder->dropped(recorder, call);
  }
}

void signet_call_finish(signet_call *call)
{
  signet_call_leave(call);
  signet_timer_cancel(call->deadline);
  call->deadline = NULL;
  end_step(call);
  tell_recorder(call);
  note_write(call);
  if (call->error.kind != SIGNET_OK)
    name_operation(call);
  else
    tell_looked(call);
  call->phase = SIGNET_CALL_ENDED;
  unlink_call(call);
  signet_loop_post(call->loop, &call->post);
}

void signet_call_fail(signet_call *call, signet_error_kind kind,
                      const char *format, ...)
{
  char phrase[80];
  char reason[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  signet_call_phrase(call->verb, call->kind, call->id, phrase, sizeof phrase);
  signet_error_set(&call->error, kind, "%s: %s", phrase, reason);
  signet_call_finish(call);
}

static bool copy_text(char **to, const char *text, size_t length)
{
  *to = NULL;
  if (text == NULL)
    return true;
  *to = signet_memory_text(text, length);
  return *to != NULL;
}

static bool copy_operation(signet_call *call, const signet_operation *operation)
{
  call->verb = operation->verb;
  call->kind = operation->kind;
  call->status = operation->status;
  call->body_length = operation->body_length;
  call->fields = signet_fields_copy(operation->fields);
  return call->fields != NULL &&
         copy_text(&call->method, operation->method,
                   operation->method != NULL ? strlen(operation->method) : 0) &&
         copy_text(&call->path, operation->path,
                   operation->path != NULL ? strlen(operation->path) : 0) &&
         copy_text(&call->body, operation->body, operation->body_length);
}

signet_call *signet_call_new(signet_account *account,
                             const signet_operation *operation,
                             signet_call_fn done, void *user)
{
  signet_call *call = signet_call_allocate(account);
  if (call == NULL)
    return NULL;
  signet_error_init(&call->error);
  if (!copy_operation(call, operation)) {
    signet_call_free(call);
    return NULL;
  }
  call->account = account;
  call->loop = account->loop;
  call->done = done;
  call->user = user;
  call->post = (signet_post){.function = deliver, .user = call};
  call->basis.looked_ms = -1;
  link_call(account, call);
  return call;
}

bool signet_call_is_done(const signet_call *call)
{
  return call->phase >= SIGNET_CALL_ENDED;
}

const signet_error *signet_call_wait(signet_call *call)
{
  while (call->phase != SIGNET_CALL_DELIVERED)
    signet_loop_step(call->loop, -1);
  return signet_call_error(call);
}

const signet_error *signet_call_error(const signet_call *call)
{
  return call->error.kind != SIGNET_OK ? &call->error : NULL;
}

signet_outcome signet_call_outcome(const signet_call *call)
{
  return call->error.outcome;
}

signet_list *signet_call_list(const signet_call *call)
{
  return call->list;
}

const signet_record *signet_call_record(const signet_call *call)
{
  if (call->list == NULL || call->verb == SIGNET_LIST)
    return NULL;
  return signet_list_at(call->list, 0);
}

const char *signet_call_id(const signet_call *call)
{
  return call->id;
}

const char *signet_call_body(const signet_call *call, size_t *length)
{
  if (call->verb != SIGNET_REQUEST || !signet_call_is_done(call) ||
      call->error.kind != SIGNET_OK)
    return NULL;
  *length = call->reply.length;
  return call->reply.data;
}

bool signet_call_unchanged(const signet_call *call)
{
  return call->write.unchanged;
}

const char *signet_call_warning(const signet_call *call)
{
  return call->warning;
}

void signet_call_cancel(signet_call *call)
{
  if (call->phase >= SIGNET_CALL_ENDED)
    return;
  if (call->step != NULL && call->step->active)
    call->account->backend->cancel(call->account, call->step);
  if (signet_call_settles(call)) {
    call->error = *call->settle.unsettled;
    call->settle.verdict = SIGNET_VERDICT_OPEN;
    if (call->write.uncertain)
      signet_outcome_leave_open(&call->error);
    signet_call_finish(call);
  } else if (call->error.kind != SIGNET_OK) {
    if (call->write.uncertain)
      signet_outcome_leave_open(&call->error);
    signet_call_finish(call);
  } else if (call->phase == SIGNET_CALL_SEARCHING) {
    call->error.outcome = SIGNET_OUTCOME_UNKNOWN;
    signet_call_fail(call, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "it was created, but cancelled before its id was known");
  } else {
    signet_call_fail(call, SIGNET_ERROR_CANCELLED, "it was cancelled");
  }
}

void signet_call_release(signet_call *call)
{
  if (call == NULL)
    return;
  call->released = true;
  if (call->phase == SIGNET_CALL_DELIVERED)
    signet_call_free(call);
}
