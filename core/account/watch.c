/* SPDX-License-Identifier: MIT */
/* Everyone who waits for entries of a kind shares one list call a tick: those
 * who wait for a review, and those who look for what they just created. */
#include "account/account.h"
#include "account/id_index.h"
#include "account/pool.h"
#include "account/retry.h"
#include "account/search.h"
#include "account/settle_window.h"
#include "account/shrunk.h"
#include "account/watch_plan.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <string.h>

/* Lists that fail before a search gives up: within some ten seconds
 * (watch_plan.h). */
enum { SEARCH_TRIES = 6 };

/* Nobody keeps a connection for so long who only waits. */
enum { PARTING_MS = 2000 };

static void on_list(void *user);

static void start_list(signet_watch *watch)
{
  signet_step_clear(&watch->step);
  signet_error_init(&watch->error);
  signet_step_init(&watch->step, &watch->error);
  watch->step.request.verb = SIGNET_LIST;
  watch->step.request.kind = watch->kind;
  watch->step.done = on_list;
  watch->step.user = watch;
  watch->round++;
  watch->written = false;
  watch->again_due = INT64_MAX;
  watch->last_start = signet_loop_now(watch->account->loop);
  watch->review_turn =
      watch->reviews > 0 && watch->review_due <= watch->last_start;
  watch->step.request.parting =
      watch->searches == 0 && watch->interval_ms >= PARTING_MS;
  watch->account->backend->start(watch->account, &watch->step);
}

/* Ends the search for what a create came to: either the service has said that
 * it was created, or not even that is known. */
static void end_search(signet_call *call, const char *reason)
{
  call->error.outcome = SIGNET_OUTCOME_UNKNOWN;
  signet_call_fail(call, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   call->write.created
                       ? "it was created, but its id could not be read back: "
                         "%.300s"
                       : "it is unknown whether it was created, and that could "
                         "not be read back: %.300s",
                   reason);
}

/* Without a timer nobody would ever look again. */
static void give_up(signet_watch *watch)
{
  signet_call *next;
  for (signet_call *call = watch->first; call != NULL; call = next) {
    next = call->queue.next;
    if (call->verb == SIGNET_CREATE)
      end_search(call, "out of memory");
    else
      signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  }
}

/* When somebody wants to see the next list; INT64_MAX: nobody does. */
static int64_t next_due(const signet_watch *watch)
{
  int64_t due = INT64_MAX;
  if (watch->reviews > 0)
    due = watch->review_due;
  if (watch->searches > 0 && watch->search_due < due)
    due = watch->search_due;
  if (watch->first != NULL && watch->again_due < due)
    due = watch->again_due;
  return due;
}

static void on_timer(void *user);

static bool is_busy(const signet_watch *watch)
{
  return watch->step.active || watch->reading != NULL;
}

/* Sets the timer to fire in time for the next list. */
static void schedule(signet_watch *watch)
{
  int64_t now = signet_loop_now(watch->account->loop);
  int64_t due = next_due(watch);
  if (is_busy(watch) || due == INT64_MAX)
    return; /* the running list's end schedules the next */
  if (watch->timer != NULL && watch->due <= due)
    return;
  signet_timer_cancel(watch->timer);
  watch->due = due;
  watch->timer = signet_timer_start(watch->account->loop,
                                    due > now ? due - now : 0, on_timer, watch);
  if (watch->timer == NULL)
    give_up(watch);
}

/* Whoever wanted the list may be gone. */
static void on_timer(void *user)
{
  signet_watch *watch = user;
  watch->timer = NULL;
  if (is_busy(watch))
    return;
  if (next_due(watch) <= signet_loop_now(watch->account->loop))
    start_list(watch);
  else
    schedule(watch);
}

void signet_watch_observe(signet_account *account, signet_kind kind,
                          void (*observer)(void *user, const signet_list *list),
                          void *user)
{
  account->kinds[kind].watch.observer = observer;
  account->kinds[kind].watch.observer_user = user;
}

static void show_list(signet_watch *watch)
{
  signet_id_index index;
  signet_call *next;
  if (watch->observer != NULL)
    watch->observer(watch->observer_user, watch->step.result.list);
  signet_id_index_make(&index, watch->step.result.list,
                       watch->reviews + watch->searches);
  for (signet_call *call = watch->first; call != NULL; call = next) {
    next = call->queue.next;
    if (call->queue.round > watch->round)
      continue; /* it came after this list was asked for */
    if (call->verb == SIGNET_WAIT)
      call->queue.look(call, watch->step.result.list,
                       signet_id_index_find(&index, call->id));
    else
      call->queue.look(
          call, watch->whole != NULL ? watch->whole : watch->step.result.list,
          NULL);
  }
  signet_memory_free(index.slots);
}

