/* SPDX-License-Identifier: MIT */
/* Why TLS failed, for whoever has to put it right. */
#include "net/explain.h"

#include "model/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sentences that begin with a space or an apostrophe go on about the server.
 * What libcurl passes on from OpenSSL, in its words of several versions. */
static const struct {
  const char *text;
  const char *sentence;
} certificates[] = {
    {"has expired", "'s certificate has expired"},
    {"not yet valid", "'s certificate is not valid yet: check this "
                      "machine's clock"},
    {"self-signed certificate in", "'s certificate comes from an authority "
                                   "that isn't trusted: name it with ca_file "
                                   "if it should be"},
    {"self signed certificate in", "'s certificate comes from an authority "
                                   "that isn't trusted: name it with ca_file "
                                   "if it should be"},
    {"self-signed", "'s certificate is self-signed: name it with ca_file if "
                    "it is meant to be"},
    {"self signed", "'s certificate is self-signed: name it with ca_file if "
                    "it is meant to be"},
    {"local issuer", "'s certificate comes from an authority that isn't "
                     "trusted: name it with ca_file if it should be"},
    {"verify the first", "'s certificate comes from an authority that isn't "
                         "trusted: name it with ca_file if it should be"},
    {"subject name", "'s certificate is for another host"},
    {"not match target host", "'s certificate is for another host"},
    {"revoked", "'s certificate was revoked"},
};

static const char *by_certificate(const char *text)
{
  for (size_t i = 0; i < sizeof certificates / sizeof certificates[0]; i++)
    if (strstr(text, certificates[i].text) != NULL)
      return certificates[i].sentence;
  return "'s certificate can't be trusted";
}

/* A handshake that breaks off may be the network's fault; one that is refused
 * comes out the same each time. */
static const char *by_handshake(const char *text)
{
  static const char *const old[] = {"unsupported protocol", "wrong version",
                                    "protocol version", "no protocols",
                                    "version too low"};
  for (size_t i = 0; i < sizeof old / sizeof old[0]; i++)
    if (strstr(text, old[i]) != NULL)
      return " does not speak TLS 1.2 or newer";
  if (strstr(text, "certificate required") != NULL)
    return " wants a client certificate: name it with client_cert";
  return strstr(text, "alert") != NULL ? " refused TLS" : NULL;
}

static const char *sentence_of(CURLcode code, const char *text)
{
  switch (code) {
  case CURLE_PEER_FAILED_VERIFICATION:
    return by_certificate(text);
  case CURLE_SSL_CERTPROBLEM:
    return "the client certificate or its key can't be used";
  case CURLE_SSL_CACERT_BADFILE:
    return "the authorities of ca_file can't be read";
  case CURLE_SSL_CIPHER:
    return " and libcurl have no cipher in common";
  case CURLE_SSL_CONNECT_ERROR:
    return by_handshake(text);
  case CURLE_RECV_ERROR: /* TLS 1.3 tells it after the handshake */
    return strstr(text, "certificate required") != NULL ? by_handshake(text)
                                                        : NULL;
  default:
    return NULL;
  }
}

bool signet_connection_explain(CURL *easy, CURLcode code, const char *text,
                               char *out, size_t size)
{
  const char *sentence = sentence_of(code, text);
  char told[160];
  long proxy = 0;
  if (sentence == NULL)
    return false;
  curl_easy_getinfo(easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy);
  signet_text_escape(told, sizeof told, text, strlen(text));
  bool peer = sentence[0] == '\'' || sentence[0] == ' ';
  snprintf(out, size, "%s%s (%s)",
           !peer        ? ""
           : proxy != 0 ? "the proxy"
                        : "the server",
           sentence, told);
  return true;
}

/* ---- what the environment says, and nobody heeds ---- */

/* The names of those that are set, with commas. "": none is. */
static void list_set(const char *const *names, char *out, size_t size)
{
  size_t length = 0;
  out[0] = '\0';
  for (; *names != NULL && length < size; names++) {
    const char *value = getenv(*names);
    if (value != NULL && value[0] != '\0')
      length += (size_t)snprintf(out + length, size - length, "%s%s",
                                 length > 0 ? ", " : "", *names);
  }
}

static void append(char *out, size_t size, const char *names,
                   const char *advice)
{
  size_t length = strlen(out);
  if (names[0] != '\0')
    snprintf(out + length, size - length, "; signet does not heed %s: %s",
             names, advice);
}

void signet_connection_add_unheeded(const signet_connection *connection,
                                    bool refused, char *out, size_t size)
{
  static const char *const authorities[] = {"SSL_CERT_FILE", "SSL_CERT_DIR",
                                            "CURL_CA_BUNDLE", NULL};
  static const char *const proxies[] = {"https_proxy", "HTTPS_PROXY",
                                        "all_proxy", "ALL_PROXY", NULL};
  char names[80];
  if (!connection->encrypted)
    return;
  list_set(authorities, names, sizeof names);
  if (refused && connection->ca_file == NULL)
    append(out, size, names, "set ca_file instead");
  list_set(proxies, names, sizeof names);
  if (connection->proxy == NULL)
    append(out, size, names, "set proxy instead");
}
