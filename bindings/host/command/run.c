/* SPDX-License-Identifier: MIT */
/* signet run. */
#include "host/command/run.h"
#include "host/arguments/suggest.h"

#include "host/command/commands.h"
#include "host/command/run_script.h"
#include "host/system/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_MAXIMUM = 64 << 20 };

/* The shipped job whose name is nearest to a word. */
struct names {
  char names[64][68];
  size_t count;
};

static bool take_name(void *user, const char *name)
{
  struct names *names = user;

  (void)snprintf(names->names[names->count++], sizeof names->names[0], "%s",
                 name);
  return names->count < sizeof names->names / sizeof names->names[0];
}

static const char *next_name(size_t index, void *user)
{
  struct names *names = user;

  return index < names->count ? names->names[index] : NULL;
}

static int refuse(struct host *host, const char *name, signet_error *error)
{
  struct names names = {.count = 0};
  size_t length = strlen(error->message);
  const char *near;

  if (error->kind != SIGNET_ERROR_NOT_FOUND &&
      error->kind != SIGNET_ERROR_VALIDATION) {
    return signet_host_report_refusal(host, "script", error->message,
                                      EXIT_FAILED);
  }
  if (error->kind == SIGNET_ERROR_NOT_FOUND) {
    signet_scripts_each(take_name, &names);
    near = signet_host_suggest(name, next_name, &names);
    (void)snprintf(error->message + length, sizeof error->message - length,
                   "%s%s%s", near != NULL ? "; did you mean " : "",
                   near != NULL ? near : "", near != NULL ? "?" : "");
  }
  return signet_host_report_refusal(host, "usage", error->message, EXIT_USAGE);
}

int signet_host_run_code(struct host *host, const char *name,
                         signet_script *code, signet_error *error)
{
  const struct script script = {.name = name, .code = code};
  int status = code != NULL ? signet_host_run_script(host, &script)
                            : refuse(host, name, error);

  signet_script_free(code);
  return status;
}

static signet_script *read_input(int argc, const char *const *argv,
                                 signet_error *error)
{
  size_t length;
  char *text = signet_host_read_whole(stdin, SCRIPT_MAXIMUM, &length);
  signet_script *code = NULL;

  if (text != NULL) {
    code = signet_script_new("-", NULL, text, length, argc, argv, error);
  } else {
    error->kind = SIGNET_ERROR_STORE;
    (void)snprintf(error->message, sizeof error->message,
                   "standard input can't be read: %s",
                   errno == EFBIG ? "it is too long for a script"
                                  : strerror(errno));
  }
  free(text);
  return code;
}

int signet_host_run(struct host *host)
{
  const struct arguments *arguments = &host->arguments;
  const char *name = arguments->rest[0];
  const char *const *argv = arguments->rest + 1;
  int argc = arguments->count - 1;
  signet_error error = SIGNET_ERROR_INIT;

  return signet_host_run_code(
      host, name,
      strcmp(name, "-") == 0 ? read_input(argc, argv, &error)
                             : signet_script_open(name, argc, argv, &error),
      &error);
}
