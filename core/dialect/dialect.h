/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_DIALECT_DIALECT_H
#define SIGNET_DIALECT_DIALECT_H

/*
 * The forms in which the provider offers its API: today's (configs) and that of
 * 2023 (signs). A dialect is a row of facts and the two functions that read its
 * replies; nobody else asks which one it is. A new one is a file with its row,
 * and a line in dialect.c.
 */

#include "dialect/reply.h"
#include "signet/account.h"

typedef struct signet_dialect_row {
  const char *name;           /* as settings and account identities write it */
  const char *url;            /* the provider's own */
  const char *collections[2]; /* paths of the kinds; NULL: it has none such */
  const char *list_filter; /* the field that a list takes as a parameter; NULL:
                              a list always holds everything */
  bool reviews;      /* what is written goes to review, and shows a status */
  bool unique_names; /* a second signature of a name is refused */
  bool integer_ids;  /* records hold ids as integers, not as text */
  bool bare_lists; /* a list is an array of records and nothing else, which can
                      be read as it comes */
  bool short_records; /* a record shows id, name and times alone */
  bool limits_signs;  /* the number of signatures of an account is limited */
  int64_t error_code; /* of every refusal; 0: each has its own */
  bool tells_new_ids; /* a create is always answered with its id */
  const char *usual;  /* what nearly every update or delete is answered with;
                         NULL: nothing that is always the same */
  /* Takes what a reply of success must hold. @return false: it lacks that, or
   * there was no memory */
  bool (*take)(signet_reply *reply, json_object *object);
  /* What a code of the dialect's own means; SIGNET_OK: it is none of these. */
  signet_error_kind (*by_code)(int64_t code);
} signet_dialect_row;

extern const signet_dialect_row signet_dialect_configs;
extern const signet_dialect_row signet_dialect_signs;

const signet_dialect_row *signet_dialect_row_of(signet_dialect dialect);
/** Whether it has entries of that kind. */
bool signet_dialect_has(signet_dialect dialect, signet_kind kind);
/** The row of an account's identity, "configs https://…"; NULL: of none. */
const signet_dialect_row *signet_dialect_of_identity(const char *identity);
/** The kind whose entry a path is about, in whatever dialect.
 * @return false: of none */
bool signet_dialect_entry_path(const char *path, signet_kind *kind);

#endif
