/* SPDX-License-Identifier: MIT */
/*
 * The simulated reviewer. Nobody waits in a dry run: when nothing but waiting
 * is left to do, the copy's clock jumps by a day, and every entry that was
 * written or is waited for is decided. So those who wait at the same time share
 * a round, as they would share the reviewers' day.
 */
#include "overlay/reviewer.h"

#include "account/account.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "overlay/copy.h"
#include "overlay/log.h"
#include "world/entry.h"
#include "world/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const int64_t REVIEW_MS = INT64_C(86400000);

/* A run's tasks take a few turns of the loop from one step to the next. */
enum { QUIET_TURNS = 3 };

static void on_timer(void *user);

static void fail_for_memory(signet_overlay *overlay)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_overlay_fail_waiting(overlay, &error);
}

static void set_timer(signet_overlay *overlay)
{
  overlay->seen = overlay->activity;
  if (overlay->waiting == NULL || overlay->timer != NULL)
    return;
  overlay->timer = signet_timer_start(overlay->loop, 0, on_timer, overlay);
  if (overlay->timer == NULL)
    fail_for_memory(overlay);
}

void signet_overlay_stir(signet_overlay *overlay)
{
  overlay->activity++;
  overlay->quiet = 0;
  if (overlay->waiting != NULL)
    set_timer(overlay);
}

static void leave(signet_call *call)
{
  signet_overlay *overlay = call->account->overlay;
  if (call->queue.previous != NULL)
    call->queue.previous->queue.next = call->queue.next;
  else
    overlay->waiting = call->queue.next;
  if (call->queue.next != NULL)
    call->queue.next->queue.previous = call->queue.previous;
}

void signet_overlay_fail_waiting(signet_overlay *overlay,
                                 const signet_error *error)
{
  while (overlay->waiting != NULL) {
    overlay->waiting->error = *error;
    signet_call_finish(overlay->waiting);
  }
}

/* ---- decisions ---- */

/* Spreads the rejected evenly: of 20 %, every fifth. */
static int next_status(signet_overlay *overlay)
{
  uint64_t percent = overlay->options.review == SIGNET_REVIEW_REJECT
                         ? overlay->options.reject_percent
                         : 0;
  uint64_t number = overlay->decisions++;
  return (number + 1) * percent / 100 > number * percent / 100
             ? SIGNET_STATUS_REJECTED
             : SIGNET_STATUS_APPROVED;
}

/* The last write to an entry; NULL: there was none. */
static signet_overlay_write *write_of(signet_overlay *overlay,
                                      const signet_entry *entry)
{
  return entry->mark > 0 && entry->mark != SIGNET_OVERLAY_ASSUMED
             ? &overlay->writes[entry->mark - 1]
             : NULL;
}

/* @return false: out of memory, and nothing is decided */
static bool decide(signet_overlay *overlay, signet_entry *entry)
{
  char id[SIGNET_ID_SIZE];
  int status = next_status(overlay);
  snprintf(id, sizeof id, "%" PRId64, entry->id);
  if (!signet_world_review(overlay->world, entry->kind, id, status,
                           status == SIGNET_STATUS_REJECTED
                               ? "rejected by the simulated reviewer"
                               : NULL))
    return false;
  signet_overlay_write *write = write_of(overlay, entry);
  if (write == NULL) {
    entry->mark = SIGNET_OVERLAY_ASSUMED;
    return true;
  }
  write->decision = status;
  write->decided = overlay->jumps;
  return true;
}

/* Signatures first, and each kind by age: however the script came to write
 * them, the same ones are rejected. */
static int by_place(const void *left, const void *right)
{
  const signet_overlay_place *a = left;
  const signet_overlay_place *b = right;
  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  return a->id < b->id ? -1 : a->id > b->id;
}

