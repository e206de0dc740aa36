/* SPDX-License-Identifier: MIT */
/* Where settings come from: who wins, and what of a file is refused. */
#include "folder.h"
#include "settings_support.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(settings, .init = settings_begin, .fini = settings_end);

Test(settings, defaults)
{
  load();
  cr_assert_str_eq(get("profile"), "default");
  cr_assert_str_eq(get("api"), "configs");
  cr_assert_str_eq(get("base_url"), SIGNET_CONFIGS_URL);
  cr_assert_str_eq(get("state_dir"), "/home/operator/.local/state/signet");
  cr_assert_str_eq(signet_settings_origin(settings, "api"), "default");
  cr_assert_null(get("rate"));
  cr_assert_null(get("no such setting"));
  cr_assert_null(signet_settings_origin(settings, "no such setting"));
}

Test(settings, an_error_names_where_the_value_stands)
{
  static const struct {
    const char *message;
    const char *located;
  } errors[] = {{"ca_file: gone.pem can't be read", "--ca-file: gone.pem can't "
                                                    "be read"},
                {"api: of a default", "api: of a default"},
                {"client_key: not set", "client_key: not set"},
                {"ca_file", "--ca-file"},
                {"no such setting: here", "no such setting: here"},
                {"", ""}};
  set("ca_file", "gone.pem", "--ca-file");
  load();
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    signet_error named = SIGNET_ERROR_INIT;
    snprintf(named.message, sizeof named.message, "%s", errors[i].message);
    signet_settings_locate(settings, &named);
    cr_expect_str_eq(named.message, errors[i].located);
  }
}

Test(settings, default_url_follows_the_dialect)
{
  set("api", "signs", "--api");
  load();
  cr_assert_str_eq(get("base_url"), SIGNET_SIGNS_URL);
}

Test(settings, option_beats_environment_beats_profile)
{
  write_config("[default]\napi = signs\nkey = from-file\nrate = 5\n"
               "state_dir = /from/file\n",
               0600);
  setenv("SIGNET_API", "configs", 1);
  setenv("SIGNET_STATE_DIR", "/from/environment", 1);
  set("state_dir", "/from/option", "--state-dir");
  load();
  cr_assert_str_eq(get("state_dir"), "/from/option");
  cr_assert_str_eq(get("api"), "configs");
  cr_assert_str_eq(get("key"), "from-file");
  cr_assert_str_eq(get("rate"), "5");
  cr_assert_str_eq(signet_settings_origin(settings, "state_dir"),
                   "--state-dir");
  cr_assert_str_eq(signet_settings_origin(settings, "api"), "SIGNET_API");
  cr_assert_not_null(strstr(signet_settings_origin(settings, "rate"),
                            "/signet/config:4: rate"));
}

Test(settings, the_order_of_asking_does_not_matter)
{
  write_config("[default]\napi = signs\n", 0600);
  setenv("SIGNET_API", "configs", 1);
  cr_assert(signet_settings_defaults(settings, &error));
  cr_assert(signet_settings_profile(settings, &error));
  cr_assert(signet_settings_environment(settings, &error));
  cr_assert(signet_settings_profile(settings, &error));
  cr_assert_str_eq(get("api"), "configs");
}

Test(settings, another_profile_takes_the_place_of_the_first)
{
  write_config("[default]\nkey = first\nrate = 5\n[other]\nkey = second\n",
               0600);
  setenv("SIGNET_API", "signs", 1);
  load();
  cr_assert_str_eq(get("key"), "first");
  set("profile", "other", "profile");
  load();
  cr_assert_str_eq(get("key"), "second");
  cr_assert_null(get("rate"));
  cr_assert_str_eq(get("api"), "configs");
}

static void export_account(void)
{
  setenv("ENGAGELAB_SMS_KEY", "of-environment", 1);
  setenv("ENGAGELAB_SMS_SECRET", "hush", 1);
  setenv("SIGNET_BASE_URL", "https://environment.example", 1);
  setenv("SIGNET_API", "signs", 1);
  setenv("SIGNET_STATE_DIR", "/from/environment", 1);
}

