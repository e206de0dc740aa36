/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_SUGGEST_H
#define SIGNET_HOST_SUGGEST_H

/* Mistyped words. */

#include <stddef.h>

/**
 * The known word that a wrong one is most likely meant to be.
 * @param next  gives word @p index, NULL at the end
 * @return NULL: none is close
 */
const char *signet_host_suggest(const char *wrong,
                                const char *(*next)(size_t index, void *user),
                                void *user);

#endif
