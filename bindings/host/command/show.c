/* SPDX-License-Identifier: MIT */
/* signet show. */

#include "host/command/commands.h"
#include "host/command/jobs.h"
#include "host/output/json.h"
#include "host/session/advice.h"
#include "host/session/loss.h"
#include "host/session/onward.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 400 };

struct story {
  const struct host *host;
  const signet_job_view *job;
  bool json;
};

static void print_line(const char *name, const char *text)
{
  (void)printf("%-10s ", name);
  signet_host_write_safe(stdout, text, strlen(text));
  (void)putchar('\n');
}

static void print_head(const signet_job_view *job)
{
  char text[SHOWN], began[32], ended[32] = "";

  print_line("job", job->id);
  print_line("type", job->type);
  signet_text_escape(text, sizeof text, job->name, strlen(job->name));
  print_line("name", text);
  signet_text_escape(text, sizeof text, job->arguments, strlen(job->arguments));
  print_line("arguments", text);
  print_line("account", job->account);
  if (*job->parent != '\0') {
    print_line(signet_job_type_number(job->type) == SIGNET_JOB_UNDO ? "undoes"
                                                                    : "plan",
               job->parent);
  }
  signet_host_job_time(began, sizeof began, job->started_ms);
  if (job->ended_ms > 0)
    signet_host_job_time(ended, sizeof ended, job->ended_ms);
  (void)snprintf(text, sizeof text, "%s%s%s", began,
                 *ended != '\0' ? " to " : "", ended);
  print_line("when", text);
  print_line("state", job->state);
  if (signet_job_process(job, text, sizeof text))
    print_line("process", text + strlen("process "));
  if (job->running != NULL && *job->running->waits != '\0')
    print_line("waits for", job->running->waits);
  (void)snprintf(text, sizeof text,
                 "%" PRId64 " done, %" PRId64 " failed, %" PRId64
                 " skipped, %" PRId64 " unknown, %" PRId64 " waiting",
                 job->counts.done, job->counts.failed, job->counts.skipped,
                 job->counts.unknown, job->counts.waiting);
  print_line("entries", text);
  if (job->loss.lost) {
    signet_host_loss_clause(&job->loss, text, sizeof text);
    print_line("damaged", text);
  }
}

/* --- a write for people --- */

/* A field's value as text; "" where it is missing. */
static void value_text(json_object *object, const char *name, char *out,
                       size_t size)
{
  json_object *value;
  const char *text = "";

  if (object != NULL && json_object_object_get_ex(object, name, &value)) {
    text = json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
  }
  signet_text_escape(out, size, text, strlen(text));
}

static void print_name(json_object *object, const char *name)
{
  char text[SHOWN];

  value_text(object, name, text, sizeof text);
  (void)printf("  %s", text);
}

/* Where nobody read the entry before, nothing is known of the old value. */
static void print_change(const char *name, const char *old, const char *new)
{
  if (old == NULL)
    (void)printf("  %s: %s", name, new);
  else
    (void)printf("  %s: %s \xe2\x86\x92 %s", name, old, new);
}

/* Whether the update takes the template's signature away. It is written as
 * add_signature, which no GET ever shows. */
static bool hides_signature(json_object *after)
{
  json_object *value;

  return json_object_object_get_ex(after, "add_signature", &value) &&
         !json_object_get_boolean(value);
}

/* The fields that an update changes, old → new. */
static void print_changes(json_object *before, json_object *after)
{
  bool hidden = hides_signature(after);
  char old[SHOWN], new[SHOWN];

  json_object_object_foreach(after, name, value)
  {
    bool of_signature =
        strcmp(name, "sign_id") == 0 || strcmp(name, "sign_position") == 0;

    (void)value;
    value_text(before, name, old, sizeof old);
    value_text(after, name, new, sizeof new);
    if (strcmp(name, "add_signature") != 0 && !(hidden && of_signature) &&
        (before == NULL || strcmp(old, new) != 0))
      print_change(name, before != NULL ? old : NULL, new);
  }
  value_text(before, "sign_id", old, sizeof old);
  if (hidden && old[0] != '\0')
    print_change("sign_id", old, "");
}

static void print_content(const signet_write_view *write)
{
  int verb = signet_verb_number(write->verb);
  bool sign = signet_kind_number(write->kind) == SIGNET_SIGN;
  const char *name = sign ? "sign_name" : "template_name";
  json_object *before =
      write->before != NULL ? json_tokener_parse(write->before) : NULL;
  json_object *after =
      write->after != NULL ? json_tokener_parse(write->after) : NULL;

  if (verb == SIGNET_REQUEST) {
    print_name(after, "method");
    print_name(after, "path");
  } else if (verb == SIGNET_DELETE) {
    print_name(before, name);
  } else if (verb == SIGNET_CREATE) {
    print_name(after, name);
  } else if (after != NULL) {
    print_changes(before, after);
  }
  (void)json_object_put(before);
  (void)json_object_put(after);
}

