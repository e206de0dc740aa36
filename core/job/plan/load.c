/* SPDX-License-Identifier: MIT */
/* Reading a plan file, strictly: what it would do must be what it says. */
#include "job/plan/lines.h"
#include "job/plan/link.h"

#include "account/identity.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <inttypes.h>
#include <string.h>

typedef struct loading {
  signet_plan *plan;
  json_object *object; /* the step, or the whole */
  size_t number;       /* of the step, 0: the whole */
  signet_error *error;
} loading;

static bool wrong(const loading *in, const char *name, const char *what)
{
  char shown[64];
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  if (in->number > 0)
    return signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                            "the plan can't be read: step %zu: %s %s",
                            in->number, shown, what);
  return signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                          "the plan can't be read: %s %s", shown, what);
}

static bool out_of_memory(const loading *in)
{
  return signet_error_set(in->error, SIGNET_ERROR_MEMORY, "out of memory");
}

static bool check_members(const loading *in, const char *const *names)
{
  json_object_object_foreach(in->object, name, member)
  {
    const char *const *known = names;
    (void)member;
    while (*known != NULL && strcmp(*known, name) != 0)
      known++;
    if (*known == NULL)
      return wrong(in, name, "is nothing that a plan holds");
  }
  return true;
}

/* The member if it is there and of that type. NULL: told. */
static json_object *member_of(const loading *in, const char *name,
                              json_type type, const char *must)
{
  json_object *member;
  if (json_object_object_get_ex(in->object, name, &member) &&
      json_object_is_type(member, type))
    return member;
  wrong(in, name, must);
  return NULL;
}

static const char *text_of(const loading *in, const char *name)
{
  json_object *member =
      member_of(in, name, json_type_string, "must be a string");
  return member != NULL ? json_object_get_string(member) : NULL;
}

static bool take_size(const loading *in, const char *name, size_t *size)
{
  json_object *member =
      member_of(in, name, json_type_int, "must be a whole number");
  if (member == NULL)
    return false;
  int64_t number = json_object_get_int64(member);
  if (number < 0 || number > INT32_MAX)
    return wrong(in, name, "is out of range");
  *size = (size_t)number;
  return true;
}

static bool take_boolean(const loading *in, const char *name, bool *value)
{
  json_object *member =
      member_of(in, name, json_type_boolean, "must be true or false");
  *value = member != NULL && json_object_get_boolean(member);
  return member != NULL;
}

/* A word, whose number goes to `choice`. */
static bool take_word(const loading *in, const char *name,
                      int (*number_of)(const char *word), int *choice)
{
  const char *text = text_of(in, name);
  if (text == NULL)
    return false;
  *choice = number_of(text);
  return *choice >= 0 || wrong(in, name, "is no word that a plan knows there");
}

/* Numbers of earlier steps. */
static bool take_numbers(const loading *in, const char *name,
                         const size_t **numbers, size_t *count)
{
  json_object *array = member_of(in, name, json_type_array, "must be an array");
  if (array == NULL)
    return false;
  for (size_t i = 0; i < json_object_array_length(array); i++) {
    json_object *member = json_object_array_get_idx(array, i);
    int64_t number = json_object_get_int64(member);
    if (!json_object_is_type(member, json_type_int) || number < 1 ||
        number >= (int64_t)in->number)
      return wrong(in, name, "must name steps before it");
    if (!signet_plan_push(numbers, count, (size_t)number))
      return out_of_memory(in);
  }
  return true;
}

static bool is_id(json_object *member)
{
  signet_violation violation;
  return json_object_is_type(member, json_type_string) &&
         signet_rule_check_id(json_object_get_string(member),
                              (size_t)json_object_get_string_len(member),
                              &violation);
}

static bool take_outage(const loading *in, signet_plan_step *step)
{
  json_object *array =
      member_of(in, "outage", json_type_array, "must be an array");
  if (array == NULL)
    return false;
  size_t count = json_object_array_length(array);
  if (count == 0)
    return true;
  int64_t *ids = signet_memory_zeroed(count, sizeof ids[0]);
  if (ids == NULL)
    return out_of_memory(in);
  step->outage = ids;
  step->outage_count = count;
  for (size_t i = 0; i < count; i++) {
    json_object *member = json_object_array_get_idx(array, i);
    if (!is_id(member))
      return wrong(in, "outage", "must hold ids");
    ids[i] = json_object_get_int64(member);
  }
  return true;
}

