/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_LIMIT_LOWER_H
#define SIGNET_NET_LIMIT_LOWER_H

#include "net/limit.h"

/** Learns from a refusal. */
void signet_limit_lower(signet_limit *limit, const signet_refusal *refusal);

#endif
