/* SPDX-License-Identifier: MIT */
#include "account/rests.h"

#include "account/account.h"
#include "account/check.h"
#include "account/recorder.h"
#include "account/same.h"
#include "account/template.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/fields.h"
#include "model/list.h"
#include "model/memory.h"
#include "model/text.h"
#include "signet/rules.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SHOWN = 80 };

static const char USERS[] = "related_template_count";

signet_list *signet_record_list(signet_kind kind, const char *json)
{
  const char *problem;
  json_object *object = signet_json_parse(json, strlen(json), &problem);
  signet_list *list = signet_list_new(kind);
  if (list != NULL && (!json_object_is_type(object, json_type_object) ||
                       signet_json_record(object, list) == NULL)) {
    signet_list_release(list);
    list = NULL;
  }
  if (list != NULL)
    signet_list_seal(list);
  json_object_put(object);
  return list;
}

/* ---- completing ---- */

bool signet_rests_complete(signet_call *call, const signet_record *now)
{
  const char *problem;
  signet_violation violation;
  if (call->kind != SIGNET_TEMPLATE || call->verb != SIGNET_UPDATE ||
      signet_template_is_complete(call->fields))
    return true;
  if (!signet_template_complete(call->fields, now, &problem)) {
    signet_call_fail(
        call, problem != NULL ? SIGNET_ERROR_REFUSED : SIGNET_ERROR_MEMORY,
        "%s", problem != NULL ? problem : "out of memory");
    return false;
  }
  call->basis.completed = true;
  if (signet_template_check_signature(call->fields, &violation))
    return true;
  signet_check_break_rule(call, &violation);
  return false;
}

/* ---- nothing to change ---- */

static void warn_of_rejected(signet_call *call)
{
  char text[200];
  if (call->warning != NULL)
    return;
  snprintf(text, sizeof text,
           "%s %s is rejected and holds just these values already: nothing "
           "was sent; --resubmit (in Lua: resubmit) sends it to another review",
           signet_kind_word(call->kind), call->id);
  call->warning = signet_memory_text(text, strlen(text));
}

bool signet_rests_unchanged(signet_call *call, const signet_record *now)
{
  signet_account *account = call->account;
  if (call->verb != SIGNET_UPDATE || account->settings.resubmit ||
      !signet_entry_is_same(call->kind, call->fields, now))
    return false;
  bool rejected =
      signet_record_integer(now, "status", 0) == SIGNET_STATUS_REJECTED;
  call->write.unchanged = true;
  call->error.outcome = SIGNET_OUTCOME_APPLIED;
  if (account->recorder != NULL && account->recorder->unchanged != NULL)
    account->recorder->unchanged(account->recorder, call, rejected);
  else if (rejected)
    warn_of_rejected(call);
  signet_call_finish(call);
  return true;
}

/* ---- changed by others ---- */

/* Who updates what was pending has waited for its review: that it is decided
 * by now is nobody's edit. */
static bool same_status(signet_verb verb, const signet_record *seen,
                        const signet_record *now)
{
  signet_value left;
  signet_value right;
  return !signet_record_get(seen, "status", &left) ||
         !signet_record_get(now, "status", &right) ||
         signet_value_matches(&left, &right) ||
         (verb == SIGNET_UPDATE &&
          signet_record_integer(seen, "status", 0) == SIGNET_STATUS_PENDING);
}

/* Who deletes a signature takes the templates that use it out of service: more
 * of them than there were is more than was meant. */
static bool has_more_users(const signet_call *call, const signet_record *seen,
                           const signet_record *now)
{
  int64_t before = signet_record_integer(seen, USERS, -1);
  return call->verb == SIGNET_DELETE && call->kind == SIGNET_SIGN &&
         before >= 0 && signet_record_integer(now, USERS, before) > before;
}

bool signet_rests_holds(const signet_call *call, const signet_record *seen,
                        const signet_record *now)
{
  return signet_entry_same_content(call->kind, seen, now) &&
         same_status(call->verb, seen, now) && !has_more_users(call, seen, now);
}

static void show_status(char *out, size_t size, int64_t status)
{
  const char *name = signet_status_name(status);
  if (name != NULL)
    snprintf(out, size, "%s", name);
  else
    snprintf(out, size, "%" PRId64, status);
}

