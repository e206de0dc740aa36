/* SPDX-License-Identifier: MIT */
/* Jobs of the journals, copied while they are read, and which of them is meant.
 */
#include "signet/jobs.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXTS = 8 };

typedef struct entry {
  signet_job_view view;
  signet_job_running running;
  char *text; /* all that the view points to */
} entry;

struct signet_jobs {
  entry *entries;
  size_t count;
  size_t capacity;
  char **busy;
  size_t busy_count;
  const char *only; /* while they are read: the whole id; NULL: all */
  bool no_memory;
};

/* ---- reading ---- */

static bool copy_texts(entry *to)
{
  signet_job_view *view = &to->view;
  const char **texts[TEXTS] = {&view->id,        &view->type,    &view->state,
                               &view->name,      &view->account, &view->parent,
                               &view->arguments, &view->journal};
  size_t length = 0;
  for (size_t i = 0; i < TEXTS; i++)
    length += (*texts[i] != NULL ? strlen(*texts[i]) : 0) + 1;
  char *at = to->text = signet_memory_zeroed(length, 1);
  for (size_t i = 0; at != NULL && i < TEXTS; i++) {
    size_t size = *texts[i] != NULL ? strlen(*texts[i]) : 0;
    if (size > 0)
      memcpy(at, *texts[i], size);
    *texts[i] = at;
    at += size + 1;
  }
  return to->text != NULL;
}

static bool grow(signet_jobs *jobs)
{
  if (jobs->count < jobs->capacity)
    return true;
  size_t capacity = jobs->capacity > 0 ? 2 * jobs->capacity : 32;
  entry *entries =
      signet_memory_resize(jobs->entries, capacity, sizeof *entries);
  if (entries == NULL)
    return false;
  jobs->entries = entries;
  jobs->capacity = capacity;
  return true;
}

static bool take_job(void *user, const signet_job_view *view)
{
  signet_jobs *jobs = user;
  if (jobs->only != NULL && strcmp(view->id, jobs->only) != 0)
    return true;
  if (!grow(jobs)) {
    jobs->no_memory = true;
    return false;
  }
  entry *to = &jobs->entries[jobs->count];
  *to = (entry){.view = *view};
  if (view->running != NULL)
    to->running = *view->running;
  else if (signet_job_state_number(view->state) == SIGNET_JOB_RUNNING)
    to->view.state = signet_job_state_name(SIGNET_JOB_CRASHED);
  jobs->no_memory = !copy_texts(to);
  jobs->count += !jobs->no_memory;
  return !jobs->no_memory;
}

static void take_busy(void *user, const char *journal)
{
  signet_jobs *jobs = user;
  char **busy =
      signet_memory_resize(jobs->busy, jobs->busy_count + 1, sizeof *busy);
  char *name = signet_memory_text(journal, strlen(journal));
  jobs->busy = busy != NULL ? busy : jobs->busy;
  if (busy != NULL && name != NULL)
    jobs->busy[jobs->busy_count++] = name;
  else
    signet_memory_free(name);
  jobs->no_memory = jobs->no_memory || busy == NULL || name == NULL;
}

static int newest_first(const void *left, const void *right)
{
  const signet_job_view *a = &((const entry *)left)->view;
  const signet_job_view *b = &((const entry *)right)->view;
  if (a->started_ms != b->started_ms)
    return a->started_ms < b->started_ms ? 1 : -1;
  return strcmp(b->id, a->id);
}

/* They are moved no more. */
static void put_in_order(signet_jobs *jobs)
{
  if (jobs->count > 1)
    qsort(jobs->entries, jobs->count, sizeof jobs->entries[0], newest_first);
  for (size_t i = 0; i < jobs->count; i++)
    if (jobs->entries[i].view.running != NULL)
      jobs->entries[i].view.running = &jobs->entries[i].running;
}

static signet_jobs *read_jobs(const char *state_dir, const char *prefix,
                              const char *only, signet_error *error)
{
  signet_jobs *jobs = signet_memory_zeroed(1, sizeof *jobs);
  bool good = jobs != NULL;
  if (good) {
    jobs->only = only;
    good =
        signet_jobs_each(state_dir, prefix, take_job, take_busy, jobs, error);
  }
  if (jobs == NULL || (good && jobs->no_memory))
    good = signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  if (!good) {
    signet_jobs_free(jobs);
    return NULL;
  }
  put_in_order(jobs);
  jobs->only = NULL;
  return jobs;
}

signet_jobs *signet_jobs_read(const char *state_dir, const char *prefix,
                              signet_error *error)
{
  signet_error_init(error);
  return read_jobs(state_dir, prefix, NULL, error);
}

signet_jobs *signet_jobs_read_one(const char *state_dir, const char *word,
                                  signet_error *error)
{
  char id[SIGNET_JOB_ID_ROOM];
  if (!signet_job_find(state_dir, word, id, sizeof id, error))
    return NULL;
  signet_jobs *jobs = read_jobs(state_dir, id, id, error);
  if (jobs == NULL || jobs->count > 0)
    return jobs;
  signet_jobs_free(jobs);
  signet_error_set(error, SIGNET_ERROR_VALIDATION,
                   "job %s has ended without a write, and is not kept", id);
  return NULL;
}

