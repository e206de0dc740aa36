/* SPDX-License-Identifier: MIT */
#include "account/alike.h"

#include "account/account.h"

#include "model/fields.h"
#include "model/form.h"
#include "model/memory.h"
#include "model/text.h"

#include <stdio.h>
#include <string.h>

/* A signature of the list by what a person sees of its name. */
struct signet_alike_slot {
  uint64_t skeleton; /* a hash; 0: a free slot */
  uint32_t index;    /* in the list */
};

/* A name that was written, in a table by what people see of it. */
struct signet_alike_own {
  uint64_t skeleton; /* a hash; 0: a free slot */
  uint64_t name;     /* the same of the very name; 0: it is no name any more */
  uint64_t id;       /* of the signature; 0: of one that is created */
};

static uint64_t hash_of(const char *text)
{
  uint64_t hash = 14695981039346656037u;
  for (; *text != '\0'; text++)
    hash = (hash ^ (uint8_t)*text) * 1099511628211u;
  return hash != 0 ? hash : 1;
}

static bool name_of(const signet_record *record, signet_value *name)
{
  return signet_record_get(record, "sign_name", name) &&
         name->type == SIGNET_STRING;
}

/* ---- the table ---- */

static void drop_table(signet_alike *alike)
{
  signet_memory_free(alike->slots);
  alike->slots = NULL;
  alike->capacity = 0;
}

void signet_alike_note(signet_account *account, signet_list *list,
                       bool delivered)
{
  signet_alike *alike = &account->alike;
  alike->delivered = delivered;
  signet_list_release(alike->list);
  alike->list = signet_list_retain(list);
  drop_table(alike);
}

void signet_alike_free(signet_account *account)
{
  signet_alike *alike = &account->alike;
  signet_list_release(alike->list);
  alike->list = NULL;
  drop_table(alike);
  signet_memory_free(alike->told);
  alike->told = NULL;
  signet_memory_free(alike->own);
  alike->own = NULL;
}

static void add(signet_alike *alike, uint64_t skeleton, size_t index)
{
  size_t at = (size_t)(skeleton >> 32) & (alike->capacity - 1);
  while (alike->slots[at].skeleton != 0)
    at = (at + 1) & (alike->capacity - 1);
  alike->slots[at] = (struct signet_alike_slot){skeleton, (uint32_t)index};
}

/* At the first name that is written after a list. @return false: no memory, or
 * no list */
static bool need_table(signet_alike *alike)
{
  if (alike->slots != NULL || alike->list == NULL)
    return alike->slots != NULL;
  size_t count = signet_list_count(alike->list);
  size_t capacity = 16;
  while (capacity < count * 2)
    capacity *= 2;
  alike->slots = signet_memory_zeroed(capacity, sizeof alike->slots[0]);
  alike->capacity = capacity;
  for (size_t i = 0; alike->slots != NULL && i < count; i++) {
    signet_value name;
    char *skeleton = NULL;
    if (!name_of(signet_list_at(alike->list, i), &name))
      continue;
    skeleton = signet_form_skeleton(name.as.text.data, name.as.text.length);
    if (skeleton == NULL)
      drop_table(alike);
    else if (skeleton[0] != '\0')
      add(alike, hash_of(skeleton), i);
    signet_memory_free(skeleton);
  }
  return alike->slots != NULL;
}

/* ---- looking ---- */

static bool is_written(const signet_alike *alike, const char *id)
{
  uint64_t hash = hash_of(id);
  for (size_t i = 0; i < alike->own_capacity; i++)
    if (alike->own[i].skeleton != 0 && alike->own[i].id == hash)
      return true;
  return false;
}

/* What the run has written since is no longer named so. Of a list that nobody
 * asked for no images are kept. */
static bool holds_still(const signet_account *account, const char *id)
{
  if (!account->alike.delivered)
    return !is_written(&account->alike, id);
  bool kept = account->recorder != NULL || account->settings.fresh_ms >= 0;
  return !kept || signet_images_find(&account->kinds[SIGNET_SIGN].images, id,
                                     NULL) != NULL;
}

static bool is_alike(const signet_account *account, const signet_record *record,
                     const signet_value *wanted, const char *skeleton,
                     const char *own_id)
{
  char id[SIGNET_ID_SIZE];
  signet_value name;
  if (!name_of(record, &name) || signet_value_equal(&name, wanted) ||
      strcmp(signet_record_id(record, id, sizeof id), own_id) == 0 ||
      !holds_still(account, id))
    return false;
  char *other = signet_form_skeleton(name.as.text.data, name.as.text.length);
  bool same = other != NULL && strcmp(other, skeleton) == 0;
  signet_memory_free(other);
  return same;
}

