/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SIGNET_H
#define SIGNET_SIGNET_H

/**
 * @file signet/signet.h
 * Everything of libsignet in one include. The sandbox server
 * (signet/sandbox.h) and the Lua engine (signet/engine.h) are libraries of
 * their own.
 */

#include "signet/account.h"
#include "signet/error.h"
#include "signet/job.h"
#include "signet/jobs.h"
#include "signet/loop.h"
#include "signet/plan.h"
#include "signet/record.h"
#include "signet/rules.h"
#include "signet/settings.h"
#include "signet/trace.h"
#include "signet/transport.h"
#include "signet/words.h"
#include "signet/world.h"

#endif
