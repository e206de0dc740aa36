/* SPDX-License-Identifier: MIT */
/* A world as a backend: no network, the same rules. */
#include "account/call.h"
#include "model/error_fill.h"
#include "signet/world.h"

#include <string.h>

static void fill_error(signet_step *step, const signet_error *from)
{
  char phrase[80];
  signet_call_phrase(step->verb, step->kind, step->id, phrase, sizeof phrase);
  *step->error = *from;
  signet_error_set(step->error, from->kind, "%s: the service says \"%s\"",
                   phrase, from->service_message);
  step->error->outcome = SIGNET_OUTCOME_REFUSED;
}

static void carry_out(void *user)
{
  signet_step *step = user;
  signet_account *account = step->account;
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply = {NULL, SIGNET_ERROR_INIT};
  operation.kind = step->kind;
  operation.verb = step->verb;
  operation.id = step->id;
  operation.id_length = step->id != NULL ? strlen(step->id) : 0;
  operation.fields = step->fields;
  step->active = false;
  account->world_requests++;
  if (step->verb == SIGNET_REQUEST) {
    signet_error_set(step->error, SIGNET_ERROR_UNSUPPORTED,
                     "this account is in memory: it answers no raw request");
  } else if (!signet_world_apply(account->world, account->dialect, &operation,
                                 &reply)) {
    fill_error(step, &reply.error);
    signet_list_release(reply.list);
  } else {
    step->error->outcome = SIGNET_OUTCOME_APPLIED;
    step->list = reply.list;
    if (step->verb == SIGNET_CREATE && reply.list != NULL)
      signet_record_id(signet_list_at(reply.list, 0), step->new_id,
                       sizeof step->new_id);
  }
  step->done(step->user);
}

static void start(signet_account *account, signet_step *step)
{
  step->account = account;
  step->active = true;
  step->post = (signet_post){.function = carry_out, .user = step};
  signet_loop_post(account->loop, &step->post);
}

static void cancel(signet_account *account, signet_step *step)
{
  signet_loop_unpost(account->loop, &step->post);
  step->active = false;
  signet_error_set(step->error, SIGNET_ERROR_CANCELLED, "it was cancelled");
}

static bool is_queued(const signet_step *step)
{
  return step->post.queued;
}

const signet_backend signet_backend_world = {start, cancel, is_queued};
