/* SPDX-License-Identifier: MIT */
/* The job as its account's recorder: intents, commits, outcomes. */
#include "job/job.h"

#include "account/outcome.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "wire/json.h"

#include <string.h>

enum { AFTER_MAXIMUM = 4 << 20 };

static signet_job *job_of(signet_recorder *recorder)
{
  return (signet_job *)recorder;
}

/* ---- writes that wait for their commit ---- */

void signet_job_refuse(signet_job_queue *queue, const signet_error *error)
{
  signet_job_queue taken = *queue;
  *queue = (signet_job_queue){0};
  for (size_t i = 0; i < taken.count; i++)
    if (taken.calls[i] != NULL)
      signet_write_refuse(taken.calls[i], error);
  signet_memory_free(taken.calls);
}

/* Those of a running commit hear of it at its end. */
void signet_job_refuse_queue(signet_job *job, const signet_error *error)
{
  signet_job_refuse(&job->queue, error);
  signet_job_refuse(&job->uncounted, error);
  signet_job_refuse(&job->at_limit, error);
  signet_job_refuse(&job->claims.held, error);
  signet_job_refuse_sought(job, error);
  signet_job_refuse(&job->ready, error);
}

void signet_job_break(signet_job *job, const signet_error *error)
{
  job->broken = true;
  job->failure = *error;
  job->failure.outcome = SIGNET_OUTCOME_NOT_SENT;
  if (job->holds && !job->durable && job->resume[0] == '\0')
    job->id[0] = '\0'; /* the journal doesn't know it */
  signet_job_refuse_queue(job, &job->failure);
}

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

/* A write that was cancelled before it was let go. */
static void drop(signet_job_queue *queue, const signet_call *call)
{
  for (size_t i = 0; i < queue->count; i++)
    if (queue->calls[i] == call)
      queue->calls[i] = NULL;
}

/* Whether the write is to the job's account, which the first write of all
 * decides. */
static bool is_own_account(signet_job *job, const signet_call *call,
                           signet_error *error)
{
  const char *identity = signet_account_identity(call->account);
  if (job->no_journal || strcmp(identity, job->identity) == 0)
    return true;
  if (!signet_job_is_bound(job)) {
    signet_job_bind(job, call->account);
    return true;
  }
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  return signet_error_set(error, SIGNET_ERROR_REFUSED,
                          "this job writes to %s, and a journal belongs to "
                          "one account: write to the other in a run of its "
                          "own, or with --no-journal",
                          job->identity);
}

/* A job that may not write says so before anything is read for the write.
 * @return whether it was refused */
static bool refuse_read_only(signet_job *job, signet_call *call)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (job->read_only[0] == '\0')
    return false;
  signet_error_set(&error, SIGNET_ERROR_REFUSED, "%s", job->read_only);
  error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_write_refuse(call, &error);
  return true;
}

static void refuse_for_memory(signet_call *call)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_write_refuse(call, &error);
}

/* Whether the journal may know, or have lost, a write that begins now. */
static bool remembers(const signet_job *job)
{
  return job->lost.any ||
         (job->resume[0] != '\0' && !(job->settled && job->memo.count == 0));
}

/* An earlier run may have done it; whether it did is known once that is
 * settled. */
static bool recall(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  if (refuse_read_only(job, call))
    return true;
  if (!remembers(job) || job->broken ||
      strcmp(signet_account_identity(call->account), job->identity) != 0)
    return false;
  if (!signet_job_push(&job->queue, call)) {
    refuse_for_memory(call);
    return true;
  }
  call->recorded = true;
  call->waiting = true;
  call->early = true;
  signet_loop_post(job->loop, &job->flush);
  return true;
}

