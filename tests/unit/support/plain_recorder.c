/* SPDX-License-Identifier: MIT */
/* A recorder that keeps nothing. */
#include "plain_recorder.h"

static bool recall(signet_recorder *recorder, signet_call *call)
{
  (void)recorder;
  (void)call;
  return false;
}

static void intend(signet_recorder *recorder, signet_call *call)
{
  (void)recorder;
  signet_write_send(call);
}

static void decided(signet_recorder *recorder, signet_call *call)
{
  (void)recorder;
  (void)call;
}

static bool is_own(signet_recorder *recorder, signet_kind kind, const char *id)
{
  (void)recorder;
  (void)kind;
  (void)id;
  return false;
}

static void closing(signet_recorder *recorder, signet_account *account)
{
  (void)recorder;
  (void)account;
}

signet_recorder plain_recorder(void)
{
  return (signet_recorder){.recall = recall,
                           .intend = intend,
                           .decided = decided,
                           .is_own = is_own,
                           .closing = closing};
}
