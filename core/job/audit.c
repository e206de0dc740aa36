/* SPDX-License-Identifier: MIT */
/* What the service shows at a job's end, against what the journal says. */
#include "job/audit.h"

#include "job/audit_changed.h"
#include "job/audit_compare.h"
#include "job/audit_tell.h"
#include "job/waiting.h"

#include "account/account.h"
#include "account/clock.h"
#include "account/fresh.h"
#include "account/kept.h"
#include "account/settle_window.h"
#include "model/error_fill.h"
#include "model/form.h"
#include "model/memory.h"
#include "net/post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char closed[] = "the job's account is closed";

static void begin_look(void *user);

/* ---- its end ---- */

static void drop_call(signet_call *call)
{
  if (call == NULL)
    return;
  signet_call_cancel(call);
  signet_call_release(call);
}

static void drop_look(signet_audit *audit)
{
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    drop_call(audit->lists[kind]);
    audit->lists[kind] = NULL;
  }
  while (audit->entry_count > 0)
    drop_call(audit->entries[--audit->entry_count]);
  signet_details_stop(audit->details);
  audit->details = NULL;
  signet_list_release(audit->whole);
  audit->whole = NULL;
}

void signet_audit_free(signet_audit *audit)
{
  if (audit == NULL)
    return;
  signet_audit **link = &audit->job->audits.running;
  while (*link != audit)
    link = &(*link)->next;
  *link = audit->next;
  signet_loop_unpost(audit->job->loop, &audit->post);
  signet_timer_cancel(audit->timer);
  drop_look(audit);
  signet_memory_free(audit->writes);
  signet_memory_free(audit);
}

static unsigned forms_of(const signet_job_stored *stored)
{
  return (stored->trimmed > 0 ? SIGNET_FORM_TRIMMED : 0u) |
         (stored->composed > 0 ? SIGNET_FORM_COMPOSED : 0u) |
         (stored->countries > 0 ? SIGNET_FORM_COUNTRIES : 0u);
}

static void take_forms(signet_audit *audit)
{
  signet_job_stored *stored = &audit->job->audits.stored;
  unsigned forms = forms_of(stored);
  stored->news = (forms & ~audit->account->forms) != 0;
  audit->account->forms |= forms;
}

/* ---- what earlier runs compared ---- */

static const char mark[] = "\x1f"
                           "audited";

bool signet_audit_recall(signet_job *job, signet_error *error)
{
  char *value;
  if (!job->store->operations->get_step(job->store, job->about.id, mark, &value,
                                        error))
    return false;
  if (value != NULL)
    job->audits.to = strtoll(value, NULL, 10);
  signet_memory_free(value);
  return true;
}

/* For the runs to come; this one goes by when a write was decided. */
static void keep_mark(signet_audit *audit)
{
  char value[24];
  signet_job *job = audit->job;
  int64_t last = audit->open > 0 ? audit->open - 1 : audit->last;
  snprintf(value, sizeof value, "%" PRId64, last);
  if (!job->store->operations->put_step(job->store, job->about.id, mark, value,
                                        &audit->error)) {
    signet_job_break(job, &audit->error);
    return;
  }
  job->writes.unsaved = true;
  signet_loop_post_early(job->loop, &job->writes.flush);
}

static void finish(void *user)
{
  signet_audit *audit = user;
  bool looked = audit->error.kind == SIGNET_OK;
  bool counts =
      looked || (audit->judged && audit->error.kind != SIGNET_ERROR_CANCELLED);
  if (counts && signet_audit_contradict(audit) && looked) {
    audit->job->audits.done = true;
    take_forms(audit);
    keep_mark(audit);
  }
  drop_look(audit);
  audit->done(audit->user, &audit->error);
}

/* From the loop, and not from within a call's end. */
static void end(signet_audit *audit)
{
  audit->post.function = finish;
  signet_loop_post(audit->job->loop, &audit->post);
}

static void end_for_memory(signet_audit *audit)
{
  signet_error_set(&audit->error, SIGNET_ERROR_MEMORY, "out of memory");
  end(audit);
}

