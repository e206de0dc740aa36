/* SPDX-License-Identifier: MIT */
/* What helps after a job that did not come to its end. Words for it stand in
 * the journal, so that `signet show` says what the run itself said. */
#include "job/job.h"
#include "job/left.h"
#include "job/row.h"

#include "signet/jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char input[] = "onward"; /* under which it is kept */

static const char *const kept_as[] = {
    [SIGNET_NEXT_RESUME] = "resume",
    [SIGNET_NEXT_CAUSE] = "cause",
    [SIGNET_NEXT_PARKED] = "parked",
    [SIGNET_NEXT_CONFIRM] = "yes",
    [SIGNET_NEXT_MAX_DELETES] = "max-deletes",
    [SIGNET_NEXT_MAX_CHANGES] = "max-changes",
    [SIGNET_NEXT_SETTINGS] = "settings",
    [SIGNET_NEXT_UNDO] = "undo",
    [SIGNET_NEXT_NOTHING] = "nothing",
    [SIGNET_NEXT_ANEW] = "anew",
    [SIGNET_NEXT_REST] = "from",
    [SIGNET_NEXT_LEFT] = "left",
    [SIGNET_NEXT_DECIDE] = "decide",
};

enum { KEPT = sizeof kept_as / sizeof kept_as[0] };

/* ---- which it is ---- */

static bool is_plan(const signet_job *job)
{
  return !signet_job_is_run(job);
}

static bool is_script(const signet_job *job, const signet_job_ending *ending)
{
  return signet_job_is_run(job) && !ending->by_hand;
}

/* Whether nothing but what these failures explain is left open. */
static bool explains(const signet_job *job, const signet_job_ending *ending,
                     uint64_t failures)
{
  const signet_job_counts *counts = &ending->counts;
  return !ending->interrupted && counts->waiting == 0 &&
         (uint64_t)counts->unknown <= signet_job_to_decide(job) &&
         (uint64_t)counts->failed <= failures;
}

/* Whether all that went wrong are refusals, of the service or before anything
 * was sent, which resuming would only repeat, what a person has to decide, and
 * steps of a plan that met what others had changed. */
static bool is_only_refused(const signet_job *job,
                            const signet_job_ending *ending)
{
  uint64_t refused = signet_job_refused(job) + ending->repeated;
  return (is_plan(job) || is_script(job, ending)) && !ending->raised &&
         refused + (uint64_t)ending->counts.unknown > 0 &&
         explains(job, ending, refused + (is_plan(job) ? ending->drifted : 0));
}

/* Whether all steps of a plan that failed met what others had changed. Those of
 * a script look at their entries anew when they are resumed. */
static bool is_only_drifted(const signet_job *job,
                            const signet_job_ending *ending)
{
  return !is_script(job, ending) && ending->counts.failed > 0 &&
         explains(job, ending, ending->drifted);
}

/* Whether nothing is wrong but that the script asks for less than before. */
static bool is_only_left(const signet_job *job, const signet_job_ending *ending)
{
  return explains(job, ending, 0) && signet_left_any(job, ending);
}

static signet_job_next lifted_by(const char *option)
{
  if (strcmp(option, "yes") == 0)
    return SIGNET_NEXT_CONFIRM;
  return strcmp(option, "max-deletes") == 0 ? SIGNET_NEXT_MAX_DELETES
                                            : SIGNET_NEXT_MAX_CHANGES;
}

/* Whether steps of a plan wait for what comes about without this job. */
static bool only_waits(const signet_job *job, const signet_job_ending *ending)
{
  const signet_job_counts *counts = &ending->counts;
  return is_plan(job) && counts->waiting > 0 && counts->failed == 0 &&
         counts->unknown == 0 && !ending->interrupted && !ending->raised &&
         ending->error.kind == SIGNET_OK;
}

