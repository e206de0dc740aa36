/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_BUFFER_H
#define SIGNET_MODEL_BUFFER_H

/* Growing text with a maximum that its owner names. A buffer that could not
 * grow remembers it: append as much as you like, then ask once. */

#include "model/visibility.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct signet_buffer {
  char *data; /* ends with NUL whenever it is not NULL */
  size_t length;
  size_t capacity;
  size_t maximum; /* bytes of text, the NUL not counted */
  bool failed;    /* some append did not fit, or memory ran out */
} signet_buffer;

/** An empty buffer; nothing is allocated before the first append. */
SIGNET_INTERNAL void signet_buffer_init(signet_buffer *buffer, size_t maximum);
/** Frees the text; the buffer can be used again. */
SIGNET_INTERNAL void signet_buffer_free(signet_buffer *buffer);
/** Forgets the text and a failure, keeps the memory. */
SIGNET_INTERNAL void signet_buffer_clear(signet_buffer *buffer);
/** @return false: it failed, now or earlier; nothing was appended */
SIGNET_INTERNAL bool signet_buffer_append(signet_buffer *buffer,
                                          const char *text, size_t length);
/** Room for @p more bytes at the text's end, to be written and then counted by
 * signet_buffer_used(). NULL: as a failed append. */
char *signet_buffer_room(signet_buffer *buffer, size_t more);
/** Counts bytes that were written into the room. */
void signet_buffer_used(signet_buffer *buffer, size_t length);
SIGNET_INTERNAL bool signet_buffer_string(signet_buffer *buffer,
                                          const char *text);
SIGNET_INTERNAL bool signet_buffer_format(signet_buffer *buffer,
                                          const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Hands the text over (free with signet_memory_free); NULL if it failed. */
SIGNET_INTERNAL char *signet_buffer_take(signet_buffer *buffer, size_t *length);

#endif
