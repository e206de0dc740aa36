/* SPDX-License-Identifier: MIT */
/* One epoll descriptor under libcurl's multi_socket interface, timers, and a
 * queue of functions to call. */
#include "net/loop.h"

#include "model/clock.h"
#include "model/memory.h"
#include "net/loop_state.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
  EVENTS_AT_ONCE = 64,
  IDLE_CONNECTIONS = 4096, /* more than any account has slots */
  BUSY_STEPS = 16,
  LONGEST_WAIT_MS = 1000 /* what waits stands still while the machine sleeps */
};

int64_t signet_loop_now(const signet_loop *loop)
{
  (void)loop;
  return signet_clock_boot_ms();
}

static int on_transfers_due(CURLM *multi, long timeout_ms, void *user)
{
  (void)multi;
  signet_loop *loop = user;
  loop->transfers_due =
      timeout_ms < 0 ? -1 : signet_clock_awake_ms() + timeout_ms;
  return 0;
}

static bool open_descriptors(signet_loop *loop)
{
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (loop->epoll < 0 || loop->wake < 0)
    return false;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->wake};
  return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) == 0;
}

signet_loop *signet_loop_new(void)
{
  if (!signet_global_init(NULL))
    return NULL;
  signet_loop *loop = signet_memory_zeroed(1, sizeof *loop);
  if (loop == NULL)
    return NULL;
  loop->transfers_due = -1;
  loop->again_due = -1;
  loop->epoll = -1;
  loop->wake = -1;
  signet_sleep_init(&loop->sleep);
  if (open_descriptors(loop))
    loop->multi = curl_multi_init();
  if (loop->multi == NULL) {
    signet_loop_free(loop);
    return NULL;
  }
  curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, signet_sockets_watch);
  curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
  curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_transfers_due);
  curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
  /* By default libcurl keeps four for each transfer in flight, and so closes
   * good ones whenever many end in one turn. */
  curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
  return loop;
}

void signet_loop_free(signet_loop *loop)
{
  if (loop == NULL)
    return;
  /* Calls that ended when their account was closed: they still have to tell
   * whoever started them, or to free themselves. */
  signet_posts_run(loop, &loop->posts.usual);
  if (loop->holders > 0) {
    loop->holders--;
    return;
  }
  if (loop->multi != NULL)
    curl_multi_cleanup(loop->multi);
  if (loop->wake >= 0)
    close(loop->wake);
  if (loop->epoll >= 0)
    close(loop->epoll);
  signet_timers_free(&loop->timers);
  signet_memory_free(loop->sockets.entries);
  signet_memory_free(loop);
}

void signet_loop_hold(signet_loop *loop)
{
  loop->holders++;
}

CURLM *signet_loop_multi(signet_loop *loop)
{
  return loop->multi;
}

int signet_loop_fd(const signet_loop *loop)
{
  return loop->epoll;
}

void signet_loop_count(signet_loop *loop)
{
  loop->callbacks++;
}

signet_timer *signet_timer_start(signet_loop *loop, int64_t delay_ms,
                                 signet_timer_fn function, void *user)
{
  int64_t due;
  if (__builtin_add_overflow(signet_clock_boot_ms(),
                             delay_ms > 0 ? delay_ms : 0, &due))
    due = INT64_MAX;
  return signet_timers_add(&loop->timers, due, function, user);
}

int64_t signet_loop_timeout(signet_loop *loop)
{
  if (loop->posts.usual.first != NULL || loop->posts.early.first != NULL ||
      loop->posts.idle.first != NULL)
    return 0;
  int64_t due = signet_timers_next(&loop->timers);
  if (loop->again_due >= 0 && (due < 0 || loop->again_due < due))
    due = loop->again_due;
  int64_t left = due < 0 ? INT64_MAX : due - signet_clock_boot_ms();
  if (loop->transfers_due >= 0) {
    int64_t transfers_left = loop->transfers_due - signet_clock_awake_ms();
    left = transfers_left < left ? transfers_left : left;
  } else if (due < 0) {
    return -1;
  }
  if (left > LONGEST_WAIT_MS)
    return LONGEST_WAIT_MS;
  return left > 0 ? left : 0;
}

/* Out of memory in the middle of it, libcurl may forget to ask to be called
 * again, and the transfer would wait for ever. */
static void act(signet_loop *loop, curl_socket_t descriptor, int mask)
{
  if (curl_multi_socket_action(loop->multi, descriptor, mask, &loop->running) ==
      CURLM_OK)
    return;
  loop->again_due = signet_clock_boot_ms() + SIGNET_LOOP_AGAIN_MS;
}

static void run_again(signet_loop *loop)
{
  if (loop->again_due < 0 || loop->again_due > signet_clock_boot_ms())
    return;
  loop->again_due = -1;
  signet_sockets_watch_again(loop);
  act(loop, CURL_SOCKET_TIMEOUT, 0);
}

static void run_transfers(signet_loop *loop)
{
  if (loop->transfers_due < 0 || loop->transfers_due > signet_clock_awake_ms())
    return;
  loop->transfers_due = -1; /* libcurl sets it again if it wants */
  act(loop, CURL_SOCKET_TIMEOUT, 0);
}

static void run_event(signet_loop *loop, const struct epoll_event *event)
{
  int descriptor = event->data.fd;
  if (descriptor == loop->wake) {
    uint64_t value;
    ssize_t got = read(loop->wake, &value, sizeof value);
    (void)got;
    return;
  }
  if (loop->alarms != NULL && signet_alarm_ring(loop, descriptor))
    return;
  signet_socket *entry = signet_socket_of(loop, descriptor);
  if (entry == NULL || entry->events == 0)
    return; /* closed by an earlier event of the same wait */
  if (entry->idle) {
    signet_socket_drop_idle(loop, descriptor, entry);
    return;
  }
  int mask = 0;
  if (event->events & EPOLLIN)
    mask |= CURL_CSELECT_IN;
  if (event->events & EPOLLOUT)
    mask |= CURL_CSELECT_OUT;
  if (event->events & (EPOLLERR | EPOLLHUP))
    mask |= CURL_CSELECT_ERR;
  act(loop, descriptor, mask);
}

