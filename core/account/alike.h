/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_ALIKE_H
#define SIGNET_ACCOUNT_ALIKE_H

/*
 * Names of signatures that look the same as another's: composed in another way,
 * in another case or width, with characters that can't be seen. The service
 * takes them for different names, people don't. A create or a rename to such a
 * name gives a warning before it is sent, once for each pair of names. The
 * names are compared with the last list of signatures that this run has read,
 * and with what it has written itself. A job that has read none makes one
 * before its first name; elsewhere no list is asked for. Names of templates
 * need not differ, and are not compared.
 */

#include "account/call.h"

/** The last list of signatures by what people see of the names (alike.h). */
typedef struct signet_alike {
  signet_list *list;               /* NULL: none was read */
  bool delivered;                  /* its reader has seen it */
  struct signet_alike_slot *slots; /* NULL: not asked for since */
  size_t capacity;
  uint64_t *told; /* hashes of what was */
  size_t told_count;
  struct signet_alike_own *own; /* names that this run has written */
  size_t own_capacity;
  size_t own_count;
} signet_alike;

/** A list of signatures was read. @param delivered  for somebody who gets it */
void signet_alike_note(signet_account *account, signet_list *list,
                       bool delivered);
/** A write is about to be recorded and sent. @param before  the entry, NULL:
 * not known @return whether its name looks the same as that of another
 * signature, which was not told yet: @p text says so */
bool signet_alike_doubts(const signet_call *call, const signet_record *before,
                         char *text, size_t size);
/** The same of a write that may have waited for a list. */
bool signet_alike_doubts_still(const signet_call *call, char *text,
                               size_t size);
/** Whether a write gives a signature a name, and no list has shown others. */
bool signet_alike_needs_list(const signet_call *call);
void signet_alike_free(signet_account *account);

#endif
