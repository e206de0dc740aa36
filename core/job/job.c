/* SPDX-License-Identifier: MIT */
/* The life of a job, and its part as the account's recorder. */
#include "job/job.h"

#include "account/outcome.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LOCK_RETRY_MS = 200, AFTER_MAXIMUM = 4 << 20 };

static void flush(void *user);

void signet_job_options_init(signet_job_options *options)
{
  *options = (signet_job_options)SIGNET_JOB_OPTIONS_INIT;
}

const char *signet_job_state_name(signet_job_state state)
{
  static const char *const names[] = {"running", "done", "failed",
                                      "interrupted", "parked"};
  size_t count = sizeof names / sizeof names[0];
  return (size_t)state < count ? names[state] : "unknown";
}

int64_t signet_job_clock(void)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static signet_job *job_of(signet_recorder *recorder)
{
  return (signet_job *)recorder;
}

/* ---- writes that wait for their commit ---- */

static void refuse_all(signet_job *job, const signet_error *error)
{
  signet_call **queue = job->queue;
  size_t count = job->queue_count;
  job->queue = NULL;
  job->queue_count = 0;
  job->queue_capacity = 0;
  for (size_t i = 0; i < count; i++)
    signet_write_refuse(queue[i], error);
  signet_memory_free(queue);
}

/* The journal can't be written: nothing more may be sent. */
static void break_job(signet_job *job, const signet_error *error)
{
  job->broken = true;
  job->failure = *error;
  job->failure.outcome = SIGNET_OUTCOME_NOT_SENT;
  refuse_all(job, &job->failure);
}

static bool push(signet_job *job, signet_call *call)
{
  if (job->queue_count == job->queue_capacity) {
    size_t capacity = job->queue_capacity > 0 ? job->queue_capacity * 2 : 64;
    signet_call **queue =
        signet_memory_resize(job->queue, capacity, sizeof queue[0]);
    if (queue == NULL)
      return false;
    job->queue = queue;
    job->queue_capacity = capacity;
  }
  job->queue[job->queue_count++] = call;
  return true;
}

