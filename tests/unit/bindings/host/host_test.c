/* SPDX-License-Identifier: MIT */
/* The host's parts that need neither a terminal nor an engine. */

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "host/arguments/suggest.h"
#include "host/command/commands.h"
#include "host/output/json.h"
#include "host/output/progress.h"
#include "host/repl/history.h"
#include "host/system/terminal.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the tables --- */

Test(host, every_option_is_whole_and_has_a_name_of_its_own)
{
  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    cr_assert_not_null(row->name);
    cr_assert(row->help != NULL && *row->help != '\0', "%s", row->name);
    cr_assert_neq(row->group, 0, "%s", row->name);
    /* A setting of yes and no is a flag, too. */
    cr_assert(row->value == NULL
                  ? row->kind == VALUE_NONE || row->kind == VALUE_SETTING
                  : row->kind != VALUE_NONE,
              "%s", row->name);
    cr_assert_eq(row->setting != NULL, row->kind == VALUE_SETTING, "%s",
                 row->name);
    for (int j = 0; j < i; j++) {
      const struct option_row *other = &signet_host_options[j];

      cr_assert_str_neq(row->name, other->name);
      cr_assert(row->letter == 0 || row->letter != other->letter, "%s",
                row->name);
    }
  }
}

Test(host, every_command_is_whole)
{
  for (int i = 0; i < COMMAND_COUNT; i++) {
    const struct command_row *row = &signet_host_commands[i];

    cr_assert_not_null(row->arguments);
    cr_assert(row->run != NULL);
    cr_assert_neq(row->options & OPTIONS_ALWAYS, 0);
    cr_assert(row->summary != NULL && *row->summary != '\0');
    cr_assert_eq(row->name == NULL, i == COMMAND_EXECUTE);
    if (row->name != NULL) {
      cr_assert_eq(signet_host_command(signet_host_commands, row->name),
                   (enum command)i);
    }
  }
  cr_assert_eq(signet_host_command(signet_host_commands, "nothing"),
               COMMAND_NONE);
}

/* --- the command line --- */

static struct arguments arguments;
static const char *rest[16];

/* Splits at spaces. */
static bool parse(const char *line)
{
  static char copy[256];
  static char *words[16];
  int count = 0;

  (void)snprintf(copy, sizeof copy, "%s", line);
  for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
    words[count++] = word;
  return signet_host_parse(&arguments, signet_host_commands, count, words,
                           rest);
}

Test(host, options_stand_before_and_after_the_command)
{
  cr_assert(parse("signet --json run -qv --rate=5 --api signs job --json -q"));
  cr_assert_eq(arguments.command, COMMAND_RUN);
  cr_assert_eq(arguments.times[OPTION_JSON], 1);
  cr_assert_eq(arguments.times[OPTION_QUIET], 1);
  cr_assert_eq(arguments.times[OPTION_VERBOSE], 1);
  cr_assert_str_eq(arguments.values[OPTION_RATE], "5");
  cr_assert_str_eq(arguments.values[OPTION_API], "signs");
  cr_assert_eq(arguments.count, 3);
  cr_assert_str_eq(arguments.rest[0], "job");
  cr_assert_str_eq(arguments.rest[2], "-q");
}

Test(host, the_last_of_two_values_counts)
{
  cr_assert(parse("signet run --rate 5 --rate 6 job"));
  cr_assert_str_eq(arguments.values[OPTION_RATE], "6");
}

Test(host, a_chunk_needs_no_command)
{
  cr_assert(parse("signet -e1+1 run x"));
  cr_assert_eq(arguments.command, COMMAND_EXECUTE);
  cr_assert_str_eq(arguments.values[OPTION_EXECUTE], "1+1");
  cr_assert_eq(arguments.count, 2);
}

Test(host, the_first_mistake_is_told_and_json_is_known_after_it)
{
  cr_assert_not(parse("signet run --fast --rate x --json job"));
  cr_assert_str_eq(arguments.problem, "unknown option --fast");
  cr_assert_eq(arguments.times[OPTION_JSON], 1);
}

