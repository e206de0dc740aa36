/* SPDX-License-Identifier: MIT */
/* What an earlier run of the job left in the journal: what it did is kept in
 * the memo, what is open is settled. */
#include "job/recall.h"

#include "job/audit.h"
#include "job/beat.h"
#include "job/lost.h"
#include "job/newest.h"
#include "job/others.h"
#include "job/row.h"
#include "job/waiting.h"

#include "account/shrunk.h"

#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/post.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* A write whose outcome is open, until it is settled. */
struct open_write {
  struct open_write *next;
  signet_job *job;
  signet_write_row row; /* text owned, but for the words */
  signet_write_words words;
  char owner[SIGNET_JOB_ID_SIZE]; /* the job that wrote it */
  bool own;                       /* that is this one */
  bool accepted;                  /* a create that the service said was done */
  int64_t sent_at; /* by the service's clock, at the latest; 0: unknown */
  signet_call *call;
};

/* ---- what an earlier run left ---- */

static void free_row(signet_write_row *row)
{
  signet_memory_free((char *)row->target);
  signet_memory_free((char *)row->before);
  signet_memory_free((char *)row->after);
}

void signet_job_free_open_writes(signet_job *job)
{
  while (job->past.open_writes != NULL) {
    struct open_write *open = job->past.open_writes;
    job->past.open_writes = open->next;
    signet_call_release(open->call);
    free_row(&open->row);
    signet_memory_free(open);
  }
}

