/* SPDX-License-Identifier: MIT */
#include "account/fresh.h"

#include "account/protect.h"
#include "account/recorder.h"
#include "account/rests.h"
#include "account/same.h"
#include "account/shrunk.h"
#include "account/template.h"
#include "account/write.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "overlay/overlay.h"
#include "wire/json.h"

#include <string.h>

/* A list of so many entries costs as much as one entry more. */
enum { ENTRIES_A_READ = 256, FEWEST_FOR_LIST = 2 };

/* Between a look and the sending there always is a moment, in which the journal
 * is written. */
enum { MOMENT_MS = 250, FORGETTING = 8 };

static bool has_overlay(const signet_account *account)
{
  return account->overlay != NULL;
}

/* Whether images grow old: a copy belongs to nobody else. */
static bool grows_old(const signet_account *account)
{
  return account->fresh_ms >= 0 && !has_overlay(account);
}

static bool is_old(const signet_account *account, int64_t read_ms)
{
  return grows_old(account) &&
         (read_ms < account->distrust_ms ||
          signet_clock_boot_ms() - read_ms >= account->fresh_ms);
}

static bool completes(const signet_call *call)
{
  return call->kind == SIGNET_TEMPLATE && call->verb == SIGNET_UPDATE &&
         !signet_template_is_complete(call->fields);
}

void signet_fresh_keep(signet_account *account, signet_kind kind,
                       signet_list *list, int64_t read_ms)
{
  if (account->recorder != NULL || account->fresh_ms >= 0)
    signet_images_keep(&account->images[kind], list, ++account->order, read_ms);
}

void signet_fresh_forget(signet_account *account, signet_kind kind,
                         const char *id)
{
  signet_images_forget(&account->images[kind], id);
  signet_images_forget(&account->fresh[kind].now, id);
}

/* Where no list is kept or on its way, none can be mistaken. */
void signet_fresh_note_write(signet_account *account, signet_kind kind,
                             const char *id)
{
  const signet_fresh *fresh = &account->fresh[kind];
  if (fresh->step.active || fresh->read_ms >= 0)
    signet_images_note_write(&account->images[kind], id, ++account->order);
}

bool signet_fresh_expect(signet_call *call, const char *record)
{
  call->expected = signet_record_list(call->kind, record);
  if (call->expected != NULL)
    return true;
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                   "the record that is expected is no JSON object");
  return false;
}

/* ---- what is known of the entry ---- */

/* What the caller saw; NULL: nothing. */
static const signet_record *base_of(const signet_call *call, int64_t *read_ms)
{
  *read_ms = -1;
  if (call->seen != NULL) {
    *read_ms = call->seen_ms;
    return call->seen;
  }
  if (call->expected != NULL)
    return signet_list_at(call->expected, 0);
  return signet_images_find(&call->account->images[call->kind], call->id,
                            read_ms);
}

/* Whether a write waits in a queue before it is sent, and may look again. */
static bool may_look_again(const signet_call *call)
{
  return grows_old(call->account) && call->account->http != NULL;
}

static bool copy_seen(signet_call *call, const signet_record *record)
{
  call->expected = signet_list_new(call->kind);
  if (call->expected == NULL || !signet_list_copy(call->expected, record))
    return false;
  signet_list_seal(call->expected);
  call->seen = signet_list_at(call->expected, 0);
  return true;
}

/* Whether what the write rests on shows all that the entry does: a list may
 * show less, and the write is completed from the entry. */
static bool holds_all(const signet_call *call, const signet_record *now)
{
  const signet_record *held =
      call->seen != NULL ? call->seen : signet_list_at(call->expected, 0);
  return signet_entry_is_whole(call->kind, held) ||
         !signet_entry_is_whole(call->kind, now);
}

/* Once it is sent, images of its entry are forgotten. @return false: out of
 * memory, and the call has ended */
