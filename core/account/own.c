/* SPDX-License-Identifier: MIT */
#include "account/own.h"
#include "account/account.h"

#include "account/clock.h"
#include "account/outcome.h"
#include "account/same.h"
#include "account/times.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/kinds.h"
#include "model/memory.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 10000, SLOTS = 1024, MOST = 16384, ALL = 0xff };

struct signet_own_write {
  signet_own_write *next; /* in the order of time … */
  signet_own_write *previous;
  signet_own_write *next_of_slot; /* … and of the same slot */
  char id[SIGNET_ID_SIZE];
  signet_kind kind;
  signet_fields *fields; /* what was written */
  bool made;             /* by a create */
  bool told;             /* that it isn't shown */
  unsigned changes;      /* bits of the fields that it changed */
  int64_t before;        /* updated_time before, 0: unknown */
  int64_t intended;      /* Unix seconds by the service's clock; 0: unknown */
  int64_t done_boot;     /* signet_clock_boot_ms() */
};

/* ---- the table ---- */

static signet_own_write **slot_of(const signet_own *own, const char *id)
{
  return &own->slots[signet_id_hash(id) & (SLOTS - 1)];
}

static signet_own_write *find(const signet_own *own, const char *id)
{
  signet_own_write *write = own->slots != NULL ? *slot_of(own, id) : NULL;
  while (write != NULL && strcmp(write->id, id) != 0)
    write = write->next_of_slot;
  return write;
}

static void drop(signet_own *own, signet_own_write *write)
{
  signet_own_write **at = slot_of(own, write->id);
  while (*at != write)
    at = &(*at)->next_of_slot;
  *at = write->next_of_slot;
  if (write->previous != NULL)
    write->previous->next = write->next;
  else
    own->first = write->next;
  if (write->next != NULL)
    write->next->previous = write->previous;
  else
    own->last = write->previous;
  own->count--;
  signet_fields_free(write->fields);
  signet_memory_free(write);
}

static void forget(signet_own *own, const char *id)
{
  signet_own_write *write = find(own, id);
  if (write != NULL)
    drop(own, write);
}

/* Somebody who waits may still want to hear of one that is not shown. */
static void drop_old(signet_own *own, int64_t now_ms)
{
  while (
      own->first != NULL &&
      (own->count >= MOST || now_ms - own->first->done_boot > 2 * PATIENCE_MS))
    drop(own, own->first);
}

static void add(signet_own *own, signet_own_write *write)
{
  signet_own_write **slot = slot_of(own, write->id);
  write->next_of_slot = *slot;
  *slot = write;
  write->previous = own->last;
  if (own->last != NULL)
    own->last->next = write;
  else
    own->first = write;
  own->last = write;
  own->count++;
}

void signet_own_free(signet_account *account)
{
  for (int kind = 0; kind < 2; kind++) {
    signet_own *own = &account->kinds[kind].own;
    while (own->first != NULL)
      drop(own, own->first);
    signet_memory_free(own->slots);
    own->slots = NULL;
  }
}

/* ---- what was written ---- */

/* What does not fit into memory is taken as it is shown. */
static void keep(const signet_call *call, const signet_own_write *facts)
{
  signet_own *own = &call->account->kinds[facts->kind].own;
  if (own->slots == NULL)
    own->slots = signet_memory_zeroed(SLOTS, sizeof own->slots[0]);
  if (own->slots == NULL)
    return;
  forget(own, facts->id);
  drop_old(own, signet_clock_boot_ms());
  signet_own_write *write = signet_memory_zeroed(1, sizeof *write);
  signet_fields *fields = signet_fields_copy(facts->fields);
  if (write == NULL || fields == NULL) {
    signet_memory_free(write);
    signet_fields_free(fields);
    return;
  }
  *write = *facts;
  write->fields = fields;
  add(own, write);
}

void signet_own_note_before(signet_call *call, const signet_record *before)
{
  call->write.changes =
      before != NULL && call->verb == SIGNET_UPDATE
          ? signet_entry_changes(call->kind, call->fields, before) & ALL
          : ALL;
  int64_t updated = before != NULL ? signet_record_updated_at(before) : 0;
  call->write.before_updated =
      updated > 0 && updated <= UINT32_MAX ? (uint32_t)updated : 0;
}

static int64_t seconds(int64_t unix_ms)
{
  return unix_ms > 0 ? unix_ms / 1000 : 0;
}

/* The fields of a raw request's body. NULL: it has none that can be read. */
static signet_fields *body_of(const signet_call *call)
{
  const char *problem;
  signet_fields *fields = signet_fields_new();
  json_object *object =
      call->body != NULL
          ? signet_json_parse(call->body, call->body_length, &problem)
          : NULL;
  if (fields != NULL && !signet_json_fields(object, fields, &problem)) {
    signet_fields_free(fields);
    fields = NULL;
  }
  json_object_put(object);
  return fields;
}

