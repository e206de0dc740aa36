/* SPDX-License-Identifier: MIT */
/* signet help, --help. */

#include "host/command/commands.h"

#include <string.h>

static void heading(FILE *stream, bool color, const char *text)
{
  (void)fprintf(stream, "\n%s%s%s\n", signet_host_style(color, STYLE_BOLD),
                text, signet_host_style(color, STYLE_PLAIN));
}

static void print_option(FILE *stream, const struct option_row *row)
{
  char left[64], letter[8] = "    ";

  if (row->letter != 0)
    (void)snprintf(letter, sizeof letter, "-%c, ", row->letter);
  (void)snprintf(left, sizeof left, "%s--%s%s%s", letter, row->name,
                 row->value != NULL ? " " : "",
                 row->value != NULL ? row->value : "");
  (void)fprintf(stream, "  %-30s %s", left, row->help);
  if (row->standard != NULL)
    (void)fprintf(stream, " (default: %s)", row->standard);
  (void)fputc('\n', stream);
}

static bool is_transport(int option)
{
  return option >= OPTION_TRANSPORT && option < OPTION_AFTER_TRANSPORT;
}

static void print_some(FILE *stream, bool color, unsigned groups,
                       bool transport, const char *title)
{
  bool any = false;

  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if ((row->group & groups) != 0 && is_transport(i) == transport) {
      if (!any)
        heading(stream, color, title);
      any = true;
      print_option(stream, row);
    }
  }
}

static void print_options(FILE *stream, bool color, unsigned groups)
{
  print_some(stream, color, groups, false, "Options");
  print_some(stream, color, groups, true,
             "Transport (these names, with _, in the configuration file too)");
}

static void print_whole(FILE *stream, bool color,
                        const struct command_row *commands)
{
  (void)fprintf(stream,
                "signet: automation for the signatures and templates of an "
                "EngageLab SMS account\n");
  heading(stream, color, "Usage");
  for (int i = 0; i < COMMAND_COUNT; i++) {
    const struct command_row *row = &commands[i];
    char left[48];

    (void)snprintf(left, sizeof left, "signet %s%s%s",
                   row->name != NULL ? row->name : "",
                   row->name != NULL && *row->arguments != '\0' ? " " : "",
                   row->arguments);
    (void)fprintf(stream, "  %-30s %s\n", left, row->summary);
  }
  print_options(stream, color,
                commands[COMMAND_RUN].options |
                    commands[COMMAND_EXECUTE].options);
  (void)fputs(
      "\nOptions stand before SCRIPT; all after it are the script's. "
      "`signet help COMMAND`\ntells more. While a bar is shown, the keys "
      "+ and - make a run faster and slower;\nSIGUSR2 and SIGUSR1 do "
      "so anywhere. The API key and secret come from\n"
      "ENGAGELAB_SMS_KEY and ENGAGELAB_SMS_SECRET, or from "
      "~/.config/signet/config.\n",
      stream);
}

void signet_host_print_help(FILE *stream, const struct host *host,
                            enum command command)
{
  bool color =
      stream == stdout ? host->terminal.out_color : host->terminal.error_color;
  const struct command_row *row;

  if (command == COMMAND_NONE) {
    print_whole(stream, color, host->arguments.commands);
    return;
  }
  row = &host->arguments.commands[command];
  (void)fprintf(
      stream, "signet %s%s[options]%s%s: %s\n",
      row->name != NULL ? row->name : "", row->name != NULL ? " " : "",
      *row->arguments != '\0' ? " " : "", row->arguments, row->summary);
  if (*row->help != '\0')
    (void)fprintf(stream, "\n%s\n", row->help);
  print_options(stream, color, row->options);
}

int signet_host_help(struct host *host)
{
  struct arguments *arguments = &host->arguments;
  enum command command = COMMAND_NONE;

  if (arguments->count > 0) {
    command = signet_host_command(arguments->commands, arguments->rest[0]);
    if (command == COMMAND_NONE) {
      char sentence[128];

      (void)snprintf(sentence, sizeof sentence,
                     "there is no command \"%.40s\"; signet help lists them",
                     arguments->rest[0]);
      signet_host_error(host, sentence);
      return EXIT_USAGE;
    }
  }
  signet_host_print_help(stdout, host, command);
  return EXIT_DONE;
}
