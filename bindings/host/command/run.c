/* SPDX-License-Identifier: MIT */
/* signet run, signet -e. */

#include "host/command/apply.h"
#include "host/repl/console.h"
#include "host/session/job.h"
#include "host/session/park.h"
#include "host/session/scripts.h"
#include "host/system/files.h"
#include "host/system/interrupt.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What Lua calls the script in its messages. */
static void chunk_name(const struct script *script, char *name, size_t size)
{
  if (strcmp(script->name, "-") == 0) {
    (void)snprintf(name, size, "=stdin");
  } else {
    (void)snprintf(name, size, "@%s",
                   script->path != NULL ? script->path : script->name);
  }
}

/* -e: an expression may stand for a chunk, and its value is shown. @return
 * false: the mistake is reported */
static bool compile(struct session *session, struct console *console,
                    const struct script *script)
{
  char message[1024] = "out of memory";

  if (signet_host_console_open(console, session->engine,
                               &session->host->terminal) &&
      signet_host_console_predefine(console) &&
      signet_host_console_compile(console, script->text, script->length, "=-e",
                                  false, script->argc, script->argv, message,
                                  sizeof message) == COMPILED_READY) {
    return true;
  }
  signet_host_report_error(&session->report, "script", message);
  return false;
}

int signet_host_end_unrun(struct session *session, int status)
{
  signet_counts none = {0};

  status = signet_host_job_end(session, status, &none);

  signet_host_report_end(&session->report, &none, false);
  return status;
}

static int run_in(struct session *session, const struct script *script)
{
  signet_failure failure = SIGNET_FAILURE_INIT;
  struct console console;
  char name[PATH_MAX + 1];
  bool good, chunk = strcmp(script->name, "-e") == 0;
  int status;

  if (script->application != NULL) {
    return script->application->carry_out(session, script);
  }
  if (chunk && !compile(session, &console, script)) {
    return signet_host_end_unrun(session, EXIT_FAILED);
  }
  chunk_name(script, name, sizeof name);
  signet_host_interrupt_begin(session->engine, &session->host->terminal,
                              !session->report.quiet);
  if (signet_host_deadline(session->settings) > 0) {
    signet_host_interrupt_after(signet_host_deadline(session->settings));
  }
  signet_host_park_begin(session);
  good = chunk ? signet_host_console_start(&console, &failure)
               : signet_engine_run_script(session->engine, script->text,
                                          script->length, name, script->argc,
                                          script->argv, &failure);
  signet_host_park_end(session);
  signet_host_interrupt_end();
  status = signet_host_session_end(session, good, &failure);
  signet_failure_clear(&failure);
  return status;
}

/* Whether the text begins so, behind a byte order mark and white space. */
static bool begins_as_html(const char *text, size_t length)
{
  const char *end = text + length;

  if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    text += 3;
  }
  while (text < end && isspace((unsigned char)*text)) {
    text++;
  }
  return end - text > 1 && text[0] == '<' &&
         (isalpha((unsigned char)text[1]) || text[1] == '!' || text[1] == '?');
}

/* What can be told about a text that is no script without reading it as Lua.
 * NULL: nothing */
static const char *mistake_in(const struct script *script)
{
  const char *text = script->text;
  bool binary = memchr(text, '\0', script->length) != NULL;

  if (script->length >= 2 && binary &&
      (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
    return "a script is UTF-8, and this one is UTF-16: save it as UTF-8";
  }
  /* The journal keeps it as text; and bytecode is refused as what it is. */
  if (binary && *text != '\x1b') {
    return "a script is text, and this one holds a NUL byte";
  }
  if (begins_as_html(text, script->length)) {
    return "this is HTML or XML, not Lua: perhaps the page around a script was "
           "saved, not the script itself";
  }
  return NULL;
}

int signet_host_run_script(struct host *host, const struct script *script)
{
  struct session session;
  const char *mistake = mistake_in(script);
  int status;

  if (mistake != NULL) {
    return signet_host_report_refusal(host, "script", mistake, EXIT_FAILED);
  }
  status = signet_host_session_open(&session, host, script);
  if (status == EXIT_DONE && !session.over) {
    status = run_in(&session, script);
    signet_host_session_close(&session);
  }
  return status;
}

/* @param path  NULL: standard input */
static int refuse_unread(struct host *host, const char *path)
{
  char sentence[PATH_MAX + 200];

  (void)snprintf(sentence, sizeof sentence, "%s can't be read: %s",
                 path != NULL ? path : "standard input",
                 errno == EFBIG ? "it is too long for a script"
                                : strerror(errno));
  return signet_host_report_refusal(host, "script", sentence, EXIT_FAILED);
}

/* @param text  NULL: errno says why */
static int run_text(struct host *host, const char *name, const char *path,
                    char *text, size_t length)
{
  const struct arguments *arguments = &host->arguments;
  const struct script script = {.name = name,
                                .path = path,
                                .text = text,
                                .length = length,
                                .argc = arguments->count - 1,
                                .argv = arguments->rest + 1};
  int status;

  if (text == NULL) {
    return refuse_unread(host, path);
  }
  status = signet_host_run_script(host, &script);
  free(text);
  return status;
}

static int run_file(struct host *host, const char *name, const char *path)
{
  size_t length = 0;
  char *text = signet_host_scripts_read(path, &length);

  return run_text(host, name, path, text, length);
}

int signet_host_run(struct host *host)
{
  const char *name = host->arguments.rest[0];
  char path[PATH_MAX], sentence[1200], *text;
  size_t length;

  if (strcmp(name, "-") == 0) {
    text = signet_host_read_whole(stdin, SCRIPT_MAXIMUM, &length);
    return run_text(host, name, NULL, text, length);
  }
  if (!signet_host_scripts_find(name, path, sizeof path, sentence,
                                sizeof sentence)) {
    return signet_host_report_refusal(host, "usage", sentence, EXIT_USAGE);
  }
  return run_file(host, name, path);
}

int signet_host_execute(struct host *host)
{
  const char *chunk =
      signet_host_skip_mark(host->arguments.values[OPTION_EXECUTE]);
  const struct script script = {.name = "-e",
                                .text = chunk,
                                .length = strlen(chunk),
                                .argc = host->arguments.count,
                                .argv = host->arguments.rest};

  return signet_host_run_script(host, &script);
}
