/* SPDX-License-Identifier: MIT */
/* Reading a plan file, strictly: what it would do must be what it says. */
#include "job/plan/lines.h"
#include "job/plan/link.h"
#include "job/plan/load_member.h"

#include "account/identity.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <inttypes.h>
#include <string.h>

/* That of a step; -1: a plan has no such steps. */
static int verb_number(const char *name)
{
  int verb = signet_verb_number(name);
  return verb == SIGNET_CREATE || verb == SIGNET_UPDATE || verb == SIGNET_DELETE
             ? verb
             : -1;
}

static signet_plan_step *begin_step(const signet_loading *in)
{
  json_object *id;
  const char *before;
  const char *after;
  size_t number = 0;
  int verb = 0;
  int kind = 0;
  if (!signet_load_size(in, "step", &number) ||
      !signet_load_word(in, "verb", verb_number, &verb) ||
      !signet_load_word(in, "kind", signet_kind_number, &kind) ||
      (id = signet_load_member(in, "id", json_type_string, "must be an id")) ==
          NULL)
    return NULL;
  if (number != in->number || !signet_load_is_id(id)) {
    signet_load_wrong(in, number != in->number ? "step" : "id",
                      number != in->number ? "must count from 1"
                                           : "must be an id");
    return NULL;
  }
  if (!signet_load_image(in, "before", verb != SIGNET_CREATE, &before) ||
      !signet_load_image(in, "after", verb != SIGNET_DELETE, &after))
    return NULL;
  signet_plan_step *step =
      signet_plan_add(in->plan, (signet_verb)verb, (signet_kind)kind,
                      json_object_get_string(id), before, after);
  if (step == NULL)
    signet_load_no_memory(in);
  return step;
}

/* That of a step which has one. */
static int mark_number(const char *name)
{
  int mark = signet_undo_mark_number(name);
  return mark == SIGNET_UNDO_NONE ? -1 : mark;
}

static bool take_mark(const signet_loading *in, signet_plan_step *step)
{
  json_object *member;
  int mark;
  if (!json_object_object_get_ex(in->object, "mark", &member))
    return true;
  if (!signet_load_word(in, "mark", mark_number, &mark))
    return false;
  step->mark = (signet_undo_mark)mark;
  return true;
}

static bool take_old(const signet_loading *in, signet_plan_step *step)
{
  json_object *member;
  if (!json_object_object_get_ex(in->object, "old", &member))
    return true;
  if (!signet_load_is_id(member))
    return signet_load_wrong(in, "old", "must be an id");
  memcpy(step->old, json_object_get_string(member),
         (size_t)json_object_get_string_len(member) + 1);
  return true;
}

static bool take_step(const signet_loading *in)
{
  static const char *const members[] = {
      "step",    "verb",    "kind",         "id",          "before",
      "after",   "needs",   "reviews",      "round",       "review",
      "awaited", "expect",  "outage",       "after_round", "mark",
      "old",     "assumed", "assumed_sign", NULL};
  size_t expect = 0;
  if (!json_object_is_type(in->object, json_type_object))
    return signet_load_wrong(in, "it", "must be an object");
  if (!signet_load_check(in, members))
    return false;
  signet_plan_step *step = begin_step(in);
  if (step == NULL ||
      !signet_load_numbers(in, "needs", &step->needs, &step->need_count) ||
      !signet_load_numbers(in, "reviews", &step->reviews,
                           &step->review_count) ||
      !signet_load_size(in, "after_round", &step->after_round) ||
      !signet_load_size(in, "round", &step->round) ||
      !signet_load_boolean(in, "review", &step->review) ||
      !signet_load_boolean(in, "awaited", &step->awaited) ||
      !signet_load_size(in, "expect", &expect) ||
      !signet_load_outage(in, step) || !take_mark(in, step) ||
      !take_old(in, step) ||
      (json_object_object_get_ex(in->object, "assumed", NULL) &&
       !signet_load_boolean(in, "assumed", &step->assumed)) ||
      (json_object_object_get_ex(in->object, "assumed_sign", NULL) &&
       !signet_load_boolean(in, "assumed_sign", &step->assumed_sign)))
    return false;
  step->expect = (int64_t)expect;
  for (size_t i = 0; i < step->review_count; i++)
    if (!in->plan->steps[step->reviews[i] - 1].review)
      return signet_load_wrong(in, "reviews",
                               "must name steps that go to review");
  if (step->after_round >= in->number)
    return signet_load_wrong(in, "after_round",
                             "is a round that none before it has");
  return step->round == signet_plan_round_of(in->plan, step) ||
         signet_load_wrong(in, "round",
                           "is not the one that its needs make it");
}

