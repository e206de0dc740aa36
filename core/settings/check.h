/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_CHECK_H
#define SIGNET_SETTINGS_CHECK_H

#include "settings/rows.h"

/** The checks of single values, for the table. */
signet_setting_check signet_setting_check_name, signet_setting_check_url,
    signet_setting_check_api, signet_setting_check_key,
    signet_setting_check_secret, signet_setting_check_path,
    signet_setting_check_ids, signet_setting_check_patterns,
    signet_setting_check_word, signet_setting_check_password;

#endif
