/* SPDX-License-Identifier: MIT */
/* signet doctor: one line for each thing that must be right. */

#include "host/command/commands.h"
#include "host/output/progress.h"
#include "host/output/trace.h"
#include "signet/script.h"

#include "signet/account.h"
#include "signet/job.h"

#include <curl/curl.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <lua.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct doctor {
  const struct host *host;
  bool ill;
  struct report report;
  struct trace trace;
};

static void __attribute__((format(printf, 3, 4)))
say(struct doctor *doctor, bool good, const char *format, ...)
{
  bool color = doctor->host->terminal.out_color;
  char text[1024];
  va_list list;

  doctor->ill = doctor->ill || !good;
  if (good && signet_host_flag(doctor->host, OPTION_QUIET))
    return;
  va_start(list, format);
  (void)vsnprintf(text, sizeof text, format, list);
  va_end(list);
  (void)printf("%s%-4s%s ",
               signet_host_style(color, good ? STYLE_GREEN : STYLE_RED),
               good ? "ok" : "fail", signet_host_style(color, STYLE_PLAIN));
  signet_host_write_safe(stdout, text, strlen(text));
  (void)putchar('\n');
  (void)fflush(stdout);
}

static void check_libraries(struct doctor *doctor)
{
  const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

  say(doctor, true,
      "signet %s: libcurl %s (%s), json-c %s, %s, libmicrohttpd %s",
      signet_version(), curl->version,
      curl->ssl_version != NULL ? curl->ssl_version : "no TLS",
      json_c_version(), LUA_RELEASE, MHD_get_version());
}

/* @param user  room for 512 bytes */
static bool add_script(void *user, const char *name)
{
  char *jobs = user;
  size_t length = strlen(jobs);

  (void)snprintf(jobs + length, 512 - length, "%s%s", length > 0 ? ", " : "",
                 name);
  return true;
}

static void check_scripts(struct doctor *doctor)
{
  char jobs[512] = "";

  signet_scripts_each(add_script, jobs);
  if (*jobs != '\0') {
    say(doctor, true, "shipped jobs: %s", jobs);
  } else {
    say(doctor, false,
        "the shipped jobs are missing: share/signet/scripts must lie beside "
        "bin/signet; install signet again");
  }
}

/* The variables that the named profile kept out, as a part of a sentence. */
static void list_ignored(const signet_settings *settings, char *text,
                         size_t size)
{
  static const char *const names[] = {"key", "secret", "base_url", "api"};
  size_t length = 0;

  *text = '\0';
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *variable = signet_settings_ignored(settings, names[i]);

    if (variable != NULL && length < size) {
      length += (size_t)snprintf(text + length, size - length, "%s %s",
                                 length == 0 ? "; not used:" : ",", variable);
    }
  }
}

static void check_config(struct doctor *doctor, const signet_settings *settings)
{
  const char *origin = signet_settings_origin(settings, "profile");
  char path[PATH_MAX], ignored[160];
  bool chosen = strcmp(origin, "default") != 0, there, place;

  signet_settings_path(path, sizeof path);
  place = *path != '\0';
  there = place && access(path, R_OK) == 0;
  list_ignored(settings, ignored, sizeof ignored);
  say(doctor, true, "settings: profile [%s]%s%s%s%s%s%s%s",
      signet_settings_get(settings, "profile"), chosen ? " (" : "",
      chosen ? origin : "", chosen ? ")" : "",
      there   ? " of "
      : place ? "; there is no file "
              : "; HOME names no place for a file",
      path, there ? "" : ", which is fine", ignored);
}

/* The folder itself, or the nearest one above it that is there. */
static bool can_be_made(const char *path)
{
  char above[PATH_MAX];
  struct stat status;
  char *slash;

  (void)snprintf(above, sizeof above, "%s", path);
  while (stat(above, &status) != 0 && (slash = strrchr(above, '/')) != NULL)
    *slash = '\0';
  return stat(*above != '\0' ? above : "/", &status) == 0 &&
         S_ISDIR(status.st_mode) &&
         access(*above != '\0' ? above : "/", W_OK | X_OK) == 0;
}

