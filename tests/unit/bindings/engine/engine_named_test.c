/* SPDX-License-Identifier: MIT */
/* Scripts as jobs: found, read, kept with a job, and recalled. */
#include "engine_support.h"
#include "folder.h"

#include "signet/script.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[200];
static signet_error error;

static void begin(void)
{
  cr_assert(folder_make(FOLDER_ON_DISK, folder, sizeof folder));
}

static void end(void)
{
  cr_expect_null(folder_remove(folder));
}

TestSuite(engine_named, .init = begin, .fini = end);

static const char *write_file(const char *name, const char *text)
{
  static char path[300];
  FILE *file;

  snprintf(path, sizeof path, "%s/%s", folder, name);
  file = fopen(path, "w");
  cr_assert_not_null(file);
  cr_assert_geq(fputs(text, file), 0);
  cr_assert_eq(fclose(file), 0);
  return path;
}

static void expect_error(const signet_script *script, signet_error_kind kind,
                         const char *words)
{
  cr_expect_null(script);
  cr_expect_eq(error.kind, kind, "%s", error.message);
  cr_expect_not_null(strstr(error.message, words), "%s", error.message);
}

Test(engine_named, a_file_with_its_arguments)
{
  static const char *const argv[] = {"one", "two words"};
  const char *path = write_file("script.lua", "return 1");
  signet_script *script = signet_script_open(path, 2, argv, &error);
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_script_about about;
  char own[400];

  cr_assert_not_null(script, "%s", error.message);
  signet_script_describe(script, &about);
  cr_expect_str_eq(about.name, path);
  cr_expect_str_eq(about.path, path);
  cr_expect_str_eq(about.text, "return 1");
  cr_expect_eq(about.length, 8);
  cr_expect_eq(about.argc, 2);
  cr_expect_str_eq(about.argv[1], "two words");
  cr_expect_null(about.argv[2]);
  cr_expect_null(about.folder);
  cr_expect_not(about.shipped);
  snprintf(own, sizeof own, "%s/?.lua;", folder);
  cr_expect_eq(strncmp(about.script_path, own, strlen(own)), 0, "%s",
               about.script_path);
  signet_script_job_options(script, &options);
  cr_expect_str_eq(options.type, "run");
  cr_expect_str_eq(options.name, path);
  cr_expect_str_eq(options.script, "return 1");
  cr_expect_str_eq(options.arguments, "[\"one\",\"two words\"]");
  cr_expect_null(options.resume);
  signet_script_free(script);
  signet_script_free(NULL);
}

Test(engine_named, what_is_none)
{
  char path[PATH_MAX];

  expect_error(signet_script_open("none", 0, NULL, &error),
               SIGNET_ERROR_NOT_FOUND,
               "there is no script none: neither a shipped job nor a file of "
               "that name; the shipped jobs are");
  expect_error(signet_script_open("", 0, NULL, &error), SIGNET_ERROR_NOT_FOUND,
               "there is no script \"\": no file");
  expect_error(signet_script_open(folder, 0, NULL, &error),
               SIGNET_ERROR_VALIDATION, "is a folder, not a script");
  snprintf(path, sizeof path, "%s/below", write_file("file", ""));
  expect_error(signet_script_open(path, 0, NULL, &error),
               SIGNET_ERROR_VALIDATION, "can't be reached: Not a directory");
  expect_error(signet_script_open("/proc/self/mem", 0, NULL, &error),
               SIGNET_ERROR_STORE, "/proc/self/mem can't be read: ");
}

Test(engine_named, what_is_no_script)
{
  expect_error(signet_script_new("-", NULL, "\xFF\xFEp\0", 4, 0, NULL, &error),
               SIGNET_ERROR_REFUSED, "this one is UTF-16");
  expect_error(signet_script_new("-", NULL, "p\0q", 3, 0, NULL, &error),
               SIGNET_ERROR_REFUSED, "holds a NUL byte");
  expect_error(signet_script_new("-", NULL, "\xEF\xBB\xBF <!doctype", 13, 0,
                                 NULL, &error),
               SIGNET_ERROR_REFUSED, "this is HTML or XML");
}

static signet_job *job_of(const signet_script *script)
{
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_job *job;

  signet_script_job_options(script, &options);
  options.state_dir = folder;
  job = signet_job_new(&options, &error);
  cr_assert_not_null(job, "%s", error.message);
  return job;
}

/* What the service holds does not matter: the job is kept without a write. */
static void record(const signet_script *script)
{
  signet_job *job = job_of(script);
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_loop *loop = signet_loop_new();
  signet_account *account;

  options.key = "key";
  options.secret = "secret";
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
  cr_assert(signet_script_keep(script, job, &error), "%s", error.message);
  cr_assert(signet_job_attach(job, account, &error));
  cr_assert(signet_job_record(job, &error), "%s", error.message);
  cr_assert(signet_job_end(job, SIGNET_JOB_FAILED, NULL, &error));
  signet_account_close(account);
  signet_job_free(job);
  signet_loop_free(loop);
}

static void recall(const char *name, bool new_input, const char *text)
{
  signet_jobs *jobs = signet_jobs_read(folder, NULL, &error);
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_script_about about;
  signet_script *script;
  char *here = getcwd(NULL, 0);

  cr_assert_not_null(jobs, "%s", error.message);
  cr_assert_eq(signet_jobs_count(jobs), 1);
  script =
      signet_script_of_job(folder, signet_jobs_at(jobs, 0), new_input, &error);
  cr_assert_not_null(script, "%s", error.message);
  signet_script_describe(script, &about);
  cr_expect_str_eq(about.name, name);
  cr_expect_str_eq(about.path, name);
  cr_expect_str_eq(about.text, text);
  cr_expect_eq(about.argc, 1);
  cr_expect_str_eq(about.argv[0], "x");
  cr_expect_str_eq(about.folder, here);
  signet_script_job_options(script, &options);
  cr_expect_str_eq(options.resume, signet_jobs_at(jobs, 0)->id);
  signet_script_free(script);
  signet_jobs_free(jobs);
  free(here);
}

static void refuse(void)
{
  signet_jobs *jobs = signet_jobs_read(folder, NULL, &error);

  cr_assert_not_null(jobs, "%s", error.message);
  expect_error(
      signet_script_of_job(folder, signet_jobs_at(jobs, 0), false, &error),
      SIGNET_ERROR_REFUSED, "script.lua has changed since job ");
  signet_jobs_free(jobs);
}

Test(engine_named, the_journal_gives_back_what_was_kept)
{
  static const char *const argv[] = {"x"};
  const char *path = write_file("script.lua", "return ...");
  signet_script *script = signet_script_open(path, 1, argv, &error);

  cr_assert_not_null(script, "%s", error.message);
  record(script);
  signet_script_free(script);
  recall(path, false, "return ...");
  write_file("script.lua", "error 'another one'");
  recall(path, true, "error 'another one'");
  refuse();
  cr_assert_eq(unlink(path), 0);
  recall(path, false, "return ...");
}

Test(engine_named, it_runs_under_its_name)
{
  static const char *const argv[] = {"x"};
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;
  signet_script *script = signet_script_new(
      "-", NULL, "print(arg[0], ...) error 'no'", 29, 1, argv, &error);

  cr_assert_not_null(script, "%s", error.message);
  cr_expect_not(signet_engine_run(engine, script, &failure));
  cr_expect_str_eq(said.text, "print stdin\tx\n");
  cr_expect_not_null(strstr(failure.message, "stdin:1: no"), "%s",
                     failure.message);
  signet_failure_clear(&failure);
  signet_script_free(script);
  signet_engine_free(engine);
}
