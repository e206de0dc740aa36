/* SPDX-License-Identifier: MIT */
/* How the host is reached: what is refused before anything is sent. */
#include "net/explain.h"
#include "net/proxy.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(connection);
TestSuite(proxy);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const signet_base_url secure = {.encrypted = true};

static void expect_refused(const signet_connection_options *options,
                           const char *part)
{
  signet_connection connection;
  signet_error error = SIGNET_ERROR_INIT;
  cr_assert_not(signet_connection_init(&connection, options, &secure, &error),
                "%s", part);
  cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
  cr_expect_not_null(strstr(error.message, part), "\"%s\" is not in: %s", part,
                     error.message);
  cr_expect_null(strstr(error.message, "hunter2"), "%s", error.message);
}

static void expect_accepted(const signet_connection_options *options)
{
  signet_connection connection;
  signet_error error = SIGNET_ERROR_INIT;
  cr_expect(signet_connection_init(&connection, options, &secure, &error), "%s",
            error.message);
  signet_connection_free(&connection);
}

static const char both[] = "-----BEGIN CERTIFICATE-----\nMIIB\n"
                           "-----END CERTIFICATE-----\n"
                           "-----BEGIN PRIVATE KEY-----\nMIIB\n"
                           "-----END PRIVATE KEY-----\n";

/* A file of the test's own with this mode, removed at the end. */
static char *new_file_of(mode_t mode, const char *text)
{
  static char path[64];
  snprintf(path, sizeof path, "connection-test-XXXXXX");
  int file = mkstemp(path);
  cr_assert_geq(file, 0);
  cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
  cr_assert_eq(fchmod(file, mode), 0);
  close(file);
  return path;
}

static char *new_file(mode_t mode)
{
  return new_file_of(mode, both);
}

Test(connection, keys_that_others_can_read)
{
  static const mode_t open[] = {0644, 0640, 0604, 0620, 0601};
  for (size_t i = 0; i < COUNT(open); i++) {
    char *path = new_file(open[i]);
    signet_connection_options options = {.client_key = path,
                                         .client_cert = "certificate.pem"};
    int file = creat("certificate.pem", 0644);
    cr_assert_eq(write(file, both, sizeof both - 1), sizeof both - 1);
    close(file);
    expect_refused(&options, "holds a private key and others can read it");
    /* A certificate without a key file holds the key itself. */
    options = (signet_connection_options){.client_cert = path};
    expect_refused(&options, "client_cert: connection-test-");
    unlink(path);
    unlink("certificate.pem");
  }
}

Test(connection, keys_of_their_owner)
{
  char *path = new_file(0600);
  signet_connection connection;
  signet_error error = SIGNET_ERROR_INIT;
  signet_connection_options options = {.client_cert = path,
                                       .client_key = path,
                                       .client_key_password = "hunter2"};
  cr_assert(signet_connection_init(&connection, &options, &secure, &error),
            "%s", error.message);
  cr_expect_str_eq(connection.client_key, path);
  cr_expect_str_eq(connection.client_key_password, "hunter2");
  signet_connection_free(&connection);
  cr_expect_null(connection.client_key);
  signet_connection_free(&connection);
  unlink(path);
}

Test(connection, files_that_cannot_be_read)
{
  signet_connection_options options = {.ca_file = "no such file"};
  expect_refused(&options, "ca_file: no such file can't be read: No such file");
  options = (signet_connection_options){.ca_file = "/"};
  expect_refused(&options, "ca_file: / is a directory");
  options = (signet_connection_options){.client_key = "x"};
  expect_refused(&options, "client_key: a key without a certificate");
}

/* What libcurl would find out only when it is to connect. */
Test(connection, files_that_hold_something_else)
{
  static const struct {
    const char *text;
    const char *ca_file;
    const char *client_cert;
    const char *client_key;
  } cases[] = {
      {"", "holds no certificate in PEM", "holds no certificate in PEM",
       "holds no private key in PEM"},
      {"0\x82\x03\x01", "holds no certificate in PEM",
       "holds no certificate in PEM", "holds no private key in PEM"},
      {"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n", "holds no certificate in PEM",
       "holds no certificate in PEM", NULL},
      {"-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n", NULL,
       "holds no private key in PEM", "holds no private key in PEM"},
      {"-----BEGIN CERTIFICATE-----\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
       NULL, "set client_key_password", "set client_key_password"},
      {"-----BEGIN CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n"
       "Proc-Type: 4,ENCRYPTED\n",
       NULL, "set client_key_password", "set client_key_password"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char certificate[64];
    snprintf(certificate, sizeof certificate, "%s", new_file(0600));
    char *path = new_file_of(0600, cases[i].text);
    signet_connection_options options = {.ca_file = path};
    if (cases[i].ca_file != NULL)
      expect_refused(&options, cases[i].ca_file);
    else
      expect_accepted(&options);
    options = (signet_connection_options){.client_cert = path};
    expect_refused(&options, cases[i].client_cert);
    options = (signet_connection_options){.client_cert = certificate,
                                          .client_key = path};
    if (cases[i].client_key != NULL)
      expect_refused(&options, cases[i].client_key);
    else
      expect_accepted(&options);
    options.client_key_password = "hunter2";
    if (i > 3)
      expect_accepted(&options);
    unlink(path);
    unlink(certificate);
  }
}

/* Wherever the heading stands, it is found once. */
Test(connection, headings_across_blocks)
{
  static const char heading[] = "-----BEGIN CERTIFICATE-----\n";
  for (size_t at = 4000; at < 4200; at++) {
    char text[4300];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + at, heading, sizeof heading - 1);
    char *path = new_file_of(0600, text);
    expect_accepted(&(signet_connection_options){.ca_file = path});
    unlink(path);
  }
}

