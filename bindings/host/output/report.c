/* SPDX-License-Identifier: MIT */
#include "host/output/report.h"

#include "host/output/json.h"
#include "host/system/interrupt.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void signet_host_report_begin(struct report *report, const struct host *host,
                              bool interactive)
{
  *report = (struct report){.host = host, .interactive = interactive};
  report->quiet = signet_host_flag(host, OPTION_QUIET);
  report->verbose = signet_host_flag(host, OPTION_VERBOSE);
  report->began = signet_host_now();
  if (signet_host_flag(host, OPTION_JSON)) {
    int copy = dup(STDOUT_FILENO);

    report->json = copy < 0 ? NULL : fdopen(copy, "w");
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
  }
  /* A bar and objects would get in each other's way on one terminal. */
  signet_host_progress_init(
      &report->progress, &host->terminal,
      report->quiet || (report->json != NULL && host->terminal.out_tty));
}

/* A script whose results nobody takes any more has no reason to go on. */
static void output_broke(struct report *report)
{
  if (!report->broken) {
    report->broken = true;
    report->left =
        signet_host_output_left(report->json != NULL ? report->json : stdout);
    if (report->left) { /* that its reader has seen enough is no mistake */
      clearerr(stdout);
    } else {
      perror("error: standard output");
    }
    signet_host_interrupt_now();
  }
}

static void write_json(struct report *report, json_object *object)
{
  if (!signet_host_json_write(report->json, object)) {
    output_broke(report);
  }
}

/* Makes room on the terminal for a line of its own. */
static void open_line(struct report *report)
{
  signet_host_progress_hide(&report->progress);
  if (report->midline && report->host->terminal.error_tty) {
    (void)fputc('\n', stdout);
    report->midline = false;
  }
  if (fflush(stdout) != 0) {
    output_broke(report);
  }
}

static void close_line(struct report *report)
{
  if (!report->midline) {
    signet_host_progress_show(&report->progress);
  }
}

static void write_line(struct report *report, enum style style,
                       const char *head, const char *text, size_t length)
{
  bool color = report->host->terminal.error_color;

  open_line(report);
  if (*head != '\0') {
    (void)fprintf(stderr, "%s%s:%s ", signet_host_style(color, style), head,
                  signet_host_style(color, STYLE_PLAIN));
  }
  signet_host_write_safe(stderr, text, length);
  (void)fputc('\n', stderr);
  close_line(report);
}

static void take_print(struct report *report, const signet_event *event)
{
  const struct terminal *terminal = &report->host->terminal;

  if (report->json != NULL) {
    json_object *object = signet_host_json_event("print");

    signet_host_json_text(object, "text", event->text, event->length);
    write_json(report, object);
    return;
  }
  signet_host_progress_hide(&report->progress);
  if (terminal->out_screen) {
    signet_host_write_safe(stdout, event->text, event->length);
  } else {
    (void)fwrite(event->text, 1, event->length, stdout);
  }
  if (ferror(stdout)) {
    output_broke(report);
  }
  if (terminal->out_screen) {
    (void)fflush(stdout); /* a question without a newline must be seen */
  }
  report->midline = terminal->out_screen && event->length > 0 &&
                    event->text[event->length - 1] != '\n';
  close_line(report);
}

static void take_log(struct report *report, const signet_event *event)
{
  const char *level = event->level;
  bool is_error = strcmp(level, "error") == 0;

  if (report->json != NULL) {
    json_object *object = signet_host_json_event("log");

    signet_host_json_text(object, "level", level, strlen(level));
    signet_host_json_text(object, "text", event->text, event->length);
    write_json(report, object);
    return;
  }
  if ((report->quiet && !is_error) ||
      (!report->verbose && strcmp(level, "debug") == 0)) {
    return;
  }
  write_line(report,
             is_error                        ? STYLE_RED
             : strcmp(level, "warning") == 0 ? STYLE_YELLOW
                                             : STYLE_DIM,
             strcmp(level, "info") == 0 ? "" : level, event->text,
             event->length);
}

