/* SPDX-License-Identifier: MIT */
/* signet jobs, and reading journals for show and resume. */

#include "host/command/jobs.h"

#include "host/command/jobs_table.h"
#include "host/output/json.h"
#include "host/session/advice.h"
#include "host/session/loss.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- reading --- */

static char *copy(struct job_list *list, const char *text)
{
  char *copied = strdup(text != NULL ? text : "");

  list->no_memory = list->no_memory || copied == NULL;
  return copied;
}

static bool take_job(void *user, const signet_job_view *view)
{
  struct job_list *list = user;
  struct job_entry *job;

  if (list->count == list->room) {
    size_t room = list->room > 0 ? 2 * list->room : 32;

    job = reallocarray(list->entries, room, sizeof *job);
    if (job == NULL) {
      list->no_memory = true;
      return false;
    }
    list->entries = job;
    list->room = room;
  }
  job = &list->entries[list->count++];
  *job = (struct job_entry){.id = copy(list, view->id),
                            .type = copy(list, view->type),
                            .state = copy(list, view->state),
                            .name = copy(list, view->name),
                            .arguments = copy(list, view->arguments),
                            .account = copy(list, view->account),
                            .parent = copy(list, view->parent),
                            .started_ms = view->started_ms,
                            .ended_ms = view->ended_ms,
                            .counts = view->counts,
                            .loss = view->loss,
                            .writes = view->writes,
                            .runs = view->running != NULL,
                            .journal = copy(list, view->journal)};
  if (job->runs) {
    job->running = *view->running;
  }
  return !list->no_memory;
}

static void take_busy(void *user, const char *journal)
{
  struct job_list *list = user;
  char **busy =
      reallocarray(list->busy, list->busy_count + 1, sizeof list->busy[0]);

  if (busy == NULL) {
    list->no_memory = true;
    return;
  }
  list->busy = busy;
  list->busy[list->busy_count++] = copy(list, journal);
}

static int newest_first(const void *left, const void *right)
{
  const struct job_entry *a = left, *b = right;

  if (a->started_ms != b->started_ms) {
    return a->started_ms < b->started_ms ? 1 : -1;
  }
  return strcmp(b->id, a->id);
}

static const char *state_dir(const signet_settings *settings, int *status,
                             signet_error *error)
{
  const char *folder = signet_settings_get(settings, "state_dir");

  if (folder == NULL) {
    error->kind = SIGNET_ERROR_CONFIGURATION;
    *status = EXIT_CONFIGURATION;
    (void)snprintf(error->message, sizeof error->message,
                   "there is no state directory: set HOME, or give "
                   "--state-dir DIRECTORY");
  }
  return folder;
}

int signet_host_jobs_read(const signet_settings *settings, const char *prefix,
                          struct job_list *list, signet_error *error)
{
  int status = EXIT_DONE;
  const char *folder = state_dir(settings, &status, error);

  *list = (struct job_list){0};
  if (folder == NULL) {
    return status;
  }
  if (!signet_jobs_each(folder, prefix, take_job, take_busy, list, error)) {
    return signet_host_status(error->kind);
  }
  if (list->no_memory) {
    error->kind = SIGNET_ERROR_MEMORY;
    (void)snprintf(error->message, sizeof error->message, "out of memory");
    return EXIT_FAILED;
  }
  if (list->count > 1) {
    qsort(list->entries, list->count, sizeof list->entries[0], newest_first);
  }
  return EXIT_DONE;
}

bool signet_host_jobs_identify(const signet_settings *settings, char *identity,
                               size_t size, signet_error *error)
{
  signet_account_options options;
  signet_loop *loop = signet_loop_new();
  signet_account *account =
      loop != NULL && signet_settings_options(settings, &options, error)
          ? signet_account_open(loop, &options, error)
          : NULL;

  signet_settings_locate(settings, error);
  if (account != NULL) {
    (void)snprintf(identity, size, "%s", signet_account_identity(account));
  }
  signet_account_close(account);
  signet_loop_free(loop);
  return account != NULL;
}

