/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_ID_INDEX_H
#define SIGNET_ACCOUNT_ID_INDEX_H

#include "dialect/reply.h"
#include "signet/record.h"

/** A list's records by id, for when many wait. */
typedef struct signet_id_index {
  const signet_list *list;
  const signet_record **slots; /* NULL: few wait, search from the start */
  size_t mask;
} signet_id_index;

/** Indexes a list. @param waiting  how many calls search it. Free the slots.
 * Without memory it searches from the start, too. */
void signet_id_index_make(signet_id_index *index, const signet_list *list,
                          size_t waiting);
/** NULL: the list doesn't show it. */
const signet_record *signet_id_index_find(const signet_id_index *index,
                                          const char *id);

#endif
