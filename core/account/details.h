/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_DETAILS_H
#define SIGNET_ACCOUNT_DETAILS_H

/* A list may show less than the entries themselves: a field that isn't shown
 * isn't empty. Where the content is needed, each such entry is read by itself,
 * some at a time. */

#include "account/call.h"

typedef struct signet_details signet_details;

/** Called once, from the loop. @param whole  the list with every entry whole,
 * without those that are gone by now; NULL: @p error says why not */
typedef void (*signet_details_fn)(void *user, signet_list *whole,
                                  const signet_error *error);

/** Whether some record of the list doesn't show all of its content. */
bool signet_details_are_needed(const signet_list *list);
/** Notes whether the list that a step has read hides which signature templates
 * have: it shows none, and the signatures that were listed last have templates,
 * or their number is not known. Of a list of all signatures it keeps that. */
void signet_details_note(signet_step *step);
/** Begins to read the details of a list that needs some. @param backend  of the
 * account, or the one below its overlay. NULL: out of memory */
signet_details *signet_details_start(signet_account *account,
                                     const signet_backend *backend,
                                     signet_list *list, signet_details_fn done,
                                     void *user);
/** The same for all entries of the list, also for those that seem whole. */
signet_details *signet_details_start_all(signet_account *account,
                                         const signet_backend *backend,
                                         signet_list *list,
                                         signet_details_fn done, void *user);
/** Ends it early; the function is not called. NULL is allowed. */
void signet_details_stop(signet_details *details);

#endif
