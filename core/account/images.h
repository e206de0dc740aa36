/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_IMAGES_H
#define SIGNET_ACCOUNT_IMAGES_H

/* What was last read of each entry, by id, so that a write's before-image
 * costs no request. Lists are kept alive as long as a record of them is the
 * last that was read. */

#include "signet/record.h"

typedef struct signet_image signet_image;

typedef struct signet_images {
  signet_image *slots;
  size_t capacity;     /* a power of two, or 0 */
  size_t used;         /* slots that hold an id, forgotten ones too */
  bool incomplete;     /* something was read that is not remembered */
  signet_list *single; /* holds records that came alone; NULL: none yet */
} signet_images;

/** Remembers every record of @p list, but for what does not fit into memory.
 * @param order    ascending, of this reading
 * @param read_ms  when it was, by signet_clock_boot_ms() */
void signet_images_keep(signet_images *images, signet_list *list,
                        uint64_t order, int64_t read_ms);
/** Remembers no more of the list than that its entries were there. */
void signet_images_note(signet_images *images, const signet_list *list,
                        uint64_t order);
/** The record last read of @p id, borrowed; NULL: not read, or forgotten.
 * @param read_ms  set to when it was; may be NULL */
const signet_record *signet_images_find(const signet_images *images,
                                        const char *id, int64_t *read_ms);
/** The same, and keeps the list that holds it. @param list  set to it, to be
 * released */
const signet_record *signet_images_hold(const signet_images *images,
                                        const char *id, int64_t *read_ms,
                                        signet_list **list);
/** Whether @p id was read before what has the number @p order, forgotten since
 * or not; if in doubt, it was. Before 0 nothing was. */
bool signet_images_seen(const signet_images *images, const char *id,
                        uint64_t order);
/** Forgets what was read of @p id: it was written since. */
void signet_images_forget(signet_images *images, const char *id);
/** Remembers that the entry is written: a list that was begun before @p order
 * may show it as it was. */
void signet_images_note_write(signet_images *images, const char *id,
                              uint64_t order);
/** Whether it was, in or after what has the number @p order; if in doubt. */
bool signet_images_written(const signet_images *images, const char *id,
                           uint64_t order);
/** Whether the caller has read the entry, or written it. */
bool signet_images_known(const signet_images *images, const char *id);
void signet_images_free(signet_images *images);

#endif
