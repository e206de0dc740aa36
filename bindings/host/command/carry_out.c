/* SPDX-License-Identifier: MIT */
/* What an apply shows, and what ends it. */
#include "host/command/carry_out.h"

#include "host/output/report_event.h"
#include "host/output/report_line.h"
#include "host/session/advice.h"
#include "host/session/dry_run.h"
#include "host/session/job.h"
#include "host/session/onward.h"
#include "host/session/park.h"
#include "host/system/interrupt.h"
#include "host/system/keys.h"

#include <string.h>

enum { PROGRESS_MS = 100, PLAIN_REQUESTS = 16, STEPS_A_REQUEST = 8 };

/* One apply, as it is shown. */
struct showing {
  struct session *session;
  signet_plan_apply *apply;
  signet_plan *plan; /* whose text is dropped once the journal has it */
  const char *label;
  size_t total;
  int64_t shown_at;                   /* the progress, in the loop's time */
  char to_resume[SIGNET_JOB_ID_ROOM]; /* the plan's own job, "": none */
};

static signet_counts counts_of(const signet_job_counts *counts)
{
  return (signet_counts){(uint64_t)counts->done, (uint64_t)counts->failed,
                         (uint64_t)counts->skipped, (uint64_t)counts->unknown,
                         (uint64_t)counts->waiting};
}

/* ---- events ---- */

/* Of everybody's steps, at most ten times a second. */
static void show_progress(struct showing *showing,
                          const signet_job_counts *counts, bool last)
{
  int64_t now = signet_loop_now(showing->session->loop);
  const signet_event event = {.type = SIGNET_EVENT_PROGRESS,
                              .label = showing->label,
                              .counts = counts_of(counts),
                              .total = showing->total};

  if (last || now >= showing->shown_at) {
    showing->shown_at = now + PROGRESS_MS;
    if (showing->session->job != NULL)
      signet_job_tell(showing->session->job, counts);
    signet_host_report_event(&showing->session->report, &event);
    signet_host_session_take_keys(showing->session);
  }
}

static void show_step(struct showing *showing, const signet_plan_event *event)
{
  char text[1200];
  const signet_plan_step *step = event->step;
  bool left_alone = event->result == SIGNET_STEP_SKIPPED ||
                    event->result == SIGNET_STEP_WAITING;
  signet_event shown = {
      .type = left_alone ? SIGNET_EVENT_SKIPPED : SIGNET_EVENT_FAILED,
      .label = showing->label,
      .text = text,
      .reason = left_alone ? event->reason : event->error->message,
      .error = event->error};

  (void)snprintf(text, sizeof text, "step %zu: %s %s %s %s", step->number,
                 signet_verb_name(step->verb), signet_kind_word(step->kind),
                 event->id, step->name);
  shown.length = strlen(text);
  signet_host_report_event(&showing->session->report, &shown);
}

/* @param entries  whose reviews these are, "": it isn't known */
static void tell_of_waiting(struct showing *showing, const char *entries)
{
  char text[400];
  signet_event event = {
      .type = SIGNET_EVENT_LOG, .level = "info", .text = text};

  (void)snprintf(text, sizeof text,
                 "waiting for reviews that are under way%s%s; with --park it "
                 "ends instead, and says how to go on",
                 *entries != '\0' ? ", of " : "", entries);
  event.length = strlen(text);
  signet_host_report_event(&showing->session->report, &event);
}

static void take_event(void *user, const signet_plan_event *event)
{
  struct showing *showing = user;

  if (event->type == SIGNET_PLAN_WAITS)
    tell_of_waiting(showing, event->reason);
  else if (event->type != SIGNET_PLAN_ENDED ||
           event->result != SIGNET_STEP_DONE)
    show_step(showing, event);
  show_progress(showing, &event->counts, false);
}

/* ---- while it goes on ---- */

static void change_pace(struct session *session)
{
  int pace = (int)signet_account_pace(session->account);
  int wanted = pace + signet_host_interrupt_pace();
  const signet_event event = {.type = SIGNET_EVENT_PACE,
                              .account = session->account};

  wanted = wanted < SIGNET_PACE_GENTLE ? SIGNET_PACE_GENTLE
           : wanted > SIGNET_PACE_FAST ? SIGNET_PACE_FAST
                                       : wanted;
  if (wanted != pace) {
    signet_account_set_pace(session->account, (signet_pace)wanted);
    signet_host_report_event(&session->report, &event);
  }
}

