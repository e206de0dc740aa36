/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_PLAN_H
#define SIGNET_PLAN_H

/**
 * @file signet/plan.h
 * Looking before leaping: overlays and plans.
 *
 * An account that is opened with an overlay reads live until the first write.
 * Then both lists are read once, and from there on every read and write is
 * answered by that copy, under the service's rules: later reads, unique names,
 * pending and locked entries see what was written. Nothing but GETs leaves the
 * machine. A wait for a review is answered at once by a simulated reviewer.
 *
 * What was written so is the plan: steps with before- and after-image, what
 * each needs first, which reviews it waits for, and which templates can't send
 * meanwhile. A plan is saved as JSON (core/job/PLAN.md) and applied later,
 * exactly as it stands.
 *
 * What an overlay can't know: whether a message plan locks an entry (taken for
 * no), and what somebody else writes meanwhile.
 */

#include "signet/account.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How the simulated reviewer decides. */
typedef enum signet_review {
  SIGNET_REVIEW_APPROVE = 0, /**< everything is approved */
  SIGNET_REVIEW_REJECT = 1,  /**< a share is rejected, evenly spread */
  SIGNET_REVIEW_NEVER = 2    /**< nothing is decided: waiting times out */
} signet_review;

/** Initialise with SIGNET_OVERLAY_OPTIONS_INIT or its function. */
typedef struct signet_overlay_options {
  uint32_t version;        /**< SIGNET_OVERLAY_OPTIONS_VERSION */
  signet_review review;    /**< default SIGNET_REVIEW_APPROVE */
  unsigned reject_percent; /**< of SIGNET_REVIEW_REJECT, 0 to 100 */
} signet_overlay_options;

/** The version of signet_overlay_options that this header describes. */
#define SIGNET_OVERLAY_OPTIONS_VERSION 1
/* clang-format off */
/** The options with every default. */
#define SIGNET_OVERLAY_OPTIONS_INIT \
  { SIGNET_OVERLAY_OPTIONS_VERSION, SIGNET_REVIEW_APPROVE, 0 }
/* clang-format on */

/** Sets every field to that of SIGNET_OVERLAY_OPTIONS_INIT. */
SIGNET_API void signet_overlay_options_init(signet_overlay_options *options);

/** A new overlay, for signet_account_options.overlay. It belongs to the first
 * account that is opened on it; several handles of that may share it.
 * @param options  NULL: defaults. @return NULL: @p error says why */
SIGNET_API signet_overlay *
signet_overlay_new(const signet_overlay_options *options, signet_error *error);

/** Frees the overlay, after every account on it. NULL is allowed. */
SIGNET_API void signet_overlay_free(signet_overlay *overlay);

/** Steps, and what they need. */
typedef struct signet_plan signet_plan;

/** What a step of an undo can be. */
typedef enum signet_undo_mark {
  SIGNET_UNDO_NONE = 0,         /**< the step is of no undo */
  SIGNET_UNDO_REVERSIBLE = 1,   /**< the entry is as before at once */
  SIGNET_UNDO_NEEDS_REVIEW = 2, /**< as before once that is approved */
  SIGNET_UNDO_NEW_ID = 3,      /**< comes back under another id, after review */
  SIGNET_UNDO_IRREVERSIBLE = 4 /**< nothing can be done: not carried out */
} signet_undo_mark;

