/* SPDX-License-Identifier: MIT */
#ifndef PLAIN_RECORDER_H
#define PLAIN_RECORDER_H

#include "account/recorder.h"

/* A recorder that keeps nothing: each write is sent as soon as it is ready,
 * none was done before, no entry is the job's own. A test replaces the
 * functions that it is about. */
signet_recorder plain_recorder(void);

#endif
