/* SPDX-License-Identifier: MIT */
/* The sandbox in a program of its own: opens a free port, closes it. */
#include <signet/sandbox.h>
#include <stdio.h>

int main(void)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_sandbox *sandbox = signet_sandbox_open(&options, &error);
  if (sandbox == NULL) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  printf("%s\n", signet_sandbox_port(sandbox) > 0 ? "listening" : "no port");
  signet_sandbox_close(sandbox);
  return 0;
}
