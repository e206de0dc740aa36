/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_ADVICE_H
#define SIGNET_HOST_ADVICE_H

/* Commands that messages propose. Each works when it is typed as it stands: it
 * has the options that this command line needed to find the state directory
 * and the account, quoted for a shell. */

#include "host/host.h"

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

#endif