/* The function that is called may free the audit. */
static void lose_account(signet_audit *audit)
{
  signet_loop_unpost(audit->job->loop, &audit->post);
  signet_timer_cancel(audit->timer);
  audit->timer = NULL;
  drop_look(audit);
  audit->account = NULL;
  signet_error_set(&audit->error, SIGNET_ERROR_CONFIGURATION, "%s", closed);
  audit->done(audit->user, &audit->error);
}

void signet_audit_lose_account(signet_job *job, const signet_account *account)
{
  signet_audit *next;
  for (signet_audit *audit = job->audits.running; audit != NULL; audit = next) {
    next = audit->next;
    if (audit->account == account)
      lose_account(audit);
  }
}

/* ---- between two looks ---- */

/* A list may lag behind, as what is read of a lost write may: the last look
 * comes after as long as that is waited for. */
static void look_again(signet_audit *audit)
{
  int64_t settle_ms = audit->account->settings.settle_ms;
  int64_t left_ms = signet_window_span(audit->account) - settle_ms;
  if (audit->looks == 1)
    signet_account_notify(audit->account,
                          "the service doesn't show all that was written: it "
                          "is looked at again before that counts");
  else
    settle_ms = left_ms > settle_ms ? left_ms : settle_ms;
  audit->timer =
      signet_timer_start(audit->job->loop, settle_ms, begin_look, audit);
  if (audit->timer == NULL)
    end_for_memory(audit);
}

static void decide(signet_audit *audit)
{
  size_t doubted = signet_audit_doubted(audit, SIGNET_SIGN) +
                   signet_audit_doubted(audit, SIGNET_TEMPLATE);
  /* Each look, since what comes later hides what was there before. */
  bool noted = doubted == 0 || signet_audit_note_former(audit);
  if (doubted > 0 && noted && audit->looks < SIGNET_AUDIT_LOOKS) {
    look_again(audit);
    return;
  }
  if (doubted > 0 && noted)
    (void)signet_audit_believe_changed(audit);
  end(audit);
}

/* ---- comparing ---- */

static void look_closer(signet_audit *audit)
{
  if (signet_audit_look_closer(audit))
    decide(audit);
  else
    end(audit);
}

static void on_details(void *user, signet_list *whole,
                       const signet_error *error)
{
  signet_audit *audit = user;
  audit->details = NULL;
  if (whole == NULL) {
    signet_audit_drop_partial(audit);
    audit->error = *error;
    end(audit);
    return;
  }
  audit->whole = signet_list_retain(whole);
  signet_audit_take_whole(audit);
  look_closer(audit);
}

/* Reads the entries themselves: a field that isn't shown isn't empty. */
static void read_partial(signet_audit *audit)
{
  signet_list *list = signet_audit_partial(audit);
  bool none = list != NULL && signet_list_count(list) == 0;
  if (list != NULL && !none)
    audit->details = signet_details_start(
        audit->account, audit->account->backend, list, on_details, audit);
  signet_list_release(list);
  if (none)
    look_closer(audit);
  else if (audit->details == NULL)
    end_for_memory(audit);
}

static void judge(signet_audit *audit)
{
  audit->judged = true;
  if (signet_audit_judge(audit) > 0)
    read_partial(audit);
  else
    decide(audit);
}

static void compare(signet_audit *audit)
{
  if (audit->compared)
    return;
  audit->compared = true;
  if (audit->error.kind != SIGNET_OK)
    end(audit);
  else
    judge(audit);
}

/* While the service makes its lists, the journal is read. */
static void read_journal(void *user)
{
  signet_audit *audit = user;
  if (!audit->journal_read) {
    audit->journal_read = true;
    (void)signet_audit_read_writes(audit);
  }
  if (audit->running == 0)
    compare(audit);
}

/* ---- looking ---- */

static void on_reply(signet_call *call, void *user)
{
  signet_audit *audit = user;
  const signet_error *problem = signet_call_error(call);
  bool gone = problem != NULL && problem->kind == SIGNET_ERROR_NOT_FOUND &&
              call->verb == SIGNET_GET;
  if (problem != NULL && !gone && audit->error.kind == SIGNET_OK)
    audit->error = *problem;
  if (--audit->running == 0)
    signet_loop_post(audit->job->loop, &audit->post);
}

