/* SPDX-License-Identifier: MIT */
/* The loop without a network: timers, posts, waking, foreign loops. */
#include "net/alarm.h"
#include "net/notice.h"
#include "net/post.h"
#include "net/timeouts.h"
#include "net/timer.h"

#include <criterion/criterion.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static signet_loop *loop;
static char calls[256]; /* a letter a call */

static void begin(void)
{
  loop = signet_loop_new();
  cr_assert_not_null(loop);
  calls[0] = '\0';
}

static void end(void)
{
  signet_loop_free(loop);
}

TestSuite(loop, .init = begin, .fini = end, .timeout = 60);
TestSuite(timer, .init = begin, .fini = end, .timeout = 60);

static void note(void *letter)
{
  size_t length = strlen(calls);
  cr_assert_lt(length + 1, sizeof calls);
  calls[length] = *(const char *)letter;
  calls[length + 1] = '\0';
}

static void *letter(char which)
{
  static char letters[256];
  letters[(unsigned char)which] = which;
  return &letters[(unsigned char)which];
}

static void step_until(size_t count)
{
  while (strlen(calls) < count)
    signet_loop_step(loop, -1);
}

/* ---- the heap ---- */

static bool take(signet_timers *timers, int64_t now, char *which)
{
  signet_timer_fn function;
  void *user;
  if (!signet_timers_take(timers, now, UINT64_MAX, &function, &user))
    return false;
  *which = *(const char *)user;
  return true;
}

Test(timer, earliest_first_and_in_order_of_starting)
{
  signet_timers timers = {0};
  char which;
  cr_expect_eq(signet_timers_next(&timers), -1);
  cr_expect_not(take(&timers, INT64_MAX, &which));
  signet_timers_add(&timers, 20, note, letter('c'));
  signet_timers_add(&timers, 10, note, letter('a'));
  signet_timers_add(&timers, 20, note, letter('d'));
  signet_timers_add(&timers, 10, note, letter('b'));
  cr_expect_eq(signet_timers_next(&timers), 10);
  cr_expect_not(take(&timers, 9, &which));
  for (const char *expected = "ab"; *expected != '\0'; expected++) {
    cr_assert(take(&timers, 10, &which));
    cr_expect_eq(which, *expected);
  }
  cr_expect_not(take(&timers, 19, &which));
  for (const char *expected = "cd"; *expected != '\0'; expected++) {
    cr_assert(take(&timers, 25, &which));
    cr_expect_eq(which, *expected);
  }
  cr_expect_eq(signet_timers_next(&timers), -1);
  signet_timers_free(&timers);
}

/* Random starts and cancels beside a plain array. */
Test(timer, heap_against_a_plain_search)
{
  enum { TIMERS = 400, ROUNDS = 20000 };
  static signet_timer *handles[TIMERS];
  static int64_t due[TIMERS]; /* -1: not set */
  static size_t places[TIMERS];
  signet_timers timers = {0};
  srand(7);
  for (size_t i = 0; i < TIMERS; i++) {
    due[i] = -1;
    places[i] = i;
  }
  for (int round = 0; round < ROUNDS; round++) {
    size_t at = (size_t)rand() % TIMERS;
    if (due[at] >= 0) {
      signet_timer_cancel(handles[at]);
      due[at] = -1;
    } else {
      due[at] = rand() % 1000;
      handles[at] = signet_timers_add(&timers, due[at], note, &places[at]);
    }
    int64_t earliest = -1;
    for (size_t i = 0; i < TIMERS; i++)
      if (due[i] >= 0 && (earliest < 0 || due[i] < earliest))
        earliest = due[i];
    cr_assert_eq(signet_timers_next(&timers), earliest, "round %d", round);
  }
  int64_t last = 0;
  signet_timer_fn function;
  void *user;
  size_t left = timers.count;
  while (signet_timers_take(&timers, 1000, UINT64_MAX, &function, &user)) {
    size_t at = *(size_t *)user;
    cr_assert_geq(due[at], last);
    last = due[at];
    left--;
  }
  cr_expect_eq(left, 0);
  signet_timers_free(&timers);
}

/* ---- timers on the loop ---- */

Test(timer, run_in_order_of_time)
{
  signet_timer_start(loop, 20, note, letter('c'));
  signet_timer_start(loop, 1, note, letter('b'));
  signet_timer_start(loop, -5, note, letter('a'));
  step_until(3);
  cr_expect_str_eq(calls, "abc");
  cr_expect_eq(signet_loop_timeout(loop), -1);
}

