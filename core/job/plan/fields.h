/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_FIELDS_H
#define SIGNET_JOB_PLAN_FIELDS_H

#include "job/plan/apply_state.h"

const signet_plan_step *signet_apply_step_of(const signet_plan_apply *apply,
                                             uint32_t step);
/** The entry of that id in the plan; NULL: no step is about it. */
signet_apply_entry *signet_apply_find(const signet_plan_apply *apply,
                                      signet_kind kind, const char *id);
/** The id of an entry as the service knows it; as the plan does while it isn't
 * made yet. */
const char *signet_apply_id(const signet_plan_apply *apply, signet_kind kind,
                            const char *id, char *text, size_t size);
/** Of an entry, for `table`. */
uint64_t signet_apply_entry_hash(signet_kind kind, const char *id);
/** The fields that a step writes, with the ids of what the plan has made. NULL:
 * out of memory. */
signet_fields *signet_apply_fields_of(const signet_plan_apply *apply,
                                      uint32_t step);
/** The id of the signature that the step's fields name; "": none. */
bool signet_apply_sign_of(const signet_plan_apply *apply, uint32_t step,
                          char *id, size_t size);

#endif
