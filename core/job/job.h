/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_JOB_H
#define SIGNET_JOB_JOB_H

/*
 * The inside of a job. A write comes in through the recorder, waits until its
 * intent is durable, is sent, and its outcome is put.
 *
 *   job.c         its life: made, attached, settled, ended
 *   record.c      what its account tells it of each write
 *   intents.c     writes that are queued: answered, refused, or intended
 *   commit.c      when intents become durable, and are sent
 *   claims.c      whether a resumed run asks for the writes of the first
 *   waiting.c     the queues, and what ends all that waits
 *   open.c        taking hold of the journal
 *   recall.c      what an earlier run left in it
 *   lost.c        writes that a damaged journal may have lost
 *   audit.c       whether the service shows what was written
 *   steps.c       what a script decided; kept_steps.c before there is a journal
 *   row.c         what the journal knows the job and its writes by
 *   beat.c        what others see of a job that runs
 */

#include "account/account.h"
#include "account/recorder.h"
#include "job/guard.h"
#include "job/memo.h"
#include "job/store/store.h"
#include "signet/job.h"

enum { SIGNET_JOB_RETRY_MS = 200 };

/* Writes that wait; NULL stands for one that was cancelled meanwhile. */
typedef struct signet_job_queue {
  signet_call **calls;
  size_t count;
  size_t capacity;
} signet_job_queue;

/* A list call that counts the entries of a kind. */
typedef struct signet_job_count {
  signet_job *job;
  signet_call *call; /* NULL: none is under way */
  bool counted;      /* or it was tried */
  bool clock;        /* it only is to tell the service's time */
} signet_job_count;

/* Writes that no earlier run knows (claims.c). */
typedef struct signet_job_claims {
  signet_job_queue held; /* until it is known that the run may ask for them */
  signet_timer *quiet;
  int asleep;     /* tasks of the caller that will go on by themselves */
  bool asked;     /* something was, since the last look */
  bool open;      /* they may be sent */
  bool refused;   /* they may not */
  bool chance;    /* the run decided something by chance */
  bool listed[2]; /* entries of that kind, in this run */
} signet_job_claims;

/* A write of which the service said that it was done, and shows it not to be.
 */
typedef struct signet_contradiction {
  int64_t number;
  signet_verb verb;
  signet_kind kind;
  char id[SIGNET_ID_SIZE];
  int64_t attempts;
  int64_t sent_at;
  char finding[320];
} signet_contradiction;

/* A write that is looked for. */
typedef struct signet_lost_write {
  struct signet_lost_write *next;
  signet_job *job;
  signet_call *call;       /* the script's; NULL: it was cancelled */
  signet_call *settlement; /* what looks for it */
  char *after;             /* JSON of what it writes; NULL: of a delete */
} signet_lost_write;

/* What the journal may have lost of what earlier runs wrote (lost.c). */
typedef struct signet_job_lost {
  bool any;
  int64_t since_at; /* when these began, by the service's clock; 0: unknown */
  signet_lost_write *writes; /* that are looked for */
  bool anew;                 /* a step was decided once more */
  uint64_t found;            /* that were found to have taken effect */
  signet_store_loss loss;
} signet_job_lost;

typedef enum signet_claim {
  SIGNET_CLAIM_PASS,
  SIGNET_CLAIM_HELD,   /* it is answered later */
  SIGNET_CLAIM_REFUSE, /* the guard's refusal says why */
  SIGNET_CLAIM_MEMORY
} signet_claim;

struct signet_job {
  signet_recorder recorder; /* first: a recorder is its job */
  signet_loop *loop;        /* of the accounts; NULL: none is attached */
  signet_account *account;  /* whose writes are recorded; NULL: it is closed */
  char identity[SIGNET_IDENTITY_SIZE]; /* of the account */
  char spelled[SIGNET_IDENTITY_SIZE];  /* with its URL as it was given */

  char *state_dir;
  char *type;
  char *name;
  const char *script; /* NULL once the journal has it */
  char *own_script;   /* the same where it was copied */
  bool borrow_script;
  char *arguments;
  char *parent;
  char resume[SIGNET_JOB_ID_SIZE];
  char id[SIGNET_JOB_ID_SIZE];       /* "": nothing was written yet */
  char reserved[SIGNET_JOB_ID_SIZE]; /* the id that a new job will have */
  int64_t started_ms;
  int64_t run_ms; /* when this run of it began */
  int64_t wait_lock_ms;
  bool accept_damage;    /* of the journal */
  int64_t opening_since; /* boot time, -1: it wasn't tried yet */

