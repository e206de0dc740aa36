/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_PARTS_H
#define SIGNET_SETTINGS_PARTS_H

/* What the files of this layer share: the table of settings, the checks of
 * single values, and the reader of the configuration file. */

#include "signet/settings.h"
#include "signet/transport.h"

/* Who the account is, and where its things are; then the transport's. */
enum setting {
  SETTING_PROFILE,
  SETTING_BASE_URL,
  SETTING_API,
  SETTING_KEY,
  SETTING_SECRET,
  SETTING_STATE_DIR,
  SETTING_PROTECT_ID,
  SETTING_PROTECT_NAME,
  SETTING_CLIENT_KEY_PASSWORD,
  SETTING_PROXY_USER,
  SETTING_PROXY_PASSWORD,
#define SETTING_OF(id, ...) SETTING_##id,
  SIGNET_TRANSPORT_SETTINGS(SETTING_OF, SETTING_OF)
#undef SETTING_OF
      SETTING_COUNT
};

/* Where a value stands; a stronger source replaces what a weaker one said. A
 * profile that an option names is stronger than the environment, the one that
 * is used where none is named is weaker. */
enum source {
  SOURCE_NONE,
  SOURCE_DEFAULT,
  SOURCE_PROFILE,
  SOURCE_ENVIRONMENT,
  SOURCE_NAMED_PROFILE,
  SOURCE_OPTION
};

/** @return NULL: the value is good; else what it must be, static text that
 * goes on after "must be" */
typedef const char *signet_setting_check(const char *value);

struct setting_row {
  const char *name;
  const char *variable;        /* of the environment, NULL: none */
  bool in_file;                /* may stand in the configuration file */
  bool hidden;                 /* its value never appears in a message */
  signet_setting_check *check; /* NULL: the transport's, by its type: */

  signet_setting_type type;
  const char *placeholder;
  double minimum, maximum;
  size_t offset; /* in signet_account_options; 0: no member of it */
};

/** The settings, in the order of enum setting. */
extern const struct setting_row signet_setting_rows[SETTING_COUNT];

/** The row of that name; SETTING_COUNT: there is none. */
enum setting signet_setting_find(const char *name);

signet_setting_check signet_setting_check_name, signet_setting_check_url,
    signet_setting_check_api, signet_setting_check_key,
    signet_setting_check_secret, signet_setting_check_path,
    signet_setting_check_ids, signet_setting_check_patterns,
    signet_setting_check_word, signet_setting_check_password;

/**
 * Reads a value of a row of the transport's: a plain number, seconds, bytes, or
 * a choice's index, whatever the locale.
 * @return false: it is none, or not within the row's limits
 */
bool signet_setting_read(const struct setting_row *row, const char *text,
                         double *number);

/** What a value of the row must be: goes on after "must be". */
void signet_setting_must(const struct setting_row *row, char *out, size_t size);

/** Sets the row's member of @p options to a value that was checked, which the
 * options borrow if it is text. */
void signet_setting_fill(const struct setting_row *row, const char *text,
                         signet_account_options *options);

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
