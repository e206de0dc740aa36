/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SETTLE_H
#define SIGNET_ACCOUNT_SETTLE_H

/*
 * Finding out what came of a write whose outcome is open. That the service does
 * not show an effect proves little: the effect may come late, and what is read
 * may lag behind. So it counts as absent only after the window.
 *
 * The window of a write ends when the request's time limit and a margin
 * (--settle-create) have passed since it was last sent, by the service's clock.
 * Then three looks over ten seconds must not show the effect. During a run
 * nobody waits that long: what is not found soon stays open until the job is
 * resumed.
 */

#include "account/call.h"

enum { SIGNET_SETTLE_LOOKS = 3 };

/* ---- how a settlement ends (settle_verdict.c) ---- */

/** It took effect. */
void signet_settle_done(signet_call *call);
/** The outcome is not known. */
void signet_settle_open(signet_call *call);
/** It had no effect, and never will. */
void signet_settle_absent(signet_call *call);
/** Somebody else changed the entry. */
void signet_settle_changed(signet_call *call);
/** It shows no effect, and can be sent again without doing harm. */
void signet_settle_again(signet_call *call);
/** What the service said to the last attempt stands. */
void signet_settle_refused(signet_call *call);

/** Sends a write once more that settling has shown not to have worked. */
void signet_settle_send_again(signet_call *call);
/** Whether an interrupt leaves no time for the look that is to come. */
bool signet_settle_is_late(const signet_call *call);
/** Looks again after a pause. */
void signet_settle_soon(signet_call *call, int64_t delay_ms);
/** Whether the service said no to the last attempt, which may be due to an
 * effect of one before it. */
bool signet_settle_is_refused(const signet_call *call);
/** One more look of this run didn't show the effect, and another may: it is
 * taken after a pause. @return false: these were enough */
bool signet_settle_looks_again(signet_call *call);

/** The service's no to the last attempt says that one before it took effect,
 * which isn't shown yet: it looks again. @return false: that takes too long */
bool signet_settle_waits(signet_call *call);

/* ---- waiting for the window's end (settle_wait.c) ---- */

/** One look, begun at @p began_ms of signet_clock_boot_ms(), didn't show the
 * effect of an earlier run's write. Decides, or looks again later. */
void signet_window_look(signet_call *call, int64_t began_ms);

/* ---- creates (settle_create.c) ---- */

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

/** When an entry was created, or changed last, by the service's clock: Unix
 * seconds, however it writes them; -1: it doesn't say. */
int64_t signet_record_created_at(const signet_record *record);
int64_t signet_record_updated_at(const signet_record *record);

/* ---- the window (settle_window.c) ---- */

/** Whether a look that was begun then is the last of those: so late that it
 * decides by itself about what may have been sent by an earlier run. */
bool signet_window_is_late(const signet_call *call, int64_t began_ms);
/** Whether a look that was begun then came after the window, and after the time
 * that the looks take which decide. */
bool signet_window_is_over(const signet_call *call, int64_t began_ms);
/** When it ends, or ended, on signet_clock_boot_ms()'s clock. */
int64_t signet_window_end(const signet_call *call);
/** How long the looks that decide go on: ten seconds. Less where effects are
 * said to come sooner than that: as long as the margin of the window, and ten
 * times the pause before the first look at least. */
int64_t signet_window_span(const signet_account *account);
/** Milliseconds that are left before looks count. */
int64_t signet_window_left(const signet_call *call);
/** When that is, on this machine's clock: "12:04:30". */
void signet_window_time(int64_t left_ms, char *out, size_t size);

#endif
