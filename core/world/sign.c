/* SPDX-License-Identifier: MIT */
/* Creating and renaming signatures. The signs dialect knows no review: what it
 * writes counts as approved, or keeps the status that it has. */
#include "world/sign.h"

#include "dialect/dialect.h"
#include "world/attempt.h"
#include "world/check.h"
#include "world/entry.h"
#include "world/refuse.h"
#include "world/review.h"

static signet_value name_of(const signet_attempt *attempt)
{
  signet_value name;
  signet_fields_get(attempt->operation->fields, "sign_name", &name);
  return name;
}

static bool check_free(signet_attempt *attempt, const signet_value *name,
                       const signet_entry *self)
{
  const signet_entry *owner = signet_world_find_name(
      attempt->world, name->as.text.data, name->as.text.length);
  if (owner != NULL && owner != self)
    return signet_world_refuse(attempt, SIGNET_REFUSE_NAME_TAKEN);
  return true;
}

bool signet_world_create_sign(signet_attempt *attempt)
{
  signet_world *world = attempt->world;
  if (!signet_world_check(attempt))
    return false;
  signet_value name = name_of(attempt);
  if (!check_free(attempt, &name, NULL))
    return false;
  if (signet_dialect_row_of(attempt->dialect)->limits_signs &&
      world->shelves[SIGNET_SIGN].count >= world->options.max_signs)
    return signet_world_refuse(attempt, SIGNET_REFUSE_FULL);
  signet_entry *sign = signet_entry_new(SIGNET_SIGN);
  if (sign == NULL || !signet_world_text_set(&sign->name, name.as.text.data,
                                             name.as.text.length)) {
    signet_entry_free(sign);
    return signet_world_refuse_memory(attempt);
  }
  sign->status = signet_dialect_row_of(attempt->dialect)->reviews
                     ? SIGNET_STATUS_PENDING
                     : SIGNET_STATUS_APPROVED;
  return signet_world_enter(attempt, sign);
}

/* Whether the signature may be renamed at all; absent fields come first, as in
 * the order in which a service reads a request. */
static bool check_update(signet_attempt *attempt, const signet_entry *sign)
{
  if (signet_dialect_row_of(attempt->dialect)->reviews &&
      sign->status == SIGNET_STATUS_PENDING)
    return signet_world_refuse(attempt, SIGNET_REFUSE_PENDING_UPDATE);
  if (sign->locked)
    return signet_world_refuse(attempt, SIGNET_REFUSE_PLANS_UPDATE);
  return true;
}

bool signet_world_update_sign(signet_attempt *attempt)
{
  signet_world *world = attempt->world;
  signet_entry *sign = NULL;
  if (!signet_world_check(attempt) ||
      (sign = signet_world_target(attempt)) == NULL ||
      !check_update(attempt, sign))
    return false;
  signet_value name = name_of(attempt);
  if (!check_free(attempt, &name, sign))
    return false;
  if (!world->options.review_unchanged &&
      signet_world_text_equal(&sign->name, name.as.text.data,
                              name.as.text.length))
    return true;
  bool review = signet_dialect_row_of(attempt->dialect)->reviews;
  if (!signet_world_rename(world, sign, name.as.text.data, name.as.text.length,
                           review && !world->options.free_name_on_submit))
    return signet_world_refuse_memory(attempt);
  if (review) {
    signet_world_submit(world, sign);
  } else {
    sign->updated_ms = world->now_ms;
    signet_world_schedule(world, sign); /* by its new name */
  }
  return true;
}
