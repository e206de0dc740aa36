/* SPDX-License-Identifier: MIT */
#include "host/output/report_line.h"

#include "host/output/json.h"
#include "host/system/interrupt.h"

#include <string.h>
#include <unistd.h>

/* A script whose results nobody takes any more has no reason to go on. */
void signet_host_report_broke(struct report *report)
{
  if (!report->broken) {
    report->broken = true;
    report->left =
        signet_host_output_left(report->json != NULL ? report->json : stdout);
    if (report->left) /* that its reader has seen enough is no mistake */
      clearerr(stdout);
    else
      perror("error: standard output");
    signet_host_interrupt_now();
  }
}

void signet_host_report_object(struct report *report, json_object *object)
{
  if (!signet_host_json_write(report->json, object))
    signet_host_report_broke(report);
}

void signet_host_report_open_line(struct report *report)
{
  signet_host_progress_hide(&report->progress);
  if (report->midline && report->host->terminal.error_tty) {
    (void)fputc('\n', stdout);
    report->midline = false;
  }
  if (fflush(stdout) != 0)
    signet_host_report_broke(report);
}

void signet_host_report_close_line(struct report *report)
{
  if (!report->midline)
    signet_host_progress_show(&report->progress);
}

void signet_host_report_write(struct report *report, enum style style,
                              const char *head, const char *text, size_t length)
{
  bool color = report->host->terminal.error_color;

  signet_host_report_open_line(report);
  if (*head != '\0') {
    (void)fprintf(stderr, "%s%s:%s ", signet_host_style(color, style), head,
                  signet_host_style(color, STYLE_PLAIN));
  }
  signet_host_write_safe(stderr, text, length);
  (void)fputc('\n', stderr);
  signet_host_report_close_line(report);
}

void signet_host_report_error_text(struct report *report, const char *text,
                                   size_t length)
{
  if (!isatty(STDERR_FILENO)) {
    (void)fwrite(text, 1, length, stderr);
    return;
  }
  signet_host_report_open_line(report);
  signet_host_write_safe(stderr, text, length);
  report->midline = length > 0 && text[length - 1] != '\n';
  signet_host_report_close_line(report);
}

void signet_host_report_line(struct report *report, enum style style,
                             const char *text, size_t length)
{
  bool color = report->host->terminal.error_color;

  signet_host_report_open_line(report);
  (void)fputs(signet_host_style(color, style), stderr);
  (void)fwrite(text, 1, length, stderr);
  (void)fprintf(stderr, "%s\n", signet_host_style(color, STYLE_PLAIN));
  signet_host_report_close_line(report);
}

void signet_host_report_text(struct report *report, const char *text,
                             size_t length)
{
  signet_host_report_open_line(report);
  if (report->host->terminal.out_screen)
    signet_host_write_safe(stdout, text, length);
  else
    (void)fwrite(text, 1, length, stdout);
  signet_host_report_flush(report);
}

void signet_host_report_flush(struct report *report)
{
  if (fflush(stdout) != 0)
    signet_host_report_broke(report);
}
