/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_URL_CANONICAL_H
#define SIGNET_NET_URL_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

/**
 * One form for all spellings of a base URL, to compare them by: scheme and host
 * in lower case, the host in ASCII and without the dot at its end, an IPv6
 * address in its short form, no default port; in the path no dot segments, no
 * escapes that need none, no slash at the end.
 * @param out  a text that is no URL, or does not fit, is copied as it is
 * @return false: out of memory
 */
bool signet_url_canonical(const char *url, char *out, size_t size);

#endif
