/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_ADVICE_H
#define SIGNET_HOST_ADVICE_H

/* Commands that messages propose. Each works when it is typed as it stands: it
 * has the options that this command line needed to find the state directory
 * and to reach the account, quoted for a shell. */

#include "host/output/report.h"

/** Room for a command with a few long paths in it. */
enum { ADVICE_SIZE = 1024 };

/**
 * The command that a message proposes.
 * @param command  what is proposed
 * @param words    what follows the options, as it is to be typed: a job's id;
 *                 NULL: nothing
 */
void signet_host_advice(const struct host *host, enum command command,
                        const char *words, char *out, size_t size);

/** The same command with one argument, a file that may have any name.
 * @param options  of the command, with a space behind them; "": none */
void signet_host_advice_on_file(const struct host *host, enum command command,
                                const char *options, const char *file,
                                char *out, size_t size);

/** A word as a shell reads it back. */
void signet_host_quote(const char *word, char *out, size_t size);

/** Says "WHEN: COMMAND" on a line of its own, unless -q. */
void signet_host_advise(struct report *report, const char *when,
                        enum command command, const char *words);

#endif