static void check_state(struct doctor *doctor, const signet_settings *settings)
{
  const char *path =
      signet_jobs_folder(signet_settings_get(settings, "state_dir"));

  if (path != NULL && can_be_made(path)) {
    say(doctor, true, "state directory: %s", path);
  } else {
    say(doctor, false,
        "state directory %s can't be written to: name another one with "
        "--state-dir or SIGNET_STATE_DIR",
        path != NULL ? path : "(none)");
  }
}

/* What to do, where the error does not say so itself. */
static const char *advice(signet_error_kind kind)
{
  switch (kind) {
  case SIGNET_ERROR_NETWORK:
  case SIGNET_ERROR_TIMEOUT:
    return "; check the base URL, the network, and a proxy or firewall between";
  case SIGNET_ERROR_SERVER:
  case SIGNET_ERROR_NOT_FOUND:
    return "; check that the base URL is the service's and fits --api";
  default:
    return "";
  }
}

static void check_list(struct doctor *doctor, signet_account *account)
{
  double began = signet_host_now();
  signet_call *call = signet_sign_list(account, NULL, NULL, NULL);
  const signet_error *error = call != NULL ? signet_call_wait(call) : NULL;
  char time[32];

  signet_host_duration(time, sizeof time, signet_host_now() - began);
  if (call == NULL) {
    say(doctor, false, "out of memory");
  } else if (error != NULL) {
    say(doctor, false, "%s: %s%s", signet_account_url(account), error->message,
        advice(error->kind));
  } else {
    say(doctor, true, "%s answers, and accepts the key: %zu signatures in %s",
        signet_account_url(account), signet_list_count(signet_call_list(call)),
        time);
  }
  signet_call_release(call);
}

static void check_service(struct doctor *doctor,
                          const signet_settings *settings)
{
  signet_account_options options;
  signet_error error = SIGNET_ERROR_INIT;
  signet_loop *loop = NULL;
  signet_account *account = NULL;

  if (signet_settings_options(settings, &options, &error)) {
    say(doctor, true, "key from %s, secret from %s, base URL from %s",
        signet_settings_origin(settings, "key"),
        signet_settings_origin(settings, "secret"),
        signet_settings_origin(settings, "base_url"));
    loop = signet_loop_new();
    account = loop == NULL ? NULL : signet_account_open(loop, &options, &error);
    signet_settings_locate(settings, &error);
  }
  if (account != NULL) {
    signet_account_on_trace(account, signet_host_trace_function(&doctor->trace),
                            &doctor->trace,
                            signet_host_trace_bytes(&doctor->trace));
  }
  if (account == NULL) {
    say(doctor, false, "%s",
        loop == NULL && error.kind == SIGNET_OK ? "out of memory"
                                                : error.message);
  } else {
    check_list(doctor, account);
  }
  signet_account_close(account);
  signet_loop_free(loop);
}

int signet_host_doctor(struct host *host)
{
  struct doctor doctor = {.host = host};
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings;

  check_libraries(&doctor);
  check_scripts(&doctor);
  settings = signet_host_settings(host, &error);
  if (settings == NULL) {
    say(&doctor, false, "%s", error.message);
    return EXIT_CONFIGURATION;
  }
  check_config(&doctor, settings);
  check_state(&doctor, settings);
  signet_host_report_begin(&doctor.report, host, true);
  if (signet_host_trace_open(&doctor.trace, &doctor.report, &error))
    check_service(&doctor, settings);
  else
    say(&doctor, false, "%s", error.message);
  signet_host_trace_close(&doctor.trace);
  signet_settings_free(settings);
  return doctor.ill ? EXIT_CONFIGURATION : EXIT_DONE;
}
