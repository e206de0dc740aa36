/* SPDX-License-Identifier: MIT */
/* Which step waits for which: numbers that go down to nothing. */
#include "job/plan/graph.h"
#include "job/plan/fields.h"
#include "job/plan/tell.h"

#include "model/memory.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

/* ---- entries ---- */

static void link_entry(signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  signet_apply_entry *entry = signet_apply_find(apply, of->kind, of->id);
  if (entry == NULL) {
    entry = &apply->entries[apply->entry_count++];
    apply->template_count += of->kind == SIGNET_TEMPLATE;
    entry->first = step;
    entry->id = of->verb != SIGNET_CREATE ? strtoll(of->id, NULL, 10) : 0;
    signet_table_insert(&apply->table,
                        signet_apply_entry_hash(of->kind, of->id), entry);
  }
  entry->last = step;
  apply->steps[step].entry = (uint32_t)(entry - apply->entries);
}

/* How often an entry was changed before each step; `changes` has a number for
 * each entry. */
static void count_turns(signet_plan_apply *apply, uint32_t *changes)
{
  for (uint32_t i = 0; i < apply->count; i++)
    if (signet_apply_step_of(apply, i)->verb != SIGNET_CREATE)
      apply->steps[i].turn = changes[apply->steps[i].entry]++;
}

/* ---- edges ---- */

/* The numbers of other steps that a step names. */
typedef const size_t *(*naming)(const signet_plan_step *step, size_t *count);

static const size_t *needs_of(const signet_plan_step *step, size_t *count)
{
  *count = step->need_count;
  return step->needs;
}

static const size_t *reviews_of(const signet_plan_step *step, size_t *count)
{
  *count = step->review_count;
  return step->reviews;
}

/* Turns "needs" around. */
static bool reverse(signet_plan_apply *apply, naming names,
                    signet_apply_edges *edges)
{
  size_t total = 0;
  size_t count;
  edges->from = signet_memory_zeroed(apply->count + 2, sizeof edges->from[0]);
  if (edges->from == NULL)
    return false;
  for (uint32_t i = 0; i < apply->count; i++) {
    const size_t *others = names(signet_apply_step_of(apply, i), &count);
    for (size_t k = 0; k < count; k++)
      edges->from[others[k] + 1]++; /* moves to its place below */
    total += count;
    apply->steps[i].open += (uint32_t)count;
  }
  for (size_t i = 1; i < apply->count + 2; i++)
    edges->from[i] += edges->from[i - 1];
  if (total == 0)
    return true;
  edges->to = signet_memory_zeroed(total, sizeof edges->to[0]);
  if (edges->to == NULL)
    return false;
  for (uint32_t i = 0; i < apply->count; i++) {
    const size_t *others = names(signet_apply_step_of(apply, i), &count);
    for (size_t k = 0; k < count; k++)
      edges->to[edges->from[others[k]]++] = i;
  }
  return true;
}

/* ---- barriers ---- */

bool signet_apply_is_awaited(const signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  return of->awaited && of->review && of->round <= apply->rounds;
}

static bool link_barriers(signet_plan_apply *apply)
{
  for (uint32_t i = 0; i < apply->count; i++)
    if (signet_apply_step_of(apply, i)->after_round > apply->rounds)
      apply->rounds = signet_apply_step_of(apply, i)->after_round;
  size_t size = apply->rounds + 1;
  apply->undecided = signet_memory_zeroed(size, sizeof apply->undecided[0]);
  apply->at_barrier = signet_memory_zeroed(size, sizeof apply->at_barrier[0]);
  if (apply->undecided == NULL || apply->at_barrier == NULL)
    return false;
  memset(apply->at_barrier, 0xFF, size * sizeof apply->at_barrier[0]);
  for (uint32_t i = (uint32_t)apply->count; i-- > 0;) {
    const signet_plan_step *of = signet_apply_step_of(apply, i);
    apply->undecided[of->round <= apply->rounds ? of->round : 0] +=
        signet_apply_is_awaited(apply, i);
    if (of->after_round == 0)
      continue;
    apply->steps[i].open++;
    apply->steps[i].next = apply->at_barrier[of->after_round];
    apply->at_barrier[of->after_round] = i;
  }
  return true;
}