/* @return its index in the list; SIZE_MAX: there is none */
static size_t find(const signet_account *account, const signet_value *wanted,
                   const char *skeleton, const char *own_id)
{
  const signet_alike *alike = &account->alike;
  uint64_t hash = hash_of(skeleton);
  size_t at = (size_t)(hash >> 32) & (alike->capacity - 1);
  for (; alike->slots[at].skeleton != 0; at = (at + 1) & (alike->capacity - 1))
    if (alike->slots[at].skeleton == hash &&
        is_alike(account, signet_list_at(alike->list, alike->slots[at].index),
                 wanted, skeleton, own_id))
      return alike->slots[at].index;
  return SIZE_MAX;
}

/* ---- telling ---- */

static bool is_told(const signet_alike *alike, uint64_t pair)
{
  for (size_t i = 0; i < alike->told_count; i++)
    if (alike->told[i] == pair)
      return true;
  return false;
}

/* @return whether it is news */
static bool note_told(signet_alike *alike, const signet_value *wanted,
                      const char *id)
{
  uint64_t pair = hash_of(id);
  for (size_t i = 0; i < wanted->as.text.length; i++)
    pair = (pair ^ (uint8_t)wanted->as.text.data[i]) * 1099511628211u;
  if (is_told(alike, pair))
    return false;
  uint64_t *told =
      signet_memory_resize(alike->told, alike->told_count + 1, sizeof told[0]);
  if (told == NULL)
    return true; /* it may be told twice */
  alike->told = told;
  told[alike->told_count++] = pair;
  return true;
}

static size_t look_for(signet_account *account, const signet_value *wanted,
                       const char *id)
{
  size_t found = SIZE_MAX;
  if (!need_table(&account->alike))
    return found;
  char *skeleton =
      signet_form_skeleton(wanted->as.text.data, wanted->as.text.length);
  if (skeleton != NULL && skeleton[0] != '\0')
    found = find(account, wanted, skeleton, id);
  signet_memory_free(skeleton);
  return found;
}

signet_list *signet_sign_alike(signet_account *account, const char *name,
                               size_t length, const char *id, size_t *index)
{
  char other[SIGNET_ID_SIZE];
  signet_value wanted = signet_value_text(name, length);
  signet_alike *alike = &account->alike;
  if (id != NULL)
    (void)note_told(alike, &wanted, ""); /* it compares its new names itself */
  *index = look_for(account, &wanted, id != NULL ? id : "");
  if (*index == SIZE_MAX)
    return NULL;
  (void)note_told(alike, &wanted,
                  signet_record_id(signet_list_at(alike->list, *index), other,
                                   sizeof other));
  return alike->list;
}

static bool explain(signet_alike *alike, const signet_value *wanted,
                    const signet_record *record, char *text, size_t size)
{
  char id[SIGNET_ID_SIZE];
  char written[100];
  char named[100];
  signet_value name;
  signet_record_id(record, id, sizeof id);
  if (!note_told(alike, wanted, id) || !name_of(record, &name))
    return false;
  signet_text_escape(written, sizeof written, wanted->as.text.data,
                     wanted->as.text.length);
  signet_text_escape(named, sizeof named, name.as.text.data,
                     name.as.text.length);
  snprintf(text, size, "'%s' looks the same as signature %s, '%s'", written, id,
           named);
  return true;
}

/* ---- what the run has written ---- */

static uint64_t hash_of_value(const signet_value *text)
{
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < text->as.text.length; i++)
    hash = (hash ^ (uint8_t)text->as.text.data[i]) * 1099511628211u;
  return hash != 0 ? hash : 1;
}

/* 0: nothing of it can be seen, or there was no memory */
static uint64_t skeleton_of(const signet_value *text)
{
  char *skeleton =
      signet_form_skeleton(text->as.text.data, text->as.text.length);
  uint64_t hash =
      skeleton != NULL && skeleton[0] != '\0' ? hash_of(skeleton) : 0;
  signet_memory_free(skeleton);
  return hash;
}

static size_t first_of(uint64_t skeleton, size_t capacity)
{
  return (size_t)(skeleton >> 32) & (capacity - 1);
}