  signet_store *store; /* NULL: not opened yet */
  bool no_journal;     /* the store stays closed */
  char read_only[200]; /* why nothing may be written; "": it may */
  bool new_input;      /* files and modules are taken as they are now */
  bool broken;         /* `failure` says why nothing can be written */
  signet_error failure;
  signet_memo memo;
  signet_made touched; /* entries that this run has updated, or found so */
  signet_made made;    /* the entries that the job's creates came to */
  signet_made others;  /* and those of other jobs in the journal */
  int64_t last_at; /* the latest of its times by the service's clock; 0: none */
  int64_t first_at; /* the earliest intent's */
  /* What entries tell of the time (newest.c). */
  signet_list *shown[2];   /* the last list of a kind; NULL: none */
  int64_t newest[2];       /* the latest time that lists showed; 0: none did */
  int64_t first_newest[2]; /* that of the job's first step, or before its first
                              write, Unix seconds; 0: unknown */
  int64_t
      sent_at; /* so, at the latest what an earlier run sent last; 0: unknown
                */
  int64_t step_boot;   /* when the first step began that nobody had decided
                          before, signet_clock_boot_ms(); 0: none has */
  bool steps_recalled; /* this run goes by what an earlier one decided */
  int64_t opened_boot; /* when it had the journal, and no other job any more */
  signet_job_lost lost;
  uint64_t remembered;
  uint64_t written;   /* writes that took effect, in all runs */
  uint64_t refused;   /* those that no resume sends again */
  uint64_t unknown;   /* writes of this run whose outcome is not known */
  uint64_t to_decide; /* open writes that only a person can decide about */
  signet_guard guard;
  signet_job_findings findings;
  int64_t left_alone;      /* entries that its undo can't take back */
  struct kept_step *steps; /* decided before there was an account */
  bool over;               /* it can't be resumed: it came to its end */
  bool settled;            /* nothing of an earlier run is open */
  size_t settling;         /* settlements under way */
  struct open_write *open_writes;

  signet_timer *beat; /* tells others what it does (beat.c) */
  bool beats;         /* others know that it holds the journal */
  bool noted;         /* with the service's time … */
  int64_t noted_boot; /* … that it sent something, last; 0: never */
  bool ended;         /* all that it did is in the journal */
  signet_job_counts told;

  bool durable; /* a commit has made the job's row durable */
  bool holds;   /* the journal is opened before there is anything to write */
  void (*held)(void *user, const signet_error *error); /* NULL: nobody waits */
  void *held_user;

  signet_post flush; /* looks at what is queued */
  signet_timer *retry;
  signet_job_queue queue;             /* to be looked at */
  signet_job_queue uncounted;         /* for a list that counts the entries */
  struct signet_job_dropped *dropped; /* writes that were never ready, and are
                                         not in the journal yet */
  size_t dropped_count;
  signet_job_queue at_limit;  /* until what is out has ended */
  signet_job_queue ready;     /* their intents are put */
  signet_job_queue committed; /* their intents are in the running commit */
  bool committing;
  bool unsaved;       /* an outcome was put since the last commit */
  size_t out;         /* writes that were sent and have not ended */
  signet_post commit; /* begins a commit */
  signet_notice commit_ended;
  signet_timer *save; /* outcomes that no commit of intents took along */
  signet_job_count counting[2];
  uint64_t unchanged;          /* updates that were not sent: nothing to do */
  uint64_t rejected_unchanged; /* of entries that are rejected */
  signet_job_stored stored;    /* what the last audit found */
  bool wrote[2];        /* entries of that kind, perhaps: they are audited */
  bool audited;         /* and were, since the last write */
  int64_t audited_to;   /* by earlier runs: the number of a write */
  signet_audit *audits; /* under way */
  signet_contradiction *contradicted; /* by audits of this run … */
  size_t contradicted_count;          /* … in the order of the writes */
  signet_job_claims claims;
};

