/* SPDX-License-Identifier: MIT */
#include "net/url.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_loopback(const char *host)
{
  struct in_addr four;
  struct in6_addr six;
  char inner[64];
  size_t length = strlen(host);
  if (strcasecmp(host, "localhost") == 0)
    return true;
  if (inet_pton(AF_INET, host, &four) == 1)
    return (ntohl(four.s_addr) >> 24) == 127;
  if (length < 3 || length - 2 >= sizeof inner || host[0] != '[')
    return false;
  memcpy(inner, host + 1, length - 2);
  inner[length - 2] = '\0';
  return inet_pton(AF_INET6, inner, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool has_part(CURLU *parsed, CURLUPart part)
{
  char *text = NULL;
  bool there = curl_url_get(parsed, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return there;
}

/* What a URL that names credentials may be quoted as: nothing of it. */
static bool check_parts(CURLU *parsed, signet_error *error)
{
  if (has_part(parsed, CURLUPART_USER) || has_part(parsed, CURLUPART_PASSWORD))
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the base URL holds credentials: leave them out "
                            "and give them as key and secret");
  if (has_part(parsed, CURLUPART_QUERY) || has_part(parsed, CURLUPART_FRAGMENT))
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the base URL holds a query or a fragment: give "
                            "only the scheme, the host and a path");
  return true;
}

static bool check_scheme(const char *scheme, const char *host,
                         signet_base_url *url, signet_error *error)
{
  char shown[160];
  signet_text_escape(shown, sizeof shown, host, strlen(host));
  url->encrypted = strcmp(scheme, "https") == 0;
  url->loopback = is_loopback(host);
  if (url->encrypted)
    return true;
  if (strcmp(scheme, "http") != 0)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the base URL must begin with https://");
  if (!url->loopback)
    return signet_error_set(
        error, SIGNET_ERROR_CONFIGURATION,
        "the base URL uses plain http to %s: credentials go over https only "
        "(http is for this machine, as for a sandbox)",
        shown);
  return true;
}

static bool join(signet_base_url *url, const char *scheme, const char *host,
                 const char *port, const char *path, signet_error *error)
{
  char text[2048];
  size_t path_length = strlen(path);
  while (path_length > 0 && path[path_length - 1] == '/')
    path_length--;
  int host_length = snprintf(url->host, sizeof url->host, "%s%s%s", host,
                             port != NULL ? ":" : "", port != NULL ? port : "");
  int length = snprintf(text, sizeof text, "%s://%s%.*s", scheme, url->host,
                        (int)path_length, path);
  if ((size_t)length >= sizeof text || (size_t)host_length >= sizeof url->host)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the base URL is too long");
  url->text = signet_memory_text(text, (size_t)length);
  if (url->text == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  return true;
}

bool signet_base_url_parse(const char *text, signet_base_url *url,
                           signet_error *error)
{
  char *scheme = NULL;
  char *host = NULL;
  char *port = NULL;
  char *path = NULL;
  bool good = false;
  *url = (signet_base_url){0};
  CURLU *parsed = curl_url();
  if (parsed == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  CURLUcode code =
      curl_url_set(parsed, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK ||
      curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
      curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
      curl_url_get(parsed, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "the base URL can't be read (%s): it looks like "
                     "https://host or https://host/path",
                     curl_url_strerror(code));
  } else if (check_parts(parsed, error) &&
             check_scheme(scheme, host, url, error)) {
    if (curl_url_get(parsed, CURLUPART_PORT, &port, 0) != CURLUE_OK)
      port = NULL;
    good = join(url, scheme, host, port, path, error);
  }
  curl_free(scheme);
  curl_free(host);
  curl_free(port);
  curl_free(path);
  curl_url_cleanup(parsed);
  return good;
}

void signet_base_url_free(signet_base_url *url)
{
  signet_memory_free(url->text);
  *url = (signet_base_url){0};
}
