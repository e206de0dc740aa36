/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_CALL_H
#define SIGNET_ACCOUNT_CALL_H

/*
 * A call is what the user asked for. It takes one or more steps (update of a
 * template: read, then write), and it is the same whatever the backend.
 */

#include "account/phase.h"
#include "account/step.h"
#include "net/post.h"
#include "signet/record.h"

/** A call waits in one queue at a time: for a shared list (watch.h), or to see
 * its entry or the holder of a name. */
typedef struct signet_call_queue {
  signet_call *next;
  signet_call *previous;
  uint64_t round;      /* which list may answer it */
  signet_look_fn look; /* what is done with a list; NULL: its owner knows */
  unsigned failures;   /* lists that did not show its entry, or too few */
} signet_call_queue;

/** What an update or delete rests on (fresh.h). */
typedef struct signet_call_basis {
  signet_list *expected;     /* NULL: nothing is known yet */
  const signet_record *seen; /* a record of that list, if this run read it;
                                NULL: the only one, which the caller gave */
  int64_t seen_ms;           /* when it was read */
  int64_t looked_ms;         /* when its entry was read last; -1: it was not */
  uint32_t next_request;     /* of the account, when it had looked again */
  bool relooking : 1;        /* it looks again before it leaves */
  bool urgent : 1;           /* it has just looked again */
  bool completed : 1;        /* the fields were completed from the entry */
} signet_call_basis;

/** Of a write: how it was sent, and who waits to hear of it. */
typedef struct signet_call_write {
  /* All is known of its entry: it is recorded, and sent … */
  void (*decided)(signet_call *call, const signet_record *before);
  void (*send)(signet_call *call); /* … or it is sent once more */
  char *before;                    /* JSON of the record as it was; owned */
  int64_t number;                  /* the recorder's own */
  bool recorded : 1;               /* the recorder waits to hear how it ended */
  bool counted : 1;   /* the recorder counts it against its limits */
  bool claimed : 1;   /* it was asked about before, or intended by an earlier
                         run */
  bool held : 1;      /* it waits for others to be asked for (job/claims.c) */
  bool again : 1;     /* it goes on with an earlier run's write */
  bool uncertain : 1; /* an attempt before the last may have worked */
  bool earlier : 1;   /* one was throttled, or showed no effect in an earlier
                         run: what refuses this one may be its effect after
                         all */
  bool created : 1;   /* the service said so, but not its id */
  bool unchanged : 1; /* nothing was sent: the entry is so already */
  unsigned attempts;  /* requests that it has taken */
  unsigned failed;    /* those that count against their limit */
  unsigned waited_ms; /* since the first was throttled, pauses apart */
  unsigned name_tries : 8; /* refusals for a name that was freed (namesake.h) */
  unsigned changes : 8;    /* bits of the fields that an update changes … */
  uint32_t before_updated; /* … and its entry's updated_time, before (own.h) */
  int64_t created_after;   /* server seconds, 0: unknown */
  uint64_t intended_order; /* what was read before it had this number; 0: by
                              an earlier run */
  int64_t intended_boot;   /* signet_clock_boot_ms() at the intent, or when an
                              earlier run's began to be settled */
  int64_t intended_at;     /* the intent by the service's clock, Unix ms; 0: it
                              was not known; negative: as in recorder.h */
  int64_t sent_at;         /* so the last sending, at the latest; 0: so, too */
  int64_t sent_boot;       /* the same of this run, as signet_clock_boot_ms() */
} signet_call_write;

/** While its outcome is found out by reading back (settle.h). */
typedef struct signet_call_settle {
  void (*read_back)(void *user); /* looks once more */
  signet_error *unsettled;       /* what was known before; owned */
  int64_t look_began;            /* the last reading, signet_clock_boot_ms() */
  int64_t window_first;          /* when the first of window_looks began */
  uint8_t verdict;               /* signet_verdict */
  unsigned tries : 8;            /* reads that failed */
  unsigned looks : 16;           /* how often the entry was found unchanged */
  unsigned window_looks : 16;    /* after the window's end */
  bool refusal : 1;              /* the last attempt was answered with a no */
  bool perhaps : 1;              /* an earlier run may have sent it, or not */
  bool anew : 1;        /* and then with another content: it was decided anew */
  bool accepted : 1;    /* the service said so in an earlier run, but not its
                           id */
  bool sought : 1;      /* its effect was looked for (job/lost.c) */
  bool to_decide : 1;   /* several entries may be its own: a person can tell */
  bool window : 1;      /* it waits for its window's end (settle_wait.c) */
  bool window_told : 1; /* somebody was told */
} signet_call_settle;

struct signet_call {
  signet_account *account; /* NULL once the call is finished */
  signet_account *home;    /* whose memory it came from */
  signet_loop *loop;
  signet_call *next; /* of the account's calls */
  signet_call *previous;
  signet_call_fn done;
  void *user;
  signet_post post; /* calls `done` */

  /* What was asked; it stays as it is once it is checked, but for the id of
   * what is created, and fields that are completed from the entry. */
  signet_verb verb;
  signet_kind kind;
  char id[SIGNET_ID_SIZE];
  signet_fields *fields;
  int64_t status;
  char *method;
  char *path;
  char *body;
  size_t body_length;

  signet_call_phase phase;
  bool released;
  bool internal; /* a read of the job itself, not of its caller */
  void (*leave)(signet_call *call); /* takes it out of its queue; NULL: it is in
                                       none */
  signet_call_queue queue;
  signet_timer *deadline;           /* of a wait; else the end of a pause */
  signet_step *step;                /* NULL: none runs */
  int64_t read_ms;                  /* when its last step was sent */
  void (*after)(signet_call *call); /* what follows a read that worked */

  signet_call_basis basis;
  signet_call_write write;
  signet_call_settle settle;

  /* The answer. */
  signet_error error;
  signet_list *list;
  signet_fields *filter; /* of a list, where all are listed (hidden.h) */
  struct signet_details *details; /* that are read for it; NULL: none */
  signet_buffer reply;            /* of a request */
  char *warning;                  /* NULL: none */
};

/** Its life (call.c). */

/** A call that has not begun. NULL: out of memory. */
signet_call *signet_call_new(signet_account *account,
                             const signet_operation *operation,
                             signet_call_fn done, void *user);

/** Ends a call with whatever its error says; its function is called from the
 * loop's next step. */
void signet_call_finish(signet_call *call);
/** signet_call_finish() with an error of that kind. */
void signet_call_fail(signet_call *call, signet_error_kind kind,
                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The call is in that phase from now on; @p leave takes it out of the queue
 * that it has joined, NULL: it is in none. */
void signet_call_enter(signet_call *call, signet_call_phase phase,
                       void (*leave)(signet_call *call));
/** Takes it out of its queue. */
void signet_call_leave(signet_call *call);
/** Whether its outcome is being found out by reading back. */
bool signet_call_settles(const signet_call *call);
/** Whether the recorder has it, and nothing of it was sent. */
bool signet_call_is_kept(const signet_call *call);
/** Whether it waits for shared lists. */
bool signet_call_watches(const signet_call *call);

#endif
