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

/* Outcomes go along with the next intents; where none come, the journal has
 * them after so long. */
enum { SAVE_MS = 100 };

/* From the store's thread. */
static void tell(void *user)
{
  signet_job *job = user;
  signet_loop_tell(job->loop, &job->commit_ended);
}

static void begin_commit(void *user)
{
  signet_job *job = user;
  signet_error error = SIGNET_ERROR_INIT;
  signet_job_queue spare = job->committed;
  if (job->committing || job->broken)
    return;
  if (!job->store->operations->begin_commit(job->store, tell, job, &error)) {
    signet_job_break(job, &error);
    return;
  }
  spare.count = 0;
  job->committed = job->ready;
  job->ready = spare;
  job->unsaved = false;
  job->committing = true;
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
    if (job->broken) {
      signet_write_refuse(call, &job->failure);
      continue;
    }
    job->out++;
    signet_write_send(call);
  }
  queue->count = 0;
}

static void on_commit_ended(void *user)
{
  signet_job *job = user;
  signet_error error = SIGNET_ERROR_INIT;
  bool good = job->store->operations->end_commit(job->store, &error);
  job->committing = false;
  job->durable = job->durable || good;
  if (!good && !job->broken)
    signet_job_break(job, &error);
  send_all(job, &job->committed);
  if (!job->broken)
    signet_loop_post_early(job->loop, &job->flush);
}

static void on_save(void *user)
{
  signet_job *job = user;
  job->save = NULL;
  if (job->unsaved)
    begin_commit(job);
}

void signet_job_listen(signet_job *job)
{
  job->commit = (signet_post){.function = begin_commit, .user = job};
  job->commit_ended = (signet_notice){.function = on_commit_ended, .user = job};
  signet_loop_listen(job->loop, &job->commit_ended);
}

void signet_job_unlisten(signet_job *job)
{
  signet_loop_unlisten(job->loop, &job->commit_ended);
  signet_loop_unpost(job->loop, &job->commit);
  signet_timer_cancel(job->save);
  job->save = NULL;
}

void signet_job_commit(signet_job *job)
{
  size_t ready = job->ready.count;
  if (job->no_journal) {
    send_all(job, &job->ready);
  } else if (job->committing) {
    return; /* its end comes back to this */
  } else if (ready == 0) {
    if (job->unsaved && job->save == NULL)
      job->save = signet_timer_start(job->loop, SAVE_MS, on_save, job);
  } else if (ready >= 3 * job->out) {
    begin_commit(job);
  } else {
    signet_loop_post_idle(job->loop, &job->commit);
  }
}

bool signet_job_commits(const signet_job *job)
{
  return job->committing || job->ready.count > 0;
}