static void note_request(const signet_call *call, signet_own_write *facts)
{
  const char *id = strrchr(call->path, '/') + 1;
  signet_fields *fields = NULL;
  if (!signet_request_entry(call, &facts->kind) ||
      strlen(id) >= sizeof facts->id)
    return;
  snprintf(facts->id, sizeof facts->id, "%s", id);
  forget(&call->account->kinds[facts->kind].own, id);
  if (strcmp(call->method, "PUT") == 0)
    fields = body_of(call);
  if (fields == NULL)
    return;
  facts->fields = fields;
  facts->changes = ALL;
  keep(call, facts);
  signet_fields_free(fields);
}

static void note(const signet_call *call, signet_own_write *facts)
{
  if (call->account->http == NULL || call->account->overlay != NULL)
    return;
  if (call->verb == SIGNET_REQUEST) {
    note_request(call, facts);
    return;
  }
  memcpy(facts->id, call->id, sizeof facts->id);
  facts->kind = call->kind;
  facts->made = call->verb == SIGNET_CREATE;
  facts->fields = call->fields;
  if (call->verb == SIGNET_DELETE)
    forget(&call->account->kinds[call->kind].own, call->id);
  else
    keep(call, facts);
}

void signet_own_note(const signet_call *call)
{
  signet_own_write facts = {.changes = call->write.changes,
                            .before = call->write.before_updated,
                            .intended = seconds(call->write.intended_at),
                            .done_boot = signet_clock_boot_ms()};
  if (!call->write.unchanged)
    note(call, &facts);
}

void signet_own_note_earlier(signet_call *call, const signet_record *before,
                             int64_t intended_at, int64_t age_ms)
{
  if (age_ms < 0 || age_ms >= PATIENCE_MS)
    return;
  signet_own_note_before(call, before);
  signet_own_write facts = {.changes = call->write.changes,
                            .before = call->write.before_updated,
                            .intended = seconds(intended_at),
                            .done_boot = signet_clock_boot_ms() - age_ms};
  note(call, &facts);
}

/* ---- what is shown of it ---- */

static bool is_later(const signet_own_write *write, const signet_record *record)
{
  int64_t updated = signet_record_updated_at(record);
  return updated > 0 && (write->before > 0 || write->intended > 0) &&
         updated > write->before && updated >= write->intended;
}

/* What was as it is now before the state that the write changed is older than
 * that. */
static bool is_older(const signet_own_write *write, const signet_record *record)
{
  int64_t updated = signet_record_updated_at(record);
  return updated > 0 && updated < write->before;
}

static bool is_shown(const signet_own_write *write, const signet_record *record)
{
  if (record == NULL)
    return !write->made;
  if (write->made || is_later(write, record))
    return true;
  if (write->changes == 0)
    return signet_record_integer(record, "status", 0) == SIGNET_STATUS_PENDING;
  if (is_older(write, record))
    return false;
  return write->changes == ALL
             ? signet_entry_is_same(write->kind, write->fields, record)
             : signet_entry_agrees(write->kind, write->fields, record,
                                   write->changes);
}

static void tell(signet_account *account, signet_own_write *write)
{
  char text[240];
  write->told = true;
  snprintf(text, sizeof text,
           "the service still shows %s %s as it was before it was written, %d "
           "seconds ago: it is taken as it is shown",
           signet_kind_word(write->kind), write->id, PATIENCE_MS / 1000);
  signet_account_notify(account, text);
}

signet_own_view signet_own_look(signet_account *account, signet_kind kind,
                                const char *id, const signet_record *record)
{
  signet_own_write *write = find(&account->kinds[kind].own, id);
  if (write == NULL || is_shown(write, record))
    return SIGNET_OWN_SHOWN;
  if (signet_clock_boot_ms() - write->done_boot < PATIENCE_MS)
    return SIGNET_OWN_LAGS;
  if (!write->told && record != NULL)
    tell(account, write);
  return SIGNET_OWN_NEVER;
}

bool signet_own_lags(signet_account *account, signet_kind kind, const char *id,
                     const signet_record *record)
{
  return signet_own_look(account, kind, id, record) == SIGNET_OWN_LAGS;
}

bool signet_own_is_recent(const signet_account *account, signet_kind kind,
                          const char *id)
{
  const signet_own_write *write = find(&account->kinds[kind].own, id);
  return write != NULL &&
         signet_clock_boot_ms() - write->done_boot < PATIENCE_MS;
}
