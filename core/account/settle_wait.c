/* SPDX-License-Identifier: MIT */
/* Waiting for the end of the window in which a write of an earlier run may take
 * effect, and telling people until when. */
#include "account/settle_wait.h"

#include "account/account.h"
#include "account/clock.h"
#include "account/settle_verdict.h"
#include "account/settle_window.h"
#include "model/clock.h"
#include "model/text.h"

#include <stdio.h>

/* How often the looks that decide are repeated, and the pauses before them. */
enum { LOOKS = 3, PAUSE_MS = 2000, LONGEST_PAUSE_MS = 15000 };

/* One line names all writes that wait. It comes when the other writes of
 * earlier runs were looked at, too, or after TELL_PAUSES pauses. */
enum { TELL_MS = 50, TELL_PAUSES = 60, SAME_MOMENT_MS = 1000 };

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
  while (call != NULL && (!signet_call_settles(call) || call->write.recorded ||
                          call->settle.window || call->settle.looks > 0))
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
    if (!call->settle.window || call->settle.window_told)
      continue;
    int64_t own_ms = signet_window_left(call);
    call->settle.window_told = true;
    *left_ms = own_ms > *left_ms ? own_ms : *left_ms;
    if (count++ == 0)
      name_write(call, name, size);
  }
  return count;
}

static void on_tell(void *user);

static void tell_later(signet_account *account)
{
  account->told.timer =
      signet_timer_start(account->loop, TELL_MS, on_tell, account);
}

static void on_tell(void *user)
{
  signet_account *account = user;
  char name[160];
  char moment[32];
  char text[320];
  int64_t left_ms;
  account->told.timer = NULL;
  if (looks_first(account) && account->told.pauses++ < TELL_PAUSES) {
    tell_later(account);
    return;
  }
  account->told.pauses = 0;
  size_t count = gather_untold(account, name, sizeof name, &left_ms);
  int64_t end_ms = signet_clock_boot_ms() + left_ms;
  if (count == 0 || end_ms < account->told.window_ms + SAME_MOMENT_MS)
    return; /* nothing later than what was said */
  account->told.window_ms = end_ms;
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
  call->settle.window = true;
  if (!call->settle.window_told && account->told.timer == NULL)
    tell_later(account);
}

/* ---- looking ---- */

/* Before the window's end, looks only serve to find the effect early. */
static void wait_for_end(signet_call *call, int64_t left_ms)
{
  int64_t pause_ms = PAUSE_MS
                     << (call->settle.looks < 4 ? call->settle.looks : 3);
  if (pause_ms > LONGEST_PAUSE_MS)
    pause_ms = LONGEST_PAUSE_MS;
  tell_soon(call);
  signet_settle_soon(call, left_ms < pause_ms ? left_ms : pause_ms);
}

void signet_window_look(signet_call *call, int64_t began_ms)
{
  int64_t now_ms = signet_clock_boot_ms();
  int64_t end_ms = signet_window_end(call);
  int64_t span = signet_window_span(call->account);
  call->settle.looks++;
  if (end_ms > now_ms) {
    wait_for_end(call, end_ms - now_ms);
    return;
  }
  if (began_ms < end_ms) {
    signet_settle_soon(call, 0);
    return;
  }
  if (call->settle.window_looks++ == 0)
    call->settle.window_first = began_ms;
  if (signet_window_is_late(call, began_ms) ||
      (call->settle.window_looks >= LOOKS &&
       began_ms - call->settle.window_first >= span))
    signet_settle_absent(call);
  else
    signet_settle_soon(call, span / (LOOKS - 1));
}