static bool run_ended(signet_loop *loop)
{
  CURLMsg *message;
  int left;
  bool some = false;
  while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
    /* CURLMSG_DONE: libcurl has no other */
    CURL *easy = message->easy_handle;
    CURLcode code = message->data.result; /* gone after the removal */
    signet_transfer_hook *hook = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&hook);
    curl_multi_remove_handle(loop->multi, easy);
    hook->ended(hook->user, code);
    some = true;
  }
  return some;
}

static void run_timers(signet_loop *loop)
{
  signet_timer_fn function;
  void *user;
  int64_t now = signet_clock_boot_ms();
  /* A timer that starts itself again at once waits for the next step. */
  uint64_t end = loop->timers.started;
  while (signet_timers_take(&loop->timers, now, end, &function, &user)) {
    loop->callbacks++;
    function(user);
  }
}

/* @return whether the machine slept since it was looked last */
static bool look_for_sleep(signet_loop *loop)
{
  int64_t slept_ms = signet_sleep_look(&loop->sleep);
  if (slept_ms == 0)
    return false;
  signet_sockets_give_up(loop);
  signet_sleep_tell(&loop->sleep, slept_ms);
  loop->callbacks++;
  return true;
}

/* Whoever tells the loop something looks whether it is awake, and the loop,
 * before it waits, looks whether it was told something: that saves waking what
 * is awake. */
static int wait_once(signet_loop *loop, struct epoll_event *events,
                     int timeout_ms)
{
  atomic_store(&loop->awake, false);
  int count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE,
                         signet_notices_told(loop) ? 0 : timeout_ms);
  atomic_store(&loop->awake, true);
  return count;
}

/* How long epoll may wait: no longer than asked, no longer than needed. */
static int wait_time(signet_loop *loop, int64_t timeout_ms)
{
  int64_t wait = signet_loop_timeout(loop);
  if (wait < 0 || (timeout_ms >= 0 && timeout_ms < wait))
    wait = timeout_ms;
  if (wait > LONGEST_WAIT_MS)
    wait = LONGEST_WAIT_MS;
  return wait < 0 ? -1 : (int)wait;
}

/* In pieces, and what a sleep made an end of is seen at once. */
static int wait_for(signet_loop *loop, struct epoll_event *events,
                    int64_t timeout_ms)
{
  int64_t end = signet_clock_boot_ms() + timeout_ms;
  for (;;) {
    int count = wait_once(loop, events, wait_time(loop, timeout_ms));
    if (look_for_sleep(loop))
      return wait_once(loop, events, 0);
    if (count != 0 || timeout_ms == 0 || signet_notices_told(loop) ||
        signet_loop_timeout(loop) == 0)
      return count;
    int64_t left = end - signet_clock_boot_ms();
    if (timeout_ms > 0)
      timeout_ms = left > 0 ? left : 0;
  }
}

/* Where requests are about to leave and none is under way, nobody has looked
 * for some time at what came on the connections that they will use. */
static void look_at_idle(signet_loop *loop)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  if (loop->running > 0 || loop->posts.early.first == NULL)
    return;
  int count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, 0);
  for (int i = 0; i < count; i++) {
    signet_socket *entry = signet_socket_of(loop, events[i].data.fd);
    if (entry != NULL && entry->idle && entry->events != 0)
      signet_socket_drop_idle(loop, events[i].data.fd, entry);
  }
}

/* What is posted for when nothing else is to be done comes before the wait; a
 * loop that is never idle does it all the same, after some steps. */
static int wait_for_events(signet_loop *loop, struct epoll_event *events,
                           int64_t timeout_ms)
{
  int count = wait_for(loop, events, timeout_ms);
  if (loop->posts.idle.first == NULL)
    return count;
  bool busy = count > 0 || loop->posts.usual.first != NULL;
  if (busy && ++loop->busy_steps < BUSY_STEPS)
    return count;
  loop->busy_steps = 0;
  signet_posts_run(loop, &loop->posts.idle);
  signet_posts_run_early(loop);
  if (count > 0)
    return count;
  return wait_for(loop, events, timeout_ms);
}

size_t signet_loop_step(signet_loop *loop, int64_t timeout_ms)
{
  if (loop->stepping)
    return 0;
  loop->stepping = true;
  atomic_store(&loop->awake, true);
  loop->callbacks = 0;
  look_for_sleep(loop);
  look_at_idle(loop);
  /* What was asked for since the last step is sent before anything is waited
   * for: the more requests leave together, the fewer wake-ups they cost. */
  signet_posts_run_early(loop);
  run_transfers(loop);
  run_again(loop);
  if (run_ended(loop))
    timeout_ms = 0;
  struct epoll_event events[EVENTS_AT_ONCE];
  int count = wait_for_events(loop, events, timeout_ms);
  for (int i = 0; i < count; i++)
    run_event(loop, &events[i]);
  signet_notices_run(loop);
  run_transfers(loop);
  run_ended(loop);
  signet_posts_run(loop, &loop->posts.usual);
  run_timers(loop);
  loop->stepping = false;
  atomic_store(&loop->awake, false);
  if (signet_notices_told(loop))
    signet_loop_wake(loop); /* so that who watches the descriptor comes back */
  return loop->callbacks;
}
