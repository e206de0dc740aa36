/* SPDX-License-Identifier: MIT */
#include "host/output/report.h"

#include "host/output/json.h"
#include "host/output/report_line.h"
#include "host/output/report_reasons.h"

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

static void write_traceback(struct report *report, const char *traceback)
{
  bool color = report->host->terminal.error_color;

  (void)fputs(signet_host_style(color, STYLE_DIM), stderr);
  signet_host_write_safe(stderr, traceback, strlen(traceback));
  (void)fprintf(stderr, "%s\n", signet_host_style(color, STYLE_PLAIN));
}

static void write_error(struct report *report, const char *sentence)
{
  signet_host_report_write(report, STYLE_RED, "error", sentence,
                           strlen(sentence));
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
  bool plain = error->kind == SIGNET_ERROR_SCRIPT;
  const char *message = signet_failure_text(failure);
  char fact[sizeof report->fact];

  report->progress.running = false;
  if (report->json != NULL) {
    json_object *object = signet_host_json_event("error");

    signet_host_json_error(object, error, signet_error_kind_name(error->kind),
                           message);
    if (failure->traceback != NULL) {
      signet_host_json_text(object, "traceback", failure->traceback,
                            strlen(failure->traceback));
    }
    signet_host_report_object(report, object);
  } else if (!plain && signet_host_report_is_of_run(error) &&
             signet_host_report_is_fact(report, error, message, fact,
                                        sizeof fact)) {
    signet_host_report_facts(report); /* what ended the run, told already */
    return;
  }
  write_error(report, message);
  if (report->json == NULL && failure->traceback != NULL &&
      (plain || report->verbose))
    write_traceback(report, failure->traceback);
}

void signet_host_report_error(struct report *report, const char *kind,
                              const char *sentence)
{
  report->progress.running = false;
  if (report->json != NULL) {
    json_object *object = signet_host_json_event("error");

    signet_host_json_error(object, NULL, kind, sentence);
    signet_host_report_object(report, object);
  }
  write_error(report, sentence);
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
    signet_host_report_object(report, object);
    (void)fclose(report->json);
    report->json = NULL;
    return;
  }
  signet_host_report_open_line(report);
  if (report->quiet || (entries(counts) == 0 && !interrupted))
    return;
  signet_host_report_reasons(report);
  if (report->planned)
    signet_host_planned_counts(words, sizeof words, report->changes, counts);
  else
    signet_host_counts(words, sizeof words, counts);
  signet_host_duration(duration, sizeof duration,
                       signet_host_now() - report->began);
  (void)snprintf(text, sizeof text, "%s%s in %s",
                 report->parked ? "parked: "
                 : interrupted  ? "interrupted: "
                                : "",
                 words, duration);
  signet_host_report_write(report, STYLE_BOLD, "", text, strlen(text));
}

void signet_host_report_settle(struct report *report)
{
  report->progress.running = false;
  signet_host_report_open_line(report);
  if (!report->quiet)
    signet_host_report_reasons(report);
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
