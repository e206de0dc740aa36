/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_DIALECT_REPLY_H
#define SIGNET_DIALECT_REPLY_H

/* What a whole reply of success must hold, by what was asked. */

#include "signet/account.h"
#include "wire/json.h"

enum { SIGNET_ID_SIZE = 24 };

typedef struct signet_reply {
  /* What was asked; borrowed. */
  signet_verb verb;
  signet_kind kind;
  const char *id;
  const signet_fields *fields; /* of a list: its filter */
  unsigned max_list;           /* entries that a list may have */
  /* Appends a record of the dialect; NULL: out of memory. */
  const signet_record *(*add)(json_object *object, signet_list *list);

  /* What came of it. */
  signet_list *list;              /* of a list or a get; owned by who asked */
  char new_id[SIGNET_ID_SIZE];    /* of a create; "": it is not told */
  uint64_t duplicates;            /* entries that a list showed twice … */
  char duplicate[SIGNET_ID_SIZE]; /* … and the first of these */
  bool too_long;                  /* the list has more entries than that */
  bool no_memory;
} signet_reply;

/* ---- for dialects: each returns false where it isn't there, or out of memory
 * ---- */

/** A member of that type; NULL: there is none. */
json_object *signet_reply_member(json_object *object, const char *name,
                                 json_type type);
bool signet_reply_take_record(signet_reply *reply, json_object *object);
bool signet_reply_take_list(signet_reply *reply, json_object *array);
bool signet_reply_take_id(signet_reply *reply, json_object *object);

#endif
