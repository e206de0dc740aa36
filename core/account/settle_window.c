/* SPDX-License-Identifier: MIT */
/* From when on it counts that the effect of a write is not to be seen. */
#include "account/settle_window.h"

#include "account/account.h"

#include "model/clock.h"

#include <time.h>

/* How long the looks that decide go on, at most, and at least. */
enum { SPAN_MS = 10000, PAUSES = 10 };

/* When the write was last sent, on the clock that counts from the machine's
 * start. Nothing that an earlier run sent is younger than the settlement. */
static int64_t sent_boot(const signet_call *call, int64_t now_ms)
{
  const signet_service_clock *clock = &call->account->clock;
  if (call->write.recorded)
    return call->write.sent_boot;
  if (!clock->known || call->write.sent_at <= 0)
    return call->write.intended_boot;
  int64_t age = signet_service_clock_at(clock, now_ms) - call->write.sent_at;
  return now_ms - age < call->write.intended_boot ? now_ms - age
                                                  : call->write.intended_boot;
}

static int64_t end_boot(const signet_call *call, int64_t now_ms)
{
  return sent_boot(call, now_ms) + call->account->settings.timeout_ms +
         call->account->settings.settle_create_ms;
}

int64_t signet_window_end(const signet_call *call)
{
  return end_boot(call, signet_clock_boot_ms());
}

int64_t signet_window_left(const signet_call *call)
{
  int64_t now_ms = signet_clock_boot_ms();
  int64_t end_ms = end_boot(call, now_ms);
  return end_ms > now_ms ? end_ms - now_ms : 0;
}

void signet_window_time(int64_t left_ms, char *out, size_t size)
{
  time_t seconds = (time_t)((signet_clock_unix_ms() + left_ms + 999) / 1000);
  struct tm local;
  out[0] = '\0';
  if (localtime_r(&seconds, &local) != NULL)
    strftime(out, size, left_ms < 86400000 ? "%H:%M:%S" : "%F %H:%M:%S",
             &local);
}

int64_t signet_window_span(const signet_account *account)
{
  int64_t span_ms = account->settings.settle_ms * PAUSES;
  if (account->settings.settle_create_ms <= 0)
    return span_ms;
  if (span_ms < account->settings.settle_create_ms)
    span_ms = account->settings.settle_create_ms;
  return span_ms < SPAN_MS ? span_ms : SPAN_MS;
}

bool signet_window_is_over(const signet_call *call, int64_t began_ms)
{
  return began_ms >=
         signet_window_end(call) + signet_window_span(call->account);
}

bool signet_window_is_late(const signet_call *call, int64_t began_ms)
{
  return call->settle.perhaps && signet_window_is_over(call, began_ms);
}
