/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_RUNTIME_H
#define SIGNET_LUA_RUNTIME_H

/*
 * One runtime per Lua state: the loop, the tasks, the accounts.
 *
 * A task is a coroutine that the runtime resumes. A call inside a task starts
 * a signet_call and yields; the call's function only puts the task into the
 * ready queue, and the runtime resumes it from its own loop, so no Lua code
 * ever runs inside a callback of libsignet. Outside of tasks a call blocks: it
 * turns the loop, and resumes other tasks, until it is done.
 */

#include "signet/engine.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>

/* How far a run has been asked to end. */
typedef enum signet_stop {
  SIGNET_STOP_NONE = 0,
  SIGNET_STOP_GRACEFUL = 1, /* finish what is in flight, start nothing */
  SIGNET_STOP_NOW = 2       /* don't wait for it either */
} signet_stop;

typedef enum signet_task_state {
  SIGNET_TASK_READY = 0, /* in the ready queue, or new */
  SIGNET_TASK_RUNNING = 1,
  SIGNET_TASK_PARKED = 2, /* waits; see signet_task.wait */
  SIGNET_TASK_DONE = 3,   /* its results lie on its thread's stack */
  SIGNET_TASK_FAILED = 4  /* its error lies on its thread's stack */
} signet_task_state;

typedef enum signet_wait {
  SIGNET_WAIT_CALL = 0,
  SIGNET_WAIT_TIMER = 1,
  SIGNET_WAIT_TASK = 2 /* only another task can end it */
} signet_wait;

typedef struct signet_runtime signet_runtime;
typedef struct signet_task signet_task;
typedef struct signet_handle signet_handle;

/* The runtime's user values: what keeps the tasks alive; signet.step's; errors
 * that count when they escape. */
enum {
  SIGNET_USER_TASKS = 1,
  SIGNET_USER_STEPS = 2,
  SIGNET_USER_MARKED = 3,
  SIGNET_USER_COUNT = 3
};

/* What the host gave it. */
typedef struct signet_runtime_host {
  struct signet_runtime **owner;   /* set to NULL when the state is closed
                                      before its engine; NULL: nobody's */
  const signet_settings *settings; /* defaults of connect; NULL: none */
  signet_job *job;                 /* records writes and steps; NULL: none */
  signet_overlay *overlay;         /* takes all writes; borrowed; NULL: none */
  unsigned concurrency;            /* default of signet.each */
  signet_event_fn event;
  void *event_user;
  signet_trace_fn trace; /* sees every request; NULL: nobody */
  void *trace_user;
  size_t trace_bytes;
} signet_runtime_host;

/* Whose turn it is (task.c). */
typedef struct signet_scheduler {
  signet_task *first, *last; /* all that have not ended, by age */
  signet_task *ready_first, *ready_last;
  size_t ready_count;
  size_t live;          /* tasks that have not ended */
  size_t outstanding;   /* of those, waiting for a call or a timer */
  uint64_t number;      /* of the latest task */
  uint64_t ended;       /* tasks that have ended: dates their failures */
  signet_task *current; /* the task whose code runs; NULL: none */
  lua_State *running;   /* the coroutine that can yield to the runtime */
  bool yielded;         /* the latest yield was meant for the runtime */
} signet_scheduler;

/* How fast its accounts send. */
typedef struct signet_runtime_pace {
  atomic_int steps; /* asked for; set by any thread */
  int shift;        /* for accounts to come */
} signet_runtime_pace;

/* One run of a script: what it has used up, and how it is to end. */
typedef struct signet_run {
  atomic_int interrupts;      /* since the run began; set by any thread */
  uint64_t instructions;      /* of this run, as far as they were seen */
  uint64_t instruction_limit; /* 0: none */
  bool exhausted;             /* they are used up */
  unsigned refused;           /* calls begun after the run was to end */
  signet_stop stop;
  signet_error stop_error; /* what a stopped run's tasks are told */
  void (*stop_tasks)(signet_runtime *runtime); /* passes the stop on to them */
  int64_t stopped_at;                          /* when the stop was seen */
  int64_t deadline;    /* in the loop's time, -1: none */
  int64_t progress_at; /* when the host hears of progress next */
  int64_t resumed_at;  /* when Lua code began to compute */
} signet_run;

