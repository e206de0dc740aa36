/* SPDX-License-Identifier: MIT */
/*
 * Reviews that steps need. One list of a kind answers all of them: the lists
 * that the account makes while somebody waits, which one call keeps coming; of
 * a park, one list.
 */
#include "job/plan/review.h"
#include "job/plan/awaited.h"
#include "job/plan/fields.h"
#include "job/plan/former.h"
#include "job/plan/graph.h"
#include "job/plan/tell.h"

#include "account/account.h"
#include "account/fresh.h"
#include "account/kept.h"
#include "account/same.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A list may lag behind: so many lack an entry before it is gone, or show it as
 * it was before somebody else is taken to have changed it back. */
enum { MISSED_LISTS = 3 };

static void drive(signet_apply_watch *watch);

static signet_apply_watch *watch_of(signet_plan_apply *apply,
                                    const signet_apply_review *review)
{
  signet_kind kind = signet_apply_step_of(apply, review->step)->kind;
  return &apply->watches[review->of_sign ? SIGNET_SIGN : kind];
}

bool signet_apply_awaits(const signet_plan_apply *apply)
{
  return apply->watches[0].first != NULL || apply->watches[1].first != NULL;
}

/* ---- decisions ---- */

/* Kept only if it is as the plan takes it: another may be put right, and is
 * looked at again by resuming. */
static bool keep(signet_plan_apply *apply, uint32_t step)
{
  size_t count = apply->decided_count;
  if (apply->job == NULL || apply->job->opening.no_journal)
    return true;
  if ((count & (count - 1)) == 0) { /* room grows at powers of two */
    uint32_t *decided = signet_memory_resize(
        apply->decided, count > 0 ? count * 2 : 1, sizeof decided[0]);
    if (decided == NULL)
      return false;
    apply->decided = decided;
  }
  apply->decided[apply->decided_count++] = step;
  return true;
}

static void fail_review(signet_plan_apply *apply, uint32_t step,
                        const char *finding)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan_event event = {.type = SIGNET_PLAN_REVIEWED,
                             .step = signet_apply_step_of(apply, step),
                             .result = SIGNET_STEP_FAILED,
                             .error = &error};
  error.outcome = SIGNET_OUTCOME_APPLIED;
  signet_error_set(&error, SIGNET_ERROR_REJECTED, "the review of step %zu: %s",
                   event.step->number, finding);
  apply->counts.failed++;
  signet_apply_tell(apply, &event);
  signet_apply_review_ended(apply, step, SIGNET_BLOCK_REVIEW);
}

/* A review that was under way before, and that the step waited for, has been
 * decided: approved, or not. */
static void go_on(signet_plan_apply *apply, uint32_t step, bool of_sign,
                  bool approved, const char *finding)
{
  signet_apply_step *at = &apply->steps[step];
  signet_error error = SIGNET_ERROR_INIT;
  at->await_own = at->await_own && of_sign;
  at->await_sign = at->await_sign && !of_sign;
  at->looked = false; /* whatever the review left is compared */
  if (of_sign && !approved) {
    char id[24];
    signet_apply_sign_of(apply, step, id, sizeof id);
    signet_error_set(&error, SIGNET_ERROR_REJECTED,
                     "the signature %s that it is to show: %s", id, finding);
    signet_apply_end_step(apply, step, SIGNET_STEP_FAILED, &error, NULL);
    return;
  }
  signet_apply_enqueue(apply, step);
}

/* @param status  of the entry; 0: it is gone. @param finding  what is said of
 * it where it is not what it should be */
/* What the entry was before its review is no image to compare it with. */
static void forget_image(const signet_apply_review *review)
{
  char id[24];
  signet_plan_apply *apply = review->apply;
  snprintf(id, sizeof id, "%" PRId64, review->id);
  signet_kept_forget(apply->account, watch_of(apply, review)->kind, id);
}

static void decide(signet_apply_review *review, int64_t status,
                   const char *finding)
{
  signet_plan_apply *apply = review->apply;
  uint32_t step = review->step;
  int64_t wanted = SIGNET_STATUS_APPROVED;
  bool former = review->former;
  bool of_sign = review->of_sign;
  forget_image(review);
  signet_memory_free(review);
  if (former) {
    go_on(apply, step, of_sign, status == wanted, finding);
    return;
  }
  if (signet_apply_step_of(apply, step)->expect == SIGNET_STATUS_REJECTED)
    wanted = SIGNET_STATUS_REJECTED;
  if (status != wanted)
    fail_review(apply, step, finding);
  else if (keep(apply, step))
    signet_apply_review_ended(apply, step, SIGNET_BLOCK_NONE);
  else
    signet_apply_no_memory(apply);
}

