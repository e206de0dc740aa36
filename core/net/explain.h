/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_EXPLAIN_H
#define SIGNET_NET_EXPLAIN_H

#include "net/connection.h"

/**
 * Says why TLS failed, in a sentence for whoever has to put it right.
 * @param text  libcurl's own words
 * @return false: it was something else, or may work the next time
 */
bool signet_connection_explain(CURL *easy, CURLcode code, const char *text,
                               char *out, size_t size);
/** Adds to the sentence about a connection that failed which variables of the
 * environment are set and count for nothing. @param refused  TLS failed */
void signet_connection_add_unheeded(const signet_connection *connection,
                                    bool refused, char *out, size_t size);

#endif
