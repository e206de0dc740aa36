/* SPDX-License-Identifier: MIT */
#include "host/session/job.h"

#include "host/session/confirm.h"

#include "host/command/apply.h"
#include "host/output/json.h"
#include "host/output/report_event.h"
#include "host/output/report_reasons.h"
#include "host/session/advice.h"
#include "host/session/kept.h"
#include "host/session/learned.h"
#include "host/session/loss.h"
#include "host/session/onward.h"
#include "host/session/park.h"
#include "host/session/settle.h"
#include "host/system/interrupt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- beginning --- */

static const char read_only[] = "this REPL is read-only, so nothing was sent: "
                                "\":write\" lets it write, and "
                                "so does --write at its start";

static signet_job_limit limit_of(const struct host *host, enum option option,
                                 signet_job_limit usual)
{
  const char *value = host->arguments.values[option];
  signet_job_limit limit = SIGNET_JOB_NO_LIMIT;
  long number;

  if (value == NULL || !signet_host_limit(value, &number, &limit.percent))
    return usual;
  limit.number = number;
  return limit;
}

/* What the options of a plan's job must say. */
static void set_plan(const struct script *script, signet_job_options *options)
{
  const struct application *application = script->application;
  size_t length;

  options->name = script->name;
  options->arguments = "[]";
  options->resume = script->resume;
  options->type = signet_job_type_name(application->type);
  options->parent = application->parent;
  options->script = application->plan != NULL
                        ? signet_plan_text(application->plan, &length)
                        : NULL; /* an undo has it later */
  options->borrow_script = true;
}

static void set_limits(struct session *session, signet_job_options *options)
{
  const signet_job_limit none = SIGNET_JOB_NO_LIMIT;
  const signet_job_limit usual = SIGNET_JOB_USUAL_DELETES;
  const struct host *host = session->host;
  const char *wait = host->arguments.values[OPTION_WAIT_LOCK];

  options->wait_lock_ms = wait != NULL ? strtol(wait, NULL, 10) * 1000 : 0;
  options->accept_damage = signet_host_flag(host, OPTION_ACCEPT_DAMAGE);
  options->max_changes = limit_of(host, OPTION_MAX_CHANGES, none);
  options->max_deletes = limit_of(host, OPTION_MAX_DELETES, usual);
  if (!signet_host_flag(host, OPTION_YES)) {
    options->confirm = signet_host_confirm;
    options->confirm_user = session;
  }
}

bool signet_host_job_open(struct session *session, const struct script *script,
                          signet_error *error)
{
  const struct host *host = session->host;
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  bool reads_only = script == NULL && !session->writes;

  options.state_dir = signet_settings_get(session->settings, "state_dir");
  options.no_journal = signet_host_flag(host, OPTION_NO_JOURNAL) ||
                       (reads_only && options.state_dir == NULL);
  if (options.state_dir == NULL && !options.no_journal) {
    error->kind = SIGNET_ERROR_CONFIGURATION;
    (void)snprintf(error->message, sizeof error->message,
                   "there is no place for a journal: set HOME, or give "
                   "--state-dir DIRECTORY or --no-journal");
    return false;
  }
  session->script_job = script != NULL && script->application == NULL;
  session->plan_job = script != NULL && script->application != NULL;
  options.name = "repl";
  set_limits(session, &options);
  if (session->plan_job)
    set_plan(script, &options);
  else if (script != NULL)
    signet_script_job_options(script->code, &options);
  options.new_input = signet_host_flag(host, OPTION_NEW_INPUT);
  session->job = signet_job_new(&options, error);
  if (session->job != NULL && reads_only)
    signet_job_read_only(session->job, read_only);
  return session->job != NULL &&
         (script == NULL || script->resume != NULL ||
          signet_host_kept_keep(session, script, error));
}

/* --- resuming --- */

static void tell_open(struct report *report,
                      const signet_job_findings *findings)
{
  int64_t open =
      findings->done + findings->not_done + findings->drift + findings->open;
  char text[400];

  if (open > 0) {
    (void)snprintf(text, sizeof text,
                   "%" PRId64 " open %s settled: %" PRId64 " took effect, "
                   "%" PRId64 " did not, %" PRId64 " changed by somebody else, "
                   "%" PRId64 " still unknown",
                   open, open == 1 ? "write" : "writes", findings->done,
                   findings->not_done, findings->drift, findings->open);
    signet_host_report_note(report, text);
  }
}

