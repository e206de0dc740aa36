/* SPDX-License-Identifier: MIT */
/* signet apply, and what it shares with signet undo. */
#include "host/apply.h"

#include "host/files.h"
#include "host/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern const char signet_host_apply_lua[];
extern const size_t signet_host_apply_lua_size;

static const size_t PLAN_MAXIMUM = (size_t)1 << 30;

/* ---- where it is carried out ---- */

int signet_host_apply_place(struct host *host, struct application_place *place,
                            signet_error *error)
{
  *place = (struct application_place){0};
  place->settings = signet_host_settings(host, error);
  if (place->settings == NULL ||
      !signet_host_jobs_identify(place->settings, place->identity,
                                 sizeof place->identity, error)) {
    return EXIT_CONFIGURATION;
  }
  host->settings = place->settings; /* the environment holds no secret now */
  return signet_host_jobs_read(place->settings, NULL, &place->jobs, error);
}

void signet_host_apply_leave(struct host *host, struct application_place *place)
{
  host->settings = NULL;
  signet_host_jobs_free(&place->jobs);
  signet_settings_free(place->settings);
}

const struct job_entry *signet_host_apply_former(const struct job_list *jobs,
                                                 const char *type,
                                                 const char *parent)
{
  for (size_t i = 0; i < jobs->count; i++) {
    const struct job_entry *job = &jobs->entries[i];

    if (strcmp(job->type, type) == 0 && job->parent != NULL &&
        strcmp(job->parent, parent) == 0) {
      return job;
    }
  }
  return NULL;
}

int signet_host_apply_refuse(const struct host *host, const char *what,
                             const struct job_entry *former)
{
  char sentence[300];

  if (strcmp(former->state, "done") == 0) {
    (void)snprintf(sentence, sizeof sentence, "%s already, by job %s", what,
                   former->id);
  } else {
    (void)snprintf(sentence, sizeof sentence,
                   "%s already, by job %s, which is %s; to go on: signet "
                   "resume %s",
                   what, former->id, signet_host_job_state(former), former->id);
  }
  return signet_host_report_refusal(host, "refused", sentence, EXIT_REFUSED);
}

/* ---- carrying it out ---- */

struct text {
  FILE *stream;
  char *data;
  size_t length;
};

/* What the driver has to know of a write that is done, or that is open. */
static bool take_write(void *user, const signet_write_view *write)
{
  struct text *text = user;
  bool done = strcmp(write->state, "done") == 0;

  if (done || strcmp(write->state, "intent") == 0 ||
      strcmp(write->state, "unknown") == 0) {
    (void)fprintf(text->stream, "%s %s %s\n", done ? "done" : "open",
                  write->kind, write->target);
  }
  return true;
}

/* Free the result with free(). NULL: @p error says why. */
static char *written_before(const struct host *host, const char *resume,
                            signet_error *error)
{
  struct text text = {0};
  bool good = true;

  text.stream = open_memstream(&text.data, &text.length);
  if (text.stream == NULL) {
    return NULL;
  }
  if (resume != NULL) {
    good =
        signet_job_writes_each(signet_settings_get(host->settings, "state_dir"),
                               resume, take_write, &text, error);
  }
  if (fclose(text.stream) != 0 || !good) {
    free(text.data);
    return NULL;
  }
  return text.data;
}

/* "max-deletes 30 % 10", as the driver reads it. */
static void limit_text(char *out, size_t size, const char *name,
                       const signet_job_limit *limit)
{
  out[0] = '\0';
  if (limit->number >= 0) {
    (void)snprintf(out, size, "%s %lld %s %lld\n", name,
                   (long long)limit->number, limit->percent ? "percent" : "all",
                   (long long)limit->from);
  }
}

