/* SPDX-License-Identifier: MIT */
#include "net/proxy.h"

#include <curl/curl.h>
#include <string.h>

static bool has_part(CURLU *parsed, CURLUPart part)
{
  char *text = NULL;
  bool there = curl_url_get(parsed, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return there;
}

static bool has_scheme(CURLU *parsed)
{
  static const char *const schemes[] = {"http", "https", "socks5", "socks5h"};
  char *scheme = NULL;
  bool known = false;
  if (curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
    return false;
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
    known = known || strcmp(scheme, schemes[i]) == 0;
  curl_free(scheme);
  return known;
}

static bool has_path(CURLU *parsed)
{
  char *path = NULL;
  bool there = curl_url_get(parsed, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
               strcmp(path, "/") != 0 && path[0] != '\0';
  curl_free(path);
  return there || has_part(parsed, CURLUPART_QUERY) ||
         has_part(parsed, CURLUPART_FRAGMENT);
}

static const char *check(CURLU *parsed, const char *url)
{
  static const char whole[] =
      "the URL of a proxy, as http://proxy.example.com:3128";
  if (parsed == NULL || strlen(url) >= 1000 || strstr(url, "://") == NULL ||
      curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) !=
          CURLUE_OK)
    return whole;
  if (has_part(parsed, CURLUPART_USER) || has_part(parsed, CURLUPART_PASSWORD))
    return "a URL without credentials: they have settings of their own, "
           "proxy_user and proxy_password";
  if (!has_scheme(parsed))
    return "a URL that begins with http://, https://, socks5:// or socks5h://";
  return has_path(parsed) ? "a URL without a path, ? and #" : NULL;
}

const char *signet_proxy_check(const char *url)
{
  CURLU *parsed = curl_url();
  const char *problem = check(parsed, url);
  curl_url_cleanup(parsed);
  return problem;
}
