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

/** Remembers every record of @p list, read at @p unix_ms, but for what does not
 * fit into memory. @param read_ms  when, by signet_clock_boot_ms() */
void signet_images_keep(signet_images *images, signet_list *list,
                        int64_t unix_ms, int64_t read_ms);
/** Remembers no more of the list than that its entries were there. */
void signet_images_note(signet_images *images, const signet_list *list,
                        int64_t unix_ms);
/** The record last read of @p id, borrowed; NULL: not read, or forgotten.
 * @param read_ms  set to when it was; may be NULL */
const signet_record *signet_images_find(const signet_images *images,
                                        const char *id, int64_t *read_ms);
/** Whether @p id was read before @p unix_ms, forgotten since or not; if in
 * doubt, it was. */
bool signet_images_seen(const signet_images *images, const char *id,
                        int64_t unix_ms);
/** Forgets what was read of @p id: it was written since. */
void signet_images_forget(signet_images *images, const char *id);
void signet_images_free(signet_images *images);

#endif
