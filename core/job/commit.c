/* SPDX-License-Identifier: MIT */
/*
 * When intents are committed, and their writes sent. A commit waits for the
 * disk, in a thread of the store, while the loop goes on with the replies to
 * writes of the commit before; there is one at a time.
 *
 * Committing costs about as much as a few writes do, and keeps the rest of the
 * writes waiting. So it is begun when there is nothing else to do, or when so
 * many wait for it that those still out keep the loop busy until it has ended.
 */
#include "job/commit.h"

#include "job/waiting.h"

#include "model/memory.h"
#include "net/notice.h"
#include "net/post.h"

/* Outcomes go along with the next intents; where none come, the journal has
 * them after so long. */
enum { SAVE_MS = 100 };

/* From the store's thread. */
static void tell(void *user)
{
  signet_job *job = user;
  signet_loop_tell(job->loop, &job->writes.commit_ended);
}

static void begin_commit(void *user)
{
  signet_job *job = user;
  signet_error error = SIGNET_ERROR_INIT;
  signet_job_queue spare = job->writes.committed;
  if (job->writes.committing || job->life.broken)
    return;
  if (!job->store->operations->begin_commit(job->store, tell, job, &error)) {
    signet_job_break(job, &error);
    return;
  }
  spare.count = 0;
  job->writes.committed = job->writes.ready;
  job->writes.ready = spare;
  job->writes.unsaved = false;
  job->writes.committing = true;
}

/* Sending may end a write at once, and so change the queues and break the job.
 */
static void send_all(signet_job *job, signet_job_queue *queue)
{
  for (size_t i = 0; i < queue->count; i++) {
    signet_call *call = queue->calls[i];
    queue->calls[i] = NULL;
    if (call == NULL)
      continue;
    if (job->life.broken) {
      signet_write_refuse(call, &job->life.failure);
      continue;
    }
    job->writes.out++;
    signet_write_send(call);
  }
  queue->count = 0;
}

static void on_commit_ended(void *user)
{
  signet_job *job = user;
  signet_error error = SIGNET_ERROR_INIT;
  bool good = job->store->operations->end_commit(job->store, &error);
  job->writes.committing = false;
  job->life.durable = job->life.durable || good;
  if (!good && !job->life.broken)
    signet_job_break(job, &error);
  send_all(job, &job->writes.committed);
  if (!job->life.broken)
    signet_loop_post_early(job->loop, &job->writes.flush);
}

static void on_save(void *user)
{
  signet_job *job = user;
  job->writes.save = NULL;
  if (job->writes.unsaved)
    begin_commit(job);
}

void signet_job_listen(signet_job *job)
{
  job->writes.commit = (signet_post){.function = begin_commit, .user = job};
  job->writes.commit_ended =
      (signet_notice){.function = on_commit_ended, .user = job};
  signet_loop_listen(job->loop, &job->writes.commit_ended);
}

void signet_job_unlisten(signet_job *job)
{
  signet_loop_unlisten(job->loop, &job->writes.commit_ended);
  signet_loop_unpost(job->loop, &job->writes.commit);
  signet_timer_cancel(job->writes.save);
  job->writes.save = NULL;
}

void signet_job_commit(signet_job *job)
{
  size_t ready = job->writes.ready.count;
  if (job->opening.no_journal) {
    send_all(job, &job->writes.ready);
  } else if (job->writes.committing) {
    return; /* its end comes back to this */
  } else if (ready == 0) {
    if (job->writes.unsaved && job->writes.save == NULL)
      job->writes.save = signet_timer_start(job->loop, SAVE_MS, on_save, job);
  } else if (ready >= 3 * job->writes.out) {
    begin_commit(job);
  } else {
    signet_loop_post_idle(job->loop, &job->writes.commit);
  }
}

bool signet_job_commits(const signet_job *job)
{
  return job->writes.committing || job->writes.ready.count > 0;
}
