/* SPDX-License-Identifier: MIT */
#include "job/undone.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>

typedef struct reading {
  signet_undos *undos;
  bool memory; /* it ran out */
} reading;

static bool take_job(void *user, const signet_job_row *row)
{
  reading *all = user;
  signet_undos *undos = all->undos;
  if (row->type == NULL || strcmp(row->type, "undo") != 0 ||
      row->parent == NULL || strlen(row->parent) >= SIGNET_JOB_ID_SIZE ||
      strlen(row->id) >= SIGNET_JOB_ID_SIZE)
    return true;
  if (undos->count == undos->capacity) {
    size_t capacity = undos->capacity > 0 ? undos->capacity * 2 : 16;
    signet_undo_row *rows =
        signet_memory_resize(undos->rows, capacity, sizeof rows[0]);
    all->memory = rows == NULL;
    if (all->memory)
      return false;
    undos->rows = rows;
    undos->capacity = capacity;
  }
  signet_undo_row *undo = &undos->rows[undos->count++];
  snprintf(undo->id, sizeof undo->id, "%s", row->id);
  snprintf(undo->parent, sizeof undo->parent, "%s", row->parent);
  undo->whole = row->state != NULL && strcmp(row->state, "done") == 0;
  undo->wrote = false;
  return true;
}

static bool take_write(void *user, const signet_write_row *row)
{
  signet_undo_row *undo = user;
  undo->wrote = strcmp(row->state, "done") == 0;
  return !undo->wrote;
}

bool signet_undos_read(signet_undos *undos, signet_store *store,
                       signet_error *error)
{
  reading all = {.undos = undos};
  *undos = (signet_undos){0};
  bool good = store->operations->each_job(store, NULL, take_job, &all, error);
  if (all.memory)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  for (size_t i = 0; good && i < undos->count; i++)
    good = store->operations->each_write(store, undos->rows[i].id, take_write,
                                         &undos->rows[i], error);
  return good;
}

signet_undone signet_undos_find(const signet_undos *undos, const char *job,
                                const char **by)
{
  signet_undone result = SIGNET_UNDONE_NOT;
  for (size_t i = 0; i < undos->count; i++) {
    const signet_undo_row *undo = &undos->rows[i];
    if (strcmp(undo->parent, job) != 0 || (!undo->wrote && !undo->whole))
      continue;
    signet_undone itself = signet_undos_find(undos, undo->id, NULL);
    if (itself == SIGNET_UNDONE_ALL)
      continue;
    if (by != NULL)
      *by = undo->id;
    result = SIGNET_UNDONE_PARTLY;
    if (undo->whole && itself == SIGNET_UNDONE_NOT)
      return SIGNET_UNDONE_ALL;
  }
  return result;
}

void signet_undos_free(signet_undos *undos)
{
  signet_memory_free(undos->rows);
  *undos = (signet_undos){0};
}

const char *signet_undone_name(signet_undone undone)
{
  static const char *const names[] = {NULL, "partly undone", "undone"};
  return names[undone];
}
