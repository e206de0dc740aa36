/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_STATE_H
#define SIGNET_SETTINGS_STATE_H

/* The inside of settings. */

#include "settings/rows.h"

struct entry {
  char *value;
  char *origin;
  enum source source;
  bool shadows; /* it took the place of what the profile says */
  bool ignored; /* the environment has one, which the named profile kept out */
};

struct signet_settings {
  struct entry entries[SETTING_COUNT];
};

static inline bool signet_source_is_profile(enum source source)
{
  return source == SOURCE_PROFILE || source == SOURCE_NAMED_PROFILE;
}

/** Whether an option names the profile. */
static inline bool signet_settings_are_named(const signet_settings *settings)
{
  return settings->entries[SETTING_PROFILE].source == SOURCE_OPTION;
}

#endif
