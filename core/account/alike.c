/* SPDX-License-Identifier: MIT */
#include "account/alike.h"

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

void signet_alike_note(signet_account *account, signet_list *list)
{
  signet_alike *alike = &account->alike;
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

/* What the run has written since is no longer named so. */
static bool holds_still(const signet_account *account, const char *id)
{
  bool kept = account->recorder != NULL || account->fresh_ms >= 0;
  return !kept ||
         signet_images_find(&account->images[SIGNET_SIGN], id, NULL) != NULL;
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

bool signet_alike_doubts(const signet_call *call, char *text, size_t size)
{
  signet_alike *alike = &call->account->alike;
  signet_value wanted;
  if (call->kind != SIGNET_SIGN ||
      (call->verb != SIGNET_CREATE && call->verb != SIGNET_UPDATE) ||
      !signet_fields_get(call->fields, "sign_name", &wanted) ||
      wanted.type != SIGNET_STRING)
    return false;
  size_t found = look_for(call->account, &wanted, call->id);
  return found != SIZE_MAX &&
         explain(alike, &wanted, signet_list_at(alike->list, found), text,
                 size);
}