static bool take_text(const signet_loading *in, const char *name, char **text)
{
  const char *value = signet_load_text(in, name);
  if (value == NULL)
    return false;
  signet_memory_free(*text);
  *text = signet_memory_text(value, strlen(value));
  return *text != NULL || signet_load_no_memory(in);
}

/* As the account is named now, whatever spelling of its URL it was made with.
 */
static bool take_account(const signet_loading *in)
{
  char identity[SIGNET_IDENTITY_SIZE];
  const char *given = signet_load_text(in, "account");
  if (given == NULL)
    return false;
  signet_memory_free(in->plan->account);
  in->plan->account = signet_identity_canonical(given, identity)
                          ? signet_memory_text(identity, strlen(identity))
                          : NULL;
  return in->plan->account != NULL || signet_load_no_memory(in);
}

/* Only what a job's id holds: it is written into messages and plans. */
static bool take_job(const signet_loading *in, const char *name, char job[32])
{
  const char *text = signet_load_text(in, name);
  if (text == NULL)
    return false;
  size_t length = strlen(text);
  if (length == 0 || length > 31 ||
      strspn(text, "0123456789abcdefT-") != length)
    return signet_load_wrong(in, name, "must be a job's id");
  memcpy(job, text, length + 1);
  return true;
}

static bool take_origin(const signet_loading *in)
{
  static const char *const members[] = {"job", "undoes", "writes", NULL};
  size_t writes = 0;
  if (!json_object_object_get_ex(in->object, "from", NULL))
    return true;
  const signet_loading from = {
      in->plan,
      signet_load_member(in, "from", json_type_object, "must be an object"), 0,
      in->error};
  signet_plan_origin *origin = &in->plan->from;
  if (from.object == NULL || !signet_load_check(&from, members) ||
      !take_job(&from, "job", origin->job) ||
      (json_object_object_get_ex(from.object, "undoes", NULL) &&
       !take_job(&from, "undoes", origin->undoes)) ||
      !signet_load_size(&from, "writes", &writes))
    return false;
  origin->writes = writes;
  return true;
}

static bool take_head(const signet_loading *in)
{
  json_object *arguments =
      signet_load_member(in, "arguments", json_type_array, "must be an array");
  json_object *created = signet_load_member(in, "created_ms", json_type_int,
                                            "must be a whole number");
  if (arguments == NULL || created == NULL || !take_account(in) ||
      !take_text(in, "signet", &in->plan->tool) ||
      !take_text(in, "script", &in->plan->script) || !take_origin(in))
    return false;
  const char *text = json_object_to_json_string_ext(
      arguments, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  signet_memory_free(in->plan->arguments);
  in->plan->arguments =
      text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  in->plan->created_ms = json_object_get_int64(created);
  return in->plan->arguments != NULL || signet_load_no_memory(in);
}

static bool take_one(const signet_loading *in, json_object *object,
                     size_t number)
{
  const signet_loading step = {in->plan, object, number, in->error};
  return take_step(&step);
}

static bool take_array(const signet_loading *in)
{
  json_object *array =
      signet_load_member(in, "steps", json_type_array, "must be an array");
  bool good = array != NULL;
  for (size_t i = 0; good && i < json_object_array_length(array); i++)
    good = take_one(in, json_object_array_get_idx(array, i), i + 1);
  return good;
}

/* One step at a time, since a plan may have hundreds of thousands. */
static bool take_lines(const signet_loading *in, const char *line)
{
  bool good = true;
  for (size_t number = 1; good && *line != '\0'; number++) {
    const char *problem;
    json_object *object = signet_plan_parse_line(&line, &problem);
    if (signet_json_ran_out(problem))
      good = signet_load_no_memory(in);
    else if (problem != NULL)
      good = signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                              "this is no plan: %s", problem);
    else
      good = take_one(in, object, number);
    json_object_put(object);
  }
  return good;
}

