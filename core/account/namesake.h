/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_NAMESAKE_H
#define SIGNET_ACCOUNT_NAMESAKE_H

/*
 * Names of signatures are unique. Where the service refuses one because it
 * exists already, one look at the list, for everybody who was refused, tells
 * which signature holds it. Where the account has deleted that one itself, its
 * name may come free late: the write is sent again some times.
 */

#include "account/call.h"
#include "net/post.h"

typedef struct signet_freed_name signet_freed_name;

/** Writes that were refused for a name that is taken (namesake.h). */
typedef struct signet_holders {
  signet_account *account;
  signet_call *first;
  signet_call *last;
  signet_post post;
  signet_step step; /* the list */
  signet_error error;
  signet_list *list; /* the last one; NULL: none */
  uint64_t round;    /* lists that have ended */
  signet_freed_name *freed;
  size_t freed_count;
} signet_holders;

/** Takes over a call whose write was refused, if it is about a name that is
 * taken. @return false: it isn't, and the call may end */
bool signet_namesake_begin(signet_call *call);
/** Remembers the name that a deleted signature had. */
void signet_namesake_note_delete(const signet_call *call);
void signet_namesake_open(signet_account *account);
/** Once every call has ended. */
void signet_namesake_close(signet_account *account);

#endif
