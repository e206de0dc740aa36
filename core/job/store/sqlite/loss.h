/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_LOSS_H
#define SIGNET_JOB_STORE_SQLITE_LOSS_H

#include "job/store/sqlite/sqlite.h"

/** Fills @p error with what was lost. @return false */
bool signet_store_refuse_damage(const signet_sqlite_store *store,
                                signet_error *error);
/** Reads the chain and what it tells. @return false: @p error */
bool signet_store_look_at_chain(signet_sqlite_store *store,
                                signet_error *error);
/** Begins the chain anew, after what came from elsewhere. For the writer.
 * @return a result code */
int signet_store_restart_chain(signet_sqlite_store *store);
/** What was lost. */
bool signet_store_damage(signet_store *store, signet_error *error);
bool signet_store_accept(signet_store *store, signet_error *error);
bool signet_store_get_loss(signet_store *store, const char *job, bool running,
                           signet_store_loss *loss, signet_error *error);

#endif