static void show_value(char *out, size_t size, const signet_record *record,
                       const char *field)
{
  signet_value value;
  char text[SHOWN];
  if (!signet_record_content(record, field, &value))
    snprintf(out, size, "not shown");
  else if (value.type == SIGNET_NULL)
    snprintf(out, size, "not set");
  else if (value.type == SIGNET_INTEGER && strcmp(field, "status") == 0)
    show_status(out, size, value.as.integer);
  else if (value.type == SIGNET_INTEGER)
    snprintf(out, size, "%" PRId64, value.as.integer);
  else if (value.type == SIGNET_STRING) {
    signet_text_escape(text, sizeof text, value.as.text.data,
                       value.as.text.length);
    snprintf(out, size, "\"%s\"", text);
  } else
    snprintf(out, size, "of another type");
}

/* "when this run read it at 12:01:03". */
static void show_time(char *out, size_t size, int64_t read_ms)
{
  struct tm local;
  int64_t age_ms = signet_clock_boot_ms() - read_ms;
  time_t when = (time_t)((signet_clock_unix_ms() - age_ms) / 1000);
  const char *format = age_ms < INT64_C(24) * 3600 * 1000
                           ? "when this run read it at %H:%M:%S"
                           : "when this run read it on %Y-%m-%d at %H:%M:%S";
  localtime_r(&when, &local);
  strftime(out, size, format, &local);
}

static bool refuse(signet_call *call, const signet_record *seen,
                   const signet_record *now, int64_t read_ms,
                   signet_outcome outcome)
{
  char was[SHOWN + 8];
  char is[SHOWN + 8];
  char when[80] = "in what the write rests on";
  const char *field = signet_entry_difference(call->kind, seen, now);
  if (field == NULL && !same_status(call->verb, seen, now))
    field = "status";
  if (field == NULL && has_more_users(call, seen, now))
    field = USERS;
  if (field == NULL)
    return false;
  show_value(is, sizeof is, now, field);
  show_value(was, sizeof was, seen, field);
  if (read_ms >= 0)
    show_time(when, sizeof when, read_ms);
  call->error.http_status = 0; /* that was the reading */
  call->error.outcome = outcome;
  signet_call_fail(call, SIGNET_ERROR_CONFLICT,
                   "somebody else changed it: %s is now %s, it was %s %s; "
                   "nothing was sent",
                   field, is, was, when);
  return true;
}

bool signet_rests_refuse(signet_call *call, const signet_record *seen,
                         const signet_record *now, int64_t read_ms)
{
  return refuse(call, seen, now, read_ms, SIGNET_OUTCOME_NOT_SENT);
}

/* What an earlier run read of the entry. Its status counts where the write was
 * decided by it, and this run has not looked at it since. */
static bool refuse_before(signet_call *call, const char *before,
                          const signet_record *now, bool by_status)
{
  signet_list *list =
      before != NULL ? signet_record_list(call->kind, before) : NULL;
  const signet_record *seen = list != NULL ? signet_list_at(list, 0) : NULL;
  bool refused =
      seen != NULL &&
      !(by_status ? signet_rests_holds(call, seen, now)
                  : signet_entry_same_content(call->kind, seen, now)) &&
      refuse(call, seen, now, -1, SIGNET_OUTCOME_REFUSED);
  signet_list_release(list);
  return refused;
}

static void refuse_changed(signet_call *call, bool lost)
{
  call->error.http_status = 0;                  /* that was the reading */
  call->error.outcome = SIGNET_OUTCOME_REFUSED; /* for good */
  signet_call_fail(call, SIGNET_ERROR_CONFLICT,
                   "%s; nothing was sent: another run looks at it anew",
                   lost ? "it was changed since the job began, perhaps by what "
                          "the journal lost of the job"
                        : "somebody else changed it since an earlier run of "
                          "the job decided what to write");
}

bool signet_rests_refuse_outdated(signet_call *call, const signet_record *now,
                                  bool read)
{
  signet_recorder *recorder = call->account->recorder;
  const signet_images *images = &call->account->kinds[call->kind].images;
  bool first = !read && !signet_images_known(images, call->id);
  if (recorder == NULL || recorder->outdated == NULL)
    return false;
  signet_outdated why = recorder->outdated(recorder, call, now, first);
  bool reviewed = why.by == SIGNET_OUTDATED_REVIEWED;
  bool perhaps = why.by == SIGNET_OUTDATED_PERHAPS || reviewed;
  if (why.by == SIGNET_OUTDATED_NOT ||
      (perhaps && !refuse_before(call, why.before, now, reviewed && !read)))
    return false;
  if (recorder->left != NULL)
    recorder->left(recorder);
  if (!perhaps)
    refuse_changed(call, why.by == SIGNET_OUTDATED_LOST);
  return true;
}
