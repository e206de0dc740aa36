/* SPDX-License-Identifier: MIT */
/* Writes that wait for something, in queues of their own: how they are put
 * aside, taken back, and refused together when nothing can be written. */

#include "job/waiting.h"

#include "account/outcome.h"
#include "model/error_fill.h"
#include "model/memory.h"

bool signet_job_push(signet_job_queue *queue, signet_call *call)
{
  if (queue->count == queue->capacity) {
    size_t capacity = queue->capacity > 0 ? queue->capacity * 2 : 64;
    signet_call **calls =
        signet_memory_resize(queue->calls, capacity, sizeof calls[0]);
    if (calls == NULL)
      return false;
    queue->calls = calls;
    queue->capacity = capacity;
  }
  queue->calls[queue->count++] = call;
  return true;
}

void signet_job_refuse(signet_job_queue *queue, const signet_error *error)
{
  signet_job_queue taken = *queue;
  *queue = (signet_job_queue){0};
  for (size_t i = 0; i < taken.count; i++)
    if (taken.calls[i] != NULL)
      signet_write_refuse(taken.calls[i], error);
  signet_memory_free(taken.calls);
}

/* A write that was cancelled before it was let go. */
static void drop(signet_job_queue *queue, const signet_call *call)
{
  for (size_t i = 0; i < queue->count; i++)
    if (queue->calls[i] == call)
      queue->calls[i] = NULL;
}

void signet_job_refuse_for_memory(signet_call *call)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_write_refuse(call, &error);
}

/* What waited is looked at again, all of it or nothing.
 * @return false: out of memory */
bool signet_job_requeue(signet_job *job, signet_job_queue *waiting)
{
  size_t before = job->writes.queue.count;
  for (size_t i = 0; i < waiting->count; i++) {
    if (waiting->calls[i] != NULL &&
        !signet_job_push(&job->writes.queue, waiting->calls[i])) {
      job->writes.queue.count = before;
      return false;
    }
  }
  waiting->count = 0;
  return true;
}

static void drop_sought(signet_job *job, const signet_call *call)
{
  for (signet_lost_write *lost = job->lost.writes; lost != NULL;
       lost = lost->next)
    if (lost->call == call)
      lost->call = NULL;
}

static void refuse_sought(signet_job *job, const signet_error *error)
{
  for (signet_lost_write *lost = job->lost.writes; lost != NULL;
       lost = lost->next) {
    signet_call *call = lost->call;
    lost->call = NULL;
    if (call != NULL)
      signet_write_refuse(call, error);
  }
}

/* Those of a running commit hear of it at its end. */
void signet_job_refuse_queue(signet_job *job, const signet_error *error)
{
  signet_job_refuse(&job->writes.queue, error);
  signet_job_refuse(&job->writes.uncounted, error);
  signet_job_refuse(&job->writes.at_limit, error);
  signet_job_refuse(&job->claims.held, error);
  refuse_sought(job, error);
  signet_job_refuse(&job->writes.ready, error);
}

void signet_job_fail(signet_job *job, const signet_error *error)
{
  job->life.broken = true;
  job->life.failure = *error;
  job->life.failure.outcome = SIGNET_OUTCOME_NOT_SENT;
}

void signet_job_break(signet_job *job, const signet_error *error)
{
  signet_job_fail(job, error);
  if (job->opening.holds && !job->life.durable &&
      job->opening.resume[0] == '\0')
    job->about.id[0] = '\0'; /* the journal doesn't know it */
  signet_job_refuse_queue(job, &job->life.failure);
}

/* Wherever it waits. */
void signet_job_drop(signet_job *job, const signet_call *call)
{
  drop(&job->writes.queue, call);
  drop(&job->writes.uncounted, call);
  drop(&job->writes.at_limit, call);
  drop(&job->claims.held, call);
  drop_sought(job, call);
  drop(&job->writes.ready, call);
  drop(&job->writes.committed, call);
}

void signet_job_free_waiting(signet_job *job)
{
  signet_memory_free(job->writes.queue.calls);
  signet_memory_free(job->writes.uncounted.calls);
  signet_memory_free(job->writes.at_limit.calls);
  signet_memory_free(job->writes.ready.calls);
  signet_memory_free(job->writes.committed.calls);
}
