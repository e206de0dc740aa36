/* SPDX-License-Identifier: MIT */
/* What the journal knows a job and its writes by: the account, the id, the
 * rows. */
#include "job/row.h"

#include "account/account.h"
#include "dialect/dialect.h"
#include "job/kept_steps.h"
#include "job/newest.h"

#include "model/clock.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

bool signet_job_read_words(const char *verb, const char *kind,
                           const char *state, signet_write_words *words)
{
  int known_verb = signet_verb_number(verb);
  int known_kind = signet_kind_number(kind);
  int known_state = signet_write_state_number(state);
  bool writes = known_verb == SIGNET_CREATE || known_verb == SIGNET_UPDATE ||
                known_verb == SIGNET_DELETE;
  bool request = known_verb == SIGNET_REQUEST &&
                 signet_verb_number(kind) == SIGNET_REQUEST;
  if (known_state < 0 || !(request || (writes && known_kind >= 0)))
    return false;
  words->verb = (signet_verb)known_verb;
  words->kind = request ? SIGNET_SIGN : (signet_kind)known_kind;
  words->state = (signet_write_state)known_state;
  return true;
}

static const char *member(json_object *object, const char *name)
{
  return json_object_get_string(json_object_object_get(object, name));
}

json_object *signet_job_raw_write(const signet_write_row *row,
                                  signet_kind *kind, const char **id,
                                  const char **body)
{
  const char *problem;
  json_object *request =
      row->after != NULL
          ? signet_json_parse(row->after, strlen(row->after), &problem)
          : NULL;
  const char *path = member(request, "path");
  const char *method = member(request, "method");
  if (path == NULL || method == NULL ||
      !signet_dialect_entry_path(path, kind)) {
    json_object_put(request);
    return NULL;
  }
  *id = strrchr(path, '/') + 1;
  *body = strcmp(method, "PUT") == 0 ? member(request, "body") : NULL;
  return request;
}

bool signet_job_has_effect(signet_write_state state)
{
  return state != SIGNET_WRITE_FAILED && state != SIGNET_WRITE_UNSENT;
}

bool signet_job_is_run(const signet_job *job)
{
  return job->about.type == NULL ||
         signet_job_type_number(job->about.type) == SIGNET_JOB_RUN;
}

bool signet_job_is_bound(const signet_job *job)
{
  return job->opening.resume[0] != '\0' || job->store != NULL ||
         job->life.broken || job->opening.since >= 0;
}

void signet_job_bind(signet_job *job, signet_account *account)
{
  job->account = account;
  snprintf(job->about.identity, sizeof job->about.identity, "%s",
           signet_account_identity(account));
  snprintf(job->about.spelled, sizeof job->about.spelled, "%s",
           account->spelled);
}

/* 20261122T073105-4f2a: sorts by time, and two never meet. It is chosen before
 * there is a row, since others see the job as soon as it holds the journal. */
void signet_job_reserve_id(signet_job *job)
{
  uint16_t random = 0;
  time_t seconds = (time_t)(job->about.started_ms / 1000);
  struct tm utc;
  char date[SIGNET_JOB_ID_SIZE - 8]; /* room for the dash and four digits */
  if (job->about.reserved[0] != '\0')
    return;
  if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
    random = (uint16_t)job->about.started_ms;
  gmtime_r(&seconds, &utc);
  strftime(date, sizeof date, "%Y%m%dT%H%M%S", &utc);
  snprintf(job->about.reserved, sizeof job->about.reserved, "%s-%04x", date,
           random);
}

void signet_job_make_id(signet_job *job)
{
  signet_job_reserve_id(job);
  memcpy(job->about.id, job->about.reserved, sizeof job->about.id);
}

bool signet_job_put(signet_job *job, signet_job_state state,
                    const signet_job_counts *counts, int64_t ended_ms,
                    signet_error *error)
{
  static const signet_job_counts none = {0};
  if (counts == NULL)
    counts = &none;
  signet_job_row row = {
      .id = job->about.id,
      .type = job->about.type,
      .state = signet_job_state_name(state),
      .name = job->about.name,
      .script = job->about.script,
      .arguments = job->about.arguments,
      .account = job->about.identity,
      .parent = job->about.parent,
      .started_ms = job->about.started_ms,
      .ended_ms = ended_ms,
      .done = counts->done,
      .failed = counts->failed,
      .skipped = counts->skipped,
      .unknown = counts->unknown,
      .waiting = counts->waiting,
  };
  if (!job->store->operations->put_job(job->store, &row, error))
    return false;
  signet_memory_free(job->about.own_script); /* of a plan it is large */
  job->about.own_script = NULL;
  job->about.script = NULL;
  return true;
}

bool signet_job_need_row(signet_job *job, signet_error *error)
{
  if (job->about.id[0] != '\0')
    return true;
  signet_job_make_id(job);
  if (signet_job_put(job, SIGNET_JOB_RUNNING, NULL, 0, error) &&
      signet_job_put_steps(job, error))
    return true;
  job->about.id[0] = '\0';
  return false;
}

signet_write_row signet_job_row_of(const signet_job *job,
                                   const signet_call *call)
{
  return (signet_write_row){
      .job = job->about.id,
      .verb = signet_verb_name(call->verb),
      .kind = signet_write_kind_name(call->verb, call->kind),
      .target = call->id,
      .before = call->write.before,
      .attempts = call->write.attempts,
      .intended_ms = signet_clock_unix_ms(),
      .intended_at = signet_job_intended_at(job, call),
  };
}