static bool hold_seen(signet_call *call, const signet_record *now,
                      int64_t now_ms)
{
  call->looked_ms = now_ms;
  if (call->expected == NULL)
    call->seen = signet_images_hold(&call->account->images[call->kind],
                                    call->id, &call->seen_ms, &call->expected);
  if (call->expected != NULL && (call->seen == now || holds_all(call, now)))
    return true;
  call->seen_ms = now_ms;
  signet_list *former = call->expected;
  bool good = copy_seen(call, now);
  signet_list_release(former);
  if (good)
    return true;
  signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  return false;
}

/* How many requests have left. */
static uint32_t requests_of(const signet_account *account)
{
  return (uint32_t)signet_http_requests(account->http);
}

/* Nobody has changed it while the write waited for its turn. What an attempt
 * before has made of it is for the service to say. */
static void judge_again(signet_call *call, const signet_record *now)
{
  int64_t read_ms;
  const signet_record *base = base_of(call, &read_ms);
  bool own = call->attempts > 0 && call->verb == SIGNET_UPDATE &&
             signet_entry_is_same(call->kind, call->fields, now);
  call->relooking = false;
  call->looked_ms = signet_clock_boot_ms();
  if (signet_write_refuse_held(call) ||
      (base != NULL && !own && signet_rests_refuse(call, base, now, read_ms)))
    return;
  call->urgent = true;
  call->next_request = requests_of(call->account);
  signet_write_repeat(call);
}

static void judge(signet_call *call, const signet_record *now, int64_t now_ms)
{
  int64_t read_ms;
  if (call->relooking) {
    judge_again(call, now);
    return;
  }
  const signet_record *base = base_of(call, &read_ms);
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  if (signet_write_refuse_held(call) || !signet_rests_complete(call, now) ||
      signet_rests_unchanged(call, now))
    return;
  bool checks = call->expected != NULL || grows_old(call->account);
  if ((checks && base != NULL && base != now &&
       signet_rests_refuse(call, base, now, read_ms)) ||
      (checks && call->expected == NULL &&
       signet_rests_refuse_outdated(call, now, base != NULL)) ||
      (call->completed && signet_write_refuse_pending(call, now)) ||
      (may_look_again(call) && !hold_seen(call, now, now_ms)))
    return;
  signet_write_decided(call, now);
}

static void on_record(signet_call *call)
{
  signet_list *list = call->step->list;
  signet_images_note(&call->account->images[call->kind], list,
                     ++call->account->order);
  judge(call, signet_list_at(list, 0), call->read_ms);
}

static void read_one(signet_call *call)
{
  signet_write_read(call, on_record);
}

/* ---- one list for all ---- */

static void on_list(void *user);

static void start_list(signet_fresh *fresh)
{
  signet_error_init(&fresh->error);
  signet_step_init(&fresh->step, &fresh->error);
  fresh->step.verb = SIGNET_LIST;
  fresh->step.kind = fresh->kind;
  fresh->step.done = on_list;
  fresh->step.user = fresh;
  fresh->round++;
  fresh->order = ++fresh->account->order;
  fresh->account->backend->start(fresh->account, &fresh->step);
}

/* What the list shows of the entry, if that is enough to go on with: where it
 * isn't there, shows less than the entry or something else than was seen, or
 * was written since, the entry itself is asked. A list may lag behind. */
static const signet_record *listed(const signet_call *call)
{
  int64_t read_ms;
  const signet_fresh *fresh = &call->account->fresh[call->kind];
  const signet_record *now = signet_images_find(&fresh->now, call->id, NULL);
  if (now == NULL || !signet_entry_is_whole(call->kind, now) ||
      completes(call) ||
      signet_images_written(&call->account->images[call->kind], call->id,
                            fresh->order))
    return NULL;
  const signet_record *base = base_of(call, &read_ms);
  return base == NULL || signet_rests_holds(call, base, now) ? now : NULL;
}

static void serve_one(signet_call *call)
{
  signet_fresh_remove(call);
  const signet_record *now = listed(call);
  if (now != NULL)
    judge(call, now, call->account->fresh[call->kind].read_ms);
  else
    read_one(call);
}

/* Whoever came after the list had begun is served by it too, unless the list
 * is too old for that: then it waits for the next one. */
