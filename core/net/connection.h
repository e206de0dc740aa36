/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_CONNECTION_H
#define SIGNET_NET_CONNECTION_H

/*
 * How the host is reached: TLS and whom it trusts, a client certificate, a
 * proxy, the version of HTTP. All of it is checked before anything is sent, and
 * nothing of it comes from the environment, as libcurl would have it.
 */

#include "net/url.h"

#include <curl/curl.h>

typedef struct signet_connection_options {
  const char *ca_file;     /* PEM authorities instead of the system's */
  const char *client_cert; /* PEM; NULL: none */
  const char *client_key;  /* PEM; NULL: in the same file */
  const char *client_key_password;
  const char *proxy; /* URL without credentials; NULL: none */
  const char *proxy_user;
  const char *proxy_password;
  bool http2; /* where the server has it, else HTTP/1.1 */
} signet_connection_options;

typedef struct signet_connection {
  char *ca_file;
  char *client_cert;
  char *client_key;
  char *client_key_password;
  char *proxy;
  char *proxy_user;
  char *proxy_password;
  bool http2;
  bool encrypted;
  bool tunnelled; /* requests go through a proxy of HTTP */
} signet_connection;

/**
 * Checks the options and copies them. What is not encrypted is on this machine,
 * and never goes through a proxy.
 * @return false: @p error names the setting and what is wrong with it
 */
bool signet_connection_init(signet_connection *connection,
                            const signet_connection_options *options,
                            const signet_base_url *base, signet_error *error);
/** Wipes and frees; it may be zero. */
void signet_connection_free(signet_connection *connection);

/** Sets a handle up. */
void signet_connection_apply(const signet_connection *connection, CURL *easy);

/** Whether libcurl of that version and with those features may speak HTTP/2:
 * up to 8.3 some failures looked like success. */
bool signet_connection_has_http2(unsigned version, int features);

#endif