void signet_host_jobs_free(struct job_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct job_entry *job = &list->entries[i];
    char *const texts[] = {job->id,        job->type,    job->state,
                           job->name,      job->account, job->parent,
                           job->arguments, job->journal};

    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
      free(texts[k]);
    }
  }
  for (size_t i = 0; i < list->busy_count; i++) {
    free(list->busy[i]);
  }
  free(list->entries);
  free(list->busy);
  *list = (struct job_list){0};
}

static const struct job_entry *not_found(const struct host *host, int *status,
                                         signet_error *error)
{
  size_t length = strlen(error->message);
  char command[ADVICE_SIZE];

  *status = error->kind == SIGNET_ERROR_VALIDATION
                ? EXIT_USAGE
                : signet_host_status(error->kind);
  if (*status == EXIT_USAGE) {
    signet_host_advice(host, COMMAND_JOBS, NULL, command, sizeof command);
    (void)snprintf(error->message + length, sizeof error->message - length,
                   "; %s lists them", command);
  }
  return NULL;
}

static const struct job_entry *entry_of(const struct job_list *list,
                                        const char *id)
{
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->entries[i].id, id) == 0) {
      return &list->entries[i];
    }
  }
  return NULL;
}

const struct job_entry *signet_host_jobs_find(const struct host *host,
                                              const signet_settings *settings,
                                              const char *word,
                                              struct job_list *list,
                                              int *status, signet_error *error)
{
  const char *folder;
  const struct job_entry *job = NULL;
  char id[SIGNET_JOB_ID_ROOM];

  *list = (struct job_list){0};
  folder = state_dir(settings, status, error);
  if (folder == NULL) {
    return NULL;
  }
  if (!signet_job_find(folder, word, id, sizeof id, error)) {
    return not_found(host, status, error);
  }
  *status = signet_host_jobs_read(settings, id, list, error);
  job = *status == EXIT_DONE ? entry_of(list, id) : NULL;
  if (job == NULL && *status == EXIT_DONE) {
    /* One that ended meanwhile, and had written nothing. */
    error->kind = SIGNET_ERROR_VALIDATION;
    (void)snprintf(error->message, sizeof error->message,
                   "job %s has ended without a write, and is not kept", id);
    return not_found(host, status, error);
  }
  return job;
}

bool signet_host_jobs_is_of(const struct job_entry *job, const char *identity,
                            int *status, signet_error *error)
{
  if (job == NULL || strcmp(job->account, identity) == 0) {
    return job != NULL;
  }
  error->kind = SIGNET_ERROR_CONFIGURATION;
  *status = EXIT_CONFIGURATION;
  (void)snprintf(error->message, sizeof error->message,
                 "job %s works on %.150s, and these settings lead to %.150s: "
                 "name the other's --profile, --base-url or key",
                 job->id, job->account, identity);
  return false;
}

/* --- showing --- */

static void add_text(json_object *object, const char *name, const char *text)
{
  signet_host_json_text(object, name, text, strlen(text));
}

static void print_losses(const struct job_list *list)
{
  char clause[LOSS_SIZE];

  for (size_t i = 0; i < list->count; i++) {
    const struct job_entry *job = &list->entries[i];

    if (job->loss.lost) {
      signet_host_loss_clause(&job->loss, clause, sizeof clause);
      (void)printf("the journal of job %s is damaged: %s\n", job->id, clause);
    }
  }
}

static void add_number(json_object *object, const char *name, int64_t number)
{
  (void)json_object_object_add(object, name, json_object_new_int64(number));
}

static void add_counts(json_object *object, const signet_job_counts *counts)
{
  signet_host_json_counts(object, &(signet_counts){(uint64_t)counts->done,
                                                   (uint64_t)counts->failed,
                                                   (uint64_t)counts->skipped,
                                                   (uint64_t)counts->unknown,
                                                   (uint64_t)counts->waiting});
}

/* What is known of a job that runs beside what stands in the journal. */
static void add_running(json_object *object, const struct job_entry *job)
{
  const signet_job_running *running = &job->running;

  if (*running->host != '\0') {
    add_text(object, "host", running->host);
    add_number(object, "process", running->process);
    add_number(object, "since_ms", running->since_ms);
    add_text(object, "waits_for", running->waits);
  }
  add_text(object, "journal", job->journal);
}

