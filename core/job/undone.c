/* SPDX-License-Identifier: MIT */
/* All of it is read at once, newest first, and looked up in memory: it is asked
 * for each job of a list, and there are few undos. */
#include "job/undone.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>

typedef struct reading {
  signet_undos *undos;
  bool memory; /* it ran out */
} reading;

/* Room for one row more. NULL: out of memory, and all is as it was. */
static void *grown(void *rows, size_t count, size_t *capacity, size_t size)
{
  size_t room = *capacity > 0 ? *capacity * 2 : 16;
  if (count < *capacity)
    return rows;
  rows = signet_memory_resize(rows, room, size);
  if (rows != NULL)
    *capacity = room;
  return rows;
}

static bool take_heir(reading *all, const signet_job_row *row)
{
  signet_undos *undos = all->undos;
  signet_heir_row *heirs = grown(undos->heirs, undos->heir_count,
                                 &undos->heir_capacity, sizeof heirs[0]);
  all->memory = heirs == NULL;
  if (all->memory)
    return false;
  undos->heirs = heirs;
  signet_heir_row *heir = &heirs[undos->heir_count++];
  snprintf(heir->id, sizeof heir->id, "%s", row->id);
  heir->from[0] = '\0';
  return true;
}

static bool take_job(void *user, const signet_job_row *row)
{
  reading *all = user;
  signet_undos *undos = all->undos;
  int type = signet_job_type_number(row->type);
  if (strlen(row->id) >= SIGNET_JOB_ID_SIZE)
    return true;
  if (type == SIGNET_JOB_APPLY)
    return take_heir(all, row);
  if (type != SIGNET_JOB_UNDO || row->parent == NULL ||
      strlen(row->parent) >= SIGNET_JOB_ID_SIZE)
    return true;
  signet_undo_row *rows =
      grown(undos->rows, undos->count, &undos->capacity, sizeof rows[0]);
  all->memory = rows == NULL;
  if (all->memory)
    return false;
  undos->rows = rows;
  signet_undo_row *undo = &undos->rows[undos->count++];
  snprintf(undo->id, sizeof undo->id, "%s", row->id);
  snprintf(undo->parent, sizeof undo->parent, "%s", row->parent);
  undo->whole = signet_job_state_number(row->state) == SIGNET_JOB_DONE;
  undo->wrote = false;
  return true;
}

/* One write that took effect is enough to call a job partly undone. */
static bool take_write(void *user, const signet_write_row *row)
{
  signet_undo_row *undo = user;
  undo->wrote = signet_write_state_number(row->state) == SIGNET_WRITE_DONE;
  return !undo->wrote;
}

/* A JSON string. @return false: `error` */
static bool read_from(signet_heir_row *heir, signet_store *store,
                      signet_error *error)
{
  char *value;
  if (!store->operations->get_step(store, heir->id, SIGNET_JOB_FROM, &value,
                                   error))
    return false;
  size_t length = value != NULL ? strlen(value) : 0;
  if (length > 2 && length - 2 < sizeof heir->from)
    snprintf(heir->from, sizeof heir->from, "%.*s", (int)length - 2, value + 1);
  signet_memory_free(value);
  return true;
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
  for (size_t i = 0; good && i < undos->heir_count; i++)
    good = read_from(&undos->heirs[i], store, error);
  return good;
}

/* An undo may have been undone, and so on: each one's parent is older than it,
 * so this comes to an end. */
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

/* Rows are the newest first: what stands before an undo of the same job came
 * after it, and took over what it had left. */
static const char *later_undo(const signet_undos *undos, const char *job)
{
  size_t own = 0;
  while (own < undos->count && strcmp(undos->rows[own].id, job) != 0)
    own++;
  for (size_t i = 0; own < undos->count && i < own; i++)
    if (strcmp(undos->rows[i].parent, undos->rows[own].parent) == 0 &&
        signet_undos_find(undos, undos->rows[i].id, NULL) != SIGNET_UNDONE_ALL)
      return undos->rows[i].id;
  return NULL;
}

const char *signet_undos_heir(const signet_undos *undos, const char *job)
{
  for (size_t i = 0; i < undos->heir_count; i++) {
    const signet_heir_row *heir = &undos->heirs[i];
    if (strcmp(heir->from, job) == 0 &&
        signet_undos_find(undos, heir->id, NULL) != SIGNET_UNDONE_ALL)
      return heir->id;
  }
  return later_undo(undos, job);
}

void signet_undos_free(signet_undos *undos)
{
  signet_memory_free(undos->rows);
  signet_memory_free(undos->heirs);
  *undos = (signet_undos){0};
}

signet_job_state signet_undone_state(signet_undone undone)
{
  return undone == SIGNET_UNDONE_ALL ? SIGNET_JOB_UNDONE
                                     : SIGNET_JOB_PARTLY_UNDONE;
}
