/* SPDX-License-Identifier: MIT */
/* signet sandbox: the server of libsignet-sandbox, until a signal ends it. */

#include "host/host.h"

#include "signet/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static signet_sandbox *volatile running;

static void take_signal(int number)
{
  int kept = errno;

  (void)number;
  if (running != NULL) {
    signet_sandbox_stop(running);
  }
  errno = kept;
}

static void watch_signals(void)
{
  struct sigaction action = {.sa_handler = take_signal};

  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  (void)sigaction(SIGHUP, &action, NULL);
}

static bool take_credentials(const struct host *host,
                             signet_sandbox_options *options)
{
  if (signet_host_flag(host, OPTION_KEY)) {
    options->key = host->arguments.values[OPTION_KEY];
  }
  if (!signet_host_flag(host, OPTION_CREDENTIALS_FROM_ENV)) {
    return true;
  }
  options->key = getenv("ENGAGELAB_SMS_KEY");
  options->secret = getenv("ENGAGELAB_SMS_SECRET");
  return options->key != NULL && *options->key != '\0' &&
         options->secret != NULL && *options->secret != '\0';
}

static void take_options(const struct host *host,
                         signet_sandbox_options *options)
{
  const char *const *values = host->arguments.values;

  if (values[OPTION_PORT] != NULL) {
    options->port = (uint16_t)strtoul(values[OPTION_PORT], NULL, 10);
  }
  if (values[OPTION_LATENCY] != NULL) {
    options->latency_ms = strtol(values[OPTION_LATENCY], NULL, 10);
  }
  if (values[OPTION_SEED] != NULL) {
    (void)signet_host_seed(values[OPTION_SEED], &options->seed_signs,
                           &options->seed_templates);
  }
  options->state_file = values[OPTION_STATE];
}

static void say_where(const struct host *host, const signet_sandbox *sandbox,
                      const signet_sandbox_options *options)
{
  unsigned port = signet_sandbox_port(sandbox);

  (void)printf("http://127.0.0.1:%u\n", port);
  (void)fflush(stdout);
  if (!host->terminal.error_tty) {
    return;
  }
  (void)fprintf(stderr,
                "%sTry it from another terminal, Ctrl-C ends it:\n"
                "  export SIGNET_BASE_URL=http://127.0.0.1:%u "
                "ENGAGELAB_SMS_KEY=",
                signet_host_style(host->terminal.error_color, STYLE_DIM), port);
  signet_host_write_safe(stderr, options->key, strlen(options->key));
  (void)fprintf(stderr, " ENGAGELAB_SMS_SECRET=%s\n  signet repl%s\n",
                signet_host_flag(host, OPTION_CREDENTIALS_FROM_ENV)
                    ? "(yours)"
                    : options->secret,
                signet_host_style(host->terminal.error_color, STYLE_PLAIN));
}

int signet_host_sandbox(struct host *host)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_sandbox *sandbox;
  int status = EXIT_DONE;

  take_options(host, &options);
  if (!take_credentials(host, &options)) {
    signet_host_error(host, "--credentials-from-env: ENGAGELAB_SMS_KEY and "
                            "ENGAGELAB_SMS_SECRET must both be set");
    return EXIT_CONFIGURATION;
  }
  sandbox = signet_sandbox_open(&options, &error);
  if (sandbox == NULL) {
    signet_host_error(host, error.message);
    return EXIT_FAILED;
  }
  running = sandbox;
  watch_signals();
  say_where(host, sandbox, &options);
  if (!signet_sandbox_run(sandbox, &error)) {
    signet_host_error(host, error.message);
    status = EXIT_FAILED;
  }
  running = NULL;
  signet_sandbox_close(sandbox);
  return status;
}
