/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_EDITOR_H
#define SIGNET_HOST_EDITOR_H

/* One line at a time: from libedit on a terminal, as it is from elsewhere. */

#include "host/console.h"
#include "host/history.h"

enum line_result {
  LINE_READY,
  LINE_END,        /* end of input, Ctrl-D */
  LINE_INTERRUPTED /* Ctrl-C at the prompt */
};

struct editor {
  EditLine *edit; /* NULL: standard input is no terminal */
  struct console *console;
  struct line_history *history;
  char prompt[16];
  char *line;
  size_t room;
};

bool signet_host_editor_open(struct editor *editor, struct console *console,
                             struct line_history *history, bool terminal);

/** Reads a line into editor->line, without its newline. */
enum line_result signet_host_editor_read(struct editor *editor,
                                         const char *prompt);

void signet_host_editor_close(struct editor *editor);

#endif