/* The text of an object, or NULL for null; which of them must be right. */
static bool take_image(const loading *in, const char *name, bool wanted,
                       const char **text)
{
  json_object *member;
  *text = NULL;
  if (!json_object_object_get_ex(in->object, name, &member))
    return wrong(in, name, "is missing");
  if (!wanted)
    return member == NULL || wrong(in, name, "must be null");
  if (!json_object_is_type(member, json_type_object))
    return wrong(in, name, "must be an object");
  *text = json_object_to_json_string_ext(
      member, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  return *text != NULL || out_of_memory(in);
}

/* That of a step; -1: a plan has no such steps. */
static int verb_number(const char *name)
{
  int verb = signet_verb_number(name);
  return verb == SIGNET_CREATE || verb == SIGNET_UPDATE || verb == SIGNET_DELETE
             ? verb
             : -1;
}

static signet_plan_step *begin_step(const loading *in)
{
  json_object *id;
  const char *before;
  const char *after;
  size_t number = 0;
  int verb = 0;
  int kind = 0;
  if (!take_size(in, "step", &number) ||
      !take_word(in, "verb", verb_number, &verb) ||
      !take_word(in, "kind", signet_kind_number, &kind) ||
      (id = member_of(in, "id", json_type_string, "must be an id")) == NULL)
    return NULL;
  if (number != in->number || !is_id(id)) {
    wrong(in, number != in->number ? "step" : "id",
          number != in->number ? "must count from 1" : "must be an id");
    return NULL;
  }
  if (!take_image(in, "before", verb != SIGNET_CREATE, &before) ||
      !take_image(in, "after", verb != SIGNET_DELETE, &after))
    return NULL;
  signet_plan_step *step =
      signet_plan_add(in->plan, (signet_verb)verb, (signet_kind)kind,
                      json_object_get_string(id), before, after);
  if (step == NULL)
    out_of_memory(in);
  return step;
}

/* That of a step which has one. */
static int mark_number(const char *name)
{
  int mark = signet_undo_mark_number(name);
  return mark == SIGNET_UNDO_NONE ? -1 : mark;
}

static bool take_mark(const loading *in, signet_plan_step *step)
{
  json_object *member;
  int mark;
  if (!json_object_object_get_ex(in->object, "mark", &member))
    return true;
  if (!take_word(in, "mark", mark_number, &mark))
    return false;
  step->mark = (signet_undo_mark)mark;
  return true;
}

static bool take_old(const loading *in, signet_plan_step *step)
{
  json_object *member;
  if (!json_object_object_get_ex(in->object, "old", &member))
    return true;
  if (!is_id(member))
    return wrong(in, "old", "must be an id");
  memcpy(step->old, json_object_get_string(member),
         (size_t)json_object_get_string_len(member) + 1);
  return true;
}

static bool take_step(const loading *in)
{
  static const char *const members[] = {
      "step",    "verb",    "kind",         "id",          "before",
      "after",   "needs",   "reviews",      "round",       "review",
      "awaited", "expect",  "outage",       "after_round", "mark",
      "old",     "assumed", "assumed_sign", NULL};
  size_t expect = 0;
  if (!json_object_is_type(in->object, json_type_object))
    return wrong(in, "it", "must be an object");
  if (!check_members(in, members))
    return false;
  signet_plan_step *step = begin_step(in);
  if (step == NULL ||
      !take_numbers(in, "needs", &step->needs, &step->need_count) ||
      !take_numbers(in, "reviews", &step->reviews, &step->review_count) ||
      !take_size(in, "after_round", &step->after_round) ||
      !take_size(in, "round", &step->round) ||
      !take_boolean(in, "review", &step->review) ||
      !take_boolean(in, "awaited", &step->awaited) ||
      !take_size(in, "expect", &expect) || !take_outage(in, step) ||
      !take_mark(in, step) || !take_old(in, step) ||
      (json_object_object_get_ex(in->object, "assumed", NULL) &&
       !take_boolean(in, "assumed", &step->assumed)) ||
      (json_object_object_get_ex(in->object, "assumed_sign", NULL) &&
       !take_boolean(in, "assumed_sign", &step->assumed_sign)))
    return false;
  step->expect = (int64_t)expect;
  for (size_t i = 0; i < step->review_count; i++)
    if (!in->plan->steps[step->reviews[i] - 1].review)
      return wrong(in, "reviews", "must name steps that go to review");
  if (step->after_round >= in->number)
    return wrong(in, "after_round", "is a round that none before it has");
  return step->round == signet_plan_round_of(in->plan, step) ||
         wrong(in, "round", "is not the one that its needs make it");
}

static bool take_text(const loading *in, const char *name, char **text)
{
  const char *value = text_of(in, name);
  if (value == NULL)
    return false;
  signet_memory_free(*text);
  *text = signet_memory_text(value, strlen(value));
  return *text != NULL || out_of_memory(in);
}

/* As the account is named now, whatever spelling of its URL it was made with.
 */
static bool take_account(const loading *in)
{
  char identity[SIGNET_IDENTITY_SIZE];
  const char *given = text_of(in, "account");
  if (given == NULL)
    return false;
  signet_memory_free(in->plan->account);
  in->plan->account = signet_identity_canonical(given, identity)
                          ? signet_memory_text(identity, strlen(identity))
                          : NULL;
  return in->plan->account != NULL || out_of_memory(in);
}

/* Only what a job's id holds: it is written into messages and plans. */
static bool take_job(const loading *in, const char *name, char job[32])
{
  const char *text = text_of(in, name);
  if (text == NULL)
    return false;
  size_t length = strlen(text);
  if (length == 0 || length > 31 ||
      strspn(text, "0123456789abcdefT-") != length)
    return wrong(in, name, "must be a job's id");
  memcpy(job, text, length + 1);
  return true;
}

static bool take_origin(const loading *in)
{
  static const char *const members[] = {"job", "undoes", "writes", NULL};
  size_t writes = 0;
  if (!json_object_object_get_ex(in->object, "from", NULL))
    return true;
  const loading from = {
      in->plan, member_of(in, "from", json_type_object, "must be an object"), 0,
      in->error};
  signet_plan_origin *origin = &in->plan->from;
  if (from.object == NULL || !check_members(&from, members) ||
      !take_job(&from, "job", origin->job) ||
      (json_object_object_get_ex(from.object, "undoes", NULL) &&
       !take_job(&from, "undoes", origin->undoes)) ||
      !take_size(&from, "writes", &writes))
    return false;
  origin->writes = writes;
  return true;
}

static bool take_head(const loading *in)
{
  json_object *arguments =
      member_of(in, "arguments", json_type_array, "must be an array");
  json_object *created =
      member_of(in, "created_ms", json_type_int, "must be a whole number");
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
  return in->plan->arguments != NULL || out_of_memory(in);
}

static bool take_one(const loading *in, json_object *object, size_t number)
{
  const loading step = {in->plan, object, number, in->error};
  return take_step(&step);
}

static bool take_array(const loading *in)
{
  json_object *array =
      member_of(in, "steps", json_type_array, "must be an array");
  bool good = array != NULL;
  for (size_t i = 0; good && i < json_object_array_length(array); i++)
    good = take_one(in, json_object_array_get_idx(array, i), i + 1);
  return good;
}

/* One step at a time, since a plan may have hundreds of thousands. */
static bool take_lines(const loading *in, const char *line)
{
  bool good = true;
  for (size_t number = 1; good && *line != '\0'; number++) {
    const char *problem;
    json_object *object = signet_plan_parse_line(&line, &problem);
    if (signet_json_ran_out(problem))
      good = out_of_memory(in);
    else if (problem != NULL)
      good = signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                              "this is no plan: %s", problem);
    else
      good = take_one(in, object, number);
    json_object_put(object);
  }
  return good;
}

