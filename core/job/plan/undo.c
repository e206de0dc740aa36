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

/* One write of the job that was done. Text is owned. */
typedef struct past {
  int64_t number;
  signet_verb verb;
  signet_kind kind;
  char id[24];
  char *before;
  char *after;
  bool raw; /* a request, or nothing is known of what was there */
} past;

typedef struct undoing {
  past *writes;
  size_t count;
  size_t capacity;
  const char *job;
  bool failed; /* `error` says why */
  signet_error *error;
  signet_plan *plan;
  int64_t next_id;
  json_object *renewed; /* "s7": the provisional id of what comes back */
  size_t irreversible;
  bool reviews; /* the dialect has them */
  const signet_undo_source *source;
} undoing;

static bool copy(char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

static bool no_memory(undoing *all)
{
  all->failed = true;
  return signet_error_set(all->error, SIGNET_ERROR_MEMORY, "out of memory");
}

/* Whoever guessed what was meant could undo something else. */
static bool damaged(undoing *all, int64_t number, const char *what)
{
  all->failed = true;
  return signet_error_set(all->error, SIGNET_ERROR_STORE,
                          "job %.32s can't be undone: the journal's write "
                          "%" PRId64 " of it has %s",
                          all->job, number, what);
}

/* ---- reading what was done ---- */

static bool push(undoing *all, const past *write)
{
  if (all->count == all->capacity) {
    size_t capacity = all->capacity > 0 ? all->capacity * 2 : 64;
    past *writes =
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
static bool take_words(undoing *all, const signet_write_view *view, past *write)
{
  signet_write_words words;
  if (!signet_job_read_words(view->verb, view->kind, view->state, &words))
    return damaged(all, view->number, "a verb or kind that there is not");
  write->number = view->number;
  write->verb = words.verb;
  write->kind = words.kind;
  return true;
}

static bool take_id(undoing *all, const signet_write_view *view, past *write)
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
    return damaged(all, view->number, "an id that is none");
  snprintf(write->id, sizeof write->id, "%s", id);
  return true;
}

static bool read_write(void *user, const signet_write_view *view)
{
  undoing *all = user;
  past write = {0};
  if (signet_write_state_number(view->state) != SIGNET_WRITE_DONE)
    return true;
  if (!take_words(all, view, &write) || !take_id(all, view, &write))
    return false;
  if (copy(&write.before, view->before) && copy(&write.after, view->after) &&
      push(all, &write))
    return true;
  signet_memory_free(write.before);
  signet_memory_free(write.after);
  return no_memory(all);
}

/* ---- images ---- */

/* *image: the object, or NULL where there is no text. */
static bool parse(undoing *all, const past *write, const char *text,
                  json_object **image)
{
  const char *problem = NULL;
  *image =
      text != NULL ? signet_json_parse(text, strlen(text), &problem) : NULL;
  if (text == NULL || json_object_is_type(*image, json_type_object))
    return true;
  json_object_put(*image);
  *image = NULL;
  return signet_json_ran_out(problem)
             ? no_memory(all)
             : damaged(all, write->number, "an image that is no JSON object");
}

/* The member is taken over; NULL: there was no memory for it. */
static bool put(undoing *all, json_object *to, const char *name,
                json_object *member)
{
  if (member != NULL && json_object_object_add(to, name, member) == 0)
    return true;
  json_object_put(member);
  return no_memory(all);
}

static const char *const fields_of[2][8] = {
    {"sign_name", NULL},
    {"template_name", "template_type", "template_content", "country_codes",
     "sign_id", "sign_position", NULL}};

/* @param shown  whether the template shows a signature */
static bool take_fields(undoing *all, signet_kind kind, bool shown,
                        json_object *from, json_object *to)
{
  for (const char *const *name = fields_of[kind]; *name != NULL; name++) {
    json_object *member;
    bool of_sign = kind == SIGNET_TEMPLATE && strncmp(*name, "sign_", 5) == 0;
    if ((of_sign && !shown) ||
        !json_object_object_get_ex(from, *name, &member) || member == NULL)
      continue;
    if (!put(all, to, *name, json_object_get(member)))
      return false;
  }
  return true;
}

static bool shows_signature(json_object *record)
{
  json_object *member;
  const char *id = json_object_object_get_ex(record, "sign_id", &member)
                       ? json_object_get_string(member)
                       : NULL;
  return id != NULL && id[0] != '\0' && strcmp(id, "0") != 0 &&
         json_object_object_get_ex(record, "sign_position", &member) &&
         json_object_get_int64(member) > 0;
}

/* A signature that the undo makes again has another id. */
static bool map_sign(undoing *all, json_object *image)
{
  char key[32];
  json_object *member;
  if (!json_object_object_get_ex(image, "sign_id", &member))
    return true;
  snprintf(key, sizeof key, "s%.24s", json_object_get_string(member));
  return !json_object_object_get_ex(all->renewed, key, &member) ||
         put(all, image, "sign_id", json_object_get(member));
}

/* What an update or a create has to write to get a record back. NULL: told. */
static json_object *fields_from(undoing *all, signet_kind kind,
                                json_object *record)
{
  json_object *fields = json_object_new_object();
  bool shown = shows_signature(record);
  bool good = fields != NULL || no_memory(all);
  good = good && take_fields(all, kind, shown, record, fields);
  if (good && kind == SIGNET_TEMPLATE)
    good = put(all, fields, "add_signature", json_object_new_boolean(shown)) &&
           map_sign(all, fields);
  if (good)
    return fields;
  json_object_put(fields);
  return NULL;
}

static bool fill_image(undoing *all, const past *write, const char *id,
                       json_object *after, json_object *image)
{
  json_object *member;
  bool hidden = json_object_object_get_ex(after, "add_signature", &member) &&
                !json_object_get_boolean(member);
  return put(all, image, write->kind == SIGNET_SIGN ? "sign_id" : "template_id",
             json_object_new_string(id)) &&
         take_fields(all, write->kind, !hidden, after, image) &&
         (write->kind == SIGNET_SIGN || map_sign(all, image));
}

/* What an entry looks like after fields were written to it. NULL: told. */
static json_object *image_of(undoing *all, const past *write, const char *id)
{
  json_object *after;
  if (!parse(all, write, write->after, &after))
    return NULL;
  json_object *image = json_object_new_object();
  bool good = (image != NULL || no_memory(all)) &&
              fill_image(all, write, id, after, image);
  json_object_put(after);
  if (good)
    return image;
  json_object_put(image);
  return NULL;
}

/* ---- the inverse of one write ---- */

static const char *key_of(const past *write, char *key, size_t size)
{
  snprintf(key, size, "%c%s", write->kind == SIGNET_SIGN ? 's' : 't',
           write->id);
  return key;
}

/* Text of an image that is there. NULL: told. */
static const char *text_of(undoing *all, json_object *image)
{
  const char *text = json_object_to_json_string_ext(
      image, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  if (text == NULL)
    no_memory(all);
  return text;
}

/* Adds a step; the images are taken over. NULL: told. */
static signet_plan_step *add(undoing *all, const past *write, signet_verb verb,
                             const char *id, json_object *before,
                             json_object *after)
{
  const char *old = before != NULL ? text_of(all, before) : NULL;
  const char *new = after != NULL ? text_of(all, after) : NULL;
  signet_plan_step *step = NULL;
  if (!all->failed)
    step = signet_plan_add(all->plan, verb, write->kind, id, old, new);
  json_object_put(before);
  json_object_put(after);
  if (step == NULL) {
    no_memory(all);
    return NULL;
  }
  step->review = all->reviews && verb != SIGNET_DELETE;
  step->expect = step->review ? SIGNET_STATUS_APPROVED : 0;
  return step;
}

/* The entry's id by now: provisional if the undo makes it again. */
static const char *id_now(const undoing *all, const past *write)
{
  char key[32];
  json_object *member;
  key_of(write, key, sizeof key);
  return json_object_object_get_ex(all->renewed, key, &member)
             ? json_object_get_string(member)
             : write->id;
}

static bool undo_create(undoing *all, const past *write)
{
  const char *id = id_now(all, write);
  char key[32];
  if (signet_taken_delete(all->source->taken, key_of(write, key, sizeof key)) ||
      (write->kind == SIGNET_SIGN && all->source->stays != NULL &&
       all->source->stays(all->source->user, id)))
    return true;
  json_object *image = image_of(all, write, id);
  signet_plan_step *step =
      image != NULL ? add(all, write, SIGNET_DELETE, id, image, NULL) : NULL;
  if (step != NULL)
    step->mark = SIGNET_UNDO_REVERSIBLE;
  return step != NULL;
}

/* The fields that bring back what was there before. NULL: told. */
static json_object *fields_before(undoing *all, const past *write)
{
  json_object *record;
  if (!parse(all, write, write->before, &record))
    return NULL;
  json_object *fields = fields_from(all, write->kind, record);
  json_object_put(record);
  return fields;
}

static bool undo_update(undoing *all, const past *write)
{
  const char *id = id_now(all, write);
  char key[32];
  snprintf(key, sizeof key, "%c%s", write->kind == SIGNET_SIGN ? 's' : 't', id);
  if (signet_taken_update(all->source->taken, key))
    return true;
  json_object *fields = fields_before(all, write);
  json_object *image = fields != NULL ? image_of(all, write, id) : NULL;
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
static bool find_remade(undoing *all, const past *write, json_object *fields,
                        char id[24])
{
  const char *text = fields != NULL ? text_of(all, fields) : NULL;
  if (text == NULL)
    return false;
  return signet_taken_create(all->source->taken, write->kind, text, id) ||
         no_memory(all);
}

static bool remake(undoing *all, const past *write, json_object *fields,
                   char id[24])
{
  snprintf(id, 24, "%" PRId64, all->next_id++);
  signet_plan_step *step = add(all, write, SIGNET_CREATE, id, NULL, fields);
  if (step == NULL)
    return false;
  step->mark = SIGNET_UNDO_NEW_ID;
  memcpy(step->old, write->id, sizeof step->old);
  return true;
}

static bool undo_delete(undoing *all, const past *write)
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
  return put(all, all->renewed, key_of(write, key, sizeof key),
             json_object_new_string(id));
}

/* ---- all of it ---- */

/* The entries that the job made, and whether it deleted them again: what became
 * of those in between leaves nothing behind. */
static bool find_fleeting(undoing *all, json_object *made)
{
  char key[32];
  for (size_t i = 0; i < all->count; i++) {
    const past *write = &all->writes[i];
    json_object *member;
    key_of(write, key, sizeof key);
    bool made_here = json_object_object_get_ex(made, key, &member);
    if (write->raw || write->verb == SIGNET_UPDATE ||
        (write->verb == SIGNET_DELETE && !made_here))
      continue;
    if (!put(all, made, key,
             json_object_new_boolean(write->verb == SIGNET_DELETE)))
      return false;
  }
  return true;
}

static bool undo_one(undoing *all, json_object *made, const past *write)
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

static void free_texts(past *write)
{
  signet_memory_free(write->before);
  signet_memory_free(write->after);
  write->before = NULL;
  write->after = NULL;
}

static bool undo_all(undoing *all)
{
  json_object *made = json_object_new_object();
  bool good = made != NULL && all->renewed != NULL && all->plan != NULL;
  good = (good || no_memory(all)) && find_fleeting(all, made);
  for (size_t i = all->count; good && i > 0; i--) {
    good = undo_one(all, made, &all->writes[i - 1]);
    free_texts(&all->writes[i - 1]); /* the plan's own take their place */
  }
  json_object_put(made);
  return good &&
         ((signet_plan_link(all->plan, NULL) && signet_plan_seal(all->plan)) ||
          no_memory(all));
}

static void clear(undoing *all)
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
  undoing all = {.job = source->job,
                 .error = error,
                 .next_id = FIRST_ID,
                 .renewed = json_object_new_object(),
                 .plan = signet_plan_new(source->account, source->job, NULL),
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

typedef struct folder_source {
  const char *state_dir;
  const char *job;
} folder_source;

static bool each_write(void *user, signet_write_view_fn function, void *to,
                       signet_error *error)
{
  const folder_source *from = user;
  return signet_job_writes_each(from->state_dir, from->job, function, to,
                                error);
}

typedef struct running_job {
  const char *id;
  bool runs;
} running_job;

static bool take_running(void *user, const signet_job_view *view)
{
  running_job *job = user;
  job->runs = strcmp(view->id, job->id) == 0 && view->running != NULL;
  return strcmp(view->id, job->id) != 0;
}

/* What is still to come of a job would not be taken back. */
static bool has_ended(const char *state_dir, const char *id,
                      signet_error *error)
{
  running_job job = {.id = id};
  return signet_jobs_each(state_dir, id, take_running, NULL, &job, error) &&
         (!job.runs ||
          signet_error_set(error, SIGNET_ERROR_REFUSED,
                           "job %s is running: undo it when it has ended", id));
}

signet_plan *signet_undo_plan(const char *state_dir, const char *job,
                              const char *account, size_t *irreversible,
                              signet_error *error)
{
  folder_source from = {state_dir, job};
  const signet_undo_source source = {
      .job = job, .account = account, .each = each_write, .user = &from};
  signet_error_init(error);
  return has_ended(state_dir, job, error)
             ? signet_undo_make(&source, irreversible, error)
             : NULL;
}
