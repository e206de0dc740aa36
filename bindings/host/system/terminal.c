/* SPDX-License-Identifier: MIT */
#include "host/system/terminal.h"

#include "model/text.h"

#include <langinfo.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/* A bar needs room, or it would wrap and leave its pieces behind. */
enum { BAR_COLUMNS = 24 };

/* What builds and tests for others keeps what is shown as text, though it may
 * give a terminal. */
static bool is_in_ci(void)
{
  const char *value = getenv("CI");

  return value != NULL && *value != '\0' && strcmp(value, "false") != 0 &&
         strcmp(value, "0") != 0;
}

void signet_host_terminal(struct terminal *terminal, const char *when)
{
  const char *plain = getenv("NO_COLOR"), *kind = getenv("TERM");
  bool dumb = kind == NULL || *kind == '\0' || strcmp(kind, "dumb") == 0;
  bool always = when != NULL && strcmp(when, "always") == 0;
  bool never = when != NULL && strcmp(when, "never") == 0;

  if (when == NULL || strcmp(when, "auto") == 0)
    never = dumb || (plain != NULL && *plain != '\0');
  terminal->out_screen = isatty(STDOUT_FILENO) == 1;
  terminal->out_tty = !dumb && terminal->out_screen;
  terminal->error_tty = !dumb && isatty(STDERR_FILENO);
  terminal->bar = terminal->error_tty && !is_in_ci() &&
                  signet_host_columns() >= BAR_COLUMNS;
  terminal->out_color = always || (terminal->out_tty && !never);
  terminal->error_color = always || (terminal->error_tty && !never);
  terminal->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

size_t signet_host_columns(void)
{
  struct winsize size;

  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
             ? size.ws_col
             : 80;
}

/* errno tells it only right after the write that failed. */
bool signet_host_output_left(FILE *stream)
{
  struct pollfd output = {.fd = fileno(stream), .events = POLLOUT};

  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

const char *signet_host_style(bool color, enum style style)
{
  static const char *const sequences[] = {"\x1b[0m",  "\x1b[1m",  "\x1b[2m",
                                          "\x1b[31m", "\x1b[32m", "\x1b[33m",
                                          "\x1b[36m"};

  return color ? sequences[style] : "";
}

/* Bytes of a color sequence (ESC [ digits and semicolons m) at @p text. */
static size_t color_sequence(const char *text, size_t length)
{
  size_t used = 2;

  if (length < 3 || text[0] != '\x1b' || text[1] != '[')
    return 0;
  while (used < length && used < 16 &&
         ((text[used] >= '0' && text[used] <= '9') || text[used] == ';'))
    used++;
  return used < length && text[used] == 'm' ? used + 1 : 0;
}

static bool is_plain(char byte)
{
  return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t';
}

void signet_host_write_safe(FILE *stream, const char *text, size_t length)
{
  while (length > 0) {
    size_t used = 0;
    uint32_t character;
    char escaped[32];

    while (used < length && is_plain(text[used]) && text[used] != '\\')
      used++;
    if (used == 0 && *text == '\\')
      used = 1; /* the escape would double it */
    if (used == 0)
      used = color_sequence(text, length);
    if (used > 0) {
      (void)fwrite(text, 1, used, stream);
    } else {
      used = signet_utf8_next(text, length, &character);
      signet_text_escape(escaped, sizeof escaped, text, used);
      (void)fputs(escaped, stream);
    }
    text += used;
    length -= used;
  }
}

size_t signet_host_fit(char *out, size_t size, const char *text, size_t columns)
{
  size_t length = strlen(text), used, taken = 0, written = 0;
  uint32_t character;

  while ((used = signet_utf8_next(text, length, &character)) > 0) {
    int wide = wcwidth((wchar_t)character);
    size_t width = wide > 0 ? (size_t)wide : wide == 0 ? 0 : 1;

    if (taken + width > columns || written + used + 1 > size)
      break;
    memcpy(out + written, text, used);
    written += used;
    taken += width;
    text += used;
    length -= used;
  }
  out[written] = '\0';
  return taken;
}
