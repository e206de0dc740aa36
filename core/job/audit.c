/* SPDX-License-Identifier: MIT */
/* What the service shows at a job's end, against what the journal says. */
#include "job/job.h"

#include "account/details.h"
#include "account/same.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/record_build.h"
#include "model/text.h"
#include "wire/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last write to an entry, which decides what it must look like now. */
typedef struct last_write {
  char id[SIGNET_ID_SIZE]; /* "": a free slot */
  signet_kind kind;
  signet_verb verb;
  bool done;
  int64_t number;
  uint64_t after;              /* a hash of what was written */
  const signet_record *record; /* in the list; NULL: it isn't there */
  const char *finding; /* what the list contradicts it with; NULL: nothing */
} last_write;

typedef struct auditing {
  signet_job *job;
  signet_account *account;
  signet_call *calls[2]; /* the lists; NULL: that kind was not written */
  last_write *slots;
  size_t capacity; /* a power of two, or 0 */
  size_t used;
  bool memory;         /* it ran out */
  signet_list *whole;  /* what the list shows less of; NULL: nothing */
  signet_error *error; /* of what went wrong while that was read */
  bool read;           /* it has come to its end */
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
  return strcmp(row->verb, "request") != 0 && **id != '\0' &&
         strlen(*id) < SIGNET_ID_SIZE;
}

bool signet_job_has_effect(const char *state)
{
  return strcmp(state, "failed") != 0 && strcmp(state, "unsent") != 0;
}

static uint64_t hash_of(const char *text)
{
  uint64_t hash = 14695981039346656037u;
  for (; text != NULL && *text != '\0'; text++)
    hash = (hash ^ (uint8_t)*text) * 1099511628211u;
  return hash;
}

static signet_verb verb_of(const char *name)
{
  if (strcmp(name, "create") == 0)
    return SIGNET_CREATE;
  return strcmp(name, "delete") == 0 ? SIGNET_DELETE : SIGNET_UPDATE;
}

static bool note_last(void *user, const signet_write_row *row)
{
  auditing *audit = user;
  signet_kind kind;
  const char *id;
  if (!signet_job_has_effect(row->state) || !entry_of(row, &kind, &id))
    return true;
  if (audit->used * 2 >= audit->capacity && !grow(audit)) {
    audit->memory = true;
    return false;
  }
  last_write *last = slot_of(audit->slots, audit->capacity, kind, id);
  audit->used += last->id[0] == '\0';
  snprintf(last->id, sizeof last->id, "%s", id);
  last->kind = kind;
  last->verb = verb_of(row->verb);
  last->done = strcmp(row->state, "done") == 0;
  last->number = row->number;
  last->after = hash_of(row->after);
  return true;
}

/* ---- the lists ---- */

static bool start_list(auditing *audit, signet_kind kind, signet_error *error)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.verb = SIGNET_LIST;
  operation.kind = kind;
  audit->calls[kind] =
      signet_call_start(audit->account, &operation, NULL, NULL);
  return audit->calls[kind] != NULL ||
         signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

static bool take_list(auditing *audit, signet_kind kind, signet_error *error)
{
  char id[SIGNET_ID_SIZE];
  signet_call *call = audit->calls[kind];
  const signet_error *problem = signet_call_wait(call);
  if (problem != NULL) {
    *error = *problem;
    return false;
  }
  const signet_list *list = signet_call_list(call);
  for (size_t i = 0; audit->capacity > 0 && i < signet_list_count(list); i++) {
    const signet_record *record = signet_list_at(list, i);
    if (signet_record_id(record, id, sizeof id)[0] != '\0')
      slot_of(audit->slots, audit->capacity, kind, id)->record = record;
  }
  return true;
}

/* ---- comparing ---- */

/* Most renames are this text, and comparing its hash costs a tenth of reading
 * the text again. */
static bool is_usual_rename(const last_write *last, signet_buffer *text)
{
  signet_value name;
  if (last->kind != SIGNET_SIGN ||
      !signet_record_get(last->record, "sign_name", &name) ||
      name.type != SIGNET_STRING)
    return false;
  signet_buffer_clear(text);
  signet_buffer_string(text, "{\"sign_name\":");
  signet_json_write_value(text, &name);
  signet_buffer_string(text, "}");
  return !text->failed && hash_of(text->data) == last->after;
}

static const char different[] =
    "it was written, but the list shows something else";

