/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_TEMPLATE_H
#define SIGNET_ACCOUNT_TEMPLATE_H

/*
 * Writing a template. The service wants every field each time, and shows a
 * signature only if `add_signature` says so, a field that it never sends back:
 * what is read can't be written as it is without losing the signature.
 */

#include "signet/record.h"
#include "signet/rules.h"

/** Makes ids strings, and add_signature follow from sign_id where it isn't
 * given. @return false: out of memory */
bool signet_template_normalise(signet_fields *fields);

/** Whether nothing of the current record is needed to write @p fields. */
bool signet_template_is_complete(const signet_fields *fields);

/** Adds to @p fields what they lack, from the current record. @return false:
 * that can't be done without a guess, and *problem says why (static text), or
 * memory ran out, and *problem is NULL */
bool signet_template_complete(signet_fields *fields,
                              const signet_record *record,
                              const char **problem);

/** Checks that a signature to be shown is said in full. */
bool signet_template_check_signature(const signet_fields *fields,
                                     signet_violation *violation);

#endif
