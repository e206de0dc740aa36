/* SPDX-License-Identifier: MIT */
#include "net/timeouts.h"

#include <stdio.h>

static long whole_seconds(int64_t milliseconds)
{
  return milliseconds > 1000 ? (long)((milliseconds + 999) / 1000) : 1;
}

void signet_timeouts_set(const signet_timeouts *timeouts, CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeouts->connect_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeouts->total_ms);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)timeouts->low_speed);
  curl_easy_setopt(
      easy, CURLOPT_LOW_SPEED_TIME,
      timeouts->low_speed > 0 ? whole_seconds(timeouts->low_speed_ms) : 0L);
}

static double seconds(int64_t milliseconds)
{
  return (double)milliseconds / 1000;
}

void signet_timeouts_explain(const signet_timeouts *timeouts, CURL *easy,
                             char *out, size_t size)
{
  curl_off_t taken_us = 0;
  curl_off_t before_us = 0; /* until the request could leave */
  curl_off_t bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &taken_us);
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &before_us);
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  if (taken_us / 1000 >= timeouts->total_ms)
    snprintf(out, size,
             "it took longer than %g s in all (timeout); %lld bytes of the "
             "reply had come",
             seconds(timeouts->total_ms), (long long)bytes);
  else if (before_us == 0)
    snprintf(out, size, "there was no connection after %g s (connect_timeout)",
             seconds(timeouts->connect_ms));
  else
    snprintf(out, size,
             "less than %zu bytes a second came for %ld s (low_speed, "
             "low_speed_time)",
             timeouts->low_speed, whole_seconds(timeouts->low_speed_ms));
}
