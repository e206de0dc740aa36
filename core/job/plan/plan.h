/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_H
#define SIGNET_JOB_PLAN_H

/* The inside of a plan. It is made in four moves: new, add each step in order,
 * link (what needs what), seal (its text and digest). */

#include "signet/plan.h"

enum { SIGNET_PLAN_VERSION = 1, SIGNET_PLAN_DIGEST_SIZE = 33 };

/** What an overlay knows of a write beyond the step itself; counted from 1,
 * 0: nothing. */
typedef struct signet_plan_hint {
  size_t jumps;        /* of the reviewer, before it was written */
  size_t decided;      /* the jump in which its review was decided */
  bool awaited;        /* somebody waited for that */
  size_t awaited_from; /* the first step after somebody had waited, from 0 */
} signet_plan_hint;

struct signet_plan {
  char *account;
  char *tool;
  char *script;
  char *arguments;
  int64_t created_ms;
  signet_plan_origin from; /* no job: "" */
  uint64_t unplanned;      /* raw requests, which it lacks */
  signet_plan_step *steps;
  size_t count;
  size_t capacity;
  signet_plan_round *rounds;
  size_t round_count;
  char digest[SIGNET_PLAN_DIGEST_SIZE];
  char *text; /* of its file */
  size_t length;
};

/** An empty plan, made now by this version. NULL: out of memory. */
signet_plan *signet_plan_new(const char *account, const char *script,
                             const char *arguments);
/** Adds a step; text is copied. NULL: out of memory. */
signet_plan_step *signet_plan_add(signet_plan *plan, signet_verb verb,
                                  signet_kind kind, const char *id,
                                  const char *before, const char *after);
/** Finds what each step needs, and its round. @param hints  one for each step,
 * NULL: none. @return false: out of memory */
bool signet_plan_link(signet_plan *plan, const signet_plan_hint *hints);
/** The round of a step, of what it needs and waits for. */
size_t signet_plan_round_of(const signet_plan *plan,
                            const signet_plan_step *step);
/** Gathers the rounds from the steps. @return false: out of memory */
bool signet_plan_gather(signet_plan *plan);
/** Sorts ids and drops those that stand there twice. @return how many are left
 */
size_t signet_plan_unique(int64_t *ids, size_t count);
/** Makes text and digest. @return false: out of memory, or too long */
bool signet_plan_seal(signet_plan *plan);
/** The digest of a plan's text, whose first line doesn't count. */
void signet_plan_make_digest(const char *text, char *digest);
/** Where the first step's line begins in the text of a plan (lines.c).
 * NULL: the text is not laid out so. */
const char *signet_plan_lines(const char *text, size_t length);
/** The plan without its steps, if these stand on @p lines; else the whole.
 * NULL: *problem says why; if it is NULL too, memory ran out. */
struct json_object *signet_plan_parse_head(const char *text, size_t length,
                                           const char *lines,
                                           const char **problem);
/** The step on a line; *line goes to the next one. NULL: *problem says why. */
struct json_object *signet_plan_parse_line(const char **line,
                                           const char **problem);
/** Adds a number to a list of them. @return false: out of memory */
bool signet_plan_push(const size_t **numbers, size_t *count, size_t number);

#endif
