/* SPDX-License-Identifier: MIT */
/* Reading the command line. Options before SCRIPT are signet's, whatever comes
 * after it belongs to the script. A wrong option does not end the reading, so
 * that --json is known when the mistake is reported. */

#include "host/arguments/options.h"
#include "host/arguments/suggest.h"

#include "model/text.h"
#include "signet/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first problem is the one to tell. */
static bool __attribute__((format(printf, 2, 3)))
fail(struct arguments *arguments, const char *format, ...)
{
  va_list list;

  if (*arguments->problem == '\0') {
    va_start(list, format);
    (void)vsnprintf(arguments->problem, sizeof arguments->problem, format,
                    list);
    va_end(list);
  }
  return false;
}

/* A word of the command line as it can be shown. */
static const char *shown(const char *word, size_t length)
{
  static char text[128];

  signet_text_escape(text, sizeof text, word, length);
  return text;
}

static const char *option_name(size_t index, void *user)
{
  const unsigned *groups = user;

  for (size_t i = 0, seen = 0; i < OPTION_COUNT; i++)
    if ((signet_host_options[i].group & *groups) != 0 && seen++ == index)
      return signet_host_options[i].name;
  return NULL;
}

static const char *command_name(size_t index, void *user)
{
  const struct command_row *const *commands = user;

  for (size_t i = 0, seen = 0; i < COMMAND_COUNT; i++)
    if ((*commands)[i].name != NULL && seen++ == index)
      return (*commands)[i].name;
  return NULL;
}

/* The groups of options that may be given. */
static unsigned groups_of(const struct arguments *arguments)
{
  return arguments->command == COMMAND_NONE
             ? ~0u
             : arguments->commands[arguments->command].options;
}

static bool unknown_option(struct arguments *arguments, const char *name,
                           size_t length)
{
  unsigned groups = groups_of(arguments);
  char copy[64];
  const char *near;

  if (length == 6 && strncmp(name, "secret", 6) == 0) {
    return fail(arguments,
                "there is no option --secret, because every user of this "
                "machine can read a command line: set ENGAGELAB_SMS_SECRET, "
                "or write the secret into the configuration file");
  }
  (void)snprintf(copy, sizeof copy, "%.*s", (int)(length > 60 ? 60 : length),
                 name);
  near = signet_host_suggest(copy, option_name, &groups);
  return near != NULL
             ? fail(arguments, "unknown option --%s; did you mean --%s?",
                    shown(name, length), near)
             : fail(arguments, "unknown option --%s", shown(name, length));
}

bool signet_host_seed(const char *value, unsigned *signs, unsigned *templates)
{
  int length = 0;

  return value[0] >= '0' && value[0] <= '9' &&
         sscanf(value, "%6u,%7u%n", signs, templates, &length) == 2 &&
         value[length] == '\0' && strchr(value, '-') == NULL;
}

bool signet_host_review(const char *value, signet_overlay_options *options)
{
  int length = 0;

  if (value == NULL || strcmp(value, "approve") == 0)
    return true;
  if (strcmp(value, "never") == 0) {
    options->review = SIGNET_REVIEW_NEVER;
    return true;
  }
  options->review = SIGNET_REVIEW_REJECT;
  return sscanf(value, "reject=%3u%%%n", &options->reject_percent, &length) ==
             1 &&
         length > 0 && value[length] == '\0' && value[7] >= '0' &&
         value[7] <= '9' && options->reject_percent <= 100;
}

static bool is_number_to(const char *value, long maximum)
{
  size_t length = strspn(value, "0123456789");

  return length > 0 && length < 8 && value[length] == '\0' &&
         strtol(value, NULL, 10) <= maximum;
}

bool signet_host_limit(const char *value, long *number, bool *percent)
{
  size_t length = strspn(value, "0123456789");

  *number = length > 0 && length < 10 ? strtol(value, NULL, 10) : -1;
  *percent = strcmp(value + length, "%") == 0;
  return *number >= 0 && (value[length] == '\0' || *percent) &&
         (!*percent || *number <= 100);
}

