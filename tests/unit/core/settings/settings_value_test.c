/* SPDX-License-Identifier: MIT */
/* What settings may be, what refusals say, and the options that come of them.
 */
#include "settings_support.h"

#include "canary.h"
#include "folder.h"
#include "signet/transport.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(settings_value, .init = settings_begin, .fini = settings_end);

#define SIXTY_FOUR                   \
  "0123456789abcdef0123456789abcdef" \
  "0123456789abcdef0123456789abcdef"

struct value {
  char name[24];
  char value[72];
  bool good;
};

static struct value values[] = {
    {"api", "configs", true},
    {"api", "signs", true},
    {"api", "Signs", false},
    {"api", "", false},
    {"concurrency", "1", true},
    {"concurrency", "1000", true},
    {"concurrency", "0", false},
    {"concurrency", "1001", false},
    {"concurrency", "1.0", false},
    {"concurrency", "16x", false},
    {"concurrency", "-1", false},
    {"rate", "0", true},
    {"rate", "0.5", true},
    {"rate", ".5", true},
    {"rate", "100001", false},
    {"rate", "1e3", false},
    {"rate", ".", false},
    {"rate", "1.2.3", false},
    {"rate", "300/min", true},
    {"rate", "0.5/s", true},
    {"rate", "100000/s", true},
    {"rate", "6000000/min", true},
    {"rate", "6000001/min", false},
    {"rate", "3600/h", true},
    {"rate", "5/", false},
    {"rate", "/s", false},
    {"rate", "5 /s", false},
    {"rate", "5/m", false},
    {"read_rate", "20", true},
    {"read_rate", "-1", false},
    {"write_rate", "20/min", true},
    {"write_rate", "x", false},
    {"pace", "gentle", true},
    {"pace", "normal", true},
    {"pace", "fast", true},
    {"pace", "slow", false},
    {"pace", "", false},
    {"rate", "9999999999999999", false},
    {"timeout", "0.001", true},
    {"timeout", "0", false},
    {"timeout", "86400", true},
    {"timeout", "86401", false},
    {"timeout", "24h", true},
    {"timeout", "25h", false},
    {"timeout", "s", false},
    {"timeout", "1 s", false},
    {"max_reply", "1023", false},
    {"max_reply", "1K", true},
    {"max_reply", "1k", false},
    {"max_reply", "65G", false},
    {"profile", "my-profile_2.x", true},
    {"profile", "", false},
    {"profile", "a]b", false},
    {"key", "abc", true},
    {"key", "a:b", false},
    {"key", "a\nb", false},
    {"key", "", false},
    {"secret", "a:b", true},
    {"secret", "a\rb", false},
    {"secret", "", false},
    {"ca_file", "ca.pem", true},
    {"ca_file", "", false},
    {"state_dir", "\x1b[2J", false},
    {"base_url", "https://smsapi.engagelab.com", true},
    {"base_url", "https://smsapi.engagelab.com/", true},
    {"base_url", "https://example.com:8443/prefix/", true},
    {"base_url", "HTTPS://example.com", true},
    {"base_url", "http://127.0.0.1:8080", true},
    {"base_url", "http://127.9.9.9", true},
    {"base_url", "http://[::1]:8080/", true},
    {"base_url", "http://localhost:1", true},
    {"base_url", "http://example.com", false},
    {"base_url", "http://127.0.0.1.example.com", false},
    {"base_url", "http://localhost.example.com", false},
    {"base_url", "ftp://example.com", false},
    {"base_url", "file:///etc/passwd", false},
    {"base_url", "example.com", false},
    {"base_url", "https://", false},
    {"base_url", "https://user:pass@example.com", false},
    {"base_url", "https://user@example.com", false},
    {"base_url", "https://example.com/?a=b", false},
    {"base_url", "https://example.com/#a", false},
    {"base_url", "https://exa mple.com", false},
    {"base_url", "https://example.com\r\nX: y", false},
    {"base_url", "https://:hush@example.com", false},
    {"base_url", "https:///", false},
    {"profile", "default", true},
    {"profile", SIXTY_FOUR "x", false},
    {"proxy_user", "me", true},
    {"proxy_user", "", false},
    {"proxy_user", "a:b", false},
    {"proxy_user", "a\tb", false},
    {"proxy_password", "a:b", true},
    {"proxy_password", "", false},
    {"client_key_password",
     "a\x7f"
     "b",
     false},
    {"state_dir", "", false},
    {"protect_id", "1001, 5003", true},
    {"protect_id", " 1 ,2 ", true},
    {"protect_id", "", false},
    {"protect_id", "1,", false},
    {"protect_id", "1;2", false},
    {"protect_id", "12345678901234567890", false},
    {"protect_name", "Bank*, *login*", true},
    {"protect_name", "", false},
    {"protect_name", "a,,b", false},
    {"protect_name", "a\nb", false},
};

