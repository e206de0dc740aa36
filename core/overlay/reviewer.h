/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_OVERLAY_REVIEWER_H
#define SIGNET_OVERLAY_REVIEWER_H

#include "overlay/overlay.h"

/** Lets the simulated reviewer answer a call that waits for a review. */
void signet_overlay_wait(signet_call *call, signet_look_fn look);
/** Something happened: the reviewer holds still for now. */
void signet_overlay_stir(signet_overlay *overlay);
/** Ends every waiting call with @p error. */
void signet_overlay_fail_waiting(signet_overlay *overlay,
                                 const signet_error *error);

#endif
