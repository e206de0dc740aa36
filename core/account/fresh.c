/* SPDX-License-Identifier: MIT */
#include "account/fresh.h"

#include "account/account.h"
#include "account/check.h"
#include "account/kept.h"
#include "account/pool.h"
#include "account/protect.h"
#include "account/reading.h"
#include "account/recorder.h"
#include "account/rests.h"
#include "account/same.h"
#include "account/shrunk.h"
#include "account/template.h"
#include "account/times.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "model/memory.h"
#include "net/post.h"
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

static bool is_copy(const signet_account *account)
{
  const signet_backend *backend = account->backend;
  return backend->is_copy != NULL && backend->is_copy(account);
}

static bool completes(const signet_call *call)
{
  return call->kind == SIGNET_TEMPLATE && call->verb == SIGNET_UPDATE &&
         !signet_template_is_complete(call->fields);
}

bool signet_fresh_expect(signet_call *call, const char *record)
{
  call->basis.expected = signet_record_list(call->kind, record);
  if (call->basis.expected != NULL)
    return true;
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                   "the record that is expected is no JSON object");
  return false;
}

/* ---- what is known of the entry ---- */

static signet_own_view shows_own(const signet_call *call,
                                 const signet_record *record)
{
  return signet_own_look(call->account, call->kind, call->id, record);
}

/* A list that lags behind a write of this run is nothing to rest on. */
static const signet_record *image_of(const signet_call *call, int64_t *read_ms)
{
  const signet_record *image = signet_images_find(
      &call->account->kinds[call->kind].images, call->id, read_ms);
  return image != NULL && shows_own(call, image) != SIGNET_OWN_LAGS ? image
                                                                    : NULL;
}

/* What the caller saw; NULL: nothing. */
static const signet_record *base_of(const signet_call *call, int64_t *read_ms)
{
  *read_ms = -1;
  if (call->basis.seen != NULL) {
    *read_ms = call->basis.seen_ms;
    return call->basis.seen;
  }
  if (call->basis.expected != NULL)
    return signet_list_at(call->basis.expected, 0);
  return image_of(call, read_ms);
}

/* Whether a write waits in a queue before it is sent, and may look again. */
static bool may_look_again(const signet_call *call)
{
  return signet_kept_grows_old(call->account) && call->account->http != NULL;
}

static bool copy_seen(signet_call *call, const signet_record *record)
{
  call->basis.expected = signet_list_new(call->kind);
  if (call->basis.expected == NULL ||
      !signet_list_copy(call->basis.expected, record))
    return false;
  signet_list_seal(call->basis.expected);
  call->basis.seen = signet_list_at(call->basis.expected, 0);
  return true;
}

/* Whether what the write rests on shows all that the entry does: a list may
 * show less, and the write is completed from the entry. */
static bool holds_all(const signet_call *call, const signet_record *now)
{
  const signet_record *held = call->basis.seen != NULL
                                  ? call->basis.seen
                                  : signet_list_at(call->basis.expected, 0);
  return signet_entry_is_whole(call->kind, held) ||
         !signet_entry_is_whole(call->kind, now);
}

/* Once it is sent, images of its entry are forgotten. @return false: out of
 * memory, and the call has ended */
static bool hold_seen(signet_call *call, const signet_record *now,
                      int64_t now_ms)
{
  call->basis.looked_ms = now_ms;
  if (call->basis.expected == NULL)
    call->basis.seen =
        signet_images_hold(&call->account->kinds[call->kind].images, call->id,
                           &call->basis.seen_ms, &call->basis.expected);
  if (call->basis.expected != NULL &&
      (call->basis.seen == now || holds_all(call, now)))
    return true;
  call->basis.seen_ms = now_ms;
  signet_list *former = call->basis.expected;
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
  bool own = call->write.attempts > 0 && call->verb == SIGNET_UPDATE &&
             signet_entry_is_same(call->kind, call->fields, now);
  call->basis.relooking = false;
  call->basis.looked_ms = signet_clock_boot_ms();
  if (signet_check_held(call) ||
      (base != NULL && !own && signet_rests_refuse(call, base, now, read_ms)))
    return;
  call->basis.urgent = true;
  call->basis.next_request = requests_of(call->account);
  call->write.send(call);
}

static void judge(signet_call *call, const signet_record *now, int64_t now_ms)
{
  int64_t read_ms;
  if (call->basis.relooking) {
    judge_again(call, now);
    return;
  }
  const signet_record *base = base_of(call, &read_ms);
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  if (signet_check_held(call) || !signet_rests_complete(call, now) ||
      signet_rests_unchanged(call, now))
    return;
  bool checks =
      call->basis.expected != NULL || signet_kept_grows_old(call->account);
  if ((checks && base != NULL && base != now &&
       signet_rests_refuse(call, base, now, read_ms)) ||
      (checks && call->basis.expected == NULL &&
       signet_rests_refuse_outdated(call, now, base != NULL)) ||
      (call->basis.completed && signet_check_pending(call, now)) ||
      (may_look_again(call) && !hold_seen(call, now, now_ms)))
    return;
  call->write.decided(call, now);
}