/* @return whether the text of the write must be read to tell */
static bool judge(last_write *last, signet_buffer *text)
{
  if (!last->done)
    return false;
  if (last->verb == SIGNET_DELETE) {
    if (last->record != NULL)
      last->finding = "it was deleted, but the list shows it";
    return false;
  }
  if (last->record == NULL)
    last->finding = "it was written, but the list does not show it";
  else if (!is_usual_rename(last, text))
    last->finding = different;
  return last->finding == different;
}

static size_t judge_all(auditing *audit)
{
  size_t doubtful = 0;
  signet_buffer text;
  signet_buffer_init(&text, 1 << 16);
  for (size_t i = 0; i < audit->capacity; i++)
    if (audit->slots[i].id[0] != '\0')
      doubtful += judge(&audit->slots[i], &text);
  signet_buffer_free(&text);
  return doubtful;
}

static void show_value(char *out, size_t size, const signet_value *value)
{
  if (value->type == SIGNET_STRING)
    signet_text_escape(out, size, value->as.text.data, value->as.text.length);
  else
    snprintf(out, size, "?");
}

/* One example is enough for a person to see what the service does. */
static void keep_example(signet_job_stored *stored, const last_write *last,
                         const signet_fields *fields)
{
  const char *name = last->kind == SIGNET_SIGN ? "sign_name" : NULL;
  const char *const *names = signet_entry_content(last->kind);
  signet_value wanted;
  signet_value shown;
  char was[100];
  char is[100];
  for (; name == NULL && *names != NULL; names++)
    if (signet_fields_get(fields, *names, &wanted) &&
        signet_record_content(last->record, *names, &shown) &&
        signet_value_forms(*names, &wanted, &shown) != 0)
      name = *names;
  if (name == NULL || !signet_fields_get(fields, name, &wanted) ||
      !signet_record_content(last->record, name, &shown))
    return;
  show_value(was, sizeof was, &wanted);
  show_value(is, sizeof is, &shown);
  snprintf(stored->example, sizeof stored->example,
           "%s of %s %s was written as \"%s\" and is stored as \"%s\"", name,
           signet_kind_word(last->kind), last->id, was, is);
}

static void count_forms(signet_job_stored *stored, const last_write *last,
                        const signet_fields *fields)
{
  unsigned forms = signet_entry_forms(last->kind, fields, last->record);
  if (forms == 0)
    return;
  if (stored->entries++ == 0)
    keep_example(stored, last, fields);
  stored->trimmed += (forms & SIGNET_FORM_TRIMMED) != 0;
  stored->composed += (forms & SIGNET_FORM_COMPOSED) != 0;
  stored->countries += (forms & SIGNET_FORM_COUNTRIES) != 0;
}

/* Whether the entry is what was written. @return false: out of memory */
static bool holds(auditing *audit, const last_write *last, const char *after,
                  bool *same)
{
  const char *problem = NULL;
  signet_fields *fields = signet_fields_new();
  json_object *object = signet_json_parse(after, strlen(after), &problem);
  *same = fields != NULL && problem == NULL &&
          signet_json_fields(object, fields, &problem) &&
          signet_entry_is_same(last->kind, fields, last->record);
  if (*same)
    count_forms(&audit->job->stored, last, fields);
  json_object_put(object);
  signet_fields_free(fields);
  return fields != NULL && !signet_json_ran_out(problem);
}

static bool look_closer(void *user, const signet_write_row *row)
{
  auditing *audit = user;
  signet_kind kind;
  const char *id;
  bool same = true;
  if (!signet_job_has_effect(row->state) || !entry_of(row, &kind, &id))
    return true;
  last_write *last = slot_of(audit->slots, audit->capacity, kind, id);
  if (last->number != row->number || last->finding != different)
    return true;
  audit->memory = row->after != NULL && !holds(audit, last, row->after, &same);
  if (same)
    last->finding = NULL;
  return !audit->memory;
}

/* ---- what the list shows less of ---- */

static bool is_partial(const last_write *last)
{
  return last->finding == different &&
         !signet_entry_is_whole(last->kind, last->record);
}

/* The doubtful entries that the list doesn't show in full. NULL: no memory */
static signet_list *partial_entries(const auditing *audit)
{
  signet_list *list = signet_list_new(SIGNET_TEMPLATE);
  for (size_t i = 0; list != NULL && i < audit->capacity; i++) {
    const last_write *last = &audit->slots[i];
    if (last->id[0] == '\0' || last->kind != SIGNET_TEMPLATE ||
        !is_partial(last) || signet_list_copy(list, last->record))
      continue;
    signet_list_release(list);
    list = NULL;
  }
  return list;
}

