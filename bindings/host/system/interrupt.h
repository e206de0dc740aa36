/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_INTERRUPT_H
#define SIGNET_HOST_INTERRUPT_H

/* SIGINT, SIGTERM and SIGHUP while a script runs, or a plan is carried out. The
 * first signal asks the engine, or the code that steps the loop, to finish what
 * is in flight. The second one asks it to give that up. The third one ends the
 * process. A
 * deadline is a first one by SIGALRM, which reaches a script that only
 * computes, too; five seconds later it is a second one. SIGUSR1 makes it go on
 * slower, SIGUSR2 faster. */

#include "host/system/terminal.h"
#include "signet/engine.h"

/** From now on SIGUSR1 and SIGUSR2 end nothing, whether a script runs or not.
 */
void signet_host_interrupt_prepare(void);

/** From now on signals go to @p engine. @param engine  NULL: they are counted
 * and no more @param say  tell the person so */
void signet_host_interrupt_begin(signet_engine *engine,
                                 const struct terminal *terminal, bool say);

/** The same where no script runs: signals wake @p loop, and the code that steps
 * it checks after each step which ones came. */
void signet_host_interrupt_begin_loop(signet_loop *loop,
                                      const struct terminal *terminal,
                                      bool say);
/** How many signals have asked it to end since then. */
int signet_host_interrupt_asked(void);
/** By how many steps it was to go faster since this was asked last; slower
 * where that is negative. */
int signet_host_interrupt_pace(void);

/** Asks for another pace as a signal would. */
void signet_host_interrupt_change_pace(int by);

/** Interrupts the engine once, so many seconds from now; until
 * signet_host_interrupt_end(). */
void signet_host_interrupt_after(double seconds);

/** How many signals have come since signet_host_interrupt_begin(). */
int signet_host_interrupt_count(void);

/** Whether it was that which interrupted the engine. */
bool signet_host_interrupt_by_deadline(void);

/** From now on they do what they did before. */
void signet_host_interrupt_end(void);

/** Interrupts the engine as a signal would, without a word. */
void signet_host_interrupt_now(void);

#endif