Test(connection, pipes_are_no_files)
{
  signet_connection_options options = {.ca_file = "connection-test-pipe"};
  cr_assert_eq(mkfifo("connection-test-pipe", 0600), 0);
  expect_refused(&options, "ca_file: connection-test-pipe is a pipe");
  options = (signet_connection_options){.client_cert = "connection-test-pipe"};
  expect_refused(&options, "client_cert: connection-test-pipe is a pipe");
  unlink("connection-test-pipe");
}

Test(connection, http2_by_version)
{
  cr_expect_not(signet_connection_has_http2(0x075801, CURL_VERSION_HTTP2));
  cr_expect_not(signet_connection_has_http2(0x0803FF, CURL_VERSION_HTTP2));
  cr_expect(signet_connection_has_http2(0x080400, CURL_VERSION_HTTP2));
  cr_expect(signet_connection_has_http2(0x090000, CURL_VERSION_HTTP2));
  cr_expect_not(signet_connection_has_http2(0x080400, 0));
}

Test(connection, http2_is_refused_where_libcurl_is_too_old)
{
  const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
  signet_connection_options options = {.http2 = true};
  if (!signet_connection_has_http2(curl->version_num, curl->features)) {
    expect_refused(&options, "http2: HTTP/2 needs libcurl 8.4 or newer");
    return;
  }
  signet_connection connection;
  signet_error error = SIGNET_ERROR_INIT;
  cr_assert(signet_connection_init(&connection, &options, &secure, &error));
  cr_expect(connection.http2);
  signet_connection_free(&connection);
}

Test(connection, what_is_not_encrypted_goes_through_no_proxy)
{
  static const signet_base_url plain = {.loopback = true};
  signet_connection connection;
  signet_error error = SIGNET_ERROR_INIT;
  signet_connection_options options = {.proxy = "http://proxy.example:3128",
                                       .proxy_user = "user",
                                       .proxy_password = "hunter2"};
  cr_assert(signet_connection_init(&connection, &options, &plain, &error));
  cr_expect_null(connection.proxy);
  cr_expect_null(connection.proxy_password);
  cr_expect_not(connection.tunnelled);
  signet_connection_free(&connection);
  cr_assert(signet_connection_init(&connection, &options, &secure, &error));
  cr_expect_str_eq(connection.proxy, "http://proxy.example:3128");
  cr_expect(connection.tunnelled);
  signet_connection_free(&connection);
  options.proxy = "socks5h://proxy.example";
  cr_assert(signet_connection_init(&connection, &options, &secure, &error));
  cr_expect_not(connection.tunnelled);
  signet_connection_free(&connection);
}

Test(connection, proxies_that_are_none)
{
  signet_connection_options options = {.proxy = "http://u:hunter2@proxy:1"};
  expect_refused(&options,
                 "proxy: the value must be a URL without credentials");
  options = (signet_connection_options){.proxy = "http://proxy",
                                        .proxy_user = "a:hunter2"};
  expect_refused(&options, "proxy_user: it holds a colon");
}

