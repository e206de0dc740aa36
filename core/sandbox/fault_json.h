/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_FAULT_JSON_H
#define SIGNET_SANDBOX_FAULT_JSON_H

#include "sandbox/fault.h"

/** Appends a rule that a JSON object describes. @return NULL: @p error */
const sandbox_fault *sandbox_faults_add(sandbox_faults *faults,
                                        struct json_object *object,
                                        signet_error *error);
/** The rule as the JSON object that would make it, with its counts. */
void sandbox_fault_write(struct signet_buffer *out, const sandbox_fault *fault);

#endif
