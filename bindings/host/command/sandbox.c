/* SPDX-License-Identifier: MIT */
/* signet sandbox: the server of libsignet-sandbox, until a signal ends it. */

#include "host/command/commands.h"
#include "host/session/advice.h"
#include "host/system/files.h"
#include "host/system/guard.h"

#include "model/text.h"
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
  if (running != NULL)
    signet_sandbox_stop(running);
  errno = kept;
}

static void watch_signals(void)
{
  struct sigaction action = {.sa_handler = take_signal};

  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  (void)sigaction(SIGHUP, &action, NULL);
}

/* Copies, since the environment is wiped afterwards. */
static char *from_environment(const char *variable)
{
  const char *value = getenv(variable);

  return value != NULL && *value != '\0' ? strdup(value) : NULL;
}

static bool take_credentials(const struct host *host, char **key, char **secret,
                             signet_sandbox_options *options)
{
  bool wanted = signet_host_flag(host, OPTION_CREDENTIALS_FROM_ENV);

  if (wanted) {
    *key = from_environment("ENGAGELAB_SMS_KEY");
    *secret = from_environment("ENGAGELAB_SMS_SECRET");
    options->key = *key;
    options->secret = *secret;
  }
  if (signet_host_flag(host, OPTION_KEY))
    options->key = host->arguments.values[OPTION_KEY];
  signet_host_wipe_environment();
  return options->key != NULL && options->secret != NULL;
}

static void take_options(const struct host *host,
                         signet_sandbox_options *options)
{
  const char *const *values = host->arguments.values;

  if (values[OPTION_PORT] != NULL)
    options->port = (uint16_t)strtoul(values[OPTION_PORT], NULL, 10);
  if (values[OPTION_LATENCY] != NULL)
    options->latency_ms = strtol(values[OPTION_LATENCY], NULL, 10);
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
  char key[ADVICE_SIZE];

  (void)printf("http://127.0.0.1:%u\n", port);
  (void)fflush(stdout);
  if (!host->terminal.error_tty)
    return;
  (void)fprintf(stderr,
                "%sTry it from another terminal, Ctrl-C ends it:\n"
                "  export SIGNET_BASE_URL=http://127.0.0.1:%u",
                signet_host_style(host->terminal.error_color, STYLE_DIM), port);
  signet_host_quote(options->key, key, sizeof key);
  (void)fprintf(stderr, " ENGAGELAB_SMS_KEY=");
  signet_host_write_safe(stderr, key, strlen(key));
  if (!signet_host_flag(host, OPTION_CREDENTIALS_FROM_ENV))
    (void)fprintf(stderr, " ENGAGELAB_SMS_SECRET=%s", options->secret);
  (void)fprintf(stderr, "\n  signet repl%s\n",
                signet_host_style(host->terminal.error_color, STYLE_PLAIN));
}

static int serve(struct host *host, const signet_sandbox_options *options)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_sandbox *sandbox = signet_sandbox_open(options, &error);
  int status = EXIT_DONE;

  if (sandbox == NULL) {
    signet_host_error(host, error.message);
    return EXIT_FAILED;
  }
  running = sandbox;
  watch_signals();
  say_where(host, sandbox, options);
  if (!signet_sandbox_run(sandbox, &error)) {
    signet_host_error(host, error.message);
    status = EXIT_FAILED;
  }
  running = NULL;
  signet_sandbox_close(sandbox);
  return status;
}

/* Saved is at the end, and when asked to: too late to hear that it can't be. */
static bool can_save(const struct host *host, const char *path)
{
  char sentence[400], shown[256];

  if (path == NULL || signet_host_can_replace(path))
    return true;
  (void)signet_text_escape(shown, sizeof shown, path, strlen(path));
  (void)snprintf(sentence, sizeof sentence,
                 "--state: the account can't be saved as %s: %s", shown,
                 strerror(errno));
  signet_host_error(host, sentence);
  return false;
}

int signet_host_sandbox(struct host *host)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  char *key = NULL, *secret = NULL;
  int status = EXIT_CONFIGURATION;

  take_options(host, &options);
  if (!can_save(host, options.state_file))
    return EXIT_CONFIGURATION;
  if (take_credentials(host, &key, &secret, &options)) {
    status = serve(host, &options);
  } else {
    signet_host_error(host, "--credentials-from-env: ENGAGELAB_SMS_KEY and "
                            "ENGAGELAB_SMS_SECRET must both be set");
  }
  if (secret != NULL)
    explicit_bzero(secret, strlen(secret));
  free(secret);
  free(key);
  return status;
}