static bool take_steps(const signet_loading *in, const char *lines)
{
  return (lines != NULL ? take_lines(in, lines) : take_array(in)) &&
         (signet_plan_gather(in->plan) || signet_load_no_memory(in));
}

/* ---- whether it is one, and still what was saved ---- */

static bool check_version(const signet_loading *in)
{
  json_object *member;
  int64_t version;
  if (!json_object_object_get_ex(in->object, "format", &member) ||
      !json_object_is_type(member, json_type_string) ||
      strcmp(json_object_get_string(member), "signet-plan") != 0)
    return signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                            "this is no plan: it lacks \"format\": "
                            "\"signet-plan\"");
  if ((member = signet_load_member(in, "version", json_type_int,
                                   "must be a whole number")) == NULL)
    return false;
  version = json_object_get_int64(member);
  if (version == SIGNET_PLAN_VERSION)
    return true;
  return signet_error_set(
      in->error, SIGNET_ERROR_REFUSED,
      "the plan is of %s format version %" PRId64 "; signet %s reads version "
      "%d: make a new plan",
      version < SIGNET_PLAN_VERSION ? "the older" : "the newer", version,
      signet_version(), SIGNET_PLAN_VERSION);
}

static bool check_digest(const signet_loading *in, const char *text)
{
  const char *digest = signet_load_text(in, "digest");
  if (digest == NULL)
    return false;
  signet_plan_make_digest(text, in->plan->digest);
  return strcmp(digest, in->plan->digest) == 0 ||
         signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                          "the plan was changed after it was saved: its "
                          "digest doesn't fit; make a new plan");
}

/* @param lines  of the steps; NULL: the object holds them */
static bool load(const signet_loading *in, const char *lines)
{
  static const char *const members[] = {
      "format", "version",   "digest", "account", "signet", "created_ms",
      "script", "arguments", "from",   "steps",   NULL};
  return check_version(in) && check_digest(in, in->plan->text) &&
         signet_load_check(in, members) && take_head(in) &&
         take_steps(in, lines);
}

signet_plan *signet_plan_load(const char *text, size_t length,
                              signet_error *error)
{
  const char *problem = NULL, *lines = NULL;
  signet_error_init(error);
  signet_plan *plan = signet_plan_new("", NULL, NULL);
  signet_loading in = {plan, NULL, 0, error};
  bool good = false;
  /* Behind the text that was given there need not be a NUL. */
  if (plan != NULL && (plan->text = signet_memory_text(text, length)) != NULL) {
    plan->length = length;
    lines = signet_plan_lines(plan->text, length);
    in.object = signet_plan_parse_head(plan->text, length, lines, &problem);
  }
  json_object *object = in.object;
  if (plan == NULL || plan->text == NULL || signet_json_ran_out(problem) ||
      (object == NULL && problem == NULL && lines != NULL))
    signet_load_no_memory(&in);
  else if (problem != NULL)
    signet_error_set(error, SIGNET_ERROR_REFUSED, "this is no plan: %s",
                     problem);
  else if (!json_object_is_type(object, json_type_object))
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "this is no plan: it must be a JSON object");
  else
    good = load(&in, lines);
  json_object_put(object);
  if (good)
    return plan;
  signet_plan_free(plan);
  return NULL;
}
