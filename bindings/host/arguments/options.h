/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_OPTIONS_H
#define SIGNET_HOST_OPTIONS_H

/* The command line: one table of options, and one of commands, which the layer
 * above hands in (host/command/commands.h). Parsing, --help, completion and the
 * tests of the man page are all driven by them. */

#include "signet/plan.h"
#include "signet/transport.h"

#include <stdbool.h>
#include <stddef.h>

enum command {
  COMMAND_RUN,
  COMMAND_PLAN,
  COMMAND_EXECUTE, /* signet -e CHUNK; it has no word of its own */
  COMMAND_JOBS,
  COMMAND_SHOW,
  COMMAND_RESUME,
  COMMAND_APPLY,
  COMMAND_UNDO,
  COMMAND_REPL,
  COMMAND_SANDBOX,
  COMMAND_DOCTOR,
  COMMAND_COMPLETION,
  COMMAND_HELP,
  COMMAND_COUNT,
  COMMAND_NONE = COMMAND_COUNT
};

enum option {
  OPTION_PROFILE,
  OPTION_BASE_URL,
  OPTION_API,
  OPTION_STATE_DIR,
  OPTION_DRY_RUN,
  OPTION_REVIEW,
  OPTION_OUTPUT,
  OPTION_FROM,
  OPTION_PARK,
  OPTION_CHECK,
  OPTION_SKIP_DRIFTED,
  OPTION_MAX_CHANGES,
  OPTION_MAX_DELETES,
  OPTION_YES,
  OPTION_NEW_INPUT,
  OPTION_WAIT_LOCK,
  OPTION_ACCEPT_DAMAGE,
  OPTION_NO_JOURNAL,
  OPTION_WRITE,
  OPTION_JSON,
  OPTION_QUIET,
  OPTION_VERBOSE,
  OPTION_TRACE,
  OPTION_COLOR,
  /* The transport's, from their table. */
  OPTION_TRANSPORT,
  OPTION_BEFORE_TRANSPORT = OPTION_TRANSPORT - 1,
#define OPTION_OF(id, ...) OPTION_##id,
  SIGNET_TRANSPORT_SETTINGS(OPTION_OF, OPTION_OF)
#undef OPTION_OF
      OPTION_AFTER_TRANSPORT,
  OPTION_BEFORE_AFTER = OPTION_AFTER_TRANSPORT - 1,
  OPTION_PORT,
  OPTION_STATE,
  OPTION_LATENCY,
  OPTION_SEED,
  OPTION_KEY,
  OPTION_CREDENTIALS_FROM_ENV,
  OPTION_EXECUTE,
  OPTION_HELP,
  OPTION_VERSION,
  OPTION_COUNT
};

/* Options that the same commands take: each option is in one group, and a
 * command's row names the groups that it takes. */
enum option_group {
  OPTIONS_ALWAYS = 1 << 0,
  OPTIONS_STATE = 1 << 1,      /* what journals there are, and how to tell */
  OPTIONS_ACCOUNT = 1 << 2,    /* the account, and the way to it */
  OPTIONS_WRITES = 1 << 3,     /* limits, confirmation, the journal */
  OPTIONS_SCRIPT = 1 << 4,     /* of a run that goes on for long */
  OPTIONS_JSON = 1 << 5,       /* the events of a run */
  OPTIONS_PARK = 1 << 6,       /* whether it waits for reviews */
  OPTIONS_NO_JOURNAL = 1 << 7, /* of a run that begins */
  OPTIONS_DRY_RUN = 1 << 8,    /* whether a script only plans */
  OPTIONS_PLANS = 1 << 9,      /* what a dry run assumes and saves */
  OPTIONS_FROM = 1 << 10,      /* of plan */
  OPTIONS_CHECK = 1 << 11,     /* of apply */
  OPTIONS_RESUME = 1 << 12,    /* of resume */
  OPTIONS_REPL = 1 << 13,      /* of repl */
  OPTIONS_SANDBOX = 1 << 14,   /* of sandbox */
  OPTIONS_EXECUTE = 1 << 15    /* of -e */
};

/* What an option's value is, beside the settings' own checks. */
enum value_kind {
  VALUE_NONE,    /* a flag */
  VALUE_SETTING, /* checked by signet_settings_set() under `setting` */
  VALUE_TEXT,
  VALUE_FILE,
  VALUE_COLOR,
  VALUE_PORT,
  VALUE_MILLISECONDS,
  VALUE_SECONDS,
  VALUE_LIMIT,
  VALUE_SEED,
  VALUE_REVIEW
};

struct option_row {
  const char *name; /* without the dashes */
  char letter;      /* 0: none */
  enum value_kind kind;
  const char *value;   /* "N", "FILE"; NULL: a flag */
  const char *setting; /* of VALUE_SETTING */
  enum option_group group;
  const char *choices; /* words between spaces or bars, "FILE" or "DIRECTORY",
                          for completion */
  const char *help;
  const char *standard; /* the default, if the table knows it; NULL */
};

struct host;

struct command_row {
  const char *name;              /* NULL: none */
  int (*run)(struct host *host); /* @return exit status */
  unsigned options;              /* the groups that it takes */
  const char *arguments;         /* after the options, for the usage line */
  int minimum, maximum;          /* of them; -1: any number */
  const char *choices;           /* of the first argument, for completion */
  const char *summary;
  const char *help;
};

extern const struct option_row signet_host_options[OPTION_COUNT];

struct arguments {
  const struct command_row *commands; /* COMMAND_COUNT of them */
  enum command command;
  const char *values[OPTION_COUNT]; /* the last one given; flags: "" */
  int times[OPTION_COUNT];
  const char **rest; /* SCRIPT and its arguments, or the command's own */
  int count;
  char problem[512]; /* one sentence; "" : the command line is right */
};

/** Reads the command line.
 * @param commands  COMMAND_COUNT rows, kept
 * @param rest      room for argc pointers
 * @return false: `problem` says what is wrong */
bool signet_host_parse(struct arguments *arguments,
                       const struct command_row *commands, int argc,
                       char **argv, const char **rest);

/** Two numbers of a --seed value. @return false: it is none */
bool signet_host_seed(const char *value, unsigned *signs, unsigned *templates);

/** Takes the value of --review; NULL: the default. @return false: it is none */
bool signet_host_review(const char *value, signet_overlay_options *options);

/** A --max-… value: N or N%. @return false: it is neither */
bool signet_host_limit(const char *value, long *number, bool *percent);

/** The command of that name; COMMAND_NONE: there is none. */
enum command signet_host_command(const struct command_row *commands,
                                 const char *name);

#endif