static const char *value_must_be(const struct option_row *row,
                                 const char *value)
{
  unsigned signs, templates;
  signet_overlay_options review = SIGNET_OVERLAY_OPTIONS_INIT;
  long number;
  bool percent;

  switch (row->kind) {
  case VALUE_COLOR:
    return strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
                   strcmp(value, "never") != 0
               ? "auto, always or never"
               : NULL;
  case VALUE_PORT:
    return is_number_to(value, 65535) ? NULL : "a port, 0 to 65535";
  case VALUE_MILLISECONDS:
    return is_number_to(value, 600000) ? NULL : "milliseconds, 0 to 600000";
  case VALUE_SECONDS:
    return is_number_to(value, 86400) ? NULL : "seconds, 0 to 86400";
  case VALUE_LIMIT:
    return signet_host_limit(value, &number, &percent)
               ? NULL
               : "0 to 999999999, or 0% to 100%";
  case VALUE_SEED:
    return signet_host_seed(value, &signs, &templates)
               ? NULL
               : "two whole numbers, as 50,300";
  case VALUE_REVIEW:
    return signet_host_review(value, &review)
               ? NULL
               : "approve, never, or a share to reject, as reject=20%";
  case VALUE_FILE:
  case VALUE_TEXT:
    return *value == '\0' ? "some text" : NULL;
  default:
    return NULL;
  }
}

/* Settings have their own checks, which are asked through an empty set. */
static bool check_setting(struct arguments *arguments,
                          const struct option_row *row, const char *value)
{
  signet_settings *probe = signet_settings_new();
  signet_error error = SIGNET_ERROR_INIT;
  char origin[48];
  bool good;

  (void)snprintf(origin, sizeof origin, "--%s", row->name);
  good = probe == NULL ||
         signet_settings_set(probe, row->setting, value, origin, &error);
  signet_settings_free(probe);
  return good || fail(arguments, "%s", error.message);
}

static bool take_option(struct arguments *arguments, enum option option,
                        const char *value)
{
  const struct option_row *row = &signet_host_options[option];
  const char *must;

  if (row->kind == VALUE_SETTING && row->value == NULL)
    value = "yes";
  arguments->values[option] = value;
  arguments->times[option]++;
  if (row->kind == VALUE_SETTING)
    return check_setting(arguments, row, value);
  must = value_must_be(row, value);
  return must == NULL || fail(arguments, "--%s: \"%s\" must be %s", row->name,
                              shown(value, strlen(value)), must);
}

static enum option find_option(const char *name, size_t length, char letter)
{
  int option = 0;

  for (; option < OPTION_COUNT; option++) {
    const struct option_row *row = &signet_host_options[option];

    if (name == NULL ? row->letter == letter
                     : strlen(row->name) == length &&
                           strncmp(row->name, name, length) == 0)
      break;
  }
  return (enum option)option;
}

/* --name, --name=value, --name value. @return words used */
static int long_option(struct arguments *arguments, const char *word,
                       const char *following)
{
  size_t length = strcspn(word, "=");
  enum option option = find_option(word, length, 0);
  const struct option_row *row;

  if (option == OPTION_COUNT) {
    (void)unknown_option(arguments, word, length);
    return 1;
  }
  row = &signet_host_options[option];
  if (row->value == NULL) {
    if (word[length] == '=')
      (void)fail(arguments, "--%s takes no value", row->name);
    (void)take_option(arguments, option, "");
    return 1;
  }
  if (word[length] == '=') {
    (void)take_option(arguments, option, word + length + 1);
    return 1;
  }
  if (following == NULL) {
    (void)fail(arguments, "--%s needs a value: %s", row->name, row->value);
    return 1;
  }
  (void)take_option(arguments, option, following);
  return 2;
}

/* -q, -qv, -e CHUNK, -eCHUNK. @return words used */
static int short_options(struct arguments *arguments, const char *letters,
                         const char *following)
{
  for (; *letters != '\0'; letters++) {
    enum option option = find_option(NULL, 0, *letters);

    if (option == OPTION_COUNT) {
      (void)fail(arguments, "unknown option -%s", shown(letters, 1));
      return 1;
    }
    if (signet_host_options[option].value == NULL) {
      (void)take_option(arguments, option, "");
    } else if (letters[1] != '\0') {
      (void)take_option(arguments, option, letters + 1);
      return 1;
    } else if (following != NULL) {
      (void)take_option(arguments, option, following);
      return 2;
    } else {
      (void)fail(arguments, "-%c needs a value: %s", *letters,
                 signet_host_options[option].value);
      return 1;
    }
  }
  return 1;
}

