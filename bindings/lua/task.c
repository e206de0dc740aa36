/* SPDX-License-Identifier: MIT */
#include "lua/task.h"

#include "lua/error.h"

#include <string.h>

/*
 * Tasks. A task's thread is the userdata's user value; a task that has not
 * ended, or failed and was not joined, is anchored in the runtime. Results and
 * errors stay on the thread's own stack, so that ending needs no memory.
 *
 *   state     becomes   when
 *   READY     RUNNING   it is its turn
 *   RUNNING   PARKED    it waits for a call, a timer or another task
 *             READY     it yielded by itself
 *             DONE      it returned
 *             FAILED    it raised an error, or its coroutine was taken away
 *   PARKED    READY     that came, the run stops, or all tasks wait for others
 *   not ended DONE      the runtime closes
 */

static const char TASK[] = "signet.task";

/* --- lists of tasks --- */

static void link_task(signet_runtime *runtime, signet_task *task)
{
  task->previous = runtime->tasks.last;
  if (task->previous != NULL)
    task->previous->next = task;
  else
    runtime->tasks.first = task;
  runtime->tasks.last = task;
  runtime->tasks.live++;
}

static void unlink_task(signet_runtime *runtime, signet_task *task)
{
  if (task->previous != NULL)
    task->previous->next = task->next;
  else
    runtime->tasks.first = task->next;
  if (task->next != NULL)
    task->next->previous = task->previous;
  else
    runtime->tasks.last = task->previous;
  task->previous = task->next = NULL;
  runtime->tasks.live--;
}

static void enqueue(signet_runtime *runtime, signet_task *task)
{
  task->state = SIGNET_TASK_READY;
  task->next_ready = NULL;
  if (runtime->tasks.ready_last != NULL)
    runtime->tasks.ready_last->next_ready = task;
  else
    runtime->tasks.ready_first = task;
  runtime->tasks.ready_last = task;
  runtime->tasks.ready_count++;
}

static signet_task *dequeue(signet_runtime *runtime)
{
  signet_task *task = runtime->tasks.ready_first;

  if (task != NULL) {
    runtime->tasks.ready_first = task->next_ready;
    if (runtime->tasks.ready_first == NULL)
      runtime->tasks.ready_last = NULL;
    runtime->tasks.ready_count--;
  }
  return task;
}

/* --- parking --- */

signet_task *signet_task_suspendable(lua_State *L, signet_runtime *runtime)
{
  if (runtime->tasks.current != NULL && runtime->tasks.running == L &&
      lua_isyieldable(L))
    return runtime->tasks.current;
  return NULL;
}

int signet_task_park(lua_State *L, signet_task *task, signet_wait wait,
                     lua_KContext context, lua_KFunction then)
{
  task->state = SIGNET_TASK_PARKED;
  task->wait = wait;
  task->parked = L;
  task->runtime->tasks.yielded = true;
  if (wait != SIGNET_WAIT_TASK)
    task->runtime->tasks.outstanding++;
  return lua_yieldk(L, 0, context, then);
}

/* A task that is woken by something else than the end of the one that it waits
 * for must not be woken by that end later. */
static void leave_joiners(signet_task *task)
{
  signet_task **link;

  if (task->joining == NULL)
    return;
  link = &task->joining->joiners;
  while (*link != NULL && *link != task)
    link = &(*link)->next_join;
  if (*link == task)
    *link = task->next_join;
  task->joining = NULL;
  task->next_join = NULL;
}

void signet_task_wake(signet_task *task)
{
  if (task->state != SIGNET_TASK_PARKED)
    return;
  leave_joiners(task);
  if (task->wait != SIGNET_WAIT_TASK)
    task->runtime->tasks.outstanding--;
  signet_timer_cancel(task->timer);
  task->timer = NULL;
  enqueue(task->runtime, task);
}

signet_task *signet_task_resumed(lua_State *L)
{
  signet_task *task = signet_runtime_of(L)->tasks.current;

  if (task == NULL || task->parked != L || task->state != SIGNET_TASK_RUNNING) {
    luaL_error(L, "a coroutine that waits for signet was resumed by someone "
                  "else");
  } else {
    task->parked = NULL;
  }
  return task;
}

/* --- running --- */

/* Adds the traceback of @p task, whose error is on top of its thread: to the
 * object's field, or to the message. Stack: L unchanged. */
