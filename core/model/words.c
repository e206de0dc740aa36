/* SPDX-License-Identifier: MIT */
/* The words of the domain. Each is written here and nowhere else, which
 * tests/structure/words_test.py sees to: this file has no other text. */
#include "signet/words.h"

#include <string.h>

typedef struct set {
  const char *const *names;
  size_t count;
} set;

#define SET(names)                            \
  {                                           \
    (names), sizeof(names) / sizeof(names)[0] \
  }

static const char *name_of(const set *words, size_t number)
{
  return number < words->count ? words->names[number] : "unknown";
}

static int number_of(const set *words, const char *name)
{
  for (size_t i = 0; name != NULL && i < words->count; i++)
    if (strcmp(words->names[i], name) == 0)
      return (int)i;
  return -1;
}

/* ---- kinds ---- */

static const char *const kind_names[] = {
    [SIGNET_SIGN] = "sign", [SIGNET_TEMPLATE] = "template"};
static const char *const kind_words[] = {
    [SIGNET_SIGN] = "signature", [SIGNET_TEMPLATE] = "template"};
static const char *const collection_names[] = {
    [SIGNET_SIGN] = "signs", [SIGNET_TEMPLATE] = "templates"};
static const set kinds = SET(kind_names);
static const set words_of_kinds = SET(kind_words);
static const set collections = SET(collection_names);

const char *signet_kind_name(signet_kind kind)
{
  return name_of(&kinds, kind);
}

int signet_kind_number(const char *name)
{
  return number_of(&kinds, name);
}

const char *signet_kind_word(signet_kind kind)
{
  return name_of(&words_of_kinds, kind);
}

const char *signet_kind_word_of(const char *name)
{
  int kind = number_of(&kinds, name);
  return kind < 0 ? name : kind_words[kind];
}

const char *signet_kind_collection(signet_kind kind)
{
  return name_of(&collections, kind);
}

int signet_kind_of_collection(const char *name)
{
  return number_of(&collections, name);
}

/* ---- verbs ---- */

static const char *const verb_names[] = {
    [SIGNET_LIST] = "list",       [SIGNET_GET] = "get",
    [SIGNET_CREATE] = "create",   [SIGNET_UPDATE] = "update",
    [SIGNET_DELETE] = "delete",   [SIGNET_WAIT] = "wait",
    [SIGNET_REQUEST] = "request",
};
static const set verbs = SET(verb_names);

const char *signet_verb_name(signet_verb verb)
{
  return name_of(&verbs, verb);
}

int signet_verb_number(const char *name)
{
  return number_of(&verbs, name);
}

const char *signet_write_kind_name(signet_verb verb, signet_kind kind)
{
  return verb == SIGNET_REQUEST ? signet_verb_name(verb)
                                : signet_kind_name(kind);
}

/* ---- reviews ---- */

static const char *const status_names[] = {NULL, "pending", "approved",
                                           "rejected"};
enum { STATUS_COUNT = sizeof status_names / sizeof status_names[0] };

const char *signet_status_name(int64_t status)
{
  return status > 0 && status < STATUS_COUNT ? status_names[status] : NULL;
}

int signet_status_number(const char *name)
{
  for (int i = 1; i < STATUS_COUNT; i++)
    if (strcmp(status_names[i], name) == 0)
      return i;
  return 0;
}

/* ---- writes and jobs ---- */

static const char *const write_state_names[] = {
    [SIGNET_WRITE_INTENT] = "intent", [SIGNET_WRITE_DONE] = "done",
    [SIGNET_WRITE_FAILED] = "failed", [SIGNET_WRITE_UNKNOWN] = "unknown",
    [SIGNET_WRITE_UNSENT] = "unsent", [SIGNET_WRITE_DRIFT] = "drift",
};
static const set write_states = SET(write_state_names);

const char *signet_write_state_name(signet_write_state state)
{
  return name_of(&write_states, state);
}

int signet_write_state_number(const char *name)
{
  return number_of(&write_states, name);
}

static const char *const result_names[] = {
    [SIGNET_STEP_DONE] = "done",       [SIGNET_STEP_FAILED] = "failed",
    [SIGNET_STEP_SKIPPED] = "skipped", [SIGNET_STEP_UNKNOWN] = "unknown",
    [SIGNET_STEP_WAITING] = "waiting",
};
static const set results = SET(result_names);

const char *signet_plan_result_name(signet_plan_result result)
{
  return name_of(&results, result);
}

int signet_plan_result_number(const char *name)
{
  return number_of(&results, name);
}

static const char *const job_type_names[] = {[SIGNET_JOB_RUN] = "run",
                                             [SIGNET_JOB_APPLY] = "apply",
                                             [SIGNET_JOB_UNDO] = "undo"};
static const set job_types = SET(job_type_names);

const char *signet_job_type_name(signet_job_type type)
{
  return name_of(&job_types, type);
}

int signet_job_type_number(const char *name)
{
  return number_of(&job_types, name);
}

static const char *const job_state_names[] = {
    [SIGNET_JOB_RUNNING] = "running",
    [SIGNET_JOB_DONE] = "done",
    [SIGNET_JOB_FAILED] = "failed",
    [SIGNET_JOB_INTERRUPTED] = "interrupted",
    [SIGNET_JOB_PARKED] = "parked",
    [SIGNET_JOB_CRASHED] = "crashed",
    [SIGNET_JOB_PARTLY_UNDONE] = "partly undone",
    [SIGNET_JOB_UNDONE] = "undone",
    [SIGNET_JOB_CONTINUED] = "continued",
};
static const set job_states = SET(job_state_names);

const char *signet_job_state_name(signet_job_state state)
{
  return name_of(&job_states, state);
}

int signet_job_state_number(const char *name)
{
  return number_of(&job_states, name);
}

static const char *const mark_names[] = {
    [SIGNET_UNDO_NONE] = "unmarked",
    [SIGNET_UNDO_REVERSIBLE] = "reversible",
    [SIGNET_UNDO_NEEDS_REVIEW] = "needs_review",
    [SIGNET_UNDO_NEW_ID] = "new_id",
    [SIGNET_UNDO_IRREVERSIBLE] = "irreversible",
};
static const char *const mark_words[] = {
    [SIGNET_UNDO_NONE] = "",
    [SIGNET_UNDO_REVERSIBLE] = "reversible",
    [SIGNET_UNDO_NEEDS_REVIEW] = "needs review",
    [SIGNET_UNDO_NEW_ID] = "new id",
    [SIGNET_UNDO_IRREVERSIBLE] = "irreversible",
};
static const set marks = SET(mark_names);
static const set words_of_marks = SET(mark_words);

const char *signet_undo_mark_name(signet_undo_mark mark)
{
  return name_of(&marks, mark);
}

int signet_undo_mark_number(const char *name)
{
  return number_of(&marks, name);
}

const char *signet_undo_mark_word(signet_undo_mark mark)
{
  return name_of(&words_of_marks, mark);
}
