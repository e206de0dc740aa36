/* SPDX-License-Identifier: MIT */
/*
 * The plan that takes a job back: for each write that was done its inverse, in
 * reverse order. What can't be taken back is counted; an entry that the job
 * both made and deleted needs nothing.
 */
#include "job/plan/undo.h"

#include "dialect/dialect.h"
#include "job/job.h"
#include "job/plan/link.h"
#include "job/plan/save.h"
#include "job/plan/undo_image.h"
#include "job/plan/undo_taken.h"
#include "job/row.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "signet/job.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t FIRST_ID = INT64_C(9000000000000000001);

static bool copy(char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

/* ---- reading what was done ---- */

static bool push(signet_undoing *all, const signet_past *write)
{
  if (all->count == all->capacity) {
    size_t capacity = all->capacity > 0 ? all->capacity * 2 : 64;
    signet_past *writes =
        signet_memory_resize(all->writes, capacity, sizeof writes[0]);
    if (writes == NULL)
      return false;
    all->writes = writes;
    all->capacity = capacity;
  }
  all->writes[all->count++] = *write;
  return true;
}

/* What the journal says of a write, in words that are known. */
static bool take_words(signet_undoing *all, const signet_write_view *view,
                       signet_past *write)
{
  signet_write_words words;
  if (!signet_job_read_words(view->verb, view->kind, view->state, &words))
    return signet_undo_damaged(all, view->number,
                               "a verb or kind that there is not");
  write->number = view->number;
  write->verb = words.verb;
  write->kind = words.kind;
  return true;
}

static bool take_id(signet_undoing *all, const signet_write_view *view,
                    signet_past *write)
{
  signet_violation violation;
  const char *id = write->verb == SIGNET_CREATE && view->answer != NULL
                       ? view->answer
                       : view->target;
  write->raw = write->verb == SIGNET_REQUEST || id[0] == '\0' ||
               (write->verb != SIGNET_CREATE && view->before == NULL);
  if (write->raw)
    return true;
  if (!signet_rule_check_id(id, strlen(id), &violation))
    return signet_undo_damaged(all, view->number, "an id that is none");
  snprintf(write->id, sizeof write->id, "%s", id);
  return true;
}

static bool read_write(void *user, const signet_write_view *view)
{
  signet_undoing *all = user;
  signet_past write = {0};
  if (signet_write_state_number(view->state) != SIGNET_WRITE_DONE)
    return true;
  if (!take_words(all, view, &write) || !take_id(all, view, &write))
    return false;
  if (copy(&write.before, view->before) && copy(&write.after, view->after) &&
      push(all, &write))
    return true;
  signet_memory_free(write.before);
  signet_memory_free(write.after);
  return signet_undo_no_memory(all);
}

/* ---- the inverse of one write ---- */

static const char *key_of(const signet_past *write, char *key, size_t size)
{
  snprintf(key, size, "%c%s", write->kind == SIGNET_SIGN ? 's' : 't',
           write->id);
  return key;
}

/* Text of an image that is there. NULL: told. */
static const char *text_of(signet_undoing *all, json_object *image)
{
  const char *text = json_object_to_json_string_ext(
      image, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  if (text == NULL)
    signet_undo_no_memory(all);
  return text;
}

/* Adds a step; the images are taken over. NULL: told. */
static signet_plan_step *add(signet_undoing *all, const signet_past *write,
                             signet_verb verb, const char *id,
                             json_object *before, json_object *after)
{
  const char *old = before != NULL ? text_of(all, before) : NULL;
  const char *new = after != NULL ? text_of(all, after) : NULL;
  signet_plan_step *step = NULL;
  if (!all->failed)
    step = signet_plan_add(all->plan, verb, write->kind, id, old, new);
  json_object_put(before);
  json_object_put(after);
  if (step == NULL) {
    signet_undo_no_memory(all);
    return NULL;
  }
  step->review = all->reviews && verb != SIGNET_DELETE;
  step->expect = step->review ? SIGNET_STATUS_APPROVED : 0;
  return step;
}

/* The entry's id by now: provisional if the undo makes it again. */
static const char *id_now(const signet_undoing *all, const signet_past *write)
{
  char key[32];
  json_object *member;
  key_of(write, key, sizeof key);
  return json_object_object_get_ex(all->renewed, key, &member)
             ? json_object_get_string(member)
             : write->id;
}

static bool undo_create(signet_undoing *all, const signet_past *write)
{
  const char *id = id_now(all, write);
  char key[32];
  if (signet_taken_delete(all->source->taken, key_of(write, key, sizeof key)) ||
      (write->kind == SIGNET_SIGN && all->source->stays != NULL &&
       all->source->stays(all->source->user, id)))
    return true;
  json_object *image = signet_undo_image(all, write, id);
  signet_plan_step *step =
      image != NULL ? add(all, write, SIGNET_DELETE, id, image, NULL) : NULL;
  if (step != NULL)
    step->mark = SIGNET_UNDO_REVERSIBLE;
  return step != NULL;
}

/* The fields that bring back what was there before. NULL: told. */
static json_object *fields_before(signet_undoing *all, const signet_past *write)
{
  json_object *record;
  if (!signet_undo_parse(all, write, write->before, &record))
    return NULL;
  json_object *fields = signet_undo_fields(all, write->kind, record);
  json_object_put(record);
  return fields;
}

static bool undo_update(signet_undoing *all, const signet_past *write)
{
  const char *id = id_now(all, write);
  char key[32];
  snprintf(key, sizeof key, "%c%s", write->kind == SIGNET_SIGN ? 's' : 't', id);
  if (signet_taken_update(all->source->taken, key))
    return true;
  json_object *fields = fields_before(all, write);
  json_object *image =
      fields != NULL ? signet_undo_image(all, write, id) : NULL;
  if (image == NULL) {
    json_object_put(fields);
    return false;
  }
  signet_plan_step *step = add(all, write, SIGNET_UPDATE, id, image, fields);
  if (step != NULL)
    step->mark =
        all->reviews ? SIGNET_UNDO_NEEDS_REVIEW : SIGNET_UNDO_REVERSIBLE;
  return step != NULL;
}

/* The id of what an earlier undo made instead of the entry; "": none did.
 * @return false: told */
static bool find_remade(signet_undoing *all, const signet_past *write,
                        json_object *fields, char id[24])
{
  const char *text = fields != NULL ? text_of(all, fields) : NULL;
  if (text == NULL)
    return false;
  return signet_taken_create(all->source->taken, write->kind, text, id) ||
         signet_undo_no_memory(all);
}

static bool remake(signet_undoing *all, const signet_past *write,
                   json_object *fields, char id[24])
{
  snprintf(id, 24, "%" PRId64, all->next_id++);
  signet_plan_step *step = add(all, write, SIGNET_CREATE, id, NULL, fields);
  if (step == NULL)
    return false;
  step->mark = SIGNET_UNDO_NEW_ID;
  memcpy(step->old, write->id, sizeof step->old);
  return true;
}

static bool undo_delete(signet_undoing *all, const signet_past *write)
{
  char key[32];
  char id[24];
  json_object *fields = fields_before(all, write);
  if (!find_remade(all, write, fields, id)) {
    json_object_put(fields);
    return false;
  }
  if (id[0] != '\0')
    json_object_put(fields);
  else if (!remake(all, write, fields, id))
    return false;
  return signet_undo_put(all, all->renewed, key_of(write, key, sizeof key),
                         json_object_new_string(id));
}

/* ---- all of it ---- */

/* The entries that the job made, and whether it deleted them again: what became
 * of those in between leaves nothing behind. */
static bool find_fleeting(signet_undoing *all, json_object *made)
{
  char key[32];
  for (size_t i = 0; i < all->count; i++) {
    const signet_past *write = &all->writes[i];
    json_object *member;
    key_of(write, key, sizeof key);
    bool made_here = json_object_object_get_ex(made, key, &member);
    if (write->raw || write->verb == SIGNET_UPDATE ||
        (write->verb == SIGNET_DELETE && !made_here))
      continue;
    if (!signet_undo_put(all, made, key,
                         json_object_new_boolean(write->verb == SIGNET_DELETE)))
      return false;
  }
  return true;
}

static bool undo_one(signet_undoing *all, json_object *made,
                     const signet_past *write)
{
  char key[32];
  json_object *member;
  if (write->raw) {
    all->irreversible++;
    return true;
  }
  if (json_object_object_get_ex(made, key_of(write, key, sizeof key),
                                &member) &&
      json_object_get_boolean(member))
    return true;
  if (write->verb == SIGNET_CREATE)
    return undo_create(all, write);
  return write->verb == SIGNET_UPDATE ? undo_update(all, write)
                                      : undo_delete(all, write);
}

static void free_texts(signet_past *write)
{
  signet_memory_free(write->before);
  signet_memory_free(write->after);
  write->before = NULL;
  write->after = NULL;
}

static bool undo_all(signet_undoing *all)
{
  json_object *made = json_object_new_object();
  bool good = made != NULL && all->renewed != NULL && all->plan != NULL;
  good = (good || signet_undo_no_memory(all)) && find_fleeting(all, made);
  for (size_t i = all->count; good && i > 0; i--) {
    good = undo_one(all, made, &all->writes[i - 1]);
    free_texts(&all->writes[i - 1]); /* the plan's own take their place */
  }
  json_object_put(made);
  return good &&
         ((signet_plan_link(all->plan, NULL) && signet_plan_seal(all->plan)) ||
          signet_undo_no_memory(all));
}

static void clear(signet_undoing *all)
{
  for (size_t i = 0; i < all->count; i++)
    free_texts(&all->writes[i]);
  signet_memory_free(all->writes);
  json_object_put(all->renewed);
}

static bool reviews(const char *identity)
{
  const signet_dialect_row *dialect = signet_dialect_of_identity(identity);
  return dialect == NULL || dialect->reviews;
}

signet_plan *signet_undo_make(const signet_undo_source *source,
                              size_t *irreversible, signet_error *error)
{
  signet_undoing all = {.job = source->job,
                        .error = error,
                        .next_id = FIRST_ID,
                        .renewed = json_object_new_object(),
                        .plan =
                            signet_plan_new(source->account, source->job, NULL),
                        .reviews = reviews(source->account),
                        .source = source};
  bool good = source->each(source->user, read_write, &all, error) &&
              !all.failed && undo_all(&all);
  clear(&all);
  *irreversible = all.irreversible;
  if (good)
    return all.plan;
  signet_plan_free(all.plan);
  return NULL;
}
