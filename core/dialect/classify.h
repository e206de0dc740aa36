/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_DIALECT_CLASSIFY_H
#define SIGNET_DIALECT_CLASSIFY_H

/* What an error reply means. */

#include "dialect/dialect.h"

/** The status of HTTP that a reply with this @p code amounts to: a service may
 * say under status 200 or 400 that it failed inside, or was asked too much. */
int signet_classify_status(int http_status, int64_t code);

/** The kind of an error by the service's words, code and the status that it
 * amounts to. All business errors share code 400: only the text tells them
 * apart. */
signet_error_kind signet_classify(const signet_dialect_row *dialect,
                                  int http_status, int64_t code,
                                  const char *message);

#endif