/** Opens the store and the job's row in it. @return false: `failure` is set,
 * or another job holds the journal and there is time left to wait */
bool signet_job_open_store(signet_job *job);
/** Opens the journal before anything is written, and so keeps every other job
 * from the account; `held` is called from the loop once that is done, or can't
 * be, and what an earlier run left open is settled. A new job leaves no trace
 * before its first write. Without a journal there is nothing to hold. */
void signet_job_hold(signet_job *job,
                     void (*held)(void *user, const signet_error *error),
                     void *user);
/** `held` isn't called any more, and nothing waits for another job's end. */
void signet_job_unhold(signet_job *job);
/** Puts the job's own row, if it is to come with what is put next.
 * @return false: `error` says why */
bool signet_job_need_row(signet_job *job, signet_error *error);

/* ---- writes that were never ready (dropped.c) ---- */

typedef struct signet_job_dropped signet_job_dropped;

/** What a write sends, as JSON. NULL: nothing, or out of memory. */
char *signet_job_after(const signet_call *call);
/** A write failed before it was ready to be sent. */
void signet_job_note_dropped(signet_job *job, const signet_call *call);
/** Puts all of them into the journal, which is open. */
bool signet_job_put_dropped(signet_job *job, signet_error *error);
void signet_job_free_dropped(signet_job *job);
/** Reads what an earlier run left: fills the memo, begins to settle what is
 * open. */
bool signet_job_recall(signet_job *job);
/** Whether a step of a plan that was refused so is tried again by resuming. */
bool signet_job_may_try_again(const char *error_kind);
/** Takes the open writes of another job among those to be settled. */
bool signet_job_recall_open(signet_job *job, const char *id,
                            signet_error *error);
/** Reads what other jobs of the journal made: an open create can't have made
 * that (others.c). @return false: @p error */
bool signet_job_recall_others(signet_job *job, signet_error *error);
/** Begins to settle what was taken. @return false: the job is broken */
bool signet_job_settle_open(signet_job *job, signet_error *error);
/** Steps the loop until nothing of an earlier run is open. @return false: the
 * job is broken */
bool signet_job_wait_settled(signet_job *job);
/** Chooses the id that the job will have. */
void signet_job_reserve_id(signet_job *job);
/** Gives the job its id. */
void signet_job_make_id(signet_job *job);
/** A read ended well. Where the service tells no time, a list is kept which
 * tells what was there before a write (newest.c). */
void signet_job_note_list(signet_job *job, const signet_call *call);
/** When a write is intended, as the journal has it. */
int64_t signet_job_intended_at(const signet_job *job, const signet_call *call);
/** Keeps the latest time of such a list before the job's first write.
 * @return false: @p error */
bool signet_job_keep_newest(signet_job *job, const signet_call *call,
                            signet_error *error);
/** A script has decided something in a step: keeps when the first one was.
 * @return false: @p error */
bool signet_job_note_step(signet_job *job, signet_error *error);
/** What was changed since then, Unix seconds of the service, was not known when
 * the job decided; 0: not known. */
int64_t signet_job_first_newest(const signet_job *job, signet_kind kind);
/** Reads that of this job. @return false: @p error */
bool signet_job_recall_newest(signet_job *job, signet_error *error);
void signet_job_free_shown(signet_job *job);
/** The row of a write, without what it sends and what came of it. */
signet_write_row signet_job_row_of(const signet_job *job,
                                   const signet_call *call);
/** Writes the job's own row. */
bool signet_job_put(signet_job *job, signet_job_state state,
                    const signet_job_counts *counts, int64_t ended_ms,
                    signet_error *error);
/** Called when the last settlement is done, or failed. */
void signet_job_settled(signet_job *job);
/** Looks at what is queued; a signet_post's function. */
void signet_job_flush(void *user);
/** Reads whether the journal lost some of what @p id wrote, from @p since_at
 * on.
 * @return false: @p error */
bool signet_job_recall_loss(signet_job *job, const char *id, int64_t since_at,
                            signet_error *error);
/** Whether the write has to be looked for before it is sent. */
bool signet_job_seeks(const signet_job *job, const signet_call *call);
/** Begins to look for it; it is answered, refused, or queued again.
 * @param after  what it writes, as JSON. @return false: @p error */
