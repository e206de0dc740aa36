/* SPDX-License-Identifier: MIT */
/* The events that can happen to a call in any phase. */
#include "phase.h"

#include "account/recorder.h"
#include "model/error_fill.h"

static void hold(void)
{
  signet_account_hold(row.account, true);
}

static void cancel(void)
{
  signet_call_cancel(row.subject);
}

static void close_account(void)
{
  signet_account_close(row.account);
  row.account = NULL;
}

static void send_kept(void)
{
  if (row.kept != NULL)
    signet_write_send(row.kept);
}

static void answer_kept(void)
{
  if (row.kept != NULL)
    signet_write_answer(row.kept, "1");
}

static void refuse_kept(void)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_REFUSED, "the recorder says no");
  if (row.kept != NULL)
    signet_write_refuse(row.kept, &error);
}

static void check_kept(void)
{
  signet_call *call = row.kept;
  row.kept = NULL;
  if (call != NULL)
    signet_write_check_again(call);
}

const phase_event phase_events[] = {
    {"hold", hold, NULL, false},
    {"cancel", cancel, NULL, false},
    {"close", close_account, NULL, false},
    {"send", send_kept, NULL, true},
    {"answer", answer_kept, NULL, true},
    {"refuse", refuse_kept, NULL, true},
    {"check again", check_kept, NULL, true},
    {"usual reply", NULL, NULL, false},
    {"not exist", NULL, PHASE_NO("sign config not exist"), false},
    {"already exist", NULL, PHASE_TAKEN, false},
    {"pending", NULL, PHASE_NO("sign is in pending status"), false},
    {"bad credentials", NULL,
     "401 {\"code\":2001,\"message\":\"authentication failed\"}", false},
    {"throttled", NULL, "429 {}", false},
    {"server error", NULL, "500 {}", false},
    {"no reply", NULL, "", false},
};

const size_t phase_events_count = sizeof phase_events / sizeof phase_events[0];
