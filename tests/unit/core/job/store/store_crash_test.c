/* SPDX-License-Identifier: MIT */
/* What other processes and their sudden ends do to a store. */

#include "store_support.h"

#include <criterion/criterion.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Pipes between the test and its children: what they say, and when they go on,
 * which is when the test closes its end. */
static int said[2], go[2];

static void begin(void)
{
  store_begin();
  cr_assert_eq(pipe(said), 0);
  cr_assert_eq(pipe(go), 0);
}

static void end(void)
{
  for (int i = 0; i < 2; i++) {
    (void)close(said[i]);
    (void)close(go[i]);
  }
  store_end();
}

TestSuite(store_crash, .init = begin, .fini = end);

static void say(const void *what, size_t size)
{
  if (write(said[1], what, size) != (ssize_t)size)
    _exit(99);
}

static void hear(void *what, size_t size)
{
  cr_assert_eq(read(said[0], what, size), (ssize_t)size);
}

/* A child that says what the function returned, and then waits to be killed:
 * no child ends by itself, with what the test has at that moment. */
static pid_t start(int (*function)(void))
{
  pid_t child = fork();
  int result;

  cr_assert_geq(child, 0);
  if (child == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    result = function();
    say(&result, sizeof result);
    for (;;)
      (void)pause();
  }
  return child;
}

static void finish(pid_t child)
{
  int status = 0;

  cr_assert_eq(kill(child, SIGKILL), 0);
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%d", status);
}

/* What a function returns in a child, killed when it has. */
static int in_child(int (*function)(void))
{
  pid_t child = start(function);
  int result = -1;

  hear(&result, sizeof result);
  finish(child);
  return result;
}

static int stop_before_commit(void)
{
  return store_open() && store_put_job() && store_commit() &&
         store_put_write("1") != 0 && store_commit() &&
         store_put_write("2") != 0;
}

static int stop_after_commit(void)
{
  return store_open() && store_put_write("2") != 0 && store_commit();
}

Test(store_crash, a_commit_is_what_survives)
{
  cr_assert(in_child(stop_before_commit));
  store_holds(1);
  store_close();
  cr_assert(in_child(stop_after_commit));
  store_holds(2);
}

/* Says the number of each write once it is committed, and never ends. */
static int commit_for_ever(void)
{
  int64_t number;

  if (!store_open() || !store_put_job())
    return 1;
  while ((number = store_put_write("1")) != 0 &&
         (number % 2 == 0 ? store_commit() : store_commit_beside()))
    say(&number, sizeof number);
  return 2;
}

Test(store_crash, killed_at_any_time)
{
  enum { ROUNDS = 20 };
  int64_t last = 0, number;
  long found;

  for (int round = 0; round < ROUNDS; round++) {
    pid_t child = start(commit_for_ever);
    struct pollfd more = {.fd = said[0], .events = POLLIN};

    for (int i = 0; i <= round; i++)
      hear(&last, sizeof last);
    (void)usleep((useconds_t)(round * 331));
    finish(child);
    while (poll(&more, 1, 0) == 1) {
      hear(&number, sizeof number);
      last = number;
    }
    cr_assert(store_open(), "%s", store_error.message);
    found = store_count();
    cr_assert(found == last || found == last + 1, "%ld writes, said %ld", found,
              (long)last);
    store_close();
  }
}

/* Whether it holds the journal: 'y' or 'n'; 'e': some other failure. */
static int hold(void)
{
  if (store_open())
    return 'y';
  return store_error.kind == SIGNET_ERROR_LOCKED ? 'n' : 'e';
}

Test(store_crash, one_process_at_a_time)
{
  pid_t child = start(hold);
  int answer;

  hear(&answer, sizeof answer);
  cr_assert_eq(answer, 'y');
  store_refuses(SIGNET_ERROR_LOCKED, "in use by another process");
  finish(child);
  cr_assert(store_open() && store_put_job() && store_commit(), "%s",
            store_error.message);
}

/* What fails inside this process must not let go of the lock. */
Test(store_crash, one_store_at_a_time_in_a_process)
{
  signet_store *first;

  cr_assert(store_open() && store_put_job() && store_commit());
  first = store;
  store_refuses(SIGNET_ERROR_LOCKED, "in use");
  cr_assert_eq(in_child(hold), 'n');
  store = first;
  cr_assert(store_put_write("1") != 0 && store_commit(), "%s",
            store_error.message);
}

static int hold_when_told(void)
{
  char byte;

  (void)close(go[1]);
  while (read(go[0], &byte, 1) > 0) {
  }
  return hold();
}

/* Of two that begin at once, one gets it, whether the file is new or not. */
Test(store_crash, two_at_once)
{
  enum { ROUNDS = 20 };

  for (int round = 0; round < ROUNDS; round++) {
    pid_t children[] = {start(hold_when_told), start(hold_when_told)};
    int answers[2];

    cr_assert_eq(close(go[0]) | close(go[1]), 0);
    hear(&answers[0], sizeof answers[0]);
    hear(&answers[1], sizeof answers[1]);
    finish(children[0]);
    finish(children[1]);
    cr_assert((answers[0] == 'y') + (answers[1] == 'y') == 1 &&
                  (answers[0] == 'n') + (answers[1] == 'n') == 1,
              "round %d: %c %c", round, answers[0], answers[1]);
    cr_assert_eq(pipe(go), 0);
    if (round % 2 != 0)
      store_other_account();
  }
}

/* In a fork of the process that opened the store. */
static int use_a_parents_store(void)
{
  bool refused = store_put_write("2") == 0 &&
                 strstr(store_error.message, "a fork") != NULL;

  store_close();
  return refused;
}

Test(store_crash, a_fork_does_no_harm)
{
  cr_assert(store_open() && store_put_job() && store_put_write("1") != 0 &&
            store_commit());
  cr_assert(in_child(use_a_parents_store));
  cr_assert(store_put_write("2") != 0 && store_commit(), "%s",
            store_error.message);
  store_close();
  store_holds(2);
}

static int commit_in_a_transaction_of_the_parent(void)
{
  return !store_commit() && strstr(store_error.message, "a fork") != NULL;
}

Test(store_crash, a_fork_in_a_transaction_does_no_harm)
{
  cr_assert(store_open() && store_put_job() && store_put_write("1") != 0);
  cr_assert(in_child(commit_in_a_transaction_of_the_parent));
  cr_assert(store_commit(), "%s", store_error.message);
  store_close();
  store_holds(1);
}

/* Begins a commit, and puts while that goes on. */
static int stop_in_a_commit(void)
{
  return store_open() && store_put_job() && store_commit() &&
         store_put_write("1") != 0 && store_begin_commit() &&
         store_put_write("2") != 0 &&
         store->operations->end_commit(store, &store_error) &&
         store_put_write("3") != 0;
}

Test(store_crash, what_was_put_in_a_commit_is_not_of_it)
{
  cr_assert(in_child(stop_in_a_commit));
  store_holds(1);
}

static int use_a_commit_of_the_parent(void)
{
  bool refused = !store->operations->end_commit(store, &store_error) &&
                 strstr(store_error.message, "a fork") != NULL &&
                 !store_commit() && store_put_write("2") == 0;

  store_close();
  return refused;
}

Test(store_crash, a_fork_in_a_commit_does_no_harm)
{
  cr_assert(store_open() && store_put_job() && store_put_write("1") != 0 &&
            store_begin_commit());
  cr_assert(in_child(use_a_commit_of_the_parent));
  cr_assert(store->operations->end_commit(store, &store_error), "%s",
            store_error.message);
  store_close();
  store_holds(1);
}