ParameterizedTestParameters(settings_value, values)
{
  return cr_make_param_array(struct value, values,
                             sizeof values / sizeof values[0]);
}

ParameterizedTest(struct value *value, settings_value, values)
{
  signet_settings *own = signet_settings_new();
  signet_error problem = SIGNET_ERROR_INIT;
  bool good =
      signet_settings_set(own, value->name, value->value, "--it", &problem);

  cr_expect_eq(good, value->good, "%s=%s: %s", value->name, value->value,
               problem.message);
  cr_expect_eq(problem.kind,
               value->good ? SIGNET_OK : SIGNET_ERROR_CONFIGURATION);
  if (!good) {
    cr_expect_eq(strncmp(problem.message, "--it: ", 6), 0, "%s",
                 problem.message);
    cr_expect_null(strchr(problem.message, '\x1b'));
    cr_expect_null(signet_settings_get(own, value->name));
  }
  signet_settings_free(own);
}

Test(settings_value, unknown_setting)
{
  cr_assert_not(signet_settings_set(settings, "colour", "x", "--it", &error));
  refused("--it: there is no setting of this name");
}

Test(settings_value, a_secret_is_never_shown)
{
  cr_assert_not(signet_settings_set(settings, "secret", CANARY_SECRET "\n",
                                    "secret", &error));
  cr_assert_not(folder_text_is_secret(error.message, strlen(error.message)));
  cr_assert_not(signet_settings_set(settings, "base_url",
                                    "https://user:hush@example.com",
                                    "--base-url", &error));
  refused("without credentials");
  cr_assert_null(strstr(error.message, "hush"));
}

Test(settings_value, options_name_what_is_missing)
{
  signet_account_options options;

  load();
  cr_assert_not(signet_settings_options(settings, &options, &error));
  refused("no API key: set ENGAGELAB_SMS_KEY and ENGAGELAB_SMS_SECRET, or "
          "write key and secret under [default] in ");
  refused("signet.connect");
  set("key", "k", "key");
  cr_assert_not(signet_settings_options(settings, &options, &error));
  refused("no API secret: ");
}

Test(settings_value, options_carry_every_setting)
{
  signet_account_options options;

  set("key", "k", "key");
  set("secret", CANARY_SECRET, "secret");
  set("api", "signs", "--api");
  set("base_url", "http://127.0.0.1:1//", "--base-url");
  set("concurrency", "64", "--concurrency");
  set("rate", "2.5", "--rate");
  set("read_rate", "300/min", "--read-rate");
  set("write_rate", "7200/h", "--write-rate");
  set("pace", "fast", "--pace");
  set("ca_file", "ca.pem", "ca_file");
  set("timeout", "1.5", "--timeout");
  set("connect_timeout", "0.25", "--connect-timeout");
  set("poll_interval", "3", "--poll-interval");
  cr_assert(signet_settings_options(settings, &options, &error));
  cr_assert_str_eq(options.key, "k");
  cr_assert_str_eq(options.secret, CANARY_SECRET);
  cr_assert_eq(options.dialect, SIGNET_SIGNS);
  cr_assert_str_eq(options.base_url, "http://127.0.0.1:1");
  cr_assert_eq(options.concurrency, 64);
  cr_assert_float_eq(options.rate, 2.5, 1e-9);
  cr_assert_float_eq(options.read_rate, 5, 1e-9);
  cr_assert_float_eq(options.write_rate, 2, 1e-9);
  cr_assert_eq(options.pace, SIGNET_PACE_FAST);
  cr_assert_str_eq(options.ca_file, "ca.pem");
  cr_assert_eq(options.timeout_ms, 1500);
  cr_assert_eq(options.connect_timeout_ms, 250);
  cr_assert_eq(options.poll_interval_ms, 3000);
}

/* A row's default, written out, changes nothing. */
#define WHOLE_EQUAL(member) cr_expect_eq(options.member, expected.member)
#define RATE_EQUAL(member) \
  cr_expect_float_eq(options.member, expected.member, 1e-9)
#define SECONDS_EQUAL(member) WHOLE_EQUAL(member)
#define AGE_EQUAL(member) WHOLE_EQUAL(member)
#define BYTES_EQUAL(member) WHOLE_EQUAL(member)
#define CHOICE_EQUAL(member) WHOLE_EQUAL(member)
#define FILE_EQUAL(member) WHOLE_EQUAL(member)
#define PROXY_EQUAL(member) WHOLE_EQUAL(member)
#define FLAG_EQUAL(member) WHOLE_EQUAL(member)
#define SET_STANDARD(id, name, option, placeholder, type, member, standard, \
                     ...)                                                   \
  if ((standard) != NULL)                                                   \
    set(name, standard, "--" option);
#define COMPARE_STANDARD(id, name, option, placeholder, type, member, ...) \
  type##_EQUAL(member);
#define NOTHING(...)

