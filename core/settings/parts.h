/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_PARTS_H
#define SIGNET_SETTINGS_PARTS_H

/* What the files of this layer share: the table of settings, the checks of
 * single values, and the reader of the configuration file. */

#include "signet/settings.h"

enum setting {
  SETTING_PROFILE,
  SETTING_BASE_URL,
  SETTING_API,
  SETTING_KEY,
  SETTING_SECRET,
  SETTING_CONCURRENCY,
  SETTING_RATE,
  SETTING_CA_FILE,
  SETTING_STATE_DIR,
  SETTING_TIMEOUT,
  SETTING_CONNECT_TIMEOUT,
  SETTING_POLL_INTERVAL,
  SETTING_PROTECT_ID,
  SETTING_PROTECT_NAME,
  SETTING_COUNT
};

/* Where a value stands; a stronger source replaces what a weaker one said. */
enum source {
  SOURCE_NONE,
  SOURCE_DEFAULT,
  SOURCE_PROFILE,
  SOURCE_ENVIRONMENT,
  SOURCE_OPTION
};

/** @return NULL: the value is good; else what it must be, static text that
 * goes on after "must be" */
typedef const char *signet_setting_check(const char *value);

struct setting_row {
  const char *name;
  const char *variable; /* of the environment, NULL: none */
  bool in_file;         /* may stand in the configuration file */
  bool hidden;          /* its value never appears in a message */
  signet_setting_check *check;
};

/** The settings, in the order of enum setting. */
extern const struct setting_row signet_setting_rows[SETTING_COUNT];

/** The row of that name; SETTING_COUNT: there is none. */
enum setting signet_setting_find(const char *name);

signet_setting_check signet_setting_check_name, signet_setting_check_url,
    signet_setting_check_api, signet_setting_check_key,
    signet_setting_check_secret, signet_setting_check_concurrency,
    signet_setting_check_rate, signet_setting_check_path,
    signet_setting_check_seconds, signet_setting_check_ids,
    signet_setting_check_patterns;

/** Reads a decimal number whatever the locale. @return false: it is none */
bool signet_setting_number(const char *text, double *number);

/** Called for every line of the wanted profile. @return false: stop */
typedef bool signet_profile_fn(void *user, enum setting setting,
                               const char *value, const char *origin,
                               signet_error *error);

/**
 * Reads the configuration file.
 * @param found  set to whether the file has the profile
 * @return false: @p error says what is wrong with the file, and on which line;
 *         a file that is not there is no error
 */
bool signet_profile_read(const char *path, const char *profile,
                         signet_profile_fn *take, void *user, bool *found,
                         signet_error *error);

#endif
