/* SPDX-License-Identifier: MIT */
/* The executable: reads the command line, calls one subcommand. */

#include "host/command/commands.h"
#include "host/output/report.h"
#include "host/system/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A UTF-8 locale even where the environment names none, so that names are shown
 * and edited as what they are. Numbers stay as in C. */
static void choose_locale(void)
{
  if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1)
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

static int usage(struct host *host)
{
  if (signet_host_flag(host, OPTION_JSON)) {
    return signet_host_report_refusal(host, "usage", host->arguments.problem,
                                      EXIT_USAGE);
  }
  signet_host_error(host, host->arguments.problem);
  return EXIT_USAGE;
}

/* Without it the objects of --json would have nowhere to go. */
static bool output_is_open(void)
{
  int flags = fcntl(STDOUT_FILENO, F_GETFL);

  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

static int dispatch(struct host *host)
{
  if (signet_host_flag(host, OPTION_HELP)) {
    signet_host_print_help(stdout, host, host->arguments.command);
    return EXIT_DONE;
  }
  if (signet_host_flag(host, OPTION_VERSION)) {
    (void)printf("signet %s\n", signet_version());
    return EXIT_DONE;
  }
  if (signet_host_flag(host, OPTION_JSON) && !output_is_open()) {
    signet_host_error(host, "standard output is closed: --json needs it");
    return EXIT_FAILED;
  }
  if (host->arguments.command == COMMAND_NONE) {
    signet_host_print_help(stderr, host, COMMAND_NONE);
    return EXIT_USAGE;
  }
  return signet_host_commands[host->arguments.command].run(host);
}

static bool output_went_out(void)
{
  return (fflush(stdout) == 0 && !ferror(stdout)) ||
         signet_host_output_left(stdout);
}

int main(int argc, char **argv)
{
  struct host host = {0};
  const char **rest = calloc((size_t)argc + 1, sizeof *rest);
  int status;

  signet_host_reserve_streams();
  signet_host_guard();
  choose_locale();
  (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe must not lose a write */
  (void)signal(SIGXFSZ, SIG_IGN); /* nor a file at its limit (ulimit -f) */
  if (rest == NULL) {
    (void)fputs("error: out of memory\n", stderr);
    return EXIT_FAILED;
  }
  if (signet_host_parse(&host.arguments, signet_host_commands, argc, argv,
                        rest)) {
    signet_host_terminal(&host.terminal, host.arguments.values[OPTION_COLOR]);
    status = dispatch(&host);
  } else {
    signet_host_terminal(&host.terminal, NULL);
    status = usage(&host);
  }
  if (status == EXIT_DONE && !output_went_out()) {
    perror("error: standard output");
    status = EXIT_FAILED;
  }
  free(rest);
  return status;
}
