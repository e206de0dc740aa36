/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_KEYS_H
#define SIGNET_HOST_KEYS_H

/*
 * + and - change the pace while a bar is shown on a terminal. Keys come without
 * Enter and are not echoed then; the terminal is put back when the bar goes,
 * when the process stops (Ctrl-Z) and however it ends, but for SIGKILL.
 */

/** Listens from now on, if standard input and standard error are this process's
 * terminal; no-op if it does already.
 * @param press  called by signet_host_keys_take() for each key: 1 asks for a
 *               faster pace, -1 for a slower one */
void signet_host_keys_begin(void (*press)(int by));

/** Takes the keys that have been pressed since. */
void signet_host_keys_take(void);

/** Puts the terminal back. */
void signet_host_keys_end(void);

/** Puts the terminal back, for good: in a signal handler. */
void signet_host_keys_restore(void);

#endif
