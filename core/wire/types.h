/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_TYPES_H
#define SIGNET_WIRE_TYPES_H

/*
 * The types that the pages of the configs API give to fields: ids and names are
 * text; statuses, positions, counts and times are integers. A service that
 * sends
 * {"sign_id": 7, "status": "2"} means the same, and everything above this layer
 * sees the types of the pages.
 */

#include "signet/record.h"

/** Room for the digits of any int64. */
enum { SIGNET_TYPES_DIGITS = 24 };

/**
 * Gives the value of a field of the @p kind its type. Fields that the pages
 * don't name stay as they are, and so do ids that are none, and a text or an
 * integer that means nothing in that type; any other value becomes null.
 * @param digits  memory that the value may borrow afterwards
 */
void signet_types_bring(signet_kind kind, const char *name, size_t length,
                        signet_value *value, char digits[SIGNET_TYPES_DIGITS]);

#endif