static bool copy(const char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

static bool keep_open(signet_job *job, const signet_write_row *row,
                      const signet_write_words *words)
{
  struct open_write *open = signet_memory_zeroed(1, sizeof *open);
  if (open == NULL)
    return false;
  open->job = job;
  open->row = *row;
  snprintf(open->owner, sizeof open->owner, "%s", row->job);
  open->own = strcmp(open->owner, job->about.id) == 0;
  open->accepted = words->verb == SIGNET_CREATE && row->answer != NULL;
  open->row.job = open->owner;
  open->row.answer = NULL;
  open->row.error_kind = NULL;
  open->row.error_message = NULL;
  open->words = *words;
  open->row.verb = signet_verb_name(words->verb);
  open->row.kind = signet_write_kind_name(words->verb, words->kind);
  open->row.state = signet_write_state_name(words->state);
  open->next = job->past.open_writes;
  job->past.open_writes = open;
  /* All are set, so that they can be freed. */
  bool target = copy(&open->row.target, row->target);
  bool before = copy(&open->row.before, row->before);
  bool after = copy(&open->row.after, row->after);
  return target && before && after;
}

/* Of a plan, each review is kept by itself (plan/review.c). */
static bool remember_change(signet_job *job, const signet_write_row *row,
                            const uint64_t digest[2])
{
  return signet_memo_changed(&job->memo, digest,
                             signet_job_is_run(job) ? row->before : NULL,
                             row->intended_at, row->decided_ms);
}

/* A raw request to an entry writes it, too. */
static bool name_request(signet_job *job, const signet_write_row *row,
                         const signet_write_words *words,
                         const uint64_t digest[2])
{
  signet_kind kind;
  const char *id;
  const char *body;
  json_object *request = signet_job_raw_write(row, &kind, &id, &body);
  bool good = true;
  if (request != NULL)
    good = signet_memo_name_raw(&job->memo, digest, kind, id, body);
  else
    signet_memo_name(&job->memo, digest, words->verb, words->kind, row->target);
  json_object_put(request);
  return good && remember_change(job, row, digest);
}

static bool remember(signet_job *job, const signet_write_row *row,
                     const signet_write_words *words, signet_memo_state state,
                     const char *answer)
{
  uint64_t digest[2];
  bool create = words->verb == SIGNET_CREATE;
  if (create && answer != NULL &&
      !signet_made_add(&job->entries.made, words->kind, answer))
    return false;
  /* A create was intended without an id, whatever is known since. */
  const char *target = create ? "" : row->target;
  if (!signet_memo_digest(words->verb, words->kind, target, row->after,
                          digest) ||
      !signet_memo_add(
          &job->memo, digest, state, row->number, answer,
          signet_memo_compares(words->verb, words->kind) ? row->after : NULL))
    return false;
  if (words->verb == SIGNET_REQUEST)
    return name_request(job, row, words, digest);
  signet_memo_name(&job->memo, digest, words->verb, words->kind, target);
  if (state == SIGNET_MEMO_UNSENT)
    return signet_memo_rest(&job->memo, digest, row->before);
  return (state != SIGNET_MEMO_DONE ||
          signet_memo_done(&job->memo, digest, row->after)) &&
         remember_change(job, row, digest);
}

/* It goes on as the same write, since what was sent before may still take
 * effect. */
static bool remember_again(signet_job *job, const signet_write_row *row,
                           const signet_write_words *words)
{
  uint64_t digest[2];
  bool create = words->verb == SIGNET_CREATE;
  const char *target = create ? "" : row->target;
  if (!signet_memo_digest(words->verb, words->kind, target, row->after,
                          digest) ||
      !signet_memo_add_again(&job->memo, digest, row->number, row->attempts,
                             row->intended_at))
    return false;
  signet_memo_name(&job->memo, digest, words->verb, words->kind, target);
  return signet_memo_rest(&job->memo, digest, row->before);
}

/* What refuses these may be over by now. A conflict is over once another name
 * is free. */
bool signet_job_may_try_again(const char *error_kind)
{
  switch (signet_error_kind_of(error_kind != NULL ? error_kind : "")) {
  case SIGNET_ERROR_AUTH:
  case SIGNET_ERROR_CONFLICT:
  case SIGNET_ERROR_IN_USE:
  case SIGNET_ERROR_NOT_APPROVED:
  case SIGNET_ERROR_PENDING:
  case SIGNET_ERROR_RATE_LIMITED:
    return true;
  default:
    return false;
  }
}

/* What the service refused to a script stays refused within the job; only that
 * it did not know the credentials says nothing about the write. The steps of a
 * plan are there to be carried out as soon as that can be. */
static bool remember_refusal(signet_job *job, const signet_write_row *row,
                             const signet_write_words *words)
{
  uint64_t digest[2];
  const char *name = row->error_kind != NULL ? row->error_kind : "";
  const char *message = row->error_message != NULL ? row->error_message : "";
  bool create = words->verb == SIGNET_CREATE;
  signet_error_kind kind = signet_error_kind_of(name);
  if (kind == SIGNET_ERROR_AUTH ||
      (!signet_job_is_run(job) && signet_job_may_try_again(name)))
    return true;
  job->past.findings.refused++;
  job->totals.refused++;
  const char *target = create ? "" : row->target;
  if (!signet_memo_digest(words->verb, words->kind, target, row->after,
                          digest) ||
      !signet_memo_add_refusal(
          &job->memo, digest, row->number,
          kind != SIGNET_OK ? kind : SIGNET_ERROR_SERVER, message,
          signet_memo_compares(words->verb, words->kind) ? row->after : NULL))
    return false;
  signet_memo_name(&job->memo, digest, words->verb, words->kind, target);
  return true;
}

static bool is_open(signet_write_state state)
{
  return state == SIGNET_WRITE_INTENT || state == SIGNET_WRITE_UNKNOWN;
}

static void note_time(signet_job *job, int64_t at)
{
  if (at > job->times.last_at)
    job->times.last_at = at;
}

static void note_first(signet_job *job, int64_t at)
{
  if (at > 0 && (job->times.first_at == 0 || at < job->times.first_at))
    job->times.first_at = at;
}

static void note_row(signet_job *job, const signet_write_row *row,
                     const signet_write_words *words)
{
  bool effect = signet_job_has_effect(words->state);
  if (effect && words->verb != SIGNET_REQUEST)
    job->audits.wrote[words->kind] = true;
  if (effect && words->verb == SIGNET_DELETE)
    signet_shrunk_note_earlier(job->account, words->kind);
  note_time(job, row->intended_at);
  note_time(job, row->sent_at);
  note_first(job, row->intended_at);
}

/* @return false: out of memory */
static bool recall_one(signet_job *job, const signet_write_row *row,
                       const signet_write_words *words)
{
  note_row(job, row, words);
  if (is_open(words->state))
    return keep_open(job, row, words);
  if (words->state == SIGNET_WRITE_DONE) {
    job->totals.written++;
    signet_guard_recall(&job->guard, words->verb, words->kind);
    return remember(job, row, words, SIGNET_MEMO_DONE, row->answer);
  }
  if (words->state == SIGNET_WRITE_DRIFT) {
    job->totals.refused++;
    return remember(job, row, words, SIGNET_MEMO_DRIFT, NULL);
  }
  if (words->state == SIGNET_WRITE_FAILED)
    return remember_refusal(job, row, words);
  /* What had no effect is tried again, if it is asked for. */
  return remember(job, row, words, SIGNET_MEMO_UNSENT, NULL);
}

typedef struct recalling {
  signet_job *job;
  signet_error *error; /* of what ended the reading */
} recalling;

static bool recall_row(void *user, const signet_write_row *row)
{
  recalling *all = user;
  signet_write_words words;
  if (!signet_job_read_words(row->verb, row->kind, row->state, &words))
    return signet_error_set(all->error, SIGNET_ERROR_STORE,
                            "job %s can't be resumed: the journal's write "
                            "%" PRId64 " of it has a verb, kind or state that "
                            "there is not",
                            all->job->about.id, row->number);
  return recall_one(all->job, row, &words) ||
         signet_error_set(all->error, SIGNET_ERROR_MEMORY, "out of memory");
}

/* ---- settling ---- */

void signet_job_settled(signet_job *job)
{
  job->life.settled = true;
  signet_job_free_open_writes(job);
  signet_loop_post_early(job->loop, &job->writes.flush);
}

static signet_write_state settled_state(signet_verdict verdict)
{
  switch (verdict) {
  case SIGNET_VERDICT_DONE:
    return SIGNET_WRITE_DONE;
  case SIGNET_VERDICT_NOT_DONE:
    return SIGNET_WRITE_UNSENT;
  case SIGNET_VERDICT_DRIFT:
    return SIGNET_WRITE_DRIFT;
  default:
    return SIGNET_WRITE_UNKNOWN;
  }
}

static void count_finding(const struct open_write *open, signet_verdict verdict)
{
  signet_job *job = open->job;
  signet_job_findings *findings = &job->past.findings;
  bool own = open->own;
  if (verdict == SIGNET_VERDICT_DONE) {
    findings->done++;
    job->totals.written += own;
    if (own)
      signet_guard_recall(&job->guard, open->words.verb, open->words.kind);
  } else if (verdict == SIGNET_VERDICT_NOT_DONE ||
             verdict == SIGNET_VERDICT_AGAIN) {
    findings->not_done++;
  } else if (verdict == SIGNET_VERDICT_DRIFT) {
    findings->drift++;
    job->totals.refused += own;
  } else {
    findings->open++;
    job->totals.to_decide += own && open->call->settle.to_decide;
  }
}

static bool record_settled(signet_job *job, struct open_write *open,
                           signet_error *error)
{
  signet_verdict verdict = signet_call_verdict(open->call);
  const signet_error *problem = signet_call_error(open->call);
  const char *id = signet_call_id(open->call);
  const signet_write_words *words = &open->words;
  bool created =
      verdict == SIGNET_VERDICT_DONE && open->words.verb == SIGNET_CREATE;
  signet_write_row row = open->row;
  row.state = signet_write_state_name(settled_state(verdict));
  row.answer = created ? id : open->accepted ? "" : NULL;
  row.target = created ? id : open->row.target;
  row.error_kind =
      problem != NULL ? signet_error_kind_name(problem->kind) : NULL;
  row.error_message = problem != NULL ? problem->message : NULL;
  row.decided_ms = open->row.decided_ms = signet_clock_unix_ms();
  row.sent_at = open->sent_at;
  count_finding(open, verdict);
  bool good = true;
  if (!open->own)
    good = true; /* what another job wrote is asked of no script */
  else if (verdict == SIGNET_VERDICT_DONE)
    good =
        remember(job, &open->row, words, SIGNET_MEMO_DONE, created ? id : NULL);
  else if (verdict == SIGNET_VERDICT_DRIFT)
    good = remember(job, &open->row, words, SIGNET_MEMO_DRIFT, NULL);
  else if (verdict == SIGNET_VERDICT_AGAIN)
    good = remember_again(job, &open->row, words);
  else
    good = remember(job, &open->row, words,
                    verdict != SIGNET_VERDICT_NOT_DONE ? SIGNET_MEMO_UNKNOWN
                                                       : SIGNET_MEMO_UNSENT,
                    NULL);
  if (!good)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  return job->store->operations->put_write(job->store, &row, error);
}

static void on_settled(signet_call *call, void *user)
{
  struct open_write *open = user;
  signet_job *job = open->job;
  signet_error error = SIGNET_ERROR_INIT;
  open->call = call;
  job->past.settling--;
  if (!job->life.broken && !record_settled(job, open, &error))
    signet_job_fail(job, &error);
  if (job->past.settling == 0)
    signet_job_settled(job);
}

/* When it was last sent is known of one that came to an outcome. An intent may
 * have waited for its turn for long: it was sent when the run last sent
 * something, at the latest. Where that isn't known, it was before now. */
static int64_t last_sent(const struct open_write *open)
{
  const signet_job *job = open->job;
  bool intent = open->words.state == SIGNET_WRITE_INTENT;
  if (!open->own) /* of another's no row was read */
    return intent ? 0 : open->row.sent_at;
  if (!intent)
    return open->row.sent_at != 0 ? open->row.sent_at : job->times.last_at;
  return job->times.sent_at != 0 && job->times.sent_at < job->times.last_at
             ? job->times.last_at
             : job->times.sent_at;
}

/* A change that an earlier resume looked for, after damage, and could not
 * decide about: nobody knows what its entry was before. */
static bool is_sought(const struct open_write *open)
{
  return open->job->lost.any && open->row.before == NULL &&
         (open->words.verb == SIGNET_UPDATE ||
          open->words.verb == SIGNET_DELETE);
}

static bool settle_one(struct open_write *open)
{
  const signet_write_row *row = &open->row;
  open->sent_at = last_sent(open);
  signet_settlement settlement = {
      .kind = open->words.kind,
      .verb = open->words.verb,
      .id = row->target,
      .before = row->before,
      .after = row->after,
      .intended_at = row->intended_at,
      .sent_at = open->sent_at,
      .since_boot = open->job->opening.boot,
      .perhaps = is_sought(open),
      .accepted = open->accepted,
  };
  open->call =
      signet_settle_start(open->job->account, &settlement, on_settled, open);
  return open->call != NULL;
}

static bool has_open_create(const signet_job *job)
{
  const struct open_write *open = job->past.open_writes;
  while (open != NULL && open->words.verb != SIGNET_CREATE)
    open = open->next;
  return open != NULL;
}

/* Begins to settle what was kept as open. @return false: `error` */
static bool settle_all(signet_job *job, signet_error *error)
{
  if (has_open_create(job) && !signet_job_recall_others(job, error))
    return false;
  for (struct open_write *open = job->past.open_writes; open != NULL;
       open = open->next)
    job->past.settling++;
  if (job->past.settling > 0 && job->account == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the account of the resumed job is closed");
  for (struct open_write *open = job->past.open_writes; open != NULL;
       open = open->next)
    if (!settle_one(open))
      return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  if (job->past.open_writes == NULL)
    signet_job_settled(job);
  return true;
}

bool signet_job_recall(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  recalling all = {job, &error};
  /* A reading that a row ended is none that failed. */
  if (job->store->operations->each_write(job->store, job->about.id, recall_row,
                                         &all, &error) &&
      error.kind == SIGNET_OK && signet_audit_recall(job, &error) &&
      signet_job_recall_note(job, &error) &&
      signet_job_recall_newest(job, &error) &&
      signet_job_recall_loss(job, job->about.id, job->times.first_at, &error) &&
      settle_all(job, &error))
    return true;
  signet_job_fail(job, &error);
  return false;
}

/* ---- what another job left ---- */

static bool recall_open_row(void *user, const signet_write_row *row)
{
  recalling *all = user;
  note_first(all->job, row->intended_at);
  signet_write_words words;
  if (!signet_job_read_words(row->verb, row->kind, row->state, &words) ||
      !is_open(words.state))
    return true; /* who reads the row to use it refuses what is not sound */
  return keep_open(all->job, row, &words) ||
         signet_error_set(all->error, SIGNET_ERROR_MEMORY, "out of memory");
}

bool signet_job_recall_open(signet_job *job, const char *id,
                            signet_error *error)
{
  recalling all = {job, error};
  return job->store->operations->each_write(job->store, id, recall_open_row,
                                            &all, error) &&
         error->kind == SIGNET_OK;
}

bool signet_job_settle_open(signet_job *job, signet_error *error)
{
  job->life.settled = false;
  if (!settle_all(job, error)) {
    signet_job_fail(job, error);
    return false;
  }
  return true;
}
