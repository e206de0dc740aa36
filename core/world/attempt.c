/* SPDX-License-Identifier: MIT */
/* What the operations on both kinds of entry have in common. */
#include "world/attempt.h"

#include "world/entry.h"
#include "world/record.h"
#include "world/refuse.h"
#include "world/review.h"

#include "model/list.h"

signet_entry *signet_world_target(signet_attempt *attempt)
{
  const signet_operation *operation = attempt->operation;
  signet_entry *entry = NULL;
  int64_t id;
  if (operation->id == NULL ||
      !signet_entry_id_parse(operation->id, operation->id_length, &id))
    signet_world_refuse(attempt, SIGNET_REFUSE_ID);
  else if ((entry = signet_world_find(attempt->world, operation->kind, id)) ==
           NULL)
    signet_world_refuse(attempt, SIGNET_REFUSE_ABSENT);
  return entry;
}

bool signet_world_answer(signet_attempt *attempt, const signet_entry *entry)
{
  signet_list *list = signet_list_new(entry->kind);
  if (list == NULL || signet_world_record(attempt->world, attempt->dialect,
                                          entry, list) == NULL) {
    signet_list_release(list);
    return signet_world_refuse_memory(attempt);
  }
  signet_list_seal(list);
  attempt->reply->list = list;
  return true;
}

bool signet_world_enter(signet_attempt *attempt, signet_entry *entry)
{
  signet_world *world = attempt->world;
  entry->id = world->next_id;
  entry->created_ms = world->now_ms;
  entry->updated_ms = world->now_ms;
  entry->submitted_ms = world->now_ms;
  /* First what may fail: an entry that was made without an answer would be one
   * that nobody knows of. */
  bool done = signet_world_answer(attempt, entry);
  if (done && !signet_world_add(world, entry)) {
    signet_list_release(attempt->reply->list);
    attempt->reply->list = NULL;
    done = signet_world_refuse_memory(attempt);
  }
  if (!done) {
    signet_entry_free(entry);
    return false;
  }
  world->next_id++;
  signet_world_schedule(world, entry);
  return true;
}