/* In whatever order the sources are asked. */
Test(settings, a_profile_that_is_named_is_taken_as_a_whole)
{
  write_config("[b]\nkey = of-b\nsecret = s\nstate_dir = /from/b\n", 0600);
  export_account();
  for (int late = 0; late < 2; late++) {
    if (late == 1) {
      load();
      cr_assert_str_eq(get("key"), "of-environment");
      cr_assert_null(signet_settings_ignored(settings, "key"));
    }
    set("profile", "b", "--profile");
    load();
    cr_assert_str_eq(get("key"), "of-b");
    cr_assert_str_eq(get("secret"), "s");
    cr_assert_str_eq(get("api"), "configs");
    cr_assert_str_eq(get("base_url"), SIGNET_CONFIGS_URL);
    cr_assert_str_eq(get("state_dir"), "/from/b");
    cr_assert_str_eq(signet_settings_ignored(settings, "key"),
                     "ENGAGELAB_SMS_KEY");
    cr_assert_str_eq(signet_settings_ignored(settings, "base_url"),
                     "SIGNET_BASE_URL");
    cr_assert_null(signet_settings_ignored(settings, "state_dir"));
    cr_assert_null(signet_settings_ignored(settings, "rate"));
    signet_settings_free(settings);
    settings = signet_settings_new();
  }
}

/* What the profile doesn't say of other things is the environment's. */
Test(settings, a_named_profile_leaves_the_rest_to_the_environment)
{
  signet_account_options options;

  write_config("[b]\nkey = of-b\n", 0600);
  export_account();
  set("profile", "b", "--profile");
  load();
  cr_assert_str_eq(get("state_dir"), "/from/environment");
  cr_assert_not(signet_settings_options(settings, &options, &error));
  refused("no API secret in the profile [b], which --profile names: write");
}

Test(settings, a_profile_of_the_environment_is_weaker_than_it)
{
  write_config("[b]\nkey = of-b\nsecret = s\nrate = 5\n", 0600);
  export_account();
  setenv("SIGNET_PROFILE", "b", 1);
  load();
  cr_assert_str_eq(get("key"), "of-environment");
  cr_assert_str_eq(get("rate"), "5");
  cr_assert_null(signet_settings_ignored(settings, "key"));
}

/* NULL: the account is one. Options come as "name=value". */
static void judged(const char *config, const char *variable, const char *option,
                   const char *part)
{
  signet_account_options options;
  char name[40], origin[48];

  settings_end();
  settings_begin();
  write_config(config, 0600);
  if (variable != NULL) {
    export_account();
    setenv(variable, "", 1);
  }
  if (option != NULL) {
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(option, "="),
                   option);
    (void)snprintf(origin, sizeof origin, "--%s", name);
    set(name, strchr(option, '=') + 1, origin);
  }
  load();
  signet_error_init(&error);
  if (part == NULL) {
    cr_expect(signet_settings_options(settings, &options, &error), "%s",
              error.message);
  } else {
    cr_assert_not(signet_settings_options(settings, &options, &error));
    refused(part);
  }
}

Test(settings, parts_of_two_accounts_are_no_account)
{
  static const char keys[] = "[default]\nkey = k\nsecret = s\n";
  static const char url[] = "[default]\nbase_url = https://b.example\n";

  judged(keys, "ENGAGELAB_SMS_KEY", NULL,
         "config:2: key, but the secret in ENGAGELAB_SMS_SECRET: give both");
  judged(keys, "ENGAGELAB_SMS_SECRET", NULL,
         "in ENGAGELAB_SMS_KEY, but the secret in ");
  judged(url, "SIGNET_BASE_URL", NULL,
         "in ENGAGELAB_SMS_KEY, but the base URL in ");
  judged(keys, NULL, "key=other", "in --key, but the secret in ");
  judged("", "SIGNET_BASE_URL", NULL, NULL);
  judged("", "SIGNET_API", NULL, NULL);
  judged(url, "SIGNET_BASE_URL", "base_url=https://c.example", NULL);
  judged(keys, NULL, "base_url=https://c.example", NULL);
  judged(keys, NULL, NULL, NULL);
}

