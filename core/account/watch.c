/* SPDX-License-Identifier: MIT */
/* Everyone who waits for entries of a kind shares one list call a tick: those
 * who wait for a review, and those who look for what they just created. */
#include "account/recorder.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "overlay/overlay.h"

#include <string.h>
#include <time.h>

enum { INTERVAL_GROWTH = 30, LOOKUP_TRIES = 3, INDEX_FROM = 4 };

/* A list takes at most so much of a processor: of a hundred thousand entries
 * it comes less often than of a hundred. */
enum { PROCESSOR_SHARE = 100 };

/* A list's records by id, for when many wait. */
typedef struct id_index {
  const signet_list *list;
  const signet_record **slots; /* NULL: few wait, search from the start */
  size_t mask;
} id_index;

static void index_add(id_index *index, const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  size_t at =
      signet_id_hash(signet_record_id(record, id, sizeof id)) & index->mask;
  while (index->slots[at] != NULL)
    at = (at + 1) & index->mask;
  index->slots[at] = record;
}

static void index_make(id_index *index, const signet_list *list, size_t waiting)
{
  size_t count = signet_list_count(list);
  size_t size = 16;
  *index = (id_index){.list = list};
  if (waiting < INDEX_FROM)
    return;
  while (size < count * 2)
    size *= 2;
  index->slots = signet_memory_zeroed(size, sizeof index->slots[0]);
  index->mask = size - 1;
  for (size_t i = 0; index->slots != NULL && i < count; i++)
    index_add(index, signet_list_at(list, i));
}

static bool has_id(const signet_record *record, const char *id)
{
  char own[SIGNET_ID_SIZE];
  return strcmp(signet_record_id(record, own, sizeof own), id) == 0;
}

static const signet_record *index_find(const id_index *index, const char *id)
{
  if (index->slots != NULL) {
    size_t at = signet_id_hash(id) & index->mask;
    for (; index->slots[at] != NULL; at = (at + 1) & index->mask)
      if (has_id(index->slots[at], id))
        return index->slots[at];
    return NULL;
  }
  for (size_t i = 0; i < signet_list_count(index->list); i++)
    if (has_id(signet_list_at(index->list, i), id))
      return signet_list_at(index->list, i);
  return NULL;
}

static int64_t processor_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void on_list(void *user);

static void start_list(void *user)
{
  signet_watch *watch = user;
  watch->timer = NULL;
  if (watch->first == NULL || watch->step.active)
    return;
  signet_step_clear(&watch->step);
  signet_error_init(&watch->error);
  signet_step_init(&watch->step, &watch->error);
  watch->step.verb = SIGNET_LIST;
  watch->step.kind = watch->kind;
  watch->step.done = on_list;
  watch->step.user = watch;
  watch->round++;
  watch->last_start = signet_loop_now(watch->account->loop);
  watch->processor_ns = processor_now();
  watch->account->backend->start(watch->account, &watch->step);
}

/* Ends the search for what a create came to: either the service has said that
 * it was created, or not even that is known. */
static void end_search(signet_call *call, const char *reason)
{
  call->error.outcome = SIGNET_OUTCOME_UNKNOWN;
  signet_call_fail(call, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   call->created
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
    next = call->watch_next;
    if (call->verb == SIGNET_CREATE) {
      end_search(call, "out of memory");
    } else {
      signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
    }
  }
}

/* Sets the timer to fire at `due` at the latest. */
static void schedule(signet_watch *watch, int64_t due)
{
  if (watch->step.active)
    return; /* its end schedules the next */
  if (watch->timer != NULL && watch->due <= due)
    return;
  signet_timer_cancel(watch->timer);
  watch->due = due;
  watch->timer = signet_timer_start(watch->account->loop,
                                    due - signet_loop_now(watch->account->loop),
                                    start_list, watch);
  if (watch->timer == NULL)
    give_up(watch);
}