/* The script had waited for every review of the rounds up to these. */
static void pass_barriers(signet_plan_apply *apply)
{
  while (apply->passed < apply->rounds &&
         apply->undecided[apply->passed + 1] == 0) {
    uint32_t next;
    uint32_t step = apply->at_barrier[++apply->passed];
    for (; step != SIGNET_NO_STEP; step = next) {
      next = apply->steps[step].next;
      signet_apply_release(apply, step, apply->broken_how, apply->broken);
    }
  }
}

/* ---- all of it ---- */

bool signet_apply_link(signet_plan_apply *apply)
{
  size_t count = signet_plan_count(apply->plan);
  apply->count = count;
  apply->steps = signet_memory_zeroed(count + 1, sizeof apply->steps[0]);
  apply->entries = signet_memory_zeroed(count + 1, sizeof apply->entries[0]);
  apply->ready = signet_memory_zeroed(count + 1, sizeof apply->ready[0]);
  uint32_t *changes = signet_memory_zeroed(count + 1, sizeof changes[0]);
  bool good = apply->steps != NULL && apply->entries != NULL &&
              apply->ready != NULL && changes != NULL &&
              signet_table_reserve(&apply->table, count);
  for (uint32_t i = 0; good && i < count; i++) {
    apply->steps[i].retry = SIGNET_NO_STEP;
    link_entry(apply, i);
  }
  if (good)
    count_turns(apply, changes);
  signet_memory_free(changes);
  good = good && reverse(apply, needs_of, &apply->on_done) &&
         reverse(apply, reviews_of, &apply->on_review) && link_barriers(apply);
  for (uint32_t i = 0; good && i < count; i++)
    if (apply->steps[i].open == 0)
      signet_apply_enqueue(apply, i);
  if (good)
    pass_barriers(apply);
  return good;
}

void signet_apply_unlink(signet_plan_apply *apply)
{
  signet_table_clear(&apply->table);
  signet_memory_free(apply->steps);
  signet_memory_free(apply->entries);
  signet_memory_free(apply->ready);
  signet_memory_free(apply->on_done.from);
  signet_memory_free(apply->on_done.to);
  signet_memory_free(apply->on_review.from);
  signet_memory_free(apply->on_review.to);
  signet_memory_free(apply->undecided);
  signet_memory_free(apply->at_barrier);
}

/* ---- what goes on ---- */

/* Of a ring: a step is in it once at a time. */
void signet_apply_enqueue(signet_plan_apply *apply, uint32_t step)
{
  size_t room = apply->count + 1;
  apply->steps[step].phase = SIGNET_PHASE_READY;
  apply->ready[(apply->ready_first + apply->ready_count++) % room] = step;
}

void signet_apply_release(signet_plan_apply *apply, uint32_t step,
                          signet_apply_block block, uint32_t cause)
{
  signet_apply_step *at = &apply->steps[step];
  if (at->phase == SIGNET_PHASE_ENDED)
    return; /* the look has ended it */
  if (block != SIGNET_BLOCK_NONE && at->block == SIGNET_BLOCK_NONE) {
    at->block = (uint8_t)block;
    at->cause = cause;
  }
  if (--at->open == 0)
    signet_apply_enqueue(apply, step);
}

/* Whether a step takes a template away from a signature. */
static bool takes_away(const signet_plan_step *of, const char *sign)
{
  const char *problem;
  json_object *member = NULL;
  json_object *object =
      of->after != NULL
          ? signet_json_parse(of->after, strlen(of->after), &problem)
          : NULL;
  json_object_object_get_ex(object, "sign_id", &member);
  const char *shown = json_object_get_string(member);
  bool away = shown == NULL || strcmp(shown, sign) != 0;
  json_object_put(object);
  return away;
}

/* Whether a step can't do without another one. One that changes a signature
 * comes after those on its templates, and needs no more of them than that they
 * have left it. */
