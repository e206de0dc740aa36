/* SPDX-License-Identifier: MIT */
#include "account/namesake.h"

#include "account/account.h"
#include "account/pool.h"
#include "account/rests.h"
#include "model/error_fill.h"
#include "model/form.h"
#include "model/memory.h"
#include "model/text.h"
#include "net/post.h"

#include <stdio.h>
#include <string.h>

/* After so many refusals the name is given up. */
enum { TRIES = 5, LONGEST_PAUSE_MS = 5000 };

struct signet_freed_name {
  uint64_t name; /* a hash */
  char id[SIGNET_ID_SIZE];
};

static uint64_t hash_of(const char *text, size_t length)
{
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (uint8_t)text[i]) * 1099511628211u;
  return hash;
}

static bool name_of(const signet_call *call, signet_value *name)
{
  return signet_fields_get(call->fields, "sign_name", name) &&
         name->type == SIGNET_STRING;
}

/* ---- names that were freed ---- */

void signet_namesake_note_delete(const signet_call *call)
{
  signet_holders *holders = &call->account->holders;
  signet_value name;
  if (call->kind != SIGNET_SIGN || call->write.before == NULL)
    return;
  signet_list *list = signet_record_list(call->kind, call->write.before);
  if (list != NULL &&
      signet_record_get(signet_list_at(list, 0), "sign_name", &name) &&
      name.type == SIGNET_STRING) {
    signet_freed_name *freed = signet_memory_resize(
        holders->freed, holders->freed_count + 1, sizeof freed[0]);
    if (freed != NULL) { /* else a create is not tried again, no more */
      holders->freed = freed;
      freed += holders->freed_count++;
      freed->name = hash_of(name.as.text.data, name.as.text.length);
      memcpy(freed->id, call->id, sizeof freed->id);
    }
  }
  signet_list_release(list);
}

/* Whether the account deleted a signature of that name, which is this record
 * or isn't listed any more. */
static bool is_freed(const signet_call *call, const signet_record *record)
{
  const signet_holders *holders = &call->account->holders;
  char id[SIGNET_ID_SIZE];
  signet_value name;
  if (call->verb != SIGNET_CREATE || !name_of(call, &name))
    return false;
  uint64_t hash = hash_of(name.as.text.data, name.as.text.length);
  for (size_t i = 0; i < holders->freed_count; i++)
    if (holders->freed[i].name == hash &&
        (record == NULL || strcmp(signet_record_id(record, id, sizeof id),
                                  holders->freed[i].id) == 0))
      return true;
  return false;
}

/* ---- what the list shows ---- */

static const signet_record *find_holder(const signet_call *call,
                                        const signet_list *list)
{
  char id[SIGNET_ID_SIZE];
  signet_value name;
  signet_value other;
  for (size_t i = 0; name_of(call, &name) && i < signet_list_count(list); i++) {
    const signet_record *record = signet_list_at(list, i);
    if (signet_record_get(record, "sign_name", &other) &&
        other.type == SIGNET_STRING &&
        signet_form_equal(name.as.text.data, name.as.text.length,
                          other.as.text.data, other.as.text.length) &&
        strcmp(signet_record_id(record, id, sizeof id), call->id) != 0)
      return record;
  }
  return NULL;
}

/* "; signature 1001 (rejected: no licence) has that name". */
static void name_holder(signet_call *call, const signet_record *holder)
{
  char id[SIGNET_ID_SIZE];
  char remark[120] = "";
  char more[240];
  signet_value value;
  const char *status =
      signet_status_name(signet_record_integer(holder, "status", 0));
  if (signet_record_get(holder, "audit_remark", &value) &&
      value.type == SIGNET_STRING)
    signet_text_escape(remark, sizeof remark, value.as.text.data,
                       value.as.text.length);
  snprintf(more, sizeof more, "; signature %s (%s%s%s) has that name",
           signet_record_id(holder, id, sizeof id),
           status != NULL ? status : "of no known status",
           remark[0] != '\0' ? ": " : "", remark);
  size_t used = strlen(call->error.message);
  snprintf(call->error.message + used, sizeof call->error.message - used, "%s",
           more);
}

static void on_pause(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  signet_error_init(&call->error);
  call->write.send(call);
}