static int carry_out(struct host *host, const char *name, const char *resume,
                     const struct application *application, const char *written)
{
  signet_job_limit changes, deletes;
  char how[32], limits[200];
  size_t length;
  const char *argv[] = {signet_plan_text(application->plan, &length), how,
                        written, limits};
  const struct script script = {.name = name,
                                .text = signet_host_apply_lua,
                                .length = signet_host_apply_lua_size,
                                .argc = sizeof argv / sizeof argv[0],
                                .argv = argv,
                                .resume = resume,
                                .application = application};

  signet_host_job_limits(host, &changes, &deletes);
  limit_text(limits, sizeof limits, "max-changes", &changes);
  limit_text(limits + strlen(limits), sizeof limits - strlen(limits),
             "max-deletes", &deletes);
  (void)snprintf(how, sizeof how, "%s%s", application->type,
                 signet_host_flag(host, OPTION_PARK) ? " park" : "");
  return signet_host_run_script(host, &script);
}

int signet_host_apply_plan(struct host *host, const char *name,
                           const char *resume,
                           const struct application *application)
{
  signet_error error = SIGNET_ERROR_INIT;
  char *written = written_before(host, resume, &error);
  int status;

  if (written == NULL) {
    return signet_host_report_refusal(
        host, "store", *error.message != '\0' ? error.message : "out of memory",
        EXIT_FAILED);
  }
  status = carry_out(host, name, resume, application, written);
  free(written);
  return status;
}

int signet_host_apply_again(struct host *host, const struct job_entry *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan =
      signet_plan_load(job->script, strlen(job->script), &error);
  const struct application application = {
      .type = job->type, .parent = job->parent, .plan = plan};
  int status =
      plan != NULL
          ? signet_host_apply_plan(host, job->name, job->id, &application)
          : signet_host_report_refusal(host, signet_error_kind_name(error.kind),
                                       error.message, EXIT_FAILED);

  signet_plan_free(plan);
  return status;
}

/* ---- the file ---- */

/* The whole file. NULL: errno says why. */
static char *read_file(const char *path, size_t *length)
{
  FILE *file = fopen(path, "re");
  char *text;

  if (file == NULL) {
    return NULL;
  }
  text = signet_host_read_whole(file, PLAN_MAXIMUM, length);
  (void)fclose(file);
  return text;
}

static signet_plan *load(const char *path, signet_error *error)
{
  size_t length;
  char *text = read_file(path, &length);
  signet_plan *plan;

  if (text == NULL) {
    error->kind = SIGNET_ERROR_VALIDATION;
    (void)snprintf(error->message, sizeof error->message,
                   "%.300s can't be read: %s", path, strerror(errno));
    return NULL;
  }
  plan = signet_plan_load(text, length, error);
  free(text);
  return plan;
}

static int apply(struct host *host, const struct application_place *place,
                 const signet_plan *plan)
{
  signet_plan_about about;
  const struct application application = {
      .type = "apply", .parent = signet_plan_digest(plan), .plan = plan};
  const struct job_entry *former =
      signet_host_apply_former(&place->jobs, "apply", application.parent);
  char sentence[1200];

  signet_plan_describe(plan, &about);
  if (signet_plan_count(plan) > 0 &&
      strcmp(about.account, place->identity) != 0) {
    (void)snprintf(sentence, sizeof sentence,
                   "the plan is for %.500s, and these settings lead to %.500s",
                   about.account, place->identity);
    return signet_host_report_refusal(host, "refused", sentence, EXIT_REFUSED);
  }
  if (former != NULL) {
    return signet_host_apply_refuse(host, "the plan was applied", former);
  }
  return signet_host_apply_plan(host, host->arguments.rest[0], NULL,
                                &application);
}

int signet_host_apply(struct host *host)
{
  struct application_place place = {0};
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan = load(host->arguments.rest[0], &error);
  int status = plan == NULL && error.kind == SIGNET_ERROR_REFUSED ? EXIT_REFUSED
                                                                  : EXIT_FAILED;

  if (plan != NULL) {
    status = signet_host_apply_place(host, &place, &error);
  }
  status =
      plan != NULL && status == EXIT_DONE
          ? apply(host, &place, plan)
          : signet_host_report_refusal(host, signet_error_kind_name(error.kind),
                                       error.message, status);
  signet_host_apply_leave(host, &place);
  signet_plan_free(plan);
  return status;
}