static void intend(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  signet_error error = SIGNET_ERROR_INIT;
  if (job->broken) {
    error = job->failure;
  } else if (push(job, call)) {
    signet_loop_post(job->loop, &job->flush);
    return;
  } else {
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  signet_write_refuse(call, &error);
}

/* What the write sends, as JSON. NULL: nothing, or out of memory. */
static char *after_text(const signet_call *call)
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

static const char *kind_name(const signet_call *call)
{
  if (call->verb == SIGNET_REQUEST)
    return "request";
  return call->kind == SIGNET_SIGN ? "sign" : "template";
}

static signet_write_row row_of(const signet_job *job, const signet_call *call)
{
  return (signet_write_row){
      .job = job->id,
      .verb = signet_verb_name(call->verb),
      .kind = kind_name(call),
      .target = call->id,
      .before = call->before,
      .attempts = 1,
      .intended_ms = signet_job_clock(),
  };
}

static void answer_from_memo(signet_job *job, signet_call *call,
                             const signet_memo_entry *entry)
{
  signet_error error = SIGNET_ERROR_INIT;
  job->remembered++;
  if (entry->state == SIGNET_MEMO_DONE) {
    signet_write_answer(call, entry->answer);
    return;
  }
  if (entry->state == SIGNET_MEMO_DRIFT) {
    error.outcome = SIGNET_OUTCOME_REFUSED;
    signet_error_set(&error, SIGNET_ERROR_CONFLICT,
                     "write %lld of the earlier run: somebody else changed "
                     "the entry since; it is left alone",
                     (long long)entry->number);
  } else {
    error.outcome = SIGNET_OUTCOME_UNKNOWN;
    signet_error_set(&error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "write %lld of the earlier run: it can't be told whether "
                     "it took effect, so it is not sent again; look at the "
                     "entry, and write what is missing with another script",
                     (long long)entry->number);
  }
  signet_write_refuse(call, &error);
}

/* Puts the intent of one write. @return false: `error` is set, or the write
 * was answered from the memo and *answered says so */
static bool put_intent(signet_job *job, signet_call *call, bool *answered,
                       signet_error *error)
{
  uint64_t digest[2];
  char *after = after_text(call);
  *answered = false;
  if (after == NULL && call->verb != SIGNET_DELETE)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_memo_digest(signet_verb_name(call->verb), kind_name(call), call->id,
                     after, digest);
  const signet_memo_entry *entry = signet_memo_take(&job->memo, digest);
  if (entry != NULL) {
    signet_memory_free(after);
    answer_from_memo(job, call, entry);
    *answered = true;
    return true;
  }
  signet_write_row row = row_of(job, call);
  row.after = after;
  row.state = "intent";
  bool good = job->store->operations->put_write(job->store, &row, error);
  call->write_number = row.number;
  signet_memory_free(after);
  return good;
}

/* Commits every intent of this turn at once, then sends them. */
static void commit_queue(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  size_t ready = 0;
  bool good = true;
  for (size_t i = 0; good && i < job->queue_count; i++) {
    bool answered;
    signet_call *call = job->queue[i];
    good = put_intent(job, call, &answered, &error);
    if (good && answered)
      continue;
    if (!good) { /* those not looked at yet are to be refused too */
      memmove(job->queue + ready, job->queue + i,
              (job->queue_count - i) * sizeof job->queue[0]);
      ready += job->queue_count - i;
      break;
    }
    job->queue[ready++] = call;
  }
  job->queue_count = ready;
  if (!good || !job->store->operations->commit(job->store, &error)) {
    break_job(job, &error);
    return;
  }
  signet_call **queue = job->queue;
  job->queue_count = 0;
  for (size_t i = 0; i < ready; i++)
    signet_write_send(queue[i]);
}

static void on_retry(void *user)
{
  signet_job *job = user;
  job->retry = NULL;
  flush(job);
}

/* From the loop, once in a turn in which something was written or decided. */
static void flush(void *user)
{
  signet_job *job = user;
  if (job->broken) {
    refuse_all(job, &job->failure);
    return;
  }
  if (job->store == NULL && !signet_job_open_store(job)) {
    if (job->broken)
      refuse_all(job, &job->failure);
    else if (job->retry == NULL)
      job->retry = signet_timer_start(job->loop, LOCK_RETRY_MS, on_retry, job);
    return;
  }
  if (job->settled)
    commit_queue(job);
}

void signet_job_settled(signet_job *job)
{
  job->settled = true;
  signet_job_free_open_writes(job);
  signet_loop_post(job->loop, &job->flush);
}

/* ---- outcomes ---- */

static const char *state_of(const signet_call *call)
{
  if (call->error.kind == SIGNET_OK)
    return "done";
  if (call->verdict == SIGNET_VERDICT_DRIFT)
    return "drift";
  switch (call->error.outcome) {
  case SIGNET_OUTCOME_NOT_SENT:
  case SIGNET_OUTCOME_THROTTLED:
    return "unsent";
  case SIGNET_OUTCOME_UNKNOWN:
    return "unknown";
  default:
    return "failed";
  }
}

static void decided(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  signet_error error = SIGNET_ERROR_INIT;
  if (job->broken || job->store == NULL)
    return;
  signet_write_row row = row_of(job, call);
  bool failed = call->error.kind != SIGNET_OK;
  row.number = call->write_number;
  row.state = state_of(call);
  row.answer = call->verb == SIGNET_CREATE && !failed ? call->id : NULL;
  row.error_kind = failed ? signet_error_kind_name(call->error.kind) : NULL;
  row.error_message = failed ? call->error.message : NULL;
  row.decided_ms = signet_job_clock();
  if (!job->store->operations->put_write(job->store, &row, &error))
    break_job(job, &error);
  else
    signet_loop_post(job->loop, &job->flush);
}

static bool is_own(signet_recorder *recorder, signet_kind kind, const char *id)
{
  const signet_job *job = job_of(recorder);
  (void)kind;
  for (size_t i = 0; i < job->memo.capacity; i++)
    for (const signet_memo_entry *entry = job->memo.first[i]; entry != NULL;
         entry = entry->next)
      if (strcmp(entry->answer, id) == 0)
        return true;
  return false;
}

/* ---- making and ending ---- */

static bool copy(char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

signet_job *signet_job_new(const signet_job_options *options,
                           signet_error *error)
{
  signet_error_init(error);
  if (options->state_dir == NULL || options->state_dir[0] == '\0') {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "a job needs a state directory for its journal");
    return NULL;
  }
  signet_job *job = signet_memory_zeroed(1, sizeof *job);
  if (job == NULL || !copy(&job->state_dir, options->state_dir) ||
      !copy(&job->type, options->type) || !copy(&job->name, options->name) ||
      !copy(&job->script, options->script) ||
      !copy(&job->arguments, options->arguments) ||
      !copy(&job->parent, options->parent)) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    signet_job_free(job);
    return NULL;
  }
  snprintf(job->resume, sizeof job->resume, "%s",
           options->resume != NULL ? options->resume : "");
  job->wait_lock_ms = options->wait_lock_ms;
  job->opening_since = -1;
  job->started_ms = signet_job_clock();
  job->recorder = (signet_recorder){intend, decided, is_own};
  job->flush = (signet_post){.function = flush, .user = job};
  return job;
}

