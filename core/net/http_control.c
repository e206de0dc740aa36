/* SPDX-License-Identifier: MIT */
#include "net/http_control.h"

#include "model/clock.h"
#include "net/post.h"
#include "net/transfer.h"

#include <stdio.h>

void signet_http_pause(signet_http *http, int64_t milliseconds,
                       const char *reason)
{
  signet_pause_set(&http->pause, milliseconds, reason);
}

void signet_http_unpause(signet_http *http)
{
  signet_pause_end(&http->pause);
}

int64_t signet_http_paused(const signet_http *http)
{
  return signet_pause_left(&http->pause);
}

int64_t signet_http_asked(const signet_http *http)
{
  return signet_pause_asked(&http->pause);
}

void signet_http_on_pause(signet_http *http, signet_pause_notice notice,
                          void *user)
{
  http->pause.notice = notice;
  http->pause.notice_user = user;
}

void signet_http_on_rate(signet_http *http, signet_rate_notice notice,
                         void *user)
{
  http->rate_notice = notice;
  http->rate_user = user;
}

void signet_http_on_trace(signet_http *http, signet_trace_fn function,
                          void *user, size_t bytes)
{
  http->watcher.function = function;
  http->watcher.user = user;
  http->watcher.bytes = bytes;
}

const signet_redaction *signet_http_redaction(const signet_http *http)
{
  return http->redaction;
}

void signet_http_shut(signet_http *http, bool shut)
{
  http->shut = shut;
  if (!shut && !signet_backlog_is_empty(&http->backlog))
    signet_loop_post_early(http->loop, &http->start_post);
}

void signet_http_lose_patience(signet_http *http, const char *why)
{
  snprintf(http->away, sizeof http->away, "%s", why != NULL ? why : "");
  if (why != NULL)
    signet_loop_post_early(http->loop, &http->start_post);
}

void signet_http_slept(signet_http *http, int64_t slept_ms)
{
  int64_t now = signet_clock_boot_ns();
  signet_pause_slept(&http->pause, slept_ms);
  for (size_t i = 0; i < http->transfer_count; i++) {
    signet_transfer *transfer = &http->transfers[i];
    if (transfer->exchange == NULL)
      continue;
    transfer->exchange->slept = true;
    signet_speed_begin(&transfer->speed, now);
  }
}

void signet_http_change_pace(signet_http *http, signet_pace pace)
{
  signet_pacer_change(&http->pacer, pace, signet_clock_boot_ns());
  signet_loop_post_early(http->loop, &http->start_post);
}

void signet_http_learned(const signet_http *http, signet_learned *learned)
{
  signet_pacer_learned(&http->pacer, learned);
}

void signet_http_teach(signet_http *http, const signet_learned *learned)
{
  signet_pacer_teach(&http->pacer, learned, signet_clock_boot_ns());
}
