/* SPDX-License-Identifier: MIT */
/*
 * The plan that takes a job back: for each write that was done its inverse, in
 * reverse order. What can't be taken back is counted; an entry that the job
 * both made and deleted needs nothing.
 */
#include "job/plan.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "signet/job.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t FIRST_ID = INT64_C(9000000000000000001);

/* One write of the job that was done. Text is owned. */
typedef struct past {
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
  bool memory;
  signet_plan *plan;
  int64_t next_id;
  json_object *renewed; /* "s7": the provisional id of what comes back */
  size_t irreversible;
  bool reviews; /* the dialect has them */
} undoing;

static char *copy(const char *text)
{
  return text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
}

static bool is_sign(const char *kind)
{
  return strcmp(kind, "sign") == 0;
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

static bool read_write(void *user, const signet_write_view *view)
{
  undoing *all = user;
  past write = {0};
  if (strcmp(view->state, "done") != 0)
    return true;
  write.verb = strcmp(view->verb, "create") == 0   ? SIGNET_CREATE
               : strcmp(view->verb, "update") == 0 ? SIGNET_UPDATE
                                                   : SIGNET_DELETE;
  write.kind = is_sign(view->kind) ? SIGNET_SIGN : SIGNET_TEMPLATE;
  const char *id = write.verb == SIGNET_CREATE && view->answer != NULL
                       ? view->answer
                       : view->target;
  write.raw = strcmp(view->verb, "request") == 0 || id == NULL ||
              id[0] == '\0' ||
              (write.verb != SIGNET_CREATE && view->before == NULL);
  snprintf(write.id, sizeof write.id, "%s", id != NULL ? id : "");
  write.before = copy(view->before);
  write.after = copy(view->after);
  all->memory = (view->before != NULL && write.before == NULL) ||
                (view->after != NULL && write.after == NULL) ||
                !push(all, &write);
  if (all->memory) {
    signet_memory_free(write.before);
    signet_memory_free(write.after);
  }
  return !all->memory;
}

/* ---- images ---- */

static json_object *parse(const char *text)
{
  const char *problem;
  return text != NULL ? signet_json_parse(text, strlen(text), &problem) : NULL;
}

static const char *const fields_of[2][8] = {
    {"sign_name", NULL},
    {"template_name", "template_type", "template_content", "country_codes",
     "sign_id", "sign_position", NULL}};

static void take_field(json_object *to, const char *name, json_object *from)
{
  json_object *member;
  if (json_object_object_get_ex(from, name, &member) && member != NULL)
    json_object_object_add(to, name, json_object_get(member));
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

static void map_sign(const undoing *all, json_object *image)
{
  char key[32];
  json_object *member;
  if (!json_object_object_get_ex(image, "sign_id", &member))
    return;
  snprintf(key, sizeof key, "s%.24s", json_object_get_string(member));
  if (json_object_object_get_ex(all->renewed, key, &member))
    json_object_object_add(image, "sign_id", json_object_get(member));
}

/* What an update or a create has to write to get a record back. */
static json_object *fields_from(const undoing *all, signet_kind kind,
                                json_object *record)
{
  json_object *fields = json_object_new_object();
  bool shown = shows_signature(record);
  for (const char *const *name = fields_of[kind]; *name != NULL; name++)
    if (strncmp(*name, "sign_", 5) != 0 || kind == SIGNET_SIGN || shown)
      take_field(fields, *name, record);
  if (kind == SIGNET_TEMPLATE) {
    json_object_object_add(fields, "add_signature",
                           json_object_new_boolean(shown));
    map_sign(all, fields);
  }
  return fields;
}

/* What an entry looks like after fields were written to it. */
static json_object *image_of(const undoing *all, const past *write,
                             const char *id)
{
  json_object *after = parse(write->after);
  json_object *image = json_object_new_object();
  json_object *member;
  bool hidden = json_object_object_get_ex(after, "add_signature", &member) &&
                !json_object_get_boolean(member);
  json_object_object_add(image,
                         write->kind == SIGNET_SIGN ? "sign_id" : "template_id",
                         json_object_new_string(id));
  for (const char *const *name = fields_of[write->kind]; *name != NULL; name++)
    if (strncmp(*name, "sign_", 5) != 0 || write->kind == SIGNET_SIGN ||
        !hidden)
      take_field(image, *name, after);
  if (write->kind == SIGNET_TEMPLATE)
    map_sign(all, image);
  json_object_put(after);
  return image;
}

/* ---- the inverse of one write ---- */

static const char *key_of(const past *write, char *key, size_t size)
{
  snprintf(key, size, "%c%s", write->kind == SIGNET_SIGN ? 's' : 't',
           write->id);
  return key;
}

static signet_plan_step *add(undoing *all, const past *write, signet_verb verb,
                             const char *id, json_object *before,
                             json_object *after)
{
  int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
  signet_plan_step *step = signet_plan_add(
      all->plan, verb, write->kind, id,
      before != NULL ? json_object_to_json_string_ext(before, flags) : NULL,
      after != NULL ? json_object_to_json_string_ext(after, flags) : NULL);
  json_object_put(before);
  json_object_put(after);
  if (step == NULL)
    return NULL;
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
  signet_plan_step *step =
      add(all, write, SIGNET_DELETE, id, image_of(all, write, id), NULL);
  if (step != NULL)
    step->mark = SIGNET_UNDO_REVERSIBLE;
  return step != NULL;
}

static bool undo_update(undoing *all, const past *write)
{
  const char *id = id_now(all, write);
  json_object *record = parse(write->before);
  signet_plan_step *step =
      add(all, write, SIGNET_UPDATE, id, image_of(all, write, id),
          fields_from(all, write->kind, record));
  json_object_put(record);
  if (step != NULL)
    step->mark =
        all->reviews ? SIGNET_UNDO_NEEDS_REVIEW : SIGNET_UNDO_REVERSIBLE;
  return step != NULL;
}

static bool undo_delete(undoing *all, const past *write)
{
  char key[32];
  char id[24];
  json_object *record = parse(write->before);
  snprintf(id, sizeof id, "%" PRId64, all->next_id++);
  signet_plan_step *step = add(all, write, SIGNET_CREATE, id, NULL,
                               fields_from(all, write->kind, record));
  json_object_put(record);
  json_object_object_add(all->renewed, key_of(write, key, sizeof key),
                         json_object_new_string(id));
  if (step == NULL)
    return false;
  step->mark = SIGNET_UNDO_NEW_ID;
  memcpy(step->old, write->id, sizeof step->old);
  return true;
}

/* ---- all of it ---- */

/* Whether the job made the entry, and deleted it again: what became of it in
 * between leaves nothing behind. "c" and "d" are kept by key. */
static json_object *fleeting(const undoing *all)
{
  char key[32];
  json_object *made = json_object_new_object();
  for (size_t i = 0; i < all->count; i++) {
    const past *write = &all->writes[i];
    json_object *member;
    if (write->raw)
      continue;
    key_of(write, key, sizeof key);
    if (write->verb == SIGNET_CREATE)
      json_object_object_add(made, key, json_object_new_boolean(false));
    else if (write->verb == SIGNET_DELETE &&
             json_object_object_get_ex(made, key, &member))
      json_object_object_add(made, key, json_object_new_boolean(true));
  }
  return made;
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

static bool undo_all(undoing *all)
{
  json_object *made = fleeting(all);
  bool good = made != NULL && all->renewed != NULL;
  for (size_t i = all->count; good && i > 0; i--)
    good = undo_one(all, made, &all->writes[i - 1]);
  json_object_put(made);
  return good && signet_plan_link(all->plan, NULL) &&
         signet_plan_seal(all->plan);
}

static void clear(undoing *all)
{
  for (size_t i = 0; i < all->count; i++) {
    signet_memory_free(all->writes[i].before);
    signet_memory_free(all->writes[i].after);
  }
  signet_memory_free(all->writes);
  json_object_put(all->renewed);
}

signet_plan *signet_undo_plan(const char *state_dir, const char *job,
                              const char *account, size_t *irreversible,
                              signet_error *error)
{
  signet_error_init(error);
  undoing all = {.next_id = FIRST_ID,
                 .renewed = json_object_new_object(),
                 .reviews = strncmp(account, "signs ", 6) != 0};
  bool read = signet_job_writes_each(state_dir, job, read_write, &all, error);
  bool good = false;
  if (read && !all.memory) {
    all.plan = signet_plan_new(account, job, NULL);
    good = all.plan != NULL && undo_all(&all);
  }
  clear(&all);
  *irreversible = all.irreversible;
  if (good)
    return all.plan;
  signet_plan_free(all.plan);
  if (read)
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  return NULL;
}
