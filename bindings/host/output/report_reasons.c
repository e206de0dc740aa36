/* SPDX-License-Identifier: MIT */
#include "host/output/report_reasons.h"

#include "host/output/report_line.h"
#include "model/text.h"

#include <inttypes.h>
#include <string.h>

bool signet_host_report_is_of_run(const signet_error *error)
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
    signet_host_report_write(report, STYLE_RED,
                             signet_plan_result_name(SIGNET_STEP_FAILED), text,
                             strlen(text));
  }
  report->fact_count = 0;
}

bool signet_host_report_is_fact(const struct report *report,
                                const signet_error *error, const char *message,
                                char *fact, size_t size)
{
  (void)snprintf(fact, size, "%.*s", (int)size - 1, reason_of(error, message));
  return strcmp(fact, report->fact) == 0;
}

bool signet_host_report_knows(struct report *report, const signet_error *error,
                              const char *message)
{
  char fact[sizeof report->fact];

  if (!signet_host_report_is_of_run(error))
    return false;
  if (signet_host_report_is_fact(report, error, message, fact, sizeof fact)) {
    report->fact_count++;
    return true;
  }
  signet_host_report_facts(report);
  memcpy(report->fact, fact, sizeof fact);
  return false;
}

void signet_host_report_count_reason(struct report *report, const char *reason)
{
  char text[sizeof report->reasons[0].text];
  size_t i = 0;

  signet_text_escape(text, sizeof text, reason, strlen(reason));
  while (i < report->reason_count && strcmp(report->reasons[i].text, text) != 0)
    i++;
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

static void write_reason(struct report *report, uint64_t count,
                         const char *reason)
{
  char head[40];

  (void)snprintf(head, sizeof head, "%" PRIu64 " skipped", count);
  signet_host_report_write(report, STYLE_YELLOW, head, reason, strlen(reason));
}

void signet_host_report_reasons(struct report *report)
{
  for (size_t i = 0; i < report->reason_count; i++)
    write_reason(report, report->reasons[i].count, report->reasons[i].text);
  if (report->other_reasons > 0) {
    write_reason(report, report->other_reasons,
                 "for other reasons, which -v shows");
  }
  report->reason_count = 0;
  report->other_reasons = 0;
}
