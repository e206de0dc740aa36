/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_ERROR_FILL_H
#define SIGNET_MODEL_ERROR_FILL_H

#include "model/visibility.h"
#include "signet/error.h"

/** Sets kind and message (printf form; what it holds of foreign bytes must be
 * escaped already); other fields stay. @return false, so that a caller can
 * `return signet_error_set(…)`. */
SIGNET_INTERNAL bool signet_error_set(signet_error *error,
                                      signet_error_kind kind,
                                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The kind of that name; SIGNET_OK: there is none. */
signet_error_kind signet_error_kind_of(const char *name);

/** Keeps the service's own words, escaped and cut to fit. */
void signet_error_quote(signet_error *error, const char *text, size_t length);

#endif