struct signet_runtime {
  lua_State *main;
  signet_loop *loop;
  bool owns_loop;
  bool owns_state; /* an engine made the state: its runs can be stopped */
  bool closed;
  signet_runtime_host host;
  signet_handle *accounts;
  signet_scheduler tasks;
  signet_runtime_pace pace;
  signet_run run;
  signet_counts counts;
  uint64_t failed_writes; /* outside of signet.each, caught or not */
  signet_fields *fields;  /* of the call being started */
  size_t list_bytes; /* given to Lua since its collector last heard of it */
};

struct signet_task {
  signet_runtime *runtime;
  lua_State *thread;
  uint64_t number;
  uint64_t ended;
  signet_task_state state;
  signet_wait wait;
  lua_State *parked; /* the coroutine that yielded, inside or the thread */
  signet_call *call; /* the call under way, or just done */
  signet_verb verb;  /* of that call */
  signet_timer *timer;
  signet_task *previous, *next;     /* of all */
  signet_task *next_ready;          /* of the ready queue */
  signet_task *joiners, *next_join; /* who waits for this one */
  signet_task *joining;             /* whom this one waits for */
  bool counted;                     /* it is part of an entry of signet.each */
  bool wrote;      /* a write of it worked since it was last asked */
  bool decides;    /* it decides a step, which is kept */
  bool joined;     /* someone took its result, or will */
  bool deadlocked; /* woken because nobody else will */
};

/* An account as Lua holds it. */
struct signet_handle {
  signet_runtime *runtime;
  signet_account *account; /* NULL: closed */
  signet_job *job;         /* its own journal; NULL: none, or the host's */
  char *folder; /* of that journal, where `signet` itself would look elsewhere;
                   NULL */
  signet_handle *previous, *next;
};

/** The runtime on top of the stack becomes the state's. Stack: -1. */
void signet_runtime_enter(lua_State *L);
/** The state's runtime, closed or not; NULL: it has none. */
signet_runtime *signet_runtime_find(lua_State *L);
/** The state's runtime. Raises when it was closed. */
signet_runtime *signet_runtime_of(lua_State *L);

/** Pushes the table that keeps the tasks alive, by their addresses. */
void signet_runtime_push_anchor(lua_State *L);

/** Pushes the table of what signet.step has decided. */
void signet_runtime_push_steps(lua_State *L);
/** Forgets the steps and the failed tasks of the run before. */
void signet_runtime_forget(lua_State *L);
/** The script gets a number that differs each time: a random one, or the time.
 * What a step decides by it is kept; the job hears of all others. */
void signet_runtime_by_chance(const signet_runtime *runtime);
/** Whether the state has a runtime that is not closed. */
bool signet_runtime_exists(lua_State *L);

/* What one resumption of a task counts as: the hook sees only coroutines that
 * live for many instructions. */
enum { SIGNET_RESUME_INSTRUCTIONS = 100 };

/** Looks whether the run has to end, and passes it on to tasks and calls. */
void signet_runtime_poll(signet_runtime *runtime);
/** Ends the run: @p error is what its tasks are told. */
void signet_runtime_stop(signet_runtime *runtime, signet_stop stop,
                         signet_error_kind kind, const char *message);
/** Takes back what a stop did, before and after a run. */
void signet_runtime_reset(signet_runtime *runtime);
/** Waits for the loop, for at most @p timeout_ms (-1: as long as it takes). */
void signet_runtime_step(signet_runtime *runtime, int64_t timeout_ms);

/** Says something to the host; without a host nothing happens. */
void signet_runtime_emit(signet_runtime *runtime, const signet_event *event);
/** Tells the host something of one of its accounts. */
void signet_runtime_tell(signet_runtime *runtime, signet_event_type type,
                         signet_account *account);
/** Tells the host of a new account, and puts it at the pace that was asked for
 * meanwhile. */
void signet_runtime_adopt(signet_runtime *runtime, signet_account *account,
                          const char *profile);

/** Counts one entry by how it ended: NULL, or its error. */
void signet_runtime_count(signet_runtime *runtime, const signet_error *error);

/** The error on top of the stack counts when it escapes the script. Stack:
 * unchanged. */
void signet_runtime_mark(lua_State *L);
/** At a run's end: counts the marked errors of tasks that nobody joined. Stack:
 * unchanged. */
void signet_runtime_count_escaped(lua_State *L, signet_runtime *runtime);

#endif
