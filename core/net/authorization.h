/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_AUTHORIZATION_H
#define SIGNET_NET_AUTHORIZATION_H

/* Basic authentication of a key and a secret. */

#include "signet/error.h"

/** Whether Basic authentication can carry them. @return false: @p error says
 * what is missing or wrong, without showing it */
bool signet_authorization_check(const char *key, const char *secret,
                                signet_error *error);

/** "Authorization: Basic …", to be wiped and freed with signet_memory_*.
 * NULL: out of memory. */
char *signet_authorization_header(const char *key, const char *secret);

#endif
