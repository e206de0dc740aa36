/* SPDX-License-Identifier: MIT */
#include "host/arguments/host.h"

#include "host/system/guard.h"

#include <string.h>
#include <time.h>

bool signet_host_flag(const struct host *host, enum option option)
{
  return host->arguments.times[option] > 0;
}

void signet_host_error(const struct host *host, const char *sentence)
{
  bool color = host->terminal.error_color;

  (void)fflush(stdout);
  (void)fprintf(stderr, "%serror:%s ", signet_host_style(color, STYLE_RED),
                signet_host_style(color, STYLE_PLAIN));
  signet_host_write_safe(stderr, sentence, strlen(sentence));
  (void)fputc('\n', stderr);
}

static bool set_options(const struct host *host, signet_settings *settings,
                        signet_error *error)
{
  char origin[48];

  for (int i = 0; i < OPTION_COUNT; i++) {
    const struct option_row *row = &signet_host_options[i];

    (void)snprintf(origin, sizeof origin, "--%s", row->name);
    if (row->kind == VALUE_SETTING && host->arguments.times[i] > 0 &&
        !signet_settings_set(settings, row->setting, host->arguments.values[i],
                             origin, error))
      return false;
  }
  return true;
}

signet_settings *signet_host_settings_first(const struct host *host,
                                            signet_error *error)
{
  signet_settings *settings = host->settings != NULL
                                  ? signet_settings_copy(host->settings)
                                  : signet_settings_new();

  if (settings == NULL) {
    error->kind = SIGNET_ERROR_MEMORY;
    (void)snprintf(error->message, sizeof error->message, "out of memory");
  } else if (host->settings == NULL &&
             (!set_options(host, settings, error) ||
              !signet_settings_environment(settings, error) ||
              !signet_settings_profile(settings, error) ||
              !signet_settings_defaults(settings, error))) {
    signet_settings_free(settings);
    settings = NULL;
  }
  return settings;
}

signet_settings *signet_host_settings(const struct host *host,
                                      signet_error *error)
{
  signet_settings *settings = signet_host_settings_first(host, error);

  signet_host_wipe_environment();
  return settings;
}

double signet_host_deadline(const signet_settings *settings)
{
  return signet_settings_number(settings, "deadline", 0);
}

int signet_host_status(signet_error_kind kind)
{
  switch (kind) {
  case SIGNET_OK:
    return EXIT_DONE;
  case SIGNET_ERROR_AUTH:
  case SIGNET_ERROR_CONFIGURATION:
    return EXIT_CONFIGURATION;
  case SIGNET_ERROR_REFUSED:
  case SIGNET_ERROR_LOCKED:
    return EXIT_REFUSED;
  case SIGNET_ERROR_UNKNOWN_OUTCOME:
    return EXIT_UNKNOWN;
  case SIGNET_ERROR_CANCELLED:
    return EXIT_INTERRUPTED;
  default:
    return EXIT_FAILED;
  }
}

void signet_host_job_time(char *out, size_t size, int64_t unix_ms)
{
  time_t seconds = (time_t)(unix_ms / 1000);
  struct tm local;

  if (localtime_r(&seconds, &local) == NULL ||
      strftime(out, size, "%Y-%m-%d %H:%M:%S", &local) == 0)
    *out = '\0';
}
