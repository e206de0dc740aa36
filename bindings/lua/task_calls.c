/* SPDX-License-Identifier: MIT */
#include "lua/task_calls.h"

#include "lua/error.h"
#include "lua/fields.h"
#include "lua/task.h"
/* What scripts, and the parts of this library that are written in Lua, do with
 * tasks: spawn, sleep, await. */

static int raise_stop(lua_State *L, const signet_runtime *runtime)
{
  return signet_lua_raise(L, &runtime->run.stop_error);
}

/* spawn(fn, …) */
static int task_spawn(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);

  luaL_checktype(L, 1, LUA_TFUNCTION);
  if (runtime->run.stop != SIGNET_STOP_NONE)
    return raise_stop(L, runtime);
  (void)signet_task_new(L, runtime, lua_gettop(L) - 1);
  return 1;
}

/* worker(fn): a task whose writes are part of an entry of signet.each. */
static int task_worker(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  signet_task_new(L, signet_runtime_of(L), 0)->counted = true;
  return 1;
}

/* What a task that has ended left behind. Stack: + its results. */
static int push_results(lua_State *L, signet_task *task)
{
  lua_State *thread = task->thread;
  int count = task->state == SIGNET_TASK_FAILED ? 1 : lua_gettop(thread);

  if (!lua_checkstack(L, count) || !lua_checkstack(thread, count))
    return luaL_error(L, "too many results of a task");
  for (int i = 0; i < count; i++)
    lua_pushvalue(thread, -count);
  lua_xmove(thread, L, count);
  return count;
}

/* Takes a task's end: results or the error, and whether it worked. Someone
 * knows of a failure now, so the task needs no anchor any more. */
static int take(lua_State *L, signet_task *task)
{
  task->joined = true;
  signet_runtime_push_anchor(L);
  lua_pushnil(L);
  lua_rawsetp(L, -2, task);
  lua_settop(L, 1);
  lua_pushboolean(L, task->state == SIGNET_TASK_DONE);
  return push_results(L, task) + 1;
}

static void raise_deadlock(lua_State *L, signet_task *task)
{
  if (task->deadlocked) {
    task->deadlocked = false;
    luaL_error(L, "nothing can go on: every task waits for another");
  }
}

static int await_resumed(lua_State *L, int status, lua_KContext context)
{
  (void)status;
  (void)context;
  raise_deadlock(L, signet_task_resumed(L));
  return take(L, signet_task_check(L, 1));
}

/* park(): suspends the task until unpark(). For policy written in Lua. */
static int park_resumed(lua_State *L, int status, lua_KContext context)
{
  (void)status;
  (void)context;
  raise_deadlock(L, signet_task_resumed(L));
  return 0;
}

static int task_park(lua_State *L)
{
  signet_task *task = signet_task_suspendable(L, signet_runtime_of(L));

  if (task == NULL)
    return luaL_error(L, "only a task can be parked");
  return signet_task_park(L, task, SIGNET_WAIT_TASK, 0, park_resumed);
}

/* unpark(task): only of one that park() suspended. */
static int task_unpark(lua_State *L)
{
  signet_task_wake(signet_task_check(L, 1));
  return 0;
}

/* current() -> the task whose code runs, or nil */
static int task_current(lua_State *L)
{
  signet_task *task = signet_runtime_of(L)->tasks.current;

  signet_runtime_push_anchor(L);
  lua_rawgetp(L, -1, task);
  return 1;
}

/* wrote() -> whether a write of this task worked since the last question */
static int task_wrote(lua_State *L)
{
  signet_task *task = signet_runtime_of(L)->tasks.current;

  lua_pushboolean(L, task != NULL && task->wrote);
  if (task != NULL)
    task->wrote = false;
  return 1;
}

static int await_blocking(lua_State *L, signet_runtime *runtime,
                          signet_task *target)
{
  if (!signet_task_may_drive(runtime)) {
    return luaL_error(L, "a task can't be waited for here: inside a callback "
                         "of a C function or a plain coroutine");
  }
  signet_task_drive(L, runtime, target);
  return take(L, target);
}

static void add_joiner(signet_task *target, signet_task *task)
{
  task->next_join = target->joiners;
  target->joiners = task;
  task->joining = target;
}

/* await(task) -> true, results… | false, error. What join is made of. */
static int task_await(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  signet_task *target = signet_task_check(L, 1), *task;

  lua_settop(L, 1);
  if (signet_task_ended(target))
    return take(L, target);
  if (target == runtime->tasks.current)
    return luaL_error(L, "a task can't wait for itself");
  task = signet_task_suspendable(L, runtime);
  if (task == NULL)
    return await_blocking(L, runtime, target);
  add_joiner(target, task);
  return signet_task_park(L, task, SIGNET_WAIT_TASK, 0, await_resumed);
}

/* pending() -> the tasks that have not ended, and those that failed unseen */
static int task_pending(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  lua_Integer count = 0;

  lua_newtable(L);
  signet_runtime_push_anchor(L);
  lua_pushnil(L);
  while (lua_next(L, -2))
    if (lua_touserdata(L, -1) == runtime->tasks.current)
      lua_pop(L, 1);
    else
      lua_rawseti(L, -4, ++count);
  lua_pop(L, 1);
  return 1;
}

static void timer_fired(void *user)
{
  signet_task *task = user;

  task->timer = NULL; /* it is gone after its call */
  signet_task_wake(task);
}

static int sleep_resumed(lua_State *L, int status, lua_KContext context)
{
  const signet_runtime *runtime = signet_task_resumed(L)->runtime;

  (void)status;
  (void)context;
  if (runtime->host.job != NULL)
    signet_job_asleep(runtime->host.job, -1);
  return runtime->run.stop != SIGNET_STOP_NONE ? raise_stop(L, runtime) : 0;
}

static int sleep_blocking(lua_State *L, signet_runtime *runtime,
                          int64_t milliseconds)
{
  int64_t end_at = signet_loop_now(runtime->loop) + milliseconds;
  int64_t left;

  while ((left = end_at - signet_loop_now(runtime->loop)) > 0) {
    if (signet_task_may_drive(runtime))
      signet_task_run_ready(L, runtime);
    if (runtime->run.stop != SIGNET_STOP_NONE)
      return raise_stop(L, runtime);
    signet_runtime_step(runtime, signet_task_patience(runtime, left));
  }
  return 0;
}

/* sleep(seconds) */
static int task_sleep(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  signet_task *task = signet_task_suspendable(L, runtime);
  int64_t milliseconds = signet_lua_milliseconds(L, 1, "sleep", 0);

  if (runtime->run.stop != SIGNET_STOP_NONE)
    return raise_stop(L, runtime);
  if (task == NULL)
    return sleep_blocking(L, runtime, milliseconds);
  task->timer =
      signet_timer_start(runtime->loop, milliseconds, timer_fired, task);
  if (task->timer == NULL)
    return signet_lua_no_memory(L);
  if (runtime->host.job != NULL)
    signet_job_asleep(runtime->host.job, 1);
  return signet_task_park(L, task, SIGNET_WAIT_TIMER, 0, sleep_resumed);
}

void signet_task_open_functions(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"spawn", task_spawn},     {"sleep", task_sleep},
      {"worker", task_worker},   {"await", task_await},
      {"park", task_park},       {"unpark", task_unpark},
      {"current", task_current}, {"pending", task_pending},
      {"wrote", task_wrote},     {NULL, NULL}};

  luaL_setfuncs(L, functions, 0);
}