static int add_traceback(lua_State *L)
{
  signet_task *task = lua_touserdata(L, 1);
  lua_State *thread = task->thread;
  signet_error error;

  lua_pushvalue(thread, -1);
  lua_xmove(thread, L, 1);
  if (signet_lua_error_read(L, -1, &error)) {
    lua_pushliteral(L, "traceback");
    if (lua_rawget(L, -2) != LUA_TNIL)
      return 0;
    lua_pop(L, 1);
    luaL_traceback(L, thread, NULL, 0);
    lua_pushliteral(L, "traceback");
    lua_insert(L, -2);
    lua_rawset(L, -3);
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    lua_pushliteral(L, "\n");
    luaL_traceback(L, thread, NULL, 0);
    lua_concat(L, 3); /* the message may hold NULs */
    lua_xmove(L, thread, 1);
    lua_replace(thread, -2);
  }
  return 0;
}

/* The error object is on top of the thread's stack. */
static void fail(lua_State *L, signet_task *task)
{
  lua_State *thread = task->thread;

  if (lua_checkstack(L, 4) && lua_checkstack(thread, 4)) {
    lua_pushcfunction(L, add_traceback);
    lua_pushlightuserdata(L, task);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
      lua_pop(L, 1); /* no memory for it: the error itself is there */
  }
  (void)lua_resetthread(thread);
  task->state = SIGNET_TASK_FAILED;
}

static void wake_joiners(signet_task *task)
{
  signet_task *joiner = task->joiners;

  task->joiners = NULL;
  while (joiner != NULL) {
    signet_task *next = joiner->next_join;

    joiner->next_join = NULL;
    joiner->joining = NULL;
    signet_task_wake(joiner);
    joiner = next;
  }
}

/* A failed task that nobody joined stays anchored until someone asks. */
static void end(lua_State *L, signet_task *task)
{
  signet_runtime *runtime = task->runtime;

  task->ended = ++runtime->tasks.ended;
  signet_call_release(task->call);
  task->call = NULL;
  unlink_task(runtime, task);
  if (task->state == SIGNET_TASK_DONE || task->joiners != NULL) {
    task->joined = true;
    signet_runtime_push_anchor(L);
    lua_pushnil(L);
    lua_rawsetp(L, -2, task);
    lua_pop(L, 1);
  }
  wake_joiners(task);
}

/* A coroutine that is suspended nowhere was closed or resumed by the script. */
static bool resumable(lua_State *thread, bool fresh)
{
  return fresh ? lua_status(thread) == LUA_OK && lua_gettop(thread) > 0
               : lua_status(thread) == LUA_YIELD;
}

/*
 * The one place where coroutines of tasks are resumed. The results: it yielded
 * to the runtime and is parked; it yielded by itself and is ready again; it
 * returned; it failed.
 */
static void run(lua_State *L, signet_task *task)
{
  signet_runtime *runtime = task->runtime;
  lua_State *thread = task->thread, *running = runtime->tasks.running;
  signet_task *current = runtime->tasks.current;
  bool fresh = task->parked == NULL && lua_status(thread) == LUA_OK;
  int status, results = 0;

  task->state = SIGNET_TASK_RUNNING;
  if (!resumable(thread, fresh)) {
    (void)lua_resetthread(thread);
    lua_settop(thread, 0);
    lua_pushliteral(L, "the task's coroutine was closed or resumed");
    lua_xmove(L, thread, 1);
    task->state = SIGNET_TASK_FAILED;
    end(L, task);
    return;
  }
  runtime->tasks.current = task;
  runtime->tasks.running = thread;
  runtime->tasks.yielded = false;
  runtime->run.instructions += SIGNET_RESUME_INSTRUCTIONS;
  runtime->run.resumed_at = signet_loop_now(runtime->loop);
  status = lua_resume(thread, L, fresh ? lua_gettop(thread) - 1 : 0, &results);
  runtime->tasks.current = current;
  runtime->tasks.running = running;
  if (status == LUA_YIELD) {
    lua_pop(thread, results);
    if (!runtime->tasks.yielded)
      enqueue(runtime, task);
    runtime->tasks.yielded = false;
    return;
  }
  if (status == LUA_OK)
    task->state = SIGNET_TASK_DONE;
  else
    fail(L, task);
  end(L, task);
}

void signet_task_run_ready(lua_State *L, signet_runtime *runtime)
{
  luaL_checkstack(L, 8, "tasks");
  for (size_t count = runtime->tasks.ready_count; count > 0; count--) {
    signet_task *task = dequeue(runtime);

    if (task == NULL)
      break;
    run(L, task);
  }
}

bool signet_task_may_drive(const signet_runtime *runtime)
{
  return runtime->tasks.current == NULL;
}

int64_t signet_task_patience(const signet_runtime *runtime, int64_t limit)
{
  return signet_task_may_drive(runtime) && runtime->tasks.ready_count > 0
             ? 0
             : limit;
}

bool signet_task_ended(const signet_task *task)
{
  return task->state >= SIGNET_TASK_DONE;
}

