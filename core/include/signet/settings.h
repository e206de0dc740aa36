/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_H
#define SIGNET_SETTINGS_H

/**
 * @file signet/settings.h
 * Where an account's settings come from, strongest first: what the program sets
 * (options), the profile that an option names, the environment
 * (ENGAGELAB_SMS_KEY, ENGAGELAB_SMS_SECRET, SIGNET_BASE_URL, SIGNET_API,
 * SIGNET_STATE_DIR), the profile that SIGNET_PROFILE names, else `default`, in
 * $XDG_CONFIG_HOME/signet/config, defaults.
 *
 * A profile that an option names is taken as a whole: what the environment says
 * of key, secret, base URL and API is not used then, even where the profile
 * leaves one of them out. Key and secret must come from one place, and the base
 * URL from the same one, unless an option gives it or the default is used. A
 * variable that is empty counts as not set.
 *
 * The configuration file is INI: a `[name]` per profile, `[default]` for the
 * one that is used when none is named, and lines `key`, `secret`, `base_url`,
 * `api`, `state_dir`, `protect_id`, `protect_name` (entries that are never
 * changed: see signet_account_options), `client_key_password`, `proxy_user`,
 * `proxy_password` and the names of signet/transport.h. A
 * line that begins with # or ; is a comment, and so is the rest of a line after
 * a space and a semicolon; double quotes around a value are no part of it. A
 * file that holds a secret and that others can read is refused.
 */

#include "signet/account.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Settings by name, with where each was given. */
typedef struct signet_settings signet_settings;

/** Empty settings. NULL: out of memory. */
SIGNET_API signet_settings *signet_settings_new(void);

/** Wipes the secret and frees. NULL is allowed. */
SIGNET_API void signet_settings_free(signet_settings *settings);

/**
 * Sets one setting by name, as an option does: `profile`, `base_url`, `api`
 * (configs, signs), `key`, `secret`, `state_dir`, `protect_id`,
 * `protect_name`, `client_key_password`, `proxy_user`, `proxy_password`, and
 * the names of signet/transport.h.
 * Setting another profile forgets what the former one said.
 * @param origin  where the value stands, for messages ("--rate"); copied
 * @return false: @p error says what is wrong with it
 */
SIGNET_API bool signet_settings_set(signet_settings *settings, const char *name,
                                    const char *value, const char *origin,
                                    signet_error *error);

/** Takes what the environment says for every setting that isn't set yet. */
SIGNET_API bool signet_settings_environment(signet_settings *settings,
                                            signet_error *error);

/**
 * Takes what the profile says for every setting that isn't set yet. No file is
 * no error, unless a profile was named.
 */
SIGNET_API bool signet_settings_profile(signet_settings *settings,
                                        signet_error *error);

/**
 * Takes the defaults of `profile`, `api`, `base_url` and `state_dir` (in
 * $XDG_STATE_HOME, else ~/.local/state) where nothing else is set. The other
 * defaults are those of signet_account_options.
 */
SIGNET_API bool signet_settings_defaults(signet_settings *settings,
                                         signet_error *error);

/**
 * Protects what @p from protects, too: an account that a script opens with
 * another profile must not lose the protection of the program's.
 */
SIGNET_API bool signet_settings_protect(signet_settings *settings,
                                        const signet_settings *from,
                                        signet_error *error);

/** Where the configuration file is looked for; "" where neither
 * $XDG_CONFIG_HOME nor $HOME says. */
SIGNET_API void signet_settings_path(char *path, size_t size);

/** A copy. NULL: out of memory. */
SIGNET_API signet_settings *signet_settings_copy(const signet_settings *from);

/** One setting's value as text, borrowed; NULL: not set. */
SIGNET_API const char *signet_settings_get(const signet_settings *settings,
                                           const char *name);

/** One of the transport's settings as a number (seconds, bytes, a choice's
 * index); @p absent where it is not set. */
SIGNET_API double signet_settings_number(const signet_settings *settings,
                                         const char *name, double absent);

/** Where a setting's value stands ("--rate", "SIGNET_API", "FILE:3: api",
 * "default"), borrowed; NULL: not set. */
SIGNET_API const char *signet_settings_origin(const signet_settings *settings,
                                              const char *name);

/** The variable of the environment that has a value for a setting, which is not
 * used because an option named a profile. Static text; NULL: there is none. */
SIGNET_API const char *signet_settings_ignored(const signet_settings *settings,
                                               const char *name);

/**
 * Where the message of an error begins with a setting's name ("ca_file: …", as
 * those of signet_account_open() do), puts where its value stands in the name's
 * place.
 */
SIGNET_API void signet_settings_locate(const signet_settings *settings,
                                       signet_error *error);

/**
 * Fills @p options from the settings; text stays borrowed from @p settings.
 * @return false: something is missing, @p error names it and the three places
 *         where it can be given; or key, secret and base URL come from
 * different places; or a password of the profile is left over beside an option;
 * or a `backoff` that was set is longer than `backoff_max`
 */
SIGNET_API bool signet_settings_options(const signet_settings *settings,
                                        signet_account_options *options,
                                        signet_error *error);

#ifdef __cplusplus
}
#endif
#endif