static bool take_steps(const loading *in, const char *lines)
{
  return (lines != NULL ? take_lines(in, lines) : take_array(in)) &&
         (signet_plan_gather(in->plan) || out_of_memory(in));
}

/* ---- whether it is one, and still what was saved ---- */

static bool check_version(const loading *in)
{
  json_object *member;
  int64_t version;
  if (!json_object_object_get_ex(in->object, "format", &member) ||
      !json_object_is_type(member, json_type_string) ||
      strcmp(json_object_get_string(member), "signet-plan") != 0)
    return signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                            "this is no plan: it lacks \"format\": "
                            "\"signet-plan\"");
  if ((member = member_of(in, "version", json_type_int,
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

static bool check_digest(const loading *in, const char *text)
{
  const char *digest = text_of(in, "digest");
  if (digest == NULL)
    return false;
  signet_plan_make_digest(text, in->plan->digest);
  return strcmp(digest, in->plan->digest) == 0 ||
         signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                          "the plan was changed after it was saved: its "
                          "digest doesn't fit; make a new plan");
}

/* @param lines  of the steps; NULL: the object holds them */
static bool load(const loading *in, const char *lines)
{
  static const char *const members[] = {
      "format", "version",   "digest", "account", "signet", "created_ms",
      "script", "arguments", "from",   "steps",   NULL};
  return check_version(in) && check_digest(in, in->plan->text) &&
         check_members(in, members) && take_head(in) && take_steps(in, lines);
}

signet_plan *signet_plan_load(const char *text, size_t length,
                              signet_error *error)
{
  const char *problem = NULL, *lines = NULL;
  signet_error_init(error);
  signet_plan *plan = signet_plan_new("", NULL, NULL);
  loading in = {plan, NULL, 0, error};
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
    out_of_memory(&in);
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
