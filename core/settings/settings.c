/* SPDX-License-Identifier: MIT */
/* Values, and where each comes from: the stronger source wins. */
#include "settings/check.h"
#include "settings/profile.h"
#include "settings/state.h"
#include "settings/value.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "net/proxy.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

signet_settings *signet_settings_new(void)
{
  return signet_memory_zeroed(1, sizeof(signet_settings));
}

static void entry_clear(struct entry *entry)
{
  if (entry->value != NULL)
    signet_memory_wipe(entry->value, strlen(entry->value));
  signet_memory_free(entry->value);
  signet_memory_free(entry->origin);
  entry->value = NULL;
  entry->origin = NULL;
  entry->source = SOURCE_NONE;
}

void signet_settings_free(signet_settings *settings)
{
  if (settings == NULL)
    return;
  for (int i = 0; i < SETTING_COUNT; i++)
    entry_clear(&settings->entries[i]);
  signet_memory_free(settings);
}

static bool out_of_memory(signet_error *error)
{
  return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

static bool entry_fill(struct entry *entry, const char *value,
                       const char *origin, enum source source,
                       signet_error *error)
{
  struct entry fresh = {signet_memory_text(value, strlen(value)),
                        signet_memory_text(origin, strlen(origin)), source,
                        entry->shadows, entry->ignored};

  if (fresh.value == NULL || fresh.origin == NULL) {
    entry_clear(&fresh);
    return out_of_memory(error);
  }
  entry_clear(entry);
  *entry = fresh;
  return true;
}

/* A base URL is kept without its trailing slash: paths begin with one. It was
 * checked, so there is more in it than slashes. */
static void trim_slashes(char *url)
{
  size_t length = strlen(url);

  while (url[length - 1] == '/')
    url[--length] = '\0';
}

static bool refuse(const struct setting_row *row, const char *value,
                   const char *origin, const char *must, signet_error *error)
{
  char shown[128];

  if (row->hidden || row->check == signet_setting_check_url ||
      row->check == signet_proxy_check) {
    /* A URL may hold a password, which is why it is refused. */
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "%s: the value must be %s", origin, must);
  }
  signet_text_escape(shown, sizeof shown, value, strlen(value));
  return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                          "%s: \"%s\" must be %s", origin, shown, must);
}

/* NULL: the value is good. */
static const char *must_be(const struct setting_row *row, const char *value,
                           char *room, size_t size)
{
  double ignored;

  if (row->check != NULL)
    return row->check(value);
  if (signet_setting_read(row, value, &ignored))
    return NULL;
  signet_setting_must(row, room, size);
  return room;
}

static bool settings_take(signet_settings *settings, enum setting setting,
                          const char *value, const char *origin,
                          enum source source, signet_error *error)
{
  const struct setting_row *row = &signet_setting_rows[setting];
  struct entry *entry = &settings->entries[setting];
  char room[160];
  const char *must;

  if (source < entry->source) {
    entry->shadows = entry->shadows || signet_source_is_profile(source);
    return true;
  }
  must = must_be(row, value, room, sizeof room);
  if (must != NULL)
    return refuse(row, value, origin, must, error);
  entry->shadows = !signet_source_is_profile(source) &&
                   (entry->shadows || signet_source_is_profile(entry->source));
  if (!entry_fill(entry, value, origin, source, error))
    return false;
  if (setting == SETTING_BASE_URL)
    trim_slashes(entry->value);
  return true;
}

/* What says which account it is: a named profile decides about all of these,
 * those too that it leaves to their defaults. */
static bool is_identity(int setting)
{
  return setting == SETTING_BASE_URL || setting == SETTING_API ||
         setting == SETTING_KEY || setting == SETTING_SECRET;
}

/* The profile that was named takes the place of the one whose values are here,
 * and of the account that the environment names. */
static void forget_profile(signet_settings *settings)
{
  for (int i = 0; i < SETTING_COUNT; i++) {
    struct entry *entry = &settings->entries[i];
    bool kept_out = entry->source == SOURCE_ENVIRONMENT && is_identity(i);

    entry->shadows = false;
    entry->ignored = entry->ignored || kept_out;
    if (kept_out || entry->source <= SOURCE_PROFILE ||
        entry->source == SOURCE_NAMED_PROFILE)
      entry_clear(entry);
  }
}

bool signet_settings_set(signet_settings *settings, const char *name,
                         const char *value, const char *origin,
                         signet_error *error)
{
  enum setting setting = signet_setting_find(name);

  if (setting == SETTING_COUNT) {
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "%s: there is no setting of this name", origin);
  }
  if (!settings_take(settings, setting, value, origin, SOURCE_OPTION, error))
    return false;
  if (setting == SETTING_PROFILE)
    forget_profile(settings);
  return true;
}

bool signet_settings_environment(signet_settings *settings, signet_error *error)
{
  for (int i = 0; i < SETTING_COUNT; i++) {
    const char *variable = signet_setting_rows[i].variable;
    const char *value = variable == NULL ? NULL : getenv(variable);

    /* An empty variable counts as none, as everywhere in a shell. */
    if (value == NULL || *value == '\0')
      continue;
    if (signet_settings_are_named(settings) && is_identity(i))
      settings->entries[i].ignored = true;
    else if (!settings_take(settings, (enum setting)i, value, variable,
                            SOURCE_ENVIRONMENT, error))
      return false;
  }
  return true;
}

