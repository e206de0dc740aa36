/* SPDX-License-Identifier: MIT */
/* signet completion SHELL: scripts made from the same tables as the parser. */

#include "host/arguments/host.h"
#include "signet/script.h"

#include <string.h>

static void write_options(unsigned commands)
{
  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if ((row->commands & commands) != 0) {
      (void)printf(" --%s", row->name);
      if (row->letter != 0) {
        (void)printf(" -%c", row->letter);
      }
    }
  }
}

static void write_commands(void)
{
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (signet_host_commands[i].name != NULL) {
      (void)printf(" %s", signet_host_commands[i].name);
    }
  }
}

static bool write_job(void *user, const char *name)
{
  bool *first = user;

  (void)printf("%s%s", *first ? "" : " ", name);
  *first = false;
  return true;
}

static void write_jobs(void)
{
  bool first = true;

  signet_scripts_each(write_job, &first);
}

/* Choices as the shells want them: between spaces. */
static void write_choices(const char *choices)
{
  for (; *choices != '\0'; choices++) {
    (void)putchar(*choices == '|' ? ' ' : *choices);
  }
}

static void bash_values(void)
{
  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if (row->value == NULL) {
      continue;
    }
    (void)printf("    --%s", row->name);
    if (row->letter != 0) {
      (void)printf("|-%c", row->letter);
    }
    if (row->choices == NULL) {
      (void)printf(") return ;;\n");
    } else if (strcmp(row->choices, "FILE") == 0) {
      (void)printf(") compopt -o filenames; "
                   "mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); "
                   "return ;;\n");
    } else if (strcmp(row->choices, "DIRECTORY") == 0) {
      (void)printf(") compopt -o filenames; "
                   "mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); "
                   "return ;;\n");
    } else {
      (void)fputs(") mapfile -t COMPREPLY < <(compgen -W '", stdout);
      write_choices(row->choices);
      (void)fputs("' -- \"$word\"); return ;;\n", stdout);
    }
  }
}

/* `value` options, for walking over the words in front of the cursor. */
static void value_pattern(void)
{
  const char *joint = "";

  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if (row->value != NULL) {
      (void)printf("%s--%s", joint, row->name);
      joint = "|";
      if (row->letter != 0) {
        (void)printf("|-%c", row->letter);
      }
    }
  }
}

static void bash_commands(void)
{
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (signet_host_commands[i].name != NULL) {
      (void)printf("    %s) options='", signet_host_commands[i].name);
      write_options(1u << i);
      (void)printf("' ;;\n");
    }
  }
}

static void write_bash(void)
{
  (void)fputs("# signet's completion for bash: "
              "source <(signet completion bash)\n"
              "_signet() {\n"
              "  local word=${COMP_WORDS[COMP_CWORD]} command='' script='' "
              "options i\n"
              "  COMPREPLY=()\n"
              "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
              "    case ${COMP_WORDS[i]} in\n      ",
              stdout);
  value_pattern();
  (void)fputs(") i=$((i + 1)) ;;\n"
              "      -*) ;;\n"
              "      *) if [[ -z $command ]]; then "
              "command=${COMP_WORDS[i]}; else script=1; fi ;;\n"
              "    esac\n"
              "  done\n"
              "  if [[ $command =~ ^(run|plan)$ && -n $script ]]; then\n"
              "    compopt -o filenames; "
              "mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return\n"
              "  fi\n"
              "  case ${COMP_WORDS[COMP_CWORD - 1]} in\n",
              stdout);
  bash_values();
  (void)fputs("  esac\n  case $command in\n    '') options='", stdout);
  write_options(~0u);
  write_commands();
  (void)fputs("' ;;\n", stdout);
  bash_commands();
  (void)fputs(
      "  esac\n"
      "  case $command in\n"
      "    run | plan) if [[ $word != -* ]]; then compopt -o filenames; "
      "options='",
      stdout);
  write_jobs();
  (void)fputs("'; mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); fi ;;\n"
              "    apply) if [[ $word != -* ]]; then compopt -o filenames; "
              "options=''; mapfile -t COMPREPLY < "
              "<(compgen -f -- \"$word\"); fi ;;\n"
              "    completion) options+=' bash zsh fish' ;;\n"
              "    help) options+='",
              stdout);
  write_commands();
  (void)fputs("' ;;\n"
              "  esac\n"
              "  mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < "
              "<(compgen -W \"$options\" -- \"$word\")\n"
              "}\n"
              "complete -F _signet signet\n",
              stdout);
}

/* Text inside of single quotes, for zsh's and fish's descriptions. */
static void quoted(const char *text, bool zsh)
{
  for (; *text != '\0'; text++) {
    if (*text == '\'') {
      (void)fputs("'\\''", stdout);
    } else if (zsh && (*text == ':' || *text == '[' || *text == ']')) {
      (void)printf("\\%c", *text);
    } else {
      (void)putchar(*text);
    }
  }
}

static void zsh_action(const struct option_row *row)
{
  if (row->value == NULL) {
    return;
  }
  (void)fputs(":", stdout);
  quoted(row->value, true);
  if (row->choices == NULL) {
    (void)fputs(": ", stdout);
  } else if (strcmp(row->choices, "FILE") == 0) {
    (void)fputs(":_files", stdout);
  } else if (strcmp(row->choices, "DIRECTORY") == 0) {
    (void)fputs(":_files -/", stdout);
  } else {
    (void)fputs(":(", stdout);
    write_choices(row->choices);
    (void)fputs(")", stdout);
  }
}

