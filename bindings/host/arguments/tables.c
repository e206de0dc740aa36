/* SPDX-License-Identifier: MIT */
/* The options and the commands, as data. */

#include "host/arguments/options.h"

#define BIT(command) (1u << (command))
#define STARTS (BIT(COMMAND_RUN) | BIT(COMMAND_EXECUTE))
#define APPLIES (BIT(COMMAND_APPLY) | BIT(COMMAND_UNDO))
#define RUNS (STARTS | BIT(COMMAND_RESUME) | APPLIES)
#define WRITES (RUNS | BIT(COMMAND_REPL))
#define PLANS (STARTS | BIT(COMMAND_PLAN))
#define ACCOUNT \
  (RUNS | BIT(COMMAND_PLAN) | BIT(COMMAND_REPL) | BIT(COMMAND_DOCTOR))
#define JOURNALS (BIT(COMMAND_JOBS) | BIT(COMMAND_SHOW))
#define ANY (BIT(COMMAND_COUNT) - 1)

/* The transport's rows come from its own table. */
#define COMPLETE_WHOLE(shown) NULL
#define COMPLETE_RATE(shown) NULL
#define COMPLETE_SECONDS(shown) NULL
#define COMPLETE_AGE(shown) NULL
#define COMPLETE_BYTES(shown) NULL
#define COMPLETE_CHOICE(shown) shown
#define COMPLETE_FILE(shown) "FILE"
#define COMPLETE_PROXY(shown) NULL
#define COMPLETE_FLAG(shown) NULL
#define VALUE_OF_WHOLE(shown) shown
#define VALUE_OF_RATE(shown) shown
#define VALUE_OF_SECONDS(shown) shown
#define VALUE_OF_AGE(shown) shown
#define VALUE_OF_BYTES(shown) shown
#define VALUE_OF_CHOICE(shown) shown
#define VALUE_OF_FILE(shown) shown
#define VALUE_OF_PROXY(shown) shown
#define VALUE_OF_FLAG(shown) NULL
#define ROW(commands, id, name, option, shown, type, standard, help)     \
  [OPTION_##id] = {                                                      \
      option,  0,        VALUE_SETTING,          VALUE_OF_##type(shown), \
      name,    commands, COMPLETE_##type(shown), help,                   \
      standard},
#define OF_ACCOUNT(id, name, option, shown, type, member, standard, minimum, \
                   maximum, help, more)                                      \
  ROW(ACCOUNT, id, name, option, shown, type, standard, help)
#define OF_RUN(id, name, option, shown, type, member, standard, minimum, \
               maximum, help, more)                                      \
  ROW(RUNS | BIT(COMMAND_PLAN), id, name, option, shown, type, standard, help)

