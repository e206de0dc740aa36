/* SPDX-License-Identifier: MIT */
/* What the journal knows of earlier runs of the job, and of the job that a plan
 * is made from. */
#include "job/plan/former.h"

#include "job/plan/fields.h"
#include "job/plan/origin.h"
#include "job/plan/tell.h"
#include "job/recall.h"
#include "job/row.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "net/post.h"
#include "wire/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes to one entry that the journal answers. */
typedef struct signet_former {
  int64_t id; /* 0: a free slot */
  signet_kind kind;
  uint32_t count;
} signet_former;

static bool has_store(const signet_plan_apply *apply)
{
  return apply->job != NULL && apply->job->store != NULL;
}

/* ---- writes ---- */

static signet_former *slot_of(signet_former *slots, size_t room, int64_t id,
                              signet_kind kind)
{
  size_t at = (size_t)(signet_table_hash_integer(id) + (uint64_t)kind);
  for (at &= room - 1; slots[at].id != 0; at = (at + 1) & (room - 1))
    if (slots[at].id == id && slots[at].kind == kind)
      break;
  return &slots[at];
}

static bool grow(signet_plan_apply *apply)
{
  size_t room = apply->former_room > 0 ? apply->former_room * 2 : 256;
  signet_former *slots = signet_memory_zeroed(room, sizeof slots[0]);
  if (slots == NULL)
    return false;
  for (size_t i = 0; i < apply->former_room; i++)
    if (apply->former[i].id != 0)
      *slot_of(slots, room, apply->former[i].id, apply->former[i].kind) =
          apply->former[i];
  signet_memory_free(apply->former);
  apply->former = slots;
  apply->former_room = room;
  return true;
}

/* Whether the job will answer such a write and not send it. */
static bool answers(const signet_write_row *row)
{
  int state = signet_write_state_number(row->state);
  return state != SIGNET_WRITE_UNSENT &&
         !(state == SIGNET_WRITE_FAILED &&
           signet_job_may_try_again(row->error_kind));
}

static bool count_change(signet_plan_apply *apply, signet_kind kind,
                         const char *target)
{
  int64_t id = strtoll(target, NULL, 10);
  if (id <= 0)
    return true;
  if (apply->former_count >= apply->former_room / 2 && !grow(apply)) {
    signet_apply_no_memory(apply);
    return false;
  }
  signet_former *slot = slot_of(apply->former, apply->former_room, id, kind);
  apply->former_count += slot->id == 0;
  slot->id = id;
  slot->kind = kind;
  slot->count++;
  return true;
}

static bool take_row(void *user, const signet_write_row *row)
{
  signet_plan_apply *apply = user;
  signet_write_words words;
  apply->resumed = true;
  return !answers(row) ||
         !signet_job_read_words(row->verb, row->kind, row->state, &words) ||
         words.verb == SIGNET_CREATE ||
         count_change(apply, words.kind, row->target);
}

uint32_t signet_apply_answered(const signet_plan_apply *apply, uint32_t step)
{
  int64_t id = apply->entries[apply->steps[step].entry].id;
  if (apply->former_room == 0 || id == 0)
    return 0;
  return slot_of(apply->former, apply->former_room, id,
                 signet_apply_step_of(apply, step)->kind)
      ->count;
}

/* ---- the job that a plan is made from ---- */

static bool take_view(void *user, const signet_write_view *view)
{
  uint64_t digest[2];
  signet_write_words words;
  signet_plan_apply *apply = user;
  signet_apply_count_origin(apply, view);
  if (!signet_job_read_words(view->verb, view->kind, view->state, &words) ||
      words.state != SIGNET_WRITE_DONE)
    return true;
  if (words.verb != SIGNET_CREATE)
    return count_change(apply, words.kind, view->target);
  if (signet_memo_digest(SIGNET_CREATE, words.kind, "", view->after, digest) &&
      signet_memo_add(&apply->made, digest, SIGNET_MEMO_DONE, view->number,
                      view->answer, NULL))
    return true;
  signet_apply_no_memory(apply);
  return false;
}

static bool recall_from(signet_plan_apply *apply)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (!signet_job_writes_each(apply->options.state_dir, apply->options.from,
                              take_view, apply, &error) ||
      !signet_apply_find_origin(apply, &error))
    signet_apply_fail(apply, &error);
  return !apply->fatal;
}

