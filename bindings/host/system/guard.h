/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_GUARD_H
#define SIGNET_HOST_GUARD_H

/* Keeps the secret out of where other programs look. */

/** No core dump, and no reading of this process's memory by others. */
void signet_host_guard(void);

/** Takes the numbers of standard streams that are closed, or the next
 * connection or file gets one, and with it what is printed. */
void signet_host_reserve_streams(void);

/** Overwrites and unsets the credentials in the environment, so that neither
 * /proc nor a program that a script starts sees them. */
void signet_host_wipe_environment(void);

#endif
