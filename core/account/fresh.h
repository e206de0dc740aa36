/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_FRESH_H
#define SIGNET_ACCOUNT_FRESH_H

/*
 * What a write rests on, and whether that still holds. Other people work in an
 * account too: before an update or a delete the entry is compared with what its
 * caller saw of it. What was read a moment ago (`fresh_ms`) is believed; an
 * older image is read again first. Where many entries of a kind are to be read
 * at once and one list costs less than that, one list serves them all, and the
 * writes that come while it is fresh.
 */

#include "account/call.h"
#include "account/images.h"
#include "net/post.h"

/** Writes that wait to see what their entries are now, and the last list that
 * showed it (fresh.h). */
typedef struct signet_fresh {
  signet_account *account;
  signet_kind kind;
  signet_call *first;
  signet_call *last;
  size_t waiting;
  signet_post post; /* looks at who waits */
  signet_step step; /* the list */
  signet_error error;
  uint64_t round;       /* of that list */
  uint64_t order;       /* so, too, of what its account has done */
  signet_images now;    /* what the last list showed … */
  int64_t read_ms;      /* … and when it was sent; -1: there is none */
  bool partial;         /* lists show less than the entries themselves */
  size_t wanted;        /* entries that were wanted … */
  int64_t wanted_since; /* … since then … */
  size_t wanted_before; /* … and in as long before that */
  int64_t took_ms;      /* from the last list's sending to its end */
} signet_fresh;

/** Finds out what the entry of an update or delete is now, and lets the write
 * go on with its `decided`; or ends it: with SIGNET_ERROR_CONFLICT
 * because somebody else changed the entry, or as done because it is already
 * what the write would make of it. */
void signet_fresh_begin(signet_call *call);
/** The same, whatever is known of the entry, for a write that was decided on
 * what `before` says of it. */
void signet_fresh_again(signet_call *call);
/** Whether a write that may leave now rests on what was read too long ago, and
 * has to look again first. */
bool signet_fresh_is_outdated(const signet_call *call);
/** Reads the entry again; the write leaves as the next one if it still is what
 * the write rests on. */
void signet_fresh_look_again(signet_call *call);
/** Reads the JSON of a record that the caller saw. @return false: it is none,
 * or out of memory, and the call has ended */
bool signet_fresh_expect(signet_call *call, const char *record);

void signet_fresh_open(signet_account *account);
/** Once every call has ended. */
void signet_fresh_close(signet_account *account);

#endif
