/* SPDX-License-Identifier: MIT */
/* signet completion SHELL: scripts made from the same tables as the parser. */

#include "host/command/commands.h"
#include "signet/script.h"

#include <string.h>

static void write_options(unsigned groups)
{
  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if ((row->group & groups) != 0) {
      (void)printf(" --%s", row->name);
      if (row->letter != 0)
        (void)printf(" -%c", row->letter);
    }
  }
}

static void write_commands(const struct command_row *commands)
{
  for (int i = 0; i < COMMAND_COUNT; i++)
    if (commands[i].name != NULL)
      (void)printf(" %s", commands[i].name);
}

/* Whether the command's first argument is one of those: "SCRIPT", "FILE",
 * "COMMAND"; NULL: one of a few words. */
static bool takes(const struct command_row *row, const char *what)
{
  static const char *const others[] = {"SCRIPT", "FILE", "COMMAND"};

  if (row->name == NULL || row->choices == NULL)
    return false;
  if (what != NULL)
    return strcmp(row->choices, what) == 0;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (strcmp(row->choices, others[i]) == 0)
      return false;
  return true;
}

/* The commands whose first argument is one of those. */
static void write_takers(const struct command_row *commands, const char *what,
                         const char *joint)
{
  const char *before = "";

  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (takes(&commands[i], what)) {
      (void)printf("%s%s", before, commands[i].name);
      before = joint;
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
  for (; *choices != '\0'; choices++)
    (void)putchar(*choices == '|' ? ' ' : *choices);
}

static void bash_values(void)
{
  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if (row->value == NULL)
      continue;
    (void)printf("    --%s", row->name);
    if (row->letter != 0)
      (void)printf("|-%c", row->letter);
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
      if (row->letter != 0)
        (void)printf("|-%c", row->letter);
    }
  }
}

static void bash_commands(const struct command_row *commands)
{
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (commands[i].name != NULL) {
      (void)printf("    %s) options='", commands[i].name);
      write_options(commands[i].options);
      (void)printf("' ;;\n");
    }
  }
}

/* Behind the options: what the command's first argument may be. */
static void bash_arguments(const struct command_row *commands)
{
  static const char files[] =
      "mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); fi ;;\n";

  (void)fputs("    ", stdout);
  write_takers(commands, "SCRIPT", " | ");
  (void)fputs(") if [[ $word != -* ]]; then compopt -o filenames; options='",
              stdout);
  write_jobs();
  (void)printf("'; %s    ", files);
  write_takers(commands, "FILE", " | ");
  (void)printf(") if [[ $word != -* ]]; then compopt -o filenames; "
               "options=''; %s",
               files);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (takes(&commands[i], NULL)) {
      (void)printf("    %s) options+=' %s' ;;\n", commands[i].name,
                   commands[i].choices);
    }
  }
  (void)fputs("    ", stdout);
  write_takers(commands, "COMMAND", " | ");
  (void)fputs(") options+='", stdout);
  write_commands(commands);
  (void)fputs("' ;;\n", stdout);
}

/* Up to the list of what may follow an option. */
static void bash_begin(const struct command_row *commands)
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
              "  if [[ $command =~ ^(",
              stdout);
  write_takers(commands, "SCRIPT", "|");
  (void)fputs(")$ && -n $script ]]; then\n"
              "    compopt -o filenames; "
              "mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return\n"
              "  fi\n"
              "  case ${COMP_WORDS[COMP_CWORD - 1]} in\n",
              stdout);
}

static void write_bash(const struct command_row *commands)
{
  bash_begin(commands);
  bash_values();
  (void)fputs("  esac\n  case $command in\n    '') options='", stdout);
  write_options(~0u);
  write_commands(commands);
  (void)fputs("' ;;\n", stdout);
  bash_commands(commands);
  (void)fputs("  esac\n"
              "  case $command in\n",
              stdout);
  bash_arguments(commands);
  (void)fputs("  esac\n"
              "  mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < "
              "<(compgen -W \"$options\" -- \"$word\")\n"
              "}\n"
              "complete -F _signet signet\n",
              stdout);
}

/* Text inside of single quotes, for zsh's and fish's descriptions. */
static void quoted(const char *text, bool zsh)
{
  for (; *text != '\0'; text++)
    if (*text == '\'')
      (void)fputs("'\\''", stdout);
    else if (zsh && (*text == ':' || *text == '[' || *text == ']'))
      (void)printf("\\%c", *text);
    else
      (void)putchar(*text);
}

