/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_SAVE_H
#define SIGNET_WORLD_SAVE_H

#include "world/state.h"

/** Appends the options as a JSON object. */
SIGNET_INTERNAL void
signet_world_write_options(struct signet_buffer *out,
                           const signet_world_options *options);
/** Appends the reviewer's rules as a JSON array. */
SIGNET_INTERNAL void signet_world_write_reviewers(struct signet_buffer *out,
                                                  const signet_world *world);

#endif
