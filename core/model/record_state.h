/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_RECORD_STATE_H
#define SIGNET_MODEL_RECORD_STATE_H

/* How a record lies in the arena of its list. */

#include "signet/record.h"

#include <string.h>

/* Text in the arena: its length, its bytes and a NUL. */
typedef struct text {
  uint32_t length;
  char data[];
} text;

typedef struct shape_field {
  const text *name;
  signet_value_type type;
} shape_field;

typedef struct shape {
  signet_kind kind;
  bool hides; /* the list shows of no template which signature it has */
  size_t count;
  shape_field fields[];
} shape;

typedef union slot {
  bool boolean;
  int64_t integer;
  double number;
  const text *text;
} slot;

struct signet_record {
  const shape *shape;
  slot slots[];
};

/** Whether a text of the arena is that one. */
static inline bool signet_record_text_is(const text *known, const char *data,
                                         size_t length)
{
  return known->length == length &&
         (length == 0 || memcmp(known->data, data, length) == 0);
}

#endif
