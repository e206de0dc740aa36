/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_RECORD_H
#define SIGNET_MODEL_RECORD_H

#include "signet/record.h"

/** Whether a record has every field of @p filter (NULL: none) with a value that
 * matches. */
bool signet_record_matches(const signet_record *record,
                           const signet_fields *filter);
/** Whether its list shows of no template which signature it has. */
bool signet_record_hides_signature(const signet_record *record);

#endif
