/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_MADE_H
#define SIGNET_ACCOUNT_MADE_H

/* The entries that creates came to. An entry answers one create: it can't be
 * what another one of the same content is looking for. */

#include "signet/account.h"
#include "signet/record.h"

typedef struct signet_made {
  struct signet_made_slot *slots;
  size_t capacity; /* a power of two, or 0 */
  size_t used;
} signet_made;

/** Remembers that a create came to that entry. @return false: out of memory */
bool signet_made_add(signet_made *made, signet_kind kind, const char *id);
/** Whether one did. */
bool signet_made_has(const signet_made *made, signet_kind kind, const char *id);
/** Whether the account, or its job, made that entry. */
bool signet_made_is_own(const signet_account *account, signet_kind kind,
                        const char *id);
void signet_made_free(signet_made *made);

#endif
