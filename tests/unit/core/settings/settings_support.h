/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_SETTINGS_SUPPORT_H
#define SIGNET_TESTS_SETTINGS_SUPPORT_H

/* Settings with a configuration file of their own. Criterion runs every test in
 * a process of its own, so that the environment is free. */

#include "signet/settings.h"

#include <sys/types.h>

/** Of the running test: its settings, the last error, the folder of its
 * configuration and the file. */
extern signet_settings *settings;
extern signet_error error;
extern char home[200];
extern char path[240];

void settings_begin(void);
void settings_end(void);

void write_config(const char *text, mode_t mode);
/** Asserts that the value is taken. */
void set(const char *name, const char *value, const char *origin);
const char *get(const char *name);
/** Environment, profile, defaults: asserts that they are good. */
void load(void);
/** Asserts that the last error is about a setting, and holds this. */
void refused(const char *part);
/** Asserts that a file with this text is refused with a sentence about that. */
void profile_refused(const char *text, const char *part);

#endif