signet_job_next signet_job_what_next(const signet_job *job,
                                     const signet_job_ending *ending)
{
  const char *lifted = signet_job_refusal_lifted_by(job);
  signet_error_kind kind = ending->error.kind;
  if (ending->parked || only_waits(job, ending))
    return SIGNET_NEXT_PARKED;
  if (lifted != NULL)
    return lifted_by(lifted);
  if (signet_job_refusal(job) != NULL)
    return signet_job_written(job) > 0 ? SIGNET_NEXT_UNDO : SIGNET_NEXT_NOTHING;
  if (is_only_drifted(job, ending))
    return SIGNET_NEXT_LEFT;
  if (is_only_refused(job, ending))
    return ending->counts.unknown > 0 ? SIGNET_NEXT_DECIDE
           : is_plan(job)             ? SIGNET_NEXT_REST
                                      : SIGNET_NEXT_ANEW;
  if (kind == SIGNET_ERROR_AUTH || kind == SIGNET_ERROR_CONFIGURATION)
    return SIGNET_NEXT_SETTINGS;
  return ending->raised_by_script || is_only_left(job, ending)
             ? SIGNET_NEXT_CAUSE
             : SIGNET_NEXT_RESUME;
}

/* ---- what went wrong ---- */

/* "signs:update" is about an update. */
static int verb_of(const signet_error *error)
{
  const char *name = strchr(error->operation, ':');
  return signet_verb_number(name != NULL ? name + 1 : error->operation);
}

/* Whether an entry is gone, which was looked at for a write, or waited for. The
 * service itself has to say so: a proxy says it of what it doesn't know. */
static bool is_gone(const signet_error *error)
{
  bool said = error->service_message[0] != '\0';
  if (error->kind != SIGNET_ERROR_NOT_FOUND)
    return false;
  return strchr(error->operation, ':') != NULL && verb_of(error) == SIGNET_WAIT
             ? error->http_status == 0 || said
             : error->outcome == SIGNET_OUTCOME_NOT_SENT && said;
}

/* Whether it came before anything was sent, and would come again however often
 * the script runs. What is about no operation, as a file that has changed, may
 * be put right. */
static bool is_final(const signet_error *error)
{
  return is_gone(error) || (error->outcome == SIGNET_OUTCOME_NOT_SENT &&
                            error->operation[0] != '\0' &&
                            (error->kind == SIGNET_ERROR_VALIDATION ||
                             error->kind == SIGNET_ERROR_REFUSED));
}

/* Whether the error that ended a script ends it again when the job is resumed:
 * what the service refused to a write is answered so, and not sent. */
static bool is_repeated(const signet_job *job, const signet_error *error)
{
  int verb = verb_of(error);
  return is_final(error) ||
         (error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME && job != NULL &&
          signet_job_to_decide(job) > 0) ||
         (error->outcome == SIGNET_OUTCOME_REFUSED &&
          error->kind != SIGNET_ERROR_AUTH &&
          (verb == SIGNET_CREATE || verb == SIGNET_UPDATE ||
           verb == SIGNET_DELETE || verb == SIGNET_REQUEST));
}

void signet_job_ending_count(signet_job_ending *ending,
                             const signet_error *error)
{
  ending->repeated += is_final(error);
  ending->drifted += /* not that the service has such a name */
      error->kind == SIGNET_ERROR_CONFLICT && error->http_status == 0;
}

/* Whether the script itself has found what is wrong: bad input, say. */
static bool is_of_script(const signet_error *error)
{
  return error->kind == SIGNET_OK || error->kind == SIGNET_ERROR_SCRIPT ||
         (error->operation[0] == '\0' &&
          (error->kind == SIGNET_ERROR_VALIDATION ||
           error->kind == SIGNET_ERROR_REFUSED ||
           error->kind == SIGNET_ERROR_UNSUPPORTED));
}

void signet_job_ending_raise(signet_job_ending *ending, const signet_job *job,
                             const signet_error *error)
{
  ending->error = *error;
  ending->repeated += is_final(error);
  ending->raised_by_script = is_of_script(error) && !ending->interrupted;
  ending->raised = ending->raised_by_script || !is_repeated(job, error);
}