/* @return whether the write will be sent again */
static bool try_again(signet_call *call)
{
  int64_t pause_ms = call->account->settings.settle_ms
                     << call->write.name_tries;
  if (call->account->held || ++call->write.name_tries > TRIES)
    return false;
  if (pause_ms > LONGEST_PAUSE_MS)
    pause_ms = LONGEST_PAUSE_MS;
  signet_call_enter(call, SIGNET_CALL_NAME_PAUSE, NULL);
  call->deadline = signet_timer_start(call->loop, pause_ms, on_pause, call);
  return call->deadline != NULL;
}

static void answer(signet_call *call)
{
  signet_holders *holders = &call->account->holders;
  const signet_record *holder =
      holders->list != NULL ? find_holder(call, holders->list) : NULL;
  signet_call_leave(call);
  if (holders->list != NULL && is_freed(call, holder) && try_again(call))
    return;
  if (holder != NULL)
    name_holder(call, holder);
  signet_call_finish(call);
}

/* ---- one list for all ---- */

static void on_list(void *user)
{
  signet_holders *holders = user;
  signet_call *next;
  signet_list_release(holders->list);
  holders->list =
      holders->error.kind == SIGNET_OK ? holders->step.result.list : NULL;
  if (holders->list != NULL)
    holders->step.result.list = NULL;
  signet_step_clear(&holders->step);
  holders->round++;
  for (signet_call *call = holders->first; call != NULL; call = next) {
    next = call->queue.next;
    if (call->queue.round < holders->round)
      answer(call);
  }
  if (holders->first != NULL)
    signet_loop_post(holders->account->loop, &holders->post);
}

static void look(void *user)
{
  signet_holders *holders = user;
  signet_call *next;
  if (holders->step.active)
    return;
  /* Who holds a name that was seen a moment ago holds it still. */
  for (signet_call *call = holders->first; call != NULL; call = next) {
    next = call->queue.next;
    if (holders->list != NULL && call->write.name_tries == 0 &&
        find_holder(call, holders->list) != NULL)
      answer(call);
  }
  if (holders->first == NULL)
    return;
  signet_error_init(&holders->error);
  signet_step_init(&holders->step, &holders->error);
  holders->step.request.verb = SIGNET_LIST;
  holders->step.request.kind = SIGNET_SIGN;
  holders->step.done = on_list;
  holders->step.user = holders;
  for (signet_call *call = holders->first; call != NULL;
       call = call->queue.next)
    call->queue.round = holders->round;
  holders->account->backend->start(holders->account, &holders->step);
}

/* ---- who waits ---- */

static void leave(signet_call *call)
{
  signet_holders *holders = &call->account->holders;
  if (call->queue.previous != NULL)
    call->queue.previous->queue.next = call->queue.next;
  else
    holders->first = call->queue.next;
  if (call->queue.next != NULL)
    call->queue.next->queue.previous = call->queue.previous;
  else
    holders->last = call->queue.previous;
}

bool signet_namesake_begin(signet_call *call)
{
  signet_holders *holders = &call->account->holders;
  if (call->kind != SIGNET_SIGN ||
      (call->verb != SIGNET_CREATE && call->verb != SIGNET_UPDATE) ||
      call->error.kind != SIGNET_ERROR_CONFLICT ||
      call->error.outcome != SIGNET_OUTCOME_REFUSED || call->account->held ||
      call->account->overlay != NULL)
    return false;
  signet_call_enter(call, SIGNET_CALL_NAMING, leave);
  call->queue.round = UINT64_MAX;
  call->queue.next = NULL;
  call->queue.previous = holders->last;
  if (holders->last != NULL)
    holders->last->queue.next = call;
  else
    holders->first = call;
  holders->last = call;
  signet_loop_post(call->loop, &holders->post);
  return true;
}

void signet_namesake_open(signet_account *account)
{
  account->holders.account = account;
  account->holders.post =
      (signet_post){.function = look, .user = &account->holders};
}

void signet_namesake_close(signet_account *account)
{
  signet_holders *holders = &account->holders;
  signet_loop_unpost(account->loop, &holders->post);
  if (holders->step.active)
    account->backend->cancel(account, &holders->step);
  signet_step_clear(&holders->step);
  signet_list_release(holders->list);
  signet_memory_free(holders->freed);
}
