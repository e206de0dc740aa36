/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_OVERLAY_BACKEND_H
#define SIGNET_OVERLAY_BACKEND_H

#include "overlay/overlay.h"

/** Carries out what waited for the copy, or fails with @p error. */
void signet_overlay_copied(signet_overlay *overlay, const signet_error *error);

#endif
