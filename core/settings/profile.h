/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_PROFILE_H
#define SIGNET_SETTINGS_PROFILE_H

/* The reader of the configuration file. */

#include "settings/rows.h"

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