/* A password would go to another proxy than the one that it is for. */
Test(settings, a_password_stays_with_what_it_belongs_to)
{
  static const char proxy[] = "[default]\nkey = k\nsecret = s\n"
                              "proxy = http://a:1\nproxy_password = p\n";
  static const char alone[] = "[default]\nkey = k\nsecret = s\n"
                              "proxy_user = u\nproxy_password = p\n";
  static const char own_key[] = "[default]\nkey = k\nsecret = s\n"
                                "client_cert = a\nclient_key = b\n"
                                "client_key_password = p\n";

  judged(proxy, NULL, "proxy=http://b:2",
         "config:5: proxy_password belongs to the proxy of the same profile, "
         "not to --proxy: make a profile with both");
  judged(proxy, NULL, NULL, NULL);
  judged(alone, NULL, "proxy=http://b:2", NULL);
  judged(own_key, NULL, "client_key=c", "not to --client_key");
  judged(own_key, NULL, "ca_file=c", NULL);
}

Test(settings, an_empty_variable_counts_as_none)
{
  setenv("SIGNET_API", "", 1);
  setenv("ENGAGELAB_SMS_KEY", "", 1);
  load();
  cr_assert_str_eq(get("api"), "configs");
  cr_assert_null(get("key"));
}

Test(settings, xdg_directories_must_be_absolute)
{
  char where[256];

  setenv("XDG_CONFIG_HOME", "relative", 1);
  setenv("XDG_STATE_HOME", "/state", 1);
  signet_settings_path(where, sizeof where);
  cr_assert_str_eq(where, "/home/operator/.config/signet/config");
  unsetenv("HOME");
  signet_settings_path(where, sizeof where);
  cr_assert_str_eq(where, "");
  load();
  cr_assert_str_eq(get("state_dir"), "/state/signet");
}

Test(settings, named_profile_must_exist)
{
  set("profile", "absent", "--profile");
  cr_assert_not(signet_settings_profile(settings, &error));
  refused("--profile: there is no profile [absent] in ");
  profile_refused("[present]\nkey = k\n", "no profile [absent]");
}

Test(settings, a_profile_may_be_empty)
{
  write_config("[other]\nkey = k\n[empty]\n", 0600);
  set("profile", "empty", "--profile");
  cr_assert(signet_settings_profile(settings, &error), "%s", error.message);
  cr_assert_null(get("key"));
}

Test(settings, file_forms)
{
  write_config("\xef\xbb\xbf# comment\r\n; another\n[default]\n  key = \"a b\" "
               "; remark\n\trate=2.5\nca_file : /etc/ca.pem\r\n"
               "base_url=https://example.com/",
               0600);
  load();
  cr_assert_str_eq(get("key"), "a b");
  cr_assert_str_eq(get("rate"), "2.5");
  cr_assert_str_eq(get("ca_file"), "/etc/ca.pem");
  cr_assert_str_eq(get("base_url"), "https://example.com");
}

Test(settings, file_errors_name_the_line)
{
  char longest[400];

  profile_refused("[default]\nkey = k\nrte = 5\n",
                  "/signet/config:3: there is no setting rte");
  profile_refused("[default]\n[other]\nrte = 5\n",
                  "config:3: there is no setting rte");
  profile_refused("key = k\n", "config:1: a line before the first [profile]");
  profile_refused("[default]\nprofile = x\n", "config:2: there is no setting");
  profile_refused("[default]\n\nnonsense\n",
                  "config:3: neither [profile] nor name = value");
  profile_refused("[default]\nkey = a\napi = signs\nkey = b\n",
                  "config:4: set twice in this profile: key");
  profile_refused("[default]\nrate = fast\n",
                  "config:2: rate: \"fast\" must be requests per second, 0 to "
                  "100000, or a rate as 300/min");
  memset(longest, 'x', sizeof longest);
  memcpy(longest, "[default]\nkey=", 14);
  longest[sizeof longest - 1] = '\0';
  profile_refused(longest, "config:2: the line is too long");
}

/* A profile is found by its whole name, even if nothing stands in it. */
Test(settings, a_name_s_beginning_is_no_profile)
{
  set("profile", "def", "--profile");
  write_config("[default]\n[defx]\nkey = k\n[ab[def]\n", 0600);
  cr_assert(signet_settings_profile(settings, &error), "%s", error.message);
  write_config("[default]\n[defx]\nkey = k\n", 0600);
  cr_assert_not(signet_settings_profile(settings, &error));
  refused("--profile: there is no profile [def] in ");
  write_config("", 0600);
  cr_assert_not(signet_settings_profile(settings, &error));
  refused("there is no profile [def] in ");
}

