/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_MERGE_H
#define SIGNET_JOB_STORE_SQLITE_MERGE_H

#include "job/store/sqlite/sqlite.h"

/** Of the interface: takes over what another journal of the account holds. */
bool signet_store_take_over(signet_store *store, const signet_store *other,
                            signet_error *error);

#endif
