/* SPDX-License-Identifier: MIT */
#include "host/system/interrupt.h"

#include "host/system/keys.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };
/* After a deadline there may be nobody to give up what takes long. */
enum { FINISH_SECONDS = 5 };

/* A signal handler has nothing but statics to go by. */
static signet_engine *volatile target; /* NULL: none runs … */
static signet_loop *volatile woken; /* … but maybe who turns this loop does */
static volatile sig_atomic_t asked; /* how often the latter was to end */
static volatile sig_atomic_t steps; /* of pace, asked of the latter */
static volatile sig_atomic_t count;
static volatile sig_atomic_t say_so;
static volatile sig_atomic_t on_terminal;
static volatile sig_atomic_t late;
static struct sigaction former[NUMBERS];

/* Slower, faster. */
static const int pace_numbers[] = {SIGUSR1, SIGUSR2};
static struct sigaction former_pace[2];
static timer_t alarm_timer; /* of the deadline, if … */
static bool has_alarm;

static void say(const char *text)
{
  static const char clear[] = "\r\x1b[K";

  if (on_terminal)
    (void)!write(STDERR_FILENO, clear, sizeof clear - 1);
  (void)!write(STDERR_FILENO, text, strlen(text));
}

static bool runs(void)
{
  return target != NULL || woken != NULL;
}

static void interrupt(void)
{
  if (target != NULL) {
    signet_engine_interrupt(target);
  } else if (woken != NULL) {
    asked++;
    signet_loop_wake(woken);
  }
}

void signet_host_interrupt_change_pace(int by)
{
  if (target != NULL) {
    signet_engine_change_pace(target, by);
  } else if (woken != NULL) {
    steps += by;
    signet_loop_wake(woken);
  }
}

static void take_signal(int number)
{
  int kept = errno;

  count++;
  interrupt();
  if (say_so && count == 1) {
    say("interrupted: finishing what is in flight, starting nothing new "
        "(once more gives that up)\n");
  } else if (say_so && count == 2) {
    say("interrupted again: giving up what is in flight\n");
  }
  if (count >= 2) {
    signet_host_keys_restore(); /* the next one ends the process */
    (void)signal(number, SIG_DFL);
  }
  errno = kept;
}

static void take_pace(int number)
{
  int kept = errno;

  signet_host_interrupt_change_pace(number == SIGUSR2 ? 1 : -1);
  errno = kept;
}

/* The deadline, and the end of what was in flight then. Who was interrupted
 * already is ending anyway. */
static void take_alarm(int number)
{
  int kept = errno;

  (void)number;
  if (runs() && count == late && count < 2) {
    late++;
    count++;
    interrupt();
    if (say_so) {
      say(late == 1 ? "the deadline has passed: finishing what is in flight "
                      "within 5 s, starting nothing new\n"
                    : "the deadline passed 5 s ago: giving up what is in "
                      "flight\n");
    }
  }
  errno = kept;
}

/* A timer that goes on while the machine sleeps, which setitimer's do not. */
static bool need_alarm(void)
{
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                           .sigev_signo = SIGALRM};

  has_alarm =
      has_alarm || timer_create(CLOCK_BOOTTIME, &event, &alarm_timer) == 0;
  return has_alarm;
}

static void set_alarm(double seconds)
{
  struct itimerspec when = {{FINISH_SECONDS, 0}, {0, 0}};

  if (!need_alarm())
    return;
  when.it_value.tv_sec = (time_t)seconds;
  when.it_value.tv_nsec =
      (long)((seconds - (double)when.it_value.tv_sec) * 1e9);
  (void)timer_settime(alarm_timer, 0, &when, NULL);
}

static void stop_alarm(void)
{
  const struct itimerspec never = {{0, 0}, {0, 0}};

  if (has_alarm)
    (void)timer_settime(alarm_timer, 0, &never, NULL);
}

void signet_host_interrupt_after(double seconds)
{
  struct sigaction action = {.sa_handler = take_alarm, .sa_flags = SA_RESTART};

  (void)sigaction(SIGALRM, &action, NULL);
  set_alarm(seconds);
}

int signet_host_interrupt_count(void)
{
  return (int)count;
}

bool signet_host_interrupt_by_deadline(void)
{
  return late != 0;
}

void signet_host_interrupt_prepare(void)
{
  for (size_t i = 0; i < 2; i++)
    (void)signal(pace_numbers[i], SIG_IGN);
}

/* Once it is set whom they go to. */
static void begin(const struct terminal *terminal, bool say)
{
  struct sigaction action = {.sa_handler = take_signal, .sa_flags = SA_RESTART};

  count = 0;
  late = 0;
  say_so = say;
  on_terminal = terminal->error_tty;
  for (size_t i = 0; i < NUMBERS; i++)
    (void)sigaddset(&action.sa_mask, numbers[i]);
  for (size_t i = 0; i < NUMBERS; i++) {
    (void)sigaction(numbers[i], NULL, &former[i]);
    /* What was ignored at the start (nohup) stays ignored. */
    if (former[i].sa_handler != SIG_IGN)
      (void)sigaction(numbers[i], &action, NULL);
  }
  action.sa_handler = take_pace;
  for (size_t i = 0; i < 2; i++)
    (void)sigaction(pace_numbers[i], &action, &former_pace[i]);
}

void signet_host_interrupt_begin(signet_engine *engine,
                                 const struct terminal *terminal, bool say)
{
  target = engine;
  begin(terminal, say);
}

void signet_host_interrupt_begin_loop(signet_loop *loop,
                                      const struct terminal *terminal, bool say)
{
  woken = loop;
  asked = 0;
  steps = 0;
  begin(terminal, say);
}

int signet_host_interrupt_asked(void)
{
  return asked;
}

int signet_host_interrupt_pace(void)
{
  int by = steps;

  steps -= by;
  return by;
}

void signet_host_interrupt_end(void)
{
  for (size_t i = 0; i < 2; i++)
    (void)sigaction(pace_numbers[i], &former_pace[i], NULL);
  stop_alarm();
  for (size_t i = 0; i < NUMBERS; i++)
    (void)sigaction(numbers[i], &former[i], NULL);
  target = NULL;
  woken = NULL;
}

void signet_host_interrupt_now(void)
{
  interrupt();
}