/* $variable/rest, or ~/fallback/rest; an XDG directory must be absolute.
 * "" where neither is known. */
static void home_path(char *path, size_t size, const char *variable,
                      const char *fallback, const char *rest)
{
  const char *directory = getenv(variable), *home = getenv("HOME");
  int length = 0;

  if (directory != NULL && *directory == '/')
    length = snprintf(path, size, "%s/%s", directory, rest);
  else if (home != NULL && *home == '/')
    length = snprintf(path, size, "%s/%s/%s", home, fallback, rest);
  if (length <= 0 || (size_t)length >= size)
    *path = '\0';
}

void signet_settings_path(char *path, size_t size)
{
  home_path(path, size, "XDG_CONFIG_HOME", ".config", "signet/config");
}

static bool take_from_profile(void *user, enum setting setting,
                              const char *value, const char *origin,
                              signet_error *error)
{
  return settings_take(user, setting, value, origin,
                       signet_settings_are_named(user) ? SOURCE_NAMED_PROFILE
                                                       : SOURCE_PROFILE,
                       error);
}

bool signet_settings_profile(signet_settings *settings, signet_error *error)
{
  const struct entry *named = &settings->entries[SETTING_PROFILE];
  const char *profile = named->value != NULL ? named->value : "default";
  char path[4096], shown[256];
  bool found = false;

  signet_settings_path(path, sizeof path);
  if (*path != '\0' && !signet_profile_read(path, profile, take_from_profile,
                                            settings, &found, error))
    return false;
  if (!found && named->source > SOURCE_DEFAULT) {
    signet_text_escape(shown, sizeof shown, path, strlen(path));
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "%s: there is no profile [%s] in %s", named->origin,
                            profile, *path != '\0' ? shown : "$HOME/.config");
  }
  return true;
}

bool signet_settings_defaults(signet_settings *settings, signet_error *error)
{
  const char *api = settings->entries[SETTING_API].value;
  char state[4096];
  const struct {
    enum setting setting;
    const char *value;
  } defaults[] = {
      {SETTING_PROFILE, "default"},
      {SETTING_API, signet_dialect_name(SIGNET_CONFIGS)},
      {SETTING_BASE_URL, signet_dialect_number(api) == SIGNET_SIGNS
                             ? SIGNET_SIGNS_URL
                             : SIGNET_CONFIGS_URL},
      {SETTING_STATE_DIR, state},
  };

  home_path(state, sizeof state, "XDG_STATE_HOME", ".local/state", "signet");
  for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
    if (*defaults[i].value != '\0' &&
        !settings_take(settings, defaults[i].setting, defaults[i].value,
                       "default", SOURCE_DEFAULT, error))
      return false;
  return true;
}

signet_settings *signet_settings_copy(const signet_settings *from)
{
  signet_settings *copy = signet_settings_new();
  signet_error ignored = SIGNET_ERROR_INIT;

  for (int i = 0; copy != NULL && i < SETTING_COUNT; i++) {
    const struct entry *entry = &from->entries[i];

    copy->entries[i].shadows = entry->shadows;
    copy->entries[i].ignored = entry->ignored;
    if (entry->value != NULL &&
        !entry_fill(&copy->entries[i], entry->value, entry->origin,
                    entry->source, &ignored)) {
      signet_settings_free(copy);
      copy = NULL;
    }
  }
  return copy;
}

/* Both lists, one behind the other. */
static bool join_lists(struct entry *entry, const struct entry *more,
                       signet_error *error)
{
  size_t size = strlen(entry->value) + strlen(more->value) + 2;
  char *joined = signet_memory_zeroed(size, 1);
  bool good;

  if (joined == NULL)
    return out_of_memory(error);
  (void)snprintf(joined, size, "%s,%s", entry->value, more->value);
  good = entry_fill(entry, joined, entry->origin, entry->source, error);
  signet_memory_free(joined);
  return good;
}

bool signet_settings_protect(signet_settings *settings,
                             const signet_settings *from, signet_error *error)
{
  static const enum setting lists[] = {SETTING_PROTECT_ID,
                                       SETTING_PROTECT_NAME};

  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    struct entry *entry = &settings->entries[lists[i]];
    const struct entry *more = &from->entries[lists[i]];

    if (more->value == NULL ||
        (entry->value != NULL && strcmp(entry->value, more->value) == 0))
      continue;
    if (entry->value == NULL
            ? !entry_fill(entry, more->value, more->origin, more->source, error)
            : !join_lists(entry, more, error))
      return false;
  }
  return true;
}

const char *signet_settings_get(const signet_settings *settings,
                                const char *name)
{
  enum setting setting = signet_setting_find(name);

  return setting == SETTING_COUNT ? NULL : settings->entries[setting].value;
}

const char *signet_settings_origin(const signet_settings *settings,
                                   const char *name)
{
  enum setting setting = signet_setting_find(name);

  return setting == SETTING_COUNT ? NULL : settings->entries[setting].origin;
}

const char *signet_settings_ignored(const signet_settings *settings,
                                    const char *name)
{
  enum setting setting = signet_setting_find(name);

  return setting != SETTING_COUNT && settings->entries[setting].ignored
             ? signet_setting_rows[setting].variable
             : NULL;
}