/* Whether a create is to be looked for once more. */
static bool searches_on(const signet_watch *watch, signet_call *call)
{
  if (watch->account->held)
    return false;
  if (call->queue.round > watch->round)
    return true; /* it came after this list was asked for */
  return ++call->queue.failures < SEARCH_TRIES &&
         watch->search_failures < SEARCH_TRIES;
}

/* One failed list is no reason to stop waiting, unless it would always fail;
 * who looks for what it created gives up after a few. */
static void show_failure(signet_watch *watch)
{
  bool final = watch->error.kind == SIGNET_ERROR_AUTH ||
               watch->error.kind == SIGNET_ERROR_UNSUPPORTED ||
               watch->error.kind == SIGNET_ERROR_CONFIGURATION ||
               watch->error.kind == SIGNET_ERROR_LIMIT ||
               watch->error.kind == SIGNET_ERROR_REFUSED;
  signet_call *next;
  for (signet_call *call = watch->first; call != NULL; call = next) {
    next = call->queue.next;
    bool create = call->verb == SIGNET_CREATE;
    if (!final && (!create || searches_on(watch, call)))
      continue;
    call->error = watch->error;
    if (create)
      end_search(call, watch->error.message);
    else
      signet_call_finish(call);
  }
}

static void look_soon(signet_watch *watch, int64_t pause_ms)
{
  int64_t due = signet_loop_now(watch->account->loop) + pause_ms;
  if (due < watch->again_due)
    watch->again_due = due;
}

bool signet_watch_looks_again(signet_call *call)
{
  signet_account *account = call->account;
  bool own = signet_made_is_own(account, call->kind, call->id);
  int64_t settle_ms = account->settings.settle_ms;
  int64_t patience_ms = own ? signet_window_span(account) : settle_ms;
  int64_t now_ms = signet_clock_boot_ms();
  bool first = call->queue.failures++ == 0;
  if (first)
    call->settle.look_began = now_ms;
  int64_t left_ms = call->settle.look_began + patience_ms - now_ms;
  if (account->held || account->overlay != NULL || (!first && left_ms <= 0))
    return false;
  look_soon(&account->kinds[call->kind].watch,
            left_ms < settle_ms || !first ? left_ms : settle_ms);
  return true;
}

/* Nobody is shown a list that is too short, unless it stays so. */
static bool is_short(signet_watch *watch)
{
  signet_account *account = watch->account;
  int64_t listed = watch->step.result.listed;
  if (watch->error.kind != SIGNET_OK || watch->step.overlaid)
    return false;
  if (!signet_shrunk_is(account, watch->kind, listed)) {
    signet_shrunk_note(account, watch->kind, listed);
    watch->short_lists = 0;
    return false;
  }
  if (++watch->short_lists < SIGNET_SHORT_LOOKS && !account->held) {
    look_soon(watch, signet_shrunk_pause(account, watch->short_lists));
    return true;
  }
  signet_shrunk_refuse(account, watch->kind, listed, &watch->error);
  watch->short_lists = 0;
  return false;
}

static void plan_on(signet_watch *watch)
{
  signet_step_clear(&watch->step);
  signet_watch_plan_review(watch);
  schedule(watch);
}

/* What reading the list took, and telling those who wait. */
static void show_and_measure(signet_watch *watch)
{
  int64_t began = signet_clock_processor_ns();
  show_list(watch);
  watch->cost_ms =
      (watch->step.http.parsing_ns + signet_clock_processor_ns() - began) /
      1000000;
}

/* What the list says is shown, or that there is none. */
static void end_list(signet_watch *watch)
{
  if (watch->error.kind == SIGNET_OK && watch->step.result.list != NULL) {
    signet_watch_plan_first_search(watch);
    show_and_measure(watch);
  } else {
    if (watch->searches > 0)
      watch->search_failures++;
    signet_watch_plan_next_search(watch);
    show_failure(watch);
  }
  signet_list_release(watch->whole);
  watch->whole = NULL;
  plan_on(watch);
}

static void on_search(void *user, signet_list *whole, const signet_error *error)
{
  signet_watch *watch = user;
  watch->reading = NULL;
  if (whole != NULL)
    watch->whole = signet_list_retain(whole);
  else
    watch->error = *error;
  end_list(watch);
}

