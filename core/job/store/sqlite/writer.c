/* SPDX-License-Identifier: MIT */
/* A queue of one: the asker never has more than one thing for it to do, and
 * what it may touch meanwhile is clear without looking at any lock. */
#include "job/store/sqlite/writer.h"

#include <signal.h>
#include <stddef.h>

/* One task and its end. The lock is held before and after. */
static void work(signet_writer *writer)
{
  void (*tell)(void *user) = writer->tell;
  void *tell_user = writer->tell_user;

  (void)pthread_mutex_unlock(&writer->lock);
  writer->task(writer->task_user);
  (void)pthread_mutex_lock(&writer->lock);
  writer->task = NULL;
  if (writer->awaited)
    (void)pthread_cond_signal(&writer->ended);
  if (tell != NULL) {
    (void)pthread_mutex_unlock(&writer->lock);
    tell(tell_user);
    (void)pthread_mutex_lock(&writer->lock);
  }
}

static void *run_thread(void *user)
{
  signet_writer *writer = user;

  (void)pthread_mutex_lock(&writer->lock);
  for (;;)
    if (writer->task != NULL)
      work(writer);
    else if (writer->stop)
      break;
    else
      (void)pthread_cond_wait(&writer->asked, &writer->lock);
  (void)pthread_mutex_unlock(&writer->lock);
  return NULL;
}

/* The host's signals go to the host's threads. */
int signet_writer_start(signet_writer *writer)
{
  sigset_t all, before;
  int code;

  *writer = (signet_writer){.lock = PTHREAD_MUTEX_INITIALIZER,
                            .asked = PTHREAD_COND_INITIALIZER,
                            .ended = PTHREAD_COND_INITIALIZER};
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  code = pthread_create(&writer->thread, NULL, run_thread, writer);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

static void wait_locked(signet_writer *writer)
{
  writer->awaited = true;
  while (writer->task != NULL)
    (void)pthread_cond_wait(&writer->ended, &writer->lock);
  writer->awaited = false;
}

void signet_writer_begin(signet_writer *writer, void (*task)(void *user),
                         void *user, void (*tell)(void *user), void *tell_user)
{
  (void)pthread_mutex_lock(&writer->lock);
  wait_locked(writer);
  writer->task = task;
  writer->task_user = user;
  writer->tell = tell;
  writer->tell_user = tell_user;
  (void)pthread_cond_signal(&writer->asked);
  (void)pthread_mutex_unlock(&writer->lock);
}

void signet_writer_wait(signet_writer *writer)
{
  (void)pthread_mutex_lock(&writer->lock);
  wait_locked(writer);
  (void)pthread_mutex_unlock(&writer->lock);
}

void signet_writer_run(signet_writer *writer, void (*task)(void *user),
                       void *user)
{
  signet_writer_begin(writer, task, user, NULL, NULL);
  signet_writer_wait(writer);
}

void signet_writer_stop(signet_writer *writer)
{
  (void)pthread_mutex_lock(&writer->lock);
  wait_locked(writer);
  writer->stop = true;
  (void)pthread_cond_signal(&writer->asked);
  (void)pthread_mutex_unlock(&writer->lock);
  (void)pthread_join(writer->thread, NULL);
  (void)pthread_cond_destroy(&writer->ended);
  (void)pthread_cond_destroy(&writer->asked);
  (void)pthread_mutex_destroy(&writer->lock);
}