static void tell_findings(struct session *session,
                          const signet_job_findings *findings)
{
  struct report *report = &session->report;
  int64_t done = (int64_t)signet_job_written(session->job);
  char text[400];

  tell_open(report, findings);
  (void)snprintf(text, sizeof text,
                 "%" PRId64 " %s done before, not sent again", done,
                 done == 1 ? "write" : "writes");
  signet_host_report_note(report, text);
  if (findings->refused > 0) {
    (void)snprintf(text, sizeof text,
                   "%" PRId64 " %s refused before, not sent again: another "
                   "run tries %s anew",
                   findings->refused,
                   findings->refused == 1 ? "write" : "writes",
                   findings->refused == 1 ? "it" : "them");
    signet_host_report_note(report, text);
  }
}

static void tell_as_json(struct session *session,
                         const signet_job_findings *findings)
{
  json_object *object = signet_host_json_event("settled");
  const struct {
    const char *name;
    int64_t count;
  } parts[] = {
      {"done", findings->done},       {"not_done", findings->not_done},
      {"drift", findings->drift},     {"open", findings->open},
      {"refused", findings->refused}, {"remembered", findings->remembered}};

  (void)json_object_object_add(
      object, "job",
      signet_job_id(session->job) != NULL
          ? json_object_new_string(signet_job_id(session->job))
          : NULL);
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    (void)json_object_object_add(object, parts[i].name,
                                 json_object_new_int64(parts[i].count));
  }
  (void)signet_host_json_write(session->report.json, object);
}

void signet_host_job_tell_settled(struct session *session,
                                  const signet_job_findings *findings)
{
  if (session->report.json != NULL)
    tell_as_json(session, findings);
  else
    tell_open(&session->report, findings);
}

/* The account that the settings lead to, for what the host itself asks. */
static bool open_account(struct session *session, signet_error *error)
{
  signet_account_options options;
  const signet_settings *settings =
      session->host->own != NULL ? session->host->own : session->settings;

  if (session->account == NULL &&
      signet_settings_options(settings, &options, error)) {
    options.overlay = session->overlay;
    session->account = signet_account_open(session->loop, &options, error);
    if (session->account == NULL)
      signet_settings_locate(settings, error);
    if (session->account != NULL)
      signet_host_learned_begin(session, session->account);
  }
  if (session->account != NULL) {
    signet_account_on_pause(session->account, signet_host_park_on_pause,
                            session);
    signet_account_on_rate(session->account, signet_host_report_rate,
                           &session->report);
    signet_account_on_notice(session->account, signet_host_report_notice,
                             &session->report);
    signet_account_on_trace(
        session->account, signet_host_trace_function(&session->trace),
        &session->trace, signet_host_trace_bytes(&session->trace));
  }
  return session->account != NULL;
}

bool signet_host_job_account(struct session *session, signet_error *error)
{
  return open_account(session, error) &&
         (session->job == NULL ||
          signet_job_attach(session->job, session->account, error));
}

bool signet_host_job_settle(struct session *session, signet_error *error)
{
  signet_job_findings findings;

  session->resumed = true;
  if (!signet_host_job_account(session, error))
    return false;
  if (!signet_host_settle(session, &findings, error)) {
    session->over = findings.over;
    return false;
  }
  if (session->report.json != NULL)
    tell_as_json(session, &findings);
  else
    tell_findings(session, &findings);
  signet_host_loss_tell(session);
  return true;
}

/* --- ending --- */

/* What the service said was done, and does not show. */
static void take_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  struct report *report = user;
  char entry[80], reason[200];
  signet_event event = {.type = SIGNET_EVENT_FAILED,
                        .label = "audit",
                        .text = entry,
                        .reason = reason};
  signet_error error = SIGNET_ERROR_INIT;

  (void)snprintf(entry, sizeof entry, "%s %s",
                 signet_kind_word_of(mismatch->kind), mismatch->id);
  event.length = strlen(entry);
  (void)snprintf(reason, sizeof reason, "%s (%s, write %" PRId64 ")",
                 mismatch->finding, mismatch->verb, mismatch->number);
  error.kind = SIGNET_ERROR_UNKNOWN_OUTCOME;
  error.outcome = SIGNET_OUTCOME_UNKNOWN;
  (void)snprintf(error.message, sizeof error.message, "%s", reason);
  event.error = &error;
  signet_host_report_event(report, &event);
}

static bool lives_on(struct session *session)
{
  signet_error error = SIGNET_ERROR_INIT;

  return open_account(session, &error);
}

/* A service that stores another form of what is written has done it. It is
 * told once for the account: the next run finds the habit among what it
 * learned. */
