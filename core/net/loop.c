/* SPDX-License-Identifier: MIT */
/* One epoll descriptor under libcurl's multi_socket interface, timers, and a
 * queue of functions to call. */
#include "model/clock.h"
#include "model/memory.h"
#include "net/loop_internal.h"
#include "net/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
  EVENTS_AT_ONCE = 64,
  DESCRIPTORS_MAXIMUM = 1 << 20,
  IDLE_CONNECTIONS = 4096, /* more than any account has slots */
  ACT_AGAIN_MS = 100,
  PIECES_DROPPED = 64,
  BUSY_STEPS = 16,
  LONGEST_WAIT_MS = 1000 /* what waits stands still while the machine sleeps */
};

/* What epoll knows of a descriptor. A socket that libcurl keeps open between
 * two requests stays registered: `idle` says that libcurl does not look at it
 * now. That is only safe where the loop sees the socket being closed. */
typedef struct watch {
  uint32_t events;  /* 0: not registered */
  uint32_t refused; /* what epoll had no room for, 0: nothing */
  bool ours;        /* opened and closed through the loop */
  bool idle;
} watch;

struct signet_loop {
  int epoll;
  int wake;
  CURLM *multi;
  int64_t transfers_due; /* when libcurl wants to be called, in time that it
                            counts: without sleep; -1: not at all */
  int64_t again_due;     /* when what failed is tried again, -1: nothing did */
  int running;           /* transfers, as libcurl counted them last */
  signet_timers timers;
  watch *watches; /* by descriptor */
  size_t watch_count;
  signet_post_queue posts;
  signet_post_queue early_posts;
  signet_post_queue idle_posts;
  unsigned busy_steps; /* that something idle has waited for */
  signet_notice *notices;
  signet_alarm *alarms;
  signet_sleep sleep;
  atomic_bool awake; /* in a step, and not about to wait */
  uint64_t posted;   /* orders posts */
  size_t callbacks;
  bool stepping;
  bool starved; /* there was no memory for a new socket */
};

int64_t signet_loop_now(const signet_loop *loop)
{
  (void)loop;
  return signet_clock_boot_ms();
}

static watch *watch_of(signet_loop *loop, int descriptor)
{
  size_t index = (size_t)descriptor; /* of a negative one beyond all */
  if (index >= DESCRIPTORS_MAXIMUM)
    return NULL;
  if (index >= loop->watch_count) {
    size_t count = loop->watch_count > 0 ? loop->watch_count : 64;
    while (count <= index)
      count *= 2;
    watch *watches =
        signet_memory_resize(loop->watches, count, sizeof watches[0]);
    if (watches == NULL)
      return NULL;
    memset(watches + loop->watch_count, 0,
           (count - loop->watch_count) * sizeof watches[0]);
    loop->watches = watches;
    loop->watch_count = count;
  }
  return &loop->watches[index];
}

/* Makes epoll look for `events` on a descriptor; 0: not at all. */
static bool set_events(signet_loop *loop, int descriptor, watch *entry,
                       uint32_t events)
{
  if (entry->events == events)
    return true;
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  int action = EPOLL_CTL_MOD;
  if (entry->events == 0)
    action = EPOLL_CTL_ADD;
  else if (events == 0)
    action = EPOLL_CTL_DEL;
  bool done = epoll_ctl(loop->epoll, action, descriptor, &event) == 0;
  /* A descriptor on its way out may be closed already: that is no failure. */
  if (done || events == 0)
    entry->events = events;
  return done;
}

/* The kernel had no room for it: the transfer goes on as soon as it has, or
 * comes to its own time limit. */
static void watch_later(signet_loop *loop, watch *entry, uint32_t events)
{
  entry->refused = events;
  loop->again_due = signet_clock_boot_ms() + ACT_AGAIN_MS;
}

static void watch_again(signet_loop *loop)
{
  for (size_t i = 0; i < loop->watch_count; i++) {
    watch *entry = &loop->watches[i];
    uint32_t events = entry->refused;
    entry->refused = 0;
    if (events != 0 && !set_events(loop, (int)i, entry, events))
      watch_later(loop, entry, events);
  }
}