static void describe(const signet_record *record, int64_t status, char *text,
                     size_t size)
{
  char remark[160] = "";
  const char *name = signet_status_name(status);
  signet_value value;
  if (record == NULL) {
    snprintf(text, size, "the entry is gone");
    return;
  }
  if (status == SIGNET_STATUS_REJECTED &&
      signet_record_get(record, "audit_remark", &value) &&
      value.type == SIGNET_STRING)
    signet_text_escape(remark, sizeof remark, value.as.text.data,
                       value.as.text.length);
  snprintf(text, size, "it is %s%s%s",
           name != NULL ? name : "of no known status",
           remark[0] != '\0' ? ": " : "", remark);
}

/* Whether a list shows the entry as it was before this run wrote it, or not
 * yet: a list may lag behind, and an old approval is none. */
static bool lags(const signet_apply_review *review, const signet_record *record)
{
  char id[24];
  const signet_plan_apply *apply = review->apply;
  snprintf(id, sizeof id, "%" PRId64, review->id);
  return !review->former &&
         signet_own_lags(apply->account, watch_of(review->apply, review)->kind,
                         id, record);
}

/* So, of what an earlier run has written. Of a park, which has one list, the
 * next step's own look at its entry sees to that. */
static bool is_behind(const signet_apply_review *review,
                      const signet_record *record)
{
  bool same = true;
  const signet_plan_apply *apply = review->apply;
  const signet_plan_step *of = signet_apply_step_of(apply, review->step);
  if (review->former || apply->options.park || of->after == NULL)
    return false;
  signet_fields *fields = signet_apply_fields_of(apply, review->step);
  same = fields == NULL || signet_entry_compare(of->kind, fields, record,
                                                NULL) != SIGNET_DIFFERENT;
  signet_fields_free(fields);
  return !same;
}

/* Whether a list's record (NULL: it has none) decides a review, which is freed
 * then. */
static bool look_at(signet_apply_review *review, const signet_record *record)
{
  char finding[240];
  int64_t status = 0;
  if (lags(review, record))
    return false;
  if (record != NULL) {
    status = signet_record_integer(record, "status", 0);
    if (status == SIGNET_STATUS_PENDING)
      return false;
  }
  if ((record == NULL || is_behind(review, record)) &&
      ++review->missed < MISSED_LISTS)
    return false;
  describe(record, status, finding, sizeof finding);
  decide(review, status, finding);
  return true;
}

/* ---- what a list says ---- */

typedef struct id_index {
  const signet_record **slots;
  size_t mask;
} id_index;

static int64_t number_of(const signet_record *record)
{
  char id[24];
  return strtoll(signet_record_id(record, id, sizeof id), NULL, 10);
}

static bool index_list(id_index *index, const signet_list *list)
{
  size_t count = signet_list_count(list);
  size_t room = 16;
  while (room < count * 2)
    room *= 2;
  index->mask = room - 1;
  index->slots = signet_memory_zeroed(room, sizeof index->slots[0]);
  for (size_t i = 0; index->slots != NULL && i < count; i++) {
    const signet_record *record = signet_list_at(list, i);
    size_t at = (size_t)signet_table_hash_integer(number_of(record));
    for (at &= index->mask; index->slots[at] != NULL;)
      at = (at + 1) & index->mask;
    index->slots[at] = record;
  }
  return index->slots != NULL;
}

static const signet_record *find(const id_index *index, int64_t id)
{
  size_t at = (size_t)signet_table_hash_integer(id) & index->mask;
  while (index->slots[at] != NULL && number_of(index->slots[at]) != id)
    at = (at + 1) & index->mask;
  return index->slots[at];
}

/* Looks at every review that the list may answer; deciding one may add
 * others. */
static void look_at_all(signet_apply_watch *watch, const signet_list *list,
                        uint64_t round)
{
  signet_plan_apply *apply = watch->apply;
  signet_apply_review *next;
  id_index index;
  if (!index_list(&index, list)) {
    signet_apply_no_memory(apply);
    return;
  }
  signet_apply_review *review = watch->first;
  watch->first = NULL;
  for (; review != NULL; review = next) {
    next = review->next;
    if (review->from <= round && look_at(review, find(&index, review->id)))
      continue;
    review->next = watch->first;
    watch->first = review;
  }
  signet_memory_free(index.slots);
  signet_apply_keep(apply);
  signet_apply_turn(apply);
}

/* A list that the account made for everybody who waits. What is awaited still
 * is told after the first list, which shows most of what was sent. */
static void on_shared_list(void *user, const signet_list *list)
{
  signet_apply_watch *watch = user;
  look_at_all(watch, list,
              watch->apply->account->kinds[watch->kind].watch.round);
  if (watch->first != NULL)
    signet_apply_tell_waiting(watch->apply);
}

/* ---- waiting ---- */

/* Its end says nothing of its own entry, which the lists have told of. */
static void on_driven(signet_call *call, void *user)
{
  signet_apply_watch *watch = user;
  const signet_error *error = signet_call_error(call);
  watch->driver = NULL;
  if (error != NULL && error->kind != SIGNET_ERROR_REJECTED &&
      error->kind != SIGNET_ERROR_NOT_FOUND &&
      error->kind != SIGNET_ERROR_CANCELLED)
    signet_apply_fail(watch->apply, error);
  signet_call_release(call);
  if (!watch->apply->fatal && !watch->apply->stopping)
    drive(watch);
  signet_apply_turn(watch->apply);
}