/* clang-format off */
const struct option_row signet_host_options[OPTION_COUNT] = {
  [OPTION_PROFILE] = {"profile", 0, VALUE_SETTING, "NAME", "profile",
    ACCOUNT | JOURNALS, NULL, "take settings from this profile of the configuration file", NULL},
  [OPTION_BASE_URL] = {"base-url", 0, VALUE_SETTING, "URL", "base_url",
    ACCOUNT, NULL, "where the service is: https, or http on this machine", NULL},
  [OPTION_API] = {"api", 0, VALUE_SETTING, "configs|signs", "api", ACCOUNT,
    "configs signs", "which API the account speaks (default: configs)", NULL},
  [OPTION_STATE_DIR] = {"state-dir", 0, VALUE_SETTING, "DIRECTORY",
    "state_dir", ACCOUNT | JOURNALS, "DIRECTORY",
    "where journals and history are kept (~/.local/state/signet)", NULL},
  [OPTION_MAX_CHANGES] = {"max-changes", 0, VALUE_LIMIT, "N|N%", NULL, WRITES,
    NULL, "refuse more writes than this (default: no limit)", NULL},
  [OPTION_MAX_DELETES] = {"max-deletes", 0, VALUE_LIMIT, "N|N%", NULL, WRITES,
    NULL, "refuse more deletes (default: 30% of 10 or more entries)", NULL},
  [OPTION_YES] = {"yes", 0, VALUE_NONE, NULL, NULL, WRITES, NULL,
    "delete without asking; required where there is no terminal", NULL},
  [OPTION_NEW_INPUT] = {"new-input", 0, VALUE_NONE, NULL, NULL,
    BIT(COMMAND_RESUME), NULL,
    "take the job's files and modules as they are now, in this folder", NULL},
  [OPTION_WAIT_LOCK] = {"wait-lock", 0, VALUE_SECONDS, "SECONDS", NULL,
    WRITES, NULL,
    "wait this long for another job on the account", NULL},
  [OPTION_ACCEPT_DAMAGE] = {"accept-damage", 0, VALUE_NONE, NULL, NULL, WRITES,
    NULL, "go on with a journal that has lost some of what it held", NULL},
  [OPTION_NO_JOURNAL] = {"no-journal", 0, VALUE_NONE, NULL, NULL,
    STARTS | BIT(COMMAND_REPL), NULL,
    "keep no journal: nothing can be resumed or undone then", NULL},
  [OPTION_WRITE] = {"write", 0, VALUE_NONE, NULL, NULL,
    BIT(COMMAND_REPL), NULL, "let the REPL write, as :write does", NULL},
  [OPTION_DRY_RUN] = {"dry-run", 0, VALUE_NONE, NULL, NULL, STARTS, NULL,
    "send nothing but GETs, and show the plan", NULL},
  [OPTION_REVIEW] = {"review", 0, VALUE_REVIEW, "HOW", NULL, PLANS,
    "approve reject=20% never",
    "simulated reviews: approve (default), reject=N%, never", NULL},
  [OPTION_OUTPUT] = {"output", 'o', VALUE_FILE, "FILE", NULL, PLANS, "FILE",
    "save the plan as FILE, for signet apply", NULL},
  [OPTION_FROM] = {"from", 0, VALUE_TEXT, "JOB", NULL, BIT(COMMAND_PLAN),
    NULL, "plan anew what is left of the plan that JOB carries out", NULL},
  [OPTION_PARK] = {"park", 0, VALUE_NONE, NULL, NULL,
    RUNS, NULL,
    "don't wait for reviews or long pauses: end with 75, resume later", NULL},
  [OPTION_CHECK] = {"check", 0, VALUE_NONE, NULL, NULL,
    BIT(COMMAND_APPLY), NULL,
    "only look whether the plan still fits, and send nothing", NULL},
  [OPTION_SKIP_DRIFTED] = {"skip-drifted", 0, VALUE_NONE, NULL, NULL,
    BIT(COMMAND_APPLY), NULL,
    "leave out what has changed since, and carry out the rest", NULL},
  [OPTION_JSON] = {"json", 0, VALUE_NONE, NULL, NULL,
    RUNS | BIT(COMMAND_PLAN) | JOURNALS, NULL,
    "write one JSON object per line to standard output", NULL},
  [OPTION_QUIET] = {"quiet", 'q', VALUE_NONE, NULL, NULL, ACCOUNT | JOURNALS,
    NULL, "say nothing but errors", NULL},
  [OPTION_VERBOSE] = {"verbose", 'v', VALUE_NONE, NULL, NULL, ACCOUNT | JOURNALS,
    NULL, "say more: requests, skipped entries, tracebacks; -vv: bodies", NULL},
  [OPTION_TRACE] = {"trace", 0, VALUE_FILE, "FILE", NULL, ACCOUNT, "FILE",
    "write the requests to FILE (HAR, for a browser's tools)", NULL},
  [OPTION_COLOR] = {"color", 0, VALUE_COLOR, "WHEN", NULL, ANY,
    "auto always never", "colors: auto, always or never (default: auto)", NULL},
  SIGNET_TRANSPORT_SETTINGS(OF_ACCOUNT, OF_RUN)
  [OPTION_PORT] = {"port", 0, VALUE_PORT, "N", NULL, BIT(COMMAND_SANDBOX),
    NULL, "listen on this port (default: 0, any free one)", NULL},
  [OPTION_STATE] = {"state", 0, VALUE_FILE, "FILE", NULL,
    BIT(COMMAND_SANDBOX), "FILE", "read the account from FILE, save it there", NULL},
  [OPTION_LATENCY] = {"latency", 0, VALUE_MILLISECONDS, "MS", NULL,
    BIT(COMMAND_SANDBOX), NULL, "answer this much later (milliseconds)", NULL},
  [OPTION_SEED] = {"seed", 0, VALUE_SEED, "SIGNS,TEMPLATES", NULL,
    BIT(COMMAND_SANDBOX), NULL,
    "fill an empty account with so many entries", NULL},
  [OPTION_KEY] = {"key", 0, VALUE_TEXT, "KEY", NULL, BIT(COMMAND_SANDBOX),
    NULL, "the key to accept (default: key; the secret is secret)", NULL},
  [OPTION_CREDENTIALS_FROM_ENV] = {"credentials-from-env", 0, VALUE_NONE,
    NULL, NULL, BIT(COMMAND_SANDBOX), NULL,
    "accept ENGAGELAB_SMS_KEY and ENGAGELAB_SMS_SECRET instead", NULL},
  [OPTION_EXECUTE] = {"execute", 'e', VALUE_TEXT, "CHUNK", NULL,
    BIT(COMMAND_EXECUTE), NULL, "run this Lua text and print its value", NULL},
  [OPTION_HELP] = {"help", 'h', VALUE_NONE, NULL, NULL, ANY, NULL,
    "show help, of a command where one is given", NULL},
  [OPTION_VERSION] = {"version", 'V', VALUE_NONE, NULL, NULL, ANY, NULL,
    "show the version", NULL},
};

