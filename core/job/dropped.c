/* SPDX-License-Identifier: MIT */
/* Writes that failed before they were ready: their entries couldn't be read, or
 * aren't what was expected. A resumed run asks for them again, and takes them
 * for writes that the job didn't ask for (claims.c) unless the journal knows
 * them. What somebody else had changed stays a conflict of the job: another run
 * looks at it anew. They are put with the job's first intent: a run that sends
 * nothing has no journal. */
#include "job/dropped.h"

#include "job/row.h"
#include "job/waiting.h"

#include "account/account.h"
#include "account/outcome.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "wire/json_write.h"

#include <string.h>

enum { AFTER_MAXIMUM = 4 << 20 };

struct signet_job_dropped {
  const char *kind;
  const char *verb;
  const char *error_kind;
  char target[SIGNET_ID_SIZE];
  char *after;
  char *message;
};

/* What the write sends, as JSON. NULL: nothing, or out of memory. */
char *signet_job_after(const signet_call *call)
{
  signet_buffer text;
  size_t length;
  if (call->verb == SIGNET_DELETE)
    return NULL;
  if (call->verb == SIGNET_REQUEST) {
    signet_buffer_init(&text, AFTER_MAXIMUM);
    signet_buffer_format(&text, "{\"method\":");
    signet_json_write_string(&text, call->method, strlen(call->method));
    signet_buffer_string(&text, ",\"path\":");
    signet_json_write_string(&text, call->path, strlen(call->path));
    signet_buffer_string(&text, ",\"body\":");
    signet_json_write_string(&text, call->body != NULL ? call->body : "",
                             call->body_length);
    signet_buffer_string(&text, "}");
    return signet_buffer_take(&text, &length);
  }
  signet_buffer_init(&text, AFTER_MAXIMUM);
  signet_json_write_fields(&text, call->fields);
  return signet_buffer_take(&text, &length);
}

static void clear(signet_job_dropped *one)
{
  signet_memory_free(one->after);
  signet_memory_free(one->message);
}

void signet_job_free_dropped(signet_job *job)
{
  for (size_t i = 0; i < job->writes.dropped_count; i++)
    clear(&job->writes.dropped[i]);
  signet_memory_free(job->writes.dropped);
  job->writes.dropped = NULL;
  job->writes.dropped_count = 0;
}

static bool is_conflict(const char *error_kind)
{
  return signet_error_kind_of(error_kind) == SIGNET_ERROR_CONFLICT;
}

static bool put(signet_job *job, const signet_job_dropped *one,
                signet_error *error)
{
  signet_write_row row = {
      .job = job->about.id,
      .verb = one->verb,
      .kind = one->kind,
      .target = one->target,
      .after = one->after,
      .state = signet_write_state_name(is_conflict(one->error_kind)
                                           ? SIGNET_WRITE_FAILED
                                           : SIGNET_WRITE_UNSENT),
      .error_kind = one->error_kind,
      .error_message = one->message,
      .intended_ms = signet_clock_unix_ms(),
      .decided_ms = signet_clock_unix_ms()};
  return job->store->operations->put_write(job->store, &row, error);
}

bool signet_job_put_dropped(signet_job *job, signet_error *error)
{
  bool good = true;
  for (size_t i = 0; good && i < job->writes.dropped_count; i++)
    good = put(job, &job->writes.dropped[i], error);
  if (good)
    signet_job_free_dropped(job);
  return good;
}

/* @return false: out of memory */
static bool keep(signet_job *job, const signet_call *call)
{
  const char *message = call->error.message;
  signet_job_dropped one = {
      .kind = signet_write_kind_name(call->verb, call->kind),
      .verb = signet_verb_name(call->verb),
      .error_kind = signet_error_kind_name(call->error.kind),
      .after = signet_job_after(call),
      .message = signet_memory_text(message, strlen(message))};
  memcpy(one.target, call->id, sizeof one.target);
  signet_job_dropped *all = signet_memory_resize(
      job->writes.dropped, job->writes.dropped_count + 1, sizeof all[0]);
  if (all != NULL)
    job->writes.dropped = all;
  if (all != NULL && one.message != NULL &&
      (one.after != NULL || call->verb == SIGNET_DELETE)) {
    all[job->writes.dropped_count++] = one;
    job->totals.refused += is_conflict(one.error_kind);
    return true;
  }
  clear(&one);
  return false;
}

static bool is_wanted(signet_job *job, const signet_call *call)
{
  const char *identity = signet_account_identity(call->account);
  if (job->opening.no_journal || job->life.broken || call->write.claimed ||
      !signet_job_is_run(job))
    return false;
  if (job->about.identity[0] == '\0')
    signet_job_bind(job, call->account);
  return strcmp(identity, job->about.identity) == 0;
}

/* The writes of a plan are known by their steps, and what an earlier run has
 * dropped stands in the journal already. */
void signet_job_note_dropped(signet_job *job, const signet_call *call)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (!is_wanted(job, call))
    return;
  bool good = keep(job, call) ||
              signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  if (good && job->about.id[0] != '\0' && job->store != NULL) {
    good = signet_job_put_dropped(job, &error);
    job->writes.unsaved = true;
  }
  if (!good)
    signet_job_break(job, &error);
}
