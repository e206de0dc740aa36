/* SPDX-License-Identifier: MIT */
#include "host/system/keys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* A signal handler has nothing but statics to go by. */
static void (*change_pace)(int by);   /* NULL: nobody listens */
static struct termios former;         /* the terminal as it was found */
static volatile sig_atomic_t changed; /* it is ours now */
static volatile sig_atomic_t given_up;

static bool in_foreground(void)
{
  return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void put_back(void)
{
  int kept = errno;

  if (changed) {
    changed = 0;
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &former);
  }
  errno = kept;
}

/* Only in the foreground: elsewhere it would stop the process. */
static void take_over(void)
{
  struct termios ours;

  if (given_up || !in_foreground() || tcgetattr(STDIN_FILENO, &former) != 0)
    return;
  ours = former;
  ours.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  ours.c_cc[VMIN] = 1;
  ours.c_cc[VTIME] = 0;
  changed = 1; /* before: a signal may come in between */
  if (tcsetattr(STDIN_FILENO, TCSADRAIN, &ours) != 0)
    changed = 0;
}

static void on_signal(int number);

static void handle(int number, void (*handler)(int))
{
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

  (void)sigaction(number, &action, NULL);
}

/* Does what the signal would have done, with the terminal put back. */
static void on_signal(int number)
{
  int kept = errno;
  sigset_t only, before;

  put_back();
  handle(number, SIG_DFL);
  (void)sigemptyset(&only);
  (void)sigaddset(&only, number);
  (void)raise(number);
  (void)sigprocmask(SIG_UNBLOCK, &only, &before);
  /* After a stop it goes on here; the next look at the keys takes over. */
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  handle(number, on_signal);
  errno = kept;
}

/* What was ignored when the process began stays ignored. */
static void watch(int number)
{
  struct sigaction action;

  if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
    handle(number, on_signal);
}

void signet_host_keys_begin(void (*press)(int by))
{
  static bool prepared;

  if (change_pace != NULL || given_up || !isatty(STDIN_FILENO) ||
      !isatty(STDERR_FILENO))
    return;
  if (!prepared) {
    prepared = true;
    (void)atexit(put_back);
    watch(SIGTSTP);
    watch(SIGQUIT);
  }
  change_pace = press;
  take_over();
}

static void take(char key)
{
  if (key == '+' || key == '=') /* the same key on most keyboards */
    change_pace(1);
  else if (key == '-' || key == '_')
    change_pace(-1);
}

void signet_host_keys_take(void)
{
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  char keys[64];
  ssize_t count;

  if (change_pace == NULL || !in_foreground())
    return;
  if (!changed)
    take_over(); /* it was stopped, or in the background */
  if (!changed || poll(&input, 1, 0) != 1)
    return;
  count = read(STDIN_FILENO, keys, sizeof keys);
  for (ssize_t i = 0; i < count; i++)
    take(keys[i]);
}

void signet_host_keys_end(void)
{
  change_pace = NULL;
  put_back();
}

void signet_host_keys_restore(void)
{
  given_up = 1;
  put_back();
}