static void on_list(void *user)
{
  signet_watch *watch = user;
  if (is_short(watch)) {
    signet_watch_plan_next_search(watch);
    plan_on(watch);
    return;
  }
  if (watch->error.kind == SIGNET_OK && watch->step.result.list != NULL &&
      signet_search_is_needed(watch)) {
    watch->reading = signet_search_start(watch, on_search, watch);
    if (watch->reading != NULL)
      return;
    signet_error_set(&watch->error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  end_list(watch);
}

static void on_deadline(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  signet_call_fail(call, SIGNET_ERROR_TIMEOUT,
                   "its review did not come to an end in the time given");
}

bool signet_watch_set_deadline(signet_call *call, int64_t timeout_ms)
{
  if (timeout_ms < 0)
    return true;
  call->deadline =
      signet_timer_start(call->loop, timeout_ms, on_deadline, call);
  return call->deadline != NULL;
}

static void link_call(signet_watch *watch, signet_call *call)
{
  call->queue.round = watch->round + 1;
  call->queue.failures = 0;
  call->queue.next = NULL;
  call->queue.previous = watch->last;
  if (watch->last != NULL)
    watch->last->queue.next = call;
  else
    watch->first = call;
  watch->last = call;
}

/* The first look is at once, unless something was written since the last list:
 * who writes and waits, entry by entry, would ask for a list each time, and a
 * review takes longer than that. Nor does a long list come each time that a
 * review among many is decided. */
static void add_review(signet_watch *watch)
{
  int64_t due = signet_loop_now(watch->account->loop);
  int64_t earliest = watch->last_start + signet_watch_least_interval(watch);
  if (watch->round > 0 && watch->written && earliest > due)
    due = earliest;
  if (watch->reviews++ == 0 || due < watch->review_due)
    watch->review_due = due;
}

static void leave(signet_call *call)
{
  signet_watch *watch = &call->account->kinds[call->kind].watch;
  if (call->verb == SIGNET_CREATE)
    watch->searches--;
  else
    watch->reviews--;
  if (call->queue.previous != NULL)
    call->queue.previous->queue.next = call->queue.next;
  else
    watch->first = call->queue.next;
  if (call->queue.next != NULL)
    call->queue.next->queue.previous = call->queue.previous;
  else
    watch->last = call->queue.previous;
}

void signet_watch_add(signet_call *call, signet_call_phase phase,
                      signet_look_fn look)
{
  signet_watch *watch = &call->account->kinds[call->kind].watch;
  signet_call_enter(call, phase, leave);
  call->queue.look = look;
  link_call(watch, call);
  if (call->verb == SIGNET_CREATE) {
    watch->searches++;
    signet_watch_plan_search(watch);
  } else {
    add_review(watch);
  }
  if (call->account->held && watch->search_failures > 0)
    signet_call_cancel(call);
  else
    schedule(watch);
}

/* Whether a list has shown each of them that its review is not decided. */
static bool has_looked(const signet_watch *watch)
{
  if (watch->searches > 0 || is_busy(watch) || watch->again_due != INT64_MAX)
    return false;
  for (const signet_call *call = watch->first; call != NULL;
       call = call->queue.next)
    if (call->queue.round > watch->round)
      return false;
  return true;
}

size_t signet_account_awaits_reviews(const signet_account *account)
{
  size_t waiting = 0;
  if (!has_looked(&account->kinds[SIGNET_SIGN].watch) ||
      !has_looked(&account->kinds[SIGNET_TEMPLATE].watch))
    return 0;
  for (const signet_call *call = account->first; call != NULL;
       call = call->next) {
    if (!signet_call_watches(call))
      return 0;
    waiting++;
  }
  return waiting;
}

/* Whether the list is in flight, or will be at once. */
static bool is_asked_for(const signet_watch *watch, bool away)
{
  const signet_step *step = &watch->step;
  if (watch->reading != NULL)
    return !away;
  if (!step->active || !watch->account->backend->is_queued(step))
    return step->active;
  return !away && !signet_retry_repeats(step);
}

void signet_watch_hold(signet_watch *watch, bool away)
{
  if (is_asked_for(watch, away) ||
      (!is_busy(watch) && !away && watch->search_failures == 0))
    return;
  while (watch->first != NULL)
    signet_call_cancel(watch->first);
  signet_watch_stop(watch);
}

void signet_watch_look_now(signet_watch *watch)
{
  int64_t now = signet_loop_now(watch->account->loop);
  if (watch->review_due > now)
    watch->review_due = now;
  if (watch->search_due > now)
    watch->search_due = now;
  watch->interval_ms = watch->account->settings.poll_interval_ms;
  schedule(watch);
}

void signet_watch_stop(signet_watch *watch)
{
  signet_timer_cancel(watch->timer);
  watch->timer = NULL;
  signet_search_stop(watch->reading);
  watch->reading = NULL;
  if (watch->step.active)
    watch->account->backend->cancel(watch->account, &watch->step);
  signet_step_clear(&watch->step);
}