struct mistake {
  char line[64];
  char problem[80];
};

ParameterizedTestParameters(host, mistakes)
{
  static struct mistake mistakes[] = {
      {"signet -e", "-e needs a value: CHUNK"},
      {"signet -qe", "-e needs a value: CHUNK"},
      {"signet run --rate", "--rate needs a value: N[/s|/min|/h]"},
      {"signet run -qx job", "unknown option -x"},
      {"signet run --= job", "unknown option --"},
      {"signet jobs --json=1", "--json takes no value"},
      {"signet sandbox --seed 1,1x",
       "--seed: \"1,1x\" must be two whole numbers, as 50,300"},
      {"signet sandbox --port 65536",
       "--port: \"65536\" must be a port, 0 to 65535"},
      {"signet sandbox --port 00000001",
       "--port: \"00000001\" must be a port, 0 to 65535"},
      {"signet sandbox --latency 600001",
       "--latency: \"600001\" must be milliseconds, 0 to 600000"},
      {"signet sandbox --key=", "--key: \"\" must be some text"},
      {"signet run --wait-lock 1s x",
       "--wait-lock: \"1s\" must be seconds, 0 to 86400"},
      {"signet run --max-deletes 1000000000 x",
       "--max-deletes: \"1000000000\" must be 0 to 999999999, or 0% to 100%"},
      {"signet run --max-changes 5%% x",
       "--max-changes: \"5%%\" must be 0 to 999999999, or 0% to 100%"},
      {"signet --color maybe jobs",
       "--color: \"maybe\" must be auto, always or never"},
      {"signet plan --review reject=101% x",
       "--review: \"reject=101%\" must be approve, never, or a share to "},
      {"signet plan --review reject=-1% x",
       "--review: \"reject=-1%\" must be approve, never, or a share to "},
      {"signet plan --review reject=5 x",
       "--review: \"reject=5\" must be approve, never, or a share to r"},
      {"signet plan --review reject=5%x x",
       "--review: \"reject=5%x\" must be approve, never, or a share to"},
      {"signet run --api nothing x",
       "--api: \"nothing\" must be configs or signs"},
      {"signet jobs --secret=x", "there is no option --secret, because every "},
      {"signet help run jobs", ""},
  };

  return cr_make_param_array(struct mistake, mistakes,
                             sizeof mistakes / sizeof mistakes[0]);
}

ParameterizedTest(struct mistake *mistake, host, mistakes)
{
  cr_assert_not(parse(mistake->line), "%s", mistake->line);
  cr_assert(strncmp(arguments.problem, mistake->problem,
                    strlen(mistake->problem)) == 0,
            "%s: %s", mistake->line, arguments.problem);
}

Test(host, values_at_their_ends)
{
  static const char *const lines[] = {
      "signet sandbox --port 0",
      "signet sandbox --port 65535",
      "signet sandbox --latency 600000",
      "signet run --wait-lock 86400 x",
      "signet run --max-deletes 999999999 x",
      "signet run --max-deletes 100% x",
      "signet run --max-changes 0 x",
      "signet plan --review reject=0% x",
      "signet plan --review reject=100% x",
      "signet plan --review never x",
      "signet plan --review approve x",
      "signet --color auto jobs",
  };

  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    cr_assert(parse(lines[i]), "%s: %s", lines[i], arguments.problem);
}

Test(host, nothing_and_help_are_no_mistakes)
{
  cr_assert(parse("signet"));
  cr_assert_eq(arguments.command, COMMAND_NONE);
  cr_assert(parse("signet run --help"));
  cr_assert_eq(arguments.command, COMMAND_RUN);
}

Test(host, a_lone_dash_is_a_word)
{
  cr_assert(parse("signet run - a"));
  cr_assert_str_eq(arguments.rest[0], "-");
}

