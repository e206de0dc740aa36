/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_ONWARD_H
#define SIGNET_HOST_ONWARD_H

/* What helps after a job that did not come to its end. The run that ended says
 * it, and keeps it with the job, so that signet show says the same. */

#include "host/session/advice.h"
#include "host/session/session.h"

enum onward {
  ONWARD_RESUME,
  ONWARD_CAUSE,       /* resume, when what the script says is put right */
  ONWARD_PARKED,      /* resume, after a pause or a review */
  ONWARD_YES,         /* resume, with an answer to the question */
  ONWARD_MAX_DELETES, /* resume, without that limit */
  ONWARD_MAX_CHANGES,
  ONWARD_SETTINGS, /* resume, with other settings */
  ONWARD_UNDO,     /* nothing lifts what refused it */
  ONWARD_NOTHING,  /* the same, and nothing was written */
  ONWARD_ANEW,     /* resuming repeats no refusal */
  ONWARD_FROM,     /* so, of a plan's job */
  ONWARD_LEFT,     /* resuming finds the same edits of others */
  ONWARD_DECIDE,   /* a person has to decide */
  ONWARD_COUNT
};

/** @param status  with which the command ends */
enum onward signet_host_onward_of(const struct session *session, int status,
                                  const signet_counts *counts);

/** Keeps it with the job, if that has an id. Before signet_job_end(). */
void signet_host_onward_keep(struct session *session, enum onward onward);

/** Says it at the end of a run. */
void signet_host_onward_tell(struct session *session, enum onward onward);

/** Says it of another job, as that kept it. */
void signet_host_onward_tell_of(struct session *session, const char *job);

/** What the last run of a job kept. @param until_ms  of a pause, since 1970; 0:
 * of none. ONWARD_COUNT: nothing */
enum onward signet_host_onward_read(const char *state_dir, const char *job,
                                    int64_t *until_ms);

/** It as one line. @param out  "": there is nothing to say */
void signet_host_onward_line(const struct host *host, enum onward onward,
                             const char *job, char *out, size_t size);

/** Room for such a line. */
enum { ONWARD_SIZE = ADVICE_SIZE + 120 };

#endif