Test(timer, cancelled_ones_never_run)
{
  signet_timer_cancel(NULL);
  signet_timer *first = signet_timer_start(loop, 0, note, letter('x'));
  signet_timer *second = signet_timer_start(loop, 1, note, letter('x'));
  signet_timer_start(loop, 2, note, letter('a'));
  signet_timer_cancel(second);
  signet_timer_cancel(first);
  step_until(1);
  signet_loop_step(loop, 5);
  cr_expect_str_eq(calls, "a");
}

static signet_timer *victim;

static void cancel_victim(void *which)
{
  note(which);
  signet_timer_cancel(victim);
}

Test(timer, one_may_cancel_another_that_is_due_too)
{
  signet_timer_start(loop, 0, cancel_victim, letter('a'));
  victim = signet_timer_start(loop, 0, note, letter('x'));
  signet_timer_start(loop, 0, note, letter('b'));
  step_until(2);
  signet_loop_step(loop, 0);
  cr_expect_str_eq(calls, "ab");
}

static void start_again(void *which)
{
  note(which);
  if (strlen(calls) < 100)
    signet_timer_start(loop, 0, start_again, which);
}

Test(timer, one_that_starts_itself_again_waits_for_the_next_step)
{
  for (int i = 0; i < 50; i++)
    signet_timer_start(loop, 3600 * 1000, note, letter('x'));
  signet_timer_start(loop, 0, start_again, letter('a'));
  for (size_t steps = 1; steps <= 10; steps++) {
    cr_expect_eq(signet_loop_step(loop, -1), 1);
    cr_expect_eq(strlen(calls), steps, "step %zu", steps);
  }
}

Test(timer, all_that_are_due_run_in_one_step)
{
  for (int i = 0; i < 100; i++)
    signet_timer_start(loop, 0, note, letter('a'));
  cr_expect_eq(signet_loop_step(loop, -1), 100);
}

Test(timer, none_runs_early)
{
  int64_t began = signet_loop_now(loop);
  signet_timer_start(loop, 30, note, letter('a'));
  step_until(1);
  cr_expect_geq(signet_loop_now(loop) - began, 30);
}

Test(timer, a_delay_beyond_time_is_never)
{
  signet_timer_start(loop, INT64_MAX, note, letter('x'));
  cr_expect_eq(signet_loop_timeout(loop), 1000, "a second at most");
  cr_expect_eq(signet_loop_step(loop, 0), 0);
  signet_timer_start(loop, 0, note, letter('a'));
  step_until(1);
  cr_expect_str_eq(calls, "a");
}

/* ---- timeouts ---- */

Test(loop, timeout_is_that_of_the_next_timer)
{
  cr_expect_eq(signet_loop_timeout(loop), -1);
  signet_timer *timer = signet_timer_start(loop, 500, note, letter('x'));
  int64_t timeout = signet_loop_timeout(loop);
  cr_expect(timeout > 0 && timeout <= 500, "%d", (int)timeout);
  signet_timer *sooner = signet_timer_start(loop, 0, note, letter('x'));
  cr_expect_eq(signet_loop_timeout(loop), 0);
  signet_timer_cancel(sooner);
  cr_expect_gt(signet_loop_timeout(loop), 0);
  signet_timer_cancel(timer);
  cr_expect_eq(signet_loop_timeout(loop), -1);
}

Test(loop, a_step_waits_as_long_as_told_and_no_longer)
{
  int64_t began = signet_loop_now(loop);
  cr_expect_eq(signet_loop_step(loop, 0), 0);
  cr_expect_lt(signet_loop_now(loop) - began, 1000);
  began = signet_loop_now(loop);
  signet_timer_start(loop, 3600 * 1000, note, letter('x'));
  cr_expect_eq(signet_loop_step(loop, 20), 0);
  cr_expect_geq(signet_loop_now(loop) - began, 19);
  cr_expect_lt(signet_loop_now(loop) - began, 20 * 1000);
}

static void step_within(void *which)
{
  note(which);
  cr_expect_eq(signet_loop_step(loop, -1), 0);
}

Test(loop, a_callback_can_not_step_the_loop)
{
  signet_timer_start(loop, 0, step_within, letter('a'));
  signet_timer_start(loop, 0, note, letter('b'));
  step_until(2);
  cr_expect_str_eq(calls, "ab");
}