static void put(struct signet_alike_own *slots, size_t capacity,
                const struct signet_alike_own *own)
{
  size_t at = first_of(own->skeleton, capacity);
  while (slots[at].skeleton != 0)
    at = (at + 1) & (capacity - 1);
  slots[at] = *own;
}

static bool grow(signet_alike *alike)
{
  size_t capacity = alike->own_capacity > 0 ? alike->own_capacity * 2 : 64;
  struct signet_alike_own *slots =
      signet_memory_zeroed(capacity, sizeof slots[0]);
  if (slots == NULL)
    return false;
  for (size_t i = 0; i < alike->own_capacity; i++)
    if (alike->own[i].skeleton != 0)
      put(slots, capacity, &alike->own[i]);
  signet_memory_free(alike->own);
  alike->own = slots;
  alike->own_capacity = capacity;
  return true;
}

/* Without memory it is not compared with names to come. */
static void keep_own(signet_alike *alike, const struct signet_alike_own *own)
{
  if (alike->own_count * 2 >= alike->own_capacity && !grow(alike))
    return;
  put(alike->own, alike->own_capacity, own);
  alike->own_count++;
}

/* The signature is not named so any more. */
static void forget_own(signet_alike *alike, const signet_record *before,
                       uint64_t id)
{
  signet_value name;
  if (alike->own_count == 0 || before == NULL || !name_of(before, &name))
    return;
  uint64_t skeleton = skeleton_of(&name);
  uint64_t hash = hash_of_value(&name);
  size_t at = first_of(skeleton, alike->own_capacity);
  for (; alike->own[at].skeleton != 0;
       at = (at + 1) & (alike->own_capacity - 1))
    if (alike->own[at].name == hash &&
        (alike->own[at].id == id || alike->own[at].id == 0))
      alike->own[at].name = 0;
}

static bool is_alike_own(const signet_alike *alike,
                         const struct signet_alike_own *own)
{
  if (alike->own_count == 0)
    return false;
  size_t at = first_of(own->skeleton, alike->own_capacity);
  for (; alike->own[at].skeleton != 0;
       at = (at + 1) & (alike->own_capacity - 1)) {
    const struct signet_alike_own *other = &alike->own[at];
    if (other->skeleton == own->skeleton && other->name != 0 &&
        other->name != own->name && (own->id == 0 || other->id != own->id))
      return true;
  }
  return false;
}

static bool doubts_own(const signet_call *call, const signet_record *before,
                       const signet_value *wanted, char *text, size_t size)
{
  signet_alike *alike = &call->account->alike;
  char written[100];
  struct signet_alike_own own = {skeleton_of(wanted), hash_of_value(wanted),
                                 call->id[0] != '\0' ? hash_of(call->id) : 0};
  if (own.skeleton == 0)
    return false;
  forget_own(alike, before, own.id);
  bool alike_one = is_alike_own(alike, &own);
  keep_own(alike, &own);
  if (!alike_one || !note_told(alike, wanted, ""))
    return false;
  signet_text_escape(written, sizeof written, wanted->as.text.data,
                     wanted->as.text.length);
  snprintf(text, size,
           "'%s' looks the same as another name that this run writes", written);
  return true;
}

/* ---- doubts ---- */

static bool is_named(const signet_call *call, signet_value *wanted)
{
  return call->kind == SIGNET_SIGN &&
         (call->verb == SIGNET_CREATE || call->verb == SIGNET_UPDATE) &&
         signet_fields_get(call->fields, "sign_name", wanted) &&
         wanted->type == SIGNET_STRING;
}

bool signet_alike_needs_list(const signet_call *call)
{
  signet_value wanted;
  return is_named(call, &wanted) && call->account->alike.list == NULL;
}

bool signet_alike_doubts_still(const signet_call *call, char *text, size_t size)
{
  signet_alike *alike = &call->account->alike;
  signet_value wanted;
  if (!is_named(call, &wanted))
    return false;
  size_t found = look_for(call->account, &wanted, call->id);
  return found != SIZE_MAX &&
         explain(alike, &wanted, signet_list_at(alike->list, found), text,
                 size);
}

bool signet_alike_doubts(const signet_call *call, const signet_record *before,
                         char *text, size_t size)
{
  signet_value wanted;
  if (call->kind == SIGNET_SIGN && call->verb == SIGNET_DELETE)
    forget_own(&call->account->alike, before, hash_of(call->id));
  if (!is_named(call, &wanted))
    return false;
  bool own = doubts_own(call, before, &wanted, text, size);
  return signet_alike_doubts_still(call, text, size) || own;
}
