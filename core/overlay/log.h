/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_OVERLAY_LOG_H
#define SIGNET_OVERLAY_LOG_H

#include "overlay/overlay.h"

/** The entry that the step or call is about; NULL: there is none. */
signet_entry *signet_overlay_entry(const signet_overlay *overlay,
                                   signet_kind kind, const char *id);
/** A write that is about to be carried out: takes all the memory that it will
 * need in the log. @return false: out of memory */
bool signet_overlay_log_begin(signet_overlay *overlay, const signet_step *step,
                              signet_overlay_write *write);
/** It was carried out. */
void signet_overlay_log_end(signet_overlay *overlay, const signet_step *step,
                            signet_overlay_write *write);
void signet_overlay_write_free(signet_overlay_write *write);

#endif
