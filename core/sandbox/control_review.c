/* SPDX-License-Identifier: MIT */
/* The control API's part that is about reviews and plans. */
#include "sandbox/control_review.h"

#include "sandbox/answer.h"
#include "sandbox/control_reply.h"

#include "model/text.h"
#include "wire/json.h"
#include "world/entry.h"
#include "world/load.h"
#include "world/review.h"
#include "world/save.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* What a review, a lock or an unlock names. */
typedef struct choice {
  bool any_kind;
  signet_kind kind;
  const char *id;      /* NULL: by name */
  const char *pattern; /* NULL: every name */
  int status;
  const char *remark;
  char number[24];
  bool no_memory; /* for a remark */
} choice;

static void wrong(sandbox_request *request, const char *name, const char *what)
{
  char shown[64];
  char message[200];
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  snprintf(message, sizeof message, "%s %s", shown, what);
  sandbox_control_wrong(request, message);
}

static const char *text_of(json_object *member)
{
  return json_object_is_type(member, json_type_string)
             ? json_object_get_string(member)
             : NULL;
}

static bool take_kind(const char *word, choice *chosen)
{
  if (word == NULL)
    return false;
  chosen->any_kind = strcmp(word, "any") == 0;
  int kind = signet_kind_number(word);
  chosen->kind = kind == SIGNET_TEMPLATE ? SIGNET_TEMPLATE : SIGNET_SIGN;
  return chosen->any_kind || kind >= 0;
}

/* Ids are text in one dialect and numbers in the other: both will do. */
static bool take_id(json_object *member, choice *chosen)
{
  chosen->id = text_of(member);
  if (json_object_is_type(member, json_type_int)) {
    snprintf(chosen->number, sizeof chosen->number, "%s",
             json_object_get_string(member));
    chosen->id = chosen->number;
  }
  return chosen->id != NULL;
}

static const char *take_member(const char *name, json_object *member,
                               bool review, choice *chosen)
{
  if (strcmp(name, "kind") == 0)
    return take_kind(text_of(member), chosen)
               ? NULL
               : "must be \"sign\", \"template\" or \"any\"";
  if (strcmp(name, "id") == 0)
    return take_id(member, chosen) ? NULL : "must be an id";
  if (strcmp(name, "name") == 0)
    return (chosen->pattern = text_of(member)) != NULL
               ? NULL
               : "must be a shell pattern";
  if (review && strcmp(name, "status") == 0)
    return signet_world_load_status(member, &chosen->status)
               ? NULL
               : "must be \"approved\", \"rejected\" or a number other than 1";
  if (review && strcmp(name, "remark") == 0)
    return (chosen->remark = text_of(member)) != NULL ? NULL
                                                      : "must be a string";
  return "is no field of this request";
}

static bool take_choice(sandbox_request *request, json_object *body,
                        bool review, choice *chosen)
{
  *chosen = (choice){.any_kind = true, .status = SIGNET_STATUS_APPROVED};
  if (!json_object_is_type(body, json_type_object)) {
    sandbox_control_wrong(request, "a JSON object is expected");
    return false;
  }
  json_object_object_foreach(body, name, member)
  {
    const char *problem = take_member(name, member, review, chosen);
    if (problem != NULL) {
      wrong(request, name, problem);
      return false;
    }
  }
  if (chosen->id != NULL && chosen->pattern != NULL) {
    sandbox_control_wrong(request, "give id or name, not both");
    return false;
  }
  return true;
}

typedef bool (*choice_fn)(signet_world *world, signet_entry *entry,
                          choice *chosen);

static bool decide(signet_world *world, signet_entry *entry, choice *chosen)
{
  if (entry->status != SIGNET_STATUS_PENDING)
    return false;
  bool done = signet_world_decide(world, entry, chosen->status, chosen->remark);
  if (!done)
    chosen->no_memory = true;
  return done;
}

static bool lock_entry(signet_world *world, signet_entry *entry, choice *chosen)
{
  (void)world, (void)chosen;
  entry->locked = true;
  return true;
}

static bool unlock_entry(signet_world *world, signet_entry *entry,
                         choice *chosen)
{
  (void)world, (void)chosen;
  entry->locked = false;
  return true;
}

/* Entries of one kind whose name fits. */
static size_t each_of_kind(signet_world *world, signet_kind kind,
                           choice *chosen, choice_fn function)
{
  size_t count = 0;
  for (signet_entry *entry = world->shelves[kind].first; entry != NULL;
       entry = entry->next)
    if (chosen->pattern == NULL ||
        fnmatch(chosen->pattern, signet_world_text_data(&entry->name), 0) == 0)
      count += function(world, entry, chosen);
  return count;
}

static size_t by_id(signet_world *world, signet_kind kind, choice *chosen,
                    choice_fn function)
{
  signet_entry *entry = signet_world_entry(world, kind, chosen->id);
  return entry != NULL && function(world, entry, chosen);
}

static size_t each(signet_world *world, choice *chosen, choice_fn function)
{
  size_t count = 0;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    if (!chosen->any_kind && (int)chosen->kind != kind)
      continue;
    count += chosen->id != NULL
                 ? by_id(world, (signet_kind)kind, chosen, function)
                 : each_of_kind(world, (signet_kind)kind, chosen, function);
  }
  return count;
}

static void act(sandbox_request *request, json_object *body, bool review,
                choice_fn function, const char *word)
{
  choice chosen;
  if (!take_choice(request, body, review, &chosen))
    return;
  size_t count = each(request->sandbox->world, &chosen, function);
  if (chosen.no_memory) {
    sandbox_answer_memory(request); /* what was decided before stays so */
    return;
  }
  if (count == 0 && chosen.id != NULL) {
    sandbox_answer_error(request, MHD_HTTP_NOT_FOUND, MHD_HTTP_NOT_FOUND,
                         review ? "no pending entry has this id"
                                : "no entry has this id");
    return;
  }
  signet_buffer_format(&request->out, "{\"%s\":%zu}", word, count);
  sandbox_control_done(request);
}

void sandbox_review(sandbox_request *request, struct json_object *body)
{
  act(request, body, true, decide, "reviewed");
}

void sandbox_lock(sandbox_request *request, struct json_object *body)
{
  act(request, body, false, lock_entry, "locked");
}

void sandbox_unlock(sandbox_request *request, struct json_object *body)
{
  act(request, body, false, unlock_entry, "unlocked");
}

void sandbox_get_reviewer(sandbox_request *request, struct json_object *body)
{
  (void)body;
  signet_world_write_reviewers(&request->out, request->sandbox->world);
  sandbox_control_done(request);
}

void sandbox_put_reviewer(sandbox_request *request, struct json_object *body)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (signet_world_load_reviewers(request->sandbox->world, body, &error))
    sandbox_get_reviewer(request, body);
  else
    sandbox_control_failed(request, &error);
}

void sandbox_delete_reviewer(sandbox_request *request, struct json_object *body)
{
  signet_world_set_reviewers(request->sandbox->world, NULL, 0);
  sandbox_get_reviewer(request, body);
}