enum command signet_host_command(const struct command_row *commands,
                                 const char *name)
{
  int command = 0;

  while (command < COMMAND_COUNT && (commands[command].name == NULL ||
                                     strcmp(commands[command].name, name) != 0))
    command++;
  return (enum command)command;
}

static bool unknown_command(struct arguments *arguments, const char *word)
{
  const char *near =
      signet_host_suggest(word, command_name, &arguments->commands);
  size_t length = strlen(word);

  if (length > 4 && strcmp(word + length - 4, ".lua") == 0) {
    return fail(arguments,
                "unknown command \"%s\"; scripts are run with signet run "
                "SCRIPT",
                shown(word, length));
  }
  return near != NULL
             ? fail(arguments, "unknown command \"%s\"; did you mean %s?",
                    shown(word, length), near)
             : fail(arguments,
                    "unknown command \"%s\"; signet help lists the commands",
                    shown(word, length));
}

/* Whether an option belongs to the command, and the command has what it needs.
 * Known only at the end: options may stand before the command. */
static bool check_whole(struct arguments *arguments)
{
  const struct command_row *row = &arguments->commands[arguments->command];

  for (int i = 0; i < OPTION_COUNT; i++) {
    if (arguments->times[i] > 0 &&
        (signet_host_options[i].group & groups_of(arguments)) == 0) {
      return i == OPTION_EXECUTE
                 ? fail(arguments, "-e and a command exclude each other")
                 : fail(arguments, "--%s is no option of signet %s",
                        signet_host_options[i].name,
                        row->name != NULL ? row->name : "-e");
    }
  }
  if (arguments->command != COMMAND_PLAN &&
      arguments->times[OPTION_DRY_RUN] == 0 &&
      arguments->times[OPTION_REVIEW] + arguments->times[OPTION_OUTPUT] > 0) {
    return fail(arguments, "--%s needs --dry-run, or signet plan",
                arguments->times[OPTION_REVIEW] > 0 ? "review" : "output");
  }
  if (arguments->times[OPTION_FROM] > 0) {
    return arguments->count == 0
               ? *arguments->problem == '\0'
               : fail(arguments,
                      "--from plans what is left of a job, and takes "
                      "no script");
  }
  if (arguments->count < row->minimum)
    return fail(arguments, "signet %s needs %s", row->name, row->arguments);
  if (row->maximum >= 0 && arguments->count > row->maximum) {
    return fail(arguments, "signet %s: \"%s\" is one argument too many",
                row->name,
                shown(arguments->rest[row->maximum],
                      strlen(arguments->rest[row->maximum])));
  }
  return *arguments->problem == '\0';
}

/* A word that is no option. @return whether options may follow it */
static bool take_word(struct arguments *arguments, const char *word)
{
  if (arguments->times[OPTION_EXECUTE] > 0 &&
      arguments->command == COMMAND_NONE)
    arguments->command = COMMAND_EXECUTE;
  if (arguments->command == COMMAND_NONE) {
    arguments->command = signet_host_command(arguments->commands, word);
    return arguments->command != COMMAND_NONE ||
           unknown_command(arguments, word);
  }
  arguments->rest[arguments->count++] = word;
  return arguments->commands[arguments->command].maximum >= 0;
}

bool signet_host_parse(struct arguments *arguments,
                       const struct command_row *commands, int argc,
                       char **argv, const char **rest)
{
  bool options = true;

  *arguments = (struct arguments){
      .commands = commands, .command = COMMAND_NONE, .rest = rest};
  for (int i = 1; i < argc;) {
    const char *word = argv[i], *following = i + 1 < argc ? argv[i + 1] : NULL;

    if (!options || word[0] != '-' || word[1] == '\0') {
      options = take_word(arguments, word) && options;
      i++;
    } else if (strcmp(word, "--") == 0) {
      options = false;
      i++;
    } else if (word[1] == '-') {
      i += long_option(arguments, word + 2, following);
    } else {
      i += short_options(arguments, word + 1, following);
    }
    if (arguments->command == COMMAND_NONE && *arguments->problem != '\0' &&
        !options)
      return false;
  }
  if (arguments->command == COMMAND_NONE) {
    if (arguments->times[OPTION_EXECUTE] == 0)
      return *arguments->problem == '\0';
    arguments->command = COMMAND_EXECUTE;
  }
  return arguments->times[OPTION_HELP] > 0 && *arguments->problem == '\0'
             ? true
             : check_whole(arguments);
}
