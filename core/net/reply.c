/* SPDX-License-Identifier: MIT */
#include "net/reply.h"

#include "model/clock.h"

#include <ctype.h>

/* The last second of the year 9999: a year has four digits in an HTTP date. */
static const int64_t LAST_DATE = INT64_C(253402300799);

static int64_t to_ms(int64_t seconds)
{
  if (seconds < 0)
    return 0;
  return (seconds < LAST_DATE ? seconds : LAST_DATE) * 1000;
}

static const char *read_digits(const char *text, int64_t *number)
{
  for (; isdigit((unsigned char)*text); text++)
    if (*number <= LAST_DATE)
      *number = *number * 10 + (*text - '0');
  return text;
}

/* "7200". Some services send "1.5": who comes back too early is refused again,
 * so a fraction counts as a whole second. */
static int64_t read_seconds(const char *text)
{
  int64_t seconds = 0;
  int64_t fraction = 0;
  text = read_digits(text, &seconds);
  if (*text == '.')
    text = read_digits(text + 1, &fraction);
  return *text == '\0' ? to_ms(seconds + (fraction > 0)) : -1;
}

/* curl_getdate takes years that would overflow what is reckoned with them. */
int64_t signet_date_read(const char *text)
{
  int64_t date = (int64_t)curl_getdate(text, NULL);
  return date < 0 || date > LAST_DATE ? -1 : date;
}

int64_t signet_retry_after_read(const char *text, int64_t now)
{
  if (isdigit((unsigned char)text[0]))
    return read_seconds(text);
  int64_t date = signet_date_read(text);
  return date < 0 ? -1 : to_ms(date - now);
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

void signet_reply_clock(CURL *easy, int64_t taken_ms, int64_t *began,
                        int64_t *date)
{
  struct curl_header *header;
  if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
    return;
  int64_t seconds = signet_date_read(header->value);
  if (seconds <= 0)
    return;
  *date = seconds;
  *began = seconds - taken_ms / 1000 - 1;
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
