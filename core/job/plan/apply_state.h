/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_APPLY_STATE_H
#define SIGNET_JOB_PLAN_APPLY_STATE_H

/*
 * The inside of an apply. It goes through three stages: it holds the journal,
 * it looks at every entry of the plan, and it carries the steps out.
 *
 *   apply.c    its life: begin, stop, wait, end
 *   fields.c   what a step says
 *   tell.c     what the host hears; how it fails, and goes on
 *   graph.c    which step waits for which, and how a step ends
 *   look.c     the look before the first write
 *   compare.c  whether an entry is what a step expects
 *   users.c    who uses the signature that a step deletes
 *   carry.c    one step, from its entry to its outcome
 *   awaited.c  which reviews it waits for, in words
 *   review.c   reviews: which are awaited, and what lists say of them
 *   former.c   what the journal knows of earlier runs
 *   once.c     whether another job has applied the plan
 *   origin.c   the job that the plan is made from
 *
 * Steps are named by their index from 0 here.
 */

#include "job/job.h"
#include "net/post.h"
#include "signet/plan.h"
#include "world/table.h"

static const uint32_t SIGNET_NO_STEP = UINT32_MAX;

/** Why a step is not carried out. */
typedef enum signet_apply_block {
  SIGNET_BLOCK_NONE = 0,
  SIGNET_BLOCK_NOT_DONE, /* a step that it needs was not done */
  SIGNET_BLOCK_WAITS,    /* a step that it needs waits */
  SIGNET_BLOCK_REVIEW    /* a review that it needs ended otherwise */
} signet_apply_block;

typedef enum signet_apply_phase {
  SIGNET_PHASE_OPEN = 0, /* waits for other steps, or for a review */
  SIGNET_PHASE_READY,
  SIGNET_PHASE_RUNNING,
  SIGNET_PHASE_ENDED
} signet_apply_phase;

typedef enum signet_apply_decision {
  SIGNET_REVIEW_NOT_BEGUN = 0,
  SIGNET_REVIEW_OPEN,     /* it is awaited */
  SIGNET_REVIEW_DECIDED,  /* as the plan takes it */
  SIGNET_REVIEW_OTHERWISE /* not so, or it can't be known */
} signet_apply_decision;

/** One step. A plan may have hundreds of thousands: this is small. */
typedef struct signet_apply_step {
  uint32_t entry;  /* in `entries` */
  uint32_t open;   /* what it still waits for */
  uint32_t cause;  /* the step that blocks it */
  uint32_t turn;   /* changes of the entry by steps before it */
  uint32_t retry;  /* the first step that tries again after its review */
  uint32_t next;   /* in a list of such steps */
  uint8_t block;   /* signet_apply_block */
  uint8_t phase;   /* signet_apply_phase */
  uint8_t result;  /* signet_plan_result, once it has ended */
  uint8_t review;  /* signet_apply_decision */
  bool looked;     /* its entry was compared with what it expects */
  bool await_own;  /* its entry is in review, which ends first */
  bool await_sign; /* so is the signature that it shows */
  bool unused;     /* nobody uses the signature that it deletes */
  bool left_out;   /* what it expects isn't there, or what it depends on isn't;
                      those that only come after it go on */
} signet_apply_step;

/** One entry that steps are about. */
typedef struct signet_apply_entry {
  uint32_t first;            /* step */
  uint32_t last;             /* which decides what is left of it */
  int64_t id;                /* the real one, 0: it isn't made yet */
  const signet_record *live; /* while the apply looks */
  bool restored;             /* by somebody: an undo has nothing to do there */
} signet_apply_entry;

/** A review that is awaited: that of a step, or one that was under way before
 * and that a step rests on. */
typedef struct signet_apply_review {
  uint32_t step;
  bool former;       /* it was under way before */
  bool of_sign;      /* it is of the signature that the step shows */
  int64_t id;        /* of the entry */
  uint64_t from;     /* the first list that may answer it */
  unsigned missed;   /* lists that didn't show the entry */
  signet_call *call; /* on a copy, whose reviewer answers calls */
  struct signet_plan_apply *apply;
  struct signet_apply_review *next;
} signet_apply_review;

