/* SPDX-License-Identifier: MIT */
#include "host/repl/editor.h"

#include "host/system/files.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

struct text {
  char *data;
  size_t length, room;
};

static volatile sig_atomic_t interrupted;

static void take_signal(int number)
{
  (void)number;
  interrupted = 1;
}

static struct editor *editor_of(EditLine *edit)
{
  struct editor *editor = NULL;

  (void)el_get(edit, EL_CLIENTDATA, &editor);
  return editor;
}

/* libedit's own reader goes on after a signal; this one gives the line up.
 * @return 1; 0: end of input; -1: Ctrl-C, or an error */
static int next_byte(struct editor *editor, char *byte)
{
  ssize_t count;

  if (editor->ahead_from < editor->ahead_to) {
    *byte = editor->ahead[editor->ahead_from++];
    return 1;
  }
  do {
    count = read(STDIN_FILENO, byte, 1);
  } while (count < 0 && errno == EINTR && !interrupted);
  return interrupted ? -1 : (int)count;
}

static int read_character(EditLine *edit, wchar_t *character)
{
  struct editor *editor = editor_of(edit);
  mbstate_t state = {0};
  char byte;

  for (;;) {
    int count = next_byte(editor, &byte);
    size_t used;

    if (count <= 0)
      return count;
    used = mbrtowc(character, &byte, 1, &state);
    if (used == (size_t)-1) {
      *character = L'?';
      return 1;
    }
    if (used != (size_t)-2)
      return 1;
  }
}

static char *give_prompt(EditLine *edit)
{
  return editor_of(edit)->prompt;
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

    while (same < length && names->names[0][same] == names->names[i][same])
      same++;
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
  if (names->count == 1)
    return CC_NORM;
  list_names(names);
  return CC_REDISPLAY;
}

static unsigned char complete(EditLine *edit, int key)
{
  const LineInfo *info = el_line(edit);
  size_t length = (size_t)(info->cursor - info->buffer), start;
  struct names names = {.count = 0};
  unsigned char result = CC_ERROR;

  (void)key;
  if (strspn(info->buffer, " \t") >= length)
    return el_insertstr(edit, "  ") == 0 ? CC_REFRESH : CC_ERROR;
  signet_host_console_complete(editor_of(edit)->console, info->buffer, length,
                               &start, take_name, &names);
  if (names.count > 0)
    result = insert(edit, &names, start);
  for (size_t i = 0; i < names.count; i++)
    free(names.names[i]);
  return result;
}

/* --- pasting --- */

/* A terminal puts these around what is pasted if it is asked to. */
static const char paste_on[] = "\x1b[?2004h", paste_off[] = "\x1b[?2004l";
static const char paste_end[] = "\x1b[201~";

enum {
  PASTE_MAXIMUM = 1 << 20,
  PASTE_END = sizeof paste_end - 1,
  PASTE_GAP_MS = 15 /* between the pieces of one that nothing marks */
};

/* @return false: out of memory, or it is too long: nothing of it is taken */
static bool add_byte(struct text *text, char byte)
{
  if (text->length + 1 >= text->room) {
    size_t room = text->room > 0 ? 2 * text->room : 256;
    char *larger = room <= PASTE_MAXIMUM ? realloc(text->data, room) : NULL;

    if (larger == NULL)
      return false;
    text->data = larger;
    text->room = room;
  }
  text->data[text->length++] = byte;
  text->data[text->length] = '\0';
  return true;
}

/* Adds what is pasted, up to its end. Terminals send Enter between its lines.
 * @return false: nothing can be taken */
static bool read_pasted(struct editor *editor, struct text *text)
{
  bool good = true;
  size_t matched = 0;
  char byte;

  while (matched < PASTE_END) {
    if (next_byte(editor, &byte) <= 0)
      return false;
    matched = byte == paste_end[matched] ? matched + 1
              : byte == paste_end[0]     ? 1
                                         : 0;
    good = good && add_byte(text, byte == '\r' ? '\n' : byte);
  }
  if (good) {
    text->length -= PASTE_END;
    text->data[text->length] = '\0';
  }
  return good;
}

static bool add_text(struct text *text, const char *more, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (!add_byte(text, more[i]))
      return false;
  return true;
}

/* Shows whole lines as if they had been typed; the first one stands in the
 * line that is being edited. */
static void show_lines(EditLine *edit, const char *lines)
{
  const LineInfo *info = el_line(edit);
  size_t first = strcspn(lines, "\n");
  char *line = strndup(lines, first);

  (void)el_cursor(edit, (int)(info->lastchar - info->cursor));
  info = el_line(edit);
  el_deletestr(edit, (int)(info->lastchar - info->buffer));
  (void)el_insertstr(edit, line != NULL ? line : "");
  free(line);
  (void)fputs("\r\x1b[K", stdout); /* the prompt is drawn anew */
  (void)fflush(stdout);
  (void)el_set(edit, EL_REFRESH);
  (void)putchar('\n');
  for (lines += first + 1; *lines != '\0'; lines += first + 1) {
    first = strcspn(lines, "\n");
    (void)fputs(EDITOR_MORE, stdout);
    signet_host_write_safe(stdout, lines, first);
    (void)putchar('\n');
  }
  (void)fflush(stdout);
}

/* Splits the text behind its last newline: what follows is the beginning of
 * the next line to be edited. */
static unsigned char take_lines(EditLine *edit, struct editor *editor,
                                struct text *text)
{
  char *rest = strrchr(text->data, '\n') + 1;

  editor->rest = strdup(rest);
  *rest = '\0';
  show_lines(edit, text->data);
  editor->pasted = text->data;
  return CC_NEWLINE;
}

