/* SPDX-License-Identifier: MIT */
/* From when on it counts that the effect of a write is not to be seen. */
#include "account/settle.h"

#include "model/clock.h"
#include "model/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* How often, and how long, the looks that decide are repeated. */
enum {
  SPAN_MS = 10000,
  PAUSES = 10,
  LOOKS = 3,
  PAUSE_MS = 2000,
  LONGEST_PAUSE_MS = 15000
};

/* One line names all writes that wait. It comes when the other writes of
 * earlier runs were looked at, too, or after TELL_PAUSES pauses. */
enum { TELL_MS = 50, TELL_PAUSES = 60, SAME_MOMENT_MS = 1000 };

/* When the write was last sent, on the clock that counts from the machine's
 * start. Nothing that an earlier run sent is younger than the settlement. */
static int64_t sent_boot(const signet_call *call, int64_t now_ms)
{
  const signet_service_clock *clock = &call->account->clock;
  if (call->recorded)
    return call->sent_boot;
  if (!clock->known || call->sent_at <= 0)
    return call->intended_boot;
  int64_t age = signet_service_clock_at(clock, now_ms) - call->sent_at;
  return now_ms - age < call->intended_boot ? now_ms - age
                                            : call->intended_boot;
}

static int64_t end_boot(const signet_call *call, int64_t now_ms)
{
  return sent_boot(call, now_ms) + call->account->timeout_ms +
         call->account->settle_create_ms;
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

/* ---- telling that it waits ---- */

/* "the create of template "X"", "the update of signature 12" */
static void name_write(const signet_call *call, char *out, size_t size)
{
  const char *field = call->kind == SIGNET_SIGN ? "sign_name" : "template_name";
  signet_value name;
  char shown[100];
  if (call->verb == SIGNET_CREATE &&
      signet_fields_get(call->fields, field, &name) &&
      name.type == SIGNET_STRING) {
    signet_text_escape(shown, sizeof shown, name.as.text.data,
                       name.as.text.length);
    snprintf(out, size, "the create of %s \"%s\"", signet_kind_word(call->kind),
             shown);
  } else {
    snprintf(out, size, "the %s of %s %s", signet_verb_name(call->verb),
             signet_kind_word(call->kind), call->id);
  }
}

/* Whether writes of earlier runs are yet to be looked at. */
static bool looks_first(const signet_account *account)
{
  const signet_call *call = account->first;
  while (call != NULL && (!call->settling || call->recorded || call->window ||
                          call->settle_looks > 0))
    call = call->next;
  return call != NULL;
}

/* Counts the writes that nobody was told of.
 * @param name  set to that of the first; @param left_ms  until the last can be
 * decided */
static size_t gather_untold(const signet_account *account, char *name,
                            size_t size, int64_t *left_ms)
{
  size_t count = 0;
  *left_ms = 0;
  for (signet_call *call = account->first; call != NULL; call = call->next) {
    if (!call->window || call->window_told)
      continue;
    int64_t own_ms = signet_window_left(call);
    call->window_told = true;
    *left_ms = own_ms > *left_ms ? own_ms : *left_ms;
    if (count++ == 0)
      name_write(call, name, size);
  }
  return count;
}

static void on_tell(void *user);

static void tell_later(signet_account *account)
{
  account->tell = signet_timer_start(account->loop, TELL_MS, on_tell, account);
}

static void on_tell(void *user)
{
  signet_account *account = user;
  char name[160];
  char moment[32];
  char text[320];
  int64_t left_ms;
  account->tell = NULL;
  if (looks_first(account) && account->tell_pauses++ < TELL_PAUSES) {
    tell_later(account);
    return;
  }
  account->tell_pauses = 0;
  size_t count = gather_untold(account, name, sizeof name, &left_ms);
  int64_t end_ms = signet_clock_boot_ms() + left_ms;
  if (count == 0 || end_ms < account->told_ms + SAME_MOMENT_MS)
    return; /* nothing later than what was said */
  account->told_ms = end_ms;
  signet_window_time(left_ms, moment, sizeof moment);
  if (count == 1)
    snprintf(text, sizeof text, "%s can be decided at %s", name, moment);
  else
    snprintf(text, sizeof text,
             "%zu writes can be decided at %s, among them %s", count, moment,
             name);
  signet_account_notify(account, text);
}

static void tell_soon(signet_call *call)
{
  signet_account *account = call->account;
  call->window = true;
  if (!call->window_told && account->tell == NULL)
    tell_later(account);
}

/* ---- looking ---- */

int64_t signet_window_span(const signet_account *account)
{
  int64_t span_ms = account->settle_ms * PAUSES;
  if (account->settle_create_ms <= 0)
    return span_ms;
  if (span_ms < account->settle_create_ms)
    span_ms = account->settle_create_ms;
  return span_ms < SPAN_MS ? span_ms : SPAN_MS;
}

/* Before the window's end, looks only serve to find the effect early. */
static void wait_for_end(signet_call *call, int64_t left_ms)
{
  int64_t pause_ms = PAUSE_MS
                     << (call->settle_looks < 4 ? call->settle_looks : 3);
  if (pause_ms > LONGEST_PAUSE_MS)
    pause_ms = LONGEST_PAUSE_MS;
  tell_soon(call);
  signet_settle_soon(call, left_ms < pause_ms ? left_ms : pause_ms);
}

bool signet_window_is_over(const signet_call *call, int64_t began_ms)
{
  return began_ms >=
         signet_window_end(call) + signet_window_span(call->account);
}

bool signet_window_is_late(const signet_call *call, int64_t began_ms)
{
  return call->perhaps && signet_window_is_over(call, began_ms);
}

void signet_window_look(signet_call *call, int64_t began_ms)
{
  int64_t now_ms = signet_clock_boot_ms();
  int64_t end_ms = end_boot(call, now_ms);
  int64_t span = signet_window_span(call->account);
  call->settle_looks++;
  if (end_ms > now_ms) {
    wait_for_end(call, end_ms - now_ms);
    return;
  }
  if (began_ms < end_ms) {
    signet_settle_soon(call, 0);
    return;
  }
  if (call->window_looks++ == 0)
    call->window_first = began_ms;
  if (signet_window_is_late(call, began_ms))
    signet_settle_absent(call);
  else if (call->window_looks >= LOOKS && began_ms - call->window_first >= span)
    signet_settle_absent(call);
  else
    signet_settle_soon(call, span / (LOOKS - 1));
}