static void schedule_next(signet_watch *watch)
{
  int64_t now = signet_loop_now(watch->account->loop);
  int64_t base = watch->account->poll_interval_ms;
  if (watch->first == NULL) {
    watch->interval_ms = base;
    return;
  }
  for (signet_call *call = watch->first; call != NULL; call = call->watch_next)
    if (call->verb == SIGNET_CREATE && call->watch_failures == 0) {
      schedule(watch, now);
      return;
    }
  int64_t cost_ms = (processor_now() - watch->processor_ns) / 1000000;
  if (watch->interval_ms < cost_ms * PROCESSOR_SHARE)
    watch->interval_ms = cost_ms * PROCESSOR_SHARE;
  if (watch->interval_ms > base * INTERVAL_GROWTH)
    watch->interval_ms = base * INTERVAL_GROWTH;
  schedule(watch, now + watch->interval_ms);
  watch->interval_ms += (watch->interval_ms + 1) / 2;
  if (watch->interval_ms > base * INTERVAL_GROWTH)
    watch->interval_ms = base * INTERVAL_GROWTH;
}

static size_t count_waiting(const signet_watch *watch)
{
  size_t count = 0;
  for (signet_call *call = watch->first; call != NULL; call = call->watch_next)
    count++;
  return count;
}

static void show_list(signet_watch *watch)
{
  id_index index;
  signet_call *next;
  index_make(&index, watch->step.list, count_waiting(watch));
  for (signet_call *call = watch->first; call != NULL; call = next) {
    next = call->watch_next;
    if (call->watch_round > watch->round)
      continue; /* it came after this list was asked for */
    const signet_record *record = NULL;
    if (call->verb == SIGNET_WAIT)
      record = index_find(&index, call->id);
    signet_call_look(call, watch->step.list, record);
  }
  signet_memory_free(index.slots);
}

/* One failed list is no reason to stop waiting, unless it would always fail;
 * who looks for what it created gives up after a few. */
static void show_failure(signet_watch *watch)
{
  bool final = watch->error.kind == SIGNET_ERROR_AUTH ||
               watch->error.kind == SIGNET_ERROR_UNSUPPORTED ||
               watch->error.kind == SIGNET_ERROR_CONFIGURATION ||
               watch->error.kind == SIGNET_ERROR_LIMIT;
  signet_call *next;
  for (signet_call *call = watch->first; call != NULL; call = next) {
    next = call->watch_next;
    call->watch_failures++;
    bool created = call->verb == SIGNET_CREATE;
    if (!final && (!created || call->watch_failures < LOOKUP_TRIES))
      continue;
    call->error = watch->error;
    if (created)
      end_search(call, watch->error.message);
    else
      signet_call_finish(call);
  }
}

static void on_list(void *user)
{
  signet_watch *watch = user;
  if (watch->error.kind == SIGNET_OK && watch->step.list != NULL)
    show_list(watch);
  else
    show_failure(watch);
  signet_step_clear(&watch->step);
  schedule_next(watch);
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

void signet_watch_add(signet_call *call, bool urgent)
{
  signet_watch *watch = &call->account->watches[call->kind];
  int64_t now = signet_loop_now(call->loop);
  call->watching = true;
  call->watch_round = watch->round + 1;
  call->watch_next = NULL;
  call->watch_previous = watch->last;
  if (watch->last != NULL)
    watch->last->watch_next = call;
  else
    watch->first = call;
  watch->last = call;
  int64_t due = now;
  if (!urgent && watch->round > 0 &&
      watch->last_start + call->account->poll_interval_ms > now)
    due = watch->last_start + call->account->poll_interval_ms;
  schedule(watch, due);
}

void signet_watch_remove(signet_call *call)
{
  signet_timer_cancel(call->deadline);
  call->deadline = NULL;
  if (call->simulated)
    signet_overlay_forget(call);
  if (!call->watching)
    return;
  signet_watch *watch = &call->account->watches[call->kind];
  call->watching = false;
  if (call->watch_previous != NULL)
    call->watch_previous->watch_next = call->watch_next;
  else
    watch->first = call->watch_next;
  if (call->watch_next != NULL)
    call->watch_next->watch_previous = call->watch_previous;
  else
    watch->last = call->watch_previous;
}

void signet_watch_stop(signet_watch *watch)
{
  signet_timer_cancel(watch->timer);
  watch->timer = NULL;
  if (watch->step.active)
    watch->account->backend->cancel(watch->account, &watch->step);
  signet_step_clear(&watch->step);
}