static void zsh_action(const struct option_row *row)
{
  if (row->value == NULL)
    return;
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

static void zsh_options(unsigned groups)
{
  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    if ((row->group & groups) == 0)
      continue;
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

static void zsh_command(const struct command_row *commands, int command)
{
  const struct command_row *row = &commands[command];

  (void)printf("    %s) _arguments -S", row->name);
  zsh_options(row->options);
  if (takes(row, "SCRIPT")) {
    (void)fputs(" \\\n      '1:script:{_alternative "
                "\"jobs:shipped job:(",
                stdout);
    write_jobs();
    (void)fputs(")\" \"files:script:_files\"}' '*::argument:_files'", stdout);
  } else if (takes(row, "COMMAND")) {
    (void)fputs(" '1:command:(", stdout);
    write_commands(commands);
    (void)fputs(")'", stdout);
  } else if (takes(row, "FILE")) {
    (void)fputs(" '1:plan:_files'", stdout);
  } else if (takes(row, NULL)) {
    (void)printf(" '1:%s:(%s)'", row->arguments, row->choices);
  }
  (void)fputs(" ;;\n", stdout);
}

static void write_zsh(const struct command_row *commands)
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
    if (commands[i].name != NULL) {
      (void)printf("\n    '%s:", commands[i].name);
      quoted(commands[i].summary, true);
      (void)fputs("'", stdout);
    }
  }
  (void)fputs(")\n    _describe command commands ;;\n"
              "  argument) case $line[1] in\n",
              stdout);
  for (int i = 0; i < COMMAND_COUNT; i++)
    if (commands[i].name != NULL)
      zsh_command(commands, i);
  (void)fputs("    esac ;;\n  esac\n}\ncompdef _signet signet\n", stdout);
}

/* Which command words an option is offered after; none: always. */
static void fish_condition(const struct command_row *commands,
                           const struct option_row *row)
{
  unsigned named = 0;

  for (int i = 0; i < COMMAND_COUNT; i++)
    if (commands[i].name != NULL && (row->group & commands[i].options) == 0)
      named++;
  if (named == 0 || (row->group & commands[COMMAND_EXECUTE].options) != 0)
    return;
  (void)fputs(" -n '__fish_seen_subcommand_from", stdout);
  for (int i = 0; i < COMMAND_COUNT; i++)
    if (commands[i].name != NULL && (row->group & commands[i].options) != 0)
      (void)printf(" %s", commands[i].name);
  (void)fputs("'", stdout);
}

static void fish_option(const struct command_row *commands,
                        const struct option_row *row)
{
  (void)fputs("complete -c signet", stdout);
  fish_condition(commands, row);
  (void)printf(" -l %s", row->name);
  if (row->letter != 0)
    (void)printf(" -s %c", row->letter);
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

static void fish_arguments(const struct command_row *commands)
{
  static const char begin[] =
      "complete -c signet -n '__fish_seen_subcommand_from ";

  (void)fputs(begin, stdout);
  write_takers(commands, "SCRIPT", " ");
  (void)fputs("' -F -a '", stdout);
  write_jobs();
  (void)printf("'\n%s", begin);
  write_takers(commands, "FILE", " ");
  (void)fputs("' -F\n", stdout);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (takes(&commands[i], NULL)) {
      (void)printf("%s%s' -a '%s'\n", begin, commands[i].name,
                   commands[i].choices);
    }
  }
  (void)fputs(begin, stdout);
  write_takers(commands, "COMMAND", " ");
  (void)fputs("' -a '", stdout);
  write_commands(commands);
  (void)fputs("'\n", stdout);
}

static void write_fish(const struct command_row *commands)
{
  (void)fputs("# signet's completion for fish: "
              "signet completion fish | source\n"
              "complete -c signet -f\n",
              stdout);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    const struct command_row *row = &commands[i];

    if (row->name == NULL)
      continue;
    (void)printf("complete -c signet -n __fish_use_subcommand -a %s -d '",
                 row->name);
    quoted(row->summary, false);
    (void)fputs("'\n", stdout);
  }
  for (int i = 0; i < OPTION_COUNT; i++)
    fish_option(commands, &signet_host_options[i]);
  fish_arguments(commands);
}

int signet_host_completion(struct host *host)
{
  const char *shell = host->arguments.rest[0];
  char sentence[128];

  if (strcmp(shell, "bash") == 0) {
    write_bash(host->arguments.commands);
  } else if (strcmp(shell, "zsh") == 0) {
    write_zsh(host->arguments.commands);
  } else if (strcmp(shell, "fish") == 0) {
    write_fish(host->arguments.commands);
  } else {
    (void)snprintf(sentence, sizeof sentence,
                   "signet completion: \"%.40s\" must be bash, zsh or fish",
                   shell);
    signet_host_error(host, sentence);
    return EXIT_USAGE;
  }
  return EXIT_DONE;
}