/* A read of the job's own. @return NULL: out of memory */
static signet_call *ask(signet_audit *audit, signet_verb verb, signet_kind kind,
                        const char *id)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.verb = verb;
  operation.kind = kind;
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  audit->job->claims.own_read = true;
  signet_call *call =
      signet_call_start(audit->account, &operation, on_reply, audit);
  audit->job->claims.own_read = false;
  if (call == NULL) {
    signet_error_set(&audit->error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  call->internal = true;
  audit->running++;
  return call;
}

static void ask_for_entries(signet_audit *audit, signet_kind kind)
{
  for (size_t i = 0; i < audit->capacity; i++) {
    const signet_last_write *last = &audit->writes[i];
    if (last->id[0] == '\0' || last->kind != kind || !last->doubted)
      continue;
    signet_call *call = ask(audit, SIGNET_GET, kind, last->id);
    if (call == NULL)
      return;
    audit->entries[audit->entry_count++] = call;
  }
}

static void ask_for_kind(signet_audit *audit, signet_kind kind)
{
  bool first = audit->looks == 1;
  size_t doubted = signet_audit_doubted(audit, kind);
  if (first ? !audit->job->audits.wrote[kind] : doubted == 0)
    return;
  if (first || doubted > SIGNET_AUDIT_FEW)
    audit->lists[kind] = ask(audit, SIGNET_LIST, kind, NULL);
  else
    ask_for_entries(audit, kind);
}

static void begin_look(void *user)
{
  signet_audit *audit = user;
  audit->timer = NULL;
  drop_look(audit);
  audit->looks++;
  audit->compared = false;
  signet_kept_drop(audit->account);
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    ask_for_kind(audit, kind);
  signet_loop_post_idle(audit->job->loop, &audit->post);
}

/* ---- its beginning ---- */

static bool has_news(const signet_job *job)
{
  return job->store != NULL && !job->life.broken && !job->audits.done &&
         (job->audits.wrote[SIGNET_SIGN] || job->audits.wrote[SIGNET_TEMPLATE]);
}

signet_audit *signet_audit_start(signet_job *job, signet_account *account,
                                 signet_audit_fn done, void *user,
                                 signet_error *error)
{
  signet_error_init(error);
  account = account != NULL ? account : job->account;
  if (!has_news(job))
    return NULL;
  if (account == NULL ||
      strcmp(signet_account_identity(account), job->about.identity) != 0) {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION, "%s", closed);
    return NULL;
  }
  signet_audit *audit = signet_memory_zeroed(1, sizeof *audit);
  if (audit == NULL) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  audit->job = job;
  audit->account = account;
  audit->next = job->audits.running;
  job->audits.running = audit;
  job->audits.stored = (signet_job_stored){0};
  signet_error_init(&audit->error);
  audit->done = done;
  audit->user = user;
  audit->post = (signet_post){.function = read_journal, .user = audit};
  begin_look(audit);
  return audit;
}

/* ---- one that is waited for ---- */

typedef struct waiting {
  bool ended;
  signet_error *error;
} waiting;

static void on_ended(void *user, const signet_error *error)
{
  waiting *wait = user;
  wait->ended = true;
  *wait->error = *error;
}

bool signet_job_audit(signet_job *job, signet_account *account,
                      signet_job_mismatch_fn function, void *user,
                      signet_error *error)
{
  waiting wait = {false, error};
  signet_audit *audit =
      signet_audit_start(job, account, on_ended, &wait, error);
  while (audit != NULL && !wait.ended)
    signet_loop_step(job->loop, -1);
  signet_audit_free(audit);
  if (error->kind != SIGNET_OK)
    return false;
  if (function != NULL)
    signet_job_each_mismatch(job, function, user);
  return true;
}

void signet_job_get_stored(const signet_job *job, signet_job_stored *stored)
{
  *stored = job->audits.stored;
}
