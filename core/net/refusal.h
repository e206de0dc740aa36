/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_REFUSAL_H
#define SIGNET_NET_REFUSAL_H

/* What a refusal (HTTP 429) tells, with the requests that started before it,
 * about the rate that a service allows. */

#include "net/starts.h"

/** When requests were sent, from one pause to the next. */
typedef struct signet_refusal {
  int64_t earlier_ns; /* when what was refused before had started; 0: nothing */
  int64_t resumed_ns; /* when requests started again after that */
  int64_t refused_ns; /* when the first that was refused now had started */
  int64_t ended_ns;   /* when the pause that followed was over */
} signet_refusal;

/** Requests a second. */
typedef struct signet_bracket {
  double accepted; /* such a rate was; 0: too few were to tell */
  double refused;  /* …and such a one was not */
} signet_bracket;

/** Seconds for which all went well. */
double signet_refusal_after(const signet_refusal *refusal);
/** How many were accepted before it, since requests started again. */
double signet_refusal_accepted(const signet_refusal *refusal,
                               const signet_starts *starts);
/** …in the last second, or a second where more start than are remembered. */
double signet_refusal_rate(const signet_refusal *refusal,
                           const signet_starts *starts);
/** Whether all are remembered since requests started again. */
bool signet_refusal_is_whole(const signet_refusal *refusal,
                             const signet_starts *starts);

/** The rate at which a bucket is filled that holds @p burst: any that were
 * accepted in a row prove that it is filled so fast at least, and the one that
 * was refused that it is not filled as fast as it would have needed to be. */
signet_bracket signet_refusal_bucket(const signet_refusal *refusal,
                                     const signet_starts *starts, double burst);
/** …that was not full since the refusal before: it was empty then, so what was
 * accepted is what it was filled with. 0, 0: that isn't remembered. */
signet_bracket signet_refusal_refill(const signet_refusal *refusal,
                                     const signet_starts *starts);

#endif
