/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_H
#define SIGNET_ENGINE_H

/**
 * @file signet/engine.h
 * The embedding API: a Lua 5.4 state with the `signet` module, limits, and an
 * event loop under it, ready to run scripts. Library libsignet-engine.
 *
 * The engine never prints, exits or touches signals: what a script logs, prints
 * through `print`, and how far it has come arrive at the event function.
 * An engine belongs to one thread at a time; only signet_engine_interrupt() may
 * come from elsewhere. Several engines may live in one process.
 *
 * The limits guard against mistakes, not against attackers: a pattern match or
 * a finalizer that never ends can't be stopped. Run scripts that you don't
 * trust in a process of their own.
 */

#include "signet/job.h"
#include "signet/plan.h"
#include "signet/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A Lua state with the module, its limits and its loop. */
typedef struct signet_engine signet_engine;
struct lua_State;

/** Which of Lua's own libraries a script gets. */
enum {
  SIGNET_LIBRARY_BASE = 1 << 0, /**< print, pairs, pcall, … */
  SIGNET_LIBRARY_COROUTINE = 1 << 1,
  SIGNET_LIBRARY_STRING = 1 << 2, /**< and utf8 */
  SIGNET_LIBRARY_TABLE = 1 << 3,
  SIGNET_LIBRARY_MATH = 1 << 4,
  SIGNET_LIBRARY_IO = 1 << 5,
  SIGNET_LIBRARY_OS = 1 << 6,
  SIGNET_LIBRARY_PACKAGE = 1 << 7, /**< require of files; without it only
                                        signet, cjson and argparse */
  SIGNET_LIBRARY_DEBUG = 1 << 8,
  /** What can't reach files or processes. */
  SIGNET_LIBRARY_SAFE = SIGNET_LIBRARY_BASE | SIGNET_LIBRARY_COROUTINE |
                        SIGNET_LIBRARY_STRING | SIGNET_LIBRARY_TABLE |
                        SIGNET_LIBRARY_MATH,
  SIGNET_LIBRARY_ALL = (1 << 9) - 1
};

/** What an event tells. */
typedef enum signet_event_type {
  SIGNET_EVENT_LOG = 0,      /**< signet.log: `level`, `text` */
  SIGNET_EVENT_PRINT = 1,    /**< print, io.write: `text`, as it would have been
                                  written: a newline is part of it */
  SIGNET_EVENT_PROGRESS = 2, /**< signet.each moved: `label`, counts, `total` */
  SIGNET_EVENT_FAILED = 3,   /**< an entry failed: `label`, `text` (the entry),
                                  `error`, `reason` (all of its message) */
  SIGNET_EVENT_SKIPPED = 4,  /**< an entry was skipped: `label`, `text`,
                                  `reason` */
  SIGNET_EVENT_PAUSED = 5,   /**< an account sends nothing for `wait_ms` more,
                                 0: it goes on: `reason`; once a second */
  SIGNET_EVENT_CONNECT = 6,  /**< signet.connect has opened `account`; `text`:
                                the profile that the script named, or "" */
  SIGNET_EVENT_CLOSE = 7,    /**< `account` is about to be closed */
  SIGNET_EVENT_PACE = 8,     /**< `account` goes on at another pace */
  SIGNET_EVENT_RATE = 9      /**< `account` waits because the service seems to
                                  allow no more than `per_second`: `learned` */
} signet_event_type;

/**
 * How the entries of a run came out. An entry is an item of signet.each, or a
 * write that a script makes outside of one.
 */
typedef struct signet_counts {
  uint64_t done;    /**< written, or nothing to write */
  uint64_t failed;  /**< refused, or raised an error */
  uint64_t skipped; /**< left alone with a reason */
  uint64_t unknown; /**< it is not known whether the write worked */
  uint64_t waiting; /**< waits for a review */
} signet_counts;

/** One thing that a script did. Everything is borrowed for the call. */
typedef struct signet_event {
  signet_event_type type;    /**< says which of the others are set */
  const char *level;         /**< "debug", "info", "warning", "error" */
  const char *label;         /**< of signet.each; "" if it has none */
  const char *text;          /**< what was logged or printed, or the entry */
  size_t length;             /**< bytes in text */
  const char *reason;        /**< why it was skipped, failed, or pauses */
  signet_counts counts;      /**< of this signet.each so far */
  uint64_t total;            /**< its items, as far as known */
  const signet_error *error; /**< what an entry failed with; kind
                                  SIGNET_ERROR_SCRIPT: a value of the
                                  script's own, and `reason` is its text */
  int64_t wait_ms;           /**< milliseconds left of a pause */
  double per_second;         /**< requests */
  bool learned;              /**< an earlier run found that rate */
  signet_account *account;   /**< which it is about, else NULL: to teach it, to
                                  ask what it learned; not to be closed */
} signet_event;