/* ---- with the job ---- */

bool signet_job_keep_next(signet_job *job, signet_job_next next,
                          int64_t until_ms, signet_error *error)
{
  char text[64];
  signet_error_init(error);
  if (signet_job_id(job) == NULL || (size_t)next >= KEPT)
    return true;
  snprintf(text, sizeof text, "%s", kept_as[next]);
  if (next == SIGNET_NEXT_PARKED && until_ms > 0)
    snprintf(text, sizeof text, "%s %" PRId64, kept_as[next], until_ms);
  return signet_job_keep_input(job, input, text, error);
}

bool signet_job_read_next(const char *state_dir, const char *id,
                          signet_job_next *next, int64_t *until_ms)
{
  signet_error ignored = SIGNET_ERROR_INIT; /* it is advice */
  char *kept = NULL;
  size_t which = 0;
  *until_ms = 0;
  if (!signet_job_read_input(state_dir, id, input, &kept, &ignored) ||
      kept == NULL)
    return false;
  size_t length = strcspn(kept, " ");
  *until_ms = strtoll(kept + length, NULL, 10);
  kept[length] = '\0';
  while (which < KEPT && strcmp(kept_as[which], kept) != 0)
    which++;
  signet_job_text_free(kept);
  *next = (signet_job_next)which;
  return which < KEPT;
}

/* ---- of a job that stands in a journal ---- */

typedef struct tally {
  int64_t open;    /* writes that resuming settles or sends */
  int64_t refused; /* that it does not send again */
} tally;

static bool count_write(void *user, const signet_write_view *write)
{
  tally *all = user;
  const char *auth = signet_error_kind_name(SIGNET_ERROR_AUTH);
  int state = signet_write_state_number(write->state);
  bool refused =
      state == SIGNET_WRITE_DRIFT ||
      (state == SIGNET_WRITE_FAILED &&
       (write->error_kind == NULL || strcmp(write->error_kind, auth) != 0));
  all->refused += refused;
  all->open += !refused && state != SIGNET_WRITE_DONE;
  return true;
}

/* Whether nothing failed but what was refused to the script's writes. A script
 * that ended with another error has no entry that failed. */
static bool was_only_refused(const char *state_dir, const signet_job_view *job)
{
  const signet_job_counts *counts = &job->counts;
  signet_error ignored = SIGNET_ERROR_INIT;
  tally all = {0};
  return signet_job_type_number(job->type) == SIGNET_JOB_RUN &&
         signet_job_state_number(job->state) == SIGNET_JOB_FAILED &&
         counts->failed > 0 && counts->unknown == 0 && counts->waiting == 0 &&
         signet_job_writes_each(state_dir, job->id, count_write, &all,
                                &ignored) &&
         all.open == 0 && counts->failed <= all.refused;
}

signet_job_next signet_job_next_of(const char *state_dir,
                                   const signet_job_view *job,
                                   int64_t *until_ms)
{
  signet_job_next next = SIGNET_NEXT_RESUME;
  int state = signet_job_state_number(job->state);
  *until_ms = 0;
  if (state == SIGNET_JOB_PARTLY_UNDONE)
    return SIGNET_NEXT_UNDO_REST;
  if (state == SIGNET_JOB_CONTINUED)
    return SIGNET_NEXT_OTHER;
  if (state == SIGNET_JOB_DONE || state == SIGNET_JOB_UNDONE ||
      job->running != NULL)
    return SIGNET_NEXT_NOTHING;
  /* What an earlier run has kept says nothing of one that crashed. */
  if (state != SIGNET_JOB_CRASHED && state != SIGNET_JOB_RUNNING &&
      signet_job_read_next(state_dir, job->id, &next, until_ms))
    return next;
  *until_ms = 0;
  return was_only_refused(state_dir, job) ? SIGNET_NEXT_ANEW
                                          : SIGNET_NEXT_RESUME;
}
