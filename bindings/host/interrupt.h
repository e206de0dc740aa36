/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_INTERRUPT_H
#define SIGNET_HOST_INTERRUPT_H

/* SIGINT, SIGTERM and SIGHUP while a script runs. The first one asks the engine
 * to finish what is in flight, the second one to give it up; a third one ends
 * the process. */

#include "host/terminal.h"
#include "signet/engine.h"

/** From now on signals go to @p engine. @param say  tell the person so */
void signet_host_interrupt_begin(signet_engine *engine,
                                 const struct terminal *terminal, bool say);

/** From now on they do what they did before. */
void signet_host_interrupt_end(void);

/** Interrupts the engine as a signal would, without a word. */
void signet_host_interrupt_now(void);

#endif
