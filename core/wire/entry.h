/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_ENTRY_H
#define SIGNET_WIRE_ENTRY_H

/*
 * Reads one entry of a list: a JSON object of mostly strings and integers.
 *
 * Lists are the one place where signet reads much JSON, and json-c, which makes
 * an object of every value, takes four times as long as this (`scripts/dev
 * bench list`). So what entries are made of is read here, straight from the
 * text; what they hardly ever hold, fractions and nested values, is json-c's.
 */

#include "model/fields.h"
#include "wire/json.h"

typedef struct signet_json_entry_field {
  const char *name; /* borrowed from the text */
  size_t name_length;
  bool name_escaped; /* while reading: has escapes, not decoded yet */
  bool escaped;
  bool other;          /* json-c reads it */
  json_object *object; /* what json-c made of it; owned */
  signet_value value;  /* borrowed from the text or from `object` */
} signet_json_entry_field;

typedef struct signet_json_entry {
  size_t count;
  bool others;         /* some field has an object */
  bool limit;          /* the problem is that it is more than may be */
  const char *problem; /* static text */
  const char *place;   /* where in the text it is */
  signet_json_entry_field fields[SIGNET_FIELDS_MAXIMUM];
} signet_json_entry;

typedef enum signet_json_entry_state {
  SIGNET_JSON_ENTRY_WHOLE, /* it is read */
  SIGNET_JSON_ENTRY_CUT,   /* the text ends before the entry does */
  SIGNET_JSON_ENTRY_WRONG  /* `problem` says what is wrong at `place` */
} signet_json_entry_state;

/**
 * Reads the object that begins at @p text, of which @p length bytes are there
 * and which ends with NUL behind them. A whole entry's strings are decoded in
 * place; a cut one leaves the text as it was.
 * @param used   set to the entry's length when it is whole
 */
signet_json_entry_state signet_json_entry_read(signet_json_entry *entry,
                                               char *text, size_t length,
                                               size_t *used);
/** A field of the entry, NULL: it has none of that name. Borrowed. */
const signet_value *signet_json_entry_find(const signet_json_entry *entry,
                                           const char *name);
/** Whether the entry, one of that kind, has every field of @p filter (NULL:
 * none) with a value that matches. */
bool signet_json_entry_matches(const signet_json_entry *entry, signet_kind kind,
                               const signet_fields *filter);
/** Appends it to @p list, with the types of the configs API (types.h). NULL:
 * memory. */
const signet_record *signet_json_entry_record(const signet_json_entry *entry,
                                              signet_list *list);
/** Frees what json-c made; zeroed, an entry needs it not. */
void signet_json_entry_clear(signet_json_entry *entry);

#endif
