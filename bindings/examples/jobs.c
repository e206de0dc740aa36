/* SPDX-License-Identifier: MIT */
/*
 * A host that works with jobs as the command signet does: it runs scripts and
 * the shipped jobs, plans a script, carries the plan out, goes on after a
 * crash, and takes the job back.
 *
 *   jobs run SCRIPT [ARG…]    runs SCRIPT, a file or a shipped job's name
 *   jobs plan SCRIPT PLAN     runs SCRIPT on a copy of the account, shows what
 *                             it would do, and saves that as the file PLAN
 *   jobs apply PLAN [STEPS]   carries PLAN out; with STEPS it kills itself with
 *                             SIGKILL after that number of steps
 *   jobs list                 the jobs in the journals
 *   jobs show JOB             what a job wrote
 *   jobs resume JOB           goes on with a job that did not come to its end
 *   jobs undo JOB             takes back what a job did
 *
 * JOB is a job's id, or how it begins. The account comes from the environment
 * (ENGAGELAB_SMS_KEY, …) or the profile, as that of signet does.
 */
#define _POSIX_C_SOURCE 200809L /* signals, in strict C too */
#include <signet/script.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An account, and where its journal is. */
struct place {
  signet_settings *settings;
  const char *state_dir; /* borrowed from the settings */
  signet_loop *loop;
  signet_account *account;
};

static int fail(const signet_error *error)
{
  fprintf(stderr, "%s\n", error->message);
  return 1;
}

static bool open_place(struct place *place, signet_error *error)
{
  signet_account_options options;

  place->settings = signet_settings_new();
  place->loop = signet_loop_new();
  if (place->settings == NULL || place->loop == NULL) {
    snprintf(error->message, sizeof error->message, "out of memory");
    return false;
  }
  if (!signet_settings_environment(place->settings, error) ||
      !signet_settings_profile(place->settings, error) ||
      !signet_settings_defaults(place->settings, error) ||
      !signet_settings_options(place->settings, &options, error))
    return false;
  place->state_dir = signet_settings_get(place->settings, "state_dir");
  place->account = signet_account_open(place->loop, &options, error);
  return place->account != NULL;
}

/* An account writes to its job until it is closed. */
static void free_job(struct place *place, signet_job *job)
{
  signet_account_close(place->account);
  place->account = NULL;
  signet_job_free(job);
}

static void close_place(struct place *place)
{
  signet_account_close(place->account);
  signet_loop_free(place->loop);
  signet_settings_free(place->settings);
}

/* ---- planning ---- */

static void show_plan(const signet_plan *plan)
{
  for (size_t i = 0; i < signet_plan_count(plan); i++) {
    const signet_plan_step *step = signet_plan_at(plan, i);

    printf("step %zu: %s %s %s\n", step->number, signet_verb_name(step->verb),
           signet_kind_word(step->kind), step->name);
  }
}

static bool save_plan(const signet_plan *plan, const char *path)
{
  size_t length;
  const char *text = signet_plan_text(plan, &length);
  FILE *file = fopen(path, "wb");
  bool good = file != NULL && fwrite(text, 1, length, file) == length;

  return file != NULL && fclose(file) == 0 && good;
}

/* Every write of the script goes to the overlay, and none to the service. */
static signet_plan *make_plan(struct place *place, const char *script,
                              signet_error *error)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  signet_failure failure = SIGNET_FAILURE_INIT;
  signet_overlay *overlay = signet_overlay_new(NULL, error);
  signet_engine *engine = NULL;
  signet_plan *plan = NULL;

  options.settings = place->settings;
  options.overlay = overlay;
  if (overlay != NULL)
    engine = signet_engine_new(&options, error);
  if (engine != NULL &&
      signet_engine_run_file(engine, script, 0, NULL, &failure))
    plan = signet_overlay_plan(overlay, script, NULL, error);
  else if (engine != NULL)
    *error = failure.error;
  signet_failure_clear(&failure);
  signet_engine_free(engine);
  signet_overlay_free(overlay); /* after the accounts that were on it */
  return plan;
}

static int plan_script(struct place *place, const char *script,
                       const char *path)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan = make_plan(place, script, &error);
  bool saved;

  if (plan == NULL)
    return fail(&error);
  show_plan(plan);
  saved = save_plan(plan, path);
  signet_plan_free(plan);
  if (!saved)
    perror(path);
  return saved ? 0 : 1;
}

