/* SPDX-License-Identifier: MIT */
/* Who uses a signature that a step deletes. Others may have given it to
 * templates since the plan was made, days ago perhaps: these would be out of
 * service for good. */
#include "job/plan/users.h"
#include "account/account.h"

#include "model/error_fill.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many of them as a message names. */
enum { NAMES_SIZE = 120 };

static const signet_plan_step *step_of(const signet_plan_apply *apply,
                                       uint32_t step)
{
  return signet_plan_at(apply->plan, step);
}

static bool deletes_sign(const signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = step_of(apply, step);
  return of->verb == SIGNET_DELETE && of->kind == SIGNET_SIGN;
}

bool signet_apply_asks_users(const signet_plan_apply *apply, uint32_t step)
{
  const signet_account *account = apply->account;
  return deletes_sign(apply, step) && !apply->steps[step].unused &&
         account->overlay == NULL && account->settings.fresh_ms >= 0 &&
         signet_dialect_has(account->dialect, SIGNET_TEMPLATE);
}

/* How many use it when the plan comes to this step. An undo deletes only what
 * nobody uses. */
static int64_t users_expected(const signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = step_of(apply, step);
  return apply->options.undo ? 0 : (int64_t)of->outage_count;
}

/* Before the first step of the plan, those that it is about may still use it.
 */
bool signet_apply_count_users(const signet_plan_apply *apply, uint32_t step,
                              const signet_record *sign, signet_error *error)
{
  int64_t most = users_expected(apply, step) + (int64_t)apply->template_count;
  int64_t users = signet_record_integer(sign, "related_template_count", 0);
  if (!deletes_sign(apply, step) || users <= most)
    return true;
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  return signet_error_set(error, SIGNET_ERROR_CONFLICT,
                          "%s: %" PRId64 " %s it by now, and the %s knows of "
                          "%" PRId64,
                          signet_apply_finding(apply), users,
                          users == 1 ? "template uses" : "templates use",
                          signet_apply_noun(apply),
                          users_expected(apply, step));
}

bool signet_apply_may_have_users(const signet_plan_apply *apply, uint32_t step,
                                 const signet_record *sign)
{
  return deletes_sign(apply, step) &&
         signet_record_integer(sign, "related_template_count", 0) >
             users_expected(apply, step);
}

/* Whether the plan shows that the template is out of service then, or has
 * deleted or moved it, which a list may not show yet. */
static bool is_known(const signet_plan_apply *apply, uint32_t step,
                     int64_t template)
{
  const signet_plan_step *of = step_of(apply, step);
  for (size_t i = 0; !apply->options.undo && i < of->outage_count; i++)
    if (of->outage[i] == template)
      return true;
  for (size_t i = 0; i < apply->entry_count; i++) {
    const signet_apply_entry *entry = &apply->entries[i];
    if (entry->id == template && entry->first < step &&
        step_of(apply, entry->first)->kind == SIGNET_TEMPLATE &&
        apply->steps[entry->first].result == SIGNET_STEP_DONE)
      return true;
  }
  return false;
}

static bool uses(const signet_record *template, int64_t sign)
{
  const char *id = signet_record_string(template, "sign_id");
  return (id != NULL ? strtoll(id, NULL, 10)
                     : signet_record_integer(template, "sign_id", 0)) == sign;
}

bool signet_apply_check_users(const signet_plan_apply *apply, uint32_t step,
                              const signet_list *templates, signet_error *error)
{
  char names[NAMES_SIZE + 40] = "";
  size_t length = 0;
  int64_t sign = apply->entries[apply->steps[step].entry].id;
  for (size_t i = 0; i < signet_list_count(templates); i++) {
    char id[24];
    const signet_record *record = signet_list_at(templates, i);
    signet_record_id(record, id, sizeof id);
    if (length < NAMES_SIZE && uses(record, sign) &&
        !is_known(apply, step, strtoll(id, NULL, 10)))
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                 length > 0 ? ", " : "", id);
  }
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  return length == 0 ||
         signet_error_set(error, SIGNET_ERROR_CONFLICT,
                          "%s: templates that the %s does not know use it by "
                          "now: %s; give them another signature first",
                          signet_apply_finding(apply), signet_apply_noun(apply),
                          names);
}
