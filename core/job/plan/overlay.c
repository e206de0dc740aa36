/* SPDX-License-Identifier: MIT */
/* What an overlay took, as a plan. */
#include "overlay/overlay.h"
#include "job/plan/link.h"
#include "job/plan/save.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <string.h>

static bool copy_outage(signet_plan_step *step,
                        const signet_overlay_write *write)
{
  if (write->outage_count == 0)
    return true;
  int64_t *ids = signet_memory_zeroed(write->outage_count, sizeof ids[0]);
  if (ids == NULL)
    return false;
  memcpy(ids, write->outage, write->outage_count * sizeof ids[0]);
  step->outage = ids;
  step->outage_count = write->outage_count;
  return true;
}

static bool add(signet_plan *plan, signet_plan_hint *hint,
                const signet_overlay_write *write)
{
  signet_plan_step *step = signet_plan_add(
      plan, write->verb, write->kind, write->id, write->before, write->after);
  if (step == NULL)
    return false;
  step->assumed = write->assumed;
  step->assumed_sign = write->assumed_sign;
  step->review = write->review;
  step->awaited = write->awaited;
  step->expect = write->decision;
  *hint = (signet_plan_hint){write->jumps, write->decided, write->awaited,
                             write->awaited_from};
  return copy_outage(step, write);
}

static bool fill(signet_plan *plan, const signet_overlay *overlay)
{
  signet_plan_hint *hints =
      signet_memory_zeroed(overlay->write_count + 1, sizeof hints[0]);
  bool good = hints != NULL;
  for (size_t i = 0; good && i < overlay->write_count; i++)
    good = add(plan, &hints[i], &overlay->writes[i]);
  good = good && signet_plan_link(plan, hints) && signet_plan_seal(plan);
  signet_memory_free(hints);
  return good;
}

signet_plan *signet_overlay_plan(const signet_overlay *overlay,
                                 const char *script, const char *arguments,
                                 signet_error *error)
{
  signet_error_init(error);
  signet_plan *plan = signet_plan_new(overlay->identity, script, arguments);
  if (plan != NULL) {
    plan->from = overlay->from;
    plan->unplanned = overlay->unplanned;
  }
  if (plan != NULL && !overlay->torn && fill(plan, overlay))
    return plan;
  signet_plan_free(plan);
  signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  return NULL;
}
