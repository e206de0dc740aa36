/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_OVERLAY_COPY_H
#define SIGNET_OVERLAY_COPY_H

#include "overlay/overlay.h"

/** Begins to copy the account, through @p account. */
void signet_overlay_copy(signet_overlay *overlay, signet_account *account);
/** The account closes: no copy is made through it any more. */
void signet_overlay_stop_copy(signet_overlay *overlay,
                              const signet_account *account);

#endif
