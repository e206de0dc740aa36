/* SPDX-License-Identifier: MIT */
#include "net/reply.h"

#include "model/clock.h"

#include <ctype.h>
#include <stdlib.h>

enum { RETRY_AFTER_MAXIMUM_MS = 15 * 60 * 1000 };
/* The last second of the year 9999: a year has four digits in an HTTP date. */
static const int64_t LAST_DATE = INT64_C(253402300799);

static int64_t clamp_retry(int64_t ms)
{
  if (ms < 0)
    return 0;
  return ms < RETRY_AFTER_MAXIMUM_MS ? ms : RETRY_AFTER_MAXIMUM_MS;
}

/* curl_getdate takes years that would overflow what is reckoned with them. */
int64_t signet_date_read(const char *text)
{
  int64_t date = (int64_t)curl_getdate(text, NULL);
  return date < 0 || date > LAST_DATE ? -1 : date;
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
  int64_t date = signet_date_read(text);
  return date < 0 ? -1 : clamp_retry((date - now) * 1000);
}

/* The server's clock; ours where it doesn't tell. */
static int64_t server_now(CURL *easy)
{
  struct curl_header *header;
  int64_t date = -1;
  if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
    date = signet_date_read(header->value);
  return date > 0 ? date : signet_clock_unix_ms() / 1000;
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
  int64_t date = signet_date_read(header->value);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &taken_us);
  if (date <= 0)
    return;
  *began = date - taken_us / 1000000 - 1;
  *offset = date - signet_clock_unix_ms() / 1000;
}

bool signet_reply_is_undecoded(CURL *easy, int64_t decoded)
{
  struct curl_header *header;
  curl_off_t came = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &came);
  return decoded == 0 && came > 0 &&
         curl_easy_header(easy, "Content-Encoding", 0, CURLH_HEADER, -1,
                          &header) == CURLHE_OK;
}