/* A failure that it told would be the end of every transfer, now and later. */
static int on_socket(CURL *easy, curl_socket_t descriptor, int what, void *user,
                     void *socket_user)
{
  (void)easy;
  (void)socket_user;
  signet_loop *loop = user;
  watch *entry = watch_of(loop, descriptor);
  if (entry == NULL)
    return 0; /* a resolver's, which libcurl looks at by itself too */
  entry->refused = 0;
  entry->idle = what == CURL_POLL_REMOVE;
  /* A reply may come before libcurl has asked to read: that one can write to a
   * connection nobody uses must not look like news from the server. */
  if (entry->idle && entry->ours) {
    set_events(loop, descriptor, entry, EPOLLIN);
    return 0;
  }
  uint32_t events = 0;
  if (what & CURL_POLL_IN) /* CURL_POLL_INOUT is both bits */
    events |= EPOLLIN;
  if (what & CURL_POLL_OUT)
    events |= EPOLLOUT;
  if (!set_events(loop, descriptor, entry, events) && events != 0)
    watch_later(loop, entry, events);
  return 0;
}

static int on_transfers_due(CURLM *multi, long timeout_ms, void *user)
{
  (void)multi;
  signet_loop *loop = user;
  loop->transfers_due =
      timeout_ms < 0 ? -1 : signet_clock_awake_ms() + timeout_ms;
  return 0;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
  signet_loop *loop = user;
  (void)purpose; /* of HTTP there is one */
  int descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC,
                          address->protocol);
  if (descriptor < 0)
    return CURL_SOCKET_BAD;
  watch *entry = watch_of(loop, descriptor);
  if (entry == NULL) {
    loop->starved = true; /* libcurl knows only that there is no connection */
    close(descriptor);
    return CURL_SOCKET_BAD;
  }
  *entry = (watch){.ours = true};
  return descriptor;
}

static int close_socket(void *user, curl_socket_t descriptor)
{
  signet_loop *loop = user;
  watch *entry = watch_of(loop, descriptor);
  if (entry != NULL)
    *entry = (watch){0}; /* closing takes it out of epoll */
  return close(descriptor);
}

void signet_loop_adopt(signet_loop *loop, CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, loop);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
}

bool signet_loop_starved(signet_loop *loop)
{
  bool starved = loop->starved;
  loop->starved = false;
  return starved;
}

/* Only those that are there now: what they post comes in the next step. */
static void run_posts(signet_loop *loop, signet_post_queue *queue)
{
  uint64_t end = loop->posted;
  while (queue->first != NULL && queue->first->order < end) {
    signet_post *post = queue->first;
    signet_loop_unpost(loop, post);
    post->function(post->user);
  }
}

/* These may lead to each other: a commit to requests to be sent. */
static void run_early_posts(signet_loop *loop)
{
  while (loop->early_posts.first != NULL)
    run_posts(loop, &loop->early_posts);
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
  curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
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
  run_posts(loop, &loop->posts);
  if (loop->multi != NULL)
    curl_multi_cleanup(loop->multi);
  if (loop->wake >= 0)
    close(loop->wake);
  if (loop->epoll >= 0)
    close(loop->epoll);
  signet_timers_free(&loop->timers);
  signet_memory_free(loop->watches);
  signet_memory_free(loop);
}

CURLM *signet_loop_multi(signet_loop *loop)
{
  return loop->multi;
}

int signet_loop_fd(const signet_loop *loop)
{
  return loop->epoll;
}

void signet_loop_wake(signet_loop *loop)
{
  int kept = errno; /* a signal handler must leave it as it was */
  uint64_t one = 1;
  ssize_t written = write(loop->wake, &one, sizeof one);
  (void)written; /* full: it is readable already */
  errno = kept;
}

void signet_loop_count(signet_loop *loop)
{
  loop->callbacks++;
}

static void enqueue(signet_loop *loop, signet_post_queue *queue,
                    signet_post *post)
{
  if (post->queued)
    return;
  post->queued = true;
  post->queue = queue;
  post->order = loop->posted++;
  post->next = NULL;
  post->previous = queue->last;
  if (queue->last != NULL)
    queue->last->next = post;
  else
    queue->first = post;
  queue->last = post;
}

void signet_loop_post(signet_loop *loop, signet_post *post)
{
  enqueue(loop, &loop->posts, post);
}

