/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_IMPORT_H
#define SIGNET_WORLD_IMPORT_H

#include "world/state.h"

/** Takes a record that an account listed into the world. @return false:
 * @p error says what is wrong with it */
bool signet_world_import_record(signet_world *world,
                                const signet_record *record, size_t index,
                                signet_error *error);

#endif
