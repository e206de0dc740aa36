/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_TASK_H
#define SIGNET_LUA_TASK_H

/* Tasks: coroutines that the runtime resumes. */

#include "lua/runtime.h"

/**
 * A new task that calls the function below its @p arguments arguments.
 * Stack: pops function and arguments, pushes the task.
 */
signet_task *signet_task_new(lua_State *L, signet_runtime *runtime,
                             int arguments);
/** The task at @p index; raises when it is something else. */
signet_task *signet_task_check(lua_State *L, int index);
bool signet_task_ended(const signet_task *task);

/** The task that can be suspended at this point of @p L; NULL: block. */
signet_task *signet_task_suspendable(lua_State *L, signet_runtime *runtime);
/** Suspends @p task: the caller returns what this returns. */
int signet_task_park(lua_State *L, signet_task *task, signet_wait wait,
                     lua_KContext context, lua_KFunction then);
/** Makes a parked task ready. Runs no Lua: for the callbacks of the loop. */
void signet_task_wake(signet_task *task);
/** In a continuation: the task, which really was woken. Raises when someone
 * else resumed its coroutine. */
signet_task *signet_task_resumed(lua_State *L);

/** Resumes what is ready now, once each. */
void signet_task_run_ready(lua_State *L, signet_runtime *runtime);
/** Whether @p L may resume other tasks while it blocks. */
bool signet_task_may_drive(const signet_runtime *runtime);
/** How long the loop may wait: not at all while a task is ready to be resumed
 * here, else @p limit milliseconds. */
int64_t signet_task_patience(const signet_runtime *runtime, int64_t limit);
/** Turns the loop until @p task has ended (NULL: every task). */
void signet_task_drive(lua_State *L, signet_runtime *runtime,
                       const signet_task *task);
/** Drops every task, and what it waits for. */
void signet_task_drop_all(signet_runtime *runtime);
/** Pushes the first failed task that nobody joined. @return it, or NULL with
 * nothing pushed */
signet_task *signet_task_push_failed(lua_State *L, signet_runtime *runtime);

/** Makes the metatable of tasks. */
void signet_task_open(lua_State *L);

#endif
