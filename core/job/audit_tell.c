/* SPDX-License-Identifier: MIT */
/* A contradiction: the service said that it was done, and doesn't show it. The
 * journal calls it unknown from then on, so that resuming settles it. */
#include "job/audit_tell.h"

#include "job/audit_compare.h"
#include "job/waiting.h"

#include "account/same.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "net/post.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what the service shows instead ---- */

static void show_value(char *out, size_t size, const signet_value *value)
{
  char text[80];
  if (value->type == SIGNET_STRING) {
    signet_text_escape(text, sizeof text, value->as.text.data,
                       value->as.text.length);
    snprintf(out, size, "\"%s\"", text);
  } else if (value->type == SIGNET_INTEGER) {
    snprintf(out, size, "%" PRId64, value->as.integer);
  } else {
    snprintf(out, size, "none");
  }
}

bool signet_audit_difference(const signet_last_write *last, const char *after,
                             char *out, size_t size)
{
  const char *problem = NULL;
  const char *field = NULL;
  signet_value wanted = {.type = SIGNET_NULL};
  signet_value shown;
  char is[90];
  char was[90];
  signet_fields *fields = signet_fields_new();
  json_object *object =
      after != NULL ? signet_json_parse(after, strlen(after), &problem) : NULL;
  bool good = fields != NULL && object != NULL &&
              signet_json_fields(object, fields, &problem) &&
              signet_entry_compare(last->kind, fields, last->record, &field) ==
                  SIGNET_DIFFERENT &&
              signet_record_content(last->record, field, &shown);
  if (good) {
    signet_fields_get(fields, field, &wanted);
    show_value(is, sizeof is, &shown);
    show_value(was, sizeof was, &wanted);
    snprintf(out, size, "%s %s, and not %s", field, is, was);
  }
  json_object_put(object);
  signet_fields_free(fields);
  return good;
}

/* @param looked  the last look came to its end, so that `last` has its record
 */
static void explain(const signet_last_write *last, bool looked,
                    const char *after, signet_contradiction *found)
{
  char difference[240] = "something else";
  if (!looked) {
    snprintf(found->finding, sizeof found->finding,
             "it was %s, but the service did not show that, and could not be "
             "looked at again",
             last->verb == SIGNET_DELETE ? "deleted" : "written");
  } else if (last->verb == SIGNET_DELETE) {
    snprintf(found->finding, sizeof found->finding,
             "it was deleted, but the service shows it");
  } else if (last->record == NULL) {
    snprintf(found->finding, sizeof found->finding,
             "it was written, but the service does not show it");
  } else {
    (void)signet_audit_difference(last, after, difference, sizeof difference);
    snprintf(found->finding, sizeof found->finding,
             "it was written, but the service shows %s", difference);
  }
}

/* ---- the journal ---- */

typedef struct contradicting {
  signet_audit *audit;
  signet_contradiction *found;
  size_t count;
} contradicting;

static signet_contradiction *find(contradicting *all, int64_t number)
{
  for (size_t i = 0; i < all->count; i++)
    if (all->found[i].number == number)
      return &all->found[i];
  return NULL;
}

/* An entry that was written again meanwhile shows what that made of it. */
static void take_back(contradicting *all, signet_last_write *last)
{
  signet_contradiction *found = find(all, last->number);
  last->doubted = false;
  if (found != NULL)
    *found = all->found[--all->count];
}

static bool take_row(void *user, const signet_write_row *row)
{
  contradicting *all = user;
  signet_last_write *last = signet_audit_find(all->audit, row);
  if (last == NULL || !last->doubted || row->number < last->number)
    return true;
  if (row->number > last->number) {
    take_back(all, last);
    return true;
  }
  if (signet_write_state_number(row->state) != SIGNET_WRITE_DONE)
    return true; /* by another audit meanwhile */
  signet_contradiction *found = &all->found[all->count++];
  *found = (signet_contradiction){.number = row->number,
                                  .verb = last->verb,
                                  .kind = last->kind,
                                  .attempts = row->attempts,
                                  .sent_at = row->sent_at};
  snprintf(found->id, sizeof found->id, "%s", last->id);
  explain(last, all->audit->error.kind == SIGNET_OK, row->after, found);
  return true;
}

static bool put(signet_job *job, const signet_contradiction *found,
                signet_error *error)
{
  signet_write_row row = {
      .number = found->number,
      .job = job->about.id,
      .verb = signet_verb_name(found->verb),
      .kind = signet_kind_name(found->kind),
      .target = found->id,
      .state = signet_write_state_name(SIGNET_WRITE_UNKNOWN),
      .answer = found->verb == SIGNET_CREATE ? found->id : NULL,
      .error_kind = signet_error_kind_name(SIGNET_ERROR_UNKNOWN_OUTCOME),
      .error_message = found->finding,
      .attempts = found->attempts,
      .decided_ms = signet_clock_unix_ms(),
      .sent_at = found->sent_at,
  };
  if (!job->store->operations->put_write(job->store, &row, error)) {
    signet_job_break(job, error);
    return false;
  }
  job->writes.unsaved = true;
  job->totals.written -= job->totals.written > 0;
  return true;
}

/* In one array with those of earlier audits. @return false: `error` is set */
static bool keep(contradicting *all, signet_error *error)
{
  signet_job *job = all->audit->job;
  size_t count = job->audits.contradicted_count + all->count;
  signet_contradiction *found = signet_memory_resize(
      job->audits.contradicted, count, sizeof job->audits.contradicted[0]);
  if (found == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  job->audits.contradicted = found;
  memcpy(found + job->audits.contradicted_count, all->found,
         all->count * sizeof found[0]);
  for (size_t i = 0; i < all->count; i++)
    if (!put(job, &all->found[i], error))
      return false;
  job->audits.contradicted_count = count;
  signet_loop_post_early(job->loop, &job->writes.flush);
  return true;
}

bool signet_audit_contradict(signet_audit *audit)
{
  contradicting all = {.audit = audit};
  size_t doubted = signet_audit_doubted(audit, SIGNET_SIGN) +
                   signet_audit_doubted(audit, SIGNET_TEMPLATE);
  if (doubted == 0)
    return true;
  all.found = signet_memory_zeroed(doubted, sizeof all.found[0]);
  if (all.found == NULL) {
    signet_error_set(&audit->error, SIGNET_ERROR_MEMORY, "out of memory");
    return false;
  }
  bool good = signet_audit_each_row(audit, take_row, &all) &&
              (all.count == 0 || keep(&all, &audit->error));
  signet_memory_free(all.found);
  return good;
}

/* ---- telling ---- */

void signet_job_each_mismatch(const signet_job *job,
                              signet_job_mismatch_fn function, void *user)
{
  for (size_t i = 0; i < job->audits.contradicted_count; i++) {
    const signet_contradiction *found = &job->audits.contradicted[i];
    const signet_job_mismatch mismatch = {
        found->number, signet_verb_name(found->verb),
        signet_kind_name(found->kind), found->id, found->finding};
    function(user, &mismatch);
  }
}

uint64_t signet_job_contradicted(const signet_job *job)
{
  return job->audits.contradicted_count;
}
