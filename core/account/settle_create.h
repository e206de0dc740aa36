/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SETTLE_CREATE_H
#define SIGNET_ACCOUNT_SETTLE_CREATE_H

#include "account/settle.h"

typedef enum signet_found {
  SIGNET_FOUND_NONE, /* the list doesn't show it */
  SIGNET_FOUND_ONE,
  SIGNET_FOUND_BUSY,   /* others of the same content are in flight: ask later */
  SIGNET_FOUND_UNCLEAR /* more look like it than can be its own */
} signet_found;

/** Looks in a list of all entries for the one that the call created. Nothing
 * distinguishes creates of the same content: each gets an entry of its own.
 * @param count  how many look like it; may be NULL */
signet_found signet_settle_find(const signet_call *call,
                                const signet_list *list,
                                const signet_record **record, size_t *count);
/** A list that was made so late that it shows all that earlier runs created
 * answers a call which comes after it. @return false: there is none */
bool signet_settle_look_late(signet_call *call);
/** What a list of all entries says about a create that is being settled: a
 * signet_look_fn. */
void signet_settle_look(signet_call *call, const signet_list *list,
                        const signet_record *record);
/** Takes the entry that was found. */
void signet_settle_take(signet_call *call, const signet_record *record);
/** The create came to the entry of the call's id, which no other one gets. */
void signet_settle_claim(signet_call *call);
#endif
