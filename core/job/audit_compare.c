/* SPDX-License-Identifier: MIT */
/* The last write to each entry, and whether what the service shows agrees. */
#include "job/audit_compare.h"

#include "job/row.h"

#include "account/same.h"
#include "model/error_fill.h"
#include "model/kinds.h"
#include "model/list.h"
#include "model/memory.h"
#include "model/text.h"
#include "wire/json_write.h"

#include <stdio.h>
#include <string.h>

/* ---- a table by entry ---- */

static signet_last_write *slot_of(signet_last_write *writes, size_t capacity,
                                  signet_kind kind, const char *id)
{
  size_t at = (signet_id_hash(id) + kind) & (capacity - 1);
  while (writes[at].id[0] != '\0' &&
         (writes[at].kind != kind || strcmp(writes[at].id, id) != 0))
    at = (at + 1) & (capacity - 1);
  return &writes[at];
}

static bool grow(signet_audit *audit)
{
  size_t capacity = audit->capacity > 0 ? audit->capacity * 2 : 256;
  signet_last_write *writes = signet_memory_zeroed(capacity, sizeof writes[0]);
  if (writes == NULL)
    return false;
  for (size_t i = 0; i < audit->capacity; i++) {
    const signet_last_write *old = &audit->writes[i];
    if (old->id[0] != '\0')
      *slot_of(writes, capacity, old->kind, old->id) = *old;
  }
  signet_memory_free(audit->writes);
  audit->writes = writes;
  audit->capacity = capacity;
  return true;
}

/* ---- the journal ---- */

/* @return false: the row is about no entry that a list shows, or had no effect
 */
static bool entry_of(const signet_write_row *row, signet_write_words *words,
                     const char **id)
{
  if (!signet_job_read_words(row->verb, row->kind, row->state, words) ||
      !signet_job_has_effect(words->state) || words->verb == SIGNET_REQUEST)
    return false;
  bool created = words->verb == SIGNET_CREATE && row->answer != NULL;
  *id = created ? row->answer : row->target;
  return **id != '\0' && strlen(*id) < SIGNET_ID_SIZE;
}

static uint64_t hash_of(const char *text)
{
  uint64_t hash = 14695981039346656037u;
  for (; text != NULL && *text != '\0'; text++)
    hash = (hash ^ (uint8_t)*text) * 1099511628211u;
  return hash;
}

static void note_number(signet_audit *audit, const signet_write_row *row)
{
  if (row->number > audit->last)
    audit->last = row->number;
  if (signet_write_state_number(row->state) == SIGNET_WRITE_INTENT &&
      (audit->open == 0 || row->number < audit->open))
    audit->open = row->number;
}

/* Whether no earlier run has compared it. */
static bool is_new(const signet_job *job, const signet_write_row *row)
{
  return row->number > job->audits.to || row->decided_ms >= job->about.run_ms;
}

/* What a raw request has made of an entry, only its author knows. */
static void note_raw(signet_audit *audit, const signet_write_row *row)
{
  signet_kind kind;
  const char *id;
  const char *body;
  json_object *request = signet_job_raw_write(row, &kind, &id, &body);
  if (request != NULL && audit->capacity > 0 && strlen(id) < SIGNET_ID_SIZE)
    slot_of(audit->writes, audit->capacity, kind, id)->doubted = false;
  json_object_put(request);
}

static bool note_last(void *user, const signet_write_row *row)
{
  signet_audit *audit = user;
  signet_write_words words;
  const char *id;
  note_number(audit, row);
  if (signet_job_read_words(row->verb, row->kind, row->state, &words) &&
      words.verb == SIGNET_REQUEST && signet_job_has_effect(words.state))
    note_raw(audit, row);
  if (!entry_of(row, &words, &id))
    return true;
  if (audit->used * 2 >= audit->capacity && !grow(audit)) {
    audit->memory = true;
    return false;
  }
  signet_last_write *last =
      slot_of(audit->writes, audit->capacity, words.kind, id);
  audit->used += last->id[0] == '\0';
  snprintf(last->id, sizeof last->id, "%s", id);
  last->kind = words.kind;
  last->verb = words.verb;
  last->done = words.state == SIGNET_WRITE_DONE;
  last->doubted = last->done && is_new(audit->job, row); /* until a look */
  last->number = row->number;
  last->after = hash_of(row->after);
  return true;
}

