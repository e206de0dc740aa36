/* SPDX-License-Identifier: MIT */
/* signet repl. */

#include "host/command/commands.h"
#include "host/command/writes.h"
#include "host/output/report_event.h"
#include "host/output/report_line.h"
#include "host/repl/console.h"
#include "host/repl/editor.h"
#include "host/session/job.h"
#include "host/system/interrupt.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_MAXIMUM = 1 << 16 };

struct repl {
  struct session session;
  struct console console;
  struct line_history history;
  struct editor editor;
  bool terminal;             /* someone types */
  bool over;                 /* someone wants to leave */
  char chunk[CHUNK_MAXIMUM]; /* the lines of one that is not whole yet */
  size_t length;
  bool pending; /* they came with others, which are to be in one chunk */
  signet_counts counts; /* of all chunks since the job began */
  int status; /* of the first chunk that failed, for input that is no terminal
               */
};

static const char help_text[] =
    "An expression's value is shown. Locals last, and so do globals.\n"
    "  sms.signs:list { status = \"rejected\" }\n"
    "  local t = sms.templates:get(\"200000001\")\n"
    "  t.template_content\n"
    "\n"
    "  :write  let this REPL write, as signet run does: every write stands in\n"
    "          a journal, limits hold, and deletes are asked about\n"
    "  :read   end that: nothing can be written, and the job is closed, which\n"
    "          signet undo takes back\n"
    "  :help   show this\n"
    "  :quit   leave, as Ctrl-D does\n"
    "\n"
    "Tab completes names, Ctrl-R searches the history, Ctrl-C stops a call or\n"
    "drops a line. Lines that are pasted are one chunk, which Enter runs.\n";

static void greet(const struct repl *repl)
{
  const signet_settings *settings = repl->session.settings;
  bool color = repl->session.host->terminal.out_color;

  if (!repl->terminal || repl->session.report.quiet)
    return;
  (void)printf("%ssignet %s%s  %s (%s), profile [%s]\n",
               signet_host_style(color, STYLE_BOLD), signet_version(),
               signet_host_style(color, STYLE_PLAIN),
               signet_settings_get(settings, "base_url"),
               signet_settings_get(settings, "api"),
               signet_settings_get(settings, "profile"));
  (void)printf("%s%s Try sms.signs:list(). Tab completes, :help tells more, "
               "Ctrl-D leaves.%s\n",
               signet_host_style(color, STYLE_DIM),
               repl->session.writes ? "What is written stands in a journal."
                                    : "Read-only until :write.",
               signet_host_style(color, STYLE_PLAIN));
}

static void note_status(struct repl *repl, int status)
{
  if (repl->status == EXIT_DONE)
    repl->status = status;
}

/* --- chunks --- */

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
  if (repl->length > 0)
    repl->chunk[repl->length++] = '\n';
  memcpy(repl->chunk + repl->length, line, more + 1);
  repl->length += more;
  return true;
}

/* Whether the latest chunk called os.exit. */
static bool has_exited(const struct repl *repl)
{
  return signet_engine_exit_status(repl->session.engine) >= 0;
}

static void add_counts(struct repl *repl)
{
  signet_counts more = signet_engine_counts(repl->session.engine);

  repl->counts.done += more.done;
  repl->counts.failed += more.failed;
  repl->counts.skipped += more.skipped;
  repl->counts.unknown += more.unknown;
  repl->counts.waiting += more.waiting;
}

/* Runs Lua code of the session. */
static void run(struct repl *repl, bool (*function)(struct console *console,
                                                    signet_failure *failure))
{
  struct session *session = &repl->session;
  signet_failure failure = SIGNET_FAILURE_INIT;
  bool good;

  session->confirmed = false;
  signet_job_ask_anew(session->job);
  signet_host_interrupt_begin(session->engine, &session->host->terminal, false);
  good = function(&repl->console, &failure);
  signet_host_interrupt_end();
  note_status(repl, signet_host_session_end(session, good, &failure));
  add_counts(repl);
  if (signet_engine_interrupted(session->engine))
    signet_host_report_note(&session->report, "interrupted");
  signet_host_report_settle(&session->report);
  signet_host_writes_mend(session, failure.error.kind);
  signet_failure_clear(&failure);
}

/* Takes what has been typed so far. */
static void take_chunk(struct repl *repl, bool whole)
{
  char message[1024];

  repl->pending = false;
  switch (signet_host_console_compile(&repl->console, repl->chunk, repl->length,
                                      repl->terminal ? "=repl" : "=stdin", true,
                                      0, NULL, message, sizeof message)) {
  case COMPILED_INCOMPLETE:
    if (!whole)
      return;
    /* fall through */
  case COMPILED_WRONG:
    signet_host_report_error(&repl->session.report, "script", message);
    note_status(repl, EXIT_FAILED);
    break;
  case COMPILED_READY:
    /* The analyzer loses sight of repl->chunk, which the end of repl frees. */
    run(repl, signet_host_console_start); /* NOLINT(clang-analyzer-unix.Malloc)
                                           */
    break;
  }
  repl->length = 0;
}

/* --- commands --- */

static void tell_help(struct repl *repl)
{
  signet_host_report_text(&repl->session.report, help_text,
                          sizeof help_text - 1);
}

