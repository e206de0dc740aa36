/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_TERMINAL_H
#define SIGNET_HOST_TERMINAL_H

/* What the two output streams are, and how text gets onto them safely. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum style {
  STYLE_PLAIN,
  STYLE_BOLD,
  STYLE_DIM,
  STYLE_RED,
  STYLE_GREEN,
  STYLE_YELLOW,
  STYLE_CYAN
};

struct terminal {
  bool out_tty, error_tty;     /* is a terminal that can move its cursor */
  bool out_screen;             /* is any terminal: it obeys what it is sent */
  bool bar;                    /* standard error takes a progress bar */
  bool out_color, error_color; /* may be colored */
  bool unicode;                /* the locale's characters are UTF-8 */
};

/** @param when  "auto", "always", "never"; NULL: auto, which honours NO_COLOR
 * and TERM=dumb */
void signet_host_terminal(struct terminal *terminal, const char *when);

/** Columns of the terminal behind standard error; 80 where it doesn't tell. */
size_t signet_host_columns(void);

/** The escape sequence that begins a style; "" where colors are off. Ended by
 * that of STYLE_PLAIN. */
const char *signet_host_style(bool color, enum style style);

/**
 * Writes text for a person: escaped but for newlines, tabs and colors (what a
 * script may well mean). For a terminal; files get the bytes as they are.
 */
void signet_host_write_safe(FILE *stream, const char *text, size_t length);

/**
 * Copies as many characters of escaped text as fit into @p columns.
 * @return columns used
 */
size_t signet_host_fit(char *out, size_t size, const char *text,
                       size_t columns);

/** Whether what is written to @p stream goes to a pipe that nobody reads any
 * more. Its reader has seen enough, which is no failure. */
bool signet_host_output_left(FILE *stream);

#endif