static void tell_stored(struct session *session)
{
  signet_job_stored stored;
  char text[900];

  signet_job_get_stored(session->job, &stored);
  if (!stored.news)
    return;
  (void)snprintf(
      text, sizeof text,
      "%" PRId64 " %s stored in another form than written, which "
      "counts as done (trimmed: %" PRId64 ", composed Unicode: "
      "%" PRId64 ", countries: %" PRId64 "): %s; this is remembered "
      "as the account's habit",
      stored.entries, stored.entries == 1 ? "entry was" : "entries were",
      stored.trimmed, stored.composed, stored.countries, stored.example);
  signet_host_report_warning(&session->report, text);
}

/* They were written, so they are done. */
static void tell_changed(struct session *session)
{
  signet_job_stored stored;
  char text[700];

  signet_job_get_stored(session->job, &stored);
  if (stored.changed > 0) {
    (void)snprintf(text, sizeof text,
                   "%" PRId64 " %s changed by somebody else after this run "
                   "wrote %s: %s",
                   stored.changed,
                   stored.changed == 1 ? "entry was" : "entries were",
                   stored.changed == 1 ? "it" : "them", stored.change);
    signet_host_report_warning(&session->report, text);
  }
}

struct audit {
  bool ended;
  signet_error *error;
};

static void end_audit(void *user, const signet_error *error)
{
  struct audit *audit = user;

  audit->ended = true;
  *audit->error = *error;
}

/* Until it has ended, or somebody interrupts it.
 * @param account  NULL: the one that the script used */
static bool audit_through(struct session *session, signet_account *account,
                          signet_error *error)
{
  struct audit audit = {.error = error};
  signet_audit *running =
      signet_audit_start(session->job, account, end_audit, &audit, error);

  if (running == NULL)
    return error->kind == SIGNET_OK;
  signet_host_interrupt_begin_loop(session->loop, &session->host->terminal,
                                   !session->report.quiet);
  while (!audit.ended && signet_host_interrupt_asked() == 0)
    (void)signet_loop_step(session->loop, -1);
  signet_host_interrupt_end();
  signet_audit_free(running);
  if (!audit.ended) {
    error->kind = SIGNET_ERROR_CANCELLED;
    (void)snprintf(error->message, sizeof error->message, "interrupted");
  }
  return error->kind == SIGNET_OK;
}

/* After an interrupt nothing is read any more; nor with credentials that are
 * refused, nor by a run that waits for no pause. */
static bool may_audit(const struct session *session, int status)
{
  return session->job != NULL && signet_job_id(session->job) != NULL &&
         !signet_host_park_is(session) && status != EXIT_INTERRUPTED &&
         status != EXIT_CONFIGURATION &&
         (!session->interrupted || session->report.interactive);
}

/* An account that the script has closed is opened again for it. */
bool signet_host_job_audit(struct session *session, int status,
                           signet_error *error)
{
  signet_error_init(error);
  return !may_audit(session, status) || audit_through(session, NULL, error) ||
         (error->kind == SIGNET_ERROR_CONFIGURATION && lives_on(session) &&
          audit_through(session, session->account, error));
}

static void audit(struct session *session, int status)
{
  signet_error error = SIGNET_ERROR_INIT;
  char text[700];

  if (signet_host_job_audit(session, status, &error)) {
    tell_stored(session);
    tell_changed(session);
    return;
  }
  if (signet_host_park_is(session))
    return; /* the run that goes on looks */
  (void)snprintf(text, sizeof text,
                 "what was written could not be checked at the end: %s",
                 error.message);
  signet_host_report_warning(&session->report, text);
}

/* What is contradicted was counted as done. @return the exit status */
static int count_contradicted(struct session *session, int status,
                              signet_counts *counts)
{
  signet_job_counts numbers = {.done = (int64_t)counts->done,
                               .unknown = (int64_t)counts->unknown};

  if (signet_job_count_contradicted(session->job, &numbers) == 0)
    return status;
  signet_job_each_mismatch(session->job, take_mismatch, &session->report);
  counts->done = (uint64_t)numbers.done;
  counts->unknown = (uint64_t)numbers.unknown;
  return EXIT_UNKNOWN;
}

static bool may_be_replaced(int status)
{
  return status != EXIT_UNKNOWN && status != EXIT_INTERRUPTED &&
         status != EXIT_CONFIGURATION;
}

static signet_job_state state_of(const struct session *session, int status)
{
  if (status == EXIT_DONE)
    return SIGNET_JOB_DONE;
  if (status == EXIT_PARKED || signet_host_park_is(session))
    return SIGNET_JOB_PARKED;
  return session->interrupted ? SIGNET_JOB_INTERRUPTED : SIGNET_JOB_FAILED;
}

/* What the script prints is about this run only: it finds the entries that an
 * earlier one changed as they are now. */
