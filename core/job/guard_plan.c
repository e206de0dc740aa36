/* SPDX-License-Identifier: MIT */
/* A whole plan against the limits. */
#include "job/guard_plan.h"

#include "model/error_fill.h"

#include <inttypes.h>

static bool judge(const signet_job_limit *limit, const int64_t counts[2],
                  const int64_t entries[2], const char *what,
                  const char *option, signet_error *error)
{
  int64_t all = counts[0] + counts[1];
  if (!signet_guard_limits(limit))
    return true;
  if (!limit->percent)
    return all <= limit->number ||
           signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "the plan %s %" PRId64 " entries, more than "
                            "%" PRId64 ": %s allows it",
                            what, all, limit->number, option);
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (entries[kind] > 0 && entries[kind] >= limit->from &&
        counts[kind] * 100 > limit->number * entries[kind])
      return signet_error_set(error, SIGNET_ERROR_REFUSED,
                              "the plan %s %" PRId64 " of %" PRId64
                              " %ss, more than %" PRId64 " %%: %s allows it",
                              what, counts[kind], entries[kind],
                              signet_kind_word((signet_kind)kind),
                              limit->number, option);
  return true;
}

bool signet_guard_judge(const signet_guard *guard,
                        const signet_guard_plan *plan, signet_error *error)
{
  return judge(&guard->max_changes, plan->changes, plan->entries, "changes",
               "--max-changes", error) &&
         judge(&guard->max_deletes, plan->deletes, plan->entries, "deletes",
               "--max-deletes", error);
}

bool signet_guard_confirm(signet_guard *guard, const signet_guard_plan *plan,
                          const signet_account *account, signet_error *error)
{
  bool deletes =
      plan->deletes[SIGNET_SIGN] + plan->deletes[SIGNET_TEMPLATE] > 0;
  if (!deletes || guard->confirm == NULL || guard->confirmed)
    return true;
  guard->confirmed = guard->confirm(guard->confirm_user,
                                    signet_account_identity(account), error);
  if (!guard->confirmed && error->message[0] == '\0')
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "deletes were not confirmed, so nothing is sent");
  error->kind = guard->confirmed ? SIGNET_OK : SIGNET_ERROR_REFUSED;
  return guard->confirmed;
}
