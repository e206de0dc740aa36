/* SPDX-License-Identifier: MIT */
#include "account/reading.h"

#include "account/account.h"
#include "account/alike.h"
#include "account/check.h"
#include "account/kept.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "account/shrunk.h"
#include "model/clock.h"
#include "model/error_fill.h"

/* Keeps what was read, for the writes to come. They rest on what their caller
 * got to see, not on what is read in between. */
static void keep_images(signet_call *call)
{
  signet_account *account = call->account;
  signet_step *step = call->step;
  bool delivered = call->verb == SIGNET_LIST || call->verb == SIGNET_GET;
  if (step->request.verb == SIGNET_LIST &&
      step->result.listed > account->kinds[call->kind].listed)
    account->kinds[call->kind].listed = step->result.listed;
  if (step->result.list == NULL)
    return;
  if (step->request.verb == SIGNET_LIST && call->kind == SIGNET_SIGN &&
      step->result.listed == (int64_t)signet_list_count(step->result.list))
    signet_alike_note(account, step->result.list, delivered && !call->internal);
  if (delivered && !call->internal)
    signet_kept_add(account, call->kind, step->result.list, call->read_ms);
  else if (account->recorder != NULL)
    signet_images_note(&account->kinds[call->kind].images, step->result.list,
                       ++account->order);
}

/* An earlier run's delete has taken effect after all. */
static bool is_gone_by_itself(const signet_call *call)
{
  return call->write.again && call->verb == SIGNET_DELETE &&
         call->step->request.verb == SIGNET_GET &&
         call->error.kind == SIGNET_ERROR_NOT_FOUND;
}

static void list_again(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  signet_call_read(call, SIGNET_LIST, call->after);
}

/* @return false: there is no memory, or no time for it */
static bool lists_again(signet_call *call)
{
  if (++call->queue.failures >= SIGNET_SHORT_LOOKS || call->account->held)
    return false;
  signet_call_enter(call, SIGNET_CALL_LIST_PAUSE, NULL);
  call->deadline = signet_timer_start(
      call->loop, signet_shrunk_pause(call->account, call->queue.failures),
      list_again, call);
  return call->deadline != NULL;
}

/* @return whether the list is far too short: it is asked for again, or refused
 */
static bool is_short(signet_call *call)
{
  const signet_step *step = call->step;
  signet_account *account = call->account;
  if (step->request.verb != SIGNET_LIST || step->overlaid)
    return false;
  if (!signet_shrunk_is(account, call->kind, step->result.listed)) {
    signet_shrunk_note(account, call->kind, step->result.listed);
    return false;
  }
  if (!lists_again(call)) {
    signet_shrunk_refuse(account, call->kind, step->result.listed,
                         &call->error);
    signet_call_finish(call);
  }
  return true;
}

/* ---- what lags behind ---- */

enum { LAG_PAUSE_MS = 500, LEAST_PAUSE_MS = 20 };

static void read_again(void *user)
{
  signet_call *call = user;
  call->deadline = NULL;
  if (!signet_check_held(call))
    signet_call_read(call, SIGNET_GET, call->after);
}

void signet_call_read_again(signet_call *call)
{
  int64_t pause_ms = call->account->settings.settle_ms / 2;
  if (pause_ms > LAG_PAUSE_MS)
    pause_ms = LAG_PAUSE_MS;
  if (pause_ms < LEAST_PAUSE_MS)
    pause_ms = LEAST_PAUSE_MS;
  signet_call_enter(call, SIGNET_CALL_LIST_PAUSE, NULL);
  call->deadline = signet_timer_start(call->loop, pause_ms, read_again, call);
  if (call->deadline == NULL)
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
}

/* An entry that was made a moment ago is not to be seen yet. */
static bool is_too_new(const signet_call *call)
{
  return (call->verb == SIGNET_UPDATE || call->verb == SIGNET_DELETE) &&
         call->step->request.verb == SIGNET_GET &&
         call->error.kind == SIGNET_ERROR_NOT_FOUND &&
         signet_own_lags(call->account, call->kind, call->id, NULL);
}

/* A write that failed while it was still reading has changed nothing. */
static void fail(signet_call *call)
{
  if (is_too_new(call)) {
    signet_error_init(&call->error);
    signet_call_read_again(call);
    return;
  }
  if (is_gone_by_itself(call)) {
    signet_error_init(&call->error);
    call->error.outcome = SIGNET_OUTCOME_APPLIED;
    call->write.recorded = true;
    call->phase = SIGNET_CALL_INTENDING; /* nothing of it was sent */
  } else if (signet_call_writes(call)) {
    call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  }
  signet_call_finish(call);
}

static void on_read(void *user)
{
  signet_call *call = user;
  call->read_ms = signet_clock_boot_ms() - call->step->http.exchange.taken_ms;
  if (call->error.kind != SIGNET_OK) {
    fail(call);
  } else if (!is_short(call)) {
    keep_images(call);
    call->after(call);
  }
}

void signet_call_read(signet_call *call, signet_verb verb,
                      void (*after)(signet_call *call))
{
  call->after = after;
  if (signet_call_take_step(call, SIGNET_CALL_READING, verb, on_read) != NULL)
    signet_call_start_step(call);
  else
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
}
