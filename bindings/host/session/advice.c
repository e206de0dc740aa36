/* SPDX-License-Identifier: MIT */
#include "host/session/advice.h"

#include "host/output/report_event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct line {
  char *out;
  size_t size, length;
};

static void __attribute__((format(printf, 2, 3)))
add(struct line *line, const char *format, ...)
{
  va_list list;
  size_t room = line->size - line->length;
  int length;

  va_start(list, format);
  length = vsnprintf(line->out + line->length, room, format, list);
  va_end(list);
  line->length += (size_t)length < room ? (size_t)length : room - 1;
}

static bool is_plain(const char *word)
{
  return *word != '\0' &&
         word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "%+,-./:=@_")] == '\0';
}

/* As a shell reads it back. */
static void add_quoted(struct line *line, const char *word)
{
  if (is_plain(word)) {
    add(line, "%s", word);
    return;
  }
  add(line, "'");
  for (; *word != '\0'; word++)
    if (*word == '\'')
      add(line, "'\\''");
    else
      add(line, "%c", *word);
  add(line, "'");
}

static void add_word(struct line *line, const char *word)
{
  add(line, " ");
  add_quoted(line, word);
}

void signet_host_quote(const char *word, char *out, size_t size)
{
  struct line line = {out, size, 0};

  *out = '\0';
  add_quoted(&line, word);
}

/* The command and the options that this command line had for its sake. */
static void begin(struct line *line, const struct host *host,
                  enum command command)
{
  static const enum option options[] = {
      OPTION_STATE_DIR, OPTION_PROFILE,     OPTION_BASE_URL,   OPTION_API,
      OPTION_CA_FILE,   OPTION_CLIENT_CERT, OPTION_CLIENT_KEY, OPTION_PROXY};

  const struct command_row *commands = host->arguments.commands;

  *line->out = '\0';
  add(line, "signet %s", commands[command].name);
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    const struct option_row *row = &signet_host_options[options[i]];

    if (host->arguments.times[options[i]] > 0 &&
        (row->group & commands[command].options) != 0) {
      add(line, " --%s", row->name);
      add_word(line, host->arguments.values[options[i]]);
    }
  }
}

void signet_host_advice(const struct host *host, enum command command,
                        const char *words, char *out, size_t size)
{
  struct line line = {out, size, 0};

  begin(&line, host, command);
  if (words != NULL)
    add(&line, " %s", words);
}

void signet_host_advice_on_file(const struct host *host, enum command command,
                                const char *options, const char *file,
                                char *out, size_t size)
{
  struct line line = {out, size, 0};

  begin(&line, host, command);
  if (*options != '\0')
    add(&line, " %s", options);
  if (*file == '-')
    add(&line, " --");
  add_word(&line, file);
}

void signet_host_advise(struct report *report, const char *when,
                        enum command command, const char *words)
{
  char line[ADVICE_SIZE], text[ADVICE_SIZE + 120];

  signet_host_advice(report->host, command, words, line, sizeof line);
  (void)snprintf(text, sizeof text, "%s: %s", when, line);
  signet_host_report_note(report, text);
}