/* The service's own words, where the message doesn't hold them. */
static bool adds_something(const signet_error *error)
{
  return *error->service_message != '\0' &&
         strstr(error->message, error->service_message) == NULL;
}

static const char *message_of(const signet_event *event)
{
  return *event->error->message != '\0' ? event->error->message : event->reason;
}

/* An error's sentence without its beginning "updating template 123: ", where
 * the entry that stands before it says so already. */
static const char *sentence_of(const signet_event *event)
{
  const signet_error *error = event->error;
  size_t length = strlen(error->id);
  const char *message = message_of(event);
  const char *found = length > 0 && event->length >= length &&
                              memcmp(event->text, error->id, length) == 0
                          ? strstr(message, error->id)
                          : NULL;

  return found != NULL && strncmp(found + length, ": ", 2) == 0
             ? found + length + 2
             : message;
}

/* "entry: sentence" on one line. Both may hold what the service sent, which
 * must neither color the terminal nor begin a line that looks like signet's. */
static size_t entry_line(char *out, size_t size, const signet_event *event,
                         const char *sentence, size_t length)
{
  size_t used = signet_text_escape(out, size, event->text, event->length);

  if (used > 0) {
    used += signet_text_escape(out + used, size - used, ": ", 2);
  }
  return used + signet_text_escape(out + used, size - used, sentence, length);
}

/* Whether an error is about the run, so that every entry has the same. */
static bool is_of_run(const signet_error *error)
{
  switch (error->kind) {
  case SIGNET_ERROR_AUTH:
  case SIGNET_ERROR_CONFIGURATION:
  case SIGNET_ERROR_LOCKED:
  case SIGNET_ERROR_MEMORY:
  case SIGNET_ERROR_REFUSED:
  case SIGNET_ERROR_STORE:
    return true;
  default:
    return false;
  }
}

/* "updating template 123: the reason" without its beginning. */
static const char *reason_of(const signet_error *error, const char *message)
{
  const char *found = *error->id != '\0' ? strstr(message, error->id) : NULL;

  found = found != NULL ? found + strlen(error->id) : message;
  return strncmp(found, ": ", 2) == 0 ? found + 2 : message;
}

void signet_host_report_facts(struct report *report)
{
  char text[80];

  if (report->fact_count > 0) {
    (void)snprintf(text, sizeof text, "%" PRIu64 " more for the same reason",
                   report->fact_count);
    write_line(report, STYLE_RED, signet_plan_result_name(SIGNET_STEP_FAILED),
               text, strlen(text));
  }
  report->fact_count = 0;
}

/* Whether it is what was told last of the run. */
static bool is_fact(const struct report *report, const signet_error *error,
                    const char *message, char *fact, size_t size)
{
  (void)snprintf(fact, size, "%.*s", (int)size - 1, reason_of(error, message));
  return strcmp(fact, report->fact) == 0;
}

/* A reason is written once. @return whether this one was written already */
static bool is_known_fact(struct report *report, const signet_event *event)
{
  char fact[sizeof report->fact];

  if (!is_of_run(event->error)) {
    return false;
  }
  if (is_fact(report, event->error, message_of(event), fact, sizeof fact)) {
    report->fact_count++;
    return true;
  }
  signet_host_report_facts(report);
  memcpy(report->fact, fact, sizeof fact);
  return false;
}

static void take_failed(struct report *report, const signet_event *event)
{
  const signet_error *error = event->error;
  bool unknown = error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME;
  const char *sentence = sentence_of(event);
  char text[1200];
  size_t length;

  signet_job_ending_count(&report->ending, error);
  if (report->json != NULL) {
    json_object *object =
        signet_host_json_event(signet_plan_result_name(SIGNET_STEP_FAILED));

    signet_host_json_text(object, "label", event->label, strlen(event->label));
    signet_host_json_text(object, "entry", event->text, event->length);
    signet_host_json_error(object, error,
                           error->kind == SIGNET_OK
                               ? "script"
                               : signet_error_kind_name(error->kind),
                           message_of(event));
    write_json(report, object);
    return;
  }
  if (is_known_fact(report, event)) {
    return;
  }
  /* Its first line only, whatever a script raised. */
  length =
      entry_line(text, sizeof text, event, sentence, strcspn(sentence, "\n"));
  if (adds_something(error)) {
    (void)snprintf(text + length, sizeof text - length,
                   " (the service said: %s)", error->service_message);
  }
  write_line(report, STYLE_RED,
             signet_plan_result_name(unknown ? SIGNET_STEP_UNKNOWN
                                             : SIGNET_STEP_FAILED),
             text, strcspn(text, "\n"));
}