static void intend(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  signet_error error = SIGNET_ERROR_INIT;
  if (job->broken) {
    error = job->failure;
  } else if (!is_own_account(job, call, &error)) {
    /* refused */
  } else if (signet_job_push(&job->queue, call)) {
    signet_loop_post_early(job->loop, &job->flush);
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

const char *signet_job_kind_name(const signet_call *call)
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
      .kind = signet_job_kind_name(call),
      .target = call->id,
      .before = call->before,
      .attempts = call->attempts,
      .intended_ms = signet_clock_unix_ms(),
      .intended_at = call->intended_at,
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
  if (entry->state == SIGNET_MEMO_REFUSED) {
    error.outcome = SIGNET_OUTCOME_REFUSED;
    signet_error_set(&error, entry->kind,
                     "%s (so write %lld of the earlier run, which is not sent "
                     "again; another run tries it anew)",
                     entry->message, (long long)entry->number);
  } else if (entry->state == SIGNET_MEMO_DRIFT) {
    error.outcome = SIGNET_OUTCOME_REFUSED;
    signet_error_set(&error, SIGNET_ERROR_CONFLICT,
                     "write %lld of the earlier run: somebody else changed "
                     "the entry since, or deleted it; it is left alone",
                     (long long)entry->number);
  } else {
    error.outcome = SIGNET_OUTCOME_UNKNOWN;
    signet_error_set(&error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "write %lld of the earlier run: it is not known whether "
                     "it took effect, so it is not sent again; look at the "
                     "entry, and write what is missing with another script",
                     (long long)entry->number);
  }
  signet_write_refuse(call, &error);
}

/* ---- counting entries ---- */

/* What waited is looked at again, all of it or nothing.
 * @return false: out of memory */
static bool requeue(signet_job *job, signet_job_queue *waiting)
{
  size_t before = job->queue.count;
  for (size_t i = 0; i < waiting->count; i++) {
    if (waiting->calls[i] != NULL &&
        !signet_job_push(&job->queue, waiting->calls[i])) {
      job->queue.count = before;
      return false;
    }
  }
  waiting->count = 0;
  return true;
}

/* The entries are counted, or can't be. */
static void on_counted(signet_call *call, void *user)
{
  signet_job_count *count = user;
  signet_job *job = count->job;
  const signet_error *problem = signet_call_error(call);
  signet_error error = SIGNET_ERROR_INIT;
  bool only_clock = count->clock;
  count->call = NULL;
  count->counted = true;
  count->clock = false;
  if (problem != NULL && !only_clock)
    error = *problem;
  else if (!requeue(job, &job->uncounted))
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  if (error.kind != SIGNET_OK) {
    error.outcome = SIGNET_OUTCOME_NOT_SENT;
    signet_job_refuse(&job->uncounted, &error);
  }
  signet_call_release(call);
  signet_loop_post_early(job->loop, &job->flush);
}

/* Puts a write aside until the entries of that kind are counted. */
static bool count_first(signet_job *job, signet_call *call, signet_kind kind,
                        signet_error *error)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_job_count *count = &job->counting[kind];
  operation.verb = SIGNET_LIST;
  operation.kind = kind;
  if (!signet_job_push(&job->uncounted, call))
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  if (count->call != NULL)
    return true;
  count->job = job;
  count->call = signet_call_start(call->account, &operation, on_counted, count);
  if (count->call != NULL) {
    count->call->internal = true;
    return true;
  }
  job->uncounted.count--;
  return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

/* ---- intents ---- */

typedef enum looked {
  LOOKED_SEND, /* it goes as soon as its intent is durable */
  LOOKED_TAKEN /* answered, refused, or put aside */
} looked;

static bool ask_guard(signet_job *job, signet_call *call, looked *result,
                      signet_error *error)
{
  signet_kind kind;
  switch (signet_guard_ask(&job->guard, call, &kind)) {
  case SIGNET_GUARD_PASS:
    call->counted = true;
    *result = LOOKED_SEND;
    return true;
  case SIGNET_GUARD_WAIT:
    return count_first(job, call, kind, error);
  case SIGNET_GUARD_HOLD:
    return signet_job_push(&job->at_limit, call) ||
           signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  default:
    signet_write_refuse(call, &job->guard.refusal);
    return true;
  }
}

/* Whether a create would be recorded without the service's time: what it comes
 * to couldn't be told from what was there before. A list tells both. */
static bool needs_clock(const signet_job *job, const signet_call *call)
{
  return call->verb == SIGNET_CREATE && !job->no_journal &&
         !call->account->clock.known && !job->counting[call->kind].counted;
}

static bool learn_clock(signet_job *job, signet_call *call, signet_error *error)
{
  signet_job_count *count = &job->counting[call->kind];
  bool first = count->call == NULL;
  if (!count_first(job, call, call->kind, error))
    return false;
  count->clock = first || count->clock;
  return true;
}

static bool put_intent(signet_job *job, signet_call *call, const char *after,
                       signet_error *error)
{
  signet_write_intended(call);
  if (job->no_journal)
    return true;
  if (!signet_job_need_row(job, error))
    return false;
  signet_write_row row = row_of(job, call);
  row.number = call->write_number; /* 0, unless it goes on with that write */
  row.after = after;
  row.state = "intent";
  row.attempts = call->attempts + 1; /* if it comes to it */
  bool good = job->store->operations->put_write(job->store, &row, error);
  call->write_number = row.number;
  return good;
}

/* The same write, which what was sent of it before may still bring about. */
static void go_on_with(signet_call *call, const signet_memo_entry *entry)
{
  call->again = true;
  call->uncertain = true;
  call->write_number = entry->number;
  call->attempts = (unsigned)entry->attempts;
  call->intended_order = 0;
  call->intended_at = entry->intended_at;
  signet_write_go_on(call);
}

/* @return false: out of memory */
static bool find_done(signet_job *job, const signet_call *call,
                      const char *after, const signet_memo_entry **entry)
{
  uint64_t digest[2];
  *entry = NULL;
  return job->memo.count == 0 || call->claimed ||
         (signet_memo_digest(
              signet_verb_name(call->verb), signet_job_kind_name(call),
              call->verb == SIGNET_CREATE ? "" : call->id, after, digest) &&
          signet_memo_take(&job->memo, digest, call->fields, entry));
}

/* Whether a write that no earlier run knows may go on. @return false: it was
 * refused or is held, or `error` says why nothing may be sent */
static bool ask_claims(signet_job *job, signet_call *call, signet_error *error)
{
  switch (signet_claims_ask(job, call)) {
  case SIGNET_CLAIM_PASS:
    return true;
  case SIGNET_CLAIM_REFUSE:
    signet_write_refuse(call, &job->guard.refusal);
    return false;
  case SIGNET_CLAIM_MEMORY:
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  default:
    return false;
  }
}

/* Decides about one write, and puts its intent. @return false: `error` says
 * why nothing more may be sent, the write included */
static bool look_at(signet_job *job, signet_call *call, looked *result,
                    signet_error *error)
{
  bool wanted = !job->no_journal; /* without one nothing is remembered */
  char *after = wanted ? after_text(call) : NULL;
  const signet_memo_entry *entry;
  if ((wanted && after == NULL && call->verb != SIGNET_DELETE) ||
      !find_done(job, call, after, &entry)) {
    signet_memory_free(after);
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  bool good = true;
  *result = LOOKED_TAKEN;
  if (entry != NULL && entry->state == SIGNET_MEMO_UNSENT) {
    call->claimed = true;
    entry = NULL;
  }
  if (entry != NULL && entry->state == SIGNET_MEMO_AGAIN) {
    call->claimed = true;
    go_on_with(call, entry);
  } else if (entry != NULL) {
    answer_from_memo(job, call, entry);
  } else if (!ask_claims(job, call, error)) {
    good = error->kind == SIGNET_OK;
  } else if (signet_job_seeks(job, call)) {
    good = signet_job_seek(job, call, after, error);
  } else if (call->early) {
    signet_write_go_on(call);
  } else {
    good = needs_clock(job, call) ? learn_clock(job, call, error)
                                  : ask_guard(job, call, result, error);
    if (good && *result == LOOKED_SEND)
      good = put_intent(job, call, after, error);
  }
  signet_memory_free(after);
  return good;
}

/* Looks at every write that is queued. Those whose intents are put wait for
 * their commit; without a journal there is none. */
static void look_at_queue(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_job_queue taken = job->queue;
  bool good = true;
  job->queue = (signet_job_queue){0};
  for (size_t i = 0; i < taken.count; i++) {
    looked result = LOOKED_SEND;
    signet_call *call = taken.calls[i];
    if (call == NULL)
      continue;
    good = good && look_at(job, call, &result, &error);
    if (good && result == LOOKED_SEND && !signet_job_push(&job->ready, call))
      good = signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
    if (!good)
      signet_write_refuse(call, &error);
  }
  signet_memory_free(taken.calls);
  if (!good)
    signet_job_break(job, &error);
  else
    signet_job_commit(job);
}

static void on_retry(void *user)
{
  signet_job *job = user;
  job->retry = NULL;
  signet_job_flush(job);
}

/* Another job holds the journal. */
static void try_later(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (job->retry == NULL)
    job->retry =
        signet_timer_start(job->loop, SIGNET_JOB_RETRY_MS, on_retry, job);
  if (job->retry != NULL)
    return;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_job_break(job, &error);
}

static void tell_held(signet_job *job)
{
  void (*held)(void *user, const signet_error *error) = job->held;
  job->held = NULL;
  if (held != NULL)
    held(job->held_user, job->broken ? &job->failure : NULL);
}

void signet_job_hold(signet_job *job,
                     void (*held)(void *user, const signet_error *error),
                     void *user)
{
  job->holds = true;
  job->held = held;
  job->held_user = user;
  signet_loop_post_early(job->loop, &job->flush);
}

void signet_job_unhold(signet_job *job)
{
  job->held = NULL;
  if (job->store == NULL && job->queue.count == 0) { /* it waits no longer */
    signet_timer_cancel(job->retry);
    job->retry = NULL;
  }
}

/* While another job held the journal, it wrote: what was read before is not
 * believed, and what was decided on it is looked at again. */
static void check_again(signet_job *job)
{
  signet_job_queue taken = job->queue;
  job->queue = (signet_job_queue){0};
  if (job->account != NULL)
    signet_account_distrust(job->account);
  for (size_t i = 0; i < taken.count; i++) {
    signet_call *call = taken.calls[i];
    if (call == NULL)
      continue;
    bool changes = call->verb == SIGNET_UPDATE || call->verb == SIGNET_DELETE;
    if (changes && !call->early)
      signet_write_check_again(call);
    else if (!signet_job_push(&job->queue, call))
      refuse_for_memory(call);
  }
  signet_memory_free(taken.calls);
}

/* From the loop, once in a turn in which something was written or decided. */
void signet_job_flush(void *user)
{
  signet_job *job = user;
  bool opens = !job->broken && !job->no_journal && job->store == NULL;
  bool waited = opens && job->opening_since >= 0;
  if (opens && !signet_job_open_store(job) && !job->broken) {
    try_later(job);
    return;
  }
  if (waited && !job->broken)
    check_again(job);
  if (job->broken)
    signet_job_refuse_queue(job, &job->failure);
  else if (job->settled)
    look_at_queue(job);
  if (job->broken || job->settled)
    tell_held(job);
}

void signet_job_settled(signet_job *job)
{
  job->settled = true;
  signet_job_free_open_writes(job);
  signet_loop_post_early(job->loop, &job->flush);
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

static void put_outcome(signet_job *job, signet_call *call, const char *state)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_write_row row = row_of(job, call);
  bool failed = call->error.kind != SIGNET_OK;
  row.number = call->write_number;
  row.state = state;
  row.answer = call->verb == SIGNET_CREATE && !failed ? call->id : NULL;
  row.error_kind = failed ? signet_error_kind_name(call->error.kind) : NULL;
  row.error_message = failed ? call->error.message : NULL;
  row.decided_ms = signet_clock_unix_ms();
  row.sent_at = call->sent_at;
  if (!job->store->operations->put_write(job->store, &row, &error)) {
    signet_job_break(job, &error);
    return;
  }
  job->unsaved = true;
  job->written += !failed;
  job->refused +=
      strcmp(state, "drift") == 0 ||
      (strcmp(state, "failed") == 0 && call->error.kind != SIGNET_ERROR_AUTH);
  if (call->verb != SIGNET_REQUEST && signet_job_has_effect(state)) {
    job->wrote[call->kind] = true;
    job->audited = false;
  }
  signet_loop_post_early(job->loop, &job->flush);
}

/* Whether a limit lets more through is known now. */
static void tell_guard(signet_job *job, signet_call *call, const char *state)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (!call->counted)
    return;
  call->counted = false;
  signet_guard_decided(&job->guard, call, signet_job_has_effect(state));
  if (job->at_limit.count == 0 || job->broken)
    return;
  if (!requeue(job, &job->at_limit)) {
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
    signet_job_break(job, &error);
  }
  signet_loop_post_early(job->loop, &job->flush);
}

/* What was sent by an earlier run may have worked. */
static const char *unsent_state(const signet_call *call)
{
  return call->uncertain ? "unknown" : "unsent";
}

/* What this run has written, or found written, is not what was lost. */
bool signet_job_touch(signet_job *job, const signet_call *call)
{
  return !job->lost.any || call->verb != SIGNET_UPDATE ||
         signet_made_add(&job->lost.touched, call->kind, call->id);
}

/* Without that, another create could come to the same entry. */
static bool claim(signet_job *job, const signet_call *call)
{
  return call->verb != SIGNET_CREATE || call->error.kind != SIGNET_OK ||
         signet_made_add(&job->made, call->kind, call->id);
}

static void note_entry(signet_job *job, const signet_call *call, bool effect)
{
  signet_error error = SIGNET_ERROR_INIT;
  if ((!effect || signet_job_touch(job, call)) && claim(job, call))
    return;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_job_break(job, &error);
}

static void decided(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  bool sent = !call->waiting;
  const char *state = sent || call->error.kind == SIGNET_OK
                          ? state_of(call)
                          : unsent_state(call);
  if (sent) {
    job->out--;
  } else {
    drop(&job->queue, call);
    drop(&job->uncounted, call);
    drop(&job->at_limit, call);
    drop(&job->claims.held, call);
    signet_job_drop_sought(job, call);
    drop(&job->ready, call);
    drop(&job->committed, call);
  }
  job->unknown += sent && call->error.kind != SIGNET_OK &&
                  call->error.outcome == SIGNET_OUTCOME_UNKNOWN &&
                  call->verdict != SIGNET_VERDICT_DRIFT;
  if (!job->broken && job->store != NULL && call->write_number != 0)
    put_outcome(job, call, state);
  tell_guard(job, call, state);
  note_entry(job, call, signet_job_has_effect(state));
}

/* Nothing of a closed account may be used any more. */
static void closing(signet_recorder *recorder, signet_account *account)
{
  signet_job *job = job_of(recorder);
  signet_audit_lose_account(job, account);
  if (job->account == account)
    job->account = NULL;
}

static bool is_own(signet_recorder *recorder, signet_kind kind, const char *id)
{
  const signet_job *job = job_of(recorder);
  return signet_made_has(&job->made, kind, id) ||
         signet_made_has(&job->others, kind, id);
}

static void on_look(signet_recorder *recorder, const signet_call *call)
{
  signet_claims_look(job_of(recorder), call);
}

static void unchanged(signet_recorder *recorder, const signet_call *call,
                      bool rejected)
{
  signet_job *job = job_of(recorder);
  (void)call;
  job->unchanged++;
  job->rejected_unchanged += rejected;
}

/* By the service's clock, however it writes numbers; 0: it doesn't say. */
static int64_t changed_at(const signet_record *record)
{
  const char *text = signet_record_string(record, "updated_time");
  return text != NULL ? strtoll(text, NULL, 10)
                      : signet_record_integer(record, "updated_time", 0);
}

/* In the same second as the job's first write counts as later: what is lost may
 * have been written then. */
static bool is_lost(const signet_job *job, const signet_call *call,
                    const signet_record *now)
{
  return job->lost.any && job->first_at > 0 &&
         strcmp(job->type, "run") == 0 && /* steps of a plan are compared */
         changed_at(now) >= job->first_at / 1000 &&
         !signet_made_has(&job->lost.touched, call->kind, call->id);
}

/* What an earlier run decided, in a step or by sending it, rests on how the
 * entry was then. */
static signet_outdated outdated(signet_recorder *recorder,
                                const signet_call *call,
                                const signet_record *now, bool first)
{
  const signet_job *job = job_of(recorder);
  const char *kind = signet_job_kind_name(call);
  signet_outdated why = {SIGNET_OUTDATED_NOT, NULL};
  if (signet_made_has(&job->made, call->kind, call->id))
    return why;
  const signet_memo_entry *last = signet_memo_last(&job->memo, kind, call->id);
  bool unsent = last == NULL || last->state == SIGNET_MEMO_UNSENT;
  if (last != NULL && last->before != NULL) {
    why.by = first ? SIGNET_OUTDATED_PERHAPS : SIGNET_OUTDATED_NOT;
    why.before = last->before;
  } else if (unsent && is_lost(job, call, now)) {
    why.by = SIGNET_OUTDATED_LOST;
  } else if (last == NULL && first && job->steps_recalled &&
             job->first_at > 0 && changed_at(now) > job->first_at / 1000) {
    why.by = SIGNET_OUTDATED_OTHERS;
  }
  return why;
}

void signet_job_get_unchanged(const signet_job *job, uint64_t *all,
                              uint64_t *rejected)
{
  *all = job->unchanged;
  *rejected = job->rejected_unchanged;
}

static void left(signet_recorder *recorder)
{
  job_of(recorder)->refused++;
}

static void leaves(signet_recorder *recorder)
{
  signet_job_note_sending(job_of(recorder));
}

void signet_job_init_recorder(signet_job *job)
{
  job->recorder = (signet_recorder){
      !job->no_journal, recall,    intend, decided,  is_own, closing,
      on_look,          unchanged, leaves, outdated, left};
  job->flush = (signet_post){.function = signet_job_flush, .user = job};
}