/* Every task waits for another one: each is told. */
static void break_deadlock(signet_runtime *runtime)
{
  signet_task *task;

  for (task = runtime->tasks.first; task != NULL; task = task->next) {
    if (task->state == SIGNET_TASK_PARKED) {
      task->deadlocked = true;
      signet_task_wake(task);
    }
  }
}

static bool ended(const signet_runtime *runtime, const signet_task *task)
{
  return task != NULL ? signet_task_ended(task) : runtime->tasks.live == 0;
}

void signet_task_drive(lua_State *L, signet_runtime *runtime,
                       const signet_task *task)
{
  while (!ended(runtime, task)) {
    signet_task_run_ready(L, runtime);
    if (ended(runtime, task))
      break;
    if (runtime->tasks.ready_count == 0 && runtime->tasks.outstanding == 0)
      break_deadlock(runtime);
    signet_runtime_step(runtime, signet_task_patience(runtime, -1));
  }
}

/* --- the task object --- */

/* Forgets a task's waits; its coroutine is left to the collector. */
static void drop(signet_task *task)
{
  leave_joiners(task);
  for (signet_task *joiner = task->joiners; joiner != NULL;
       joiner = joiner->next_join)
    joiner->joining = NULL;
  signet_call_release(task->call);
  task->call = NULL;
  signet_timer_cancel(task->timer);
  task->timer = NULL;
  if (!signet_task_ended(task)) {
    task->state = SIGNET_TASK_DONE;
    task->joiners = NULL;
    unlink_task(task->runtime, task);
  }
}

void signet_task_drop_all(signet_runtime *runtime)
{
  while (runtime->tasks.first != NULL)
    drop(runtime->tasks.first);
  runtime->tasks.ready_first = runtime->tasks.ready_last = NULL;
  runtime->tasks.ready_count = 0;
  runtime->tasks.outstanding = 0;
}

/* Only at the end of the state can a task that goes on be collected. */
static int task_gc(lua_State *L)
{
  signet_task *task = luaL_checkudata(L, 1, TASK);

  if (!task->runtime->closed)
    drop(task);
  return 0;
}

signet_task *signet_task_check(lua_State *L, int index)
{
  return luaL_checkudata(L, index, TASK);
}

static int task_tostring(lua_State *L)
{
  static const char *const words[] = {"ready", "running", "waiting", "done",
                                      "failed"};
  const signet_task *task = signet_task_check(L, 1);

  lua_pushfstring(L, "task %I (%s)", (LUAI_UACINT)task->number,
                  words[task->state]);
  return 1;
}

/* Stack: -(arguments + 1), +1, the task. */
signet_task *signet_task_new(lua_State *L, signet_runtime *runtime,
                             int arguments)
{
  signet_task *task = lua_newuserdatauv(L, sizeof *task, 1);
  lua_State *thread;

  memset(task, 0, sizeof *task);
  task->state = SIGNET_TASK_DONE; /* until it is complete */
  task->runtime = runtime;
  task->number = ++runtime->tasks.number;
  task->counted =
      runtime->tasks.current != NULL && runtime->tasks.current->counted;
  luaL_setmetatable(L, TASK);
  thread = task->thread = lua_newthread(L);
  lua_setiuservalue(L, -2, 1);
  signet_runtime_push_anchor(L);
  lua_pushvalue(L, -2);
  lua_rawsetp(L, -2, task);
  lua_pop(L, 1);
  lua_insert(L, -(arguments + 2));
  if (!lua_checkstack(thread, arguments + 1))
    luaL_error(L, "too many arguments for a task");
  lua_xmove(L, thread, arguments + 1);
  link_task(runtime, task);
  enqueue(runtime, task);
  return task;
}

/* Stack: +1, the task, or unchanged. */
signet_task *signet_task_push_failed(lua_State *L, signet_runtime *runtime)
{
  signet_task *first = NULL;

  (void)runtime;
  signet_runtime_push_anchor(L);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    signet_task *task = lua_touserdata(L, -1);

    if (task->state == SIGNET_TASK_FAILED &&
        (first == NULL || task->ended < first->ended))
      first = task;
    lua_pop(L, 1);
  }
  if (first != NULL) {
    lua_rawgetp(L, -1, first);
    lua_pushnil(L);
    lua_rawsetp(L, -3, first);
    lua_remove(L, -2);
    first->joined = true;
  } else {
    lua_pop(L, 1);
  }
  return first;
}

/* Stack: unchanged; the metatable is in the registry afterwards. */
void signet_task_open(lua_State *L)
{
  luaL_newmetatable(L, TASK);
  lua_pushcfunction(L, task_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, task_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}
