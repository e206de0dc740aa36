/* SPDX-License-Identifier: MIT */
#include "host/editor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static volatile sig_atomic_t interrupted;

static void take_signal(int number)
{
  (void)number;
  interrupted = 1;
}

/* libedit's own reader goes on after a signal; this one gives the line up. */
static int read_character(EditLine *edit, wchar_t *character)
{
  mbstate_t state = {0};
  char byte;

  (void)edit;
  for (;;) {
    ssize_t count = read(STDIN_FILENO, &byte, 1);
    size_t used;

    if (count < 0 && errno == EINTR && !interrupted) {
      continue;
    }
    if (count <= 0) {
      return interrupted ? -1 : (int)count;
    }
    used = mbrtowc(character, &byte, 1, &state);
    if (used == (size_t)-1) {
      *character = L'?';
      return 1;
    }
    if (used != (size_t)-2) {
      return 1;
    }
  }
}

static char *give_prompt(EditLine *edit)
{
  struct editor *editor = NULL;

  (void)el_get(edit, EL_CLIENTDATA, &editor);
  return editor->prompt;
}

/* --- completion --- */

enum { NAMES = 256 };

struct names {
  char *names[NAMES];
  size_t count, widest;
};

static void take_name(void *user, const char *name)
{
  struct names *names = user;
  size_t width = strlen(name);

  if (names->count < NAMES &&
      (names->names[names->count] = strdup(name)) != NULL) {
    names->count++;
    names->widest = width > names->widest ? width : names->widest;
  }
}

/* How many bytes all names have in common. */
static size_t common(const struct names *names)
{
  size_t length = strlen(names->names[0]);

  for (size_t i = 1; i < names->count; i++) {
    size_t same = 0;

    while (same < length && names->names[0][same] == names->names[i][same]) {
      same++;
    }
    length = same;
  }
  return length;
}

static void list_names(const struct names *names)
{
  size_t columns = signet_host_columns() / (names->widest + 2);

  columns = columns > 0 ? columns : 1;
  (void)putchar('\n');
  for (size_t i = 0; i < names->count; i++) {
    bool last = i + 1 == names->count || (i + 1) % columns == 0;

    (void)printf("%-*s%s", last ? 0 : (int)names->widest + 2, names->names[i],
                 last ? "\n" : "");
  }
  (void)fflush(stdout);
}

static unsigned char insert(EditLine *edit, const struct names *names,
                            size_t start)
{
  size_t length = common(names);
  char text[256];

  if (length > start) {
    (void)snprintf(text, sizeof text, "%.*s", (int)(length - start),
                   names->names[0] + start);
    return el_insertstr(edit, text) == 0 ? CC_REFRESH : CC_ERROR;
  }
  if (names->count == 1) {
    return CC_NORM;
  }
  list_names(names);
  return CC_REDISPLAY;
}

static unsigned char complete(EditLine *edit, int key)
{
  const LineInfo *info = el_line(edit);
  size_t length = (size_t)(info->cursor - info->buffer), start;
  struct editor *editor = NULL;
  struct names names = {.count = 0};
  unsigned char result = CC_ERROR;

  (void)key;
  (void)el_get(edit, EL_CLIENTDATA, &editor);
  if (strspn(info->buffer, " \t") >= length) {
    return el_insertstr(edit, "  ") == 0 ? CC_REFRESH : CC_ERROR;
  }
  signet_host_console_complete(editor->console, info->buffer, length, &start,
                               take_name, &names);
  if (names.count > 0) {
    result = insert(edit, &names, start);
  }
  for (size_t i = 0; i < names.count; i++) {
    free(names.names[i]);
  }
  return result;
}

/* --- opening, reading --- */

static void set_up(struct editor *editor)
{
  EditLine *edit = editor->edit;

  (void)el_set(edit, EL_CLIENTDATA, editor);
  (void)el_set(edit, EL_PROMPT, give_prompt);
  (void)el_set(edit, EL_EDITOR, "emacs");
  (void)el_set(edit, EL_SIGNAL, 1);
  (void)el_set(edit, EL_GETCFN, read_character);
  (void)el_set(edit, EL_HIST, history, editor->history->lines);
  /* The narrow form would copy both texts and never free the copies. */
  (void)el_wset(edit, EL_ADDFN, L"signet-complete", L"complete the name",
                complete);
  (void)el_set(edit, EL_BIND, "^I", "signet-complete", NULL);
  (void)el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
  (void)el_set(edit, EL_BIND, "\\e[1;5C", "em-next-word", NULL);
  (void)el_set(edit, EL_BIND, "\\e[1;5D", "ed-prev-word", NULL);
  (void)el_set(edit, EL_BIND, "\\e[3~", "ed-delete-next-char", NULL);
  (void)el_source(edit, NULL); /* the person's own ~/.editrc */
}

bool signet_host_editor_open(struct editor *editor, struct console *console,
                             struct line_history *history, bool terminal)
{
  *editor = (struct editor){.console = console, .history = history};
  if (terminal) {
    editor->edit = el_init("signet", stdin, stdout, stderr);
    if (editor->edit == NULL) {
      return false;
    }
    set_up(editor);
  }
  return true;
}

/* Copies a line, without its newline, to where it can stay. */
static enum line_result keep(struct editor *editor, const char *line)
{
  size_t length = strcspn(line, "\n");
  char *larger =
      length < editor->room ? editor->line : realloc(editor->line, length + 1);

  if (larger == NULL) {
    return LINE_END;
  }
  if (length >= editor->room) {
    editor->room = length + 1;
  }
  editor->line = larger;
  memcpy(editor->line, line, length);
  editor->line[length] = '\0';
  return LINE_READY;
}

static enum line_result read_edited(struct editor *editor)
{
  struct sigaction action = {.sa_handler = take_signal}, former;
  const char *line;
  int length = 0;

  interrupted = 0;
  (void)sigaction(SIGINT, &action, &former);
  line = el_gets(editor->edit, &length);
  (void)sigaction(SIGINT, &former, NULL);
  if (interrupted) {
    (void)fputs("\n", stdout);
    return LINE_INTERRUPTED;
  }
  return line == NULL || length <= 0 ? LINE_END : keep(editor, line);
}

enum line_result signet_host_editor_read(struct editor *editor,
                                         const char *prompt)
{
  ssize_t length;

  (void)snprintf(editor->prompt, sizeof editor->prompt, "%s", prompt);
  if (editor->edit != NULL) {
    return read_edited(editor);
  }
  length = getline(&editor->line, &editor->room, stdin);
  if (length < 0) {
    return LINE_END;
  }
  if (length > 0 && editor->line[length - 1] == '\n') {
    editor->line[length - 1] = '\0';
  }
  return LINE_READY;
}

void signet_host_editor_close(struct editor *editor)
{
  if (editor->edit != NULL) {
    el_end(editor->edit);
  }
  free(editor->line);
}
