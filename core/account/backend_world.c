/* SPDX-License-Identifier: MIT */
/* A world as a backend: no network, the same rules. */
#include "account/backend_world.h"

#include "account/account.h"
#include "account/clock.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "model/record.h"
#include "net/post.h"
#include "world/state.h"

#include <string.h>

static void fill_error(signet_step *step, const signet_error *from)
{
  char phrase[80];
  signet_call_phrase(step->request.verb, step->request.kind, step->request.id,
                     phrase, sizeof phrase);
  *step->result.error = *from;
  if (from->service_message[0] == '\0') {
    /* Not the service's no, and perhaps only its answer that got lost. */
    signet_error_set(step->result.error, from->kind, "%s: %s", phrase,
                     from->message);
    step->result.error->outcome = signet_step_writes(step)
                                      ? SIGNET_OUTCOME_UNKNOWN
                                      : SIGNET_OUTCOME_NOT_SENT;
    return;
  }
  signet_error_set(step->result.error, from->kind,
                   "%s: the service says \"%s\"", phrase,
                   from->service_message);
  step->result.error->outcome = SIGNET_OUTCOME_REFUSED;
}

/* The service has no filter by value; neither has a world. */
static bool keep_matching(signet_step *step, signet_list *all)
{
  step->result.list = signet_list_new(step->request.kind);
  for (size_t i = 0; step->result.list != NULL && i < signet_list_count(all);
       i++) {
    const signet_record *record = signet_list_at(all, i);
    if (signet_record_matches(record, step->request.fields) &&
        !signet_list_copy(step->result.list, record)) {
      signet_list_release(step->result.list);
      step->result.list = NULL;
    }
  }
  if (step->result.list == NULL)
    return signet_error_set(step->result.error, SIGNET_ERROR_MEMORY,
                            "out of memory");
  signet_list_seal(step->result.list);
  return true;
}

/* Takes over what the world answered. */
static void take(signet_step *step, signet_world *world, signet_list *list)
{
  const signet_account *account = step->account;
  step->result.error->outcome = SIGNET_OUTCOME_APPLIED;
  if (step->request.verb == SIGNET_LIST)
    step->result.listed = (int64_t)signet_list_count(list);
  if (step->request.verb == SIGNET_LIST &&
      signet_fields_count(step->request.fields) > 0) {
    keep_matching(step, list);
    signet_list_release(list);
    return;
  }
  step->result.list = list;
  if (step->request.verb != SIGNET_CREATE || list == NULL)
    return;
  const signet_record *record = signet_list_at(list, 0);
  step->result.server_time = signet_record_integer(record, "created_time", 0);
  if (signet_dialect_row_of(account->dialect)->tells_new_ids ||
      signet_world_switches(world)->create_tells_id)
    signet_record_id(record, step->result.new_id, sizeof step->result.new_id);
}

void signet_step_on_world(signet_step *step, signet_world *world)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply = {NULL, SIGNET_ERROR_INIT};
  operation.kind = step->request.kind;
  operation.verb = step->request.verb;
  operation.id = step->request.id;
  operation.id_length = step->request.id != NULL ? strlen(step->request.id) : 0;
  operation.fields = step->request.fields;
  if (step->request.verb == SIGNET_REQUEST) {
    signet_error_set(step->result.error, SIGNET_ERROR_UNSUPPORTED,
                     "this account is in memory: it answers no raw request");
  } else if (!signet_world_apply(world, step->account->dialect, &operation,
                                 &reply)) {
    fill_error(step, &reply.error);
    signet_list_release(reply.list);
  } else {
    take(step, world, reply.list);
  }
}

static void carry_out(void *user)
{
  signet_step *step = user;
  signet_account *account = step->account;
  step->active = false;
  account->world_requests++;
  if (account->world->now_ms > 0)
    signet_account_note_date(account, account->world->now_ms / 1000, 0);
  signet_step_on_world(step, account->world);
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
  signet_error_set(step->result.error, SIGNET_ERROR_CANCELLED,
                   "it was cancelled");
}

static bool is_queued(const signet_step *step)
{
  return step->post.queued;
}

const signet_backend signet_backend_world = {start, cancel, is_queued,
                                             NULL,  NULL,   NULL};