static void let_write(struct repl *repl)
{
  signet_host_writes_open(&repl->session);
  if (!repl->session.writes)
    note_status(repl, EXIT_CONFIGURATION);
}

static void end_writes(struct repl *repl)
{
  struct session *session = &repl->session;

  if (!session->writes) {
    signet_host_report_note(&session->report, "this REPL is read-only already");
    return;
  }
  note_status(repl,
              signet_host_writes_close(session, EXIT_DONE, &repl->counts));
  repl->counts = (signet_counts){0};
  signet_host_report_note(&session->report, "this REPL is read-only now");
}

static void leave(struct repl *repl)
{
  repl->over = true;
}

static const struct repl_command {
  const char *name;
  void (*function)(struct repl *repl);
} commands[] = {{":write", let_write},
                {":read", end_writes},
                {":help", tell_help},
                {":quit", leave}};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const struct repl_command *command_of(const char *line)
{
  size_t space = strspn(line, " \t"), length = strcspn(line + space, " \t");

  for (size_t i = 0; i < COMMANDS; i++)
    if (strlen(commands[i].name) == length &&
        strncmp(commands[i].name, line + space, length) == 0 &&
        line[space + length + strspn(line + space + length, " \t")] == '\0')
      return &commands[i];
  return NULL;
}

/* `::label::` is Lua's. */
static bool looks_like_command(const char *line)
{
  line += strspn(line, " \t");
  return line[0] == ':' && isalpha((unsigned char)line[1]);
}

/* @return whether the line was a command. Between the lines of a chunk only a
 * whole one is: `:list()` may go on with what stands above it. */
static bool take_command(struct repl *repl, const char *line)
{
  const struct repl_command *command = command_of(line);

  if (command == NULL && repl->length == 0 && looks_like_command(line)) {
    signet_host_report_error(
        &repl->session.report, "usage",
        "there is no such command: :write, :read, :help and :quit are");
    note_status(repl, EXIT_FAILED);
    return true;
  }
  if (command == NULL)
    return false;
  if (repl->pending)
    take_chunk(repl, false);
  command->function(repl);
  return true;
}

/* --- lines --- */

static bool leaves(const struct repl *repl)
{
  return repl->over || (repl->terminal && repl->length == 0 &&
                        (strcmp(repl->editor.line, "exit") == 0 ||
                         strcmp(repl->editor.line, "quit") == 0));
}

/* What was pasted waits for Enter, so that somebody sees it first. */
static void take_pasted(struct repl *repl)
{
  bool color = repl->session.host->terminal.out_color;
  char *lines = repl->editor.pasted;
  size_t count = 0;

  for (const char *at = lines; (at = strchr(at, '\n')) != NULL; at++)
    count++;
  lines[strlen(lines) - 1] = '\0'; /* add_line() puts it back */
  if (add_line(repl, lines) && !repl->session.report.quiet) {
    (void)printf("%s%zu %s pasted: Enter runs %s, Ctrl-C drops %s%s\n",
                 signet_host_style(color, STYLE_DIM), count,
                 count == 1 ? "line" : "lines", count == 1 ? "it" : "them",
                 count == 1 ? "it" : "them",
                 signet_host_style(color, STYLE_PLAIN));
  }
}

static void take_line(struct repl *repl)
{
  const char *line = repl->editor.line;

  if (take_command(repl, line))
    return;
  if (repl->terminal)
    signet_host_history_add(&repl->history, line);
  if ((repl->length > 0 || line[strspn(line, " \t")] != '\0') &&
      add_line(repl, line)) {
    repl->pending = signet_host_editor_has_line(&repl->editor);
    if (!repl->pending)
      take_chunk(repl, false);
  }
}

static const char *prompt_of(const struct repl *repl)
{
  return repl->length > 0       ? EDITOR_MORE
         : repl->session.writes ? "signet:write> "
                                : "signet> ";
}

static void talk(struct repl *repl)
{
  enum line_result result;

  while ((result = signet_host_editor_read(&repl->editor, prompt_of(repl))) !=
         LINE_END) {
    if (result == LINE_INTERRUPTED) {
      repl->length = 0;
      repl->pending = false;
    } else if (result == LINE_PASTED) {
      take_pasted(repl);
    } else if (!leaves(repl)) {
      take_line(repl);
    }
    if (result == LINE_READY && (leaves(repl) || has_exited(repl)))
      return;
  }
  if (repl->terminal)
    (void)putchar('\n');
  if (repl->length > 0 && !repl->terminal)
    take_chunk(repl, true);
}

/* --- beginning and end --- */

static int start(struct repl *repl)
{
  struct session *session = &repl->session;
  int exited;

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
  exited = signet_engine_exit_status(session->engine);
  if (signet_host_console_waits(&repl->console))
    run(repl, signet_host_console_leave);
  if (exited >= 0)
    return exited;
  return repl->terminal ? EXIT_DONE : repl->status;
}

int signet_host_repl(struct host *host)
{
  struct repl repl = {.terminal =
                          isatty(STDIN_FILENO) && host->terminal.out_tty};
  int status = signet_host_session_open(&repl.session, host, NULL);

  if (status == EXIT_DONE) {
    status = start(&repl);
    status = signet_host_writes_close(&repl.session, status, &repl.counts);
    signet_host_editor_close(&repl.editor);
    signet_host_history_close(&repl.history);
    signet_host_session_close(&repl.session);
  }
  return status;
}
