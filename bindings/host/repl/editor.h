/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_EDITOR_H
#define SIGNET_HOST_EDITOR_H

/* One line at a time: from libedit on a terminal, as it is from elsewhere. */

#include "host/repl/console.h"
#include "host/repl/history.h"

#include <signal.h>

enum line_result {
  LINE_READY,
  LINE_PASTED, /* whole lines, in editor->pasted; nobody has pressed Enter */
  LINE_END,    /* end of input, Ctrl-D */
  LINE_INTERRUPTED /* Ctrl-C at the prompt */
};

struct editor {
  EditLine *edit; /* NULL: standard input is no terminal */
  struct console *console;
  struct line_history *history;
  char prompt[16];
  char *line;
  size_t room;
  char *pasted;     /* lines; NULL: none */
  char *rest;       /* what was pasted behind them; NULL: nothing */
  char ahead[4096]; /* what was read before it was asked for */
  size_t ahead_from, ahead_to;
  struct sigaction former; /* of SIGINT, which the editor takes */
};

/** The prompt of a line that is not the first of its chunk. */
#define EDITOR_MORE "     -> "

bool signet_host_editor_open(struct editor *editor, struct console *console,
                             struct line_history *history, bool terminal);

/** Reads a line into editor->line, without its newline. */
enum line_result signet_host_editor_read(struct editor *editor,
                                         const char *prompt);

/** Whether the terminal has another whole line already, as when several are
 * pasted and nothing marks that. */
bool signet_host_editor_has_line(struct editor *editor);

void signet_host_editor_close(struct editor *editor);

#endif