/* ---- the end of a job ---- */

static void on_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  (void)user;
  fprintf(stderr, "%s %s: %s\n", mismatch->kind, mismatch->id,
          mismatch->finding);
}

static signet_job_counts counts_of(signet_counts counts)
{
  return (signet_job_counts){(int64_t)counts.done, (int64_t)counts.failed,
                             (int64_t)counts.skipped, (int64_t)counts.unknown,
                             (int64_t)counts.waiting};
}

/* What was written is compared with the account, and the job ends. */
static int end_job(signet_job *job, signet_job_ending *ending)
{
  signet_error error = SIGNET_ERROR_INIT;

  if (!signet_job_finish(job, ending, on_mismatch, NULL, &error))
    fail(&error);
  if (*ending->error.message != '\0')
    fail(&ending->error);
  if (signet_job_id(job) != NULL) {
    printf("job %s is %s\n", signet_job_id(job),
           signet_job_state_name(ending->state));
  }
  return ending->state == SIGNET_JOB_DONE ? 0 : 1;
}

/* ---- running a script ---- */

static void on_event(void *user, const signet_event *event)
{
  if (event->type == SIGNET_EVENT_PRINT) {
    fwrite(event->text, 1, event->length, stdout);
  } else if (event->type == SIGNET_EVENT_LOG) {
    fprintf(stderr, "%s: %s\n", event->level, event->text);
  } else if (event->type == SIGNET_EVENT_FAILED) {
    fprintf(stderr, "%s: %s\n", event->text, event->reason);
    signet_job_ending_count(user, event->error);
  }
}

/* Every account that the script connects writes under the job. */
static int run_under(struct place *place, signet_job *job,
                     const signet_script *script)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  signet_failure failure = SIGNET_FAILURE_INIT;
  signet_job_ending ending = SIGNET_JOB_ENDING_INIT;
  signet_script_about about;
  signet_engine *engine;
  int status;

  signet_script_describe(script, &about);
  options.settings = place->settings;
  options.loop = place->loop;
  options.job = job;
  options.script_path = about.script_path;
  options.event = on_event;
  options.event_user = &ending;
  engine = signet_engine_new(&options, &ending.error);
  if (engine == NULL)
    return fail(&ending.error);
  if (!signet_engine_run(engine, script, &failure))
    signet_job_ending_raise(&ending, job, &failure.error);
  ending.counts = counts_of(signet_engine_counts(engine));
  status = end_job(job, &ending);
  signet_failure_clear(&failure);
  signet_engine_free(engine);
  return status;
}

/* A job that goes on is settled first; a new one keeps where it is run. */
static int run_script(struct place *place, const signet_script *script)
{
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_job_findings findings;
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *job;
  int status;

  signet_script_job_options(script, &options);
  options.state_dir = place->state_dir;
  job = signet_job_new(&options, &error);
  status =
      job != NULL && (options.resume != NULL
                          ? signet_job_attach(job, place->account, &error) &&
                                signet_job_settle(job, &findings, &error)
                          : signet_script_keep(script, job, &error))
          ? run_under(place, job, script)
          : fail(&error);
  free_job(place, job);
  return status;
}

static int run_named(struct place *place, const char *name, int argc,
                     char **argv)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_script *script =
      signet_script_open(name, argc, (const char *const *)argv, &error);
  int status = script != NULL ? run_script(place, script) : fail(&error);

  signet_script_free(script);
  return status;
}

/* ---- carrying a plan out ---- */

/* A plan that is carried out. */
struct apply {
  signet_job_ending ending;
  int64_t steps; /* after which the process ends, as by a power cut; 0: none */
};

static void on_step(void *user, const signet_plan_event *event)
{
  struct apply *apply = user;

  if (event->type == SIGNET_PLAN_ENDED || event->type == SIGNET_PLAN_FOUND) {
    printf("step %zu: %s\n", event->step->number,
           event->error != NULL       ? event->error->message
           : event->reason[0] != '\0' ? event->reason
                                      : signet_plan_result_name(event->result));
    fflush(stdout);
  }
  if (event->error != NULL)
    signet_job_ending_count(&apply->ending, event->error);
  if (apply->steps > 0 && event->counts.done >= apply->steps)
    raise(SIGKILL);
}

