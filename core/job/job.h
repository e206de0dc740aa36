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
 *   left.c        what a resumed run did not ask for again
 *   waiting.c     the queues, and what ends all that waits
 *   open.c        taking hold of the journal
 *   recall.c      what an earlier run left in it
 *   lost.c        writes that a damaged journal may have lost
 *   audit.c       whether the service shows what was written
 *   steps.c       what a script decided; kept_steps.c before there is a journal
 *   reviews.c     what a step saw of entries in review
 *   row.c         what the journal knows the job and its writes by
 *   beat.c        what others see of a job that runs
 */

#include "account/account.h"
#include "account/recorder.h"
#include "job/guard.h"
#include "job/memo.h"
#include "job/store/store.h"
#include "net/notice.h"
#include "net/post.h"
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
  bool clock;        /* it only is to tell the service's time, or names */
  int64_t began;     /* boot time */
  int64_t fresh_ms;  /* what was read longer ago is read again; -1: never */
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
  bool own_read;  /* one is begun that is not its script's */
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

/* What was seen of entries in review (reviews.c). */
typedef struct signet_job_pending {
  signet_list *lists[2];  /* since the last step was put; NULL: nothing */
  signet_made seen;       /* what is in them, or was */
  bool stepped;           /* a step was put, or recalled */
  bool recalled;          /* what earlier runs put is in `known` */
  unsigned rows;          /* that were put */
  signet_images known[2]; /* what they hold */
  char *answer;           /* JSON; owned */
} signet_job_pending;

typedef enum signet_claim {
  SIGNET_CLAIM_PASS,
  SIGNET_CLAIM_HELD,   /* it is answered later */
  SIGNET_CLAIM_REFUSE, /* the guard's refusal says why */
  SIGNET_CLAIM_MEMORY
} signet_claim;

/** What the journal knows it by (row.c). */
typedef struct signet_job_about {
  char id[SIGNET_JOB_ID_SIZE];         /* "": nothing was written yet */
  char reserved[SIGNET_JOB_ID_SIZE];   /* the id that a new job will have */
  char identity[SIGNET_IDENTITY_SIZE]; /* of the account */
  char spelled[SIGNET_IDENTITY_SIZE];  /* with its URL as it was given */
  char *type;
  char *name;
  const char *script; /* NULL once the journal has it */
  char *own_script;   /* the same where it was copied */
  bool borrow_script;
  char *arguments;
  char *parent;
  int64_t started_ms;
  int64_t run_ms; /* when this run of it began */
} signet_job_about;

/** How it gets hold of its journal (open.c). */
typedef struct signet_job_opening {
  char *state_dir;
  char resume[SIGNET_JOB_ID_SIZE]; /* the job to go on with; "": a new one */
  int64_t wait_lock_ms;            /* for another job to end */
  int64_t since;                   /* boot time, -1: it wasn't tried yet */
  int64_t boot;        /* when it had the journal, and no other job any more */
  signet_timer *retry; /* tries again */
  bool told;           /* that it waits */
  bool no_journal;     /* the store stays closed */
  bool accept_damage;  /* of the journal */
  bool new_input;      /* files and modules are taken as they are now */
  bool holds;          /* it is opened before there is anything to write */
  void (*held)(void *user, const signet_error *error); /* NULL: nobody waits */
  void *held_user;
} signet_job_opening;

/** How far it has come; the table is in job.c. */
typedef struct signet_job_life {
  bool settled; /* nothing of an earlier run is open */
  bool durable; /* a commit has made the job's row durable */
  bool over;    /* it can't be resumed: it came to its end */
  bool ended;   /* all that it did is in the journal */
  bool broken;  /* `failure` says why nothing can be written */
  bool freed;   /* by its owner, and accounts are still recorded */
  signet_error failure;
  char read_only[200]; /* why nothing may be written; "": it may */
} signet_job_life;

/** The entries that its writes are of. */
typedef struct signet_job_entries {
  signet_made touched; /* that this run has updated, or found so */
  signet_made made;    /* that the job's creates came to */
  signet_made others;  /* and those of other jobs in the journal */
} signet_job_entries;

