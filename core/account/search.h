/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SEARCH_H
#define SIGNET_ACCOUNT_SEARCH_H

/* A create whose id no reply told is looked for in a list, which may show less
 * than the entries themselves. An entry that is the same as far as the list
 * shows it may be the one: it is read by itself before anybody decides. */

#include "account/watch.h"

/** Called once, from the loop. @param whole  all entries that may be what was
 * created, whole; NULL: @p error says why they could not be read */
typedef void (*signet_search_fn)(void *user, signet_list *whole,
                                 const signet_error *error);

typedef struct signet_search signet_search;

/** Whether the watch's list leaves it open which entries are those that its
 * creates came to. */
bool signet_search_is_needed(const signet_watch *watch);
/** Begins to read the entries that may be these. NULL: out of memory */
signet_search *signet_search_start(signet_watch *watch, signet_search_fn done,
                                   void *user);
/** Ends it early; the function is not called. NULL is allowed. */
void signet_search_stop(signet_search *search);

#endif