Test(settings_value, the_tables_defaults_are_the_options_defaults)
{
  signet_account_options options, expected = SIGNET_ACCOUNT_OPTIONS_INIT;

  set("key", "k", "key");
  set("secret", CANARY_SECRET, "secret");
  SIGNET_TRANSPORT_SETTINGS(SET_STANDARD, SET_STANDARD)
  cr_assert(signet_settings_options(settings, &options, &error));
  SIGNET_TRANSPORT_SETTINGS(COMPARE_STANDARD, NOTHING)
}

/* A line of --help, behind the option itself. */
#define HELP_FITS(id, name, option, placeholder, type, member, standard,     \
                  minimum, maximum, help, more)                              \
  (void)snprintf(line, sizeof line, "%s (default: %s)", help,                \
                 (standard) != NULL ? (standard) : "");                      \
  cr_expect_leq(strlen((standard) != NULL ? line : (help)), 56, "%s", line); \
  cr_expect(*(help) >= 'a' && *(help) <= 'z', "%s", help);

Test(settings_value, the_tables_help_is_short)
{
  char line[256];

  SIGNET_TRANSPORT_SETTINGS(HELP_FITS, HELP_FITS)
}

Test(settings_value, times_and_sizes_have_units)
{
  static const struct {
    const char *text;
    int64_t ms;
  } times[] = {{"250ms", 250}, {"0.25", 250},     {"10s", 10000},
               {"2m", 120000}, {"0.5h", 1800000}, {"1d", 86400000}};
  signet_account_options options;

  set("key", "k", "key");
  set("secret", CANARY_SECRET, "secret");
  set("max_reply", "64K", "--max-reply");
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
    set("timeout", times[i].text, "--timeout");
    cr_assert(signet_settings_options(settings, &options, &error));
    cr_expect_eq(options.timeout_ms, times[i].ms, "%s", times[i].text);
  }
  cr_expect_eq(options.max_reply_bytes, 65536);
  cr_expect_float_eq(signet_settings_number(settings, "timeout", 7), 86400,
                     1e-9);
  cr_expect_float_eq(signet_settings_number(settings, "rate", 7), 7, 1e-9);
  cr_expect_float_eq(signet_settings_number(settings, "key", 7), 7, 1e-9);
}

Test(settings_value, a_refusal_says_what_is_allowed)
{
  static const struct {
    const char *name, *value, *sentence;
  } refusals[] = {
      {"concurrency", "0", "--it: \"0\" must be a whole number from 1 to 1000"},
      {"rate", "x",
       "--it: \"x\" must be requests per second, 0 to 100000, or a rate as "
       "300/min"},
      {"timeout", "2w",
       "--it: \"2w\" must be seconds, 0.001 to 86400, or a time as 250ms, "
       "15m, 2h"},
      {"max_reply", "1.5K", "--it: \"1.5K\" must be bytes, 1K to 64G"},
      {"ca_file", "",
       "--it: \"\" must be a path: not empty, without control "
       "characters"}};

  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    cr_assert_not(signet_settings_set(settings, refusals[i].name,
                                      refusals[i].value, "--it", &error));
    cr_expect_str_eq(error.message, refusals[i].sentence);
  }
}

Test(settings_value, options_keep_the_defaults)
{
  signet_account_options options, expected = SIGNET_ACCOUNT_OPTIONS_INIT;

  set("key", "k", "key");
  set("secret", CANARY_SECRET, "secret");
  cr_assert(signet_settings_options(settings, &options, &error));
  cr_assert_null(options.base_url);
  cr_assert_eq(options.concurrency, expected.concurrency);
  cr_assert_eq(options.timeout_ms, expected.timeout_ms);
  cr_assert_eq(options.connect_timeout_ms, expected.connect_timeout_ms);
  cr_assert_eq(options.poll_interval_ms, expected.poll_interval_ms);
}

Test(settings_value, a_default_url_does_not_outlive_its_dialect)
{
  signet_account_options options;

  load();
  set("key", "k", "key");
  set("secret", CANARY_SECRET, "secret");
  set("api", "signs", "signet.connect: api");
  cr_assert(signet_settings_options(settings, &options, &error));
  cr_assert_eq(options.dialect, SIGNET_SIGNS);
  cr_assert_null(options.base_url);
}

Test(settings_value, a_copy_stands_alone)
{
  signet_settings *copy;

  set("secret", CANARY_SECRET, "secret");
  setenv("SIGNET_API", "signs", 1);
  load();
  copy = signet_settings_copy(settings);
  cr_assert_not_null(copy);
  set("secret", "t", "secret");
  cr_assert_str_eq(signet_settings_get(copy, "secret"), CANARY_SECRET);
  cr_assert_str_eq(signet_settings_origin(copy, "api"), "SIGNET_API");
  signet_settings_free(copy);
  signet_settings_free(NULL);
}
