/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_ID_SET_H
#define SIGNET_WIRE_ID_SET_H

/* The ids that a list has shown so far: an account may have hundreds of
 * thousands, so this is a table of numbers. */

#include "signet/record.h"

typedef struct signet_id_set {
  uint64_t *slots; /* 0: a free one */
  size_t capacity; /* a power of two, or 0 */
  size_t used;
} signet_id_set;

/** Adds an id, digits as text or a number; what is none is left out.
 * @param known  set to whether it was there already
 * @return false: out of memory */
bool signet_id_set_add(signet_id_set *set, const signet_value *id, bool *known);
void signet_id_set_free(signet_id_set *set);

#endif