const struct command_row signet_host_commands[COMMAND_COUNT] = {
  [COMMAND_RUN] = {"run", "SCRIPT [ARG...]", 1, -1, "SCRIPT",
    "run a Lua script, or a shipped job by its name",
    "SCRIPT is a path, the name of a shipped job, or - for standard input.\n"
    "Everything after it is the script's own (arg, as in lua).\n"
    "What it writes stands in a journal before it is sent: signet jobs,\n"
    "signet show and signet resume tell and go on.\n"
    "Ctrl-C lets what is in flight finish and starts nothing new; a second\n"
    "one gives up what is in flight, too. While a bar is shown, the keys + and\n"
    "- make the run faster and slower (--pace); SIGUSR2 and SIGUSR1 do so\n"
    "anywhere."},
  [COMMAND_PLAN] = {"plan", "SCRIPT [ARG...]", 1, -1, "SCRIPT",
    "show what a script would change, and change nothing",
    "The script runs as it is: it reads the account, and from its first write\n"
    "on works on a copy that follows the service's rules. Nothing but GETs\n"
    "leaves the machine; waiting for a review is answered by a simulated\n"
    "reviewer. The same as signet run --dry-run.\n"
    "With --from there is no script: what JOB, an apply or an undo, has not done\n"
    "yet is planned anew, on the account as it is now."},
  [COMMAND_EXECUTE] = {NULL, "-e CHUNK [ARG...]", 0, -1, NULL,
    "run one line of Lua and print its value",
    "`sms` is the account of the settings, connected when it is first used."},
  [COMMAND_JOBS] = {"jobs", "", 0, 0, NULL,
    "list the runs that wrote something, the newest first",
    "They stand in the journals of the state directory. A run that is under\n"
    "way holds its journal, which is shown as one line then."},
  [COMMAND_SHOW] = {"show", "JOB", 1, 1, NULL,
    "tell what a job wrote, write by write",
    "JOB is an id of signet jobs, or how it begins."},
  [COMMAND_RESUME] = {"resume", "[JOB]", 0, 1, NULL,
    "go on with a job that ended early",
    "JOB is an id of signet jobs, or how it begins; without it, the newest\n"
    "one of the account that is not done. Writes whose outcome is open are\n"
    "settled by reading back; then the recorded script runs again, in the\n"
    "job's folder, with its arguments, options and limits (of all its runs\n"
    "together) unless others are given, and what was done is not sent again.\n"
    "A module, or a file that the script reads with signet.file, must be what\n"
    "the job began with."},
  [COMMAND_APPLY] = {"apply", "FILE", 1, 1, "FILE",
    "carry out a saved plan, exactly as it stands",
    "FILE is from signet plan -o. All entries are looked at first; if one is not\n"
    "what the plan says, nothing is sent, and the exit status is 4. Each step\n"
    "starts as soon as those that it needs are done; a step that needs a review\n"
    "waits for it, or is parked. A plan for another account, of another version,\n"
    "changed since, or applied before is refused."},
  [COMMAND_UNDO] = {"undo", "JOB", 1, 1, NULL,
    "take a job back, as far as that can be",
    "JOB is an id of signet jobs, or how it begins. Shows what each step can\n"
    "be: reversible, needs review, new id; and asks. An entry that is not\n"
    "what the job left is a conflict, reported and left alone."},
  [COMMAND_REPL] = {"repl", "", 0, 0, NULL,
    "look around in an account, line by line",
    "`sms` is the account of the settings, connected when it is first used.\n"
    "An expression's value is printed; Tab completes; Ctrl-C stops the\n"
    "running call; Ctrl-D leaves. It begins read-only: --write, or the\n"
    "command :write, lets it write, with a journal, limits and the question\n"
    "before deletes as in a run. :help tells the other commands."},
  [COMMAND_SANDBOX] = {"sandbox", "", 0, 0, NULL,
    "imitate the service on this machine, to try scripts on",
    "Prints its URL as the one line of standard output and serves until\n"
    "Ctrl-C. It accepts the key `key` and the secret `secret` unless told\n"
    "otherwise, and listens on 127.0.0.1 only."},
  [COMMAND_DOCTOR] = {"doctor", "", 0, 0, NULL,
    "check settings, connection and credentials",
    "Sends one GET and changes nothing. Ends with 3 if something is wrong."},
  [COMMAND_COMPLETION] = {"completion", "SHELL", 1, 1, "bash zsh fish",
    "print a completion script for bash, zsh or fish",
    "bash: source <(signet completion bash)\n"
    "zsh:  source <(signet completion zsh)\n"
    "fish: signet completion fish | source"},
  [COMMAND_HELP] = {"help", "[COMMAND]", 0, 1, "COMMAND",
    "show help, of a command where one is given", ""},
};
/* clang-format on */