bool signet_audit_each_row(signet_audit *audit, signet_write_row_fn function,
                           void *user)
{
  signet_store *store = audit->job->store;
  signet_error error = SIGNET_ERROR_INIT;
  bool good = store->operations->each_write(store, audit->job->about.id,
                                            function, user, &error) &&
              (!audit->memory ||
               signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory"));
  if (!good && audit->error.kind == SIGNET_OK)
    audit->error = error;
  return good;
}

bool signet_audit_read_writes(signet_audit *audit)
{
  return signet_audit_each_row(audit, note_last, audit);
}

signet_last_write *signet_audit_find(const signet_audit *audit,
                                     const signet_write_row *row)
{
  signet_write_words words;
  const char *id;
  if (audit->capacity == 0 || !entry_of(row, &words, &id))
    return NULL;
  return slot_of(audit->writes, audit->capacity, words.kind, id);
}

size_t signet_audit_doubted(const signet_audit *audit, signet_kind kind)
{
  size_t count = 0;
  for (size_t i = 0; i < audit->capacity; i++)
    count += audit->writes[i].id[0] != '\0' && audit->writes[i].kind == kind &&
             audit->writes[i].doubted;
  return count;
}

/* ---- what a look shows ---- */

/* An odd entry may have no id, or that of another one. */
static void take_records(signet_audit *audit, signet_kind kind,
                         const signet_list *list)
{
  char id[SIGNET_ID_SIZE];
  for (size_t i = 0; audit->capacity > 0 && i < signet_list_count(list); i++) {
    const signet_record *record = signet_list_at(list, i);
    if (signet_record_id(record, id, sizeof id)[0] != '\0')
      slot_of(audit->writes, audit->capacity, kind, id)->record = record;
  }
}

static void take_look(signet_audit *audit)
{
  for (size_t i = 0; i < audit->capacity; i++)
    audit->writes[i].record = NULL;
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (audit->lists[kind] != NULL)
      take_records(audit, kind, signet_call_list(audit->lists[kind]));
  for (size_t i = 0; i < audit->entry_count; i++)
    if (signet_call_list(audit->entries[i]) != NULL)
      take_records(audit, audit->entries[i]->kind,
                   signet_call_list(audit->entries[i]));
}

/* Most renames are this text, and comparing its hash costs a tenth of reading
 * the text again. */
static bool is_usual_rename(const signet_last_write *last, signet_buffer *text)
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

/* @return whether the text of the write must be read to tell */
static bool judge(signet_last_write *last, signet_buffer *text)
{
  if (last->verb == SIGNET_DELETE)
    last->doubted = last->record != NULL;
  else
    last->doubted = last->record == NULL || !is_usual_rename(last, text);
  return last->doubted && last->verb != SIGNET_DELETE && last->record != NULL;
}

size_t signet_audit_judge(signet_audit *audit)
{
  size_t unclear = 0;
  signet_buffer text;
  signet_buffer_init(&text, 1 << 16);
  take_look(audit);
  for (size_t i = 0; i < audit->capacity; i++)
    if (audit->writes[i].id[0] != '\0' && audit->writes[i].doubted)
      unclear += judge(&audit->writes[i], &text);
  signet_buffer_free(&text);
  return unclear;
}

/* ---- what the list shows less of ---- */

static bool is_partial(const signet_last_write *last)
{
  return last->id[0] != '\0' && last->doubted &&
         last->kind == SIGNET_TEMPLATE && last->verb != SIGNET_DELETE &&
         last->record != NULL &&
         !signet_entry_is_whole(last->kind, last->record);
}

signet_list *signet_audit_partial(const signet_audit *audit)
{
  signet_list *list = signet_list_new(SIGNET_TEMPLATE);
  for (size_t i = 0; list != NULL && i < audit->capacity; i++) {
    const signet_last_write *last = &audit->writes[i];
    if (!is_partial(last) || signet_list_copy(list, last->record))
      continue;
    signet_list_release(list);
    list = NULL;
  }
  return list;
}

void signet_audit_drop_partial(signet_audit *audit)
{
  for (size_t i = 0; i < audit->capacity; i++)
    if (is_partial(&audit->writes[i]))
      audit->writes[i].doubted = false;
}

void signet_audit_take_whole(signet_audit *audit)
{
  take_records(audit, SIGNET_TEMPLATE, audit->whole);
}

/* ---- the text of a write ---- */

static void show_value(char *out, size_t size, const signet_value *value)
{
  if (value->type == SIGNET_STRING)
    signet_text_escape(out, size, value->as.text.data, value->as.text.length);
  else
    snprintf(out, size, "?");
}

/* One example is enough for a person to see what the service does. */
static void keep_example(signet_job_stored *stored,
                         const signet_last_write *last,
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

static void count_forms(signet_job_stored *stored,
                        const signet_last_write *last,
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

/* Whether the entry is what was written, as far as it is shown: of a field that
 * isn't, nothing is known. @return false: out of memory */
static bool holds(const signet_audit *audit, const signet_last_write *last,
                  const char *after, bool *same)
{
  const char *problem = NULL;
  signet_fields *fields = signet_fields_new();
  json_object *object = signet_json_parse(after, strlen(after), &problem);
  *same = fields != NULL && problem == NULL &&
          signet_json_fields(object, fields, &problem) &&
          signet_entry_compare(last->kind, fields, last->record, NULL) !=
              SIGNET_DIFFERENT;
  if (*same)
    count_forms(&audit->job->audits.stored, last, fields);
  json_object_put(object);
  signet_fields_free(fields);
  return fields != NULL && !signet_json_ran_out(problem);
}

static bool look_closer(void *user, const signet_write_row *row)
{
  signet_audit *audit = user;
  bool same = true;
  signet_last_write *last = signet_audit_find(audit, row);
  if (last == NULL || last->number != row->number || !last->doubted ||
      last->verb == SIGNET_DELETE || last->record == NULL)
    return true;
  audit->memory = row->after != NULL && !holds(audit, last, row->after, &same);
  last->doubted = !same;
  return !audit->memory;
}

bool signet_audit_look_closer(signet_audit *audit)
{
  return signet_audit_each_row(audit, look_closer, audit);
}
