/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_POOL_H
#define SIGNET_ACCOUNT_POOL_H

/* The memory of accounts, calls and steps (see signet_pool). */

#include "account/call.h"
#include "account/step.h"

/** Gives back one reference to the account's memory. */
void signet_account_unref(signet_account *account);

/** Frees the calls and steps that are kept for those that come next. */
void signet_account_free_spare(signet_account *account);

/** A call of zeroes, with a reference to its account. NULL: out of memory. */
signet_call *signet_call_allocate(signet_account *account);
/** Frees all that a call holds, and gives its memory back. */
void signet_call_free(signet_call *call);

/** The call's step, fresh; NULL: out of memory. */
signet_step *signet_call_need_step(signet_call *call);
/** Gives the call's step back, which isn't active. */
void signet_call_drop_step(signet_call *call);

/** Zeroes a step and its reply; `error` must be set by the owner after. */
void signet_step_init(signet_step *step, signet_error *error);
/** Frees what the step holds; not while it is active. */
void signet_step_clear(signet_step *step);

#endif
