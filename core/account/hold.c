/* SPDX-License-Identifier: MIT */
/* An interrupt: nothing new is started, and what has been sent comes to its
 * end. */
#include "account/hold.h"
#include "account/account.h"
#include "account/breaker.h"
#include "account/recorder.h"
#include "account/settle.h"

/* Whether a reply that it needs has not even been asked for. */
static bool is_waiting(const signet_account *account, const signet_call *call)
{
  const signet_step *step = call->step;
  signet_waits_for what = signet_phase_row_of(call->phase)->waits_for;
  if (what == SIGNET_WAITS_FOR_LIST)
    step = &account->kinds[call->kind].watch.step;
  if (step != NULL && step->active)
    return account->backend->is_queued(step);
  return what == SIGNET_WAITS_FOR_LIST || what == SIGNET_WAITS_FOR_TIME;
}

void signet_account_end_waiting(signet_account *account)
{
  signet_call *next;
  if (!account->held || signet_account_paused(account) == 0)
    return;
  for (signet_call *call = account->first; call != NULL; call = next) {
    next = call->next;
    if (is_waiting(account, call))
      signet_call_cancel(call);
  }
}

static bool ends(const signet_call *call, bool away)
{
  const signet_step *step = call->step;
  switch (signet_phase_row_of(call->phase)->on_hold) {
  case SIGNET_HOLD_ENDS:
    return true;
  case SIGNET_HOLD_QUEUED:
    return step != NULL && step->active &&
           call->account->backend->is_queued(step);
  case SIGNET_HOLD_SETTLING:
    return signet_settle_holds(call, away);
  default:
    return false;
  }
}

void signet_account_hold(signet_account *account, bool held)
{
  bool away = account->retry.breaker.open || account->retry.breaker.spent;
  account->held = held;
  if (!held)
    return;
  signet_call *next;
  for (signet_call *call = account->first; call != NULL; call = next) {
    next = call->next;
    if (ends(call, away))
      signet_call_cancel(call);
  }
  signet_watch_hold(&account->kinds[SIGNET_SIGN].watch, away);
  signet_watch_hold(&account->kinds[SIGNET_TEMPLATE].watch, away);
  /* What goes on is there to come to its end soon. */
  if (account->http != NULL)
    signet_breaker_give_up(&account->retry);
  signet_account_end_waiting(account);
}