/** Called on the engine's thread; of the engine's functions it may only call
 * signet_engine_interrupt() and signet_engine_change_pace(). */
typedef void (*signet_event_fn)(void *user, const signet_event *event);

/** Memory in the manner of lua_Alloc: size 0 frees. */
typedef void *(*signet_engine_allocate_fn)(void *user, void *memory,
                                           size_t old_size, size_t new_size);

/** Initialise with SIGNET_ENGINE_OPTIONS_INIT or its function. */
typedef struct signet_engine_options {
  uint32_t version;         /**< SIGNET_ENGINE_OPTIONS_VERSION */
  struct lua_State *borrow; /**< use this state, which stays the host's:
                                 `signet` is made loadable in it, the
                                 libraries and limits are left alone */
  signet_engine_allocate_fn allocate; /**< for Lua's memory, NULL: malloc */
  void *allocate_user;                /**< the first argument of `allocate` */
  size_t memory_limit;                /**< bytes of Lua memory, 0: none */
  uint64_t instruction_limit;         /**< per run or call, about; 0: none */
  int64_t time_limit_ms;              /**< per run or call, waiting included, 0:
                                           none */
  unsigned libraries;                 /**< default SIGNET_LIBRARY_ALL */
  const signet_settings *settings;    /**< what signet.connect() uses where the
                                           script says nothing; copied; NULL:
                                           environment and profile */
  signet_loop *loop;                  /**< borrowed; NULL: a loop of its own */
  const char *script_path; /**< package.path for `require`, where `;;` stands
                                for Lua's own; NULL: Lua's own, which loses its
                                relative entries */
  signet_event_fn event;   /**< NULL: log and print go nowhere */
  void *event_user;        /**< the first argument of `event` */
  signet_job *job;         /**< records the writes of every account that a
                                script connects, and what signet.step decides;
                                borrowed; NULL: none */
  signet_overlay *overlay; /**< takes the writes of every account that a script
                                connects: nothing but GETs is sent; borrowed;
                                NULL: none */
  signet_trace_fn trace;   /**< sees every request of every account that a
                                script connects; NULL: nobody */
  void *trace_user;        /**< the first argument of `trace` */
  size_t trace_bytes;      /**< of each body that it sees; 0: neither bodies
                                nor headers */
} signet_engine_options;

/** The version of signet_engine_options that this header describes. */
#define SIGNET_ENGINE_OPTIONS_VERSION 1
/* clang-format off */
/** The options with every default. */
#define SIGNET_ENGINE_OPTIONS_INIT                                           \
  { SIGNET_ENGINE_OPTIONS_VERSION, NULL, NULL, NULL, 0, 0, 0,                \
    SIGNET_LIBRARY_ALL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,      \
    NULL, 0 }
/* clang-format on */

/** Sets every field to that of SIGNET_ENGINE_OPTIONS_INIT. */
SIGNET_API void signet_engine_options_init(signet_engine_options *options);

/**
 * Why a run failed. Initialise with SIGNET_FAILURE_INIT; free with
 * signet_failure_clear().
 */
typedef struct signet_failure {
  signet_error error;    /**< what failed; kind SIGNET_ERROR_SCRIPT: the script
                              raised a value of its own, and the message is
                              its text, escaped, and cut where it is long */
  char *message;         /**< that text as it is, NULL: see error.message. What
                              a script puts there may do to a terminal what it
                              likes */
  size_t message_length; /**< bytes of message: NULs may be among them */
  char *traceback;       /**< NULL: none, as for a syntax error */
} signet_failure;
/** Nothing failed. */
#define SIGNET_FAILURE_INIT          \
  {                                  \
    SIGNET_ERROR_INIT, NULL, 0, NULL \
  }

/** What failed, whole where it is known: the message, else the error's.
 * @return borrowed from @p failure; never NULL, "" where nothing failed */