void signet_jobs_free(signet_jobs *jobs)
{
  if (jobs == NULL)
    return;
  for (size_t i = 0; i < jobs->count; i++)
    signet_memory_free(jobs->entries[i].text);
  for (size_t i = 0; i < jobs->busy_count; i++)
    signet_memory_free(jobs->busy[i]);
  signet_memory_free(jobs->entries);
  signet_memory_free(jobs->busy);
  signet_memory_free(jobs);
}

size_t signet_jobs_count(const signet_jobs *jobs)
{
  return jobs->count;
}

const signet_job_view *signet_jobs_at(const signet_jobs *jobs, size_t index)
{
  return index < jobs->count ? &jobs->entries[index].view : NULL;
}

const char *signet_jobs_busy_at(const signet_jobs *jobs, size_t index)
{
  return index < jobs->busy_count ? jobs->busy[index] : NULL;
}

/* ---- which one, and what can be done with it ---- */

static bool is_undone(const signet_job_view *job)
{
  int state = signet_job_state_number(job->state);
  return state == SIGNET_JOB_UNDONE || state == SIGNET_JOB_PARTLY_UNDONE;
}

static bool is_over(const signet_job_view *job)
{
  int state = signet_job_state_number(job->state);
  return state == SIGNET_JOB_DONE || state == SIGNET_JOB_CONTINUED ||
         is_undone(job);
}

static bool say_none(const signet_job_view *running, signet_error *error)
{
  char process[400];
  if (running == NULL)
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "no job of this account waits to be resumed");
  bool known = signet_job_process(running, process, sizeof process);
  return signet_error_set(error, SIGNET_ERROR_REFUSED,
                          "no job of this account waits to be resumed: job %s "
                          "is running%s%s%s",
                          running->id, known ? " (" : "", process,
                          known ? ")" : "");
}

const signet_job_view *signet_jobs_to_resume(const signet_jobs *jobs,
                                             const char *account,
                                             signet_error *error)
{
  const signet_job_view *running = NULL;
  signet_error_init(error);
  for (size_t i = 0; i < jobs->count; i++) {
    const signet_job_view *job = &jobs->entries[i].view;
    if (is_over(job) || job->declined || strcmp(job->account, account) != 0)
      continue;
    if (job->running == NULL)
      return job;
    running = job;
  }
  say_none(running, error);
  return NULL;
}

bool signet_job_is_of(const signet_job_view *job, const char *account,
                      signet_error *error)
{
  signet_error_init(error);
  return strcmp(job->account, account) == 0 ||
         signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                          "job %s works on %.150s, and these settings lead to "
                          "%.150s",
                          job->id, job->account, account);
}

signet_job_resumes signet_job_how_to_resume(const signet_job_view *job,
                                            signet_error *error)
{
  signet_error_init(error);
  if (is_undone(job)) {
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "job %s is %s: a job that is taken back can't be resumed; "
                     "run its script again instead",
                     job->id, job->state);
    return SIGNET_RESUMES_NOT;
  }
  if (signet_job_state_number(job->state) == SIGNET_JOB_DONE) {
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "job %s is done: there is nothing to resume", job->id);
    return SIGNET_RESUMES_NOTHING;
  }
  int type = signet_job_type_number(job->type);
  if (type == SIGNET_JOB_RUN)
    return SIGNET_RESUMES_SCRIPT;
  return type == SIGNET_JOB_UNDO ? SIGNET_RESUMES_UNDO : SIGNET_RESUMES_PLAN;
}

signet_job_rest signet_job_what_is_left(const signet_job_view *job,
                                        signet_error *error)
{
  signet_error_init(error);
  if (signet_job_type_number(job->type) == SIGNET_JOB_RUN) {
    signet_error_set(error, SIGNET_ERROR_VALIDATION,
                     "job %s is the run of a script and has no plan", job->id);
    return SIGNET_REST_NO_PLAN;
  }
  int state = signet_job_state_number(job->state);
  if (state == SIGNET_JOB_CONTINUED) {
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "what was left of job %s is carried out by another job",
                     job->id);
    return SIGNET_REST_CONTINUED;
  }
  if (job->loss.lost && state != SIGNET_JOB_DONE) {
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "the journal lost a part of what job %s wrote, so what is "
                     "left is not known",
                     job->id);
    return SIGNET_REST_LOST;
  }
  return SIGNET_REST_PLAN;
}

bool signet_job_process(const signet_job_view *job, char *out, size_t size)
{
  const signet_job_running *running = job->running;
  char since[32], host[4 * sizeof running->host];
  struct tm local;
  out[0] = '\0';
  if (running == NULL || running->host[0] == '\0')
    return false;
  time_t seconds = (time_t)(running->since_ms / 1000);
  if (localtime_r(&seconds, &local) == NULL ||
      strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S", &local) == 0)
    snprintf(since, sizeof since, "?");
  signet_text_escape(host, sizeof host, running->host, strlen(running->host));
  snprintf(out, size, "process %" PRId64 " on %s since %s", running->process,
           host, since);
  return true;
}
