/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_SCRIPT_H
#define SIGNET_ENGINE_SCRIPT_H

/* What the files that find and hold scripts share. */

#include "signet/script.h"

/** Whether a script's file is a shipped job's. */
bool signet_script_is_shipped(const char *path);

#endif