/* Takes back instead, where the job is an undo. */
static int carry_out(struct place *place, signet_job *job,
                     const signet_plan *plan, int64_t steps)
{
  signet_plan_apply_options options = SIGNET_PLAN_APPLY_OPTIONS_INIT;
  struct apply of = {SIGNET_JOB_ENDING_INIT, steps};
  signet_plan_apply *apply;

  options.once = true;
  options.event = on_step;
  options.event_user = &of;
  apply = signet_plan_apply_start(place->account, job, plan, &options, NULL,
                                  NULL, &of.ending.error);
  if (apply != NULL) {
    const signet_error *error = signet_plan_apply_wait(apply);

    if (error != NULL)
      of.ending.error = *error;
    of.ending.counts = signet_plan_apply_counts(apply);
    signet_plan_apply_free(apply);
  }
  return end_job(job, &of.ending);
}

static int apply_plan(struct place *place, const char *path, signet_plan *plan,
                      int64_t steps)
{
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *job;
  int status = 1;

  signet_plan_job_options(plan, &options);
  options.state_dir = place->state_dir;
  options.name = path;
  job = signet_job_new(&options, &error);
  if (job != NULL && signet_job_attach(job, place->account, &error))
    status = carry_out(place, job, plan, steps);
  else
    fail(&error);
  free_job(place, job);
  return status;
}

/* ---- going on, and going back ---- */

/* Settles what the job left open, then goes on with its plan. What was done is
 * not sent again. */
static int go_on(struct place *place, const signet_job_view *view,
                 const signet_plan *plan)
{
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_job_findings findings;
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *job;
  int status = 1;

  options.state_dir = place->state_dir;
  options.resume = view->id;
  job = signet_job_new(&options, &error);
  if (job != NULL && signet_job_attach(job, place->account, &error) &&
      signet_job_settle(job, &findings, &error)) {
    printf("%" PRId64 " writes are not sent again\n", findings.remembered);
    status = carry_out(place, job, plan, 0);
  } else {
    fail(&error);
  }
  free_job(place, job);
  return status;
}

static int go_on_with_plan(struct place *place, const signet_job_view *view)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan = signet_job_plan(place->state_dir, view->id, &error);
  int status = plan != NULL ? go_on(place, view, plan) : fail(&error);

  signet_plan_free(plan);
  return status;
}

static int run_again(struct place *place, const signet_job_view *view)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_script *script =
      signet_script_of_job(place->state_dir, view, false, &error);
  int status = script != NULL ? run_script(place, script) : fail(&error);

  signet_script_free(script);
  return status;
}

static int resume(struct place *place, const signet_job_view *view)
{
  signet_error error = SIGNET_ERROR_INIT;

  switch (signet_job_how_to_resume(view, &error)) {
  case SIGNET_RESUMES_SCRIPT:
    return run_again(place, view);
  case SIGNET_RESUMES_PLAN:
  case SIGNET_RESUMES_UNDO:
    return go_on_with_plan(place, view);
  default: /* it is over */
    return fail(&error);
  }
}

static void on_conflict(void *user, const signet_undo_conflict *conflict)
{
  (void)user;
  fprintf(stderr, "%s %s: %s\n", conflict->kind, conflict->id,
          conflict->finding);
}

static int take_back(struct place *place, signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_undo_findings findings;
  signet_plan *plan =
      signet_job_undo(job, on_conflict, NULL, &findings, &error);
  int status = 1;

  if (plan == NULL)
    return fail(&error);
  show_plan(plan);
  status = carry_out(place, job, plan, 0);
  signet_plan_free(plan);
  return status;
}

static int undo(struct place *place, const signet_job_view *view)
{
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *job;
  int status = 1;

  options.state_dir = place->state_dir;
  options.type = signet_job_type_name(SIGNET_JOB_UNDO);
  options.name = options.parent = view->id;
  job = signet_job_new(&options, &error);
  if (job != NULL && signet_job_attach(job, place->account, &error))
    status = take_back(place, job);
  else
    fail(&error);
  free_job(place, job);
  return status;
}

