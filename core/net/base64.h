/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_BASE64_H
#define SIGNET_NET_BASE64_H

#include <stddef.h>

/** Bytes that so many become, the NUL not counted. */
size_t signet_base64_length(size_t length);

/** Encodes, with padding and a NUL at the end. */
void signet_base64_encode(const char *text, size_t length, char *out);

#endif