static void count_reason(struct report *report, const char *reason)
{
  char text[sizeof report->reasons[0].text];
  size_t i = 0;

  signet_text_escape(text, sizeof text, reason, strlen(reason));
  while (i < report->reason_count &&
         strcmp(report->reasons[i].text, text) != 0) {
    i++;
  }
  if (i == REPORT_REASONS) {
    report->other_reasons++;
    return;
  }
  if (i == report->reason_count) {
    report->reason_count++;
    memcpy(report->reasons[i].text, text, sizeof text);
  }
  report->reasons[i].count++;
}

static void take_skipped(struct report *report, const signet_event *event)
{
  const char *reason = event->reason;
  char text[700];

  if (report->json != NULL) {
    json_object *object =
        signet_host_json_event(signet_plan_result_name(SIGNET_STEP_SKIPPED));

    signet_host_json_text(object, "label", event->label, strlen(event->label));
    signet_host_json_text(object, "entry", event->text, event->length);
    signet_host_json_text(object, "reason", reason, strlen(reason));
    write_json(report, object);
    return;
  }
  if (report->verbose && !report->quiet) {
    write_line(report, STYLE_YELLOW,
               signet_plan_result_name(SIGNET_STEP_SKIPPED), text,
               entry_line(text, sizeof text, event, reason, strlen(reason)));
  } else {
    count_reason(report, reason);
  }
}

static void take_pause(struct report *report, const char *reason,
                       int64_t milliseconds)
{
  if (report->json != NULL && milliseconds > report->progress.pause_ms &&
      milliseconds >= 1000) {
    json_object *object = signet_host_json_event("paused");

    signet_host_json_text(object, "reason", reason, strlen(reason));
    (void)json_object_object_add(object, "wait_ms",
                                 json_object_new_int64(milliseconds));
    write_json(report, object);
  }
  if (!report->midline && !report->parked) {
    signet_host_progress_pause(&report->progress, reason, milliseconds);
  }
}

void signet_host_report_pause(signet_account *account, int64_t milliseconds,
                              const char *reason, void *user)
{
  (void)account;
  take_pause(user, reason, milliseconds);
}

static void take_rate(struct report *report, double per_second, bool learned)
{
  char number[32], text[160];

  (void)snprintf(number, sizeof number, "%.1f", per_second);
  if (report->json != NULL) {
    json_object *object = signet_host_json_event("rate");

    (void)json_object_object_add(object, "per_second",
                                 json_object_new_double_s(per_second, number));
    (void)json_object_object_add(object, "learned",
                                 json_object_new_boolean(learned));
    write_json(report, object);
  } else {
    (void)snprintf(text, sizeof text, "held to %s requests a second: %s",
                   number,
                   learned ? "an earlier run found that the service accepts no "
                             "more (--rate overrides that)"
                           : "the service refuses more");
    signet_host_report_note(report, text);
  }
}

void signet_host_report_rate(signet_account *account, double per_second,
                             bool learned, void *user)
{
  (void)account;
  take_rate(user, per_second, learned);
}

static void take_pace(struct report *report, const signet_event *event)
{
  const char *name = signet_pace_name(signet_account_pace(event->account));
  char text[80];

  report->progress.pace = name;
  if (report->json != NULL) {
    json_object *object = signet_host_json_event("pace");

    signet_host_json_text(object, "pace", name, strlen(name));
    write_json(report, object);
  } else if (!report->progress.shown) {
    (void)snprintf(text, sizeof text, "the pace is %s now", name);
    signet_host_report_note(report, text);
  }
}