/* Completed from an entry as it was, an update would take back what this run
 * has written. */
static void refuse_lagging(signet_call *call)
{
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_CONFLICT,
                   "the service doesn't show yet what was written to it "
                   "before; nothing was sent: try it again later");
}

/* Whether a list has shown this run that the review of what it wrote has ended,
 * and the entry itself doesn't show that yet. */
static bool is_in_review_still(const signet_call *call,
                               const signet_record *now)
{
  int64_t read_ms;
  const signet_record *base = base_of(call, &read_ms);
  return base != NULL &&
         signet_own_is_recent(call->account, call->kind, call->id) &&
         signet_record_integer(now, "status", 0) == SIGNET_STATUS_PENDING &&
         signet_record_integer(base, "status", 0) != SIGNET_STATUS_PENDING &&
         signet_record_updated_at(now) <= signet_record_updated_at(base) &&
         signet_entry_same_content(call->kind, base, now);
}

/* An entry may be shown as it was before a write of this run. */
static void on_record(signet_call *call)
{
  int64_t read_ms;
  signet_list *list = call->step->result.list;
  const signet_record *now = signet_list_at(list, 0);
  signet_own_view view = shows_own(call, now);
  signet_images_note(&call->account->kinds[call->kind].images, list,
                     ++call->account->order);
  if (view == SIGNET_OWN_LAGS || is_in_review_still(call, now))
    signet_call_read_again(call);
  else if (view == SIGNET_OWN_NEVER && completes(call) &&
           base_of(call, &read_ms) == NULL)
    refuse_lagging(call);
  else
    judge(call, now, call->read_ms);
}

static void read_one(signet_call *call)
{
  signet_call_read(call, SIGNET_GET, on_record);
}

/* ---- one list for all ---- */

static void on_list(void *user);

static void start_list(signet_fresh *fresh)
{
  signet_error_init(&fresh->error);
  signet_step_init(&fresh->step, &fresh->error);
  fresh->step.request.verb = SIGNET_LIST;
  fresh->step.request.kind = fresh->kind;
  fresh->step.done = on_list;
  fresh->step.user = fresh;
  fresh->round++;
  fresh->order = ++fresh->account->order;
  fresh->account->backend->start(fresh->account, &fresh->step);
}

/* The service says that what is shown now is younger. */
static bool is_newer(const signet_record *now, const signet_record *base)
{
  int64_t then = signet_record_updated_at(base);
  return then > 0 && signet_record_updated_at(now) > then;
}

/* What the list shows of the entry, if that is enough to go on with: where it
 * isn't there, shows less than the entry or something else than was seen, or
 * was written since, the entry itself is asked. A list may lag behind; where it
 * shows a later change it doesn't, and the entry itself may. */
static const signet_record *listed(const signet_call *call)
{
  int64_t read_ms;
  const signet_fresh *fresh = &call->account->kinds[call->kind].fresh;
  const signet_record *now = signet_images_find(&fresh->now, call->id, NULL);
  if (now == NULL || !signet_entry_is_whole(call->kind, now) ||
      completes(call) || shows_own(call, now) != SIGNET_OWN_SHOWN ||
      signet_images_written(&call->account->kinds[call->kind].images, call->id,
                            fresh->order))
    return NULL;
  const signet_record *base = base_of(call, &read_ms);
  return base == NULL || signet_rests_holds(call, base, now) ||
                 is_newer(now, base)
             ? now
             : NULL;
}

static void serve_one(signet_call *call)
{
  signet_call_leave(call);
  const signet_record *now = listed(call);
  if (now != NULL)
    judge(call, now, call->account->kinds[call->kind].fresh.read_ms);
  else
    read_one(call);
}

/* Whoever came after the list had begun is served by it too, unless the list
 * is too old for that: then it waits for the next one. */
static void serve(signet_fresh *fresh)
{
  signet_call *next;
  bool old = signet_kept_is_old(fresh->account, fresh->read_ms);
  for (signet_call *call = fresh->first; call != NULL; call = next) {
    next = call->queue.next;
    if (!old || call->queue.round < fresh->round)
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
    next = call->queue.next;
    signet_call_leave(call);
    read_one(call);
  }
}

/* How many entries a list would tell of: those that are wanted now, and those
 * that come while it is believed, of which a part has passed when it is there.
 * As many come as in the last while of that length. */
static size_t served_by_list(const signet_fresh *fresh)
{
  int64_t fresh_ms = fresh->account->settings.fresh_ms;
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
  int64_t entries = fresh->account->kinds[fresh->kind].listed;
  return fresh->waiting >= FEWEST_FOR_LIST && entries >= 0 && !fresh->partial &&
         (int64_t)served_by_list(fresh) > 1 + entries / ENTRIES_A_READ;
}