static void tell_all(struct session *session)
{
  uint64_t written = signet_job_written(session->job);
  char command[ADVICE_SIZE], text[ADVICE_SIZE + 100];

  signet_host_advice(session->host, COMMAND_SHOW, signet_job_id(session->job),
                     command, sizeof command);
  (void)snprintf(text, sizeof text,
                 "all runs of this job: %" PRIu64 " %s done; they are shown by "
                 "%s",
                 written, written == 1 ? "write" : "writes", command);
  signet_host_report_note(&session->report, text);
}

/* One fact for all of them. */
static void tell_unchanged(struct session *session)
{
  uint64_t all, rejected;
  char text[300], more[120] = "";

  signet_job_get_unchanged(session->job, &all, &rejected);
  if (all == 0)
    return;
  if (rejected > 0) {
    (void)snprintf(more, sizeof more,
                   ", of which %" PRIu64 " %s rejected and would go to another "
                   "review",
                   rejected, rejected == 1 ? "is" : "are");
  }
  (void)snprintf(text, sizeof text,
                 "%" PRIu64 " %s unchanged: nothing was sent, since the "
                 "entries hold these values already%s; --resubmit sends them",
                 all, all == 1 ? "update is" : "updates are", more);
  signet_host_report_note(&session->report, text);
}

/* Not of every job that is done: that has nothing to go on with. */
static void keep_onward(struct session *session, int status,
                        const signet_counts *counts)
{
  signet_job_next onward = signet_host_onward_of(session, status, counts);

  if (session->resumed ||
      (status != EXIT_DONE && onward != SIGNET_NEXT_RESUME) ||
      signet_job_refusal(session->job) != NULL)
    signet_host_onward_keep(session, onward);
}

static void tell_writes(struct session *session, const signet_job_named *writes,
                        const char *one, const char *many)
{
  char text[700];

  if (writes->count > 0) {
    (void)snprintf(text, sizeof text,
                   "%" PRIu64 " %s not asked for again%s (%s)", writes->count,
                   writes->count == 1 ? "write of an earlier run was"
                                      : "writes of an earlier run were",
                   writes->count == 1 ? one : many, writes->names);
    signet_host_report_warning(&session->report, text);
  }
}

/* What a resumed run did not ask for again. @return the exit status */
static int tell_unclaimed(struct session *session, int status)
{
  signet_job_unclaimed all;

  signet_job_get_unclaimed(session->job, &session->report.ending, &all);
  tell_writes(session, &all.done, ", and is done", ", and are done");
  tell_writes(session, &all.changed,
              ": somebody else changed its entry since, or deleted it",
              ": somebody else changed their entries since, or deleted them");
  tell_writes(session, &all.left, ": it had no effect, so the job is not done",
              ": they had no effect, so the job is not done");
  return all.left.count > 0 && status == EXIT_DONE ? EXIT_FAILED : status;
}

int signet_host_job_end(struct session *session, int status,
                        signet_counts *counts)
{
  signet_job_counts numbers;
  signet_error error = SIGNET_ERROR_INIT;

  signet_host_report_facts(&session->report);
  if (session->job == NULL) {
    if (signet_host_park_is(session))
      signet_host_park_tell(session);
    return status;
  }
  audit(session, status);
  status = count_contradicted(session, status, counts);
  if (signet_host_park_is(session) && status == EXIT_DONE)
    status = EXIT_PARKED; /* what was written could not be checked yet */
  signet_host_park_keep(session);
  session->report.ending.parked = signet_host_park_is(session);
  status = tell_unclaimed(session, status);
  keep_onward(session, status, counts);
  if (signet_job_refusal(session->job) != NULL && may_be_replaced(status))
    status = EXIT_REFUSED;
  numbers = (signet_job_counts){
      (int64_t)counts->done, (int64_t)counts->failed, (int64_t)counts->skipped,
      (int64_t)counts->unknown, (int64_t)counts->waiting};
  if (!signet_job_end(session->job, state_of(session, status), &numbers,
                      &error)) {
    if ((error.kind != SIGNET_ERROR_LOCKED || status != EXIT_REFUSED) &&
        !signet_host_report_has_told(&session->report, error.message)) {
      signet_host_report_error(
          &session->report, signet_error_kind_name(error.kind), error.message);
    }
    status = may_be_replaced(status) ? signet_host_status(error.kind) : status;
  }
  session->report.job = signet_job_id(session->job);
  tell_unchanged(session);
  signet_host_loss_tell_found(session);
  if (session->resumed && session->report.job != NULL)
    tell_all(session);
  if ((session->report.job != NULL || signet_host_park_is(session)) &&
      status != EXIT_DONE && !session->report.interactive) {
    signet_host_onward_tell(session,
                            signet_host_onward_of(session, status, counts));
  }
  return status;
}
