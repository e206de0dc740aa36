/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_QUERY_H
#define SIGNET_SANDBOX_QUERY_H

#include "sandbox/server.h"

/** Decodes %XX (and + where @p plus) into @p out, at most @p length bytes long.
 * @return the length, SIZE_MAX: a broken escape */
size_t sandbox_percent_decode(char *out, const char *text, size_t length,
                              bool plus);
/** A parameter of the request's query, decoded; free with signet_memory_free.
 * NULL: absent or broken. @return false: out of memory */
bool sandbox_query(const sandbox_request *request, const char *name,
                   char **value, size_t *length);

#endif
