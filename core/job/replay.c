/* SPDX-License-Identifier: MIT */
/* Lists of a resumed run (answers.c). */
#include "job/replay.h"

#include "account/rests.h"
#include "model/list.h"
#include "model/memory.h"

#include <stdlib.h>
#include <string.h>

typedef struct signet_past {
  const signet_job *job;
  signet_kind kind;
  signet_made there;         /* the entries that the list shows, and `gone` */
  signet_list *gone;         /* those that were deleted since */
  const signet_record **old; /* these in the order of their ids */
  size_t old_count;
  size_t next;      /* of them, to be added */
  signet_list *all; /* what comes of it */
  bool memory;      /* it ran out */
} signet_past;

static void add(signet_past *past, signet_list *to, const signet_record *record)
{
  past->memory = past->memory || !signet_list_copy(to, record);
}

static void add_json(signet_past *past, signet_list *to, const char *json)
{
  signet_list *one = signet_record_list(past->kind, json);
  if (one != NULL)
    add(past, to, signet_list_at(one, 0));
  else
    past->memory = true;
  signet_list_release(one);
}

/* ---- what was deleted ---- */

static void take_gone(void *user, const signet_memo_entry *entry)
{
  signet_past *past = user;
  if (entry->verb != SIGNET_DELETE || entry->kind != past->kind ||
      signet_made_has(&past->there, entry->kind, entry->target))
    return;
  const signet_memo_entry *next =
      signet_memo_next(&past->job->memo, entry->kind, entry->target);
  if (next == NULL || next->verb == SIGNET_CREATE ||
      next->state == SIGNET_MEMO_DRIFT || signet_memo_was(next) == NULL)
    return;
  add_json(past, past->gone, signet_memo_was(next));
  past->memory = past->memory ||
                 !signet_made_add(&past->there, entry->kind, entry->target);
}

static int by_id(const signet_record *a, const signet_record *b)
{
  char one[SIGNET_ID_SIZE];
  char other[SIGNET_ID_SIZE];
  signet_record_id(a, one, sizeof one);
  signet_record_id(b, other, sizeof other);
  size_t length = strlen(one);
  size_t other_length = strlen(other);
  if (length != other_length)
    return length < other_length ? -1 : 1;
  return strcmp(one, other);
}

static int compare(const void *a, const void *b)
{
  return by_id(*(const signet_record *const *)a,
               *(const signet_record *const *)b);
}

static void sort_gone(signet_past *past)
{
  size_t count = signet_list_count(past->gone);
  past->old = signet_memory_zeroed(count + 1, sizeof past->old[0]);
  past->memory = past->memory || past->old == NULL;
  if (past->memory)
    return;
  for (size_t i = 0; i < count; i++)
    past->old[i] = signet_list_at(past->gone, i);
  past->old_count = count;
  if (count > 0)
    qsort(past->old, count, sizeof past->old[0], compare);
}

/* Where it stood, if the list is in the order of ids. */
static void add_gone_before(signet_past *past, const signet_record *record)
{
  while (!past->memory && past->next < past->old_count &&
         (record == NULL || by_id(past->old[past->next], record) < 0))
    add(past, past->all, past->old[past->next++]);
}

/* ---- what is there ---- */

static void note_ids(signet_past *past, const signet_list *list)
{
  char id[SIGNET_ID_SIZE];
  for (size_t i = 0; !past->memory && i < signet_list_count(list); i++) {
    signet_record_id(signet_list_at(list, i), id, sizeof id);
    past->memory =
        id[0] != '\0' && !signet_made_add(&past->there, past->kind, id);
  }
}

static void add_as_it_was(signet_past *past, const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  signet_record_id(record, id, sizeof id);
  const signet_memo_entry *next =
      signet_memo_next(&past->job->memo, past->kind, id);
  bool own = next != NULL && next->state != SIGNET_MEMO_DRIFT;
  const char *was = own ? signet_memo_was(next) : NULL;
  add_gone_before(past, record);
  if (next != NULL && next->verb == SIGNET_CREATE)
    return; /* it was not there yet */
  if (was != NULL)
    add_json(past, past->all, was);
  else
    add(past, past->all, record);
}

signet_list *signet_job_replay(const signet_job *job, signet_list *list)
{
  signet_kind kind = signet_list_kind(list);
  signet_past past = {.job = job,
                      .kind = kind,
                      .gone = signet_list_new(kind),
                      .all = signet_list_new(kind)};
  past.memory = past.gone == NULL || past.all == NULL;
  note_ids(&past, list);
  if (!past.memory) {
    signet_memo_each_unclaimed(&job->memo, take_gone, &past);
    sort_gone(&past);
  }
  for (size_t i = 0; !past.memory && i < signet_list_count(list); i++)
    add_as_it_was(&past, signet_list_at(list, i));
  add_gone_before(&past, NULL);
  signet_made_free(&past.there);
  signet_memory_free(past.old);
  signet_list_release(past.gone);
  if (past.memory) {
    signet_list_release(past.all);
    return NULL;
  }
  signet_list_seal(past.all);
  return past.all;
}
