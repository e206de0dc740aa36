/* SPDX-License-Identifier: MIT */
#include "net/url_canonical.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { PART_SIZE = 1024 };

static char lower(char letter)
{
  return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

/* An IPv6 address in brackets, the shortest way. */
static void shorten_address(char *host)
{
  struct in6_addr address;
  char inner[INET6_ADDRSTRLEN];
  size_t length = strlen(host);
  if (host[0] != '[' || length < 3 || length - 2 >= sizeof inner)
    return;
  memcpy(inner, host + 1, length - 2);
  inner[length - 2] = '\0';
  if (inet_pton(AF_INET6, inner, &address) == 1 &&
      inet_ntop(AF_INET6, &address, inner, sizeof inner) != NULL &&
      strlen(inner) <= length - 2)
    sprintf(host, "[%s]", inner);
}

/* Before version 8, libcurl leaves the name to its caller where it can't be
 * written for DNS. */
static char *drop_unnamed(char *text)
{
  if (curl_version_info(CURLVERSION_NOW)->version_num < 0x080000)
    curl_free(text);
  return NULL;
}

/* A name with letters beyond ASCII is the one that DNS is asked for. */
static CURLUcode get_host(CURLU *parsed, char *host, size_t size)
{
  char *text = NULL;
  CURLUcode code = CURLUE_LACKS_IDN;
#ifdef CURLU_PUNYCODE
  code = curl_url_get(parsed, CURLUPART_HOST, &text, CURLU_PUNYCODE);
  if (code != CURLUE_OK)
    text = drop_unnamed(text);
#endif
  if (code != CURLUE_OK && code != CURLUE_OUT_OF_MEMORY)
    code = curl_url_get(parsed, CURLUPART_HOST, &text, 0);
  if (code != CURLUE_OK)
    return code;
  size_t length = strlen(text);
  if (length > 1 && text[length - 1] == '.')
    length--;
  if (length >= size) {
    curl_free(text);
    return CURLUE_BAD_HOSTNAME;
  }
  for (size_t i = 0; i < length; i++)
    host[i] = lower(text[i]);
  host[length] = '\0';
  curl_free(text);
  shorten_address(host);
  return CURLUE_OK;
}

static int digit_of(char letter)
{
  const char *digits = "0123456789abcdef";
  const char *at = letter != '\0' ? strchr(digits, lower(letter)) : NULL;
  return at != NULL ? (int)(at - digits) : -1;
}

static bool needs_no_escape(int byte)
{
  return byte > 0 && byte < 128 &&
         strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                "0123456789-._~",
                byte) != NULL;
}

static char *put_escape(char *to, int byte)
{
  static const char digits[] = "0123456789ABCDEF";
  *to++ = '%';
  *to++ = digits[byte / 16];
  *to++ = digits[byte % 16];
  return to;
}

/* One spelling of each byte. @p to has room for three times as many. */
static void respell(const char *path, char *to)
{
  for (const char *at = path; *at != '\0'; at++) {
    int high = *at == '%' ? digit_of(at[1]) : -1;
    int low = high >= 0 ? digit_of(at[2]) : -1;
    int byte = low >= 0 ? high * 16 + low : (unsigned char)*at;
    if (needs_no_escape(byte) || (low < 0 && byte < 128))
      *to++ = (char)byte;
    else
      to = put_escape(to, byte);
    at += low >= 0 ? 2 : 0;
  }
  *to = '\0';
}

/* Dot segments can come out of escapes, so they are folded after these, which
 * only reading a whole URL does. */
static CURLUcode get_path(CURLU *parsed, char *path, size_t size)
{
  char *text = NULL, whole[PART_SIZE * 3 + 16] = "https://host";
  CURLUcode code = curl_url_get(parsed, CURLUPART_PATH, &text, 0);
  if (code == CURLUE_OK && strlen(text) < PART_SIZE)
    respell(text, whole + strlen(whole));
  curl_free(text);
  text = NULL;
  if (code == CURLUE_OK)
    code = curl_url_set(parsed, CURLUPART_URL, whole, 0);
  if (code == CURLUE_OK)
    code = curl_url_get(parsed, CURLUPART_PATH, &text, 0);
  if (code != CURLUE_OK)
    return code;
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == '/')
    length--;
  if (length < size)
    snprintf(path, size, "%.*s", (int)length, text);
  curl_free(text);
  return length < size ? CURLUE_OK : CURLUE_MALFORMED_INPUT;
}

/* No port is no failure. */
static CURLUcode get_port(CURLU *parsed, char *port, size_t size)
{
  char *text = NULL;
  CURLUcode code =
      curl_url_get(parsed, CURLUPART_PORT, &text, CURLU_NO_DEFAULT_PORT);
  *port = '\0';
  if (code == CURLUE_OK)
    snprintf(port, size, ":%s", text);
  curl_free(text);
  return code == CURLUE_NO_PORT ? CURLUE_OK : code;
}

static CURLUcode join(CURLU *parsed, char *out, size_t size)
{
  char host[PART_SIZE] = "";
  char port[16] = "";
  char path[PART_SIZE * 3] = "";
  char *scheme = NULL;
  CURLUcode code = curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0);
  if (code == CURLUE_OK)
    code = get_host(parsed, host, sizeof host);
  if (code == CURLUE_OK)
    code = get_port(parsed, port, sizeof port);
  if (code == CURLUE_OK)
    code = get_path(parsed, path, sizeof path);
  if (code == CURLUE_OK &&
      strlen(scheme) + strlen(host) + strlen(port) + strlen(path) + 4 <= size)
    snprintf(out, size, "%s://%s%s%s", scheme, host, port, path);
  curl_free(scheme);
  return code;
}

bool signet_url_canonical(const char *url, char *out, size_t size)
{
  CURLU *parsed = curl_url();
  snprintf(out, size, "%s", url);
  if (parsed == NULL)
    return false;
  CURLUcode code =
      curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
  if (code == CURLUE_OK)
    code = join(parsed, out, size);
  curl_url_cleanup(parsed);
  return code != CURLUE_OUT_OF_MEMORY;
}
