/* SPDX-License-Identifier: MIT */
#include "lua/audit.h"

#include "lua/box.h"
#include "lua/error.h"
#include "lua/handle.h"
#include "lua/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* sms:audit(), and the audit of an account with a journal of its own. */

/* One audit that Lua waits for. It lies in a box, so that it ends with the
 * coroutine that waits. */
struct audit {
  signet_audit *running; /* NULL: it has ended */
  signet_task *task;     /* to be woken; NULL: the loop is turned for it */
  signet_error error;
};

/* From the loop, never from within Lua. */
static void take_end(void *user, const signet_error *error)
{
  struct audit *audit = user;
  signet_audit *ended = audit->running;

  audit->error = *error;
  audit->running = NULL;
  signet_audit_free(ended);
  if (audit->task != NULL)
    signet_task_wake(audit->task);
}

static void release(void *memory)
{
  struct audit *audit = memory;

  signet_audit_free(audit->running);
  free(audit);
}

/* Stack: +1, its box. */
static struct audit *push_audit(lua_State *L)
{
  signet_box *box = signet_box_push(L, release);
  struct audit *audit = calloc(1, sizeof *audit);

  if (audit == NULL) {
    signet_lua_no_memory(L);
  } else {
    box->memory = audit;
    signet_error_init(&audit->error);
  }
  return audit;
}

/* --- what it found --- */

struct findings {
  lua_State *L;
  lua_Integer count;
};

static void push_text(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

/* Stack: the list on top, unchanged. */
static void push_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  struct findings *found = user;
  lua_State *L = found->L;

  lua_createtable(L, 0, 5);
  push_text(L, "kind", mismatch->kind);
  push_text(L, "id", mismatch->id);
  push_text(L, "verb", mismatch->verb);
  push_text(L, "finding", mismatch->finding);
  lua_pushinteger(L, (lua_Integer)mismatch->number);
  lua_setfield(L, -2, "number");
  lua_rawseti(L, -2, ++found->count);
}

/* @param job  NULL: there is none */
static int push_findings(lua_State *L, const signet_job *job)
{
  struct findings found = {.L = L};

  lua_newtable(L);
  if (job != NULL)
    signet_job_each_mismatch(job, push_mismatch, &found);
  return 1;
}

/* --- waiting for it --- */

static signet_job *job_of(const signet_handle *handle)
{
  return handle->runtime->host.job != NULL ? handle->runtime->host.job
                                           : handle->job;
}

/* Stack: the account, the audit's box. */
static int finish(lua_State *L)
{
  const signet_handle *handle = lua_touserdata(L, 1);
  signet_box *box = lua_touserdata(L, 2);
  const struct audit *audit = box->memory;
  const signet_runtime *runtime = handle->runtime;

  if (audit->running != NULL && runtime->run.stop != SIGNET_STOP_NONE) {
    signet_box_clear(box);
    return signet_lua_raise(L, &runtime->run.stop_error);
  }
  if (audit->error.kind != SIGNET_OK)
    return signet_lua_raise(L, &audit->error);
  return push_findings(L, job_of(handle));
}

static int audit_resumed(lua_State *L, int status, lua_KContext context)
{
  const signet_handle *handle = lua_touserdata(L, 1);
  signet_job *job = job_of(handle);

  (void)status;
  (void)context;
  (void)signet_task_resumed(L);
  if (job != NULL)
    signet_job_asleep(job, -1);
  return finish(L);
}

static int block(lua_State *L, signet_runtime *runtime,
                 const struct audit *audit)
{
  while (audit->running != NULL && runtime->run.stop == SIGNET_STOP_NONE) {
    if (signet_task_may_drive(runtime))
      signet_task_run_ready(L, runtime);
    if (audit->running != NULL)
      signet_runtime_step(runtime, signet_task_patience(runtime, -1));
  }
  return finish(L);
}

int signet_lua_audit(lua_State *L, signet_handle *handle)
{
  signet_runtime *runtime = handle->runtime;
  signet_job *job = job_of(handle);
  signet_account *account = signet_handle_account(L, handle);
  struct audit *audit;

  lua_settop(L, 1);
  if (job == NULL)
    return push_findings(L, NULL);
  audit = push_audit(L);
  audit->running =
      signet_audit_start(job, account, take_end, audit, &audit->error);
  if (audit->running == NULL)
    return finish(L);
  audit->task = signet_task_suspendable(L, runtime);
  if (audit->task == NULL)
    return block(L, runtime, audit);
  signet_job_asleep(job, 1);
  return signet_task_park(L, audit->task, SIGNET_WAIT_TIMER, 0, audit_resumed);
}

/* --- an account's own journal --- */

/* Stock Lua has no other place for it. */
static void warn(const char *format, const char *text)
{
  lua_writestringerror("%s", "warning: ");
  lua_writestringerror(format, text);
}

static void tell_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  char text[600];

  (void)user;
  (void)snprintf(text, sizeof text, "%s %s: %s (%s, write %lld)",
                 signet_kind_word_of(mismatch->kind), mismatch->id,
                 mismatch->finding, mismatch->verb,
                 (long long)mismatch->number);
  warn("%s\n", text);
}

void signet_journal_audit(signet_handle *handle)
{
  signet_error error = SIGNET_ERROR_INIT;

  if (handle->job == NULL || handle->runtime->run.stop != SIGNET_STOP_NONE ||
      signet_job_id(handle->job) == NULL)
    return;
  if (!signet_job_audit(handle->job, handle->account, tell_mismatch, NULL,
                        &error)) {
    warn("what was written could not be checked at the end: %s\n",
         error.message);
  }
}