Test(connection, explanations)
{
  static const struct {
    CURLcode code;
    const char *text;
    const char *sentence; /* NULL: none */
  } cases[] = {
      {CURLE_PEER_FAILED_VERIFICATION,
       "SSL certificate problem: certificate has expired",
       "the server's certificate has expired"},
      {CURLE_PEER_FAILED_VERIFICATION,
       "SSL certificate problem: certificate is not yet valid",
       "the server's certificate is not valid yet"},
      {CURLE_PEER_FAILED_VERIFICATION,
       "SSL certificate problem: self signed certificate in certificate chain",
       "the server's certificate comes from an authority"},
      {CURLE_PEER_FAILED_VERIFICATION,
       "SSL certificate problem: self-signed certificate",
       "the server's certificate is self-signed"},
      {CURLE_PEER_FAILED_VERIFICATION,
       "SSL: no alternative certificate subject name matches target host name "
       "'127.0.0.1'",
       "the server's certificate is for another host"},
      {CURLE_PEER_FAILED_VERIFICATION, "something new",
       "the server's certificate can't be trusted (something new)"},
      {CURLE_SSL_CERTPROBLEM, "x", "the client certificate or its key"},
      {CURLE_SSL_CONNECT_ERROR, "error:0A000102:unsupported protocol",
       "the server does not speak TLS 1.2 or newer"},
      {CURLE_SSL_CONNECT_ERROR, "tlsv13 alert certificate required",
       "the server wants a client certificate"},
      {CURLE_SSL_CONNECT_ERROR, "sslv3 alert handshake failure",
       "the server refused TLS"},
      {CURLE_RECV_ERROR, "tlsv13 alert certificate required",
       "the server wants a client certificate"},
      {CURLE_SSL_CONNECT_ERROR, "Connection reset by peer", NULL},
      {CURLE_RECV_ERROR, "Connection reset by peer", NULL},
      {CURLE_COULDNT_CONNECT, "certificate has expired", NULL},
  };
  CURL *easy = curl_easy_init();
  for (size_t i = 0; i < COUNT(cases); i++) {
    char out[256] = "";
    bool explained = signet_connection_explain(easy, cases[i].code,
                                               cases[i].text, out, sizeof out);
    cr_expect_eq(explained, cases[i].sentence != NULL, "%s", cases[i].text);
    if (cases[i].sentence != NULL)
      cr_expect_eq(strncmp(out, cases[i].sentence, strlen(cases[i].sentence)),
                   0, "%s", out);
  }
  curl_easy_cleanup(easy);
}

/* Other programs heed them. */
Test(connection, names_variables_that_count_for_nothing)
{
  static const char *const names[] = {
      "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "https_proxy",
      "HTTPS_PROXY",   "all_proxy",    "ALL_PROXY"};
  char out[384] = "no trust";
  signet_connection connection = {.encrypted = true};
  for (size_t i = 0; i < COUNT(names); i++)
    unsetenv(names[i]);
  signet_connection_add_unheeded(&connection, true, out, sizeof out);
  cr_expect_str_eq(out, "no trust");
  for (size_t i = 0; i < COUNT(names); i++)
    setenv(names[i], i == 1 ? "" : "value", 1);
  signet_connection_add_unheeded(&connection, true, out, sizeof out);
  cr_expect_str_eq(out,
                   "no trust; signet does not heed SSL_CERT_FILE, "
                   "CURL_CA_BUNDLE: set ca_file instead; signet does not heed "
                   "https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY: set proxy "
                   "instead");
  snprintf(out, sizeof out, "nobody there");
  signet_connection_add_unheeded(&connection, false, out, sizeof out);
  cr_expect_null(strstr(out, "ca_file"), "no authority was asked");
  cr_expect_not_null(strstr(out, "set proxy"));
  char set[] = "set";
  connection.ca_file = connection.proxy = set;
  snprintf(out, sizeof out, "no trust");
  signet_connection_add_unheeded(&connection, true, out, sizeof out);
  cr_expect_str_eq(out, "no trust");
  connection = (signet_connection){.encrypted = false};
  signet_connection_add_unheeded(&connection, true, out, sizeof out);
  cr_expect_str_eq(out, "no trust");
}

Test(proxy, good_ones)
{
  static const char *const good[] = {
      "http://proxy.example.com:3128", "https://proxy.example.com",
      "http://127.0.0.1:1/", "socks5h://[::1]:1080", "socks5://host"};
  for (size_t i = 0; i < COUNT(good); i++)
    cr_expect_null(signet_proxy_check(good[i]), "%s", good[i]);
}

Test(proxy, bad_ones)
{
  static const struct {
    const char *url;
    const char *part;
  } bad[] = {
      {"", "the URL of a proxy"},
      {"proxy:3128", "the URL of a proxy"},
      {"http://", "the URL of a proxy"},
      {"http://a b", "the URL of a proxy"},
      {"http://user@proxy", "without credentials"},
      {"http://user:hunter2@proxy", "without credentials"},
      {"http://:hunter2@proxy", "without credentials"},
      {"ftp://proxy", "begins with http://"},
      {"socks4://proxy", "begins with http://"},
      {"http://proxy/path", "without a path"},
      {"http://proxy?x", "without a path"},
      {"http://proxy#x", "without a path"},
  };
  for (size_t i = 0; i < COUNT(bad); i++) {
    const char *problem = signet_proxy_check(bad[i].url);
    cr_assert_not_null(problem, "%s", bad[i].url);
    cr_expect_not_null(strstr(problem, bad[i].part), "%s: %s", bad[i].url,
                       problem);
  }
}