/** What awaits reviews of a kind. */
typedef struct signet_apply_watch {
  struct signet_plan_apply *apply;
  signet_kind kind;
  signet_apply_review *first;
  signet_call *driver; /* keeps lists coming; or the one list of a park */
} signet_apply_watch;

/** A step that runs. */
typedef struct signet_apply_run {
  struct signet_plan_apply *apply;
  uint32_t step;
  signet_call *call;
  struct signet_apply_run *next;
  struct signet_apply_run *previous;
} signet_apply_run;

/** Numbers of steps for each step, in one block. */
typedef struct signet_apply_edges {
  uint32_t *from; /* where those of a step begin; one more than steps */
  uint32_t *to;
} signet_apply_edges;

struct signet_plan_apply {
  signet_account *account;
  signet_loop *loop;
  signet_job *job; /* NULL: none */
  const signet_plan *plan;
  signet_plan_apply_options options;
  signet_plan_apply_fn done;
  void *user;
  void (*await)(struct signet_plan_apply *apply, uint32_t step); /* a review */
  signet_post turn; /* begins what is ready, or ends */
  bool holding;     /* it waits for the journal */
  bool carrying;    /* it has looked, and nothing stands against it */
  bool resumed;     /* an earlier run of the job wrote something */
  bool stopping;
  bool fatal;    /* `error` is one that no step can escape */
  bool told;     /* that reviews are awaited */
  bool finished; /* `done` was called */
  signet_error error;
  signet_job_counts counts;

  size_t count;
  signet_apply_step *steps;
  signet_apply_entry *entries;
  size_t entry_count;
  size_t template_count;        /* of them */
  signet_table table;           /* of entries */
  signet_apply_edges on_done;   /* who needs a step */
  signet_apply_edges on_review; /* who needs its review */
  uint32_t *ready;              /* a queue; each step is in it at most twice */
  size_t ready_first;
  size_t ready_count;
  size_t running;
  signet_apply_run *runs;
  size_t rounds;        /* reviews of rounds up to this one are awaited */
  uint32_t *undecided;  /* reviews that are awaited, by round */
  uint32_t *at_barrier; /* the first step that waits for them, by round */
  size_t passed;        /* rounds whose reviews are decided */
  uint32_t broken;      /* the step whose review ended otherwise … */
  signet_apply_block broken_how; /* … NONE: there is none */

  signet_call *looks[2];
  signet_list *lists[2];
  signet_table signs; /* the records of the first list */
  signet_table names; /* the same by their names, where that is asked for */
  size_t looking;     /* lists on their way */
  size_t found;       /* steps that can't be carried out as they stand */
  size_t restored;    /* steps with nothing to do since somebody did it */

  signet_apply_watch watches[2];
  bool parks; /* the lists of a park are on their way, or have been read */
  uint32_t *decided; /* reviews to be kept */
  size_t decided_count;
  size_t chunk; /* kept so far */

  struct signet_former *former; /* a table: what earlier runs wrote */
  size_t former_room;           /* a power of two, or 0 */
  signet_memo made; /* creates of the job that a plan is made from */
  size_t former_count;
  uint64_t origin_writes;             /* of that job … */
  uint64_t origin_open;               /* … and those whose outcome is open */
  char to_resume[SIGNET_JOB_ID_SIZE]; /* the plan's other job, "": none */
};

/* What sentences about a step call what is not as the plan says … */
static inline const char *signet_apply_finding(const signet_plan_apply *apply)
{
  return apply->options.undo ? "conflict"
                             : signet_write_state_name(SIGNET_WRITE_DRIFT);
}

/* … and what says it. */
static inline const char *signet_apply_noun(const signet_plan_apply *apply)
{
  return apply->options.undo ? signet_job_type_name(SIGNET_JOB_UNDO) : "plan";
}

#endif