/** When things happened. What lists show tells it, too (newest.c). */
typedef struct signet_job_times {
  int64_t first_at;      /* the earliest intent's, by the service's clock */
  int64_t last_at;       /* the latest of its times by that clock; 0: none */
  int64_t sent_at;       /* so, at the latest what an earlier run sent last; 0:
                            unknown */
  signet_list *shown[2]; /* the last list of a kind; NULL: none */
  int64_t newest[2];     /* the latest time that lists showed; 0: none did */
  int64_t first_newest[2]; /* that of the job's first step, or before its first
                              write, Unix seconds; 0: unknown */
} signet_job_times;

/** What earlier runs left open, and is settled first (recall.c). */
typedef struct signet_job_past {
  struct open_write *open_writes;
  size_t settling; /* settlements under way */
  signet_job_findings findings;
} signet_job_past;

/** What its script decided (steps.c). */
typedef struct signet_job_decisions {
  struct kept_step *early; /* before there was an account (kept_steps.c) */
  bool recalled;           /* this run goes by what an earlier one decided */
  int64_t boot; /* when the first step began that nobody had decided before,
                   signet_clock_boot_ms(); 0: none has */
  signet_job_pending pending;
} signet_job_decisions;

/** What came of its writes, in numbers. */
typedef struct signet_job_totals {
  uint64_t remembered;
  uint64_t written;   /* writes that took effect, in all runs */
  uint64_t refused;   /* those that no resume sends again */
  uint64_t unknown;   /* writes of this run whose outcome is not known */
  uint64_t to_decide; /* open writes that only a person can decide about */
  uint64_t unchanged; /* updates that were not sent: nothing to do */
  uint64_t rejected_unchanged; /* of entries that are rejected */
  int64_t left_alone;          /* entries that its undo can't take back */
} signet_job_totals;

/** What others see of it while it runs (beat.c). */
typedef struct signet_job_heartbeat {
  signet_timer *timer; /* tells others what it does */
  bool beats;          /* others know that it holds the journal */
  bool noted;          /* with the service's time … */
  int64_t noted_boot;  /* … that it sent something, last; 0: never */
  signet_job_counts told;
} signet_job_heartbeat;

/** Its writes on their way: a write is in one of the queues until it is sent
 * (intents.c, commit.c). */
typedef struct signet_job_writes {
  signet_post flush;          /* looks at what is queued */
  signet_job_queue queue;     /* to be looked at */
  signet_job_queue uncounted; /* for a list that counts the entries */
  signet_job_queue at_limit;  /* until what is out has ended */
  signet_job_queue ready;     /* their intents are put */
  signet_job_queue committed; /* their intents are in the running commit */
  size_t out;                 /* that were sent and have not ended */
  struct signet_job_dropped *dropped; /* that were never ready, and are not in
                                         the journal yet */
  size_t dropped_count;
  bool committing;
  bool unsaved;       /* an outcome was put since the last commit */
  signet_post commit; /* begins a commit */
  signet_notice commit_ended;
  signet_timer *save; /* outcomes that no commit of intents took along */
} signet_job_writes;

/** Whether the service shows what was written (audit.c). */
typedef struct signet_job_audits {
  signet_audit *running;
  signet_job_stored stored;           /* what the last one found */
  bool wrote[2];                      /* entries of that kind, perhaps */
  bool done;                          /* since the last write */
  int64_t to;                         /* by earlier runs: number of a write */
  signet_contradiction *contradicted; /* in this run … */
  size_t contradicted_count;          /* … in the order of the writes */
} signet_job_audits;

struct signet_job {
  signet_recorder recorder; /* first: a recorder is its job */
  signet_loop *loop;        /* of the accounts; NULL: none is attached */
  signet_account *account;  /* whose writes are recorded; NULL: it is closed */
  size_t accounts;          /* that it is the recorder of */
  signet_store *store;      /* NULL: not opened yet */
  signet_job_about about;
  signet_job_opening opening;
  signet_job_life life;
  signet_memo memo; /* what earlier runs wrote */
  signet_job_past past;
  signet_job_lost lost;
  signet_job_claims claims;
  signet_guard guard;
  signet_job_count counting[2];
  signet_job_decisions decisions;
  signet_job_writes writes;
  signet_job_entries entries;
  signet_job_times times;
  signet_job_totals totals;
  signet_job_heartbeat heartbeat;
  signet_job_audits audits;
};

/** Steps the loop until nothing of an earlier run is open. @return false: the
 * job is broken */
bool signet_job_wait_settled(signet_job *job);

#endif