Test(host, seeds)
{
  unsigned signs, templates;

  cr_assert(signet_host_seed("50,300", &signs, &templates));
  cr_assert_eq(signs, 50);
  cr_assert_eq(templates, 300);
  cr_assert_not(signet_host_seed("50", &signs, &templates));
  cr_assert_not(signet_host_seed("-5,3", &signs, &templates));
  cr_assert_not(signet_host_seed("5,-3", &signs, &templates));
  cr_assert_not(signet_host_seed("5,3,", &signs, &templates));
  cr_assert_not(signet_host_seed("", &signs, &templates));
}

static const char *colors[] = {"red", "green", "concurrency", NULL};

static const char *color(size_t index, void *user)
{
  (void)user;
  return colors[index];
}

Test(host, suggestions)
{
  cr_assert_str_eq(signet_host_suggest("rde", color, NULL), "red");
  cr_assert_str_eq(signet_host_suggest("gren", color, NULL), "green");
  cr_assert_str_eq(signet_host_suggest("conurrecny", color, NULL),
                   "concurrency");
  cr_assert_null(signet_host_suggest("blue", color, NULL));
  cr_assert_null(signet_host_suggest(
      "a word that is longer than all that there are", color, NULL));
}

/* --- texts --- */

static const char *safe(const char *text, size_t length)
{
  static char out[256];
  FILE *stream = fmemopen(out, sizeof out, "w");

  signet_host_write_safe(stream, text, length);
  (void)fclose(stream);
  return out;
}

Test(host, what_a_terminal_gets_is_escaped)
{
  cr_assert_str_eq(safe("a\tb\n", 4), "a\tb\n");
  cr_assert_str_eq(safe("\x1b[1;31mred\x1b[0m", 14), "\x1b[1;31mred\x1b[0m");
  cr_assert_str_eq(safe("\x1b[2J", 4), "\\x1B[2J");
  cr_assert_str_eq(safe("\x1b[3", 3), "\\x1B[3");
  cr_assert_str_eq(safe("\x1b]0;x\a", 6), "\\x1B]0;x\\x07");
  cr_assert_str_eq(safe("C:\\new", 6), "C:\\new");
  cr_assert_str_eq(safe("\xe4\xb8\xad\xff", 4), "\xe4\xb8\xad\\xFF");
  cr_assert_str_eq(safe("\xe2\x80\xae", 3), "\\u{202E}");
  cr_assert_str_eq(safe("a\0b", 3), "a\\x00b");
}

Test(host, text_is_cut_at_columns_and_not_at_bytes)
{
  char out[32];

  (void)setlocale(LC_CTYPE, "C.UTF-8");
  cr_assert_eq(signet_host_fit(out, sizeof out, "abc", 2), 2);
  cr_assert_str_eq(out, "ab");
  cr_assert_eq(signet_host_fit(out, sizeof out, "\xe4\xb8\xad\xe4\xb8\xad", 3),
               2);
  cr_assert_str_eq(out, "\xe4\xb8\xad");
  cr_assert_eq(signet_host_fit(out, 3, "\xe4\xb8\xad", 9), 0);
  cr_assert_str_eq(out, "");
}

struct screen {
  char kind[16], plain[4], when[8];
  bool color;
};

ParameterizedTestParameters(host, colors_by_environment)
{
  static struct screen screens[] = {
      {"xterm", "", "always", true}, {"dumb", "", "always", true},
      {"", "", "always", true},      {"xterm", "1", "always", true},
      {"xterm", "", "never", false}, {"xterm", "", "auto", false},
      {"dumb", "", "", false},       {"xterm", "1", "", false},
  };

  return cr_make_param_array(struct screen, screens,
                             sizeof screens / sizeof screens[0]);
}

