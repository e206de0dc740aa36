/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_REPORT_H
#define SIGNET_HOST_REPORT_H

/* What a run shows: for people, results on standard output and the rest on
 * standard error; with --json, one object per line on standard output, while
 * progress and what ended the run are told on standard error all the same. */

#include "host/arguments/host.h"
#include "host/output/progress.h"
#include "signet/jobs.h"

struct json_object; /* json-c's */

enum { REPORT_REASONS = 24 };

struct report {
  const struct host *host;
  FILE *json; /* NULL: for people */
  bool quiet;
  bool verbose;
  bool midline;     /* the terminal's cursor stands behind a script's text */
  bool broken;      /* standard output takes nothing any more */
  bool parked;      /* the run ends for a pause, which nobody waits for */
  bool left;        /* because its reader went away */
  bool interactive; /* a REPL: no summary, and the bar goes with the call */
  double began;
  const char *job; /* id for the summary; NULL: nothing was written */
  char told[sizeof((signet_error *)NULL)->message]; /* the last error */
  char profile[80];  /* that the script named for its first account, or "" */
  char account[600]; /* which that is; "": none yet */
  char noticed[200]; /* the last thing that an account had to say */
  struct progress progress;
  struct {
    char text[160]; /* escaped */
    uint64_t count;
  } reasons[REPORT_REASONS]; /* why entries were skipped */
  size_t reason_count;
  /* Why the run, and not one entry, was refused; as it was told. */
  char fact[sizeof((signet_error *)NULL)->message];
  uint64_t fact_count; /* entries that only repeat it */
  uint64_t other_reasons;
  bool planned;             /* a dry run made its plan */
  size_t changes;           /* the steps of that plan */
  signet_job_ending ending; /* what failed, and with what the script ended */
};

/** With --json, standard output becomes the report's own, and whatever else
 * writes to it lands on standard error. */
void signet_host_report_begin(struct report *report, const struct host *host,
                              bool interactive);

/** A run's error: what the engine tells when a script failed. */
void signet_host_report_failure(struct report *report,
                                const signet_failure *failure);

/** An error of the host itself. @param kind  as in an error object */
void signet_host_report_error(struct report *report, const char *kind,
                              const char *sentence);

/** Whether the last error told had just this sentence. */
bool signet_host_report_has_told(const struct report *report,
                                 const char *sentence);

/** The last words: reasons, then the counts. */
void signet_host_report_end(struct report *report, const signet_counts *counts,
                            bool interrupted);

/** Between two chunks of a REPL: nothing of the last one stays behind. */
void signet_host_report_settle(struct report *report);

/** An error before there was a run, with its summary. @return @p status */
int signet_host_report_refusal(const struct host *host, const char *kind,
                               const char *sentence, int status);

#endif