/* Of a hundred thousand steps it is tens of megabytes. */
static void drop_text(struct showing *showing)
{
  if (showing->plan != NULL && showing->session->job != NULL &&
      signet_job_id(showing->session->job) != NULL &&
      signet_job_keeps_script(showing->session->job)) {
    signet_plan_drop_text(showing->plan);
    showing->plan = NULL;
  }
}

static void turn_until_done(struct showing *showing)
{
  struct session *session = showing->session;
  int seen = 0;

  while (!signet_plan_apply_is_done(showing->apply)) {
    (void)signet_loop_step(session->loop, -1);
    change_pace(session);
    drop_text(showing);
    if (signet_host_interrupt_asked() > seen) {
      seen = signet_host_interrupt_asked();
      session->interrupted = true;
      signet_plan_apply_stop(showing->apply, seen > 1);
    }
  }
}

/* More steps than requests that may be in flight: while some wait for the
 * journal, others keep the network busy. One at a time stays one at a time. */
static unsigned steps_at_once(const struct session *session)
{
  double requests =
      signet_settings_number(session->settings, "concurrency", PLAIN_REQUESTS);

  return requests > 1 ? (unsigned)requests * STEPS_A_REQUEST : 1;
}

static signet_plan_apply *
start(struct showing *showing, const struct script *script, signet_error *error)
{
  struct session *session = showing->session;
  const struct application *application = script->application;
  signet_plan_apply_options options = SIGNET_PLAN_APPLY_OPTIONS_INIT;

  options.undo = application->type == SIGNET_JOB_UNDO;
  options.park = signet_host_flag(session->host, OPTION_PARK);
  options.check = signet_host_flag(session->host, OPTION_CHECK);
  options.skip_drifted = signet_host_flag(session->host, OPTION_SKIP_DRIFTED);
  options.once = !options.undo;
  options.at_once = steps_at_once(session);
  options.state_dir = signet_settings_get(session->settings, "state_dir");
  options.from = application->from;
  options.event = take_event;
  options.event_user = showing;
  showing->label = application->from != NULL ? "Planning"
                   : options.undo            ? "Undoing"
                                             : "Applying";
  showing->plan = application->plan;
  showing->total = signet_plan_count(application->plan);
  return signet_plan_apply_start(session->account, session->job,
                                 application->plan, &options, NULL, NULL,
                                 error);
}

/* ---- its end ---- */

/* Whether the service shows what a step made. */
struct looked_for {
  signet_kind kind;
  const char *id;
  bool contradicted;
};

static void compare_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  struct looked_for *entry = user;
  int kind = signet_kind_number(mismatch->kind);

  entry->contradicted =
      entry->contradicted ||
      (kind == (int)entry->kind && strcmp(mismatch->id, entry->id) == 0);
}

static bool is_contradicted(const signet_job *job, signet_kind kind,
                            const char *id)
{
  struct looked_for entry = {.kind = kind, .id = id};

  signet_job_each_mismatch(job, compare_mismatch, &entry);
  return entry.contradicted;
}

static void print_new_ids(struct showing *showing, const signet_plan *plan)
{
  for (size_t i = 0; i < signet_plan_count(plan); i++) {
    const signet_plan_step *step = signet_plan_at(plan, i);
    char id[24], text[120];
    signet_event event = {.type = SIGNET_EVENT_PRINT, .text = text};

    if (*signet_plan_apply_id(showing->apply, i + 1, id, sizeof id) == '\0' ||
        is_contradicted(showing->session->job, step->kind, id))
      continue;
    (void)snprintf(text, sizeof text, "%s %s is %s\n",
                   signet_kind_word(step->kind),
                   *step->old != '\0' ? step->old : step->id, id);
    event.length = strlen(text);
    signet_host_report_event(&showing->session->report, &event);
  }
}

/* The gravest thing that happened decides. */
static int status_of(const struct session *session,
                     const signet_job_counts *counts, const signet_error *error)
{
  if (counts->unknown > 0)
    return EXIT_UNKNOWN;
  if (signet_host_session_lacks_output(session) || session->failed)
    return EXIT_FAILED;
  if (session->interrupted)
    return signet_host_park_is(session) ? EXIT_PARKED : EXIT_INTERRUPTED;
  if (error->kind != SIGNET_OK)
    return signet_host_status(error->kind);
  if (counts->failed > 0)
    return EXIT_FAILED;
  return counts->waiting > 0 ? EXIT_PARKED : EXIT_DONE;
}