static void serve(signet_fresh *fresh)
{
  signet_call *next;
  bool old = is_old(fresh->account, fresh->read_ms);
  for (signet_call *call = fresh->first; call != NULL; call = next) {
    next = call->fresh_next;
    if (!old || call->fresh_round < fresh->round)
      serve_one(call);
  }
  if (fresh->first != NULL)
    signet_loop_post(fresh->account->loop, &fresh->post);
}

/* Each asks for its own entry. */
static void read_all(signet_fresh *fresh)
{
  signet_call *next;
  for (signet_call *call = fresh->first; call != NULL; call = next) {
    next = call->fresh_next;
    signet_fresh_remove(call);
    read_one(call);
  }
}

/* How many entries a list would tell of: those that are wanted now, and those
 * that come while it is believed, of which a part has passed when it is there.
 * As many come as in the last while of that length. */
static size_t served_by_list(const signet_fresh *fresh)
{
  int64_t fresh_ms = fresh->account->fresh_ms;
  int64_t left_ms = fresh_ms - fresh->took_ms;
  size_t wanted = fresh->wanted > fresh->wanted_before ? fresh->wanted
                                                       : fresh->wanted_before;
  if (fresh_ms > 0 && left_ms > 0)
    wanted = (size_t)((double)wanted * (double)left_ms / (double)fresh_ms);
  return fresh_ms > 0 && left_ms > 0 && wanted > fresh->waiting
             ? wanted
             : fresh->waiting;
}

static bool is_list_cheaper(const signet_fresh *fresh)
{
  int64_t entries = fresh->account->listed[fresh->kind];
  return fresh->waiting >= FEWEST_FOR_LIST && entries >= 0 && !fresh->partial &&
         (int64_t)served_by_list(fresh) > 1 + entries / ENTRIES_A_READ;
}

static void look(void *user)
{
  signet_fresh *fresh = user;
  if (fresh->step.active || fresh->first == NULL)
    return;
  if (fresh->read_ms >= 0 && !is_old(fresh->account, fresh->read_ms)) {
    serve(fresh);
    return;
  }
  signet_images_free(&fresh->now);
  fresh->read_ms = -1;
  if (is_list_cheaper(fresh))
    start_list(fresh);
  else
    read_all(fresh);
}

static bool shows_less(signet_kind kind, const signet_list *list)
{
  return signet_list_count(list) > 0 &&
         !signet_entry_is_whole(kind, signet_list_at(list, 0));
}

static void on_list(void *user)
{
  signet_fresh *fresh = user;
  signet_account *account = fresh->account;
  signet_list *list = fresh->error.kind == SIGNET_OK ? fresh->step.list : NULL;
  signet_images_free(&fresh->now);
  if (list != NULL) {
    fresh->partial = shows_less(fresh->kind, list);
    fresh->took_ms = fresh->step.exchange.taken_ms;
    fresh->read_ms = signet_clock_boot_ms() - fresh->took_ms;
    uint64_t order = ++account->order;
    signet_images_keep(&fresh->now, list, order, fresh->read_ms);
    signet_images_note(&account->images[fresh->kind], list, order);
    if (!signet_shrunk_is(account, fresh->kind, fresh->step.listed))
      signet_shrunk_note(account, fresh->kind, fresh->step.listed);
    if (fresh->step.listed > account->listed[fresh->kind])
      account->listed[fresh->kind] = fresh->step.listed;
  }
  signet_step_clear(&fresh->step);
  if (list != NULL)
    serve(fresh);
  else
    read_all(fresh);
}

/* ---- who waits ---- */

static void count_wanted(signet_fresh *fresh)
{
  int64_t now = signet_clock_boot_ms();
  int64_t age_ms = now - fresh->wanted_since;
  int64_t fresh_ms = fresh->account->fresh_ms;
  if (age_ms >= fresh_ms) {
    fresh->wanted_before = age_ms < 2 * fresh_ms ? fresh->wanted : 0;
    fresh->wanted_since = now;
    fresh->wanted = 0;
    fresh->took_ms -= fresh->took_ms / FORGETTING; /* it may be faster by now */
  }
  fresh->wanted++;
}

