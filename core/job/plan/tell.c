/* SPDX-License-Identifier: MIT */
/* What an apply tells its host, and how it fails and goes on. */
#include "job/plan/tell.h"

#include "job/plan/fields.h"

#include "account/account.h"
#include "model/error_fill.h"
#include "net/post.h"

void signet_apply_tell(signet_plan_apply *apply, const signet_plan_event *event)
{
  char id[32] = "";
  signet_plan_event filled = *event;
  if (apply->options.event == NULL)
    return;
  if (event->step != NULL)
    signet_apply_id(apply, event->step->kind, event->step->id, id, sizeof id);
  filled.id = id;
  filled.reason = event->reason != NULL ? event->reason : "";
  filled.counts = apply->counts;
  apply->options.event(apply->options.event_user, &filled);
}

void signet_apply_turn(signet_plan_apply *apply)
{
  if (!apply->finished)
    signet_loop_post(apply->loop, &apply->turn);
}

void signet_apply_stop_reviews(signet_plan_apply *apply)
{
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_apply_watch *watch = &apply->watches[kind];
    if (watch->driver != NULL)
      signet_call_cancel(watch->driver);
  }
}

/* The first error is the one that counts. */
void signet_apply_fail(signet_plan_apply *apply, const signet_error *error)
{
  if (apply->fatal)
    return;
  apply->fatal = true;
  apply->error = *error;
  signet_apply_stop_reviews(apply);
  signet_apply_turn(apply);
}

void signet_apply_no_memory(signet_plan_apply *apply)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_apply_fail(apply, &error);
}
