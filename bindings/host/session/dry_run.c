/* SPDX-License-Identifier: MIT */
/* signet plan, signet run --dry-run: a run on an overlay, then its plan. */
#include "host/session/dry_run.h"

#include "host/output/json.h"
#include "host/output/plan_json.h"
#include "host/output/plan_show.h"
#include "host/output/report_event.h"
#include "host/session/advice.h"
#include "host/system/files.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool signet_host_is_dry(const struct host *host)
{
  return host->arguments.command == COMMAND_PLAN ||
         signet_host_flag(host, OPTION_DRY_RUN);
}

signet_overlay *signet_host_plan_overlay(const struct host *host,
                                         signet_error *error)
{
  signet_overlay_options options = SIGNET_OVERLAY_OPTIONS_INIT;

  (void)signet_host_review(host->arguments.values[OPTION_REVIEW], &options);
  return signet_overlay_new(&options, error);
}

/* The script's own arguments as a JSON array; free with free(). */
static char *arguments_text(const struct arguments *arguments, int first)
{
  json_object *array = json_object_new_array();
  char *text;

  for (int i = first; i < arguments->count; i++) {
    (void)json_object_array_add(array,
                                json_object_new_string(arguments->rest[i]));
  }
  text = strdup(json_object_to_json_string_ext(
      array, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
  (void)json_object_put(array);
  return text;
}

static signet_plan *make(const struct host *host, const signet_overlay *overlay,
                         signet_error *error)
{
  const struct arguments *arguments = &host->arguments;
  bool chunk = arguments->command == COMMAND_EXECUTE;
  char *text = arguments_text(arguments, chunk ? 0 : 1);
  const char *from = arguments->values[OPTION_FROM];
  signet_plan *plan = signet_overlay_plan(overlay,
                                          chunk          ? "-e"
                                          : from != NULL ? from
                                                         : arguments->rest[0],
                                          text, error);

  free(text);
  return plan;
}

static bool write_all(int file, const char *text, size_t length)
{
  while (length > 0) {
    ssize_t count = write(file, text, length);

    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    text += count;
    length -= (size_t)count;
  }
  return fsync(file) == 0;
}

/* The file is whole or not there at all, and others can't read it: it holds
 * what customers wrote. */
static bool save(const signet_plan *plan, const char *path)
{
  size_t length, room = strlen(path) + 8;
  const char *text = signet_plan_text(plan, &length);
  char *part = malloc(room);
  bool good = false;
  int file, problem;

  if (part == NULL)
    return false;
  (void)snprintf(part, room, "%s.XXXXXX", path);
  file = mkstemp(part);
  if (file >= 0) {
    good = write_all(file, text, length);
    good = close(file) == 0 && good;
    good = good && rename(part, path) == 0;
    problem = errno;
    if (!good)
      (void)unlink(part);
    errno = problem;
  }
  free(part);
  return good;
}

/* Whether something stands there that is no plan: a device, a link, what a
 * person wrote. It is not replaced. */
static bool holds_other(const char *path)
{
  static const char plan[] = "{\"format\":\"signet-plan\"";
  char begin[sizeof plan - 1];
  struct stat status;
  size_t length = 0;
  FILE *file = NULL;

  if (lstat(path, &status) != 0)
    return false;
  if (S_ISREG(status.st_mode))
    file = fopen(path, "re");
  if (file == NULL)
    return true;
  length = fread(begin, 1, sizeof begin, file);
  (void)fclose(file);
  return length > 0 &&
         (length < sizeof begin || memcmp(begin, plan, length) != 0);
}

bool signet_host_plan_can_save(const struct host *host, signet_error *error)
{
  const char *path = host->arguments.values[OPTION_OUTPUT], *why = NULL;
  char shown[300];

  if (path == NULL)
    return true;
  if (!signet_host_can_replace(path))
    why = strerror(errno);
  else if (holds_other(path))
    why = "there is a file already, which is no plan";
  if (why == NULL)
    return true;
  (void)signet_text_escape(shown, sizeof shown, path, strlen(path));
  error->kind = SIGNET_ERROR_CONFIGURATION;
  (void)snprintf(error->message, sizeof error->message,
                 "--output: a plan can't be saved as %s: %s", shown, why);
  return false;
}

/* The option that leads to the account of the plan, where the script did. */
static void name_profile(const struct report *report, const signet_plan *plan,
                         char *option, size_t size)
{
  signet_plan_about about;
  char word[sizeof report->profile * 4 + 3];

  *option = '\0';
  signet_plan_describe(plan, &about);
  if (*report->profile != '\0' &&
      report->host->arguments.times[OPTION_PROFILE] == 0 &&
      strcmp(about.account, report->account) == 0) {
    signet_host_quote(report->profile, word, sizeof word);
    (void)snprintf(option, size, "--profile %s", word);
  }
}

static bool save_where_asked(struct report *report, const signet_plan *plan)
{
  const char *path = report->host->arguments.values[OPTION_OUTPUT];
  char sentence[1200 + ADVICE_SIZE], command[ADVICE_SIZE], option[400];

  if (path == NULL)
    return true;
  if (!save(plan, path)) {
    (void)snprintf(sentence, sizeof sentence,
                   "the plan can't be saved as %.1000s: %s", path,
                   strerror(errno));
    signet_host_report_error(report, "store", sentence);
    return false;
  }
  if (signet_plan_count(plan) == 0) {
    (void)snprintf(sentence, sizeof sentence,
                   "saved as %.1000s, which changes nothing", path);
    signet_host_report_note(report, sentence);
    return true;
  }
  name_profile(report, plan, option, sizeof option);
  signet_host_advice_on_file(report->host, COMMAND_APPLY, option, path, command,
                             sizeof command);
  (void)snprintf(sentence, sizeof sentence,
                 "saved as %.1000s; to carry it out: %s", path, command);
  signet_host_report_note(report, sentence);
  return true;
}

/* A script that goes on after the refusal would change more than a plan says.
 */
static bool is_whole(struct report *report, const signet_plan *plan)
{
  char sentence[200];
  signet_plan_about about;

  signet_plan_describe(plan, &about);
  if (about.unplanned == 0)
    return true;
  (void)snprintf(sentence, sizeof sentence,
                 "the script asked for %" PRIu64 " raw %s, and what %s would "
                 "do can't be planned, so no plan was made",
                 about.unplanned, about.unplanned == 1 ? "write" : "writes",
                 about.unplanned == 1 ? "that" : "they");
  signet_host_report_error(report, "refused", sentence);
  return false;
}

static int end_made(struct report *report, const signet_plan *plan)
{
  if (!is_whole(report, plan))
    return EXIT_REFUSED;
  if (report->json != NULL)
    signet_host_plan_json(report, plan);
  else if (!report->quiet)
    signet_host_plan_show(report, plan);
  return save_where_asked(report, plan) ? EXIT_DONE : EXIT_FAILED;
}

int signet_host_plan_end(struct report *report, const signet_overlay *overlay)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan = make(report->host, overlay, &error);
  int status = EXIT_FAILED;

  if (plan != NULL) {
    report->planned = true;
    report->changes = signet_plan_count(plan);
    status = end_made(report, plan);
  } else {
    signet_host_report_error(report, signet_error_kind_name(error.kind),
                             error.message);
  }
  signet_plan_free(plan);
  return status;
}
