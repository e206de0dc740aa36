/* SPDX-License-Identifier: MIT */
/* signet -e. */
#include "host/command/commands.h"
#include "host/command/run.h"
#include "host/system/files.h"

#include <string.h>

int signet_host_execute(struct host *host)
{
  const struct arguments *arguments = &host->arguments;
  const char *chunk = signet_host_skip_mark(arguments->values[OPTION_EXECUTE]);
  signet_error error = SIGNET_ERROR_INIT;

  return signet_host_run_code(host, "-e",
                              signet_script_new("-e", NULL, chunk,
                                                strlen(chunk), arguments->count,
                                                arguments->rest, &error),
                              &error);
}