static void print_busy_json(const char *journal)
{
  json_object *object = signet_host_json_event("job");

  (void)json_object_object_add(object, "job", NULL);
  add_text(object, "state", "running");
  add_text(object, "journal", journal);
  (void)signet_host_json_write(stdout, object);
}

static void print_busy(const char *journal)
{
  (void)fputs("a job is running and holds ", stdout);
  signet_host_write_safe(stdout, journal, strlen(journal));
  (void)putchar('\n');
}

bool signet_host_job_process(const struct job_entry *job, char *out,
                             size_t size)
{
  const signet_job_running *running = &job->running;
  char since[32], host[300];

  if (!job->runs || *running->host == '\0') {
    return false;
  }
  signet_host_job_time(since, sizeof since, running->since_ms);
  signet_text_escape(host, sizeof host, running->host, strlen(running->host));
  (void)snprintf(out, size, "process %" PRId64 " on %s since %s",
                 running->process, host, since);
  return true;
}

static void print_running(const struct job_entry *job)
{
  char process[400];

  if (!signet_host_job_process(job, process, sizeof process)) {
    return;
  }
  (void)printf("job %s is %s", job->id, process);
  if (*job->running.waits != '\0') {
    (void)fputs(", and waits for ", stdout);
    signet_host_write_safe(stdout, job->running.waits,
                           strlen(job->running.waits));
  }
  (void)putchar('\n');
}

static void print_json(const struct job_entry *job)
{
  json_object *object = signet_host_json_event("job");
  json_object *arguments = json_tokener_parse(job->arguments);

  add_text(object, "job", job->id);
  add_text(object, "type", job->type);
  add_text(object, "name", job->name);
  add_text(object, "state", signet_host_job_state(job));
  add_text(object, "account", job->account);
  if (*job->parent != '\0') {
    add_text(object, "parent", job->parent);
  }
  (void)json_object_object_add(object, "arguments", arguments);
  (void)json_object_object_add(object, "started_ms",
                               json_object_new_int64(job->started_ms));
  (void)json_object_object_add(object, "ended_ms",
                               json_object_new_int64(job->ended_ms));
  (void)json_object_object_add(object, "writes",
                               json_object_new_int64(job->writes));
  add_counts(object, &job->counts);
  if (job->runs) {
    add_running(object, job);
  }
  signet_host_loss_json(object, &job->loss);
  (void)signet_host_json_write(stdout, object);
}

static void print_all_json(const struct job_list *list)
{
  for (size_t i = 0; i < list->busy_count; i++) {
    print_busy_json(list->busy[i]);
  }
  for (size_t i = 0; i < list->count; i++) {
    print_json(&list->entries[i]);
  }
}

static bool print_jobs(const struct host *host, const struct job_list *list)
{
  if (signet_host_flag(host, OPTION_JSON)) {
    print_all_json(list);
    return true;
  }
  if (!signet_host_jobs_table(host, list)) {
    return false;
  }
  for (size_t i = 0; i < list->count; i++) {
    print_running(&list->entries[i]);
  }
  for (size_t i = 0; i < list->busy_count; i++) {
    print_busy(list->busy[i]);
  }
  print_losses(list);
  return true;
}

int signet_host_jobs(struct host *host)
{
  struct job_list list = {0};
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings = signet_host_settings(host, &error);
  int status = EXIT_CONFIGURATION;

  if (settings != NULL) {
    status = signet_host_jobs_read(settings, NULL, &list, &error);
  }
  if (status != EXIT_DONE) {
    signet_host_error(host, error.message);
  } else if ((!print_jobs(host, &list) || fflush(stdout) != 0) &&
             !signet_host_output_left(stdout)) {
    signet_host_error(host, "the list could not be written");
    status = EXIT_FAILED;
  }
  signet_host_jobs_free(&list);
  signet_settings_free(settings);
  return status;
}