static void zsh_options(unsigned commands)
{
  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if ((row->commands & commands) == 0) {
      continue;
    }
    (void)printf(" \\\n      '--%s[", row->name);
    quoted(row->help, true);
    (void)fputs("]", stdout);
    zsh_action(row);
    (void)fputs("'", stdout);
    if (row->letter != 0) {
      (void)printf(" \\\n      '-%c[", row->letter);
      quoted(row->help, true);
      (void)fputs("]", stdout);
      zsh_action(row);
      (void)fputs("'", stdout);
    }
  }
}

static void zsh_command(int command)
{
  const struct command_row *row = &signet_host_commands[command];

  (void)printf("    %s) _arguments -S", row->name);
  zsh_options(1u << command);
  if (command == COMMAND_RUN || command == COMMAND_PLAN) {
    (void)fputs(" \\\n      '1:script:{_alternative "
                "\"jobs:shipped job:(",
                stdout);
    write_jobs();
    (void)fputs(")\" \"files:script:_files\"}' '*::argument:_files'", stdout);
  } else if (command == COMMAND_HELP) {
    (void)fputs(" '1:command:(", stdout);
    write_commands();
    (void)fputs(")'", stdout);
  } else if (command == COMMAND_APPLY) {
    (void)fputs(" '1:plan:_files'", stdout);
  } else if (row->choices != NULL) {
    (void)printf(" '1:%s:(%s)'", row->arguments, row->choices);
  }
  (void)fputs(" ;;\n", stdout);
}

static void write_zsh(void)
{
  (void)fputs("#compdef signet\n"
              "# signet's completion for zsh: "
              "source <(signet completion zsh)\n"
              "_signet() {\n"
              "  local curcontext=$curcontext state line\n"
              "  typeset -A opt_args\n"
              "  _arguments -C",
              stdout);
  zsh_options(~0u);
  (void)fputs(" \\\n      '1:command:->command' '*::argument:->argument'\n"
              "  case $state in\n"
              "  command) local -a commands; commands=(",
              stdout);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (signet_host_commands[i].name != NULL) {
      (void)printf("\n    '%s:", signet_host_commands[i].name);
      quoted(signet_host_commands[i].summary, true);
      (void)fputs("'", stdout);
    }
  }
  (void)fputs(")\n    _describe command commands ;;\n"
              "  argument) case $line[1] in\n",
              stdout);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (signet_host_commands[i].name != NULL) {
      zsh_command(i);
    }
  }
  (void)fputs("    esac ;;\n  esac\n}\ncompdef _signet signet\n", stdout);
}

/* Which command words an option is offered after; none: always. */
static void fish_condition(const struct option_row *row)
{
  unsigned named = 0;

  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (signet_host_commands[i].name != NULL &&
        (row->commands & 1u << i) == 0) {
      named++;
    }
  }
  if (named == 0 || (row->commands & 1u << COMMAND_EXECUTE) != 0) {
    return;
  }
  (void)fputs(" -n '__fish_seen_subcommand_from", stdout);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (signet_host_commands[i].name != NULL &&
        (row->commands & 1u << i) != 0) {
      (void)printf(" %s", signet_host_commands[i].name);
    }
  }
  (void)fputs("'", stdout);
}

static void fish_option(const struct option_row *row)
{
  (void)fputs("complete -c signet", stdout);
  fish_condition(row);
  (void)printf(" -l %s", row->name);
  if (row->letter != 0) {
    (void)printf(" -s %c", row->letter);
  }
  if (row->value != NULL && row->choices == NULL) {
    (void)fputs(" -x", stdout);
  } else if (row->value != NULL && strcmp(row->choices, "FILE") == 0) {
    (void)fputs(" -rF", stdout);
  } else if (row->value != NULL && strcmp(row->choices, "DIRECTORY") == 0) {
    (void)fputs(" -xa '(__fish_complete_directories)'", stdout);
  } else if (row->value != NULL) {
    (void)fputs(" -xa '", stdout);
    write_choices(row->choices);
    (void)fputs("'", stdout);
  }
  (void)fputs(" -d '", stdout);
  quoted(row->help, false);
  (void)fputs("'\n", stdout);
}

static void write_fish(void)
{
  (void)fputs("# signet's completion for fish: "
              "signet completion fish | source\n"
              "complete -c signet -f\n",
              stdout);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    const struct command_row *row = &signet_host_commands[i];

    if (row->name == NULL) {
      continue;
    }
    (void)printf("complete -c signet -n __fish_use_subcommand -a %s -d '",
                 row->name);
    quoted(row->summary, false);
    (void)fputs("'\n", stdout);
  }
  for (int i = 0; i < OPTION_COUNT; i++) {
    fish_option(&signet_host_options[i]);
  }
  (void)fputs("complete -c signet -n '__fish_seen_subcommand_from run plan' -F "
              "-a '",
              stdout);
  write_jobs();
  (void)fputs("'\ncomplete -c signet "
              "-n '__fish_seen_subcommand_from apply' -F"
              "\ncomplete -c signet "
              "-n '__fish_seen_subcommand_from completion' "
              "-a 'bash zsh fish'\n"
              "complete -c signet -n '__fish_seen_subcommand_from help' -a '",
              stdout);
  write_commands();
  (void)fputs("'\n", stdout);
}

int signet_host_completion(struct host *host)
{
  const char *shell = host->arguments.rest[0];
  char sentence[128];

  if (strcmp(shell, "bash") == 0) {
    write_bash();
  } else if (strcmp(shell, "zsh") == 0) {
    write_zsh();
  } else if (strcmp(shell, "fish") == 0) {
    write_fish();
  } else {
    (void)snprintf(sentence, sizeof sentence,
                   "signet completion: \"%.40s\" must be bash, zsh or fish",
                   shell);
    signet_host_error(host, sentence);
    return EXIT_USAGE;
  }
  return EXIT_DONE;
}