static bool was_made(signet_plan_apply *apply, uint32_t step,
                     const signet_fields *fields)
{
  uint64_t digest[2];
  signet_buffer text;
  size_t length;
  const signet_memo_entry *found = NULL;
  signet_kind kind = signet_apply_step_of(apply, step)->kind;
  signet_buffer_init(&text, (size_t)4 << 20);
  signet_json_write_fields(&text, fields);
  char *after = signet_buffer_take(&text, &length);
  if (after == NULL ||
      !signet_memo_digest(SIGNET_CREATE, kind, "", after, digest) ||
      !signet_memo_take(&apply->made, digest, NULL, &found))
    signet_apply_no_memory(apply);
  signet_memory_free(after);
  if (found != NULL)
    apply->entries[apply->steps[step].entry].id =
        strtoll(found->answer, NULL, 10);
  return found != NULL;
}

bool signet_apply_was_done(signet_plan_apply *apply, uint32_t step,
                           const signet_fields *fields)
{
  if (apply->options.from == NULL)
    return false;
  if (signet_apply_step_of(apply, step)->verb == SIGNET_CREATE)
    return was_made(apply, step, fields);
  return signet_apply_answered(apply, step) > apply->steps[step].turn;
}

/* ---- reviews ---- */

/* An array of the numbers of steps. */
static void take_decided(signet_plan_apply *apply, const char *text)
{
  const char *problem;
  json_object *array = signet_json_parse(text, strlen(text), &problem);
  if (signet_json_ran_out(problem))
    signet_apply_no_memory(apply);
  size_t count = json_object_is_type(array, json_type_array)
                     ? json_object_array_length(array)
                     : 0;
  for (size_t i = 0; i < count; i++) {
    int64_t number = json_object_get_int64(json_object_array_get_idx(array, i));
    if (number >= 1 && number <= (int64_t)apply->count)
      apply->steps[number - 1].review = SIGNET_REVIEW_DECIDED;
  }
  json_object_put(array);
}

static void chunk_name(char *name, size_t size, size_t chunk)
{
  snprintf(name, size, "reviews:%zu", chunk);
}

static bool recall_reviews(signet_plan_apply *apply, signet_error *error)
{
  const signet_store_operations *store = apply->job->store->operations;
  for (;; apply->chunk++) {
    char name[40];
    char *value;
    chunk_name(name, sizeof name, apply->chunk);
    if (!store->get_step(apply->job->store, apply->job->about.id, name, &value,
                         error))
      return false;
    if (value == NULL)
      return true;
    take_decided(apply, value);
    signet_memory_free(value);
  }
}

bool signet_apply_recall(signet_plan_apply *apply)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (apply->options.from != NULL)
    return recall_from(apply);
  if (!has_store(apply) || apply->job->opening.resume[0] == '\0')
    return true;
  if (!apply->job->store->operations->each_write(
          apply->job->store, apply->job->about.id, take_row, apply, &error) ||
      !recall_reviews(apply, &error))
    signet_apply_fail(apply, &error);
  apply->resumed = apply->resumed || apply->job->lost.any;
  return !apply->fatal;
}

/* What was decided is asked for no more, once it is used up: a review that led
 * to a delete can't be looked at again. So it goes to the disk before whatever
 * needs it does. */
void signet_apply_keep(signet_plan_apply *apply)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *job = apply->job;
  char name[40];
  size_t length;
  size_t count = apply->decided_count;
  signet_buffer text;
  apply->decided_count = 0;
  if (count == 0 || !has_store(apply) || job->life.broken ||
      job->about.id[0] == '\0')
    return;
  signet_buffer_init(&text, (size_t)1 << 30);
  for (size_t i = 0; i < count; i++)
    signet_buffer_format(&text, i > 0 ? ",%" PRIu32 : "[%" PRIu32,
                         apply->decided[i] + 1);
  signet_buffer_string(&text, "]");
  char *value = signet_buffer_take(&text, &length);
  chunk_name(name, sizeof name, apply->chunk++);
  if (value == NULL)
    signet_apply_no_memory(apply);
  else if (!job->store->operations->put_step(job->store, job->about.id, name,
                                             value, &error))
    signet_apply_fail(apply, &error);
  signet_memory_free(value);
  job->writes.unsaved = true;
  signet_loop_post_early(job->loop, &job->writes.flush);
}
