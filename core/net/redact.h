/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_REDACT_H
#define SIGNET_NET_REDACT_H

/*
 * Keeps secrets out of whatever is shown of the traffic: a server may send back
 * what it got, in any form. Each form is overwritten with stars in place, so
 * that lengths and the rest of the text stay as they were:
 *
 *   raw, hex, and base64 wherever the secret stands in what was encoded, as in
 *   key:secret; raw and base64 also escaped (some bytes or all), as in URLs,
 *   JSON and HTML, and with escapes that were escaped again (net/unescape.h).
 *
 * What is shorter than SIGNET_REDACT_MINIMUM is no secret, and would turn
 * common words into stars: it is not looked for.
 */

#include <stdbool.h>
#include <stddef.h>

enum { SIGNET_REDACT_MINIMUM = 4 };

typedef struct signet_redaction signet_redaction;

/** One that knows no secret yet. NULL: out of memory. */
signet_redaction *signet_redaction_new(void);
/** Wipes and frees. NULL is allowed. */
void signet_redaction_free(signet_redaction *redaction);

/** Adds a secret; NULL and "" are none. @return false: out of memory */
bool signet_redaction_add(signet_redaction *redaction, const char *secret);

/** Bytes that the longest form of a secret may have: so much of a text that was
 * cut may be the beginning of one. */
size_t signet_redaction_longest(const signet_redaction *redaction);

/** Overwrites every form of every secret in @p text. */
void signet_redact(const signet_redaction *redaction, char *text,
                   size_t length);

/** Copies the beginning of @p text, redacted and escaped, for messages; cut at
 * a character where @p size is too small. Without memory for it, "out of
 * memory". */
void signet_redact_escape(const signet_redaction *redaction, char *out,
                          size_t size, const char *text, size_t length);

#endif
