/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_WATCH_H
#define SIGNET_ACCOUNT_WATCH_H

/* Everyone who waits for entries of a kind shares one list call a tick: those
 * who wait for a review, and those who look for what they just created. */

#include "account/call.h"

/** One shared list call for everyone who waits for entries of a kind. Those who
 * wait for a review and those who look for what they created are in no equal
 * hurry: each has its own time for the next list, which all are shown. */
typedef struct signet_watch {
  signet_account *account;
  signet_kind kind;
  signet_call *first;
  signet_call *last;
  size_t reviews;  /* calls that wait for one */
  size_t searches; /* creates that look for their entry */
  signet_step step;
  signet_error error;
  signet_timer *timer;
  int64_t due;          /* when the timer fires, in the loop's time */
  int64_t review_due;   /* the next list for those who wait for a review */
  int64_t interval_ms;  /* between two of these */
  bool review_turn;     /* the running or last list was one of these */
  bool written;         /* an entry was, since that list was begun */
  int64_t again_due;    /* the next list for those whose entry wasn't shown, or
                           after one that was too short; INT64_MAX: nobody's */
  unsigned short_lists; /* lists in a row that were too short */
  int64_t search_due;   /* the next list for those who search */
  int64_t search_ms;    /* after the next one that fails */
  unsigned search_failures;  /* lists in a row */
  uint64_t search_successes; /* of the account when the last one failed */
  int64_t last_start;
  int64_t cost_ms; /* of a processor that the last list took */
  uint64_t round;  /* of the running or last list */
  struct signet_search
      *reading;       /* what the list shows less of; NULL: nothing */
  signet_list *whole; /* what those who search look at; NULL: the list */
  void (*observer)(void *user, const signet_list *list); /* NULL: nobody */
  void *observer_user;
} signet_watch;

/** Lets @p look see each list of its kind that starts from now on: for a review
 * at the next tick, for what was created at once. */
void signet_watch_add(signet_call *call, signet_call_phase phase,
                      signet_look_fn look);
/** The list didn't show the entry that the call waits for, which proves little:
 * a list may lag behind. It looks again after a pause, and for longer where the
 * account made the entry itself. @return false: it has looked long enough */
bool signet_watch_looks_again(signet_call *call);
/** Sets how long a call waits before it ends with SIGNET_ERROR_TIMEOUT; -1: it
 * never does.
 * @return false: out of memory */
bool signet_watch_set_deadline(signet_call *call, int64_t timeout_ms);
/** @p observer sees every list of that kind, before the calls that wait do;
 * NULL: nobody sees them. Lists are made only while a call waits. */
void signet_watch_observe(signet_account *account, signet_kind kind,
                          void (*observer)(void *user, const signet_list *list),
                          void *user);
/** Makes a list for the calls that wait, as soon as possible. */
void signet_watch_look_now(signet_watch *watch);
/** Ends the list call; everyone who waits must have been removed. */
void signet_watch_stop(signet_watch *watch);
/** Once an account is held: calls that have searched a list already stop
 * searching, and so do all calls if the service is @p away. */
void signet_watch_hold(signet_watch *watch, bool away);

#endif
