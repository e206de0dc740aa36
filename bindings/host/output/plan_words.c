/* SPDX-License-Identifier: MIT */
/* What a plan adds up to. */

#include "host/output/plan_words.h"

#include <stdlib.h>
#include <string.h>

static int compare_ids(const void *left, const void *right)
{
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

  return a < b ? -1 : a > b;
}

/* Templates that can't send in some round: each counts once. */
static size_t count_outage(const signet_plan *plan)
{
  signet_plan_round round;
  size_t all = 0, used = 0, count = 0;
  int64_t *ids;

  for (size_t i = 0; signet_plan_round_at(plan, i, &round); i++)
    all += round.outage_count;
  ids = calloc(all + 1, sizeof ids[0]);
  if (ids == NULL)
    return all;
  for (size_t i = 0; signet_plan_round_at(plan, i, &round); i++) {
    if (round.outage_count > 0) {
      memcpy(ids + used, round.outage, round.outage_count * sizeof ids[0]);
      used += round.outage_count;
    }
  }
  qsort(ids, used, sizeof ids[0], compare_ids);
  for (size_t i = 0; i < used; i++)
    count += i == 0 || ids[i - 1] != ids[i];
  free(ids);
  return count;
}

void signet_host_plan_totals(const signet_plan *plan,
                             struct plan_totals *totals)
{
  *totals = (struct plan_totals){.outage = count_outage(plan)};
  for (size_t i = 0; i < signet_plan_count(plan); i++) {
    const signet_plan_step *step = signet_plan_at(plan, i);

    totals->creates += step->verb == SIGNET_CREATE;
    totals->updates += step->verb == SIGNET_UPDATE;
    totals->deletes += step->verb == SIGNET_DELETE;
    totals->reviews += step->review;
  }
}
