/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_URL_H
#define SIGNET_NET_URL_H

#include "signet/error.h"

/** What a base URL says. */
typedef struct signet_base_url {
  char *text;     /* scheme, host, port, path; no slash at the end; owned */
  char host[256]; /* as the Host header says it, with the port if any */
  bool loopback;
  bool encrypted;
} signet_base_url;

/**
 * Reads and checks a base URL: https, or http to this machine only; no
 * credentials, query or fragment in it.
 * @return false: @p error says what is wrong with it
 */
bool signet_base_url_parse(const char *text, signet_base_url *url,
                           signet_error *error);
void signet_base_url_free(signet_base_url *url);

#endif
