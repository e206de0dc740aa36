/* SPDX-License-Identifier: MIT */
/* An overlay as a backend: until the first write everything goes through to the
 * backend below, from then on the copy answers. */
#include "overlay/backend.h"

#include "account/account.h"
#include "account/backend_world.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/post.h"
#include "overlay/copy.h"
#include "overlay/log.h"
#include "overlay/reviewer.h"

#include <string.h>

static void refuse_request(void *user)
{
  signet_step *step = user;
  step->active = false;
  step->account->overlay->unplanned++;
  signet_error_set(step->result.error, SIGNET_ERROR_REFUSED,
                   "the request: a dry run sends nothing but GETs, and can't "
                   "tell what a raw %s would do",
                   step->request.method);
  step->result.error->outcome = SIGNET_OUTCOME_NOT_SENT;
  step->done(step->user);
}

/* Where the copy runs out of memory it may have taken the write all the same:
 * then it is not what the log says, and there is no plan any more. */
static void write_copy(signet_overlay *overlay, signet_step *step)
{
  signet_overlay_write write = {0};
  if (overlay->torn || !signet_overlay_log_begin(overlay, step, &write)) {
    signet_overlay_write_free(&write);
    signet_error_set(step->result.error, SIGNET_ERROR_MEMORY, "out of memory");
    return;
  }
  signet_step_on_world(step, overlay->world);
  if (step->result.error->kind == SIGNET_OK) {
    signet_overlay_log_end(overlay, step, &write);
    return;
  }
  signet_overlay_write_free(&write);
  if (step->result.error->kind != SIGNET_ERROR_MEMORY)
    return;
  overlay->torn = true;
  step->result.error->outcome = SIGNET_OUTCOME_NOT_SENT;
}

static void carry_out(void *user)
{
  signet_step *step = user;
  signet_overlay *overlay = step->account->overlay;
  step->active = false;
  if (signet_step_writes(step))
    write_copy(overlay, step);
  else
    signet_step_on_world(step, overlay->world);
  step->done(step->user);
}

static void post(signet_step *step, void (*function)(void *user))
{
  step->post = (signet_post){.function = function, .user = step};
  signet_loop_post(step->account->loop, &step->post);
}

static void enqueue(signet_overlay *overlay, signet_step *step)
{
  step->overlay_next = NULL;
  if (overlay->queue_last != NULL)
    overlay->queue_last->overlay_next = step;
  else
    overlay->queue_first = step;
  overlay->queue_last = step;
}

static void dequeue(signet_overlay *overlay, const signet_step *step)
{
  signet_step *previous = NULL;
  for (signet_step *at = overlay->queue_first; at != NULL;
       previous = at, at = at->overlay_next) {
    if (at != step)
      continue;
    if (previous != NULL)
      previous->overlay_next = at->overlay_next;
    else
      overlay->queue_first = at->overlay_next;
    if (overlay->queue_last == at)
      overlay->queue_last = previous;
    return;
  }
}

static void fail(void *user)
{
  signet_step *step = user;
  step->active = false;
  step->done(step->user);
}

void signet_overlay_copied(signet_overlay *overlay, const signet_error *error)
{
  signet_step *next;
  signet_step *step = overlay->queue_first;
  overlay->queue_first = NULL;
  overlay->queue_last = NULL;
  for (; step != NULL; step = next) {
    next = step->overlay_next;
    if (error != NULL)
      *step->result.error = *error;
    post(step, error != NULL ? fail : carry_out);
  }
  if (error != NULL)
    signet_overlay_fail_waiting(overlay, error);
  else
    signet_overlay_stir(overlay);
}

static void start(signet_account *account, signet_step *step)
{
  signet_overlay *overlay = account->overlay;
  bool writes = signet_step_writes(step);
  bool live = overlay->state == SIGNET_OVERLAY_LIVE && !writes;
  signet_overlay_stir(overlay);
  step->account = account;
  if (live || (step->request.verb == SIGNET_REQUEST && !writes)) {
    step->overlaid = false;
    account->base->start(account, step);
    return;
  }
  step->overlaid = true;
  step->active = true;
  if (step->request.verb == SIGNET_REQUEST) {
    post(step, refuse_request);
  } else if (overlay->state == SIGNET_OVERLAY_COPIED) {
    post(step, carry_out);
  } else {
    enqueue(overlay, step);
    signet_overlay_copy(overlay, account);
  }
}

static void cancel(signet_account *account, signet_step *step)
{
  if (!step->overlaid) {
    account->base->cancel(account, step);
    return;
  }
  dequeue(account->overlay, step);
  signet_loop_unpost(account->loop, &step->post);
  step->active = false;
  signet_error_set(step->result.error, SIGNET_ERROR_CANCELLED,
                   "it was cancelled");
}

static bool is_queued(const signet_step *step)
{
  return step->overlaid || step->account->base->is_queued(step);
}

static bool is_copy(const signet_account *account)
{
  return account->overlay->state == SIGNET_OVERLAY_COPIED;
}

static void close_account(signet_account *account)
{
  signet_overlay *overlay = account->overlay;
  if (overlay->waiting == NULL) { /* the loop may end before the overlay */
    signet_timer_cancel(overlay->timer);
    overlay->timer = NULL;
  }
  signet_overlay_stop_copy(overlay, account);
}

const signet_backend signet_backend_overlay = {
    start, cancel, is_queued, signet_overlay_wait, is_copy, close_account};