Test(loop, free_drops_timers)
{
  signet_loop *other = signet_loop_new();
  signet_timer_start(other, 0, note, letter('x'));
  signet_loop_free(other);
  signet_loop_free(NULL);
  cr_expect_str_eq(calls, "");
}

/* ---- alarms ---- */

Test(loop, an_alarm_rings_once_and_not_before_its_time)
{
  signet_alarm alarm = {.function = note, .user = letter('a')};
  struct timespec began, now;
  clock_gettime(CLOCK_MONOTONIC, &began);
  cr_assert(signet_alarm_set(loop, &alarm, 1500000));
  struct pollfd watched = {.fd = signet_loop_fd(loop), .events = POLLIN};
  cr_expect_eq(poll(&watched, 1, -1), 1, "a foreign loop is woken too");
  while (calls[0] == '\0')
    signet_loop_step(loop, -1);
  clock_gettime(CLOCK_MONOTONIC, &now);
  cr_expect_geq((now.tv_sec - began.tv_sec) * 1000000000 + now.tv_nsec -
                    began.tv_nsec,
                1500000);
  signet_loop_step(loop, 5);
  cr_expect_str_eq(calls, "a");
  signet_alarm_end(loop, &alarm);
  signet_alarm_end(loop, &alarm);
}

Test(loop, an_alarm_is_set_anew_or_ended)
{
  signet_alarm never = {.function = note, .user = letter('n')};
  signet_alarm alarm = {.function = note, .user = letter('a')};
  signet_alarm_end(loop, &never);
  cr_assert(signet_alarm_set(loop, &alarm, 3600 * INT64_C(1000000000)));
  cr_assert(signet_alarm_set(loop, &never, 1));
  signet_alarm_end(loop, &never);
  cr_assert(signet_alarm_set(loop, &alarm, 1));
  while (calls[0] == '\0')
    signet_loop_step(loop, -1);
  cr_expect_str_eq(calls, "a");
  signet_alarm_end(loop, &alarm);
}

/* ---- posts ---- */

static signet_post post_a;
static signet_post post_b;
static signet_post post_c;

static void post(signet_post *which, void (*function)(void *), char mark)
{
  which->function = function;
  which->user = letter(mark);
  signet_loop_post(loop, which);
}

Test(loop, posts_run_in_order_and_once)
{
  post(&post_b, note, 'b');
  post(&post_a, note, 'a');
  signet_loop_post(loop, &post_b); /* it is queued already */
  cr_expect_eq(signet_loop_timeout(loop), 0);
  signet_loop_step(loop, -1);
  cr_expect_str_eq(calls, "ba");
  cr_expect_eq(signet_loop_timeout(loop), -1);
  signet_loop_post(loop, &post_a);
  signet_loop_step(loop, -1);
  cr_expect_str_eq(calls, "baa");
}

static void make_readable(void *which)
{
  note(which);
  signet_loop_wake(loop);
  signet_loop_post(loop, &post_a);
}

/* Nothing idle comes while there are events and posts; but not for ever. */
Test(loop, idle_posts_wait_until_there_is_nothing_else)
{
  post(&post_a, note, 'a');
  post_b = (signet_post){.function = note, .user = letter('b')};
  signet_loop_post_idle(loop, &post_b);
  cr_expect_eq(signet_loop_timeout(loop), 0);
  signet_loop_step(loop, 0);
  cr_expect_str_eq(calls, "a");
  signet_loop_step(loop, 0);
  cr_expect_str_eq(calls, "ab");
  cr_expect_eq(signet_loop_timeout(loop), -1);
  calls[0] = '\0';
  post(&post_a, make_readable, 'a');
  signet_loop_post_idle(loop, &post_b);
  for (int i = 0; i < 40 && strchr(calls, 'b') == NULL; i++)
    signet_loop_step(loop, 0);
  cr_expect_not_null(strchr(calls, 'b'), "never: %s", calls);
  cr_expect_gt(strlen(calls), 5, "at once: %s", calls);
}

/* What an idle post posts early is of the same step. */
static void post_c_early(void *which)
{
  note(which);
  signet_loop_post_early(loop, &post_c);
}

Test(loop, idle_posts_lead_to_early_ones)
{
  post_c = (signet_post){.function = note, .user = letter('c')};
  post_b = (signet_post){.function = post_c_early, .user = letter('b')};
  signet_loop_post_idle(loop, &post_b);
  signet_loop_step(loop, 0);
  cr_expect_str_eq(calls, "bc");
}

