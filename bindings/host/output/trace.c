/* SPDX-License-Identifier: MIT */
#include "host/output/trace.h"

#include "host/output/report_event.h"
#include "host/output/report_line.h"

#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAXIMUM = 4096 }; /* of a body, by -vv */

bool signet_host_trace_open(struct trace *trace, struct report *report,
                            signet_error *error)
{
  const struct arguments *arguments = &report->host->arguments;
  const char *problem;
  char shown[300];

  *trace = (struct trace){.report = report, .har = {.file = -1}};
  trace->level = report->quiet ? 0 : arguments->times[OPTION_VERBOSE];
  trace->path = arguments->values[OPTION_TRACE];
  if (trace->path == NULL)
    return true;
  if (strcmp(trace->path, "-") == 0)
    problem = "a trace needs a file (one of this name is ./-)";
  else if (signet_host_har_open(&trace->har, trace->path, &problem))
    return true;
  (void)signet_text_escape(shown, sizeof shown, trace->path,
                           strlen(trace->path));
  error->kind = SIGNET_ERROR_CONFIGURATION;
  (void)snprintf(error->message, sizeof error->message,
                 "--trace: %s can't be written: %s", shown, problem);
  return false;
}

void signet_host_trace_close(struct trace *trace)
{
  signet_host_har_close(&trace->har);
}

size_t signet_host_trace_bytes(const struct trace *trace)
{
  if (trace->path != NULL)
    return HAR_BODY_MAXIMUM;
  return trace->level > 1 ? SHOWN_MAXIMUM : 0;
}

/* --- on standard error --- */

/* Requests are quick: their milliseconds have a tenth. */
static void show_time(char *out, size_t size, int64_t us)
{
  if (us < 9950)
    (void)snprintf(out, size, "%.1f ms", (double)us / 1000);
  else
    signet_host_duration(out, size, (double)us / 1e6);
}

static size_t add_reply(const signet_trace *trace, char *out, size_t size)
{
  char duration[32];
  int length;

  show_time(duration, sizeof duration, trace->times.total);
  if (trace->status == 0)
    length = snprintf(out, size, ": no reply in %s", duration);
  else
    length = snprintf(out, size, ": %d in %s", trace->status, duration);
  return length > 0 ? (size_t)length : 0;
}

/* GET /v1/sign-configs: 200 in 12 ms, attempt 1, 3456 bytes */
static void tell_request(struct trace *trace, const signet_trace *request)
{
  char text[2600], path[1600];
  size_t length;

  (void)signet_text_escape(path, sizeof path, request->path,
                           strlen(request->path));
  length = (size_t)snprintf(text, sizeof text, "%s %s", request->method, path);
  length += add_reply(request, text + length, sizeof text - length);
  length += (size_t)snprintf(text + length, sizeof text - length,
                             ", attempt %u, %" PRId64 " bytes",
                             request->attempt, request->bytes);
  if (*request->problem != '\0') {
    (void)snprintf(text + length, sizeof text - length, ": %s",
                   request->problem);
  }
  signet_host_report_line(trace->report, STYLE_DIM, text, strlen(text));
}

static void tell_line(struct trace *trace, char sign, const char *line,
                      size_t length)
{
  size_t size = 8 * length + 3;
  char *text = malloc(size);

  if (text == NULL)
    return;
  text[0] = sign;
  text[1] = ' ';
  length = signet_text_escape(text + 2, size - 2, line, length);
  signet_host_report_line(trace->report, STYLE_DIM, text, length + 2);
  free(text);
}

static void tell_lines(struct trace *trace, char sign, const char *text,
                       size_t length)
{
  while (length > 0) {
    const char *end = memchr(text, '\n', length);
    size_t line = end != NULL ? (size_t)(end - text) : length;
    size_t whole = end != NULL ? line + 1 : line;

    if (line > 0 && text[line - 1] == '\r')
      line--;
    tell_line(trace, sign, text, line);
    text += whole;
    length -= whole;
  }
}

static void tell_body(struct trace *trace, char sign, const char *text,
                      size_t length, uint64_t whole)
{
  char rest[64];

  length = length < SHOWN_MAXIMUM ? length : SHOWN_MAXIMUM;
  tell_lines(trace, sign, text, length);
  if (whole > length) {
    tell_line(trace, sign, rest,
              (size_t)snprintf(rest, sizeof rest, "… %" PRIu64 " more bytes",
                               whole - length));
  }
}

static void tell_whole(struct trace *trace, const signet_trace *request)
{
  tell_lines(trace, '>', request->request_head, request->request_head_length);
  tell_body(trace, '>', request->request_body, request->request_body_length,
            request->request_bytes);
  tell_lines(trace, '<', request->reply_head, request->reply_head_length);
  tell_body(trace, '<', request->reply_body, request->reply_body_length,
            (uint64_t)request->bytes);
}

/* --- both --- */

static void on_request(void *user, const signet_trace *request)
{
  struct trace *trace = user;
  char text[400];

  if (trace->level > 0)
    tell_request(trace, request);
  if (trace->level > 1)
    tell_whole(trace, request);
  if (!signet_host_har_add(&trace->har, request)) {
    (void)snprintf(text, sizeof text,
                   "--trace: nothing more is written to %.200s: %s",
                   trace->path, strerror(errno));
    signet_host_report_warning(trace->report, text);
  }
}

signet_trace_fn signet_host_trace_function(const struct trace *trace)
{
  return trace->level > 0 || trace->path != NULL ? on_request : NULL;
}
