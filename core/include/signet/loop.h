/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LOOP_H
#define SIGNET_LOOP_H

/**
 * @file signet/loop.h
 * The event loop that moves every transfer and timer. It starts no thread: it
 * runs only inside signet_loop_step() and signet_call_wait(), on the thread
 * that calls them. One loop belongs to one thread at a time; only
 * signet_loop_wake() may come from elsewhere.
 *
 * A host with an event loop of its own watches signet_loop_fd() for reading,
 * calls signet_loop_step(loop, 0) when it is readable or when
 * signet_loop_timeout() has passed, and asks for the timeout again.
 */

#include "signet/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The event loop on which accounts and timers live. */
typedef struct signet_loop signet_loop;
/** A function to be called later. */
typedef struct signet_timer signet_timer;

/** Memory functions in the manner of malloc, realloc and free. */
typedef struct signet_allocator {
  void *(*allocate)(size_t size);                 /**< as malloc */
  void *(*reallocate)(void *memory, size_t size); /**< as realloc */
  void (*release)(void *memory);                  /**< as free */
} signet_allocator;

/**
 * Initialises libcurl and sets the memory functions, for the whole process.
 * Call it once before any other function if you want @p allocator or start
 * threads; otherwise the first signet_loop_new() does it. While it runs it
 * takes SSLKEYLOGFILE out of the environment, so that no keys are logged.
 * @param allocator  NULL: malloc, realloc, free; copied
 * @return false: libcurl could not start, or something is in use already
 */
SIGNET_API bool signet_global_init(const signet_allocator *allocator);

/** signet's version, "MAJOR.MINOR.PATCH". Static text. */
SIGNET_API const char *signet_version(void);

/** A new loop. NULL: out of memory or descriptors. */
SIGNET_API signet_loop *signet_loop_new(void);

/**
 * Frees the loop. Every account on it must be closed before; the functions of
 * calls that ended so are called now if no step has done it. Timers that are
 * still set are dropped without being called. NULL is allowed.
 */
SIGNET_API void signet_loop_free(signet_loop *loop);

/** One descriptor that is readable whenever the loop has work. Not yours to
 * read or close. */
SIGNET_API int signet_loop_fd(const signet_loop *loop);

/**
 * Milliseconds until signet_loop_step() must be called even if the descriptor
 * stays quiet; 0: now; -1: no timer is set. It is a second at most, because
 * what waits elsewhere may stand still while the machine sleeps.
 */
SIGNET_API int64_t signet_loop_timeout(signet_loop *loop);

/**
 * Waits up to @p timeout_ms (0: not at all; -1: as long as it takes) for
 * something to do, does it, and calls the callbacks of calls and timers that
 * are due. Callbacks may start and cancel calls and timers, but not step the
 * loop. Returns early after signet_loop_wake().
 * @return how many callbacks were called
 */
SIGNET_API size_t signet_loop_step(signet_loop *loop, int64_t timeout_ms);

/** Ends a waiting signet_loop_step(). From any thread or signal handler. */
SIGNET_API void signet_loop_wake(signet_loop *loop);

/** Milliseconds of a clock that never goes back, as the timers see it: it goes
 * on while the machine sleeps. */
SIGNET_API int64_t signet_loop_now(const signet_loop *loop);

/** @param slept_ms  for how long */
typedef void (*signet_sleep_fn)(void *user, int64_t slept_ms);

/**
 * Calls @p function from a step after the machine slept for some seconds or
 * longer. By then every connection has been given up: what was under way is
 * read again, and waits look again at once. NULL: nobody.
 */
SIGNET_API void signet_loop_on_sleep(signet_loop *loop,
                                     signet_sleep_fn function, void *user);

/** What a timer calls. */
typedef void (*signet_timer_fn)(void *user);

/**
 * Calls @p function once, @p delay_ms from now. The timer is gone after its
 * call. NULL: out of memory.
 */
SIGNET_API signet_timer *signet_timer_start(signet_loop *loop, int64_t delay_ms,
                                            signet_timer_fn function,
                                            void *user);

/** Drops a timer that has not been called yet. NULL is allowed. */
SIGNET_API void signet_timer_cancel(signet_timer *timer);

#ifdef __cplusplus
}
#endif
#endif