static signet_notice notice_a;
static signet_notice notice_b;

static void *tell_later(void *which)
{
  usleep(20 * 1000);
  signet_loop_tell(loop, which);
  return NULL;
}

Test(loop, another_thread_tells_it)
{
  pthread_t thread;
  notice_a = (signet_notice){.function = note, .user = letter('a')};
  notice_b = (signet_notice){.function = note, .user = letter('b')};
  signet_loop_listen(loop, &notice_a);
  signet_loop_listen(loop, &notice_b);
  cr_assert_eq(pthread_create(&thread, NULL, tell_later, &notice_a), 0);
  signet_loop_step(loop, -1);
  cr_assert_eq(pthread_join(thread, NULL), 0);
  while (calls[0] == '\0')
    signet_loop_step(loop, -1);
  cr_expect_str_eq(calls, "a");
  signet_loop_tell(loop, &notice_b);
  signet_loop_tell(loop, &notice_b);
  signet_loop_step(loop, -1);
  cr_expect_str_eq(calls, "ab", "once for any number of times");
  signet_loop_unlisten(loop, &notice_a);
  signet_loop_unlisten(loop, &notice_b);
}

/* A host that watches the descriptor is told through that. */
Test(loop, the_descriptor_is_readable_for_a_notice)
{
  struct pollfd entry = {.fd = signet_loop_fd(loop), .events = POLLIN};
  notice_a = (signet_notice){.function = note, .user = letter('a')};
  signet_loop_listen(loop, &notice_a);
  signet_loop_tell(loop, &notice_a);
  cr_assert_eq(poll(&entry, 1, 1000), 1);
  signet_loop_step(loop, 0);
  cr_expect_str_eq(calls, "a");
  signet_loop_unlisten(loop, &notice_a);
}

Test(loop, unposted_from_the_front_the_middle_and_the_end)
{
  signet_post *const posts[] = {&post_a, &post_b, &post_c};
  static const char *const expected[] = {"bc", "ac", "ab"};
  for (size_t i = 0; i < 3; i++) {
    calls[0] = '\0';
    post(&post_a, note, 'a');
    post(&post_b, note, 'b');
    post(&post_c, note, 'c');
    signet_loop_unpost(loop, posts[i]);
    signet_loop_unpost(loop, posts[i]);
    signet_loop_step(loop, 0);
    cr_expect_str_eq(calls, expected[i]);
  }
}

static void post_again(void *which)
{
  note(which);
  if (strlen(calls) < 50)
    signet_loop_post(loop, &post_a);
}

static void unpost_c(void *which)
{
  note(which);
  signet_loop_unpost(loop, &post_c);
}

Test(loop, what_a_post_posts_waits_for_the_next_step)
{
  post(&post_a, post_again, 'a');
  for (size_t steps = 1; steps <= 5; steps++) {
    signet_loop_step(loop, -1);
    cr_expect_eq(strlen(calls), steps);
  }
}

Test(loop, even_if_the_last_post_was_taken_back_meanwhile)
{
  post(&post_a, post_again, 'a');
  post(&post_b, unpost_c, 'b');
  post(&post_c, note, 'x');
  signet_loop_step(loop, -1);
  cr_expect_str_eq(calls, "ab");
  signet_loop_step(loop, -1);
  cr_expect_str_eq(calls, "aba");
}

/* ---- waking and foreign loops ---- */

static void *wake_soon(void *unused)
{
  (void)unused;
  nanosleep(&(struct timespec){.tv_nsec = 30 * 1000 * 1000}, NULL);
  signet_loop_wake(loop);
  return NULL;
}

Test(loop, a_thread_wakes_a_step_that_would_wait_for_ever)
{
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, wake_soon, NULL), 0);
  cr_expect_eq(signet_loop_step(loop, -1), 0);
  pthread_join(thread, NULL);
}

Test(loop, wakes_add_up_to_one)
{
  for (int i = 0; i < 1000; i++)
    signet_loop_wake(loop);
  cr_expect_eq(signet_loop_step(loop, -1), 0);
  struct pollfd entry = {.fd = signet_loop_fd(loop), .events = POLLIN};
  cr_expect_eq(poll(&entry, 1, 0), 0, "still readable");
}