void signet_host_report_notice(signet_account *account, const char *text,
                               void *user)
{
  struct report *report = user;

  (void)account;
  (void)snprintf(report->noticed, sizeof report->noticed, "%s", text);
  signet_host_report_warning(report, text);
}

/* The script's account says what the host's has said. */
static bool is_noticed(const struct report *report, const signet_event *event)
{
  return report->noticed[0] != '\0' &&
         strlen(report->noticed) == event->length &&
         memcmp(report->noticed, event->text, event->length) == 0;
}

void signet_host_report_event(void *user, const signet_event *event)
{
  struct report *report = user;

  switch (event->type) {
  case SIGNET_EVENT_LOG:
    if (!is_noticed(report, event)) {
      take_log(report, event);
    }
    break;
  case SIGNET_EVENT_PRINT:
    take_print(report, event);
    break;
  case SIGNET_EVENT_PROGRESS:
    if (!report->midline) {
      signet_host_progress_take(&report->progress, event);
    }
    break;
  case SIGNET_EVENT_FAILED:
    take_failed(report, event);
    break;
  case SIGNET_EVENT_SKIPPED:
    take_skipped(report, event);
    break;
  case SIGNET_EVENT_PAUSED:
    take_pause(report, event->reason, event->wait_ms);
    break;
  case SIGNET_EVENT_RATE:
    take_rate(report, event->per_second, event->learned);
    break;
  case SIGNET_EVENT_CONNECT:
    report->progress.pace =
        signet_pace_name(signet_account_pace(event->account));
    break;
  case SIGNET_EVENT_CLOSE:
    break;
  case SIGNET_EVENT_PACE:
    take_pace(report, event);
    break;
  }
}

void signet_host_report_error_text(struct report *report, const char *text,
                                   size_t length)
{
  if (!isatty(STDERR_FILENO)) {
    (void)fwrite(text, 1, length, stderr);
    return;
  }
  open_line(report);
  signet_host_write_safe(stderr, text, length);
  report->midline = length > 0 && text[length - 1] != '\n';
  close_line(report);
}

void signet_host_report_note(struct report *report, const char *sentence)
{
  if (report->json == NULL && !report->quiet) {
    write_line(report, STYLE_PLAIN, "", sentence, strlen(sentence));
  }
}

void signet_host_report_line(struct report *report, enum style style,
                             const char *text, size_t length)
{
  bool color = report->host->terminal.error_color;

  open_line(report);
  (void)fputs(signet_host_style(color, style), stderr);
  (void)fwrite(text, 1, length, stderr);
  (void)fprintf(stderr, "%s\n", signet_host_style(color, STYLE_PLAIN));
  close_line(report);
}

void signet_host_report_warning(struct report *report, const char *sentence)
{
  const signet_event event = {
      .level = "warning", .text = sentence, .length = strlen(sentence)};

  take_log(report, &event);
}

static void write_traceback(struct report *report, const char *traceback)
{
  bool color = report->host->terminal.error_color;

  (void)fputs(signet_host_style(color, STYLE_DIM), stderr);
  signet_host_write_safe(stderr, traceback, strlen(traceback));
  (void)fprintf(stderr, "%s\n", signet_host_style(color, STYLE_PLAIN));
}

static void write_error(struct report *report, const char *sentence)
{
  write_line(report, STYLE_RED, "error", sentence, strlen(sentence));
  (void)snprintf(report->told, sizeof report->told, "%s", sentence);
}

bool signet_host_report_has_told(const struct report *report,
                                 const char *sentence)
{
  return strcmp(report->told, sentence) == 0;
}

