/* SPDX-License-Identifier: MIT */
/* The options, as data. */

#include "host/arguments/options.h"

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
#define ROW(group, id, name, option, shown, type, standard, help)            \
  [OPTION_##                                                                 \
      id] = {option,  0,     VALUE_SETTING,          VALUE_OF_##type(shown), \
             name,    group, COMPLETE_##type(shown), help,                   \
             standard},
#define OF_ACCOUNT(id, name, option, shown, type, member, standard, minimum, \
                   maximum, help, more)                                      \
  ROW(OPTIONS_ACCOUNT, id, name, option, shown, type, standard, help)
#define OF_RUN(id, name, option, shown, type, member, standard, minimum, \
               maximum, help, more)                                      \
  ROW(OPTIONS_SCRIPT, id, name, option, shown, type, standard, help)

/* clang-format off */
const struct option_row signet_host_options[OPTION_COUNT] = {
  [OPTION_PROFILE] = {"profile", 0, VALUE_SETTING, "NAME", "profile",
    OPTIONS_STATE, NULL, "take settings from this profile of the configuration file", NULL},
  [OPTION_BASE_URL] = {"base-url", 0, VALUE_SETTING, "URL", "base_url",
    OPTIONS_ACCOUNT, NULL, "where the service is: https, or http on this machine", NULL},
  [OPTION_API] = {"api", 0, VALUE_SETTING, "configs|signs", "api", OPTIONS_ACCOUNT,
    "configs signs", "which API the account speaks (default: configs)", NULL},
  [OPTION_STATE_DIR] = {"state-dir", 0, VALUE_SETTING, "DIRECTORY",
    "state_dir", OPTIONS_STATE, "DIRECTORY",
    "where journals and history are kept (~/.local/state/signet)", NULL},
  [OPTION_MAX_CHANGES] = {"max-changes", 0, VALUE_LIMIT, "N|N%", NULL, OPTIONS_WRITES,
    NULL, "refuse more writes than this (default: no limit)", NULL},
  [OPTION_MAX_DELETES] = {"max-deletes", 0, VALUE_LIMIT, "N|N%", NULL, OPTIONS_WRITES,
    NULL, "refuse more deletes (default: 30% of 10 or more entries)", NULL},
  [OPTION_YES] = {"yes", 0, VALUE_NONE, NULL, NULL, OPTIONS_WRITES, NULL,
    "delete without asking; required where there is no terminal", NULL},
  [OPTION_NEW_INPUT] = {"new-input", 0, VALUE_NONE, NULL, NULL,
    OPTIONS_RESUME, NULL,
    "take the job's files and modules as they are now, in this folder", NULL},
  [OPTION_WAIT_LOCK] = {"wait-lock", 0, VALUE_SECONDS, "SECONDS", NULL,
    OPTIONS_WRITES, NULL,
    "wait this long for another job on the account", NULL},
  [OPTION_ACCEPT_DAMAGE] = {"accept-damage", 0, VALUE_NONE, NULL, NULL, OPTIONS_WRITES,
    NULL, "go on with a journal that has lost some of what it held", NULL},
  [OPTION_NO_JOURNAL] = {"no-journal", 0, VALUE_NONE, NULL, NULL,
    OPTIONS_NO_JOURNAL, NULL,
    "keep no journal: nothing can be resumed or undone then", NULL},
  [OPTION_WRITE] = {"write", 0, VALUE_NONE, NULL, NULL,
    OPTIONS_REPL, NULL, "let the REPL write, as :write does", NULL},
  [OPTION_DRY_RUN] = {"dry-run", 0, VALUE_NONE, NULL, NULL, OPTIONS_DRY_RUN, NULL,
    "send nothing but GETs, and show the plan", NULL},
  [OPTION_REVIEW] = {"review", 0, VALUE_REVIEW, "HOW", NULL, OPTIONS_PLANS,
    "approve reject=20% never",
    "simulated reviews: approve (default), reject=N%, never", NULL},
  [OPTION_OUTPUT] = {"output", 'o', VALUE_FILE, "FILE", NULL, OPTIONS_PLANS, "FILE",
    "save the plan as FILE, for signet apply", NULL},
  [OPTION_FROM] = {"from", 0, VALUE_TEXT, "JOB", NULL, OPTIONS_FROM,
    NULL, "plan anew what is left of the plan that JOB carries out", NULL},
  [OPTION_PARK] = {"park", 0, VALUE_NONE, NULL, NULL,
    OPTIONS_PARK, NULL,
    "don't wait for reviews or long pauses: end with 75, resume later", NULL},
  [OPTION_CHECK] = {"check", 0, VALUE_NONE, NULL, NULL,
    OPTIONS_CHECK, NULL,
    "only look whether the plan still fits, and send nothing", NULL},
  [OPTION_SKIP_DRIFTED] = {"skip-drifted", 0, VALUE_NONE, NULL, NULL,
    OPTIONS_CHECK, NULL,
    "leave out what has changed since, and carry out the rest", NULL},
  [OPTION_JSON] = {"json", 0, VALUE_NONE, NULL, NULL,
    OPTIONS_JSON, NULL,
    "write one JSON object per line to standard output", NULL},
  [OPTION_QUIET] = {"quiet", 'q', VALUE_NONE, NULL, NULL, OPTIONS_STATE,
    NULL, "say nothing but errors", NULL},
  [OPTION_VERBOSE] = {"verbose", 'v', VALUE_NONE, NULL, NULL, OPTIONS_STATE,
    NULL, "say more: requests, skipped entries, tracebacks; -vv: bodies", NULL},
  [OPTION_TRACE] = {"trace", 0, VALUE_FILE, "FILE", NULL, OPTIONS_ACCOUNT, "FILE",
    "write the requests to FILE (HAR, for a browser's tools)", NULL},
  [OPTION_COLOR] = {"color", 0, VALUE_COLOR, "WHEN", NULL, OPTIONS_ALWAYS,
    "auto always never", "colors: auto, always or never (default: auto)", NULL},
  SIGNET_TRANSPORT_SETTINGS(OF_ACCOUNT, OF_RUN)
  [OPTION_PORT] = {"port", 0, VALUE_PORT, "N", NULL, OPTIONS_SANDBOX,
    NULL, "listen on this port (default: 0, any free one)", NULL},
  [OPTION_STATE] = {"state", 0, VALUE_FILE, "FILE", NULL,
    OPTIONS_SANDBOX, "FILE", "read the account from FILE, save it there", NULL},
  [OPTION_LATENCY] = {"latency", 0, VALUE_MILLISECONDS, "MS", NULL,
    OPTIONS_SANDBOX, NULL, "answer this much later (milliseconds)", NULL},
  [OPTION_SEED] = {"seed", 0, VALUE_SEED, "SIGNS,TEMPLATES", NULL,
    OPTIONS_SANDBOX, NULL,
    "fill an empty account with so many entries", NULL},
  [OPTION_KEY] = {"key", 0, VALUE_TEXT, "KEY", NULL, OPTIONS_SANDBOX,
    NULL, "the key to accept (default: key; the secret is secret)", NULL},
  [OPTION_CREDENTIALS_FROM_ENV] = {"credentials-from-env", 0, VALUE_NONE,
    NULL, NULL, OPTIONS_SANDBOX, NULL,
    "accept ENGAGELAB_SMS_KEY and ENGAGELAB_SMS_SECRET instead", NULL},
  [OPTION_EXECUTE] = {"execute", 'e', VALUE_TEXT, "CHUNK", NULL,
    OPTIONS_EXECUTE, NULL, "run this Lua text and print its value", NULL},
  [OPTION_HELP] = {"help", 'h', VALUE_NONE, NULL, NULL, OPTIONS_ALWAYS, NULL,
    "show help, of a command where one is given", NULL},
  [OPTION_VERSION] = {"version", 'V', VALUE_NONE, NULL, NULL, OPTIONS_ALWAYS, NULL,
    "show the version", NULL},
};
/* clang-format on */
