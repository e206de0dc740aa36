/* SPDX-License-Identifier: MIT */
#include "net/connection.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "net/pem.h"
#include "net/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HTTP2_SINCE = 0x080400 };

/* ---- files ---- */

static bool refuse_file(const char *setting, const char *path,
                        const char *problem, signet_error *error)
{
  char shown[300];
  signet_text_escape(shown, sizeof shown, path, strlen(path));
  return signet_error_set(error, SIGNET_ERROR_CONFIGURATION, "%s: %s %s",
                          setting, shown, problem);
}

/* A key that others can read is nobody's any more. One that belongs to root
 * may be lent to a group, as a system's keys are. */
static bool is_private(const struct stat *status)
{
  mode_t open = S_IRWXG | S_IRWXO;
  if (status->st_uid == 0 && geteuid() != 0)
    open &= (mode_t)~S_IRGRP;
  return (status->st_mode & open) == 0;
}

/* A file, and what has to be in it. */
typedef struct pem_file {
  const char *setting;
  const char *path;
  int needed;
  bool locked; /* an encrypted key has no password */
} pem_file;

static bool check_status(const pem_file *wanted, int file, signet_error *error)
{
  struct stat status;
  if (fstat(file, &status) != 0)
    return refuse_file(wanted->setting, wanted->path, "can't be read", error);
  if (S_ISDIR(status.st_mode))
    return refuse_file(wanted->setting, wanted->path,
                       "is a directory, not a file in PEM", error);
  /* libcurl would wait at a pipe for its other end, with each connection. */
  if (S_ISFIFO(status.st_mode))
    return refuse_file(wanted->setting, wanted->path, "is a pipe, not a file",
                       error);
  if ((wanted->needed & SIGNET_PEM_KEY) != 0 && !is_private(&status))
    return refuse_file(wanted->setting, wanted->path,
                       "holds a private key and others can read it: run "
                       "chmod 600 on it",
                       error);
  return true;
}

static bool refuse_errno(const pem_file *wanted, signet_error *error)
{
  char problem[120];
  snprintf(problem, sizeof problem, "can't be read: %s", strerror(errno));
  return refuse_file(wanted->setting, wanted->path, problem, error);
}

static bool check_content(const pem_file *wanted, int file, signet_error *error)
{
  int holds = signet_pem_read(file);
  if (holds < 0)
    return refuse_errno(wanted, error);
  int missing = wanted->needed & ~holds;
  if ((missing & SIGNET_PEM_CERTIFICATE) != 0)
    return refuse_file(wanted->setting, wanted->path,
                       "holds no certificate in PEM", error);
  if ((missing & SIGNET_PEM_KEY) != 0)
    return refuse_file(wanted->setting, wanted->path,
                       "holds no private key in PEM: name the one that has it "
                       "with client_key",
                       error);
  if (wanted->locked && (holds & SIGNET_PEM_ENCRYPTED) != 0)
    return refuse_file(wanted->setting, wanted->path,
                       "holds an encrypted private key: its password is "
                       "missing, set client_key_password",
                       error);
  return true;
}

static bool check_file(const pem_file *wanted, signet_error *error)
{
  if (wanted->path == NULL)
    return true;
  int file = open(wanted->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0)
    return refuse_errno(wanted, error);
  bool good =
      check_status(wanted, file, error) && check_content(wanted, file, error);
  close(file);
  return good;
}

/* ---- checking ---- */

static bool check_client(const signet_connection_options *options,
                         signet_error *error)
{
  const char *key = options->client_key;
  if (options->client_cert == NULL && key != NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "client_key: a key without a certificate: name "
                            "client_cert too");
  const char *password = options->client_key_password;
  bool locked = password == NULL || password[0] == '\0';
  const pem_file files[] = {
      {"ca_file", options->ca_file, SIGNET_PEM_CERTIFICATE, false},
      {"client_cert", options->client_cert,
       SIGNET_PEM_CERTIFICATE | (key == NULL ? SIGNET_PEM_KEY : 0),
       key == NULL && locked},
      {"client_key", key, SIGNET_PEM_KEY, locked}};
  return check_file(&files[0], error) && check_file(&files[1], error) &&
         check_file(&files[2], error);
}

