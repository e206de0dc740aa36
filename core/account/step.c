/* SPDX-License-Identifier: MIT */
/* The steps that a call takes. */
#include "account/account.h"
#include "account/pool.h"

/* A step is large, and only there while one runs. */
static void on_stepped(void *user)
{
  signet_call *call = user;
  const signet_step *step = call->step;
  step->stepped(call);
  if (call->step != NULL && !call->step->active)
    signet_call_drop_step(call);
}

signet_step *signet_call_take_step(signet_call *call, signet_call_phase phase,
                                   signet_verb verb, void (*done)(void *user))
{
  signet_step *step = signet_call_need_step(call);
  if (step == NULL)
    return NULL;
  signet_call_enter(call, phase, NULL);
  step->request.verb = verb;
  step->request.kind = call->kind;
  step->request.id = call->id;
  step->request.fields = verb == SIGNET_GET ? NULL : call->fields;
  step->request.method = call->method;
  step->request.path = call->path;
  step->request.body = call->body;
  step->request.body_length = call->body_length;
  step->done = on_stepped;
  step->user = call;
  step->stepped = done;
  return step;
}

void signet_call_start_step(signet_call *call)
{
  call->read_ms = signet_loop_now(call->loop);
  call->account->backend->start(call->account, call->step);
}
