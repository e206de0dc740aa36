/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_ESCAPE_H
#define SIGNET_WIRE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/** Decodes the escapes of a JSON string's inside where it stands, and sets its
 * new length, which is never more. Half of a surrogate pair becomes U+FFFD.
 * @return false: an escape is none of JSON's */
bool signet_json_unescape(char *text, size_t *length);

#endif