static void on_details(void *user, signet_list *whole,
                       const signet_error *error)
{
  auditing *audit = user;
  audit->read = true;
  if (whole != NULL)
    audit->whole = signet_list_retain(whole);
  else
    *audit->error = *error;
}

static void take_details(auditing *audit)
{
  char id[SIGNET_ID_SIZE];
  for (size_t i = 0; i < signet_list_count(audit->whole); i++) {
    const signet_record *record = signet_list_at(audit->whole, i);
    signet_record_id(record, id, sizeof id);
    slot_of(audit->slots, audit->capacity, SIGNET_TEMPLATE, id)->record =
        record;
  }
}

/* Reads the entries themselves: a field that isn't shown isn't empty. */
static bool read_partial(auditing *audit, signet_error *error)
{
  signet_list *list = partial_entries(audit);
  bool none = list != NULL && signet_list_count(list) == 0;
  audit->error = error;
  if (list == NULL || none) {
    signet_list_release(list);
    return none ||
           signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  signet_details *details = signet_details_start(
      audit->account, audit->account->backend, list, on_details, audit);
  signet_list_release(list);
  if (details == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  while (!audit->read)
    signet_loop_step(audit->job->loop, -1);
  if (audit->whole == NULL)
    return false;
  take_details(audit);
  return true;
}

/* ---- all of them ---- */

static bool read_rows(auditing *audit, signet_write_row_fn function,
                      signet_error *error)
{
  signet_store *store = audit->job->store;
  return store->operations->each_write(store, audit->job->id, function, audit,
                                       error) &&
         (!audit->memory ||
          signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory"));
}

/* While the service makes its lists, the journal is read. */
static bool carry_out(auditing *audit, signet_error *error)
{
  const signet_job *job = audit->job;
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (job->wrote[kind] && !start_list(audit, kind, error))
      return false;
  signet_loop_step(job->loop, 0);
  if (!read_rows(audit, note_last, error))
    return false;
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (job->wrote[kind] && !take_list(audit, kind, error))
      return false;
  return judge_all(audit) == 0 ||
         (read_partial(audit, error) && read_rows(audit, look_closer, error));
}

static int by_number(const void *left, const void *right)
{
  int64_t a = ((const last_write *)left)->number;
  int64_t b = ((const last_write *)right)->number;
  return (a > b) - (a < b);
}

/* In the order in which they were written. */
static void tell(auditing *audit, signet_job_mismatch_fn function, void *user)
{
  static const char *const kinds[] = {"sign", "template"};
  size_t count = 0;
  for (size_t i = 0; i < audit->capacity; i++)
    if (audit->slots[i].finding != NULL)
      audit->slots[count++] = audit->slots[i];
  if (count > 0)
    qsort(audit->slots, count, sizeof audit->slots[0], by_number);
  for (size_t i = 0; i < count; i++) {
    const last_write *last = &audit->slots[i];
    signet_job_mismatch mismatch = {last->number, signet_verb_name(last->verb),
                                    kinds[last->kind], last->id, last->finding};
    function(user, &mismatch);
  }
}

static unsigned forms_of(const signet_job_stored *stored)
{
  return (stored->trimmed > 0 ? SIGNET_FORM_TRIMMED : 0u) |
         (stored->composed > 0 ? SIGNET_FORM_COMPOSED : 0u) |
         (stored->countries > 0 ? SIGNET_FORM_COUNTRIES : 0u);
}

bool signet_job_audit(signet_job *job, signet_account *account,
                      signet_job_mismatch_fn function, void *user,
                      signet_error *error)
{
  job->stored = (signet_job_stored){0};
  auditing audit = {.job = job,
                    .account = account != NULL ? account : job->account};
  signet_error_init(error);
  if (job->store == NULL || job->broken ||
      !(job->wrote[SIGNET_SIGN] || job->wrote[SIGNET_TEMPLATE]))
    return true;
  if (audit.account == NULL ||
      strcmp(signet_account_identity(audit.account), job->identity) != 0)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the job's account is closed");
  bool good = carry_out(&audit, error);
  if (good) {
    unsigned forms = forms_of(&job->stored);
    tell(&audit, function, user);
    job->stored.news = (forms & ~audit.account->forms) != 0;
    audit.account->forms |= forms;
  }
  signet_list_release(audit.whole);
  signet_memory_free(audit.slots);
  signet_call_release(audit.calls[SIGNET_SIGN]);
  signet_call_release(audit.calls[SIGNET_TEMPLATE]);
  return good;
}

void signet_job_get_stored(const signet_job *job, signet_job_stored *stored)
{
  *stored = job->stored;
}
