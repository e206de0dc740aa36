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
#include "signet/job.h"

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
  bool assumed_sign;     /**< so does the signature that it shows */
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

/** The job that a plan goes on with, where it stood then. */
typedef struct signet_plan_origin {
  char job[32];    /**< its id */
  char undoes[32]; /**< of an undo, the job that it takes back; else "" */
  uint64_t writes; /**< that the journal had of it */
} signet_plan_origin;

/** What a plan is about. Text is borrowed from it. */
typedef struct signet_plan_about {
  const char *account;   /**< dialect, base URL and key of the account */
  const char *tool;      /**< the version of signet that made it */
  const char *script;    /**< as it was called; "" if there is none */
  const char *arguments; /**< JSON array of strings */
  int64_t created_ms;    /**< since 1970 */
  const signet_plan_origin *from; /**< the job whose rest it is; NULL: none */
  uint64_t unplanned; /**< of a plan that was just made: raw requests of the
                           script, which it lacks */
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

/** The plan as text of its file, borrowed, ends with NUL; NULL: dropped. */
SIGNET_API const char *signet_plan_text(const signet_plan *plan,
                                        size_t *length);

/** Frees the text, which is as large as all else of a plan and of no use where
 * it is only carried out, by a job that has it already. */
SIGNET_API void signet_plan_drop_text(signet_plan *plan);

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
 * reverse order. Its steps have marks. A job that runs is refused.
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

/**
 * @name Carrying a plan out
 *
 * All entries of the plan are looked at first, with one list of each kind. What
 * stands against the plan is told together, and then nothing is sent: entries
 * that are not what the plan says, signatures that can't be used, protected
 * entries, limits. Else each step is sent as soon as what it needs is done and
 * the reviews that it needs are decided, and only if its entry is still what
 * the plan, or the apply itself, left.
 *
 * Under a job every write is in the journal; a job that is resumed sends
 * nothing twice and asks for no review that was decided before.
 * @{
 */

/** A plan that is being carried out. On an account with an overlay nothing is
 * sent or compared, and the overlay's plan is the same plan on the account as
 * it is now. */
typedef struct signet_plan_apply signet_plan_apply;

/** What an event of an apply tells. */
typedef enum signet_plan_event_type {
  SIGNET_PLAN_FOUND = 0, /**< looking first: `step` can't be carried out as
                              it stands: `error` */
  SIGNET_PLAN_ENDED = 1, /**< `step` came out as `result`: `error` or `reason`
                              where it was not done */
  SIGNET_PLAN_REVIEWED = 2, /**< the review of `step` ended otherwise than the
                                 plan takes it: `error`; counts as failed */
  SIGNET_PLAN_WAITS = 3     /**< reviews are waited for, `reason` says of which
                                 entries; once */
} signet_plan_event_type;

/** One thing that happened. Everything is borrowed for the call. */
typedef struct signet_plan_event {
  signet_plan_event_type type;  /**< what it tells */
  const signet_plan_step *step; /**< NULL: it is about none */
  const char *id;               /**< of the step's entry, at the service if it
                                     is there by now */
  signet_plan_result result;    /**< of the step */
  const signet_error *error;    /**< NULL: none */
  const char *reason;           /**< "" where there is none */
  signet_job_counts counts;     /**< of steps so far */
} signet_plan_event;

/** Gets the events. It may call signet_plan_apply_stop(), no other function of
 * the apply, and must not step the loop. */
typedef void (*signet_plan_event_fn)(void *user,
                                     const signet_plan_event *event);

/** How to carry a plan out. Initialise with SIGNET_PLAN_APPLY_OPTIONS_INIT or
 * its function. */
typedef struct signet_plan_apply_options {
  uint32_t version;  /**< SIGNET_PLAN_APPLY_OPTIONS_VERSION */
  bool undo;         /**< the plan takes a job back: what is in review is waited
                          for, and what somebody changed since is left alone; so,
                          too, whatever it says, under a job of the type undo */
  bool park;         /**< don't wait for reviews: what needs one waits */
  bool check;        /**< only look: send nothing but lists */
  bool skip_drifted; /**< what can't be carried out as it stands fails, and the
                          other steps go on */
  bool once;         /**< refuse a plan that another job of the journal has
                          begun, unless it takes a job back */
  unsigned at_once;  /**< steps that may run at the same time; default 128 */
  const char *state_dir; /**< where the journal of `from` is; borrowed */
  const char *from; /**< of an account on an overlay: what this job has done
                         counts as done, so that the overlay's plan is what
                         is left of it; borrowed; NULL: nothing is */
  signet_plan_event_fn event; /**< NULL: nobody is told */
  void *event_user;           /**< the first argument of `event` */
} signet_plan_apply_options;

/** The version of signet_plan_apply_options that this header describes. */
#define SIGNET_PLAN_APPLY_OPTIONS_VERSION 1
/* clang-format off */
/** The options with every default. */
#define SIGNET_PLAN_APPLY_OPTIONS_INIT \
  { SIGNET_PLAN_APPLY_OPTIONS_VERSION, false, false, false, false, false, 128, \
    NULL, NULL, NULL, NULL }
/* clang-format on */

/** Sets every field to that of SIGNET_PLAN_APPLY_OPTIONS_INIT. */
SIGNET_API void
signet_plan_apply_options_init(signet_plan_apply_options *options);

/** Called once, from signet_loop_step(), when an apply has come to its end. */
typedef void (*signet_plan_apply_fn)(signet_plan_apply *apply, void *user);

/**
 * Begins to carry @p plan out on @p account, which must be the plan's, and must
 * outlive the apply, as @p plan must. One apply at a time on an account.
 * @param job      attached to the account before; NULL: without a journal. The
 *                 caller ends it, after the apply
 * @param options  copied; NULL: defaults
 * @param done     NULL: the caller waits or polls
 * @return NULL: @p error says why; free with signet_plan_apply_free()
 */
SIGNET_API signet_plan_apply *signet_plan_apply_start(
    signet_account *account, signet_job *job, const signet_plan *plan,
    const signet_plan_apply_options *options, signet_plan_apply_fn done,
    void *user, signet_error *error);

/** Whether it has come to its end. */
SIGNET_API bool signet_plan_apply_is_done(const signet_plan_apply *apply);

/**
 * The blocking variant: steps the loop until the apply is done. Not from inside
 * a callback.
 * @return as signet_plan_apply_error()
 */
SIGNET_API const signet_error *signet_plan_apply_wait(signet_plan_apply *apply);

/** Why it ended before every step had its turn, borrowed; NULL: it did not.
 * What became of the steps is in the counts. SIGNET_ERROR_REFUSED: nothing was
 * sent. */
SIGNET_API const signet_error *
signet_plan_apply_error(const signet_plan_apply *apply);

/** How the steps came out so far. */
SIGNET_API signet_job_counts
signet_plan_apply_counts(const signet_plan_apply *apply);

/** The id at the service of what step @p number (from 1) has made; "": it made
 * nothing. @param buffer  at least 24 bytes. @return @p buffer */
SIGNET_API const char *signet_plan_apply_id(const signet_plan_apply *apply,
                                            size_t number, char *buffer,
                                            size_t size);

/** The job that the plan belongs to already and that can be resumed, where that
 * is why the apply was refused (`once`); "": it is not. Borrowed. */
SIGNET_API const char *
signet_plan_apply_to_resume(const signet_plan_apply *apply);

/** Lets what is in flight finish, and begins nothing new. @param now  don't
 * wait for that either. The account is held from then on. */
SIGNET_API void signet_plan_apply_stop(signet_plan_apply *apply, bool now);

/** Frees it; what still runs is left to itself. Before the account is closed.
 * NULL is allowed. */
SIGNET_API void signet_plan_apply_free(signet_plan_apply *apply);
/** @} */

/**
 * The plan that a job carries out, to go on with it or to plan its rest.
 * @param id  the job's, whole; of one that applies a plan or undoes a job
 * @return NULL: @p error says why; free with signet_plan_free()
 */
SIGNET_API signet_plan *signet_job_plan(const char *state_dir, const char *id,
                                        signet_error *error);

/** Sets what the options of a new job that carries @p plan out must say: type,
 * parent and script. What is left of an undo is an undo of the same job. The
 * texts are borrowed from @p plan, the script until signet_job_keeps_script().
 */
SIGNET_API void signet_plan_job_options(const signet_plan *plan,
                                        signet_job_options *options);

/** An entry that an undo leaves alone. Text is borrowed. */
typedef struct signet_undo_conflict {
  const char *kind;    /**< "sign", "template" */
  const char *id;      /**< of the entry */
  const char *finding; /**< why, as a sentence's end */
} signet_undo_conflict;

/** Called for each of them; everything is borrowed for the call. */
typedef void (*signet_undo_conflict_fn)(void *user,
                                        const signet_undo_conflict *conflict);

/** What signet_job_undo() found. */
typedef struct signet_undo_findings {
  signet_job_findings settled; /**< writes that earlier runs had left open */
  size_t irreversible; /**< writes that can't be taken back: raw requests, and
                            what nothing is known of */
  size_t left_alone;   /**< entries that `conflict` was called for */
  bool undone;         /**< an earlier undo came to its end */
  char former[SIGNET_JOB_ID_ROOM]; /**< the last undo of the job; "": none */
} signet_undo_findings;

/**
 * What is left to take back of the job that is @p job's parent. Holds the
 * journal from here on; settles what that job and earlier undos of it left
 * open, stepping the loop; then makes the plan from what the journal says, less
 * what those undos did. Nothing of @p job itself is in the journal before its
 * first write.
 * @param job       new, of the type "undo", with an account attached
 * @param conflict  called for each entry that is left alone; may be NULL
 * @return NULL: @p error says why, SIGNET_ERROR_REFUSED where an earlier undo
 * has left nothing; free with signet_plan_free()
 */
SIGNET_API signet_plan *
signet_job_undo(signet_job *job, signet_undo_conflict_fn conflict, void *user,
                signet_undo_findings *findings, signet_error *error);

#ifdef __cplusplus
}
#endif
#endif
