/* SPDX-License-Identifier: MIT */
/* What the service shows at a job's end, against what the journal says. */
#include "job/job.h"

#include "account/template.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* The last write to an entry, which decides what it must look like now. */
typedef struct last_write {
  char id[SIGNET_ID_SIZE]; /* "": a free slot */
  signet_kind kind;
  int64_t number;
} last_write;

typedef struct auditing {
  signet_job *job;
  signet_account *account;
  signet_job_mismatch_fn function;
  void *user;
  last_write *slots;
  size_t capacity; /* a power of two, or 0 */
  size_t used;
  bool memory; /* it ran out */
  signet_images images[2];
  bool listed[2];
} auditing;

static last_write *slot_of(last_write *slots, size_t capacity, signet_kind kind,
                           const char *id)
{
  size_t at = (signet_id_hash(id) + kind) & (capacity - 1);
  while (slots[at].id[0] != '\0' &&
         (slots[at].kind != kind || strcmp(slots[at].id, id) != 0))
    at = (at + 1) & (capacity - 1);
  return &slots[at];
}

static bool grow(auditing *audit)
{
  size_t capacity = audit->capacity > 0 ? audit->capacity * 2 : 256;
  last_write *slots = signet_memory_zeroed(capacity, sizeof slots[0]);
  if (slots == NULL)
    return false;
  for (size_t i = 0; i < audit->capacity; i++) {
    const last_write *old = &audit->slots[i];
    if (old->id[0] != '\0')
      *slot_of(slots, capacity, old->kind, old->id) = *old;
  }
  signet_memory_free(audit->slots);
  audit->slots = slots;
  audit->capacity = capacity;
  return true;
}

/* @return false: the row is about no entry that a list shows */
static bool entry_of(const signet_write_row *row, signet_kind *kind,
                     const char **id)
{
  bool created = strcmp(row->verb, "create") == 0 && row->answer != NULL;
  *kind = strcmp(row->kind, "template") == 0 ? SIGNET_TEMPLATE : SIGNET_SIGN;
  *id = created ? row->answer : row->target;
  return strcmp(row->verb, "request") != 0 && *id != NULL && **id != '\0' &&
         strlen(*id) < SIGNET_ID_SIZE;
}

static bool is_certain_to_do_nothing(const char *state)
{
  return strcmp(state, "failed") == 0 || strcmp(state, "unsent") == 0;
}

static bool note_last(void *user, const signet_write_row *row)
{
  auditing *audit = user;
  signet_kind kind;
  const char *id;
  if (is_certain_to_do_nothing(row->state) || !entry_of(row, &kind, &id))
    return true;
  if (audit->used * 2 >= audit->capacity && !grow(audit)) {
    audit->memory = true;
    return false;
  }
  last_write *last = slot_of(audit->slots, audit->capacity, kind, id);
  if (last->id[0] == '\0') {
    audit->used++;
    snprintf(last->id, sizeof last->id, "%s", id);
    last->kind = kind;
  }
  last->number = row->number;
  audit->listed[kind] = true;
  return true;
}

static bool take_list(auditing *audit, signet_kind kind, signet_error *error)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.verb = SIGNET_LIST;
  operation.kind = kind;
  signet_call *call = signet_call_start(audit->account, &operation, NULL, NULL);
  if (call == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  const signet_error *problem = signet_call_wait(call);
  if (problem == NULL)
    signet_images_keep(&audit->images[kind], signet_call_list(call), 0);
  else
    *error = *problem;
  bool good = problem == NULL;
  signet_call_release(call);
  return good;
}

static bool holds(signet_kind kind, const char *after,
                  const signet_record *record)
{
  const char *problem;
  signet_fields *fields = signet_fields_new();
  json_object *object = signet_json_parse(after, strlen(after), &problem);
  bool same = fields == NULL || !signet_json_fields(object, fields, &problem) ||
              signet_entry_is_same(kind, fields, record);
  json_object_put(object);
  signet_fields_free(fields);
  return same;
}

static const char *judge(const signet_write_row *row, signet_kind kind,
                         const signet_record *record)
{
  if (strcmp(row->verb, "delete") == 0)
    return record != NULL ? "it was deleted, but the list shows it" : NULL;
  if (record == NULL)
    return "it was written, but the list does not show it";
  return row->after != NULL && !holds(kind, row->after, record)
             ? "it was written, but the list shows something else"
             : NULL;
}

static bool check(void *user, const signet_write_row *row)
{
  auditing *audit = user;
  signet_kind kind;
  const char *id;
  if (strcmp(row->state, "done") != 0 || !entry_of(row, &kind, &id) ||
      slot_of(audit->slots, audit->capacity, kind, id)->number != row->number)
    return true;
  const char *finding =
      judge(row, kind, signet_images_find(&audit->images[kind], id));
  if (finding != NULL) {
    signet_job_mismatch mismatch = {row->number, row->verb, row->kind, id,
                                    finding};
    audit->function(audit->user, &mismatch);
  }
  return true;
}

static bool carry_out(auditing *audit, signet_error *error)
{
  signet_store *store = audit->job->store;
  const char *id = audit->job->id;
  if (!store->operations->each_write(store, id, note_last, audit, error))
    return false;
  if (audit->memory)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (audit->listed[kind] && !take_list(audit, kind, error))
      return false;
  return audit->used == 0 ||
         store->operations->each_write(store, id, check, audit, error);
}

bool signet_job_audit(signet_job *job, signet_account *account,
                      signet_job_mismatch_fn function, void *user,
                      signet_error *error)
{
  auditing audit = {.job = job,
                    .account = account != NULL ? account : job->account,
                    .function = function,
                    .user = user};
  signet_error_init(error);
  if (job->store == NULL || job->broken)
    return true;
  if (audit.account == NULL ||
      strcmp(signet_account_identity(audit.account), job->identity) != 0)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the job's account is closed");
  bool good = carry_out(&audit, error);
  signet_memory_free(audit.slots);
  signet_images_free(&audit.images[SIGNET_SIGN]);
  signet_images_free(&audit.images[SIGNET_TEMPLATE]);
  return good;
}
