/* SPDX-License-Identifier: MIT */
/* Every setting, in one table. */
#include "settings/rows.h"

#include "settings/check.h"

#include "net/proxy.h"

#include <stddef.h>
#include <string.h>

#define IDENTITY(name, variable, in_file, hidden, check)                       \
  {                                                                            \
    name, variable, in_file, hidden, check, SIGNET_SETTING_FILE, NULL, 0, 0, 0 \
  }
#define TRANSPORT(type, name, placeholder, minimum, maximum, offset)           \
  {                                                                            \
    name, NULL, true, false, CHECK_##type, SIGNET_SETTING_##type, placeholder, \
        minimum, maximum, offset                                               \
  }
#define CHECK_WHOLE NULL
#define CHECK_RATE NULL
#define CHECK_SECONDS NULL
#define CHECK_AGE NULL
#define CHECK_BYTES NULL
#define CHECK_CHOICE NULL
#define CHECK_FILE NULL
#define CHECK_FLAG NULL
#define CHECK_PROXY signet_proxy_check
#define OF_ACCOUNT(id, name, option, placeholder, type, member, standard, \
                   minimum, maximum, help, more)                          \
  TRANSPORT(type, name, placeholder, minimum, maximum,                    \
            offsetof(signet_account_options, member)),
#define OF_RUN(id, name, option, placeholder, type, member, standard, minimum, \
               maximum, help, more)                                            \
  TRANSPORT(type, name, placeholder, minimum, maximum, 0),

const struct setting_row signet_setting_rows[SETTING_COUNT] = {
    IDENTITY("profile", "SIGNET_PROFILE", false, false,
             signet_setting_check_name),
    IDENTITY("base_url", "SIGNET_BASE_URL", true, false,
             signet_setting_check_url),
    IDENTITY("api", "SIGNET_API", true, false, signet_setting_check_api),
    IDENTITY("key", "ENGAGELAB_SMS_KEY", true, true, signet_setting_check_key),
    IDENTITY("secret", "ENGAGELAB_SMS_SECRET", true, true,
             signet_setting_check_secret),
    IDENTITY("state_dir", "SIGNET_STATE_DIR", true, false,
             signet_setting_check_path),
    IDENTITY("protect_id", NULL, true, false, signet_setting_check_ids),
    IDENTITY("protect_name", NULL, true, false, signet_setting_check_patterns),
    IDENTITY("client_key_password", NULL, true, true,
             signet_setting_check_password),
    IDENTITY("proxy_user", NULL, true, false, signet_setting_check_word),
    IDENTITY("proxy_password", NULL, true, true, signet_setting_check_password),
    SIGNET_TRANSPORT_SETTINGS(OF_ACCOUNT, OF_RUN)};

enum setting signet_setting_find(const char *name)
{
  int found = 0;

  while (found < SETTING_COUNT &&
         strcmp(signet_setting_rows[found].name, name) != 0)
    found++;
  return (enum setting)found;
}
