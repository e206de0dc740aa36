/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_FIELDS_H
#define SIGNET_MODEL_FIELDS_H

/* Values, and sets of fields. */

#include "signet/record.h"

/** How many fields a record may have. */
enum { SIGNET_FIELDS_MAXIMUM = 256 };

/** A text value that borrows @p data. */
signet_value signet_value_text(const char *data, size_t length);
signet_value signet_value_integer(int64_t integer);
signet_value signet_value_boolean(bool boolean);
/** Same type and same value; text byte by byte. */
bool signet_value_equal(const signet_value *a, const signet_value *b);
/** The same, but an integer and a string of the same digits are equal too, as
 * ids are. */
bool signet_value_matches(const signet_value *a, const signet_value *b);
/** Another set with the same fields. NULL: out of memory. */
signet_fields *signet_fields_copy(const signet_fields *from);

#endif
