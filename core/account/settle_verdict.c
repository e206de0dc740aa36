/* SPDX-License-Identifier: MIT */
/* How settling a write ends, and when it looks once more. */
#include "account/settle_verdict.h"

#include "account/account.h"
#include "account/outcome.h"
#include "account/recorder.h"
#include "account/settle_window.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>

/* A write that seems to have had no effect is looked at three times.
 * SECOND_LOOK tenths of the time pass before the second look. Where the
 * service's refusal contradicts what it shows, a look follows every STEP_MS. */
enum { SECOND_LOOK = 4, TENTHS = 10, STEP_MS = 1000 };

/* After an interrupt the first look is still awaited, if it is so near. */
enum { FIRST_LOOK_MS = 2000 };

signet_verdict signet_call_verdict(const signet_call *call)
{
  return (signet_verdict)call->settle.verdict;
}

/* ---- how it ends ---- */

void signet_settle_done(signet_call *call)
{
  signet_error_init(&call->error);
  call->error.outcome = SIGNET_OUTCOME_APPLIED;
  call->settle.verdict = SIGNET_VERDICT_DONE;
  signet_call_finish(call);
}

/* Ends with what was known before, and what reading back adds to it. */
static void settle_failed(signet_call *call, signet_verdict verdict,
                          signet_error_kind kind, const char *finding)
{
  signet_error error = *call->settle.unsettled;
  call->settle.verdict = (uint8_t)verdict;
  if (verdict == SIGNET_VERDICT_OPEN) {
    call->error = error;
    signet_call_finish(call);
    return;
  }
  call->error = error;
  call->error.outcome = verdict == SIGNET_VERDICT_NOT_DONE
                            ? SIGNET_OUTCOME_NOT_SENT
                            : SIGNET_OUTCOME_REFUSED;
  call->error.retryable = verdict == SIGNET_VERDICT_NOT_DONE;
  signet_call_fail(call, kind, "%s", finding);
}

/* A person who waits wants to know for how long. */
static void say_when(const signet_call *call, signet_error *error)
{
  char moment[32];
  size_t length = strlen(error->message);
  bool worth = call->verb == SIGNET_CREATE || call->verb == SIGNET_UPDATE;
  if (!call->write.recorded || !worth || call->write.sent_boot == 0)
    return;
  signet_window_time(signet_window_left(call), moment, sizeof moment);
  snprintf(error->message + length, sizeof error->message - length,
           " (it can be decided at %s, by resuming the job)", moment);
}

void signet_settle_open(signet_call *call)
{
  if (call->write.uncertain)
    signet_outcome_leave_open(call->settle.unsettled);
  say_when(call, call->settle.unsettled);
  settle_failed(call, SIGNET_VERDICT_OPEN, SIGNET_ERROR_UNKNOWN_OUTCOME, "");
}

/* What the service said that it made somebody else may have deleted since: it
 * is not made a second time. */
static void settle_gone(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_DRIFT, SIGNET_ERROR_NOT_FOUND,
                "the service said that it was made, and shows no such entry: "
                "it was never made, or somebody else deleted it");
}

static bool was_accepted(const signet_call *call)
{
  return call->verb == SIGNET_CREATE &&
         (call->id[0] != '\0' || call->settle.accepted);
}

void signet_settle_absent(signet_call *call)
{
  if (was_accepted(call))
    settle_gone(call);
  else
    settle_failed(call, SIGNET_VERDICT_NOT_DONE, SIGNET_ERROR_NETWORK,
                  "no reply told what came of it, and reading back shows that "
                  "it had no effect; it can be tried again");
}

void signet_settle_changed(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_DRIFT, SIGNET_ERROR_CONFLICT,
                "no reply told what came of it, and the entry is neither as "
                "it was nor as it was written: somebody else changed it");
}

void signet_settle_put_back(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_DRIFT, SIGNET_ERROR_CONFLICT,
                "no reply told what came of it, and the entry is as it was, "
                "but was changed later: somebody else put it back");
}

void signet_settle_again(signet_call *call)
{
  settle_failed(call, SIGNET_VERDICT_AGAIN, SIGNET_ERROR_NETWORK,
                "no reply told what came of it, and reading back shows no "
                "effect; it can be sent again, since it takes effect once");
}

/* What the service said stands, if it isn't the first attempt's effect. */
bool signet_settle_is_refused(const signet_call *call)
{
  return call->write.uncertain && call->settle.refusal;
}

void signet_settle_refused(signet_call *call)
{
  call->error = *call->settle.unsettled;
  call->error.outcome = SIGNET_OUTCOME_REFUSED;
  signet_call_finish(call);
}

void signet_settle_send_again(signet_call *call)
{
  call->write.uncertain = true;
  call->settle.tries = 0;
  call->settle.looks = 0;
  signet_memory_free(call->settle.unsettled);
  call->settle.unsettled = NULL;
  signet_error_init(&call->error);
  call->write.send(call);
}

/* ---- looking once more ---- */

bool signet_settle_is_late(const signet_call *call)
{
  return call->settle.tries > 0 || call->settle.looks > 0 ||
         call->account->settings.settle_ms > FIRST_LOOK_MS;
}

void signet_settle_soon(signet_call *call, int64_t delay_ms)
{
  if (call->account->held && signet_settle_is_late(call)) {
    signet_settle_open(call);
    return;
  }
  signet_call_enter(call, SIGNET_CALL_SETTLING_PAUSE, NULL);
  call->deadline =
      signet_timer_start(call->loop, delay_ms, call->settle.read_back, call);
  if (call->deadline == NULL)
    signet_settle_open(call);
}

bool signet_settle_looks_again(signet_call *call)
{
  int64_t tenth = signet_window_span(call->account) / TENTHS;
  int64_t times = call->settle.looks == 0 ? SECOND_LOOK : TENTHS - SECOND_LOOK;
  if (++call->settle.looks >= SIGNET_SETTLE_LOOKS)
    return false;
  signet_settle_soon(call, tenth * times);
  return true;
}

bool signet_settle_waits(signet_call *call)
{
  int64_t span = signet_window_span(call->account);
  if (signet_clock_boot_ms() - call->write.sent_boot > span)
    return false;
  call->settle.looks++;
  signet_settle_soon(call, span < TENTHS * STEP_MS ? span / TENTHS : STEP_MS);
  return true;
}
