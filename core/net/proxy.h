/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_PROXY_H
#define SIGNET_NET_PROXY_H

#include "signet/error.h"

/**
 * Checks the URL of a proxy: http, https, socks5 or socks5h, a host, and
 * neither credentials nor a path.
 * @return NULL: it is one; else what it must be, static text that goes on after
 *         "must be" and quotes nothing of it
 */
const char *signet_proxy_check(const char *url);

#endif
