/* SPDX-License-Identifier: MIT */
#include "net/notice.h"

#include "net/loop_state.h"

#include <errno.h>
#include <unistd.h>

void signet_loop_wake(signet_loop *loop)
{
  int kept = errno; /* a signal handler must leave it as it was */
  uint64_t one = 1;
  ssize_t written = write(loop->wake, &one, sizeof one);
  (void)written; /* full: it is readable already */
  errno = kept;
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

void signet_notices_run(signet_loop *loop)
{
  signet_notice *next;
  for (signet_notice *notice = loop->notices; notice != NULL; notice = next) {
    next = notice->next;
    if (atomic_exchange(&notice->told, false))
      notice->function(notice->user);
  }
}

bool signet_notices_told(const signet_loop *loop)
{
  for (const signet_notice *notice = loop->notices; notice != NULL;
       notice = notice->next)
    if (atomic_load(&notice->told))
      return true;
  return false;
}
