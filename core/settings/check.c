/* SPDX-License-Identifier: MIT */
/* What each setting's value must look like. A check looks at one value alone,
 * so that the same sentence serves an option, a variable and a file's line. */

#include "settings/check.h"

#include <curl/curl.h>

#include <string.h>
#include <strings.h>

static bool has_control(const char *text)
{
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7f)
      return true;
  return false;
}

const char *signet_setting_check_name(const char *value)
{
  const char *const sentence = "a profile's name: letters, digits, - _ . "
                               "(64 at most)";
  size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

  return length == 0 || length > 64 || value[length] != '\0' ? sentence : NULL;
}

const char *signet_setting_check_api(const char *value)
{
  return signet_dialect_number(value) < 0 ? "configs or signs" : NULL;
}

/* Basic authentication joins key and secret with a colon, so that the key
 * can't hold one; control characters must never reach a header. */
const char *signet_setting_check_key(const char *value)
{
  return *value == '\0' || has_control(value) || strchr(value, ':') != NULL
             ? "an API key: not empty, without colon or control characters"
             : NULL;
}

const char *signet_setting_check_secret(const char *value)
{
  return *value == '\0' || has_control(value)
             ? "an API secret: not empty, without control characters"
             : NULL;
}

const char *signet_setting_check_password(const char *value)
{
  return *value == '\0' || has_control(value)
             ? "a password: not empty, without control characters"
             : NULL;
}

const char *signet_setting_check_word(const char *value)
{
  return *value == '\0' || has_control(value) || strchr(value, ':') != NULL
             ? "a user's name: not empty, without colon or control characters"
             : NULL;
}

const char *signet_setting_check_path(const char *value)
{
  return *value == '\0' || has_control(value) || strlen(value) > 4000
             ? "a path: not empty, without control characters"
             : NULL;
}

const char *signet_setting_check_ids(const char *value)
{
  const char *const sentence = "ids, separated by commas: 1001, 5003";

  for (const char *part = value;; part++) {
    size_t digits;

    part += strspn(part, " ");
    digits = strspn(part, "0123456789");
    part += digits;
    part += strspn(part, " ");
    if (digits == 0 || digits > 19 || (*part != ',' && *part != '\0'))
      return sentence;
    if (*part == '\0')
      return NULL;
  }
}

/* An empty pattern, or one that is too long to be kept, would protect nothing
 * in silence. */
const char *signet_setting_check_patterns(const char *value)
{
  const char *const sentence = "shell patterns for names, separated by commas: "
                               "Bank*, *login*";

  for (const char *part = value;; part++) {
    size_t length;

    part += strspn(part, " ");
    length = strcspn(part, ",");
    if (length == 0 || length > 250)
      return sentence;
    part += length;
    if (*part == '\0')
      return has_control(value) ? sentence : NULL;
  }
}

/* libcurl resolves "localhost" to loopback by itself, without asking DNS. */
static bool is_loopback(const char *host)
{
  return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
         (strncmp(host, "127.", 4) == 0 &&
          host[strspn(host, "0123456789.")] == '\0');
}

static bool has_part(CURLU *url, CURLUPart part)
{
  char *text = NULL;
  bool present = curl_url_get(url, part, &text, 0) == CURLUE_OK;

  curl_free(text);
  return present;
}

static const char *check_scheme(CURLU *url)
{
  char *scheme = NULL, *host = NULL;
  const char *problem = "a URL that begins with https:// (http:// only to this "
                        "machine: 127.0.0.1, [::1] or localhost)";

  if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
      (strcmp(scheme, "https") == 0 ||
       (strcmp(scheme, "http") == 0 && is_loopback(host))))
    problem = NULL;
  curl_free(scheme);
  curl_free(host);
  return problem;
}

const char *signet_setting_check_url(const char *value)
{
  const char *const whole = "a whole URL, as https://smsapi.engagelab.com";
  const char *problem = whole;
  CURLU *url = curl_url();

  if (strstr(value, "://") != NULL && !has_control(value) &&
      strlen(value) < 1000 &&
      curl_url_set(url, CURLUPART_URL, value, CURLU_NON_SUPPORT_SCHEME) ==
          CURLUE_OK) {
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
      problem = "a URL without credentials: they have settings of their own";
    else if (has_part(url, CURLUPART_QUERY) ||
             has_part(url, CURLUPART_FRAGMENT))
      problem = "a URL without ? and #";
    else
      problem = check_scheme(url);
  }
  curl_url_cleanup(url);
  return problem;
}
