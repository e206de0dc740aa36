/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_LOAD_H
#define SIGNET_WORLD_LOAD_H

#include "world/state.h"

/** Exchanges everything that two worlds hold. */
SIGNET_INTERNAL void signet_world_swap(signet_world *a, signet_world *b);
/** Sets the options that a JSON object names. */
SIGNET_INTERNAL bool signet_world_load_options(struct json_object *object,
                                               signet_world_options *options,
                                               signet_error *error);
/** Replaces the reviewer's rules by those of a JSON array. */
SIGNET_INTERNAL bool signet_world_load_reviewers(signet_world *world,
                                                 struct json_object *array,
                                                 signet_error *error);
/** "approved", "rejected" or a number, but not Pending. */
SIGNET_INTERNAL bool signet_world_load_status(struct json_object *member,
                                              int *status);

#endif
