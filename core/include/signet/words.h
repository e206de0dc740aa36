/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORDS_H
#define SIGNET_WORDS_H

/**
 * @file signet/words.h
 * The words of the domain: what is written, what is done to it, and what has
 * become of a write and of a job.
 *
 * Each set of words is an enum with one function that gives the name of a
 * value and one that gives the value of a name. The names are those of
 * journals, plans, the Lua module and the command line: they are text that is
 * kept, and never change.
 *
 * A function that takes a name gives -1 for a text that is none, and for NULL.
 * One that takes a value gives static text, "unknown" for a number that is no
 * value.
 */

#include "signet/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a call does. */
typedef enum signet_verb {
  SIGNET_LIST = 0,
  SIGNET_GET = 1,
  SIGNET_CREATE = 2,
  SIGNET_UPDATE = 3,
  SIGNET_DELETE = 4,
  SIGNET_WAIT = 5,   /**< until an entry has a status */
  SIGNET_REQUEST = 6 /**< any path of the service */
} signet_verb;

/** "list", "get", "create", "update", "delete", "wait", "request". */
SIGNET_API const char *signet_verb_name(signet_verb verb);
/** The verb of such a name. */
SIGNET_API int signet_verb_number(const char *name);

/** The two kinds of entry. */
typedef enum signet_kind {
  SIGNET_SIGN = 0,    /**< a signature (sender ID) */
  SIGNET_TEMPLATE = 1 /**< a message template */
} signet_kind;

/** "sign", "template": in journals and plans. */
SIGNET_API const char *signet_kind_name(signet_kind kind);
/** The kind of such a name. */
SIGNET_API int signet_kind_number(const char *name);
/** "signature", "template": in sentences. */
SIGNET_API const char *signet_kind_word(signet_kind kind);
/** The word for sentences of a name in a journal. A raw request has "request"
 * there; such a name is its own word. */
SIGNET_API const char *signet_kind_word_of(const char *name);
/** What journals call the kind of a write: the kind's name, and "request" for a
 * raw request, which is about no kind. */
SIGNET_API const char *signet_write_kind_name(signet_verb verb,
                                              signet_kind kind);
/** "signs", "templates": all entries of a kind, in the Lua module. */
SIGNET_API const char *signet_kind_collection(signet_kind kind);
/** The kind of such a name. */
SIGNET_API int signet_kind_of_collection(const char *name);

/** The review states that the pages name. Others may come: keep the number. */
enum {
  SIGNET_STATUS_PENDING = 1,
  SIGNET_STATUS_APPROVED = 2,
  SIGNET_STATUS_REJECTED = 3
};

/**
 * "pending", "approved", "rejected"; NULL for a status that the pages don't
 * name. Static text.
 */
SIGNET_API const char *signet_status_name(int64_t status);

/** The reverse of signet_status_name(); 0 for a name that is no status. */
SIGNET_API int signet_status_number(const char *name);

/** What a journal knows of a write. */
typedef enum signet_write_state {
  SIGNET_WRITE_INTENT = 0,  /**< it may have been sent: settled by a resume */
  SIGNET_WRITE_DONE = 1,    /**< it took effect */
  SIGNET_WRITE_FAILED = 2,  /**< the service refused it */
  SIGNET_WRITE_UNKNOWN = 3, /**< nobody knows yet: settled by a resume */
  SIGNET_WRITE_UNSENT = 4,  /**< it had no effect, and may be sent again */
  SIGNET_WRITE_DRIFT = 5    /**< somebody else changed the entry meanwhile */
} signet_write_state;

/** "intent", "done", "failed", "unknown", "unsent", "drift". */
SIGNET_API const char *signet_write_state_name(signet_write_state state);
/** The state of such a name. */
SIGNET_API int signet_write_state_number(const char *name);

/** How a step of a plan came out, or an entry of a script. */
typedef enum signet_plan_result {
  SIGNET_STEP_DONE = 0,
  SIGNET_STEP_FAILED = 1,  /**< refused, or its entry is not as expected */
  SIGNET_STEP_SKIPPED = 2, /**< a step that it needs was not done */
  SIGNET_STEP_UNKNOWN = 3, /**< it is not known whether the write worked */
  SIGNET_STEP_WAITING = 4  /**< not yet possible: resuming tries again */
} signet_plan_result;

/** "done", "failed", "skipped", "unknown", "waiting": counts have these names,
 * too. */
SIGNET_API const char *signet_plan_result_name(signet_plan_result result);
/** The result of such a name. */
SIGNET_API int signet_plan_result_number(const char *name);

/** What a job is. */
typedef enum signet_job_type {
  SIGNET_JOB_RUN = 0,   /**< it runs a script */
  SIGNET_JOB_APPLY = 1, /**< it carries out a plan */
  SIGNET_JOB_UNDO = 2   /**< it takes another job back */
} signet_job_type;

/** "run", "apply", "undo". */
SIGNET_API const char *signet_job_type_name(signet_job_type type);
/** The type of such a name. */
SIGNET_API int signet_job_type_number(const char *name);

/** How a job stands. What comes after SIGNET_JOB_PARKED is found by looking at
 * its journal, and no job ends so. */
typedef enum signet_job_state {
  SIGNET_JOB_RUNNING = 0,
  SIGNET_JOB_DONE = 1,
  SIGNET_JOB_FAILED = 2,
  SIGNET_JOB_INTERRUPTED = 3,
  SIGNET_JOB_PARKED = 4,
  SIGNET_JOB_CRASHED = 5,       /**< it says that it runs, and doesn't */
  SIGNET_JOB_PARTLY_UNDONE = 6, /**< another job has taken a part of it back */
  SIGNET_JOB_UNDONE = 7,        /**< another job has taken it back */
  SIGNET_JOB_CONTINUED = 8      /**< another job carries out what it left */
} signet_job_state;

/** "running", "done", "failed", "interrupted", "parked", "crashed", "partly
 * undone", "undone", "continued". */
SIGNET_API const char *signet_job_state_name(signet_job_state state);
/** The state of such a name. */
SIGNET_API int signet_job_state_number(const char *name);

/** What a step of an undo can be. */
typedef enum signet_undo_mark {
  SIGNET_UNDO_NONE = 0,         /**< the step is of no undo */
  SIGNET_UNDO_REVERSIBLE = 1,   /**< the entry is as before at once */
  SIGNET_UNDO_NEEDS_REVIEW = 2, /**< as before once that is approved */
  SIGNET_UNDO_NEW_ID = 3,      /**< comes back under another id, after review */
  SIGNET_UNDO_IRREVERSIBLE = 4 /**< nothing can be done: not carried out */
} signet_undo_mark;

/** "unmarked", "reversible", "needs_review", "new_id", "irreversible". */
SIGNET_API const char *signet_undo_mark_name(signet_undo_mark mark);
/** The mark of such a name. */
SIGNET_API int signet_undo_mark_number(const char *name);
/** "reversible", "needs review", …: for people; "" of no undo. */
SIGNET_API const char *signet_undo_mark_word(signet_undo_mark mark);

#ifdef __cplusplus
}
#endif
#endif
