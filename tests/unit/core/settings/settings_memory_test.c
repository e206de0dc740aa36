/* SPDX-License-Identifier: MIT */
/* Settings when memory runs out, at each allocation once and from each on, and
 * when the system doesn't let the file be read. */
#include "canary.h"
#include "failing_memory.h"
#include "folder.h"
#include "refused_calls.h"

#include "model/memory.h"
#include "signet/settings.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char home[200];

static void begin(void)
{
  char path[240];
  FILE *file;

  cr_assert(folder_make(FOLDER_IN_MEMORY, home, sizeof home));
  setenv("XDG_CONFIG_HOME", home, 1);
  setenv("XDG_STATE_HOME", "/state", 1);
  setenv("SIGNET_API", "signs", 1); /* the profile that is named keeps it out */
  setenv("SIGNET_STATE_DIR", "/state", 1);
  (void)snprintf(path, sizeof path, "%s/signet", home);
  cr_assert_eq(mkdir(path, 0700), 0);
  (void)snprintf(path, sizeof path, "%s/signet/config", home);
  file = fopen(path, "w");
  cr_assert_not_null(file);
  (void)fprintf(file,
                "[mine]\nkey = %s\nsecret = %s\nproxy = http://127.0.0.1:1\n"
                "protect_id = 1, 2\nrate = 5\ntimeout = 2m\nmax_reply = 1M\n",
                CANARY_KEY, CANARY_SECRET);
  cr_assert_eq(fclose(file), 0);
  cr_assert_eq(chmod(path, 0600), 0);
}

static void end(void)
{
  cr_expect_null(folder_remove(home));
}

TestSuite(settings_memory, .init = begin, .fini = end, .timeout = 60);

/* What is refused is refused for memory, with a sentence. */
static bool good(bool done, const signet_error *error)
{
  if (!done) {
    cr_expect_eq(error->kind, SIGNET_ERROR_MEMORY, "allocation %zu: %s",
                 memory_state.fail_at, error->message);
    cr_expect_neq(error->message[0], '\0');
  }
  return done;
}

static bool load(signet_settings *settings)
{
  signet_error error = SIGNET_ERROR_INIT;

  return good(signet_settings_set(settings, "profile", "mine", "--profile",
                                  &error),
              &error) &&
         good(signet_settings_set(settings, "base_url", "https://example.com/",
                                  "--base-url", &error),
              &error) &&
         good(signet_settings_environment(settings, &error), &error) &&
         good(signet_settings_profile(settings, &error), &error) &&
         good(signet_settings_defaults(settings, &error), &error);
}

static void check(const signet_settings *settings)
{
  signet_account_options options;
  signet_error error = SIGNET_ERROR_INIT;

  cr_assert(signet_settings_options(settings, &options, &error));
  cr_assert_eq(options.dialect, SIGNET_CONFIGS);
  cr_assert_str_eq(options.base_url, "https://example.com");
  cr_assert_str_eq(options.proxy, "http://127.0.0.1:1");
  cr_assert_str_eq(options.protect_id, "1, 2");
  cr_assert_eq(options.timeout_ms, 120000);
}

/* Whatever was refused, a later attempt with the same object is whole. */
static bool scenario(void)
{
  signet_settings *settings = signet_settings_new();
  signet_settings *copy = NULL;
  bool done = settings != NULL && load(settings) &&
              (copy = signet_settings_copy(settings)) != NULL;

  if (done) {
    check(copy);
  } else if (settings != NULL) {
    failing_memory keep = memory_state;
    memory_state.fail_at = 0;
    cr_assert(load(settings));
    check(settings);
    keep.living = memory_state.living;
    memory_state = keep;
  }
  signet_settings_free(copy);
  signet_settings_free(settings);
  return done;
}

static bool run(size_t at, bool on)
{
  memory_state.fail_at = at;
  memory_state.fail_on = on;
  memory_state.asked = 0;
  memory_state.failed = false;
  return scenario();
}

static void fail_each(bool on)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  signet_memory_replace(&allocator);
  cr_assert(run(0, on));
  size_t all = memory_state.asked;
  cr_assert_geq(all, 45, "%zu allocations only", all);
  for (size_t n = 1; n <= all; n++) {
    cr_assert_not(run(n, on), "allocation %zu", n);
    cr_assert(memory_state.failed);
    cr_assert_eq(memory_state.living, 0, "allocation %zu: a leak", n);
  }
}

Test(settings_memory, each_allocation_fails_once)
{
  fail_each(false);
}

Test(settings_memory, each_allocation_and_all_that_follow)
{
  fail_each(true);
}

Test(settings_memory, a_file_that_the_system_refuses_is_named)
{
  static const struct {
    const char *name;
    int number;
    size_t after;
    const char *said;
  } cases[] = {
      {"open", EACCES, 0, "/signet/config can't be read: Permission denied"},
      {"fstat", EIO, 0, "/signet/config can't be read: Input/output error"},
      {"read", EIO, 0, "/signet/config can't be read: Input/output error"},
      {"read", EIO, 1, "/signet/config can't be read: Input/output error"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_settings *settings = signet_settings_new();
    signet_error error = SIGNET_ERROR_INIT;
    refuse(cases[i].name, cases[i].number, cases[i].after);
    cr_expect_not(signet_settings_profile(settings, &error));
    cr_expect_eq(refuse_nothing(), 1, "%s", cases[i].name);
    cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
    cr_expect_not_null(strstr(error.message, cases[i].said), "%s",
                       error.message);
    cr_expect_null(signet_settings_get(settings, "key"));
    signet_settings_free(settings);
  }
}
