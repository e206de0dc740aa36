/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_GUARD_H
#define SIGNET_JOB_GUARD_H

/*
 * What a run may send: how many writes, how many deletes, and deletes at all
 * only when they were confirmed. A write is asked about after the memo and
 * before its intent, so that nothing beyond a limit is ever sent. What a run
 * announces is judged at once (guard_announce.c).
 */

#include "account/recorder.h"
#include "signet/job.h"

typedef enum signet_guard_answer {
  SIGNET_GUARD_PASS,
  SIGNET_GUARD_REFUSE, /* the guard's `refusal` says why */
  SIGNET_GUARD_WAIT,   /* the entries must be counted first */
  SIGNET_GUARD_HOLD    /* a write that is out may turn out not to count */
} signet_guard_answer;

typedef struct signet_guard {
  signet_job_limit max_changes;
  signet_job_limit max_deletes;
  signet_job_confirm_fn confirm;
  void *confirm_user;
  bool in_lua; /* limits are named as signet.connect's options are */
  /* Sent by this run and the earlier ones, but for those that the service
   * refused; of each kind, and of neither. */
  int64_t changes[3];
  int64_t deletes[3];
  int64_t creates[3];
  int64_t changes_out[3]; /* of them, those whose outcome is still to come */
  int64_t deletes_out[3];
  int64_t deleted_before[3]; /* by earlier runs: no list shows them any more */
  int64_t entries[2]; /* before the job's first write, SIGNET_GUARD_OPEN */
  signet_job_announcement announced;
  bool has_announced;
  int64_t confirmed_deletes; /* up to so many, since they were announced */
  bool confirmed;            /* however many there are */
  bool refused;              /* deletes, for good */
  bool closed;               /* all writes: what was announced was refused */
  const char *lifted_by;     /* the option that lifts that; NULL: none does */
  signet_error refusal;
} signet_guard;

/** Whether a limit keeps anything back: all entries of an account are no limit,
 * also to what is created beside them. */
static inline bool signet_guard_limits(const signet_job_limit *limit)
{
  return limit->number >= 0 && !(limit->percent && limit->number >= 100);
}

/** The number of entries is not known yet. */
enum { SIGNET_GUARD_OPEN = -1 };

/** Takes account of a write that an earlier run did. */
void signet_guard_recall(signet_guard *guard, signet_verb verb,
                         signet_kind kind);

/** Forgets what was confirmed and refused, and not what was counted. */
void signet_guard_ask_anew(signet_guard *guard);

/** Whether a write may go, and counts it if so. @p kind is set to that whose
 * entries are to be counted where the answer is SIGNET_GUARD_WAIT. */
signet_guard_answer signet_guard_ask(signet_guard *guard,
                                     const signet_call *call,
                                     signet_kind *kind);

/** What became of a write that was let go: one without effect does not count.
 */
void signet_guard_decided(signet_guard *guard, const signet_call *call,
                          bool effect);

/** How many entries of a kind the account had before the job's first write.
 * @return SIGNET_GUARD_OPEN: no list has shown them yet */
int64_t signet_guard_entries(const signet_guard *guard,
                             const signet_account *account, signet_kind kind);

/** Fills the refusal. */
signet_guard_answer signet_guard_refuse(signet_guard *guard, const char *format,
                                        ...)
    __attribute__((format(printf, 2, 3)));

/** Asks for a confirmation of deletes. */
signet_guard_answer signet_guard_confirm_deletes(signet_guard *guard,
                                                 const signet_account *account);

/** What a run does to the entries that such a limit is about, for a sentence.
 */
static inline const char *signet_guard_verb(bool deletes)
{
  return deletes ? signet_verb_name(SIGNET_DELETE) : "change";
}

/** How a limit is changed, for the end of a sentence. */
const char *signet_guard_advice(signet_guard *guard, bool deletes);

#endif
