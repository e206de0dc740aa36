/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_PLAN_H
#define SIGNET_JOB_PLAN_PLAN_H

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
/** Gathers the rounds from the steps. @return false: out of memory */
bool signet_plan_gather(signet_plan *plan);
/** Sorts ids and drops those that stand there twice. @return how many are left
 */
size_t signet_plan_unique(int64_t *ids, size_t count);
/** The digest of a plan's text, whose first line doesn't count. */
void signet_plan_make_digest(const char *text, char *digest);
/** Adds a number to a list of them. @return false: out of memory */
bool signet_plan_push(const size_t **numbers, size_t *count, size_t number);

#endif
