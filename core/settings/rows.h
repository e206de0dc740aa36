/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_ROWS_H
#define SIGNET_SETTINGS_ROWS_H

/* The table of settings. */

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

#endif