Test(settings, a_value_too_long_to_be_kept_is_refused)
{
  static char text[4200];

  memset(text, 'x', 4001);
  cr_assert_not(
      signet_settings_set(settings, "state_dir", text, "--it", &error));
  refused("--it: ");
  memset(text, 'x', 251);
  text[251] = '\0';
  cr_assert_not(
      signet_settings_set(settings, "protect_name", text, "--it", &error));
  refused("shell patterns for names");
  text[250] = '\0';
  set("protect_name", text, "--it");
  memcpy(text, "https://e/", 10);
  memset(text + 10, 'x', 1000);
  text[1010] = '\0';
  cr_assert_not(
      signet_settings_set(settings, "base_url", text, "--it", &error));
  refused("a whole URL");
}

/* Without a home there is no file, and no place for the state. */
Test(settings, there_may_be_no_home)
{
  static const char *const homes[] = {NULL, "relative", ""};
  static char lengthy[5000];
  signet_account_options options;

  unsetenv("XDG_CONFIG_HOME");
  for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
    unsetenv("HOME");
    if (homes[i] != NULL)
      setenv("HOME", homes[i], 1);
    load();
    cr_assert_null(get("state_dir"));
    cr_assert_not(signet_settings_options(settings, &options, &error));
    refused("under [default] in ~/.config/signet/config,");
  }
  set("profile", "mine", "--profile");
  cr_assert_not(signet_settings_profile(settings, &error));
  refused("--profile: there is no profile [mine] in $HOME/.config");
  memset(lengthy, 'x', sizeof lengthy - 1);
  lengthy[0] = '/';
  setenv("HOME", lengthy, 1);
  cr_assert_not(signet_settings_profile(settings, &error));
  refused("there is no profile [mine] in $HOME/.config");
}

Test(settings, a_file_where_the_folder_should_be_is_none)
{
  char file[300];

  (void)snprintf(file, sizeof file, "%s/file", home);
  cr_assert_eq(fclose(fopen(file, "w")), 0);
  setenv("XDG_CONFIG_HOME", file, 1);
  load();
  cr_assert_str_eq(get("profile"), "default");
}

Test(settings, what_is_missing_is_told_before_there_are_defaults)
{
  signet_account_options options;

  cr_assert_not(signet_settings_options(settings, &options, &error));
  refused("no API key: set ENGAGELAB_SMS_KEY");
  refused("under [default] in ");
}

Test(settings, a_number_is_one_of_the_transport_s)
{
  set("key", "12", "--key");
  set("rate", "300/min", "--rate");
  cr_assert_float_eq(signet_settings_number(settings, "rate", 7), 5, 1e-9);
  cr_assert_float_eq(signet_settings_number(settings, "key", 7), 7, 0);
  cr_assert_float_eq(signet_settings_number(settings, "timeout", 7), 7, 0);
  cr_assert_float_eq(signet_settings_number(settings, "no such", 7), 7, 0);
}

Test(settings, same_key_in_two_profiles_is_fine)
{
  write_config("[default]\nkey = a\n[other]\nkey = b\n", 0600);
  load();
  cr_assert_str_eq(get("key"), "a");
}

Test(settings, a_secret_that_others_can_read_is_refused)
{
  static const mode_t modes[] = {0640, 0604, 0620, 0666};

  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    write_config("[default]\nkey = k\n[other]\nsecret = hush\n", modes[i]);
    cr_assert_not(signet_settings_profile(settings, &error));
    refused("run chmod 600 ");
    cr_assert_not(folder_text_is_secret(error.message, strlen(error.message)));
  }
  write_config("[default]\nkey = k\n", 0644);
  cr_assert(signet_settings_profile(settings, &error));
}

Test(settings, unreadable_and_huge_files)
{
  char *huge = malloc(80000);

  memset(huge, '#', 79999);
  huge[79999] = '\0';
  write_config(huge, 0600);
  free(huge);
  cr_assert_not(signet_settings_profile(settings, &error));
  refused("can't be read");
  cr_assert_eq(unlink(path), 0);
  cr_assert_eq(mkdir(path, 0700), 0);
  cr_assert_not(signet_settings_profile(settings, &error));
  refused("can't be read: Is a directory");
  cr_assert_eq(rmdir(path), 0);
}
