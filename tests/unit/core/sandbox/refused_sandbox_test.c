/* SPDX-License-Identifier: MIT */
/* A sandbox that the system refuses something: its state file stays whole, and
 * one sentence says what and where. */
#include "folder.h"
#include "refused_calls.h"
#include "sandbox_client.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[150];
static char path[200];

static void begin(void)
{
  cr_assert(folder_make(FOLDER_IN_MEMORY, folder, sizeof folder));
  snprintf(path, sizeof path, "%s/state.json", folder);
}

static void end(void)
{
  refuse_nothing();
  sandbox_end();
  cr_expect_null(folder_remove(folder));
}

TestSuite(refused_sandbox, .init = begin, .fini = end, .timeout = 60);

static void write_text(const char *text)
{
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  fputs(text, file);
  fclose(file);
}

static char *read_text(void)
{
  static char text[4096];
  FILE *file = fopen(path, "r");
  cr_assert_not_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return text;
}

static void open_with(const char *state_file)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  options.state_file = state_file;
  sandbox_begin_with(&options);
}

static int count_files(void)
{
  int count = 0;
  DIR *files = opendir(folder);
  cr_assert_not_null(files);
  for (struct dirent *one; (one = readdir(files)) != NULL;)
    count += one->d_name[0] != '.';
  closedir(files);
  return count;
}

static const reply *save(void)
{
  return call_bare("POST", "/__sandbox/save", NULL);
}

Test(refused_sandbox, a_save_that_is_refused_leaves_the_old_state)
{
  static const struct {
    const char *name;
    int number;
    const char *said;
  } cases[] = {
      {"open", EMFILE, "Too many open files"},
      {"write", ENOSPC, "No space left on device"},
      {"fsync", EIO, "Input/output error"},
      {"rename", EACCES, "Permission denied"},
  };
  open_with(path);
  cr_assert_eq(save()->status, 200);
  char *old = strdup(read_text());
  call("POST", "/v1/sign-configs", "{\"sign_name\":\"Company\"}");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    refuse(cases[i].name, cases[i].number, 0);
    const reply *got = save();
    cr_expect_eq(refuse_nothing(), 1, "%s", cases[i].name);
    cr_expect_eq(got->status, 500, "%s", cases[i].name);
    cr_expect_not_null(strstr(got->body, "can't write the state file "), "%s",
                       got->body);
    cr_expect_not_null(strstr(got->body, "/state.json: "), "%s", got->body);
    cr_expect_not_null(strstr(got->body, cases[i].said), "%s", got->body);
    cr_expect_str_eq(read_text(), old, "%s", cases[i].name);
    cr_expect_eq(count_files(), 1, "%s left a file behind", cases[i].name);
  }
  free(old);
  cr_expect_eq(save()->status, 200);
  cr_expect_not_null(strstr(read_text(), "Company"));
}

Test(refused_sandbox, an_interrupted_call_is_made_again)
{
  write_text(
      "{\"version\":1,\"signs\":[{\"sign_id\":1,\"sign_name\":\"Kept\"}]}");
  refuse("read", EINTR, 0);
  open_with(path);
  cr_expect_eq(refuse_nothing(), 1);
  cr_expect_not_null(
      strstr(call("GET", "/v1/sign-configs", NULL)->body, "Kept"));
  refuse("write", EINTR, 0);
  cr_expect_eq(save()->status, 200);
  cr_expect_eq(refuse_nothing(), 1);
  cr_expect_not_null(strstr(read_text(), "Kept"));
}

/* The state is safe; only that its name survives a crash isn't certain. */
Test(refused_sandbox, a_folder_that_can_t_be_synced_is_no_failure)
{
  open_with(path);
  refuse("open", EACCES, 1);
  cr_expect_eq(save()->status, 200);
  cr_expect_eq(refuse_nothing(), 1);
  cr_expect_not_null(strstr(read_text(), "\"version\":1"));
}

static void opens_not(const char *state_file, const char *said)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  options.state_file = state_file;
  cr_expect_null(signet_sandbox_open(&options, &error));
  cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
  cr_expect_not_null(strstr(error.message, said), "%s", error.message);
}

Test(refused_sandbox, what_can_t_be_read_is_named)
{
  write_text("{\"version\":1}");
  refuse("read", EIO, 0);
  opens_not(path, "/state.json: Input/output error");
  cr_expect_eq(refuse_nothing(), 1);
  opens_not(folder, ": Is a directory");
  refuse("open", EACCES, 0);
  opens_not(path, "can't read the state file ");
  cr_expect_eq(refuse_nothing(), 1);
  write_text("");
  opens_not(path, "/state.json: no JSON: the JSON text ends too early");
}

Test(refused_sandbox, a_path_may_be_relative_and_can_be_too_long)
{
  static char lengthy[4096];
  char *old = getcwd(NULL, 0);
  cr_assert_eq(chdir(folder), 0);
  open_with("state.json");
  cr_expect_eq(save()->status, 200);
  cr_expect_not_null(strstr(read_text(), "\"version\":1"));
  cr_expect(sandbox_finish());
  for (size_t i = 0; i + 12 < sizeof lengthy; i += 2)
    strcat(lengthy, "./");
  strcat(lengthy, "state.json");
  open_with(lengthy);
  const reply *got = save();
  cr_expect_eq(got->status, 500);
  cr_expect_not_null(strstr(got->body, "File name too long"), "%s", got->body);
  cr_expect_not(sandbox_finish());
  cr_assert_eq(chdir(old), 0);
  free(old);
}

Test(refused_sandbox, without_descriptors_it_does_not_open)
{
  refuse("eventfd", EMFILE, 0);
  opens_not(NULL, "no descriptor left: Too many open files");
  cr_expect_eq(refuse_nothing(), 1);
  signet_sandbox_close(NULL);
}
