/* SPDX-License-Identifier: MIT */
#include "net/timeouts.h"

#include <stdio.h>

void signet_timeouts_set(const signet_timeouts *timeouts, CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeouts->connect_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeouts->total_ms);
}

static double seconds(int64_t milliseconds)
{
  return (double)milliseconds / 1000;
}

/* The body is counted as it came, compressed or not. */
static void explain_came(CURL *easy, size_t head, char *out, size_t size)
{
  curl_off_t body = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
  if (head == 0)
    snprintf(out, size, "no line of a reply had come");
  else
    snprintf(out, size,
             "%zu bytes of the reply's headers and %lld of its body had come",
             head, (long long)body);
}

void signet_timeouts_explain(const signet_timeouts *timeouts, CURL *easy,
                             size_t head, char *out, size_t size)
{
  curl_off_t taken_us = 0;
  char came[100];
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &taken_us);
  explain_came(easy, head, came, sizeof came);
  if (taken_us / 1000 >= timeouts->total_ms)
    snprintf(out, size, "it took longer than %g s in all (timeout); %s",
             seconds(timeouts->total_ms), came);
  else
    snprintf(out, size, "there was no connection after %g s (connect_timeout)",
             seconds(timeouts->connect_ms));
}

int64_t signet_timeouts_look_ms(const signet_timeouts *timeouts)
{
  enum { OFTEN = 20, SELDOM = 1000, LOOKS = 10 };
  if (timeouts->low_speed == 0 || timeouts->low_speed_ms <= 0)
    return 0;
  int64_t every = timeouts->low_speed_ms / LOOKS;
  if (every < OFTEN)
    return OFTEN;
  return every > SELDOM ? SELDOM : every;
}

void signet_speed_begin(signet_speed *speed, int64_t now_ns)
{
  *speed = (signet_speed){.seen_ns = now_ns, .fast_ns = now_ns};
}

/* All that went over the connection for the transfer; 0: the request has not
 * left, which is the other limits' affair. */
static int64_t bytes_of(CURL *easy)
{
  curl_off_t down = 0;
  curl_off_t up = 0;
  long head = 0;
  long request = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request);
  if (request == 0)
    return 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &head);
  return down + up + head + request;
}

bool signet_speed_look(signet_speed *speed, const signet_timeouts *timeouts,
                       CURL *easy, int64_t now_ns)
{
  int64_t bytes = bytes_of(easy);
  double passed = (double)(now_ns - speed->seen_ns) / 1e9;
  double came = (double)(bytes - speed->bytes);
  if (bytes == 0 || came >= (double)timeouts->low_speed * passed)
    speed->fast_ns = now_ns;
  speed->bytes = bytes;
  speed->seen_ns = now_ns;
  return now_ns - speed->fast_ns >= timeouts->low_speed_ms * 1000000;
}

void signet_speed_explain(const signet_timeouts *timeouts, char *out,
                          size_t size)
{
  snprintf(out, size,
           "less than %zu %s a second came for %g s (low_speed, "
           "low_speed_time)",
           timeouts->low_speed, timeouts->low_speed == 1 ? "byte" : "bytes",
           seconds(timeouts->low_speed_ms));
}
