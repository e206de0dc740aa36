/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_TIMES_H
#define SIGNET_ACCOUNT_TIMES_H

#include "signet/record.h"

/** When an entry was created, or changed last, by the service's clock: Unix
 * seconds, however it writes them; -1: it doesn't say. */
int64_t signet_record_created_at(const signet_record *record);
int64_t signet_record_updated_at(const signet_record *record);

#endif
