/* SPDX-License-Identifier: MIT */
/* Entries that somebody else has changed after the job wrote them contradict
 * nothing: they show neither what was there before nor what was written. */
#include "job/audit_changed.h"

#include "job/audit_compare.h"
#include "job/audit_tell.h"

#include "account/rests.h"
#include "account/same.h"
#include "account/times.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* By so much the time of a sending may be off: the service tells whole ones. */
enum { CLOCK_SECONDS = 1 };

/* Whether a field that is not as it was written shows what was there before, or
 * that isn't known. */
static bool shows_before(const signet_fields *written,
                         const signet_record *before, const signet_record *now)
{
  const char *name;
  signet_value wanted;
  signet_value old;
  signet_value shown;
  for (size_t i = 0; signet_fields_at(written, i, &name, &wanted); i++)
    if (signet_record_content(now, name, &shown) &&
        !signet_value_same(name, &wanted, &shown) &&
        (!signet_record_content(before, name, &old) ||
         signet_value_same(name, &old, &shown)))
      return true;
  return false;
}

/* @return false: out of memory */
static bool note_former(signet_last_write *last, const signet_write_row *row)
{
  const char *problem = NULL;
  signet_fields *fields = signet_fields_new();
  signet_list *before = signet_record_list(last->kind, row->before);
  json_object *object =
      signet_json_parse(row->after, strlen(row->after), &problem);
  bool read = fields != NULL && before != NULL && problem == NULL &&
              signet_json_fields(object, fields, &problem);
  last->former = last->former || !read ||
                 shows_before(fields, signet_list_at(before, 0), last->record);
  json_object_put(object);
  signet_list_release(before);
  signet_fields_free(fields);
  return fields != NULL && !signet_json_ran_out(problem);
}

/* Of a create there is nothing before. */
static bool look_for_former(void *user, const signet_write_row *row)
{
  signet_audit *audit = user;
  signet_last_write *last = signet_audit_find(audit, row);
  if (last == NULL || !last->doubted || last->record == NULL ||
      last->verb == SIGNET_DELETE || row->before == NULL || row->after == NULL)
    return true;
  audit->memory = !note_former(last, row);
  return !audit->memory;
}

static void explain(const signet_last_write *last, const char *after, char *out,
                    size_t size)
{
  char difference[240] = "something else";
  (void)signet_audit_difference(last, after, difference, sizeof difference);
  snprintf(out, size, "%s %s shows %s", signet_kind_word(last->kind), last->id,
           difference);
}

/* A change from before the write, or from a time that isn't known, says nothing
 * of what came of it. Times are those of the service, in seconds. */
static bool is_later(const signet_last_write *last, const signet_write_row *row)
{
  return row->sent_at > 0 && signet_record_updated_at(last->record) >
                                 row->sent_at / 1000 + CLOCK_SECONDS;
}

static bool believe(void *user, const signet_write_row *row)
{
  signet_audit *audit = user;
  signet_job_stored *stored = &audit->job->audits.stored;
  signet_last_write *last = signet_audit_find(audit, row);
  if (last == NULL || last->number != row->number || !last->doubted ||
      last->former || last->record == NULL || last->verb == SIGNET_DELETE ||
      !is_later(last, row))
    return true;
  last->doubted = false;
  if (stored->changed++ == 0)
    explain(last, row->after, stored->change, sizeof stored->change);
  return true;
}

bool signet_audit_note_former(signet_audit *audit)
{
  return signet_audit_each_row(audit, look_for_former, audit);
}

bool signet_audit_believe_changed(signet_audit *audit)
{
  return signet_audit_each_row(audit, believe, audit);
}