Test(loop, a_wake_before_the_step_counts)
{
  signet_loop_wake(loop);
  struct pollfd entry = {.fd = signet_loop_fd(loop), .events = POLLIN};
  cr_expect_eq(poll(&entry, 1, 1000), 1);
  cr_expect_eq(signet_loop_step(loop, -1), 0);
}

Test(loop, embedded_in_a_foreign_poll_loop)
{
  static const char delays[] = {30, 10, 0, 20};
  for (size_t i = 0; i < sizeof delays; i++)
    signet_timer_start(loop, delays[i], note, letter("dbac"[i]));
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, wake_soon, NULL), 0);
  int turns = 0;
  while (strlen(calls) < 4) {
    struct pollfd entry = {.fd = signet_loop_fd(loop), .events = POLLIN};
    cr_assert_geq(poll(&entry, 1, (int)signet_loop_timeout(loop)), 0);
    signet_loop_step(loop, 0);
    turns++;
  }
  pthread_join(thread, NULL);
  cr_expect_str_eq(calls, "abcd");
  cr_expect_lt(turns, 60, "%d turns: it spins", turns);
}

Test(loop, version_is_one)
{
  int parts[3];
  cr_expect_eq(
      sscanf(signet_version(), "%d.%d.%d", &parts[0], &parts[1], &parts[2]), 3);
}

Test(loop, the_allocator_can_not_change_any_more)
{
  signet_allocator allocator = {malloc, realloc, free};
  cr_expect(signet_global_init(NULL));
  cr_expect_not(signet_global_init(&allocator));
  cr_expect(signet_global_init(NULL));
}

/* ---- notices, and waits beyond all measure ---- */

Test(loop, notices_leave_from_the_front_the_middle_and_the_end)
{
  signet_notice notices[4];
  for (size_t i = 0; i < 4; i++) {
    notices[i] = (signet_notice){.function = note,
                                 .user = letter((char)('a' + (char)i))};
    signet_loop_listen(loop, &notices[i]);
  }
  signet_loop_unlisten(loop, &notices[1]);
  signet_loop_unlisten(loop, &notices[3]);
  for (size_t i = 0; i < 4; i++)
    signet_loop_tell(loop, &notices[i]);
  signet_loop_step(loop, 0);
  cr_expect_eq(strlen(calls), 2);
  cr_expect_not_null(strchr(calls, 'a'));
  cr_expect_not_null(strchr(calls, 'c'));
  signet_loop_unlisten(loop, &notices[0]);
  signet_loop_tell(loop, &notices[2]);
  signet_loop_step(loop, 0);
  cr_expect_eq(strlen(calls), 3);
  signet_loop_unlisten(loop, &notices[2]);
  signet_loop_step(loop, 0);
  cr_expect_eq(strlen(calls), 3);
}

Test(loop, a_step_may_be_told_to_wait_for_ever)
{
  signet_loop_wake(loop);
  cr_expect_eq(signet_loop_step(loop, INT64_MAX), 0);
  signet_timer_start(loop, INT64_C(1) << 50, note, letter('t'));
  signet_loop_wake(loop);
  cr_expect_eq(signet_loop_step(loop, -1), 0);
  cr_expect_str_eq(calls, "");
}

/* ---- how often the speed is looked at ---- */

Test(rate, the_speed_is_looked_at_in_proportion)
{
  static const struct {
    size_t low_speed;
    int64_t low_speed_ms;
    int64_t look_ms;
  } cases[] = {{0, 1000, 0},   {1, 0, 0},        {1, -1, 0},
               {1, 1, 20},     {1, 199, 20},     {1, 200, 20},
               {1, 5000, 500}, {1, 10000, 1000}, {1, 60000, 1000}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const signet_timeouts limits = {.low_speed = cases[i].low_speed,
                                    .low_speed_ms = cases[i].low_speed_ms};
    cr_expect_eq(signet_timeouts_look_ms(&limits), cases[i].look_ms, "%zu", i);
  }
}

Test(rate, the_speed_is_told_in_words)
{
  static const struct {
    size_t low_speed;
    const char *words;
  } cases[] = {{1, "less than 1 byte a second came for 30 s "},
               {1000, "less than 1000 bytes a second came for 30 s "}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const signet_timeouts limits = {.low_speed = cases[i].low_speed,
                                    .low_speed_ms = 30000};
    char text[120];
    signet_speed_explain(&limits, text, sizeof text);
    cr_expect_eq(strstr(text, cases[i].words), text, "%s", text);
  }
}
