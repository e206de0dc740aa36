/* SPDX-License-Identifier: MIT */
/* A review that ends changes an entry, and is nobody's edit: what a step has
 * decided still holds. So what the job had seen of entries in review is kept
 * beside the step, to be compared by a run that goes by that step. Of others
 * only their time is needed. */
#include "job/reviews.h"

#include "job/newest.h"
#include "job/row.h"

#include "account/times.h"
#include "model/list.h"
#include "model/memory.h"
#include "wire/json_write.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 32, RECORDS_MAXIMUM = 16 << 20 };

/* ---- what is read ---- */

/* What doesn't fit into memory is compared by its time. */
static void note(signet_job_pending *pending, const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  signet_kind kind = signet_record_kind(record);
  if (signet_record_integer(record, "status", 0) != SIGNET_STATUS_PENDING ||
      signet_record_id(record, id, sizeof id)[0] == '\0' ||
      signet_made_has(&pending->seen, kind, id))
    return;
  if (pending->lists[kind] == NULL)
    pending->lists[kind] = signet_list_new(kind);
  if (pending->lists[kind] != NULL &&
      signet_list_copy(pending->lists[kind], record))
    (void)signet_made_add(&pending->seen, kind, id);
}

void signet_job_note_pending(signet_job *job, const signet_call *call)
{
  if (call->list == NULL || call->internal || job->opening.no_journal ||
      !signet_job_is_run(job))
    return;
  for (size_t i = 0; i < signet_list_count(call->list); i++)
    note(&job->decisions.pending, signet_list_at(call->list, i));
}

/* ---- what was kept ---- */

static void make_name(unsigned row, char *out)
{
  snprintf(out, NAME_SIZE, "\x1fpending:%u", row);
}

static void take_kind(signet_job_pending *pending, signet_kind kind,
                      json_object *records)
{
  signet_list *list = signet_list_new(kind);
  size_t count = json_object_is_type(records, json_type_array)
                     ? json_object_array_length(records)
                     : 0;
  for (size_t i = 0; list != NULL && i < count; i++) {
    json_object *record = json_object_array_get_idx(records, i);
    if (json_object_is_type(record, json_type_object))
      (void)signet_json_record(record, list);
  }
  if (list != NULL && signet_list_count(list) > 0) {
    signet_list_seal(list);
    signet_images_keep(&pending->known[kind], list, 1, 1);
  }
  signet_list_release(list);
}

static void take_row(signet_job_pending *pending, const char *json)
{
  const char *problem;
  json_object *object = signet_json_parse(json, strlen(json), &problem);
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    take_kind(pending, kind,
              json_object_object_get(object, signet_kind_name(kind)));
  json_object_put(object);
}

/* Once a run. @return false: @p error */
static bool recall(signet_job *job, signet_error *error)
{
  signet_job_pending *pending = &job->decisions.pending;
  char *json = NULL;
  bool good = true;
  if (pending->recalled)
    return true;
  do {
    char name[NAME_SIZE];
    signet_memory_free(json);
    make_name(pending->rows, name);
    good = job->store->operations->get_step(job->store, job->about.id, name,
                                            &json, error);
    if (good && json != NULL) {
      take_row(pending, json);
      pending->rows++;
    }
  } while (good && json != NULL);
  pending->recalled = good;
  return good;
}

/* ---- what is kept ---- */

/* What was changed between an earlier step and this one isn't what that step
 * had seen. */
static bool is_of_all_steps(const signet_job *job, const signet_record *record)
{
  return !job->decisions.pending.stepped ||
         signet_record_updated_at(record) <=
             signet_job_first_newest(job, signet_record_kind(record));
}

/* @return how many records were written */
static size_t write_kind(const signet_job *job, signet_kind kind,
                         signet_buffer *text)
{
  size_t written = 0;
  const signet_list *list = job->decisions.pending.lists[kind];
  signet_buffer_format(text, "\"%s\":[", signet_kind_name(kind));
  for (size_t i = 0; list != NULL && i < signet_list_count(list); i++) {
    const signet_record *record = signet_list_at(list, i);
    if (!is_of_all_steps(job, record))
      continue;
    if (written++ > 0)
      signet_buffer_string(text, ",");
    signet_json_write_record(text, record);
  }
  signet_buffer_string(text, "]");
  return written;
}

/* NULL: nothing is to be kept, or it doesn't fit into memory. */
static char *write_all(const signet_job *job)
{
  signet_buffer text;
  size_t length;
  signet_buffer_init(&text, RECORDS_MAXIMUM);
  signet_buffer_string(&text, "{");
  size_t written = write_kind(job, SIGNET_SIGN, &text);
  signet_buffer_string(&text, ",");
  written += write_kind(job, SIGNET_TEMPLATE, &text);
  signet_buffer_string(&text, "}");
  if (written > 0)
    return signet_buffer_take(&text, &length);
  signet_buffer_free(&text);
  return NULL;
}

static void free_lists(signet_job_pending *pending)
{
  for (int kind = 0; kind < 2; kind++) {
    signet_list_release(pending->lists[kind]);
    pending->lists[kind] = NULL;
  }
}

bool signet_job_put_pending(signet_job *job, signet_error *error)
{
  signet_job_pending *pending = &job->decisions.pending;
  pending->stepped = pending->stepped || job->decisions.recalled;
  char *json = write_all(job);
  free_lists(pending);
  pending->stepped = true;
  if (json == NULL)
    return true;
  bool good = recall(job, error);
  if (good) {
    char name[NAME_SIZE];
    make_name(pending->rows++, name);
    good = job->store->operations->put_step(job->store, job->about.id, name,
                                            json, error);
  }
  signet_memory_free(json);
  return good;
}

const char *signet_job_was_pending(signet_job *job, signet_kind kind,
                                   const char *id)
{
  signet_error error;
  signet_buffer text;
  size_t length;
  signet_job_pending *pending = &job->decisions.pending;
  signet_memory_free(pending->answer);
  pending->answer = NULL;
  if (!recall(job, &error))
    return NULL;
  const signet_record *record =
      signet_images_find(&pending->known[kind], id, NULL);
  if (record == NULL)
    return NULL;
  signet_buffer_init(&text, RECORDS_MAXIMUM);
  signet_json_write_record(&text, record);
  pending->answer = signet_buffer_take(&text, &length);
  return pending->answer;
}

void signet_job_free_pending(signet_job *job)
{
  free_lists(&job->decisions.pending);
  for (int kind = 0; kind < 2; kind++)
    signet_images_free(&job->decisions.pending.known[kind]);
  signet_made_free(&job->decisions.pending.seen);
  signet_memory_free(job->decisions.pending.answer);
}
