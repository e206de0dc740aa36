/* SPDX-License-Identifier: MIT */
/* Prints the command's tables, for tests of what is made from them or beside
 * them: a line for each command, with its arguments and the options that it
 * takes, between tabs. */

#include "host/command/commands.h"

static void print_options(unsigned groups)
{
  const char *joint = "";

  for (int i = 0; i < OPTION_COUNT; i++) {
    if ((signet_host_options[i].group & groups) != 0) {
      printf("%s--%s", joint, signet_host_options[i].name);
      joint = " ";
    }
  }
}

int main(void)
{
  for (int i = 0; i < COMMAND_COUNT; i++) {
    const struct command_row *row = &signet_host_commands[i];

    printf("%s\t%s\t", row->name != NULL ? row->name : "", row->arguments);
    print_options(row->options);
    putchar('\n');
  }
  return 0;
}