static bool check_proxy(const signet_connection_options *options,
                        signet_error *error)
{
  const char *user = options->proxy_user;
  const char *problem =
      options->proxy != NULL ? signet_proxy_check(options->proxy) : NULL;
  if (problem != NULL) /* not quoted: it may hold a password */
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "proxy: the value must be %s", problem);
  if (user != NULL && strchr(user, ':') != NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "proxy_user: it holds a colon, which Basic "
                            "authentication can't carry");
  return true;
}

bool signet_connection_has_http2(unsigned version, int features)
{
  return version >= HTTP2_SINCE && (features & CURL_VERSION_HTTP2) != 0;
}

static bool check_http2(bool wanted, signet_error *error)
{
  const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
  if (!wanted || signet_connection_has_http2(curl->version_num, curl->features))
    return true;
  return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                          "http2: HTTP/2 needs libcurl 8.4 or newer with "
                          "HTTP/2 built in, and this is %s: leave it out",
                          curl->version);
}

static bool copy(char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

static bool copy_all(signet_connection *connection,
                     const signet_connection_options *options)
{
  if (!copy(&connection->ca_file, options->ca_file) ||
      !copy(&connection->client_cert, options->client_cert) ||
      !copy(&connection->client_key, options->client_key) ||
      !copy(&connection->client_key_password, options->client_key_password))
    return false;
  return !connection->encrypted ||
         (copy(&connection->proxy, options->proxy) &&
          copy(&connection->proxy_user, options->proxy_user) &&
          copy(&connection->proxy_password, options->proxy_password));
}

bool signet_connection_init(signet_connection *connection,
                            const signet_connection_options *options,
                            const signet_base_url *base, signet_error *error)
{
  *connection = (signet_connection){.encrypted = base->encrypted,
                                    .http2 = options->http2};
  if (!check_client(options, error) || !check_proxy(options, error) ||
      !check_http2(options->http2, error))
    return false;
  if (!copy_all(connection, options)) {
    signet_connection_free(connection);
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  connection->tunnelled =
      connection->proxy != NULL && strncmp(connection->proxy, "http", 4) == 0;
  return true;
}

static void wipe(char *text)
{
  if (text != NULL)
    signet_memory_wipe(text, strlen(text));
  signet_memory_free(text);
}

void signet_connection_free(signet_connection *connection)
{
  signet_memory_free(connection->ca_file);
  signet_memory_free(connection->client_cert);
  signet_memory_free(connection->client_key);
  wipe(connection->client_key_password);
  signet_memory_free(connection->proxy);
  wipe(connection->proxy_user);
  wipe(connection->proxy_password);
  *connection = (signet_connection){0};
}

/* ---- setting a handle up ---- */

static void apply_tls(const signet_connection *connection, CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (connection->ca_file != NULL) {
    /* libcurl's own folder of authorities would be trusted beside it. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_CAINFO, connection->ca_file);
  }
  if (connection->client_cert == NULL)
    return;
  const char *key = connection->client_key;
  const char *password = connection->client_key_password;
  curl_easy_setopt(easy, CURLOPT_SSLCERT, connection->client_cert);
  curl_easy_setopt(easy, CURLOPT_SSLKEY,
                   key != NULL ? key : connection->client_cert);
  /* Without one OpenSSL would ask on the terminal, and all would wait. */
  curl_easy_setopt(easy, CURLOPT_KEYPASSWD, password != NULL ? password : "");
}

static void apply_proxy(const signet_connection *connection, CURL *easy)
{
  /* "" keeps libcurl from looking into the environment for either. */
  const char *proxy = connection->proxy;
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy != NULL ? proxy : "");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (proxy == NULL)
    return;
  curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
  curl_easy_setopt(easy, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
  curl_easy_setopt(easy, CURLOPT_SOCKS5_AUTH, (long)CURLAUTH_BASIC);
  curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION,
                   (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
  if (connection->ca_file != NULL) {
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, connection->ca_file);
  }
  if (connection->proxy_user != NULL) {
    curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, connection->proxy_user);
    curl_easy_setopt(
        easy, CURLOPT_PROXYPASSWORD,
        connection->proxy_password != NULL ? connection->proxy_password : "");
  }
}

void signet_connection_apply(const signet_connection *connection, CURL *easy)
{
  bool http2 = connection->http2 && connection->encrypted;
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                   connection->encrypted ? "https" : "http");
  curl_easy_setopt(
      easy, CURLOPT_HTTP_VERSION,
      (long)(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  apply_tls(connection, easy);
  apply_proxy(connection, easy);
}
