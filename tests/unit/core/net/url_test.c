/* SPDX-License-Identifier: MIT */
/* Base URLs: where credentials may go. */
#include "net/url.h"
#include "net/url_canonical.h"

#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

TestSuite(url);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(url, good_ones)
{
  static const struct {
    const char *given;
    const char *text;
    const char *host;
    bool encrypted;
    bool loopback;
  } cases[] = {
      {"https://smsapi.engagelab.com", "https://smsapi.engagelab.com",
       "smsapi.engagelab.com", true, false},
      {"https://host/", "https://host", "host", true, false},
      {"https://host///", "https://host", "host", true, false},
      {"https://host:8443/a/b/", "https://host:8443/a/b", "host:8443", true,
       false},
      {"HTTPS://HOST/Path", NULL, NULL, true, false},
      {"https://127.0.0.1", "https://127.0.0.1", "127.0.0.1", true, true},
      {"http://127.0.0.1:8080/", "http://127.0.0.1:8080", "127.0.0.1:8080",
       false, true},
      {"http://127.9.8.7", "http://127.9.8.7", "127.9.8.7", false, true},
      {"http://localhost:1", "http://localhost:1", "localhost:1", false, true},
      {"http://LocalHost", NULL, NULL, false, true},
      {"http://[::1]:9/x", "http://[::1]:9/x", "[::1]:9", false, true},
      {"https://[2001:db8::1]", "https://[2001:db8::1]", "[2001:db8::1]", true,
       false},
      {"https://host:443/", "https://host:443", "host:443", true, false},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    signet_base_url url;
    signet_error error = SIGNET_ERROR_INIT;
    cr_assert(signet_base_url_parse(cases[i].given, &url, &error), "%s: %s",
              cases[i].given, error.message);
    if (cases[i].text != NULL) {
      cr_expect_str_eq(url.text, cases[i].text);
      cr_expect_str_eq(url.host, cases[i].host);
    }
    cr_expect_eq(url.encrypted, cases[i].encrypted, "%s", cases[i].given);
    cr_expect_eq(url.loopback, cases[i].loopback, "%s", cases[i].given);
    signet_base_url_free(&url);
    cr_expect_null(url.text);
  }
}

/* Each holds the word hunter2 where a secret could stand. */
static const char *const bad[] = {
    "",
    "hunter2",
    "/hunter2",
    "//host/hunter2",
    "https://",
    "https://?hunter2",
    "https://host:99999/hunter2",
    "https://host:hunter2/",
    "https://ho st/hunter2",
    "https://ho\nst/hunter2",
    "https://host\r\nX-Hunter: hunter2",
    "https://[::1/hunter2",
    "https://[::g]/",
    "https://host?key=hunter2",
    "https://host/path?hunter2",
    "https://host#hunter2",
    "https://key:hunter2@host",
    "https://hunter2@host",
    "https://:hunter2@host",
    "https://key:hunt%65r2@host",
    "https://key:hunter2@127.0.0.1",
    "http://key:hunter2@127.0.0.1",
    "http://key:hunter2@host",
    "http://127.0.0.1:hunter2@host",
    "http://localhost@host/hunter2",
    "key:hunter2@host",
    "ftp://key:hunter2@host",
    "ftp://127.0.0.1/hunter2",
    "file:///hunter2",
    "ws://localhost/hunter2",
    "javascript:hunter2",
    "http://host",
    "http://smsapi.engagelab.com",
    "http://127.0.0.1.host",
    "http://localhost.host",
    "http://mylocalhost",
    "http://128.0.0.1",
    "http://126.255.255.255",
    "http://0.0.0.0",
    "http://10.0.0.1",
    "http://[::2]",
    "http://[::]",
    "http://[::ffff:10.0.0.1]",
    "http://[2001:db8::1]",
};

