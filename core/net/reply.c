/* SPDX-License-Identifier: MIT */
#include "net/reply.h"

#include <ctype.h>
#include <stdlib.h>
#include <time.h>

enum { RETRY_AFTER_MAXIMUM_MS = 15 * 60 * 1000 };

static int64_t clamp_retry(int64_t ms)
{
  if (ms < 0)
    return 0;
  return ms < RETRY_AFTER_MAXIMUM_MS ? ms : RETRY_AFTER_MAXIMUM_MS;
}

int64_t signet_retry_after_read(const char *text, int64_t now)
{
  if (isdigit((unsigned char)text[0])) {
    char *end;
    unsigned long seconds = strtoul(text, &end, 10);
    if (*end != '\0')
      return -1;
    return clamp_retry(seconds > RETRY_AFTER_MAXIMUM_MS
                           ? RETRY_AFTER_MAXIMUM_MS
                           : (int64_t)seconds * 1000);
  }
  time_t date = curl_getdate(text, NULL);
  if (date < 0)
    return -1;
  return clamp_retry(((int64_t)date - now) * 1000);
}

/* The server's clock; ours where it doesn't tell. */
static int64_t server_now(CURL *easy)
{
  struct curl_header *header;
  time_t date = -1;
  if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
    date = curl_getdate(header->value, NULL);
  return (int64_t)(date > 0 ? date : time(NULL));
}

int64_t signet_reply_retry_after(CURL *easy)
{
  struct curl_header *header;
  int64_t now = server_now(easy); /* first: libcurl keeps one header a handle */
  if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &header) !=
      CURLHE_OK)
    return -1;
  return signet_retry_after_read(header->value, now);
}

void signet_reply_clock(CURL *easy, int64_t *began, int64_t *offset)
{
  struct curl_header *header;
  curl_off_t taken_us = 0;
  if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
    return;
  time_t date = curl_getdate(header->value, NULL);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &taken_us);
  if (date <= 0)
    return;
  *began = (int64_t)date - taken_us / 1000000 - 1;
  *offset = (int64_t)date - (int64_t)time(NULL);
}
