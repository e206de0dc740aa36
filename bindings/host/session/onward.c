/* SPDX-License-Identifier: MIT */
#include "host/session/onward.h"

#include "host/output/report_event.h"
#include "host/session/park.h"

#include <string.h>

static const struct {
  const char *when;
  const char *options;
  enum command command; /* COMMAND_NONE: nothing is proposed */
} rows[] = {
    [SIGNET_NEXT_RESUME] = {"to go on", "", COMMAND_RESUME},
    [SIGNET_NEXT_CAUSE] = {"to go on once the cause is gone", "",
                           COMMAND_RESUME},
    [SIGNET_NEXT_PARKED] = {"to go on", "--park ", COMMAND_RESUME},
    [SIGNET_NEXT_CONFIRM] = {"to go on without being asked", "--yes ",
                             COMMAND_RESUME},
    [SIGNET_NEXT_MAX_DELETES] = {"to go on without that limit",
                                 "--max-deletes 100% ", COMMAND_RESUME},
    [SIGNET_NEXT_MAX_CHANGES] = {"to go on without that limit",
                                 "--max-changes 100% ", COMMAND_RESUME},
    [SIGNET_NEXT_SETTINGS] = {"to go on once the settings are right", "",
                              COMMAND_RESUME},
    [SIGNET_NEXT_UNDO] = {"to take back what was written", "", COMMAND_UNDO},
    [SIGNET_NEXT_NOTHING] = {"", "", COMMAND_NONE},
    [SIGNET_NEXT_ANEW] = {"resuming would not send again what was refused: "
                          "another run tries it anew",
                          "", COMMAND_NONE},
    [SIGNET_NEXT_REST] = {"resuming would not send again what was refused; to "
                          "plan what is left",
                          "--from ", COMMAND_PLAN},
    [SIGNET_NEXT_LEFT] = {"what somebody else changed is left alone: resuming "
                          "would find the same",
                          "", COMMAND_NONE},
    [SIGNET_NEXT_DECIDE] = {"resuming would find the same: a person decides "
                            "what came of what is unknown, and another run "
                            "writes what is missing",
                            "", COMMAND_NONE},
    [SIGNET_NEXT_UNDO_REST] = {"to take the rest back", "", COMMAND_UNDO},
    [SIGNET_NEXT_OTHER] = {"another job carries out what was left of it: "
                           "signet jobs",
                           "", COMMAND_NONE},
};

/* ---- which it is ---- */

signet_job_next signet_host_onward_of(const struct session *session, int status,
                                      const signet_counts *counts)
{
  signet_job_ending ending = session->report.ending;

  ending.counts = (signet_job_counts){
      (int64_t)counts->done, (int64_t)counts->failed, (int64_t)counts->skipped,
      (int64_t)counts->unknown, (int64_t)counts->waiting};
  ending.error.kind =
      status == EXIT_CONFIGURATION ? SIGNET_ERROR_CONFIGURATION : SIGNET_OK;
  ending.interrupted = session->interrupted;
  ending.parked = signet_host_park_is(session);
  ending.by_hand = !session->script_job && !session->plan_job;
  return signet_job_what_next(session->job, &ending);
}

/* ---- telling ---- */

void signet_host_onward_line(const struct host *host, signet_job_next onward,
                             const char *job, char *out, size_t size)
{
  char words[120], command[ADVICE_SIZE];

  if (rows[onward].command == COMMAND_NONE) {
    (void)snprintf(out, size, "%s", rows[onward].when);
    return;
  }
  (void)snprintf(words, sizeof words, "%s%s", rows[onward].options, job);
  signet_host_advice(host, rows[onward].command, words, command,
                     sizeof command);
  (void)snprintf(out, size, "%s: %s", rows[onward].when, command);
}

void signet_host_onward_tell(struct session *session, signet_job_next onward)
{
  char line[ONWARD_SIZE];

  if (onward == SIGNET_NEXT_PARKED && signet_host_park_is(session)) {
    signet_host_park_tell(session);
    return;
  }
  signet_host_onward_line(session->host, onward, signet_job_id(session->job),
                          line, sizeof line);
  if (*line != '\0')
    signet_host_report_note(&session->report, line);
}

void signet_host_onward_tell_of(struct session *session, const char *job)
{
  char line[ONWARD_SIZE];
  int64_t until_ms;
  signet_job_next onward = SIGNET_NEXT_RESUME;

  if (!signet_job_read_next(signet_settings_get(session->settings, "state_dir"),
                            job, &onward, &until_ms))
    onward = SIGNET_NEXT_RESUME;
  signet_host_onward_line(session->host, onward, job, line, sizeof line);
  if (*line != '\0')
    signet_host_report_note(&session->report, line);
}

/* ---- with the job ---- */

void signet_host_onward_keep(struct session *session, signet_job_next onward)
{
  signet_error ignored = SIGNET_ERROR_INIT; /* it is advice */

  (void)signet_job_keep_next(session->job, onward, session->park.until_ms,
                             &ignored);
}