static void wait_for_entry(signet_call *call)
{
  signet_fresh *fresh = &call->account->fresh[call->kind];
  call->checking = true;
  call->fresh_round = fresh->round;
  call->fresh_next = NULL;
  call->fresh_previous = fresh->last;
  if (fresh->last != NULL)
    fresh->last->fresh_next = call;
  else
    fresh->first = call;
  fresh->last = call;
  fresh->waiting++;
  count_wanted(fresh);
  signet_loop_post(call->loop, &fresh->post);
}

void signet_fresh_remove(signet_call *call)
{
  if (!call->checking)
    return;
  signet_fresh *fresh = &call->account->fresh[call->kind];
  call->checking = false;
  fresh->waiting--;
  if (call->fresh_previous != NULL)
    call->fresh_previous->fresh_next = call->fresh_next;
  else
    fresh->first = call->fresh_next;
  if (call->fresh_next != NULL)
    call->fresh_next->fresh_previous = call->fresh_previous;
  else
    fresh->last = call->fresh_previous;
}

/* Whether the entry as it was is wanted even where nobody saw it. To ask a copy
 * whether an update changes anything costs nothing, once it is made. */
static bool needs_record(const signet_call *call)
{
  const signet_account *account = call->account;
  return (account->recorder != NULL && account->recorder->before_images) ||
         signet_protect_reads(call) ||
         (has_overlay(account) && call->verb == SIGNET_UPDATE &&
          account->overlay->state == SIGNET_OVERLAY_COPIED);
}

void signet_fresh_begin(signet_call *call)
{
  int64_t read_ms;
  const signet_account *account = call->account;
  if (signet_protect_refuse_id(call))
    return;
  const signet_record *seen =
      signet_images_find(&account->images[call->kind], call->id, &read_ms);
  bool old = seen == NULL || is_old(account, read_ms);
  if (completes(call))
    read_one(call);
  else if (!old && signet_entry_is_whole(call->kind, seen))
    judge(call, seen, read_ms);
  else if (seen == NULL && call->expected == NULL && !needs_record(call))
    signet_write_decided(call, NULL);
  else if (has_overlay(account))
    read_one(call);
  else
    wait_for_entry(call);
}

void signet_fresh_again(signet_call *call)
{
  if (call->expected == NULL && call->before != NULL)
    call->expected = signet_record_list(call->kind, call->before);
  signet_memory_free(call->before);
  call->before = NULL;
  wait_for_entry(call);
}

/* Where the rate is so low that a look is old by the time of the next request,
 * that request is the write. */
bool signet_fresh_is_outdated(const signet_call *call)
{
  const signet_account *account = call->account;
  bool next = call->urgent && call->next_request == requests_of(account);
  return !next && is_old(account, call->looked_ms) &&
         signet_clock_boot_ms() - call->looked_ms >= MOMENT_MS;
}

void signet_fresh_look_again(signet_call *call)
{
  call->relooking = true;
  wait_for_entry(call);
}

/* ---- the account ---- */

void signet_fresh_open(signet_account *account)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_fresh *fresh = &account->fresh[kind];
    fresh->account = account;
    fresh->kind = kind;
    fresh->read_ms = -1;
    fresh->post = (signet_post){.function = look, .user = fresh};
  }
}

void signet_fresh_drop(signet_account *account)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_images_free(&account->fresh[kind].now);
    account->fresh[kind].read_ms = -1;
  }
}

void signet_fresh_close(signet_account *account)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_fresh *fresh = &account->fresh[kind];
    signet_loop_unpost(account->loop, &fresh->post);
    if (fresh->step.active)
      account->backend->cancel(account, &fresh->step);
    signet_step_clear(&fresh->step);
    signet_images_free(&fresh->now);
  }
}

void signet_account_distrust(signet_account *account)
{
  account->distrust_ms = signet_clock_boot_ms();
}
