/* SPDX-License-Identifier: MIT */
#include "net/alarm.h"

#include "net/loop_state.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

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

bool signet_alarm_ring(const signet_loop *loop, int descriptor)
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
