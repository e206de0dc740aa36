/* SPDX-License-Identifier: MIT */
/* The commands, as data: a row for each, which names its function. */

#include "host/command/commands.h"

/* Those that look at journals, that read an account, that write to it, and
 * that begin a run. */
#define LOOKS (OPTIONS_ALWAYS | OPTIONS_STATE | OPTIONS_JSON)
#define READS (OPTIONS_ALWAYS | OPTIONS_STATE | OPTIONS_ACCOUNT)
#define WRITES \
  (READS | OPTIONS_WRITES | OPTIONS_SCRIPT | OPTIONS_JSON | OPTIONS_PARK)
#define STARTS (WRITES | OPTIONS_NO_JOURNAL | OPTIONS_DRY_RUN | OPTIONS_PLANS)

/* clang-format off */
const struct command_row signet_host_commands[COMMAND_COUNT] = {
  [COMMAND_RUN] = {"run", signet_host_run,
    STARTS,
    "SCRIPT [ARG...]", 1, -1, "SCRIPT",
    "run a Lua script, or a shipped job by its name",
    "SCRIPT is a path, the name of a shipped job, or - for standard input.\n"
    "Everything after it is the script's own (arg, as in lua).\n"
    "What it writes stands in a journal before it is sent: signet jobs,\n"
    "signet show and signet resume tell and go on.\n"
    "Ctrl-C lets what is in flight finish and starts nothing new; a second\n"
    "one gives up what is in flight, too. While a bar is shown, the keys + and\n"
    "- make the run faster and slower (--pace); SIGUSR2 and SIGUSR1 do so\n"
    "anywhere."},
  [COMMAND_PLAN] = {"plan", signet_host_plan,
    READS | OPTIONS_JSON | OPTIONS_SCRIPT | OPTIONS_PLANS | OPTIONS_FROM,
    "SCRIPT [ARG...]", 1, -1, "SCRIPT",
    "show what a script would change, and change nothing",
    "The script runs as it is: it reads the account, and from its first write\n"
    "on works on a copy that follows the service's rules. Nothing but GETs\n"
    "leaves the machine; waiting for a review is answered by a simulated\n"
    "reviewer. The same as signet run --dry-run.\n"
    "With --from there is no script: what JOB, an apply or an undo, has not done\n"
    "yet is planned anew, on the account as it is now."},
  [COMMAND_EXECUTE] = {NULL, signet_host_execute,
    STARTS | OPTIONS_EXECUTE,
    "-e CHUNK [ARG...]", 0, -1, NULL,
    "run one line of Lua and print its value",
    "`sms` is the account of the settings, connected when it is first used."},
  [COMMAND_JOBS] = {"jobs", signet_host_jobs,
    LOOKS,
    "", 0, 0, NULL,
    "list the runs that wrote something, the newest first",
    "They stand in the journals of the state directory. One that is under way\n"
    "says below its row what it has done and waits for."},
  [COMMAND_SHOW] = {"show", signet_host_show,
    LOOKS,
    "JOB", 1, 1, NULL,
    "tell what a job wrote, write by write",
    "JOB is an id of signet jobs, or how it begins."},
  [COMMAND_RESUME] = {"resume", signet_host_resume,
    WRITES | OPTIONS_RESUME,
    "[JOB]", 0, 1, NULL,
    "go on with a job that ended early",
    "JOB is an id of signet jobs, or how it begins; without it, the newest\n"
    "one of the account that is not done. Writes whose outcome is open are\n"
    "settled by reading back; then the recorded script runs again, in the\n"
    "job's folder, with its arguments, options and limits (of all its runs\n"
    "together) unless others are given, and what was done is not sent again.\n"
    "A module, or a file that the script reads with signet.file, must be what\n"
    "the job began with."},
  [COMMAND_APPLY] = {"apply", signet_host_apply,
    WRITES | OPTIONS_CHECK,
    "FILE", 1, 1, "FILE",
    "carry out a saved plan, exactly as it stands",
    "FILE is from signet plan -o. All entries are looked at first; if one is not\n"
    "what the plan says, nothing is sent, and the exit status is 4. Each step\n"
    "starts as soon as those that it needs are done; a step that needs a review\n"
    "waits for it, or is parked. A plan for another account, of another version,\n"
    "changed since, or applied before is refused."},
  [COMMAND_UNDO] = {"undo", signet_host_undo,
    WRITES,
    "JOB", 1, 1, NULL,
    "take a job back, as far as that can be",
    "JOB is an id of signet jobs, or how it begins. Shows what each step can\n"
    "be: reversible, needs review, new id; and asks. An entry that is not\n"
    "what the job left is a conflict, reported and left alone."},
  [COMMAND_REPL] = {"repl", signet_host_repl,
    READS | OPTIONS_WRITES | OPTIONS_NO_JOURNAL | OPTIONS_REPL,
    "", 0, 0, NULL,
    "look around in an account, line by line",
    "`sms` is the account of the settings, connected when it is first used.\n"
    "An expression's value is printed; Tab completes; Ctrl-C stops the\n"
    "running call; Ctrl-D leaves. It begins read-only: --write, or the\n"
    "command :write, lets it write, with a journal, limits and the question\n"
    "before deletes as in a run. :help tells the other commands."},
  [COMMAND_SANDBOX] = {"sandbox", signet_host_sandbox,
    OPTIONS_ALWAYS | OPTIONS_SANDBOX,
    "", 0, 0, NULL,
    "imitate the service on this machine, to try scripts on",
    "Prints its URL as the one line of standard output and serves until\n"
    "Ctrl-C. It accepts the key `key` and the secret `secret` unless told\n"
    "otherwise, and listens on 127.0.0.1 only."},
  [COMMAND_DOCTOR] = {"doctor", signet_host_doctor,
    READS,
    "", 0, 0, NULL,
    "check settings, connection and credentials",
    "Sends one GET and changes nothing. Ends with 3 if something is wrong."},
  [COMMAND_COMPLETION] = {"completion", signet_host_completion,
    OPTIONS_ALWAYS,
    "SHELL", 1, 1, "bash zsh fish",
    "print a completion script for bash, zsh or fish",
    "bash: source <(signet completion bash)\n"
    "zsh:  source <(signet completion zsh)\n"
    "fish: signet completion fish | source"},
  [COMMAND_HELP] = {"help", signet_host_help,
    OPTIONS_ALWAYS,
    "[COMMAND]", 0, 1, "COMMAND",
    "show help, of a command where one is given", ""},
};
/* clang-format on */