/* One line is inserted; several end the reading, to be taken as one chunk. */
static unsigned char paste(EditLine *edit, int key)
{
  struct editor *editor = editor_of(edit);
  const LineInfo *info = el_line(edit);
  struct text text = {0};
  size_t before = (size_t)(info->cursor - info->buffer);
  unsigned char result = CC_ERROR;

  (void)key;
  if (add_text(&text, info->buffer, before) && read_pasted(editor, &text)) {
    if (memchr(text.data, '\n', text.length) == NULL) {
      result =
          el_insertstr(edit, text.data + before) == 0 ? CC_REFRESH : CC_ERROR;
    } else if (add_text(&text, info->cursor,
                        (size_t)(info->lastchar - info->cursor))) {
      return take_lines(edit, editor, &text);
    }
  }
  free(text.data);
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
  (void)el_wset(edit, EL_ADDFN, L"signet-paste", L"take what is pasted", paste);
  (void)el_set(edit, EL_BIND, "^I", "signet-complete", NULL);
  (void)el_set(edit, EL_BIND, "\\e[200~", "signet-paste", NULL);
  (void)el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
  (void)el_set(edit, EL_BIND, "\\e[1;5C", "em-next-word", NULL);
  (void)el_set(edit, EL_BIND, "\\e[1;5D", "ed-prev-word", NULL);
  (void)el_set(edit, EL_BIND, "\\e[3~", "ed-delete-next-char", NULL);
  (void)el_source(edit, NULL); /* the person's own ~/.editrc */
}

/* Between two lines too: Ctrl-C may come before what was typed begins to run,
 * and is no reason to end. */
static void take_interrupts(struct editor *editor)
{
  const struct sigaction action = {.sa_handler = take_signal};

  (void)sigaction(SIGINT, &action, &editor->former);
}

bool signet_host_editor_open(struct editor *editor, struct console *console,
                             struct line_history *history, bool terminal)
{
  *editor = (struct editor){.console = console, .history = history};
  if (terminal) {
    editor->edit = el_init("signet", stdin, stdout, stderr);
    if (editor->edit == NULL)
      return false;
    set_up(editor);
    take_interrupts(editor);
  }
  return true;
}

/* Copies a line, without its newline, to where it can stay. */
static enum line_result keep(struct editor *editor, const char *line)
{
  size_t length = strcspn(line, "\n");
  char *larger =
      length < editor->room ? editor->line : realloc(editor->line, length + 1);

  if (larger == NULL)
    return LINE_END;
  if (length >= editor->room)
    editor->room = length + 1;
  editor->line = larger;
  memcpy(editor->line, line, length);
  editor->line[length] = '\0';
  return LINE_READY;
}

/* What was pasted behind its last newline goes on as if it had been typed;
 * there a Tab would complete. */
static void push_rest(struct editor *editor)
{
  for (char *at = editor->rest; at != NULL && *at != '\0'; at++)
    if ((unsigned char)*at < ' ')
      *at = ' ';
  if (editor->rest != NULL)
    el_push(editor->edit, editor->rest);
  free(editor->rest);
  editor->rest = NULL;
}

static enum line_result read_edited(struct editor *editor)
{
  const char *line;
  int length = 0;

  interrupted = 0;
  free(editor->pasted);
  editor->pasted = NULL;
  push_rest(editor);
  (void)fputs(paste_on, stdout);
  line = el_gets(editor->edit, &length);
  (void)fputs(paste_off, stdout);
  (void)fflush(stdout);
  if (interrupted) {
    editor->ahead_to = 0;
    editor->ahead_from = 0;
    (void)fputs("\n", stdout);
    return LINE_INTERRUPTED;
  }
  if (editor->pasted != NULL)
    return LINE_PASTED;
  return line == NULL || length <= 0 ? LINE_END : keep(editor, line);
}

bool signet_host_editor_has_line(struct editor *editor)
{
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  size_t kept = editor->ahead_to - editor->ahead_from;

  if (editor->edit == NULL)
    return false;
  memmove(editor->ahead, editor->ahead + editor->ahead_from, kept);
  editor->ahead_from = 0;
  editor->ahead_to = kept;
  if (memchr(editor->ahead, '\n', kept) == NULL &&
      memchr(editor->ahead, '\r', kept) == NULL &&
      poll(&input, 1, PASTE_GAP_MS) > 0) {
    ssize_t count =
        read(STDIN_FILENO, editor->ahead + kept, sizeof editor->ahead - kept);

    editor->ahead_to += count > 0 ? (size_t)count : 0;
  }
  return editor->ahead_to == sizeof editor->ahead ||
         memchr(editor->ahead, '\n', editor->ahead_to) != NULL ||
         memchr(editor->ahead, '\r', editor->ahead_to) != NULL;
}

enum line_result signet_host_editor_read(struct editor *editor,
                                         const char *prompt)
{
  ssize_t length;

  (void)snprintf(editor->prompt, sizeof editor->prompt, "%s", prompt);
  if (editor->edit != NULL)
    return read_edited(editor);
  length = getline(&editor->line, &editor->room, stdin);
  if (length < 0)
    return LINE_END;
  if (signet_host_skip_mark(editor->line) != editor->line) {
    length -= 3; /* of a file that an editor has written */
    memmove(editor->line, editor->line + 3, (size_t)length + 1);
  }
  if (length > 0 && editor->line[length - 1] == '\n')
    editor->line[length - 1] = '\0';
  return LINE_READY;
}

void signet_host_editor_close(struct editor *editor)
{
  if (editor->edit != NULL) {
    el_end(editor->edit);
    (void)sigaction(SIGINT, &editor->former, NULL);
  }
  free(editor->line);
  free(editor->pasted);
  free(editor->rest);
}
