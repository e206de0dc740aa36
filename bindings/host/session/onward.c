/* SPDX-License-Identifier: MIT */
#include "host/session/onward.h"

#include "host/session/park.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char input[] = "onward"; /* under which it is kept */

static const struct {
  const char *kept;
  const char *when;
  const char *options;
  enum command command; /* COMMAND_NONE: nothing is proposed */
} rows[ONWARD_COUNT] = {
    [ONWARD_RESUME] = {"resume", "to go on", "", COMMAND_RESUME},
    [ONWARD_CAUSE] = {"cause", "to go on once the cause is gone", "",
                      COMMAND_RESUME},
    [ONWARD_PARKED] = {"parked", "to go on then", "", COMMAND_RESUME},
    [ONWARD_YES] = {"yes", "to go on without being asked", "--yes ",
                    COMMAND_RESUME},
    [ONWARD_MAX_DELETES] = {"max-deletes", "to go on without that limit",
                            "--max-deletes 100% ", COMMAND_RESUME},
    [ONWARD_MAX_CHANGES] = {"max-changes", "to go on without that limit",
                            "--max-changes 100% ", COMMAND_RESUME},
    [ONWARD_SETTINGS] = {"settings", "to go on once the settings are right", "",
                         COMMAND_RESUME},
    [ONWARD_UNDO] = {"undo", "to take back what was written", "", COMMAND_UNDO},
    [ONWARD_NOTHING] = {"nothing", "", "", COMMAND_NONE},
    [ONWARD_ANEW] = {"anew",
                     "resuming would not send again what was refused: another "
                     "run tries it anew",
                     "", COMMAND_NONE},
    [ONWARD_FROM] = {"from",
                     "resuming would not send again what was refused; to plan "
                     "what is left",
                     "--from ", COMMAND_PLAN},
    [ONWARD_LEFT] = {"left",
                     "what somebody else changed is left alone: resuming would "
                     "find the same",
                     "", COMMAND_NONE},
    [ONWARD_DECIDE] = {"decide",
                       "resuming would find the same: a person decides what "
                       "came of what is unknown, and another run writes what "
                       "is missing",
                       "", COMMAND_NONE},
};

/* ---- which it is ---- */

/* Whether all that went wrong are refusals, of the service or before anything
 * was sent, which resuming would only repeat, what a person has to decide, and
 * steps of a plan that met what others had changed. */
static bool is_only_refused(const struct session *session,
                            const signet_counts *counts)
{
  return (session->script_job || session->plan_job) &&
         session->raised == RAISED_NOTHING && !session->interrupted &&
         counts->waiting == 0 &&
         counts->unknown <= signet_job_to_decide(session->job) &&
         signet_job_refused(session->job) + session->report.final +
                 counts->unknown >
             0 &&
         counts->failed <=
             signet_job_refused(session->job) + session->report.final +
                 (session->plan_job ? session->report.drifted : 0);
}

/* Whether all steps of a plan that failed met what others had changed. Those of
 * a script look at their entries anew when they are resumed. */
static bool is_only_drifted(const struct session *session,
                            const signet_counts *counts)
{
  return !session->script_job && !session->interrupted && counts->failed > 0 &&
         counts->failed <= session->report.drifted && counts->waiting == 0 &&
         counts->unknown <= signet_job_to_decide(session->job);
}

static enum onward lifted_by(const char *option)
{
  if (strcmp(option, "yes") == 0) {
    return ONWARD_YES;
  }
  return strcmp(option, "max-deletes") == 0 ? ONWARD_MAX_DELETES
                                            : ONWARD_MAX_CHANGES;
}

enum onward signet_host_onward_of(const struct session *session, int status,
                                  const signet_counts *counts)
{
  const char *lifted = signet_job_refusal_lifted_by(session->job);

  if (signet_host_park_is(session)) {
    return ONWARD_PARKED;
  }
  if (lifted != NULL) {
    return lifted_by(lifted);
  }
  if (signet_job_refusal(session->job) != NULL) {
    return signet_job_written(session->job) > 0 ? ONWARD_UNDO : ONWARD_NOTHING;
  }
  if (is_only_drifted(session, counts)) {
    return ONWARD_LEFT;
  }
  if (is_only_refused(session, counts)) {
    return counts->unknown > 0   ? ONWARD_DECIDE
           : session->script_job ? ONWARD_ANEW
                                 : ONWARD_FROM;
  }
  if (status == EXIT_CONFIGURATION) {
    return ONWARD_SETTINGS;
  }
  return session->raised == RAISED_BY_SCRIPT ? ONWARD_CAUSE : ONWARD_RESUME;
}

/* ---- telling ---- */

void signet_host_onward_line(const struct host *host, enum onward onward,
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

void signet_host_onward_tell(struct session *session, enum onward onward)
{
  char line[ONWARD_SIZE];

  if (onward == ONWARD_PARKED) {
    signet_host_park_tell(session);
    return;
  }
  signet_host_onward_line(session->host, onward, signet_job_id(session->job),
                          line, sizeof line);
  if (*line != '\0') {
    signet_host_report_note(&session->report, line);
  }
}

void signet_host_onward_tell_of(struct session *session, const char *job)
{
  char line[ONWARD_SIZE];
  int64_t until_ms;
  enum onward onward = signet_host_onward_read(
      signet_settings_get(session->settings, "state_dir"), job, &until_ms);

  if (onward == ONWARD_COUNT || onward == ONWARD_PARKED) {
    onward = ONWARD_RESUME;
  }
  signet_host_onward_line(session->host, onward, job, line, sizeof line);
  if (*line != '\0') {
    signet_host_report_note(&session->report, line);
  }
}

/* ---- with the job ---- */

void signet_host_onward_keep(struct session *session, enum onward onward)
{
  signet_error ignored = SIGNET_ERROR_INIT; /* it is advice */
  char text[64];

  (void)snprintf(text, sizeof text, "%s", rows[onward].kept);
  if (onward == ONWARD_PARKED && session->park.until_ms > 0) {
    (void)snprintf(text, sizeof text, "%s %" PRId64, rows[onward].kept,
                   session->park.until_ms);
  }
  if (signet_job_id(session->job) != NULL) {
    (void)signet_job_keep_input(session->job, input, text, &ignored);
  }
}

enum onward signet_host_onward_read(const char *state_dir, const char *job,
                                    int64_t *until_ms)
{
  signet_error ignored = SIGNET_ERROR_INIT;
  enum onward onward = ONWARD_RESUME;
  char *kept;
  size_t length;

  *until_ms = 0;
  if (!signet_job_read_input(state_dir, job, input, &kept, &ignored) ||
      kept == NULL) {
    return ONWARD_COUNT;
  }
  length = strcspn(kept, " ");
  *until_ms = strtoll(kept + length, NULL, 10);
  kept[length] = '\0';
  while (onward < ONWARD_COUNT && strcmp(rows[onward].kept, kept) != 0) {
    onward++;
  }
  signet_job_text_free(kept);
  return onward;
}