/* ---- looking ---- */

static void show_job(const signet_job_view *view)
{
  printf("%s %s %s: %s, %" PRId64 " writes\n", view->id, view->type, view->name,
         view->state, view->writes);
}

static int list(struct place *place)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_jobs *jobs = signet_jobs_read(place->state_dir, NULL, &error);

  if (jobs == NULL)
    return fail(&error);
  for (size_t i = 0; i < signet_jobs_count(jobs); i++)
    show_job(signet_jobs_at(jobs, i));
  signet_jobs_free(jobs);
  return 0;
}

static bool show_write(void *user, const signet_write_view *write)
{
  (void)user;
  printf("%" PRId64 " %s %s %s: %s%s%s\n", write->number, write->verb,
         write->kind, write->target, write->state,
         write->error_message != NULL ? ": " : "",
         write->error_message != NULL ? write->error_message : "");
  return true;
}

/* What helps after it: a program that has no question for a person resumes. */
static const char *advice(struct place *place, const signet_job_view *view)
{
  int64_t until_ms;

  switch (signet_job_next_of(place->state_dir, view, &until_ms)) {
  case SIGNET_NEXT_NOTHING:
    return "nothing is left to do";
  case SIGNET_NEXT_RESUME:
  case SIGNET_NEXT_PARKED:
    return "to go on: jobs resume";
  default:
    return "a person has to look at it";
  }
}

static int show(struct place *place, const signet_job_view *view)
{
  signet_error error = SIGNET_ERROR_INIT;

  show_job(view);
  printf("%s\n", advice(place, view));
  return signet_job_writes_each(place->state_dir, view->id, show_write, NULL,
                                &error)
             ? 0
             : fail(&error);
}

/* Does something with the one job that a word means. */
static int with_job(struct place *place, const char *word,
                    int (*function)(struct place *place,
                                    const signet_job_view *view))
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_jobs *jobs = signet_jobs_read_one(place->state_dir, word, &error);
  int status =
      jobs != NULL ? function(place, signet_jobs_at(jobs, 0)) : fail(&error);

  signet_jobs_free(jobs);
  return status;
}

/* ---- the command ---- */

static int apply_file(struct place *place, const char *path, int64_t steps)
{
  enum { MOST = 16 << 20 };
  signet_error error = SIGNET_ERROR_INIT;
  FILE *file = fopen(path, "rb");
  char *text = file != NULL ? malloc(MOST) : NULL;
  signet_plan *plan = NULL;
  int status;

  if (text == NULL)
    perror(path);
  else
    plan = signet_plan_load(text, fread(text, 1, MOST, file), &error);
  status = plan != NULL ? apply_plan(place, path, plan, steps) : fail(&error);
  signet_plan_free(plan);
  free(text);
  if (file != NULL)
    fclose(file);
  return status;
}

static int run(struct place *place, int count, char **words)
{
  const char *command = words[0];

  if (strcmp(command, "run") == 0 && count > 1)
    return run_named(place, words[1], count - 2, words + 2);
  if (strcmp(command, "plan") == 0 && count == 3)
    return plan_script(place, words[1], words[2]);
  if (strcmp(command, "apply") == 0 && (count == 2 || count == 3)) {
    return apply_file(place, words[1],
                      count == 3 ? strtoll(words[2], NULL, 10) : 0);
  }
  if (strcmp(command, "list") == 0 && count == 1)
    return list(place);
  if (strcmp(command, "show") == 0 && count == 2)
    return with_job(place, words[1], show);
  if (strcmp(command, "resume") == 0 && count == 2)
    return with_job(place, words[1], resume);
  if (strcmp(command, "undo") == 0 && count == 2)
    return with_job(place, words[1], undo);
  fprintf(stderr, "jobs: the head of jobs.c says how it is called\n");
  return 2;
}

int main(int argc, char **argv)
{
  struct place place = {0};
  signet_error error = SIGNET_ERROR_INIT;
  int status;

  if (argc < 2) {
    fprintf(stderr, "usage: jobs COMMAND [WORD...]\n");
    return 2;
  }
  status = open_place(&place, &error) ? run(&place, argc - 1, argv + 1)
                                      : fail(&error);
  close_place(&place);
  return status;
}
