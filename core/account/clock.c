/* SPDX-License-Identifier: MIT */
/* What an account tells people, and what it knows of the service's time. */
#include "account/clock.h"
#include "account/account.h"
#include "model/clock.h"
#include "net/http_control.h"
#include "world/state.h"

#include <stdio.h>

void signet_account_on_notice(signet_account *account,
                              signet_notice_fn function, void *user)
{
  account->hooks.notice = function;
  account->hooks.notice_user = user;
}

void signet_account_notify(signet_account *account, const char *text)
{
  if (account->hooks.notice != NULL)
    account->hooks.notice(account, text, account->hooks.notice_user);
}

/* ---- the service's clock ---- */

/* So much is nothing to worry about. */
enum { SKEW_MS = 5000 };

static void tell_skew(signet_account *account, int64_t skew_ms)
{
  char text[160];
  int64_t seconds = (skew_ms < 0 ? -skew_ms : skew_ms) / 1000;
  bool minutes = seconds >= 120;
  account->told.skew = true;
  snprintf(text, sizeof text,
           "this machine's clock is %lld %s %s the service's, whose time "
           "counts",
           (long long)(minutes ? (seconds + 30) / 60 : seconds),
           minutes ? "minutes" : "seconds",
           skew_ms > 0 ? "ahead of" : "behind");
  signet_account_notify(account, text);
}

void signet_account_note_date(signet_account *account, int64_t date,
                              int64_t taken_ms)
{
  int64_t now_ms = signet_clock_boot_ms();
  signet_service_clock_note(&account->clock, date, now_ms - taken_ms, now_ms);
  if (account->told.skew || account->hooks.notice == NULL)
    return;
  int64_t skew_ms = signet_service_clock_skew(&account->clock,
                                              signet_clock_unix_ms(), now_ms);
  if (skew_ms > SKEW_MS || skew_ms < -SKEW_MS)
    tell_skew(account, skew_ms);
}

int64_t signet_account_time(const signet_account *account)
{
  return account->clock.known
             ? signet_service_clock_at(&account->clock, signet_clock_boot_ms())
             : signet_clock_unix_ms();
}

int64_t signet_account_service_time(const signet_account *account)
{
  if (account->world != NULL)
    return account->world->now_ms / 1000;
  return signet_service_clock_at(&account->clock, signet_clock_boot_ms()) /
         1000;
}

int64_t signet_account_paused(const signet_account *account)
{
  return account->http != NULL ? signet_http_paused(account->http) : 0;
}
