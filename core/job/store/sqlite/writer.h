/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_WRITER_H
#define SIGNET_JOB_STORE_SQLITE_WRITER_H

/*
 * A thread that waits for the disk in another one's place. It does one thing at
 * a time, and whoever asks for another waits until that is done; so what the
 * two share needs no lock of its own: it is the writer's from the asking to the
 * end, else the asker's. Only one thread may ask.
 */

#include <pthread.h>
#include <stdbool.h>

typedef struct signet_writer {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t asked;
  pthread_cond_t ended;
  void (*task)(void *user); /* NULL: nothing to do */
  void *task_user;
  void (*tell)(void *user); /* whom to tell of the end; NULL: nobody */
  void *tell_user;
  bool awaited; /* somebody waits for the end */
  bool stop;
} signet_writer;

/** Starts the thread, which takes no signals. @return 0, or an error number */
int signet_writer_start(signet_writer *writer);
/** Lets the thread call @p task, and waits until it has. */
void signet_writer_run(signet_writer *writer, void (*task)(void *user),
                       void *user);
/** Lets the thread call @p task, then @p tell, and does not wait. */
void signet_writer_begin(signet_writer *writer, void (*task)(void *user),
                         void *user, void (*tell)(void *user), void *tell_user);
/** Waits until there is nothing that the thread does. */
void signet_writer_wait(signet_writer *writer);
/** Waits, and ends the thread. */
void signet_writer_stop(signet_writer *writer);

#endif
