/* SPDX-License-Identifier: MIT */
/* What other jobs of a journal made. One entry answers one write: that of
 * another job is none of this one's, however equal they are. */
#include "job/others.h"

#include "job/row.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>

typedef struct others {
  signet_job *job;
  char (*ids)[SIGNET_JOB_ID_SIZE];
  size_t count;
  size_t capacity;
  bool memory; /* it ran out */
} others;

static bool take_job(void *user, const signet_job_row *row)
{
  others *all = user;
  if (strcmp(row->id, all->job->about.id) == 0 ||
      strlen(row->id) >= SIGNET_JOB_ID_SIZE)
    return true;
  if (all->count == all->capacity) {
    size_t capacity = all->capacity > 0 ? all->capacity * 2 : 64;
    char(*ids)[SIGNET_JOB_ID_SIZE] =
        signet_memory_resize(all->ids, capacity, sizeof ids[0]);
    all->memory = ids == NULL;
    if (all->memory)
      return false;
    all->ids = ids;
    all->capacity = capacity;
  }
  snprintf(all->ids[all->count++], sizeof all->ids[0], "%s", row->id);
  return true;
}

static bool take_write(void *user, const signet_write_row *row)
{
  others *all = user;
  signet_write_words words;
  if (signet_job_read_words(row->verb, row->kind, row->state, &words) &&
      words.verb == SIGNET_CREATE && words.state == SIGNET_WRITE_DONE &&
      row->answer != NULL)
    all->memory =
        !signet_made_add(&all->job->entries.others, words.kind, row->answer);
  return !all->memory;
}

bool signet_job_recall_others(signet_job *job, signet_error *error)
{
  const signet_store_operations *operations = job->store->operations;
  others all = {.job = job};
  bool good = operations->each_job(job->store, NULL, take_job, &all, error);
  for (size_t i = 0; good && !all.memory && i < all.count; i++)
    good =
        operations->each_write(job->store, all.ids[i], take_write, &all, error);
  signet_memory_free(all.ids);
  return good && (!all.memory || signet_error_set(error, SIGNET_ERROR_MEMORY,
                                                  "out of memory"));
}