void signet_host_report_failure(struct report *report,
                                const signet_failure *failure)
{
  const signet_error *error = &failure->error;
  bool plain = error->kind == SIGNET_OK;
  const char *message =
      failure->message != NULL ? failure->message : error->message;
  char fact[sizeof report->fact];

  report->progress.running = false;
  if (report->json != NULL) {
    json_object *object = signet_host_json_event("error");

    signet_host_json_error(
        object, error, plain ? "script" : signet_error_kind_name(error->kind),
        message);
    if (failure->traceback != NULL) {
      signet_host_json_text(object, "traceback", failure->traceback,
                            strlen(failure->traceback));
    }
    write_json(report, object);
  } else if (!plain && is_of_run(error) &&
             is_fact(report, error, message, fact, sizeof fact)) {
    signet_host_report_facts(report); /* what ended the run, told already */
    return;
  }
  write_error(report, message);
  if (report->json == NULL && failure->traceback != NULL &&
      (plain || report->verbose)) {
    write_traceback(report, failure->traceback);
  }
}

void signet_host_report_error(struct report *report, const char *kind,
                              const char *sentence)
{
  report->progress.running = false;
  if (report->json != NULL) {
    json_object *object = signet_host_json_event("error");

    signet_host_json_error(object, NULL, kind, sentence);
    write_json(report, object);
  }
  write_error(report, sentence);
}

void signet_host_report_text(struct report *report, const char *text,
                             size_t length)
{
  open_line(report);
  if (report->host->terminal.out_screen) {
    signet_host_write_safe(stdout, text, length);
  } else {
    (void)fwrite(text, 1, length, stdout);
  }
  signet_host_report_flush(report);
}

void signet_host_report_object(struct report *report,
                               struct json_object *object)
{
  write_json(report, object);
}

void signet_host_report_flush(struct report *report)
{
  if (fflush(stdout) != 0) {
    output_broke(report);
  }
}

static void write_reason(struct report *report, uint64_t count,
                         const char *reason)
{
  char head[40];

  (void)snprintf(head, sizeof head, "%" PRIu64 " skipped", count);
  write_line(report, STYLE_YELLOW, head, reason, strlen(reason));
}

static void write_reasons(struct report *report)
{
  for (size_t i = 0; i < report->reason_count; i++) {
    write_reason(report, report->reasons[i].count, report->reasons[i].text);
  }
  if (report->other_reasons > 0) {
    write_reason(report, report->other_reasons,
                 "for other reasons, which -v shows");
  }
  report->reason_count = 0;
  report->other_reasons = 0;
}

static uint64_t entries(const signet_counts *counts)
{
  return counts->done + counts->failed + counts->skipped + counts->unknown +
         counts->waiting;
}

void signet_host_report_end(struct report *report, const signet_counts *counts,
                            bool interrupted)
{
  char text[256], words[160], duration[32];

  report->progress.running = false;
  signet_host_progress_hide(&report->progress);
  signet_host_report_facts(report);
  if (report->json != NULL) {
    json_object *object = signet_host_json_event("summary");

    (void)json_object_object_add(
        object, "job",
        report->job != NULL ? json_object_new_string(report->job) : NULL);
    signet_host_json_counts(object, counts);
    write_json(report, object);
    (void)fclose(report->json);
    report->json = NULL;
    return;
  }
  open_line(report);
  if (report->quiet || (entries(counts) == 0 && !interrupted)) {
    return;
  }
  write_reasons(report);
  if (report->planned) {
    signet_host_planned_counts(words, sizeof words, report->changes, counts);
  } else {
    signet_host_counts(words, sizeof words, counts);
  }
  signet_host_duration(duration, sizeof duration,
                       signet_host_now() - report->began);
  (void)snprintf(text, sizeof text, "%s%s in %s",
                 report->parked ? "parked: "
                 : interrupted  ? "interrupted: "
                                : "",
                 words, duration);
  write_line(report, STYLE_BOLD, "", text, strlen(text));
}

void signet_host_report_settle(struct report *report)
{
  report->progress.running = false;
  open_line(report);
  if (!report->quiet) {
    write_reasons(report);
  }
}

int signet_host_report_refusal(const struct host *host, const char *kind,
                               const char *sentence, int status)
{
  const signet_counts none = {0};
  struct report report;

  signet_host_report_begin(&report, host, false);
  signet_host_report_error(&report, kind, sentence);
  signet_host_report_end(&report, &none, false);
  return status;
}
