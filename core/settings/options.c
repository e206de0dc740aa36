/* SPDX-License-Identifier: MIT */
/* The options of an account, as the settings say. */
#include "settings/state.h"
#include "settings/value.h"

#include "model/error_fill.h"
#include "model/text.h"
#include "net/proxy.h"

#include <stdio.h>
#include <string.h>

void signet_settings_locate(const signet_settings *settings,
                            signet_error *error)
{
  char name[32] = "", rest[sizeof error->message];
  size_t length = strcspn(error->message, ":");
  enum setting setting;

  if (length < sizeof name) {
    memcpy(name, error->message, length);
    name[length] = '\0';
  }
  setting = signet_setting_find(name);
  if (setting == SETTING_COUNT ||
      settings->entries[setting].source <= SOURCE_DEFAULT)
    return;
  (void)snprintf(rest, sizeof rest, "%s", error->message + length);
  (void)snprintf(error->message, sizeof error->message, "%s%s",
                 settings->entries[setting].origin, rest);
}

static bool missing(const signet_settings *settings, const char *what,
                    signet_error *error)
{
  const char *profile = settings->entries[SETTING_PROFILE].value;
  char path[4096], shown[256];

  signet_settings_path(path, sizeof path);
  signet_text_escape(shown, sizeof shown, path, strlen(path));
  if (signet_settings_are_named(settings)) {
    return signet_error_set(
        error, SIGNET_ERROR_CONFIGURATION,
        "no API %s in the profile [%s], which %s names: write key and secret "
        "there, in %s; with SIGNET_PROFILE the environment's are used",
        what, profile, settings->entries[SETTING_PROFILE].origin, shown);
  }
  return signet_error_set(
      error, SIGNET_ERROR_CONFIGURATION,
      "no API %s: set ENGAGELAB_SMS_KEY and ENGAGELAB_SMS_SECRET, or write key "
      "and secret under [%s] in %s, or give both to signet.connect",
      what, profile != NULL ? profile : "default",
      *shown != '\0' ? shown : "~/.config/signet/config");
}

/* Key, secret and base URL belong together: with parts of two accounts, the
 * secret of one would go to the other. An option for the base URL is a choice
 * of its own, and so is the default. */
static bool check_account(const signet_settings *settings, signet_error *error)
{
  const struct entry *key = &settings->entries[SETTING_KEY];
  const struct entry *secret = &settings->entries[SETTING_SECRET];
  const struct entry *url = &settings->entries[SETTING_BASE_URL];
  bool chosen = url->source <= SOURCE_DEFAULT || url->source == SOURCE_OPTION;

  if (key->source != secret->source) {
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the API key stands in %s, but the secret in %s: "
                            "give both in one place",
                            key->origin, secret->origin);
  }
  if (!chosen && url->source != key->source) {
    return signet_error_set(
        error, SIGNET_ERROR_CONFIGURATION,
        "the API key stands in %s, but the base URL in %s: give both in one "
        "place, or the base URL with --base-url (in Lua: base_url)",
        key->origin, url->origin);
  }
  return true;
}

/* A password in a profile belongs to what that profile names, and is not for
 * what an option puts in its place. */
static bool check_passwords(const signet_settings *settings,
                            signet_error *error)
{
  static const struct {
    enum setting password;
    enum setting owner;
  } pairs[] = {{SETTING_PROXY_USER, SETTING_PROXY},
               {SETTING_PROXY_PASSWORD, SETTING_PROXY},
               {SETTING_CLIENT_KEY_PASSWORD, SETTING_CLIENT_KEY}};

  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const struct entry *password = &settings->entries[pairs[i].password];
    const struct entry *owner = &settings->entries[pairs[i].owner];

    if (signet_source_is_profile(password->source) && owner->shadows) {
      return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                              "%s belongs to the %s of the same profile, not "
                              "to %s: make a profile with both",
                              password->origin,
                              signet_setting_rows[pairs[i].owner].name,
                              owner->origin);
    }
  }
  return true;
}

/* The default gives way to a shorter backoff_max; what was asked for can't
 * be had then. */
static bool check_backoff(const signet_settings *settings,
                          const signet_account_options *options,
                          signet_error *error)
{
  const struct entry *backoff = &settings->entries[SETTING_BACKOFF];
  const struct entry *longest = &settings->entries[SETTING_BACKOFF_MAX];

  if (backoff->value == NULL || options->backoff_ms <= options->backoff_max_ms)
    return true;
  return signet_error_set(
      error, SIGNET_ERROR_CONFIGURATION,
      "%s: %g s is longer than the longest pause, %g s (%s)", backoff->origin,
      (double)options->backoff_ms / 1000,
      (double)options->backoff_max_ms / 1000,
      longest->value != NULL ? longest->origin : "backoff_max");
}

bool signet_settings_options(const signet_settings *settings,
                             signet_account_options *options,
                             signet_error *error)
{
  const struct entry *entries = settings->entries;
  const char *api = entries[SETTING_API].value;

  *options = (signet_account_options)SIGNET_ACCOUNT_OPTIONS_INIT;
  if (entries[SETTING_KEY].value == NULL)
    return missing(settings, "key", error);
  if (entries[SETTING_SECRET].value == NULL)
    return missing(settings, "secret", error);
  if (!check_account(settings, error) || !check_passwords(settings, error))
    return false;
  options->dialect = signet_dialect_number(api) == SIGNET_SIGNS
                         ? SIGNET_SIGNS
                         : SIGNET_CONFIGS;
  /* A default was chosen for the dialect of that moment. */
  options->base_url = entries[SETTING_BASE_URL].source == SOURCE_DEFAULT
                          ? NULL
                          : entries[SETTING_BASE_URL].value;
  options->key = entries[SETTING_KEY].value;
  options->secret = entries[SETTING_SECRET].value;
  options->protect_id = entries[SETTING_PROTECT_ID].value;
  options->protect_name = entries[SETTING_PROTECT_NAME].value;
  options->client_key_password = entries[SETTING_CLIENT_KEY_PASSWORD].value;
  options->proxy_user = entries[SETTING_PROXY_USER].value;
  options->proxy_password = entries[SETTING_PROXY_PASSWORD].value;
  for (int i = 0; i < SETTING_COUNT; i++)
    if (signet_setting_rows[i].offset != 0 && entries[i].value != NULL)
      signet_setting_fill(&signet_setting_rows[i], entries[i].value, options);
  return check_backoff(settings, options, error);
}

double signet_settings_number(const signet_settings *settings, const char *name,
                              double absent)
{
  enum setting setting = signet_setting_find(name);
  double number = absent;

  if (setting != SETTING_COUNT && settings->entries[setting].value != NULL &&
      signet_setting_rows[setting].check == NULL) {
    (void)signet_setting_read(&signet_setting_rows[setting],
                              settings->entries[setting].value, &number);
  }
  return number;
}
