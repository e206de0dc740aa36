/* SPDX-License-Identifier: MIT */
/*
 * A job that takes another one back. It holds the journal from the beginning:
 * what that job, and earlier undos of it, left open is settled first; then the
 * plan is made from what the journal says now, and from what the account shows.
 */
#include "dialect/dialect.h"
#include "job/job.h"
#include "job/lost.h"
#include "job/plan/undo_taken.h"
#include "job/recall.h"
#include "job/row.h"
#include "job/undone.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct undoing {
  signet_job *job;
  signet_undos undos;
  signet_taken taken;
  json_object *touched; /* templates that the job wrote */
  json_object *used;    /* signature to the templates that use it */
  signet_undo_conflict_fn conflict;
  void *user;
  size_t left_alone;
  bool memory; /* it ran out */
} undoing;

static bool no_memory(signet_error *error)
{
  return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

/* ---- the journal ---- */

typedef struct adapter {
  signet_job *job;
  signet_write_view_fn function;
  void *to;
} adapter;

static bool show_row(void *user, const signet_write_row *row)
{
  const adapter *showing = user;
  signet_write_view view = {
      row->number,     row->verb,          row->kind,     row->target,
      row->before,     row->after,         row->state,    row->answer,
      row->error_kind, row->error_message, row->attempts, row->intended_ms,
      row->decided_ms,
  };
  return showing->function(showing->to, &view);
}

static bool each_write(void *user, signet_write_view_fn function, void *to,
                       signet_error *error)
{
  const undoing *all = user;
  adapter showing = {all->job, function, to};
  const signet_store_operations *operations = all->job->store->operations;
  return operations->each_write(all->job->store, all->job->about.parent,
                                show_row, &showing, error);
}

static bool is_former(const undoing *all, const signet_undo_row *undo)
{
  return strcmp(undo->parent, all->job->about.parent) == 0 &&
         signet_undos_find(&all->undos, undo->id, NULL) != SIGNET_UNDONE_ALL;
}

/* What an undo before this one did and the journal lost is found as that of a
 * job which goes on is. */
static bool recall_former(signet_job *job, const char *id, signet_error *error)
{
  job->times.first_at = 0;
  return signet_job_recall_open(job, id, error) &&
         signet_job_recall_loss(job, id, job->times.first_at, error);
}

typedef struct parent_state {
  const char *id;
  bool done;
} parent_state;

static bool take_state(void *user, const signet_job_row *row)
{
  parent_state *parent = user;
  if (strcmp(row->id, parent->id) == 0)
    parent->done = signet_job_state_number(row->state) == SIGNET_JOB_DONE;
  return true;
}

/* Whether all that the job wrote is known. What the journal lost of it is found
 * by resuming, not by taking back. */
static bool is_known(const undoing *all, signet_error *error)
{
  const signet_job *job = all->job;
  signet_store_loss loss;
  parent_state parent = {job->about.parent, false};
  if (!job->store->operations->get_loss(job->store, job->about.parent, false,
                                        &loss, error) ||
      !job->store->operations->each_job(job->store, job->about.parent,
                                        take_state, &parent, error))
    return false;
  return !loss.lost || parent.done || job->opening.accept_damage ||
         signet_error_set(
             error, SIGNET_ERROR_REFUSED,
             "the journal lost a part of what job %s wrote; "
             "resume that job to find it, or take back only what is known with "
             "--accept-damage",
             job->about.parent);
}

/* Opens the journal and settles what is open in it. */
static bool settle(undoing *all, signet_error *error)
{
  signet_job *job = all->job;
  job->opening.holds = true;
  if (!signet_job_wait_settled(job)) {
    *error = job->life.failure;
    return false;
  }
  bool good = signet_undos_read(&all->undos, job->store, error) &&
              is_known(all, error) &&
              signet_job_recall_open(job, job->about.parent, error);
  for (size_t i = 0; good && i < all->undos.count; i++)
    if (is_former(all, &all->undos.rows[i]))
      good = recall_former(job, all->undos.rows[i].id, error);
  if (!good || !signet_job_settle_open(job, error))
    return false;
  if (!signet_job_wait_settled(job)) {
    *error = job->life.failure;
    return false;
  }
  return job->store->operations->commit(job->store, error);
}

static bool take_former(void *user, const signet_write_row *row)
{
  undoing *all = user;
  all->memory = !signet_taken_add(&all->taken, row);
  return !all->memory;
}

static bool read_former(undoing *all, signet_error *error)
{
  signet_store *store = all->job->store;
  bool good = signet_taken_begin(&all->taken) || no_memory(error);
  for (size_t i = all->undos.count; good && i > 0; i--) {
    const signet_undo_row *undo = &all->undos.rows[i - 1];
    if (is_former(all, undo))
      good = store->operations->each_write(store, undo->id, take_former, all,
                                           error) &&
             (!all->memory || no_memory(error));
  }
  return good;
}

/* ---- the account ---- */

static bool note(json_object *to, const char *name, json_object *member)
{
  if (member != NULL && json_object_object_add(to, name, member) == 0)
    return true;
  json_object_put(member);
  return false;
}

typedef struct looking {
  undoing *all;
  bool made_sign;
} looking;

static void leave_alone(undoing *all, const char *kind, const char *id,
                        const char *finding)
{
  const signet_undo_conflict conflict = {kind, id, finding};
  all->left_alone++;
  if (all->conflict != NULL)
    all->conflict(all->user, &conflict);
}

/* Somebody else changed what may be the job's write: neither the job nor its
 * undo knows what was meant. A delete that came to that did nothing, and of
 * what is gone nothing is left. */
static void tell_drift(undoing *all, const signet_write_row *row)
{
  const char *gone = signet_error_kind_name(SIGNET_ERROR_NOT_FOUND);
  if (signet_write_state_number(row->state) == SIGNET_WRITE_DRIFT &&
      signet_verb_number(row->verb) != SIGNET_DELETE &&
      row->target[0] != '\0' &&
      (row->error_kind == NULL || strcmp(row->error_kind, gone) != 0))
    leave_alone(all, row->kind, row->target,
                "conflict: somebody else changed it after the job wrote it, or "
                "before that took effect; it is left alone");
}

static bool take_own(void *user, const signet_write_row *row)
{
  looking *look = user;
  signet_write_words words;
  if (!signet_job_read_words(row->verb, row->kind, row->state, &words))
    return true; /* the plan is refused for it (undo.c) */
  bool create = words.verb == SIGNET_CREATE;
  const char *id = create && row->answer != NULL ? row->answer : row->target;
  tell_drift(look->all, row);
  if (words.state != SIGNET_WRITE_DONE || words.verb == SIGNET_REQUEST)
    return true;
  if (create && words.kind == SIGNET_SIGN)
    look->made_sign = true;
  if (words.kind != SIGNET_TEMPLATE)
    return true;
  look->all->memory =
      !note(look->all->touched, id, json_object_new_boolean(true));
  return !look->all->memory;
}

/* The id of the signature that a template shows; "": none. */
static const char *sign_of(const signet_record *record, char *id, size_t size)
{
  const char *text = signet_record_string(record, "sign_id");
  int64_t number = signet_record_integer(record, "sign_id", 0);
  id[0] = '\0';
  if (text != NULL)
    snprintf(id, size, "%s", text);
  else if (number > 0)
    snprintf(id, size, "%" PRId64, number);
  return id;
}

/* One template of the account. @return false: out of memory */
static bool take_template(undoing *all, const signet_record *record)
{
  json_object *member;
  char id[24];
  char sign[24];
  signet_record_id(record, id, sizeof id);
  sign_of(record, sign, sizeof sign);
  if (sign[0] == '\0' || json_object_object_get_ex(all->touched, id, &member))
    return true;
  if (!json_object_object_get_ex(all->used, sign, &member))
    return note(all->used, sign, json_object_new_string(id));
  char text[200];
  const char *before = json_object_get_string(member);
  if (strlen(before) > 100) /* enough to find them */
    return true;
  snprintf(text, sizeof text, "%s, %s", before, id);
  return note(all->used, sign, json_object_new_string(text));
}

static bool has_templates(const char *identity)
{
  const signet_dialect_row *dialect = signet_dialect_of_identity(identity);
  return dialect == NULL || dialect->collections[SIGNET_TEMPLATE] != NULL;
}

/* A signature that the job made may be used by templates that it did not
 * write: deleting it would take them out of service. */
static bool look_at_templates(undoing *all, signet_error *error)
{
  looking look = {all, false};
  signet_store *store = all->job->store;
  if (!store->operations->each_write(store, all->job->about.parent, take_own,
                                     &look, error))
    return false;
  if (all->memory)
    return no_memory(error);
  if (!look.made_sign || !has_templates(all->job->about.identity))
    return true;
  signet_call *call = signet_template_list(all->job->account, NULL, NULL, NULL);
  if (call == NULL)
    return no_memory(error);
  const signet_error *problem = signet_call_wait(call);
  bool good = problem == NULL;
  if (!good)
    *error = *problem;
  const signet_list *list = good ? signet_call_list(call) : NULL;
  for (size_t i = 0; good && i < signet_list_count(list); i++)
    good = take_template(all, signet_list_at(list, i)) || no_memory(error);
  signet_call_release(call);
  return good;
}

static bool stays(void *user, const char *id)
{
  undoing *all = user;
  json_object *member;
  char finding[300];
  if (!json_object_object_get_ex(all->used, id, &member))
    return false;
  snprintf(finding, sizeof finding,
           "conflict: the job made it, and templates that the job did not "
           "write use it by now: %s; give them another signature first",
           json_object_get_string(member));
  leave_alone(all, signet_kind_name(SIGNET_SIGN), id, finding);
  return true;
}

/* ---- both ---- */

/* Whether nothing is left of what an undo that was cut short began: then this
 * one, which writes nothing, is what says so in the journal. */
static bool is_end(const signet_undo_findings *findings,
                   const signet_plan *plan)
{
  return findings->former[0] != '\0' && !findings->undone &&
         findings->left_alone == 0 && signet_plan_count(plan) == 0;
}

/* Resuming the undo carries out the plan that it began with. */
static bool keep_text(signet_job *job, const signet_plan *plan)
{
  size_t length;
  const char *text = signet_plan_text(plan, &length);
  signet_memory_free(job->about.own_script);
  job->about.own_script =
      job->about.borrow_script ? NULL : signet_memory_text(text, length);
  job->about.script = job->about.borrow_script ? text : job->about.own_script;
  return job->about.script != NULL;
}

/* Nothing is left to take back. */
static bool was_undone(const signet_undo_findings *findings,
                       const signet_plan *plan)
{
  return findings->former[0] != '\0' && findings->undone &&
         signet_plan_count(plan) == 0 && findings->left_alone == 0;
}

static signet_plan *make(undoing *all, signet_undo_findings *findings,
                         signet_error *error)
{
  const signet_undo_source source = {.job = all->job->about.parent,
                                     .account = all->job->about.identity,
                                     .each = each_write,
                                     .user = all,
                                     .taken = &all->taken,
                                     .stays = stays};
  const char *by = NULL;
  all->touched = json_object_new_object();
  all->used = json_object_new_object();
  if (all->touched == NULL || all->used == NULL) {
    no_memory(error);
    return NULL;
  }
  if (!settle(all, error) || !read_former(all, error) ||
      !look_at_templates(all, error))
    return NULL;
  findings->settled = all->job->past.findings;
  findings->undone = signet_undos_find(&all->undos, all->job->about.parent,
                                       &by) == SIGNET_UNDONE_ALL;
  if (by != NULL)
    snprintf(findings->former, sizeof findings->former, "%s", by);
  signet_plan *plan = signet_undo_make(&source, &findings->irreversible, error);
  findings->left_alone = all->left_alone;
  all->job->totals.left_alone = (int64_t)all->left_alone;
  if (plan == NULL)
    return NULL;
  if (was_undone(findings, plan))
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "job %s was undone already, by job %s",
                     all->job->about.parent, findings->former);
  else if (!keep_text(all->job, plan))
    no_memory(error);
  else if (!is_end(findings, plan) || signet_job_need_row(all->job, error))
    return plan;
  if (all->job->about.borrow_script)
    all->job->about.script = NULL;
  signet_plan_free(plan);
  return NULL;
}

signet_plan *signet_job_undo(signet_job *job, signet_undo_conflict_fn conflict,
                             void *user, signet_undo_findings *findings,
                             signet_error *error)
{
  undoing all = {.job = job, .conflict = conflict, .user = user};
  signet_error_init(error);
  *findings = (signet_undo_findings){0};
  if (job->loop == NULL || job->account == NULL || job->about.parent == NULL ||
      job->opening.no_journal) {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "an undo needs a journal, an account that is attached, "
                     "and the job that it takes back as its parent");
    return NULL;
  }
  signet_plan *plan = make(&all, findings, error);
  signet_undos_free(&all.undos);
  signet_taken_free(&all.taken);
  json_object_put(all.touched);
  json_object_put(all.used);
  return plan;
}