static void look(void *user)
{
  signet_fresh *fresh = user;
  if (fresh->step.active || fresh->first == NULL)
    return;
  if (fresh->read_ms >= 0 &&
      !signet_kept_is_old(fresh->account, fresh->read_ms)) {
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
  signet_list *list =
      fresh->error.kind == SIGNET_OK ? fresh->step.result.list : NULL;
  signet_images_free(&fresh->now);
  if (list != NULL) {
    fresh->partial = shows_less(fresh->kind, list);
    fresh->took_ms = fresh->step.http.exchange.taken_ms;
    fresh->read_ms = signet_clock_boot_ms() - fresh->took_ms;
    uint64_t order = ++account->order;
    signet_images_keep(&fresh->now, list, order, fresh->read_ms);
    signet_images_note(&account->kinds[fresh->kind].images, list, order);
    if (!signet_shrunk_is(account, fresh->kind, fresh->step.result.listed))
      signet_shrunk_note(account, fresh->kind, fresh->step.result.listed);
    if (fresh->step.result.listed > account->kinds[fresh->kind].listed)
      account->kinds[fresh->kind].listed = fresh->step.result.listed;
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
  int64_t fresh_ms = fresh->account->settings.fresh_ms;
  if (age_ms >= fresh_ms) {
    fresh->wanted_before = age_ms < 2 * fresh_ms ? fresh->wanted : 0;
    fresh->wanted_since = now;
    fresh->wanted = 0;
    fresh->took_ms -= fresh->took_ms / FORGETTING; /* it may be faster by now */
  }
  fresh->wanted++;
}

static void leave(signet_call *call)
{
  signet_fresh *fresh = &call->account->kinds[call->kind].fresh;
  fresh->waiting--;
  if (call->queue.previous != NULL)
    call->queue.previous->queue.next = call->queue.next;
  else
    fresh->first = call->queue.next;
  if (call->queue.next != NULL)
    call->queue.next->queue.previous = call->queue.previous;
  else
    fresh->last = call->queue.previous;
}

static void wait_for_entry(signet_call *call)
{
  signet_fresh *fresh = &call->account->kinds[call->kind].fresh;
  signet_call_enter(call, SIGNET_CALL_SHARED_READ, leave);
  call->queue.round = fresh->round;
  call->queue.next = NULL;
  call->queue.previous = fresh->last;
  if (fresh->last != NULL)
    fresh->last->queue.next = call;
  else
    fresh->first = call;
  fresh->last = call;
  fresh->waiting++;
  count_wanted(fresh);
  signet_loop_post(call->loop, &fresh->post);
}

/* Whether the entry as it was is wanted even where nobody saw it. To ask a copy
 * whether an update changes anything costs nothing, once it is made. */
static bool needs_record(const signet_call *call)
{
  const signet_account *account = call->account;
  return (account->recorder != NULL && account->recorder->before_images) ||
         signet_protect_reads(call) ||
         (call->verb == SIGNET_UPDATE && is_copy(account));
}

void signet_fresh_begin(signet_call *call)
{
  int64_t read_ms;
  const signet_account *account = call->account;
  if (signet_protect_refuse_id(call))
    return;
  const signet_record *seen = image_of(call, &read_ms);
  bool old = seen == NULL || signet_kept_is_old(account, read_ms);
  bool completing = completes(call);
  if (!completing && !old && signet_entry_is_whole(call->kind, seen))
    judge(call, seen, read_ms);
  else if (!completing && seen == NULL && call->basis.expected == NULL &&
           !needs_record(call))
    call->write.decided(call, NULL);
  else if (completing || has_overlay(account))
    read_one(call);
  else
    wait_for_entry(call);
}

void signet_fresh_again(signet_call *call)
{
  if (call->basis.expected == NULL && call->write.before != NULL)
    call->basis.expected = signet_record_list(call->kind, call->write.before);
  signet_memory_free(call->write.before);
  call->write.before = NULL;
  wait_for_entry(call);
}

/* Where the rate is so low that a look is old by the time of the next request,
 * that request is the write. */
bool signet_fresh_is_outdated(const signet_call *call)
{
  const signet_account *account = call->account;
  bool next =
      call->basis.urgent && call->basis.next_request == requests_of(account);
  return !next && signet_kept_is_old(account, call->basis.looked_ms) &&
         signet_clock_boot_ms() - call->basis.looked_ms >= MOMENT_MS;
}

void signet_fresh_look_again(signet_call *call)
{
  call->basis.relooking = true;
  wait_for_entry(call);
}

/* ---- the account ---- */

void signet_fresh_open(signet_account *account)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_fresh *fresh = &account->kinds[kind].fresh;
    fresh->account = account;
    fresh->kind = kind;
    fresh->read_ms = -1;
    fresh->post = (signet_post){.function = look, .user = fresh};
  }
}

void signet_fresh_close(signet_account *account)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_fresh *fresh = &account->kinds[kind].fresh;
    signet_loop_unpost(account->loop, &fresh->post);
    if (fresh->step.active)
      account->backend->cancel(account, &fresh->step);
    signet_step_clear(&fresh->step);
    signet_images_free(&fresh->now);
  }
}
