/* SPDX-License-Identifier: MIT */
#include "world/entry.h"

#include "world/queue.h"

#include "model/memory.h"

#include <string.h>

const char *signet_world_text_data(const signet_world_text *text)
{
  return text->data != NULL ? text->data : "";
}

bool signet_world_text_set(signet_world_text *text, const char *data,
                           size_t length)
{
  char *copy = NULL;
  if (length > 0) {
    copy = signet_memory_text(data, length);
    if (copy == NULL)
      return false;
  }
  signet_memory_free(text->data);
  *text = (signet_world_text){copy, length};
  return true;
}

void signet_world_text_clear(signet_world_text *text)
{
  signet_memory_free(text->data);
  *text = (signet_world_text){0};
}

bool signet_world_text_equal(const signet_world_text *text, const char *data,
                             size_t length)
{
  return text->length == length &&
         (length == 0 || memcmp(text->data, data, length) == 0);
}

signet_entry *signet_entry_new(signet_kind kind)
{
  signet_entry *entry = signet_memory_zeroed(1, sizeof *entry);
  if (entry != NULL)
    entry->kind = kind;
  return entry;
}

void signet_entry_free(signet_entry *entry)
{
  if (entry == NULL)
    return;
  signet_memory_free(entry->name.data);
  signet_memory_free(entry->remark.data);
  signet_memory_free(entry->extra.data);
  signet_memory_free(entry->held_name.data);
  signet_memory_free(entry->type.data);
  signet_memory_free(entry->content.data);
  signet_memory_free(entry->countries.data);
  signet_memory_free(entry);
}

bool signet_entry_id_parse(const char *text, size_t length, int64_t *id)
{
  int64_t value = 0;
  if (length < 1 || length > 19)
    return false;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9')
      return false;
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, text[i] - '0', &value))
      return false;
  }
  *id = value;
  return true;
}

static bool same_id(const void *item, const void *key)
{
  return ((const signet_entry *)item)->id == *(const int64_t *)key;
}

signet_entry *signet_world_find(const signet_world *world, signet_kind kind,
                                int64_t id)
{
  return signet_table_find(&world->shelves[kind].ids,
                           signet_table_hash_integer(id), same_id, &id);
}

/* A name that is looked for; borrowed. */
typedef struct name_key {
  const char *data;
  size_t length;
} name_key;

static bool same_name(const void *item, const void *key)
{
  const signet_entry *entry = item;
  const name_key *name = key;
  return signet_world_text_equal(&entry->name, name->data, name->length) ||
         (entry->held_name.length > 0 &&
          signet_world_text_equal(&entry->held_name, name->data, name->length));
}

static uint64_t text_hash(const signet_world_text *text)
{
  return signet_table_hash_text(signet_world_text_data(text), text->length);
}

signet_entry *signet_world_find_name(const signet_world *world,
                                     const char *name, size_t length)
{
  name_key key = {name, length};
  return signet_table_find(&world->names, signet_table_hash_text(name, length),
                           same_name, &key);
}

/* ---- the templates of a signature ---- */

static void leave(signet_entry *entry)
{
  signet_entry *sign = entry->user_of;
  if (sign == NULL)
    return;
  if (entry->previous_user != NULL)
    entry->previous_user->next_user = entry->next_user;
  else
    sign->first_user = entry->next_user;
  if (entry->next_user != NULL)
    entry->next_user->previous_user = entry->previous_user;
  else
    sign->last_user = entry->previous_user;
  entry->user_of = NULL;
  sign->related_templates--;
}

static void join(const signet_world *world, signet_entry *entry)
{
  signet_entry *sign =
      entry->sign_id != 0
          ? signet_world_find(world, SIGNET_SIGN, entry->sign_id)
          : NULL;
  entry->user_of = sign;
  if (sign == NULL)
    return;
  entry->next_user = NULL;
  entry->previous_user = sign->last_user;
  if (sign->last_user != NULL)
    sign->last_user->next_user = entry;
  else
    sign->first_user = entry;
  sign->last_user = entry;
  sign->related_templates++;
}

/* ---- all entries ---- */

bool signet_world_add(signet_world *world, signet_entry *entry)
{
  signet_world_shelf *shelf = &world->shelves[entry->kind];
  bool sign = entry->kind == SIGNET_SIGN;
  if (!signet_table_reserve(&shelf->ids, 1) ||
      (sign && !signet_table_reserve(&world->names, 2)) ||
      !signet_queue_reserve(world, world->shelves[SIGNET_SIGN].count +
                                       world->shelves[SIGNET_TEMPLATE].count +
                                       1))
    return false;
  signet_table_insert(&shelf->ids, signet_table_hash_integer(entry->id), entry);
  if (sign) {
    signet_table_insert(&world->names, text_hash(&entry->name), entry);
    if (entry->held_name.length > 0)
      signet_table_insert(&world->names, text_hash(&entry->held_name), entry);
  } else {
    join(world, entry);
  }
  entry->previous = shelf->last;
  if (shelf->last != NULL)
    shelf->last->next = entry;
  else
    shelf->first = entry;
  shelf->last = entry;
  shelf->count++;
  return true;
}

static void unlink_entry(signet_world_shelf *shelf, signet_entry *entry)
{
  if (entry->previous != NULL)
    entry->previous->next = entry->next;
  else
    shelf->first = entry->next;
  if (entry->next != NULL)
    entry->next->previous = entry->previous;
  else
    shelf->last = entry->previous;
  shelf->count--;
}

void signet_world_remove(signet_world *world, signet_entry *entry)
{
  signet_world_shelf *shelf = &world->shelves[entry->kind];
  signet_queue_remove(world, entry);
  signet_table_remove(&shelf->ids, signet_table_hash_integer(entry->id), entry);
  if (entry->kind == SIGNET_SIGN) {
    signet_world_release_name(world, entry);
    signet_table_remove(&world->names, text_hash(&entry->name), entry);
    while (entry->first_user != NULL)
      leave(entry->first_user);
  } else {
    leave(entry);
  }
  unlink_entry(shelf, entry);
  signet_entry_free(entry);
}

void signet_world_release_name(signet_world *world, signet_entry *sign)
{
  if (sign->held_name.length == 0)
    return;
  signet_table_remove(&world->names, text_hash(&sign->held_name), sign);
  signet_world_text_clear(&sign->held_name);
}

bool signet_world_rename(signet_world *world, signet_entry *sign,
                         const char *name, size_t length, bool hold)
{
  signet_world_text next = {0};
  if (!signet_table_reserve(&world->names, 1) ||
      !signet_world_text_set(&next, name, length))
    return false;
  /* What is held is the name of the last approval: a name in between, or one
   * that the signature goes back to, is not held. */
  bool back = signet_world_text_equal(&sign->held_name, name, length);
  if (back)
    signet_world_release_name(world, sign);
  if (hold && !back && sign->held_name.length == 0 &&
      !signet_world_text_equal(&sign->name, name, length)) {
    sign->held_name = sign->name; /* its slot in the table goes along */
  } else {
    signet_table_remove(&world->names, text_hash(&sign->name), sign);
    signet_memory_free(sign->name.data);
  }
  sign->name = next;
  signet_table_insert(&world->names, text_hash(&sign->name), sign);
  return true;
}

void signet_world_relate(signet_world *world, signet_entry *entry,
                         int64_t sign_id)
{
  leave(entry);
  entry->sign_id = sign_id;
  join(world, entry);
}