static bool depends(const signet_plan_apply *apply, uint32_t step,
                    uint32_t other)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  const signet_plan_step *needed = signet_apply_step_of(apply, other);
  return apply->steps[step].entry == apply->steps[other].entry ||
         needed->kind == SIGNET_SIGN || of->kind != SIGNET_SIGN ||
         of->verb == SIGNET_DELETE || takes_away(needed, of->id);
}

/* The steps behind an edge; reverse() has left the end of each where it
 * began. */
static void release_all(signet_plan_apply *apply,
                        const signet_apply_edges *edges, uint32_t step,
                        signet_apply_block block, uint32_t cause)
{
  for (uint32_t i = edges->from[step]; i < edges->from[step + 1]; i++) {
    uint32_t to = edges->to[i];
    bool only_order = apply->steps[step].left_out && !depends(apply, to, step);
    signet_apply_release(apply, to, only_order ? SIGNET_BLOCK_NONE : block,
                         cause);
  }
}

static bool is_needed(const signet_plan_apply *apply, uint32_t step)
{
  const uint32_t *from = apply->on_review.from;
  return from[step] < from[step + 1] || signet_apply_is_awaited(apply, step);
}

/* What a step that was not done means to those that need it. */
static signet_apply_block block_of(const signet_plan_apply *apply,
                                   uint32_t step)
{
  switch (apply->steps[step].result) {
  case SIGNET_STEP_DONE:
    return SIGNET_BLOCK_NONE;
  case SIGNET_STEP_WAITING:
    return SIGNET_BLOCK_WAITS;
  default:
    return SIGNET_BLOCK_NOT_DONE;
  }
}

void signet_apply_review_ended(signet_plan_apply *apply, uint32_t step,
                               signet_apply_block block)
{
  signet_apply_step *at = &apply->steps[step];
  uint32_t next;
  at->review = block == SIGNET_BLOCK_NONE ? SIGNET_REVIEW_DECIDED
                                          : SIGNET_REVIEW_OTHERWISE;
  release_all(apply, &apply->on_review, step, block, step);
  uint32_t retry = at->retry;
  at->retry = SIGNET_NO_STEP;
  for (; retry != SIGNET_NO_STEP; retry = next) {
    next = apply->steps[retry].next;
    signet_apply_release(apply, retry, block, step);
  }
  if (!signet_apply_is_awaited(apply, step))
    return;
  if (block != SIGNET_BLOCK_NONE && !at->left_out &&
      apply->broken_how == SIGNET_BLOCK_NONE) {
    apply->broken = step;
    apply->broken_how = block;
  }
  apply->undecided[signet_apply_step_of(apply, step)->round]--;
  pass_barriers(apply);
}

/* ---- the end of a step ---- */

static void count_result(signet_job_counts *counts, signet_plan_result result)
{
  int64_t *const all[] = {&counts->done, &counts->failed, &counts->skipped,
                          &counts->unknown, &counts->waiting};
  ++*all[result];
}

/* The steps that need it go on, or are blocked. */
static void step_ended(signet_plan_apply *apply, uint32_t step)
{
  signet_apply_block block = block_of(apply, step);
  release_all(apply, &apply->on_done, step, block, step);
  if (!is_needed(apply, step))
    return;
  if (block == SIGNET_BLOCK_NONE && signet_apply_step_of(apply, step)->review)
    apply->await(apply, step);
  else
    signet_apply_review_ended(apply, step, block);
}

void signet_apply_end_step(signet_plan_apply *apply, uint32_t step,
                           signet_plan_result result, const signet_error *error,
                           const char *reason)
{
  signet_plan_event event = {.type = SIGNET_PLAN_ENDED,
                             .step = signet_apply_step_of(apply, step),
                             .result = result,
                             .error = error,
                             .reason = reason};
  signet_apply_step *at = &apply->steps[step];
  at->phase = SIGNET_PHASE_ENDED;
  at->result = (uint8_t)result;
  count_result(&apply->counts, result);
  signet_apply_tell(apply, &event);
  step_ended(apply, step);
}

void signet_apply_end_restored(signet_plan_apply *apply, uint32_t step)
{
  apply->restored++;
  signet_apply_end_step(apply, step, SIGNET_STEP_DONE, NULL, NULL);
}
