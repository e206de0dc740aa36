/* SPDX-License-Identifier: MIT */
/* signet repl. */

#include "host/console.h"
#include "host/editor.h"
#include "host/interrupt.h"
#include "host/job.h"

#include <string.h>
#include <unistd.h>

enum { CHUNK_MAXIMUM = 1 << 16 };

struct repl {
  struct session session;
  struct console console;
  struct line_history history;
  struct editor editor;
  bool terminal;             /* someone types */
  char chunk[CHUNK_MAXIMUM]; /* the lines of one that is not whole yet */
  size_t length;
  int status; /* of the first chunk that failed, for input that is no terminal
               */
};

static void greet(const struct repl *repl)
{
  const signet_settings *settings = repl->session.settings;
  bool color = repl->session.host->terminal.out_color;

  if (!repl->terminal || repl->session.report.quiet) {
    return;
  }
  (void)printf("%ssignet %s%s  %s (%s), profile [%s]\n",
               signet_host_style(color, STYLE_BOLD), signet_version(),
               signet_host_style(color, STYLE_PLAIN),
               signet_settings_get(settings, "base_url"),
               signet_settings_get(settings, "api"),
               signet_settings_get(settings, "profile"));
  (void)printf("%sTry sms.signs:list(). Tab completes, Ctrl-C stops a call, "
               "Ctrl-D leaves.%s\n",
               signet_host_style(color, STYLE_DIM),
               signet_host_style(color, STYLE_PLAIN));
}

static void note_status(struct repl *repl, int status)
{
  if (repl->status == EXIT_DONE) {
    repl->status = status;
  }
}

static bool add_line(struct repl *repl, const char *line)
{
  size_t more = strlen(line);

  if (more + 2 > sizeof repl->chunk - repl->length) {
    signet_host_report_error(&repl->session.report, "script",
                             "this chunk is too long");
    note_status(repl, EXIT_FAILED);
    repl->length = 0;
    return false;
  }
  if (repl->length > 0) {
    repl->chunk[repl->length++] = '\n';
  }
  memcpy(repl->chunk + repl->length, line, more + 1);
  repl->length += more;
  return true;
}

/* Whether the latest chunk called os.exit. */
static bool has_exited(const struct repl *repl)
{
  return signet_engine_exit_status(repl->session.engine) >= 0;
}

static void run_chunk(struct repl *repl)
{
  struct session *session = &repl->session;
  signet_failure failure = SIGNET_FAILURE_INIT;
  bool good;

  signet_host_interrupt_begin(session->engine, &session->host->terminal, false);
  good = signet_host_console_start(&repl->console, &failure);
  signet_host_interrupt_end();
  note_status(repl, signet_host_session_end(session, good, &failure));
  if (signet_engine_interrupted(session->engine)) {
    signet_host_report_note(&session->report, "interrupted");
  }
  signet_host_report_settle(&session->report);
  signet_failure_clear(&failure);
}

/* Takes what has been typed so far. */
static void take_chunk(struct repl *repl, bool whole)
{
  char message[1024];

  switch (signet_host_console_compile(&repl->console, repl->chunk, repl->length,
                                      repl->terminal ? "=repl" : "=stdin", true,
                                      0, NULL, message, sizeof message)) {
  case COMPILED_INCOMPLETE:
    if (!whole) {
      return;
    }
    /* fall through */
  case COMPILED_WRONG:
    signet_host_report_error(&repl->session.report, "script", message);
    note_status(repl, EXIT_FAILED);
    break;
  case COMPILED_READY:
    /* The analyzer loses sight of repl->chunk, which the end of repl frees. */
    run_chunk(repl); /* NOLINT(clang-analyzer-unix.Malloc) */
    break;
  }
  repl->length = 0;
}

static bool leaves(const struct repl *repl)
{
  return repl->terminal && repl->length == 0 &&
         (strcmp(repl->editor.line, "exit") == 0 ||
          strcmp(repl->editor.line, "quit") == 0);
}

static void talk(struct repl *repl)
{
  enum line_result result;

  while ((result = signet_host_editor_read(
              &repl->editor, repl->length > 0 ? "     -> " : "signet> ")) !=
         LINE_END) {
    if (result == LINE_INTERRUPTED) {
      repl->length = 0;
      continue;
    }
    if (leaves(repl)) {
      return;
    }
    if (repl->terminal) {
      signet_host_history_add(&repl->history, repl->editor.line);
    }
    if ((repl->length > 0 ||
         repl->editor.line[strspn(repl->editor.line, " \t")] != '\0') &&
        add_line(repl, repl->editor.line)) {
      take_chunk(repl, false);
      if (has_exited(repl)) {
        return;
      }
    }
  }
  if (repl->terminal) {
    (void)putchar('\n');
  }
  if (repl->length > 0 && !repl->terminal) {
    take_chunk(repl, true);
  }
}

static int start(struct repl *repl)
{
  struct session *session = &repl->session;

  if (!signet_host_console_open(&repl->console, session->engine,
                                &session->host->terminal) ||
      !signet_host_console_predefine(&repl->console) ||
      !signet_host_history_open(&repl->history, session->settings) ||
      !signet_host_editor_open(&repl->editor, &repl->console, &repl->history,
                               repl->terminal)) {
    signet_host_error(session->host, "the REPL can't start: out of memory");
    return EXIT_FAILED;
  }
  greet(repl);
  talk(repl);
  (void)fflush(stdout);
  if (has_exited(repl)) {
    return signet_engine_exit_status(session->engine);
  }
  return repl->terminal ? EXIT_DONE : repl->status;
}

static int end_job(struct repl *repl, int status)
{
  signet_counts counts = {0};

  status = signet_host_job_end(&repl->session, status, &counts);
  if (repl->session.report.job != NULL) {
    char text[80];

    (void)snprintf(text, sizeof text, "written as job %s",
                   repl->session.report.job);
    signet_host_report_note(&repl->session.report, text);
  }
  return status;
}

int signet_host_repl(struct host *host)
{
  struct repl repl = {.terminal =
                          isatty(STDIN_FILENO) && host->terminal.out_tty};
  int status = signet_host_session_open(&repl.session, host, NULL);

  if (status == EXIT_DONE) {
    status = end_job(&repl, start(&repl));
    signet_host_editor_close(&repl.editor);
    signet_host_history_close(&repl.history);
    signet_host_session_close(&repl.session);
  }
  return status;
}