void signet_loop_post_early(signet_loop *loop, signet_post *post)
{
  enqueue(loop, &loop->early_posts, post);
}

void signet_loop_post_idle(signet_loop *loop, signet_post *post)
{
  enqueue(loop, &loop->idle_posts, post);
}

void signet_loop_unpost(signet_loop *loop, signet_post *post)
{
  (void)loop;
  if (!post->queued)
    return;
  signet_post_queue *queue = post->queue;
  post->queued = false;
  if (post->previous != NULL)
    post->previous->next = post->next;
  else
    queue->first = post->next;
  if (post->next != NULL)
    post->next->previous = post->previous;
  else
    queue->last = post->previous;
}

void signet_loop_on_sleep(signet_loop *loop, signet_sleep_fn function,
                          void *user)
{
  loop->sleep.function = function;
  loop->sleep.user = user;
}

void signet_loop_add_sleeper(signet_loop *loop, signet_sleeper *sleeper)
{
  signet_sleep_listen(&loop->sleep, sleeper);
}

void signet_loop_drop_sleeper(signet_loop *loop, signet_sleeper *sleeper)
{
  signet_sleep_unlisten(&loop->sleep, sleeper);
}

void signet_loop_listen(signet_loop *loop, signet_notice *notice)
{
  notice->previous = NULL;
  notice->next = loop->notices;
  if (notice->next != NULL)
    notice->next->previous = notice;
  loop->notices = notice;
}

void signet_loop_unlisten(signet_loop *loop, signet_notice *notice)
{
  if (notice->previous != NULL)
    notice->previous->next = notice->next;
  else
    loop->notices = notice->next;
  if (notice->next != NULL)
    notice->next->previous = notice->previous;
}

void signet_loop_tell(signet_loop *loop, signet_notice *notice)
{
  atomic_store(&notice->told, true);
  if (!atomic_load(&loop->awake))
    signet_loop_wake(loop);
}

/* Each may end itself, but no other. */
static void run_notices(signet_loop *loop)
{
  signet_notice *next;
  for (signet_notice *notice = loop->notices; notice != NULL; notice = next) {
    next = notice->next;
    if (atomic_exchange(&notice->told, false))
      notice->function(notice->user);
  }
}