SIGNET_API const char *signet_failure_text(const signet_failure *failure);

/** Frees the texts of @p failure and sets it back to SIGNET_FAILURE_INIT. NULL
 * is allowed. */
SIGNET_API void signet_failure_clear(signet_failure *failure);

/** A new engine. NULL: @p error says why. */
SIGNET_API signet_engine *
signet_engine_new(const signet_engine_options *options, signet_error *error);

/** Closes accounts, then the state unless it is borrowed. A borrowed state may
 * be closed before, or later: what is left of `signet` in it is closed too. A
 * job may be freed before, or later. NULL is allowed. */
SIGNET_API void signet_engine_free(signet_engine *engine);

/**
 * Runs a script file (text only, no bytecode) as the main task and everything
 * that it spawns, to the end.
 * @param argc,argv  the script's `arg` and `...`; argv[0] is the first one
 * @param failure    filled on failure
 * @return whether it ended without an error
 */
SIGNET_API bool signet_engine_run_file(signet_engine *engine, const char *path,
                                       int argc, const char *const *argv,
                                       signet_failure *failure);

/**
 * The same for a script whose text was read before. A first line that begins
 * with # is a comment.
 * @param name  for messages, in Lua's form ("@path", "=stdin"); without the
 *              sign it is the script's arg[0]; NULL: "=script"
 */
SIGNET_API bool signet_engine_run_script(signet_engine *engine,
                                         const char *text, size_t length,
                                         const char *name, int argc,
                                         const char *const *argv,
                                         signet_failure *failure);

/** The same for a chunk without arguments. @param name  for messages, in Lua's
 * form ("=REPL") */
SIGNET_API bool signet_engine_run_string(signet_engine *engine,
                                         const char *text, size_t length,
                                         const char *name,
                                         signet_failure *failure);

/**
 * Calls a global function as the main task.
 * @param function   its name
 * @param arguments  JSON array of the arguments, NULL: none
 * @param result     set to the JSON text of its first result, to be freed with
 *                   signet_engine_text_free(); may be NULL
 */
SIGNET_API bool signet_engine_call(signet_engine *engine, const char *function,
                                   const char *arguments, char **result,
                                   signet_failure *failure);

/** Frees what signet_engine_call() gave. NULL is allowed. */
SIGNET_API void signet_engine_text_free(char *text);

/**
 * Asks the running script to end: what is in flight is finished, nothing new is
 * started, waiting and sleeping tasks get a "cancelled" error, and so does Lua
 * code that goes on computing. Asked a second time it does not wait for what is
 * in flight. Safe from any thread and from a signal handler. Has no effect
 * between runs, and each run starts afresh.
 */
SIGNET_API void signet_engine_interrupt(signet_engine *engine);

/**
 * Goes on at another pace with every account, those that will be connected too:
 * @p steps up (or down, where negative) from gentle over normal to fast. Safe
 * from any thread and from a signal handler; it takes effect in the loop's next
 * step, and each account tells it with SIGNET_EVENT_PACE.
 */
SIGNET_API void signet_engine_change_pace(signet_engine *engine, int steps);

/** Whether the last run was interrupted. */
SIGNET_API bool signet_engine_interrupted(const signet_engine *engine);

/**
 * What the script of the last run gave to os.exit, which ends the run and not
 * the process: 0 to 255; -1: it did not call it. A run that ends with 0 is a
 * success.
 */
SIGNET_API int signet_engine_exit_status(const signet_engine *engine);

/** How many reviews the running script waits for, where it does nothing else
 * and none of them is decided; else 0. From the loop. */
SIGNET_API uint64_t signet_engine_awaits_reviews(const signet_engine *engine);

/** The counts of the current or last run. */
SIGNET_API signet_counts signet_engine_counts(const signet_engine *engine);

/**
 * Lets another job record what scripts write from now on, in every account that
 * they have connected or will connect. Not while a script runs.
 * @param job  borrowed; it takes the place of the options' job, which is not
 *             used any more
 */
SIGNET_API bool signet_engine_set_job(signet_engine *engine, signet_job *job,
                                      signet_error *error);

/** The Lua state, borrowed, to add functions before a run. NULL: it was the
 * host's, who has closed it. */
SIGNET_API struct lua_State *signet_engine_state(signet_engine *engine);

#ifdef __cplusplus
}
#endif
#endif