static enum style style_of(const char *state)
{
  switch (signet_write_state_number(state)) {
  case SIGNET_WRITE_DONE:
    return STYLE_GREEN;
  case SIGNET_WRITE_UNKNOWN:
  case SIGNET_WRITE_INTENT:
    return STYLE_YELLOW;
  default:
    return STYLE_RED;
  }
}

static void print_write(const struct story *story,
                        const signet_write_view *write)
{
  bool color = story->host->terminal.out_color;

  (void)printf("%6" PRId64 "  %s%-7s%s  %s", write->number,
               signet_host_style(color, style_of(write->state)), write->state,
               signet_host_style(color, STYLE_PLAIN), write->verb);
  if (signet_verb_number(write->verb) !=
      SIGNET_REQUEST) /* it has its path instead */
    (void)printf(" %s %s", signet_kind_word_of(write->kind), write->target);
  print_content(write);
  if (write->error_message != NULL) {
    char text[2 * SHOWN];

    signet_text_escape(text, sizeof text, write->error_message,
                       strlen(write->error_message));
    (void)printf("  (%s)", text);
  }
  (void)putchar('\n');
}

/* --- a write as JSON --- */

static void add_parsed(json_object *object, const char *name, const char *text)
{
  (void)json_object_object_add(object, name,
                               text != NULL ? json_tokener_parse(text) : NULL);
}

static void add_text(json_object *object, const char *name, const char *text)
{
  if (text != NULL)
    signet_host_json_text(object, name, text, strlen(text));
}

static void write_json(const struct story *story,
                       const signet_write_view *write)
{
  json_object *object = signet_host_json_event("write");

  add_text(object, "job", story->job->id);
  (void)json_object_object_add(object, "number",
                               json_object_new_int64(write->number));
  add_text(object, "verb", write->verb);
  add_text(object, "kind", write->kind);
  add_text(object, "id", write->target);
  add_text(object, "state", write->state);
  add_text(object, "answer", write->answer);
  add_parsed(object, "before", write->before);
  add_parsed(object, "after", write->after);
  if (write->error_kind != NULL) {
    signet_host_json_error(object, NULL, write->error_kind,
                           write->error_message != NULL ? write->error_message
                                                        : "");
  }
  (void)json_object_object_add(object, "attempts",
                               json_object_new_int64(write->attempts));
  (void)json_object_object_add(object, "intended_ms",
                               json_object_new_int64(write->intended_ms));
  (void)json_object_object_add(object, "decided_ms",
                               json_object_new_int64(write->decided_ms));
  (void)signet_host_json_write(stdout, object);
}

static bool take_write(void *user, const signet_write_view *write)
{
  struct story *story = user;

  if (story->json)
    write_json(story, write);
  else
    print_write(story, write);
  return !ferror(stdout);
}

/* What the operator can do about it. */
static void print_advice(const struct story *story, const char *state_dir)
{
  int64_t until_ms;
  signet_job_next next = signet_job_next_of(state_dir, story->job, &until_ms);
  char until[32], line[ONWARD_SIZE];

  if (next == SIGNET_NEXT_PARKED && until_ms > 0) {
    signet_host_job_time(until, sizeof until, until_ms);
    (void)printf("parked until %s\n", until);
  }
  signet_host_onward_line(story->host, next, story->job->id, line, sizeof line);
  if (*line != '\0')
    (void)printf("%s\n", line);
}

static int tell(const struct host *host, const signet_settings *settings,
                const signet_job_view *job, signet_error *error)
{
  struct story story = {host, job, signet_host_flag(host, OPTION_JSON)};
  const char *state_dir = signet_settings_get(settings, "state_dir");

  if (!story.json)
    print_head(job);
  if (!signet_job_writes_each(state_dir, job->id, take_write, &story, error))
    return error->kind == SIGNET_ERROR_LOCKED ? EXIT_REFUSED : EXIT_FAILED;
  if (!story.json)
    print_advice(&story, state_dir);
  if (fflush(stdout) == 0 || signet_host_output_left(stdout))
    return EXIT_DONE;
  (void)snprintf(error->message, sizeof error->message,
                 "the story could not be written");
  return EXIT_FAILED;
}

int signet_host_show(struct host *host)
{
  const char *word = host->arguments.rest[0];
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings = signet_host_settings(host, &error);
  signet_jobs *jobs = NULL;
  int status = EXIT_CONFIGURATION;

  if (settings != NULL)
    jobs = signet_host_jobs_find(host, settings, word, &status, &error);
  if (jobs != NULL)
    status = tell(host, settings, signet_jobs_at(jobs, 0), &error);
  if (status != EXIT_DONE)
    signet_host_error(host, error.message);
  signet_jobs_free(jobs);
  signet_settings_free(settings);
  return status;
}
