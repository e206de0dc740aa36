/* SPDX-License-Identifier: MIT */
#include "account/id_index.h"

#include "model/kinds.h"
#include "model/memory.h"

#include <string.h>

enum { INDEX_FROM = 4 };

static void index_add(signet_id_index *index, const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  size_t at =
      signet_id_hash(signet_record_id(record, id, sizeof id)) & index->mask;
  while (index->slots[at] != NULL)
    at = (at + 1) & index->mask;
  index->slots[at] = record;
}

void signet_id_index_make(signet_id_index *index, const signet_list *list,
                          size_t waiting)
{
  size_t count = signet_list_count(list);
  size_t size = 16;
  *index = (signet_id_index){.list = list};
  if (waiting < INDEX_FROM)
    return;
  while (size < count * 2)
    size *= 2;
  index->slots = signet_memory_zeroed(size, sizeof index->slots[0]);
  index->mask = size - 1;
  for (size_t i = 0; index->slots != NULL && i < count; i++)
    index_add(index, signet_list_at(list, i));
}

static bool has_id(const signet_record *record, const char *id)
{
  char own[SIGNET_ID_SIZE];
  return strcmp(signet_record_id(record, own, sizeof own), id) == 0;
}

const signet_record *signet_id_index_find(const signet_id_index *index,
                                          const char *id)
{
  if (index->slots != NULL) {
    size_t at = signet_id_hash(id) & index->mask;
    for (; index->slots[at] != NULL; at = (at + 1) & index->mask)
      if (has_id(index->slots[at], id))
        return index->slots[at];
    return NULL;
  }
  for (size_t i = 0; i < signet_list_count(index->list); i++)
    if (has_id(signet_list_at(index->list, i), id))
      return signet_list_at(index->list, i);
  return NULL;
}