/* Here no stream is a terminal. */
ParameterizedTest(struct screen *screen, host, colors_by_environment)
{
  struct terminal terminal;

  (void)setenv("TERM", screen->kind, 1);
  (void)setenv("NO_COLOR", screen->plain, 1);
  cr_assert_not_null(freopen("/dev/null", "we", stdout));
  cr_assert_not_null(freopen("/dev/null", "we", stderr));
  signet_host_terminal(&terminal, *screen->when != '\0' ? screen->when : NULL);
  cr_assert_eq(terminal.out_color, screen->color);
  cr_assert_eq(terminal.error_color, screen->color);
  cr_assert_not(terminal.out_tty);
  cr_assert_not(terminal.error_tty);
}

static const char *duration(double seconds)
{
  static char out[32];

  signet_host_duration(out, sizeof out, seconds);
  return out;
}

Test(host, durations)
{
  cr_assert_str_eq(duration(0.0042), "4 ms");
  cr_assert_str_eq(duration(0.42), "0.4 s");
  cr_assert_str_eq(duration(12.4), "12 s");
  cr_assert_str_eq(duration(185), "3 min 5 s");
  cr_assert_str_eq(duration(7800), "2 h 10 min");
  cr_assert_str_eq(duration(1e300), "277777 h 46 min");
}

Test(host, counts)
{
  const signet_counts all = {1, 2, 3, 4, 5}, none = {0};
  char out[128];

  signet_host_counts(out, sizeof out, &all);
  cr_assert_str_eq(out, "1 done, 2 failed, 3 skipped, 4 unknown, 5 waiting");
  signet_host_counts(out, sizeof out, &none);
  cr_assert_str_eq(out, "0 done");
}

/* --- the history --- */

struct line {
  char text[64];
  bool secret;
};

ParameterizedTestParameters(host, secret_lines)
{
  static struct line lines[] = {
      {"sms.signs:list()", false},
      {"x = { secret = \"hush\" }", true},
      {"x = { [\"secret\"]= \"hush\" }", true},
      {"API_SECRET='hush'", true},
      {"x.key = 5", true},
      {"key=\"abc\"", true},
      {"passWord = 1", true},
      {"{\"secret\": \"hush\"}", true},
      {"h.Authorization", true},
      {"print(\"the-canary\")", true},
      {"if key == nil then end", false},
      {"keys = 5", false},
      {"for key, value in pairs(t) do print(key) end", false},
      {"secretary = 1", false},
  };

  return cr_make_param_array(struct line, lines,
                             sizeof lines / sizeof lines[0]);
}

ParameterizedTest(struct line *line, host, secret_lines)
{
  signet_settings *settings = signet_settings_new();
  signet_error error = SIGNET_ERROR_INIT;

  cr_assert(
      signet_settings_set(settings, "secret", "the-canary", "it", &error));
  cr_expect_eq(signet_host_history_is_secret(settings, line->text),
               line->secret, "%s", line->text);
  signet_settings_free(settings);
}

/* --- JSON --- */

Test(host, json_errors_hold_what_is_known)
{
  signet_error error = SIGNET_ERROR_INIT;
  json_object *object = signet_host_json_event("failed");
  char *text = NULL;
  size_t length;
  FILE *stream = open_memstream(&text, &length);

  error.kind = SIGNET_ERROR_NOT_FOUND;
  error.code = 400;
  (void)snprintf(error.id, sizeof error.id, "77");
  signet_host_json_error(object, &error, "not_found", "a\"b");
  cr_assert(signet_host_json_write(stream, object));
  (void)fclose(stream);
  cr_assert_str_eq(text,
                   "{\"event\":\"failed\",\"error\":{\"kind\":\"not_found\","
                   "\"message\":\"a\\\"b\",\"code\":400,\"id\":\"77\","
                   "\"retryable\":false,\"outcome\":\"not_sent\"}}\n");
  free(text);
}

Test(host, json_text_is_utf8_whatever_came)
{
  json_object *object = signet_host_json_event("print");

  signet_host_json_text(object, "text", "a\xff\xc3", 3);
  cr_assert_str_eq(
      json_object_get_string(json_object_object_get(object, "text")),
      "a\xef\xbf\xbd\xef\xbf\xbd");
  (void)json_object_put(object);
}