/* Before it is said what was made. */
static void audit(struct showing *showing, const signet_job_counts *counts,
                  const signet_error *error)
{
  signet_error ignored = SIGNET_ERROR_INIT; /* the job's end tries again */

  signet_host_interrupt_end();
  (void)signet_host_job_audit(
      showing->session, status_of(showing->session, counts, error), &ignored);
}

static void tell_checked(struct session *session, const signet_plan *plan)
{
  char text[120];

  (void)snprintf(text, sizeof text,
                 "all %zu steps can be carried out as they stand; nothing was "
                 "sent",
                 signet_plan_count(plan));
  signet_host_report_note(&session->report, text);
}

/* A job that has written nothing leaves no trace that could be resumed: it is
 * begun anew. */
static void tell_how_to_begin(struct session *session,
                              const struct script *script)
{
  const struct application *application = script->application;
  const char *park =
      signet_host_flag(session->host, OPTION_PARK) ? "--park" : "";
  char words[SIGNET_JOB_ID_ROOM + 8], command[ADVICE_SIZE],
      sentence[ADVICE_SIZE + 60];

  if (session->job == NULL || signet_job_id(session->job) != NULL)
    return;
  if (application->type == SIGNET_JOB_UNDO) {
    (void)snprintf(words, sizeof words, "%s%s%s", park,
                   *park != '\0' ? " " : "", application->parent);
    signet_host_advice(session->host, COMMAND_UNDO, words, command,
                       sizeof command);
  } else {
    signet_host_advice_on_file(session->host, COMMAND_APPLY, park, script->name,
                               command, sizeof command);
  }
  (void)snprintf(sentence, sizeof sentence,
                 "nothing was sent yet; to try again: %s", command);
  signet_host_report_note(&session->report, sentence);
}

static int end(struct showing *showing, const signet_job_counts *counts,
               const signet_error *error, const struct script *script)
{
  struct session *session = showing->session;
  bool interrupted = session->interrupted && !session->report.broken;
  signet_counts numbers = counts_of(counts);
  int status;

  if (error->kind != SIGNET_OK &&
      !(interrupted && error->kind == SIGNET_ERROR_CANCELLED)) {
    signet_host_report_error(
        &session->report, signet_error_kind_name(error->kind), error->message);
    if (showing->to_resume[0] != '\0')
      signet_host_onward_tell_of(session, showing->to_resume);
  }
  if (interrupted)
    signet_host_session_tell_deadline(session);
  if (session->overlay != NULL && !interrupted && error->kind == SIGNET_OK &&
      signet_host_plan_end(&session->report, session->overlay) != EXIT_DONE)
    session->failed = true;
  signet_host_report_flush(&session->report);
  signet_host_keys_end();
  status =
      signet_host_job_end(session, status_of(session, counts, error), &numbers);
  if (status == EXIT_PARKED)
    tell_how_to_begin(session, script);
  signet_host_report_end(&session->report, &numbers, interrupted);
  return status == EXIT_DONE && signet_host_session_lacks_output(session)
             ? EXIT_FAILED
             : status;
}

int signet_host_apply_in(struct session *session, const struct script *script)
{
  struct showing showing = {.session = session};
  signet_error error = SIGNET_ERROR_INIT;
  signet_job_counts counts = {0};
  const signet_event connected = {.type = SIGNET_EVENT_CONNECT,
                                  .account = session->account};

  signet_host_report_event(&session->report, &connected);
  signet_host_interrupt_begin_loop(session->loop, &session->host->terminal,
                                   !session->report.quiet);
  if (signet_host_deadline(session->settings) > 0)
    signet_host_interrupt_after(signet_host_deadline(session->settings));
  showing.apply = start(&showing, script, &error);
  if (showing.apply != NULL) {
    turn_until_done(&showing);
    counts = signet_plan_apply_counts(showing.apply);
    show_progress(&showing, &counts, true);
    if (signet_plan_apply_error(showing.apply) != NULL)
      error = *signet_plan_apply_error(showing.apply);
    (void)snprintf(showing.to_resume, sizeof showing.to_resume, "%s",
                   signet_plan_apply_to_resume(showing.apply));
    if (session->overlay == NULL) {
      audit(&showing, &counts, &error);
      print_new_ids(&showing, script->application->plan);
    }
    if (error.kind == SIGNET_OK && !session->interrupted &&
        signet_host_flag(session->host, OPTION_CHECK))
      tell_checked(session, script->application->plan);
    signet_plan_apply_free(showing.apply);
  }
  signet_host_interrupt_end();
  counts.failed += (int64_t)script->application->left_alone;
  return end(&showing, &counts, &error, script);
}