/* @return false: out of memory */
static bool decide_written(signet_overlay *overlay)
{
  bool good = true;
  size_t count = overlay->undecided_count;
  overlay->undecided_count = 0;
  if (count > 1)
    qsort(overlay->undecided, count, sizeof overlay->undecided[0], by_place);
  for (size_t i = 0; good && i < count; i++) {
    signet_entry *entry = signet_world_find(
        overlay->world, overlay->undecided[i].kind, overlay->undecided[i].id);
    if (entry != NULL && entry->status == SIGNET_STATUS_PENDING)
      good = decide(overlay, entry);
  }
  return good;
}

/* What was pending before the dry run and nobody waits for stays so: a plan
 * that rests on less is applied more easily. @return false: out of memory */
static bool jump(signet_overlay *overlay)
{
  signet_world *world = overlay->world;
  bool good = true;
  overlay->jumps++;
  signet_world_set_time(world, world->now_ms + REVIEW_MS);
  for (signet_call *call = overlay->waiting; good && call != NULL;
       call = call->queue.next) {
    signet_entry *entry = signet_overlay_entry(overlay, call->kind, call->id);
    if (entry != NULL && entry->status == SIGNET_STATUS_PENDING &&
        write_of(overlay, entry) == NULL)
      good = decide(overlay, entry);
  }
  return good && decide_written(overlay);
}

/* ---- who waits ---- */

/* Tells a call what its entry is now. It goes on waiting while that is
 * pending, or is neither what was wanted nor rejected. */
static void show(signet_overlay *overlay, signet_call *call)
{
  const signet_record *record = NULL;
  signet_entry *entry = signet_overlay_entry(overlay, call->kind, call->id);
  signet_list *list = signet_list_new(call->kind);
  if (list != NULL && entry != NULL)
    record = signet_world_record(overlay->world, overlay->dialect, entry, list);
  if (list == NULL || (entry != NULL && record == NULL)) {
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  } else {
    signet_overlay_write *write =
        entry != NULL && entry->status != SIGNET_STATUS_PENDING
            ? write_of(overlay, entry)
            : NULL;
    if (write != NULL) {
      if (!write->awaited)
        write->awaited_from = overlay->write_count;
      write->awaited = true;
    }
    call->queue.look(call, list, record);
  }
  signet_list_release(list);
}

static void look_all(signet_overlay *overlay)
{
  signet_call *next;
  for (signet_call *call = overlay->waiting; call != NULL; call = next) {
    next = call->queue.next;
    show(overlay, call);
  }
}

static void end_waiting(signet_overlay *overlay)
{
  signet_call *next;
  for (signet_call *call = overlay->waiting; call != NULL; call = next) {
    next = call->queue.next;
    signet_call_fail(call, SIGNET_ERROR_TIMEOUT,
                     "the dry run's simulated reviewer leaves it as it is, so "
                     "waiting would never end");
  }
}

static void on_timer(void *user)
{
  signet_overlay *overlay = user;
  overlay->timer = NULL;
  if (overlay->state == SIGNET_OVERLAY_COPYING)
    return; /* its end stirs */
  if (overlay->seen != overlay->activity || ++overlay->quiet < QUIET_TURNS) {
    set_timer(overlay);
    return;
  }
  look_all(overlay);
  if (overlay->waiting == NULL)
    return;
  if (overlay->options.review != SIGNET_REVIEW_NEVER) {
    if (!jump(overlay))
      fail_for_memory(overlay);
    look_all(overlay);
  }
  end_waiting(overlay);
}

void signet_overlay_wait(signet_call *call, signet_look_fn look)
{
  signet_overlay *overlay = call->account->overlay;
  signet_call_enter(call, SIGNET_CALL_SIMULATED_REVIEW, leave);
  call->queue.look = look;
  call->queue.previous = NULL;
  call->queue.next = overlay->waiting;
  if (overlay->waiting != NULL)
    overlay->waiting->queue.previous = call;
  overlay->waiting = call;
  signet_overlay_copy(overlay, call->account);
  if (overlay->state == SIGNET_OVERLAY_COPIED)
    show(overlay, call);
  signet_overlay_stir(overlay);
}