bool signet_job_attach(signet_job *job, signet_account *account,
                       signet_error *error)
{
  const char *identity = signet_account_identity(account);
  signet_error_init(error);
  if (job->loop != NULL && strcmp(job->identity, identity) != 0)
    return signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "this job works on %s; a journal belongs to one "
                            "account, so run the other in a job of its own",
                            job->identity);
  if (job->loop == NULL) {
    job->loop = account->loop;
    job->account = account;
    snprintf(job->identity, sizeof job->identity, "%s", identity);
  }
  signet_account_record(account, &job->recorder);
  return true;
}

/* Lets everything that is under way come to its end. */
static void drain(signet_job *job)
{
  if (job->loop == NULL)
    return;
  if (job->resume[0] != '\0' && job->store == NULL && !job->broken)
    signet_loop_post(job->loop, &job->flush);
  while (!job->broken &&
         (job->flush.queued || job->retry != NULL || job->settling > 0))
    signet_loop_step(job->loop, -1);
}

bool signet_job_end(signet_job *job, signet_job_state state,
                    const signet_job_counts *counts, signet_error *error)
{
  signet_error_init(error);
  drain(job);
  if (job->broken) {
    *error = job->failure;
    return false;
  }
  if (job->store == NULL)
    return true;
  return signet_job_put(job, state, counts, signet_job_clock(), error) &&
         job->store->operations->commit(job->store, error);
}

void signet_job_free(signet_job *job)
{
  if (job == NULL)
    return;
  if (job->loop != NULL)
    signet_loop_unpost(job->loop, &job->flush);
  signet_timer_cancel(job->retry);
  if (job->store != NULL)
    job->store->operations->close(job->store);
  signet_job_free_open_writes(job);
  signet_memo_free(&job->memo);
  signet_memory_free(job->queue);
  signet_memory_free(job->state_dir);
  signet_memory_free(job->type);
  signet_memory_free(job->name);
  signet_memory_free(job->script);
  signet_memory_free(job->arguments);
  signet_memory_free(job->parent);
  signet_memory_free(job);
}

const char *signet_job_id(const signet_job *job)
{
  return job->id[0] != '\0' ? job->id : NULL;
}

uint64_t signet_job_remembered(const signet_job *job)
{
  return job->remembered;
}

/* ---- steps ---- */

/* A step needs the journal at once; it may wait for another job to end. */
static bool need_store(signet_job *job, signet_error *error)
{
  if (job->loop == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "connect to the account before the first step");
  while (job->store == NULL && !job->broken) {
    if (!signet_job_open_store(job) && !job->broken) {
      struct timespec pause = {0, LOCK_RETRY_MS * 1000000L};
      nanosleep(&pause, NULL);
    }
  }
  if (job->broken)
    *error = job->failure;
  return !job->broken;
}

bool signet_job_step(signet_job *job, const char *name, char **value,
                     signet_error *error)
{
  *value = NULL;
  signet_error_init(error);
  if (job->resume[0] == '\0' && job->store == NULL)
    return true; /* a new job remembers nothing */
  return need_store(job, error) && job->store->operations->get_step(
                                       job->store, job->id, name, value, error);
}

bool signet_job_keep_step(signet_job *job, const char *name, const char *value,
                          signet_error *error)
{
  signet_error_init(error);
  return need_store(job, error) &&
         job->store->operations->put_step(job->store, job->id, name, value,
                                          error) &&
         job->store->operations->commit(job->store, error);
}

void signet_job_text_free(char *text)
{
  signet_memory_free(text);
}