/** One step. Everything is borrowed from the plan. */
typedef struct signet_plan_step {
  size_t number;         /**< from 1, in the order of the script */
  signet_verb verb;      /**< SIGNET_CREATE, _UPDATE or _DELETE */
  signet_kind kind;      /**< of the entry */
  char id[24];           /**< of the entry; provisional if the plan makes it */
  const char *name;      /**< of the entry before, or of the new one */
  const char *before;    /**< JSON of the record, NULL: of a create */
  const char *after;     /**< JSON of the fields written, NULL: of a delete */
  const size_t *needs;   /**< numbers of steps that must be done before */
  size_t need_count;     /**< numbers in `needs` */
  const size_t *reviews; /**< numbers of steps whose review must be decided */
  size_t review_count;   /**< numbers in `reviews` */
  size_t after_round;    /**< every review that the script waited for, of rounds
                              up to this one, must be decided; 0: none */
  size_t round;          /**< from 1: reviews that lie before it, plus one */
  bool assumed;          /**< `before` rests on a review that was under way */
  bool review;           /**< the entry goes to review */
  bool awaited;          /**< the script waited for that */
  int64_t expect;        /**< how the plan takes that to end, 0: it doesn't */
  const int64_t *outage; /**< templates that can't send meanwhile */
  size_t outage_count;   /**< ids in `outage` */
  signet_undo_mark mark; /**< of an undo */
  char old[24];          /**< of an undo that makes an entry again: the id that
                              it had; else "" */
} signet_plan_step;

/** One round: what can be done between two reviews. Borrowed. */
typedef struct signet_plan_round {
  size_t steps;          /**< in this round */
  size_t reviews;        /**< that begin in it */
  const int64_t *outage; /**< templates that can't send, each once, by id */
  size_t outage_count;   /**< ids in `outage` */
} signet_plan_round;

/** What a plan is about. Text is borrowed from it. */
typedef struct signet_plan_about {
  const char *account;   /**< dialect, base URL and key of the account */
  const char *tool;      /**< the version of signet that made it */
  const char *script;    /**< as it was called; "" if there is none */
  const char *arguments; /**< JSON array of strings */
  int64_t created_ms;    /**< since 1970 */
} signet_plan_about;

/**
 * What was written to @p overlay so far, as a plan.
 * @param script     as it was called, NULL: none
 * @param arguments  JSON array of strings, NULL: none
 * @return NULL: @p error says why; free with signet_plan_free()
 */
SIGNET_API signet_plan *signet_overlay_plan(const signet_overlay *overlay,
                                            const char *script,
                                            const char *arguments,
                                            signet_error *error);

/** Frees the plan. NULL is allowed. */
SIGNET_API void signet_plan_free(signet_plan *plan);

/** What it is about. */
SIGNET_API void signet_plan_describe(const signet_plan *plan,
                                     signet_plan_about *about);

/** How many steps there are. */
SIGNET_API size_t signet_plan_count(const signet_plan *plan);

/** Step @p index, from 0; NULL: out of range. Borrowed. */
SIGNET_API const signet_plan_step *signet_plan_at(const signet_plan *plan,
                                                  size_t index);

/** How many rounds there are. */
SIGNET_API size_t signet_plan_rounds(const signet_plan *plan);

/** Round @p index, from 0. @return false: out of range */
SIGNET_API bool signet_plan_round_at(const signet_plan *plan, size_t index,
                                     signet_plan_round *round);

/** 32 hexadecimal digits over the plan's content; two plans of equal content
 * and time have the same. Borrowed. */
SIGNET_API const char *signet_plan_digest(const signet_plan *plan);

/** The plan as text of its file, borrowed, ends with NUL. */
SIGNET_API const char *signet_plan_text(const signet_plan *plan,
                                        size_t *length);

/**
 * Reads the text of a plan file. Strict: a text that is of another version, was
 * changed since it was saved, or holds what no plan holds, is refused with one
 * sentence.
 * @return NULL: @p error says why
 */
SIGNET_API signet_plan *signet_plan_load(const char *text, size_t length,
                                         signet_error *error);

/**
 * The plan that takes a job back: the inverse of each write that was done, in
 * reverse order. Its steps have marks.
 * @param state_dir     where journals are kept
 * @param job           the job's id, whole
 * @param account       the job's account, as the journal names it
 * @param irreversible  set to how many writes can't be taken back: raw
 *                      requests, and what nothing is known of
 * @return NULL: @p error says why; free with signet_plan_free()
 */
SIGNET_API signet_plan *signet_undo_plan(const char *state_dir, const char *job,
                                         const char *account,
                                         size_t *irreversible,
                                         signet_error *error);

#ifdef __cplusplus
}
#endif
#endif
