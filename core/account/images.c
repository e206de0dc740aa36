/* SPDX-License-Identifier: MIT */
#include "account/images.h"

#include "model/memory.h"
#include "model/record_build.h"

#include <string.h>

struct signet_image {
  char id[24];                 /* "": a free slot */
  int64_t first_ms;            /* when it was first read */
  signet_list *list;           /* a reference; NULL: forgotten */
  const signet_record *record; /* in the list */
};

/* The slot of an id, or the free one where it would stand. */
static signet_image *slot_of(const signet_images *images, const char *id)
{
  size_t at = signet_id_hash(id) & (images->capacity - 1);
  while (images->slots[at].id[0] != '\0' &&
         strcmp(images->slots[at].id, id) != 0)
    at = (at + 1) & (images->capacity - 1);
  return &images->slots[at];
}

static bool reserve(signet_images *images, size_t more)
{
  size_t capacity = images->capacity > 0 ? images->capacity : 64;
  while (capacity < (images->used + more) * 2)
    capacity *= 2;
  if (capacity == images->capacity)
    return true;
  signet_image *slots = signet_memory_zeroed(capacity, sizeof slots[0]);
  if (slots == NULL)
    return false;
  signet_images larger = {slots, capacity, images->used};
  for (size_t i = 0; i < images->capacity; i++)
    if (images->slots[i].id[0] != '\0')
      *slot_of(&larger, images->slots[i].id) = images->slots[i];
  signet_memory_free(images->slots);
  *images = larger;
  return true;
}

static void keep_one(signet_images *images, signet_list *list,
                     const signet_record *record, int64_t unix_ms)
{
  char id[24];
  if (signet_record_id(record, id, sizeof id)[0] == '\0')
    return;
  signet_image *slot = slot_of(images, id);
  if (slot->id[0] == '\0') {
    memcpy(slot->id, id, sizeof id);
    slot->first_ms = unix_ms;
    images->used++;
  }
  signet_list_retain(list);
  signet_list_release(slot->list);
  slot->list = list;
  slot->record = record;
}

void signet_images_keep(signet_images *images, signet_list *list,
                        int64_t unix_ms)
{
  size_t count = signet_list_count(list);
  if (!reserve(images, count))
    return;
  for (size_t i = 0; i < count; i++)
    keep_one(images, list, signet_list_at(list, i), unix_ms);
}

const signet_record *signet_images_find(const signet_images *images,
                                        const char *id)
{
  return images->capacity > 0 ? slot_of(images, id)->record : NULL;
}

bool signet_images_seen(const signet_images *images, const char *id,
                        int64_t unix_ms)
{
  if (images->capacity == 0)
    return false;
  const signet_image *slot = slot_of(images, id);
  return slot->id[0] != '\0' && slot->first_ms < unix_ms;
}

void signet_images_forget(signet_images *images, const char *id)
{
  if (images->capacity == 0)
    return;
  signet_image *slot = slot_of(images, id);
  signet_list_release(slot->list);
  slot->list = NULL;
  slot->record = NULL;
}

void signet_images_free(signet_images *images)
{
  for (size_t i = 0; i < images->capacity; i++)
    signet_list_release(images->slots[i].list);
  signet_memory_free(images->slots);
  *images = (signet_images){0};
}
