/* SPDX-License-Identifier: MIT */
#include "account/images.h"

#include "model/list.h"
#include "model/memory.h"

#include <stdint.h>

enum { SINGLES = 256 };

/* An account may have hundreds of thousands of entries: this is small. */
struct signet_image {
  uint64_t id;                 /* 0: a free slot */
  uint64_t first_order;        /* of the first reading */
  uint64_t written_order;      /* of the last write, 0: none is known */
  int64_t read_ms;             /* when the record was read; 0: never */
  signet_list *list;           /* a reference; NULL: forgotten */
  const signet_record *record; /* in the list */
};

/* The number of an id; 0 for one that is not kept: with a zero in front it
 * would be another's number. */
static uint64_t number_of(const char *id)
{
  uint64_t number = 0;
  if (id[0] == '0')
    return 0;
  for (; *id >= '0' && *id <= '9'; id++)
    if (__builtin_mul_overflow(number, 10u, &number) ||
        __builtin_add_overflow(number, (uint64_t)(*id - '0'), &number))
      return 0;
  return *id == '\0' ? number : 0;
}

/* The slot of an id, or the free one where it would stand. */
static signet_image *slot_of(const signet_images *images, uint64_t id)
{
  uint64_t hash = id * UINT64_C(0x9E3779B97F4A7C15);
  size_t at = (size_t)(hash >> 32) & (images->capacity - 1);
  while (images->slots[at].id != 0 && images->slots[at].id != id)
    at = (at + 1) & (images->capacity - 1);
  return &images->slots[at];
}

/* The slot of an id that was read, NULL: it was not. */
static signet_image *find(const signet_images *images, const char *id)
{
  uint64_t number = number_of(id);
  if (images->capacity == 0 || number == 0)
    return NULL;
  signet_image *slot = slot_of(images, number);
  return slot->id != 0 ? slot : NULL;
}

static bool reserve(signet_images *images, size_t more)
{
  size_t capacity = images->capacity > 0 ? images->capacity : 64;
  while (capacity / 5 * 4 < images->used + more)
    capacity *= 2;
  if (capacity == images->capacity)
    return true;
  signet_image *slots = signet_memory_zeroed(capacity, sizeof slots[0]);
  if (slots == NULL)
    return false;
  signet_images larger = *images;
  larger.slots = slots;
  larger.capacity = capacity;
  for (size_t i = 0; i < images->capacity; i++)
    if (images->slots[i].id != 0)
      *slot_of(&larger, images->slots[i].id) = images->slots[i];
  signet_memory_free(images->slots);
  *images = larger;
  return true;
}

/* The slot of an entry that is there now; NULL: it can't be remembered. */
static signet_image *note_one(signet_images *images,
                              const signet_record *record, uint64_t order)
{
  char text[24];
  if (signet_record_id(record, text, sizeof text)[0] == '\0')
    return NULL;
  uint64_t id = number_of(text);
  if (id == 0) {
    images->incomplete = true;
    return NULL;
  }
  signet_image *slot = slot_of(images, id);
  if (slot->id == 0) {
    slot->id = id;
    slot->first_order = order;
    images->used++;
  }
  return slot;
}

static void keep_one(signet_images *images, signet_list *list,
                     const signet_record *record, uint64_t order,
                     int64_t read_ms)
{
  signet_image *slot = note_one(images, record, order);
  if (slot == NULL)
    return;
  slot->read_ms = read_ms;
  signet_list_retain(list);
  signet_list_release(slot->list);
  slot->list = list;
  slot->record = record;
}

/* A list of one takes a kilobyte and more: many share one. NULL: no memory. */
static signet_list *copy_single(signet_images *images,
                                const signet_record *record)
{
  if (images->single != NULL && signet_list_count(images->single) >= SINGLES) {
    signet_list_seal(images->single);
    signet_list_release(images->single);
    images->single = NULL;
  }
  if (images->single == NULL)
    images->single = signet_list_new(signet_record_kind(record));
  if (images->single == NULL || !signet_list_copy(images->single, record))
    return NULL;
  return images->single;
}

void signet_images_keep(signet_images *images, signet_list *list,
                        uint64_t order, int64_t read_ms)
{
  size_t count = signet_list_count(list);
  size_t first = 0;
  if (count == 1) {
    list = copy_single(images, signet_list_at(list, 0));
    first = list != NULL ? signet_list_count(list) - 1 : 0;
  }
  if (list == NULL || !reserve(images, count)) {
    images->incomplete = true;
    return;
  }
  for (size_t i = 0; i < count; i++)
    keep_one(images, list, signet_list_at(list, first + i), order, read_ms);
}

void signet_images_note(signet_images *images, const signet_list *list,
                        uint64_t order)
{
  size_t count = signet_list_count(list);
  if (!reserve(images, count)) {
    images->incomplete = true;
    return;
  }
  for (size_t i = 0; i < count; i++)
    note_one(images, signet_list_at(list, i), order);
}

const signet_record *signet_images_find(const signet_images *images,
                                        const char *id, int64_t *read_ms)
{
  const signet_image *image = find(images, id);
  if (image == NULL || image->record == NULL)
    return NULL;
  if (read_ms != NULL)
    *read_ms = image->read_ms;
  return image->record;
}

const signet_record *signet_images_hold(const signet_images *images,
                                        const char *id, int64_t *read_ms,
                                        signet_list **list)
{
  const signet_image *image = find(images, id);
  if (image == NULL || image->record == NULL)
    return NULL;
  *read_ms = image->read_ms;
  *list = image->list;
  signet_list_retain(image->list);
  return image->record;
}

bool signet_images_seen(const signet_images *images, const char *id,
                        uint64_t order)
{
  const signet_image *image = find(images, id);
  if (order == 0)
    return false;
  return image != NULL ? image->first_order < order : images->incomplete;
}

void signet_images_forget(signet_images *images, const char *id)
{
  signet_image *image = find(images, id);
  if (image == NULL)
    return;
  signet_list_release(image->list);
  image->list = NULL;
  image->record = NULL;
  if (image->read_ms == 0)
    image->read_ms = 1; /* whoever writes it knows it */
}

void signet_images_note_write(signet_images *images, const char *id,
                              uint64_t order)
{
  uint64_t number = number_of(id);
  if (number == 0 || !reserve(images, 1)) {
    images->incomplete = images->incomplete || id[0] != '\0';
    return;
  }
  signet_image *image = slot_of(images, number);
  if (image->id == 0) {
    image->id = number;
    image->first_order = order;
    image->read_ms = 1;
    images->used++;
  }
  image->written_order = order;
}

bool signet_images_written(const signet_images *images, const char *id,
                           uint64_t order)
{
  const signet_image *image = find(images, id);
  return image != NULL ? image->written_order >= order : images->incomplete;
}

bool signet_images_known(const signet_images *images, const char *id)
{
  const signet_image *image = find(images, id);
  return image != NULL ? image->read_ms != 0 : images->incomplete;
}

void signet_images_free(signet_images *images)
{
  for (size_t i = 0; i < images->capacity; i++)
    signet_list_release(images->slots[i].list);
  signet_list_release(images->single);
  signet_memory_free(images->slots);
  *images = (signet_images){0};
}