static signet_call *wait_for(signet_plan_apply *apply, signet_kind kind,
                             int64_t number, signet_call_fn done, void *user)
{
  char id[24];
  signet_operation operation = SIGNET_OPERATION_INIT;
  snprintf(id, sizeof id, "%" PRId64, number);
  operation.verb = SIGNET_WAIT;
  operation.kind = kind;
  operation.id = id;
  operation.id_length = strlen(id);
  operation.status = SIGNET_STATUS_APPROVED;
  return signet_call_start(apply->account, &operation, done, user);
}

/* One call keeps the account listing while anything is awaited. */
static void drive(signet_apply_watch *watch)
{
  signet_plan_apply *apply = watch->apply;
  if (watch->first == NULL || watch->driver != NULL)
    return;
  signet_watch_observe(apply->account, watch->kind, on_shared_list, watch);
  watch->driver =
      wait_for(apply, watch->kind, watch->first->id, on_driven, watch);
  if (watch->driver == NULL)
    signet_apply_no_memory(apply);
}

/* ---- a copy's reviewer ---- */

static void on_reviewed(signet_call *call, void *user)
{
  signet_apply_review *review = user;
  signet_plan_apply *apply = review->apply;
  signet_apply_watch *watch = watch_of(apply, review);
  const signet_error *error = signet_call_error(call);
  signet_apply_review **at = &watch->first;
  while (*at != review)
    at = &(*at)->next;
  *at = review->next;
  int64_t status = SIGNET_STATUS_APPROVED;
  if (error != NULL && error->kind == SIGNET_ERROR_REJECTED)
    status = SIGNET_STATUS_REJECTED;
  else if (error != NULL)
    status = 0;
  decide(review, status, error != NULL ? error->message : "");
  signet_call_release(call);
  signet_apply_turn(apply);
}

/* ---- beginning ---- */

static void begin(signet_plan_apply *apply, const signet_apply_review *what)
{
  signet_apply_review *review = signet_memory_zeroed(1, sizeof *review);
  if (review == NULL) {
    signet_apply_no_memory(apply);
    return;
  }
  *review = *what;
  review->apply = apply;
  signet_apply_watch *watch = watch_of(apply, review);
  review->from = apply->account->kinds[watch->kind].watch.round + 1;
  review->next = watch->first;
  watch->first = review;
  if (apply->account->overlay != NULL) {
    review->call =
        wait_for(apply, watch->kind, review->id, on_reviewed, review);
    if (review->call == NULL)
      signet_apply_no_memory(apply);
  } else if (!apply->options.park) {
    drive(watch);
  }
}

void signet_apply_await(signet_plan_apply *apply, uint32_t step)
{
  const signet_apply_review review = {
      .step = step, .id = apply->entries[apply->steps[step].entry].id};
  if (apply->steps[step].review == SIGNET_REVIEW_DECIDED) {
    signet_apply_review_ended(apply, step, SIGNET_BLOCK_NONE);
    return;
  }
  apply->steps[step].review = SIGNET_REVIEW_OPEN;
  begin(apply, &review);
}

void signet_apply_await_former(signet_plan_apply *apply, uint32_t step,
                               bool of_sign, int64_t id)
{
  const signet_apply_review review = {
      .step = step, .former = true, .of_sign = of_sign, .id = id};
  begin(apply, &review);
}

/* ---- a park ---- */

static void on_list(signet_call *call, void *user)
{
  signet_apply_watch *watch = user;
  signet_plan_apply *apply = watch->apply;
  const signet_error *error = signet_call_error(call);
  watch->driver = NULL;
  if (error != NULL)
    signet_apply_fail(apply, error);
  else
    look_at_all(watch, signet_call_list(call), UINT64_MAX);
  signet_call_release(call);
  signet_apply_turn(apply);
}

void signet_apply_park(signet_plan_apply *apply)
{
  apply->parks = true;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_operation operation = SIGNET_OPERATION_INIT;
    signet_apply_watch *watch = &apply->watches[kind];
    if (watch->first == NULL)
      continue;
    operation.verb = SIGNET_LIST;
    operation.kind = watch->kind;
    watch->driver =
        signet_call_start(apply->account, &operation, on_list, watch);
    if (watch->driver == NULL)
      signet_apply_no_memory(apply);
  }
}

void signet_apply_drop_reviews(signet_plan_apply *apply)
{
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_apply_watch *watch = &apply->watches[kind];
    signet_apply_review *next;
    signet_watch_observe(apply->account, watch->kind, NULL, NULL);
    if (watch->driver != NULL)
      signet_call_cancel(watch->driver);
    signet_call_release(watch->driver);
    for (signet_apply_review *review = watch->first; review != NULL;
         review = next) {
      next = review->next;
      if (review->call != NULL)
        signet_call_cancel(review->call);
      signet_call_release(review->call);
      signet_memory_free(review);
    }
  }
  signet_memory_free(apply->decided);
}
