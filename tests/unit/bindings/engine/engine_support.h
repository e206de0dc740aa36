/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SUPPORT_H
#define ENGINE_SUPPORT_H

/* A sandbox server on a thread, an engine on its account, and what the engine
 * said, as text. */

#include "signet/engine.h"
#include "signet/sandbox.h"

#include <pthread.h>

struct service {
  signet_sandbox *sandbox;
  signet_settings *settings;
  pthread_t thread;
};

/** Starts a server with @p signs signatures; every answer waits a while. */
void service_start(struct service *service, unsigned signs, int64_t latency_ms);
void service_stop(struct service *service);

/** What an engine said: one line an event, "print hello". */
struct said {
  char text[16384];
  size_t length;
  int progress;          /* how many of these events */
  signet_counts last;    /* and the last one's */
  int connected, closed; /* accounts */
};

/** Options with an event function that writes to @p said. */
signet_engine_options engine_options(const struct service *service,
                                     struct said *said);
/** An engine; the test ends when it can't be made. */
signet_engine *engine_new(const signet_engine_options *options);
/** Runs text under the name "test". @p failure may be NULL. */
bool engine_run(signet_engine *engine, const char *text,
                signet_failure *failure);
/** Runs text that must end without an error. */
void engine_run_good(signet_engine *engine, const char *text);
/** Runs text that must fail; the caller clears @p failure. */
void engine_run_bad(signet_engine *engine, const char *text,
                    signet_failure *failure);
/** Milliseconds of a clock that never goes back. */
int64_t clock_ms(void);

/** Interrupts an engine @p times times from a thread, every 50 ms. */
struct interrupter {
  signet_engine *engine;
  int times;
  pthread_t thread;
};
void interrupter_start(struct interrupter *interrupter, signet_engine *engine,
                       int times);
void interrupter_join(struct interrupter *interrupter);

/* Begins a script: the module and an account. */
#define CONNECT "local signet = require 'signet' local sms = signet.connect() "

#endif
