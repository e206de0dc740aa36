/* SPDX-License-Identifier: MIT */
/* The memory of accounts, calls and steps. Calls and steps are too large for
 * malloc's fast ways: an account keeps some for those that come next. */
#include "account/pool.h"
#include "account/account.h"
#include "model/memory.h"

#include <string.h>

/* ---- accounts ---- */

static void free_account(signet_account *account)
{
  signet_memory_free(account->settings.protect_id);
  signet_memory_free(account->settings.protect_name);
  signet_memory_free(account);
}

void signet_account_unref(signet_account *account)
{
  if (--account->references == 0)
    free_account(account);
}

/* ---- steps ---- */

void signet_step_init(signet_step *step, signet_error *error)
{
  *step = (signet_step){.result = {.error = error, .listed = -1}};
}

void signet_step_clear(signet_step *step)
{
  signet_list_release(step->result.list);
  step->result.list = NULL;
  signet_buffer_free(&step->result.reply);
  signet_buffer_free(&step->http.body);
  signet_memory_free(step->http.target);
  step->http.target = NULL;
}

signet_step *signet_call_need_step(signet_call *call)
{
  signet_account *home = call->home;
  signet_step *step = call->step;
  if (step != NULL) {
    signet_step_clear(step);
  } else if (home->pool.steps != NULL) {
    step = home->pool.steps;
    home->pool.steps = step->spare_next;
    home->pool.step_count--;
  } else {
    step = signet_memory_zeroed(1, sizeof *step);
  }
  call->step = step;
  if (step != NULL)
    signet_step_init(step, &call->error);
  return step;
}

void signet_call_drop_step(signet_call *call)
{
  signet_account *home = call->home;
  signet_step *step = call->step;
  call->step = NULL;
  signet_step_clear(step);
  if (home->closed || home->pool.step_count == SIGNET_SPARE_CALLS) {
    signet_memory_free(step);
  } else {
    step->spare_next = home->pool.steps;
    home->pool.steps = step;
    home->pool.step_count++;
  }
}

/* ---- calls ---- */

void signet_call_free(signet_call *call)
{
  if (call->step != NULL)
    signet_call_drop_step(call);
  signet_buffer_free(&call->reply);
  signet_memory_free(call->warning);
  signet_fields_free(call->fields);
  signet_fields_free(call->filter);
  signet_list_release(call->list);
  signet_memory_free(call->method);
  signet_memory_free(call->path);
  signet_memory_free(call->body);
  signet_list_release(call->basis.expected);
  signet_memory_free(call->write.before);
  signet_memory_free(call->settle.unsettled);
  signet_account *home = call->home;
  if (home->closed || home->pool.call_count == SIGNET_SPARE_CALLS) {
    signet_memory_free(call);
  } else {
    call->next = home->pool.calls;
    home->pool.calls = call;
    home->pool.call_count++;
  }
  signet_account_unref(home);
}

signet_call *signet_call_allocate(signet_account *account)
{
  signet_call *call = account->pool.calls;
  if (call == NULL) {
    call = signet_memory_zeroed(1, sizeof *call);
  } else {
    account->pool.calls = call->next;
    account->pool.call_count--;
    memset(call, 0, sizeof *call);
  }
  if (call != NULL) {
    call->home = account;
    account->references++;
  }
  return call;
}

/* ---- what is kept ---- */

void signet_account_free_spare(signet_account *account)
{
  while (account->pool.calls != NULL) {
    signet_call *call = account->pool.calls;
    account->pool.calls = call->next;
    signet_memory_free(call);
  }
  while (account->pool.steps != NULL) {
    signet_step *step = account->pool.steps;
    account->pool.steps = step->spare_next;
    signet_memory_free(step);
  }
}
