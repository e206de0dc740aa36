/* SPDX-License-Identifier: MIT */
#include "settings_support.h"

#include "folder.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

signet_settings *settings;
signet_error error;
char home[200];
char path[240];

void settings_begin(void)
{
  static const char *const variables[] = {
      "ENGAGELAB_SMS_KEY", "ENGAGELAB_SMS_SECRET", "SIGNET_BASE_URL",
      "SIGNET_API",        "SIGNET_PROFILE",       "SIGNET_STATE_DIR",
      "XDG_STATE_HOME"};

  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
    unsetenv(variables[i]);
  cr_assert(folder_make(FOLDER_ON_DISK, home, sizeof home));
  setenv("HOME", "/home/operator", 1);
  setenv("XDG_CONFIG_HOME", home, 1);
  (void)snprintf(path, sizeof path, "%s/signet", home);
  cr_assert_eq(mkdir(path, 0700), 0);
  (void)snprintf(path, sizeof path, "%s/signet/config", home);
  signet_error_init(&error);
  settings = signet_settings_new();
  cr_assert_not_null(settings);
}

void settings_end(void)
{
  signet_settings_free(settings);
  cr_expect_null(folder_remove(home));
}

void write_config(const char *text, mode_t mode)
{
  FILE *file = fopen(path, "w");

  cr_assert_not_null(file);
  cr_assert_geq(fputs(text, file), 0);
  cr_assert_eq(fclose(file), 0);
  cr_assert_eq(chmod(path, mode), 0);
}

void set(const char *name, const char *value, const char *origin)
{
  cr_assert(signet_settings_set(settings, name, value, origin, &error), "%s",
            error.message);
}

const char *get(const char *name)
{
  return signet_settings_get(settings, name);
}

void load(void)
{
  cr_assert(signet_settings_environment(settings, &error), "%s", error.message);
  cr_assert(signet_settings_profile(settings, &error), "%s", error.message);
  cr_assert(signet_settings_defaults(settings, &error), "%s", error.message);
}

void refused(const char *part)
{
  cr_assert_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
  cr_assert_not_null(strstr(error.message, part), "\"%s\" is not in \"%s\"",
                     part, error.message);
}

void profile_refused(const char *text, const char *part)
{
  write_config(text, 0600);
  cr_assert_not(signet_settings_profile(settings, &error));
  refused(part);
}
