/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_PROGRESS_H
#define SIGNET_HOST_PROGRESS_H

/* How far a signet.each has come: a bar at the bottom of a terminal, a line
 * every few seconds elsewhere. */

#include "host/system/terminal.h"
#include "signet/engine.h"

/* The numbers of counts, by signet_plan_result. */
/* clang-format off */
#define SIGNET_HOST_COUNTS(counts)                                            \
  {                                                                           \
    [SIGNET_STEP_DONE] = (counts)->done,                                      \
    [SIGNET_STEP_FAILED] = (counts)->failed,                                  \
    [SIGNET_STEP_SKIPPED] = (counts)->skipped,                                \
    [SIGNET_STEP_UNKNOWN] = (counts)->unknown,                                \
    [SIGNET_STEP_WAITING] = (counts)->waiting                                 \
  }
/* clang-format on */

struct progress {
  const struct terminal *terminal;
  bool silent;
  bool shown;      /* a bar stands in the last line of the terminal */
  bool running;    /* an each has begun and not ended */
  char label[128]; /* escaped */
  signet_counts counts;
  uint64_t total;
  bool open_ended;     /* the total grows as items come: it is not known */
  double began, drawn; /* seconds of a steady clock */
  char pause[160];     /* why nothing is sent at the moment */
  int64_t pause_ms;    /* left of it; 0: something is sent */
  const char *pace;    /* its name; NULL: normal */
};

void signet_host_progress_init(struct progress *progress,
                               const struct terminal *terminal, bool silent);

/** Takes a SIGNET_EVENT_PROGRESS. */
void signet_host_progress_take(struct progress *progress,
                               const signet_event *event);

/** Nothing is sent for so long: a countdown where there is a terminal, a line
 * at its beginning elsewhere. 0: it is over. Short pauses are nobody's
 * business.
 */
void signet_host_progress_pause(struct progress *progress, const char *reason,
                                int64_t milliseconds);

/** Takes the bar away, before something else is written. */
void signet_host_progress_hide(struct progress *progress);

/** Puts it back. */
void signet_host_progress_show(struct progress *progress);

/** Seconds of a steady clock. */
double signet_host_now(void);

/** "12 done, 1 failed, 3 skipped"; what is zero is left out, done is not. */
void signet_host_counts(char *out, size_t size, const signet_counts *counts);
/** Of a dry run: "12 changes planned, 1 failed, 3 skipped". */
void signet_host_planned_counts(char *out, size_t size, size_t changes,
                                const signet_counts *counts);

/** "20 ms", "0.4 s", "12 s", "3 min 5 s", "2 h 10 min". */
void signet_host_duration(char *out, size_t size, double seconds);

#endif