Test(url, bad_ones_are_told_and_never_quote_credentials)
{
  for (size_t i = 0; i < COUNT(bad); i++) {
    signet_base_url url;
    signet_error error = SIGNET_ERROR_INIT;
    bool good = signet_base_url_parse(bad[i], &url, &error);
    cr_expect_not(good, "\"%s\" is taken as %s", bad[i], good ? url.text : "");
    cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION, "%s", bad[i]);
    cr_expect_gt(strlen(error.message), 20, "%s: %s", bad[i], error.message);
    cr_expect_null(strcasestr(error.message, "hunter2"), "%s", error.message);
    for (const char *at = error.message; *at != '\0'; at++)
      cr_expect_geq((unsigned char)*at, 0x20);
    signet_base_url_free(&url);
  }
}

Test(url, too_long)
{
  enum { LENGTH = 100000 };
  char *text = malloc(LENGTH + 1);
  cr_assert_not_null(text);
  for (int host = 0; host < 2; host++) {
    signet_base_url url;
    signet_error error = SIGNET_ERROR_INIT;
    memset(text, 'a', LENGTH);
    memcpy(text, host ? "https://" : "https://h/", host ? 8 : 10);
    text[LENGTH] = '\0';
    cr_expect_not(signet_base_url_parse(text, &url, &error));
    cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
    signet_base_url_free(&url);
  }
  free(text);
}

Test(url, cut_anywhere_or_with_any_byte_it_never_crashes)
{
  static const char text[] = "https://[::1]:8443/path/";
  char copy[sizeof text];
  for (size_t at = 0; at < sizeof text - 1; at++) {
    for (int byte = 0; byte < 256; byte++) {
      signet_base_url url;
      signet_error error = SIGNET_ERROR_INIT;
      memcpy(copy, text, sizeof text);
      copy[at] = (char)byte;
      if (signet_base_url_parse(copy, &url, &error)) {
        cr_expect(url.encrypted || url.loopback, "%s", copy);
        cr_expect_eq(error.kind, SIGNET_OK);
        for (const char *next = url.text; *next != '\0'; next++)
          cr_expect_gt((unsigned char)*next, ' ', "%s", copy);
      }
      signet_base_url_free(&url);
    }
  }
}

/* ---- one form for all spellings ---- */

Test(url, spellings_of_one_place)
{
  static const char *const same[][2] = {
      {"https://h", "https://h"},
      {"https://H:443/", "https://h"},
      {"HTTPS://h.//", "https://h"},
      {"https://h:0443", "https://h"},
      {"http://LOCALHOST:80", "http://localhost"},
      {"http://localhost:443", "http://localhost:443"},
      {"https://h:80", "https://h:80"},
      {"https://h/a/./b/%2e%2E/c/", "https://h/a/c"},
      {"https://h/%7euser/%c3%a9", "https://h/~user/%C3%A9"},
      {"https://h/\xc3\xa9", "https://h/%C3%A9"},
      {"https://h/%2f", "https://h/%2F"},
      {"https://h/A", "https://h/A"},
      {"https://h/%", "https://h/%"},
      {"https://[2001:DB8:0:0::1]:8443/", "https://[2001:db8::1]:8443"},
      {"https://[::0:1]", "https://[::1]"},
      {"https://127.1", "https://127.0.0.1"},
      {"no URL at all", "no URL at all"},
      {"", ""},
  };
  char out[200];
  for (size_t i = 0; i < COUNT(same); i++) {
    cr_assert(signet_url_canonical(same[i][0], out, sizeof out));
    cr_expect_str_eq(out, same[i][1], "%s: %s", same[i][0], out);
    cr_assert(signet_url_canonical(same[i][1], out, sizeof out));
    cr_expect_str_eq(out, same[i][1], "it has one form: %s", out);
  }
}

/* A name is compared as DNS has it. */
Test(url, a_host_beyond_ascii)
{
  char out[200];
  setlocale(LC_ALL, "C.UTF-8");
  cr_assert(signet_url_canonical("https://B\xc3\xbc"
                                 "cher.example",
                                 out, sizeof out));
  cr_expect_str_eq(out, "https://xn--bcher-kva.example");
}

/* One that does not fit is left as it is, as far as there is room. */
Test(url, a_form_that_does_not_fit)
{
  char out[16];
  cr_assert(signet_url_canonical("https://HOST/\xc3\xa9", out, sizeof out));
  cr_expect_str_eq(out, "https://HOST/\xc3\xa9");
}