bool signet_job_seek(signet_job *job, signet_call *call, const char *after,
                     signet_error *error);
/** The job has written to an entry, or found that it had. @return false: out of
 * memory */
bool signet_job_touch(signet_job *job, const signet_call *call);
void signet_job_free_sought(signet_job *job);
/** What a row of the journal says of a write. */
typedef struct signet_write_words {
  signet_verb verb; /* SIGNET_CREATE, _UPDATE, _DELETE, _REQUEST */
  signet_kind kind; /* of a request it means nothing */
  signet_write_state state;
} signet_write_words;
/** Reads that. A row in other words would be recognised by no write, which
 * would then be sent again. @return false: a word is none that there is */
bool signet_job_read_words(const char *verb, const char *kind,
                           const char *state, signet_write_words *words);
/** Whether the job runs a script, and carries out no plan. */
bool signet_job_is_run(const signet_job *job);
/** Adds a write. @return false: out of memory */
bool signet_job_push(signet_job_queue *queue, signet_call *call);
/** Ends each write of a queue without sending it. */
void signet_job_refuse(signet_job_queue *queue, const signet_error *error);
/** Removes a cancelled write from the queues. */
void signet_job_drop(signet_job *job, const signet_call *call);
/** What waited is looked at again, all of it or nothing.
 * @return false: out of memory */
bool signet_job_requeue(signet_job *job, signet_job_queue *waiting);
void signet_job_refuse_for_memory(signet_call *call);
void signet_job_free_waiting(signet_job *job);
/** Nothing can be written any more. */
void signet_job_fail(signet_job *job, const signet_error *error);
/** The same, so nothing more may be sent: what waits is refused. */
void signet_job_break(signet_job *job, const signet_error *error);

/** Lets the loop hear of commits, and no more (commit.c). */
void signet_job_listen(signet_job *job);
void signet_job_unlisten(signet_job *job);
/** Sends what is ready as soon as its intents are durable. */
void signet_job_commit(signet_job *job);
/** Whether a write waits for a commit. */
bool signet_job_commits(const signet_job *job);
/** Whether a write that no earlier run knows may go. */
signet_claim signet_claims_ask(signet_job *job, signet_call *call);
/** The caller read something. */
void signet_claims_look(signet_job *job, const signet_call *call);
void signet_claims_end(signet_job *job);
void signet_job_init_recorder(signet_job *job);
/** Ends every write that waits. */
void signet_job_refuse_queue(signet_job *job, const signet_error *error);
/** Whether the job's account is decided for good. */
bool signet_job_is_bound(const signet_job *job);
void signet_job_bind(signet_job *job, signet_account *account);
/** Keeps a step until the job's row is in the journal. */
bool signet_job_keep_for_later(signet_job *job, const char *name,
                               const char *value, signet_error *error);
/** Puts the steps that were kept before the store was open. */
bool signet_job_put_steps(signet_job *job, signet_error *error);
void signet_job_free_steps(signet_job *job);
void signet_job_free_open_writes(signet_job *job);
/** The account is being closed: audits that look at it come to their end. */
void signet_audit_lose_account(signet_job *job, const signet_account *account);
/** Whether a write in that state may have changed an entry. */
bool signet_job_has_effect(signet_write_state state);
/** Opens the account's journal, made if need be (journal.c). NULL: @p error */
signet_store *signet_job_open_journal(const signet_job *job,
                                      signet_job_running *held_by,
                                      signet_error *error);
/** Takes over a journal that has the resumed job under another spelling of the
 * account's URL. @return false: @p error; none is no error */
bool signet_job_find_journal(const signet_job *job, signet_error *error);
/** Lets others know that this job holds the journal, and what it does. */
void signet_job_begin_beat(signet_job *job);
void signet_job_end_beat(signet_job *job);
/** A write leaves now. */
void signet_job_note_sending(signet_job *job);
/** Keeps with its job when the last holder of the journal sent something.
 * @return false: @p error */
bool signet_job_keep_note(signet_job *job, signet_error *error);
/** Reads that of this job. @return false: @p error */
bool signet_job_recall_note(signet_job *job, signet_error *error);
/** The sentence for a journal that another job holds. */
void signet_job_explain_lock(const signet_job *job,
                             const signet_job_running *held_by,
                             signet_error *error);

#endif
