/* SPDX-License-Identifier: MIT */
#include "host/output/report_event.h"

#include "host/output/json.h"
#include "host/output/report_line.h"
#include "host/output/report_reasons.h"
#include "model/text.h"

#include <string.h>

static void take_print(struct report *report, const signet_event *event)
{
  const struct terminal *terminal = &report->host->terminal;

  if (report->json != NULL) {
    json_object *object = signet_host_json_event("print");

    signet_host_json_text(object, "text", event->text, event->length);
    signet_host_report_object(report, object);
    return;
  }
  signet_host_progress_hide(&report->progress);
  if (terminal->out_screen)
    signet_host_write_safe(stdout, event->text, event->length);
  else
    (void)fwrite(event->text, 1, event->length, stdout);
  if (ferror(stdout))
    signet_host_report_broke(report);
  if (terminal->out_screen)
    (void)fflush(stdout); /* a question without a newline must be seen */
  report->midline = terminal->out_screen && event->length > 0 &&
                    event->text[event->length - 1] != '\n';
  signet_host_report_close_line(report);
}

static void take_log(struct report *report, const signet_event *event)
{
  const char *level = event->level;
  bool is_error = strcmp(level, "error") == 0;

  if (report->json != NULL) {
    json_object *object = signet_host_json_event("log");

    signet_host_json_text(object, "level", level, strlen(level));
    signet_host_json_text(object, "text", event->text, event->length);
    signet_host_report_object(report, object);
    return;
  }
  if ((report->quiet && !is_error) ||
      (!report->verbose && strcmp(level, "debug") == 0))
    return;
  signet_host_report_write(report,
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
  return event->error->kind != SIGNET_ERROR_SCRIPT ? event->error->message
                                                   : event->reason;
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

  if (used > 0)
    used += signet_text_escape(out + used, size - used, ": ", 2);
  return used + signet_text_escape(out + used, size - used, sentence, length);
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
    signet_host_json_error(object, error, signet_error_kind_name(error->kind),
                           message_of(event));
    signet_host_report_object(report, object);
    return;
  }
  if (signet_host_report_knows(report, event->error, message_of(event)))
    return;
  /* Its first line only, whatever a script raised. */
  length =
      entry_line(text, sizeof text, event, sentence, strcspn(sentence, "\n"));
  if (adds_something(error)) {
    (void)snprintf(text + length, sizeof text - length,
                   " (the service said: %s)", error->service_message);
  }
  signet_host_report_write(report, STYLE_RED,
                           signet_plan_result_name(unknown
                                                       ? SIGNET_STEP_UNKNOWN
                                                       : SIGNET_STEP_FAILED),
                           text, strcspn(text, "\n"));
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
    signet_host_report_object(report, object);
    return;
  }
  if (report->verbose && !report->quiet) {
    signet_host_report_write(
        report, STYLE_YELLOW, signet_plan_result_name(SIGNET_STEP_SKIPPED),
        text, entry_line(text, sizeof text, event, reason, strlen(reason)));
  } else {
    signet_host_report_count_reason(report, reason);
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
    signet_host_report_object(report, object);
  }
  if (!report->midline && !report->parked)
    signet_host_progress_pause(&report->progress, reason, milliseconds);
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
    signet_host_report_object(report, object);
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
    signet_host_report_object(report, object);
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

/* A plan is for the first one. */
static void take_account(struct report *report, const signet_event *event)
{
  if (*report->account == '\0') {
    (void)snprintf(report->account, sizeof report->account, "%s",
                   signet_account_identity(event->account));
    (void)snprintf(report->profile, sizeof report->profile, "%.*s",
                   (int)event->length, event->text != NULL ? event->text : "");
  }
}

void signet_host_report_event(void *user, const signet_event *event)
{
  struct report *report = user;

  switch (event->type) {
  case SIGNET_EVENT_LOG:
    if (!is_noticed(report, event))
      take_log(report, event);
    break;
  case SIGNET_EVENT_PRINT:
    take_print(report, event);
    break;
  case SIGNET_EVENT_PROGRESS:
    if (!report->midline)
      signet_host_progress_take(&report->progress, event);
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
    take_account(report, event);
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

void signet_host_report_warning(struct report *report, const char *sentence)
{
  const signet_event event = {
      .level = "warning", .text = sentence, .length = strlen(sentence)};

  take_log(report, &event);
}

void signet_host_report_note(struct report *report, const char *sentence)
{
  if (report->json == NULL && !report->quiet) {
    signet_host_report_write(report, STYLE_PLAIN, "", sentence,
                             strlen(sentence));
  }
}