static bool open_alarm(signet_loop *loop, signet_alarm *alarm)
{
  int descriptor = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  if (descriptor < 0)
    return false;
  if (descriptor == 0 ||
      epoll_ctl(loop->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    close(descriptor);
    return false;
  }
  alarm->descriptor = descriptor;
  alarm->next = loop->alarms;
  loop->alarms = alarm;
  return true;
}

bool signet_alarm_set(signet_loop *loop, signet_alarm *alarm, int64_t delay_ns)
{
  enum { NS_PER_SECOND = 1000000000 };
  const struct itimerspec when = {
      .it_value = {.tv_sec = (time_t)(delay_ns / NS_PER_SECOND),
                   .tv_nsec = (long)(delay_ns % NS_PER_SECOND)}};
  return (alarm->descriptor > 0 || open_alarm(loop, alarm)) &&
         timerfd_settime(alarm->descriptor, 0, &when, NULL) == 0;
}

void signet_alarm_end(signet_loop *loop, signet_alarm *alarm)
{
  signet_alarm **at = &loop->alarms;
  if (alarm->descriptor <= 0)
    return;
  while (*at != alarm)
    at = &(*at)->next;
  *at = alarm->next;
  close(alarm->descriptor);
  alarm->descriptor = 0;
}

/* Whether the descriptor is an alarm's, which then rings: it may end itself. */
static bool ring(const signet_loop *loop, int descriptor)
{
  signet_alarm *alarm = loop->alarms;
  uint64_t count;
  while (alarm != NULL && alarm->descriptor != descriptor)
    alarm = alarm->next;
  if (alarm == NULL)
    return false;
  if (read(descriptor, &count, sizeof count) == (ssize_t)sizeof count)
    alarm->function(alarm->user);
  return true;
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
  if (loop->posts.first != NULL || loop->early_posts.first != NULL ||
      loop->idle_posts.first != NULL)
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
  loop->again_due = signet_clock_boot_ms() + ACT_AGAIN_MS;
}

static void run_again(signet_loop *loop)
{
  if (loop->again_due < 0 || loop->again_due > signet_clock_boot_ms())
    return;
  loop->again_due = -1;
  watch_again(loop);
  act(loop, CURL_SOCKET_TIMEOUT, 0);
}

static void run_transfers(signet_loop *loop)
{
  if (loop->transfers_due < 0 || loop->transfers_due > signet_clock_awake_ms())
    return;
  loop->transfers_due = -1; /* libcurl sets it again if it wants */
  act(loop, CURL_SOCKET_TIMEOUT, 0);
}

/* The server closed a connection that nobody uses, or says on it what nobody
 * asked for: a reply that came twice would be taken for the answer to the next
 * request. Once it is emptied and shut, libcurl sees that it is of no use. */
static void drop_idle(signet_loop *loop, int descriptor, watch *entry)
{
  char rest[4096];
  set_events(loop, descriptor, entry, 0);
  for (int i = 0; i < PIECES_DROPPED; i++)
    if (recv(descriptor, rest, sizeof rest, MSG_DONTWAIT) <= 0)
      break;
  shutdown(descriptor, SHUT_RDWR);
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
  if (loop->alarms != NULL && ring(loop, descriptor))
    return;
  watch *entry = watch_of(loop, descriptor);
  if (entry == NULL || entry->events == 0)
    return; /* closed by an earlier event of the same wait */
  if (entry->idle) {
    drop_idle(loop, descriptor, entry);
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

static bool is_told(const signet_loop *loop)
{
  for (const signet_notice *notice = loop->notices; notice != NULL;
       notice = notice->next)
    if (atomic_load(&notice->told))
      return true;
  return false;
}

/* Whatever the connections were good for before, the other side may have given
 * them up: nobody uses them again, and transfers end that are under way. A
 * reply that is here already is still read. */
static void give_up_connections(signet_loop *loop)
{
  for (size_t i = 0; i < loop->watch_count; i++) {
    watch *entry = &loop->watches[i];
    if (entry->ours && entry->idle)
      drop_idle(loop, (int)i, entry);
    else if (entry->ours)
      shutdown((int)i, SHUT_RDWR);
  }
}

/* @return whether the machine slept since it was looked last */
static bool look_for_sleep(signet_loop *loop)
{
  int64_t slept_ms = signet_sleep_look(&loop->sleep);
  if (slept_ms == 0)
    return false;
  give_up_connections(loop);
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
                         is_told(loop) ? 0 : timeout_ms);
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
    if (count != 0 || timeout_ms == 0 || is_told(loop) ||
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
  if (loop->running > 0 || loop->early_posts.first == NULL)
    return;
  int count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, 0);
  for (int i = 0; i < count; i++) {
    watch *entry = watch_of(loop, events[i].data.fd);
    if (entry != NULL && entry->idle && entry->events != 0)
      drop_idle(loop, events[i].data.fd, entry);
  }
}

/* What is posted for when nothing else is to be done comes before the wait; a
 * loop that is never idle does it all the same, after some steps. */
static int wait_for_events(signet_loop *loop, struct epoll_event *events,
                           int64_t timeout_ms)
{
  int count = wait_for(loop, events, timeout_ms);
  if (loop->idle_posts.first == NULL)
    return count;
  bool busy = count > 0 || loop->posts.first != NULL;
  if (busy && ++loop->busy_steps < BUSY_STEPS)
    return count;
  loop->busy_steps = 0;
  run_posts(loop, &loop->idle_posts);
  run_early_posts(loop);
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
  run_early_posts(loop);
  run_transfers(loop);
  run_again(loop);
  if (run_ended(loop))
    timeout_ms = 0;
  struct epoll_event events[EVENTS_AT_ONCE];
  int count = wait_for_events(loop, events, timeout_ms);
  for (int i = 0; i < count; i++)
    run_event(loop, &events[i]);
  run_notices(loop);
  run_transfers(loop);
  run_ended(loop);
  run_posts(loop, &loop->posts);
  run_timers(loop);
  loop->stepping = false;
  atomic_store(&loop->awake, false);
  if (is_told(loop))
    signet_loop_wake(loop); /* so that who watches the descriptor comes back */
  return loop->callbacks;
}
