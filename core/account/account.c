/* SPDX-License-Identifier: MIT */
#include "account/account.h"

#include "account/alike.h"
#include "account/backend_http.h"
#include "account/breaker.h"
#include "account/fresh.h"
#include "account/namesake.h"
#include "account/pool.h"
#include "account/recorder.h"
#include "account/retry.h"
#include "account/same.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/http_control.h"
#include "net/sleep.h"
#include "overlay/overlay.h"

#include <stdio.h>
#include <string.h>

void signet_account_options_init(signet_account_options *options)
{
  *options = (signet_account_options)SIGNET_ACCOUNT_OPTIONS_INIT;
}

static bool open_http(signet_account *account,
                      const signet_account_options *options,
                      signet_error *error)
{
  const char *url = options->base_url;
  if (url == NULL)
    url = signet_dialect_row_of(options->dialect)->url;
  signet_http_options http = {
      .base_url = url,
      .key = options->key,
      .secret = options->secret,
      .concurrency = options->concurrency,
      .rate = options->rate,
      .read_rate = options->read_rate,
      .write_rate = options->write_rate,
      .pace = options->pace,
      .connect_timeout_ms = options->connect_timeout_ms,
      .timeout_ms = options->timeout_ms,
      .low_speed = options->low_speed,
      .low_speed_ms = options->low_speed_ms,
      .max_reply_bytes = options->max_reply_bytes,
      .max_header_bytes = options->max_header_bytes,
      .connection = {.ca_file = options->ca_file,
                     .client_cert = options->client_cert,
                     .client_key = options->client_key,
                     .client_key_password = options->client_key_password,
                     .proxy = options->proxy,
                     .proxy_user = options->proxy_user,
                     .proxy_password = options->proxy_password,
                     .http2 = options->http2},
  };
  account->backend = &signet_backend_http;
  signet_retry_init(&account->retry, account, options, signet_step_resend,
                    signet_step_end);
  account->http = signet_http_new(account->loop, &http, error);
  return account->http != NULL;
}

/* Which account this is, for journals and messages: never the secret. */
static bool name_account(signet_account *account,
                         const signet_account_options *options,
                         signet_error *error)
{
  if (account->world != NULL) {
    snprintf(account->identity, sizeof account->identity, "a world in memory");
    memcpy(account->spelled, account->identity, sizeof account->spelled);
    return true;
  }
  if (!signet_identity_spell(account->spelled, account->dialect,
                             signet_http_url(account->http), options->key))
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the base URL and the key are too long: %d "
                            "characters together are allowed",
                            SIGNET_IDENTITY_SIZE - 16);
  return signet_identity_canonical(account->spelled, account->identity) ||
         signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

const char *signet_account_identity(const signet_account *account)
{
  return account->identity;
}

static void init_watch(signet_account *account, signet_kind kind)
{
  signet_watch *watch = &account->kinds[kind].watch;
  watch->account = account;
  watch->kind = kind;
  watch->interval_ms = account->settings.poll_interval_ms;
  watch->again_due = INT64_MAX;
  signet_step_init(&watch->step, &watch->error);
}

static bool copy_text(char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

/* What a list said before is old by now. */
static void on_woken(void *user, int64_t slept_ms)
{
  signet_account *account = user;
  signet_http_slept(account->http, slept_ms);
  signet_watch_look_now(&account->kinds[SIGNET_SIGN].watch);
  signet_watch_look_now(&account->kinds[SIGNET_TEMPLATE].watch);
}

static bool open_parts(signet_account *account,
                       const signet_account_options *options,
                       signet_error *error)
{
  if (!copy_text(&account->settings.protect_id, options->protect_id) ||
      !copy_text(&account->settings.protect_name, options->protect_name))
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  if (options->world != NULL)
    return true;
  if (!open_http(account, options, error))
    return false;
  account->sleeper = (signet_sleeper){.woken = on_woken, .user = account};
  signet_loop_add_sleeper(account->loop, &account->sleeper);
  return true;
}

static const signet_layer *layer_of(const signet_account_options *options)
{
  return (const signet_layer *)(const void *)options->overlay;
}

signet_account *signet_account_open(signet_loop *loop,
                                    const signet_account_options *options,
                                    signet_error *error)
{
  signet_error_init(error);
  if (options->version != SIGNET_ACCOUNT_OPTIONS_VERSION) {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "the account options are of version %u; this library "
                     "knows version %d",
                     options->version, SIGNET_ACCOUNT_OPTIONS_VERSION);
    return NULL;
  }
  signet_account *account = signet_memory_zeroed(1, sizeof *account);
  if (account == NULL) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  account->references = 1;
  account->loop = loop;
  account->dialect = options->dialect;
  account->settings.pace = options->pace;
  account->world = options->world;
  account->settings.max_reply_bytes = options->max_reply_bytes;
  account->settings.max_header_bytes = options->max_header_bytes;
  account->settings.max_list = options->max_list;
  account->settings.settle_ms = options->settle_ms;
  account->settings.fresh_ms = options->fresh_ms;
  account->settings.resubmit = options->resubmit;
  account->settings.list_may_shrink = options->list_may_shrink;
  signet_fresh_open(account);
  signet_namesake_open(account);
  account->settings.settle_create_ms = options->settle_create_ms;
  account->settings.timeout_ms = options->timeout_ms;
  account->settings.poll_interval_ms =
      options->poll_interval_ms > 0 ? options->poll_interval_ms : 1;
  init_watch(account, SIGNET_SIGN);
  init_watch(account, SIGNET_TEMPLATE);
  account->backend = &signet_backend_world;
  account->kinds[SIGNET_SIGN].listed = -1;
  account->kinds[SIGNET_TEMPLATE].listed = -1;
  if (!open_parts(account, options, error)) {
    signet_account_unref(account);
    return NULL;
  }
  if (!name_account(account, options, error) ||
      (options->overlay != NULL &&
       !layer_of(options)->attach(options->overlay, account, error))) {
    signet_account_close(account);
    return NULL;
  }
  return account;
}

void signet_account_close(signet_account *account)
{
  if (account == NULL)
    return;
  while (account->first != NULL)
    signet_call_cancel(account->first);
  if (account->recorder != NULL)
    account->recorder->closing(account->recorder, account);
  if (account->backend->close != NULL)
    account->backend->close(account);
  signet_watch_stop(&account->kinds[SIGNET_SIGN].watch);
  signet_watch_stop(&account->kinds[SIGNET_TEMPLATE].watch);
  signet_fresh_close(account);
  signet_namesake_close(account);
  signet_alike_free(account);
  signet_own_free(account);
  signet_timer_cancel(account->told.timer);
  account->told.timer = NULL;
  signet_retry_stop(&account->retry);
  if (account->http != NULL)
    signet_loop_drop_sleeper(account->loop, &account->sleeper);
  signet_http_free(account->http);
  account->http = NULL;
  account->closed = true;
  signet_account_free_spare(account);
  signet_list_release(account->kinds[SIGNET_SIGN].late);
  signet_list_release(account->kinds[SIGNET_TEMPLATE].late);
  signet_images_free(&account->kinds[SIGNET_SIGN].images);
  signet_images_free(&account->kinds[SIGNET_TEMPLATE].images);
  signet_made_free(&account->made);
  signet_account_record(account, NULL);
  signet_account_unref(account);
}

signet_dialect signet_account_dialect(const signet_account *account)
{
  return account->dialect;
}

const char *signet_account_url(const signet_account *account)
{
  return account->http != NULL ? signet_http_url(account->http) : "";
}

uint64_t signet_account_requests(const signet_account *account)
{
  if (account->http != NULL)
    return signet_http_requests(account->http);
  return account->world_requests;
}

static void on_pause(void *user, int64_t milliseconds, const char *reason)
{
  signet_account *account = user;
  account->hooks.pause(account, milliseconds, reason,
                       account->hooks.pause_user);
}

void signet_account_on_pause(signet_account *account, signet_pause_fn function,
                             void *user)
{
  account->hooks.pause = function;
  account->hooks.pause_user = user;
  if (account->http != NULL)
    signet_http_on_pause(account->http, function != NULL ? on_pause : NULL,
                         account);
}

static void on_rate(void *user, double per_second, bool learned)
{
  signet_account *account = user;
  account->hooks.rate(account, per_second, learned, account->hooks.rate_user);
}

void signet_account_on_rate(signet_account *account, signet_rate_fn function,
                            void *user)
{
  account->hooks.rate = function;
  account->hooks.rate_user = user;
  if (account->http != NULL)
    signet_http_on_rate(account->http, function != NULL ? on_rate : NULL,
                        account);
}

void signet_account_on_trace(signet_account *account, signet_trace_fn function,
                             void *user, size_t bytes)
{
  if (account->http != NULL)
    signet_http_on_trace(account->http, function, user, bytes);
}

const char *signet_pace_name(signet_pace pace)
{
  switch (pace) {
  case SIGNET_PACE_GENTLE:
    return "gentle";
  case SIGNET_PACE_FAST:
    return "fast";
  default:
    return "normal";
  }
}

void signet_account_set_pace(signet_account *account, signet_pace pace)
{
  account->settings.pace = pace;
  if (account->http != NULL)
    signet_http_change_pace(account->http, pace);
}

signet_pace signet_account_pace(const signet_account *account)
{
  return account->settings.pace;
}

void signet_account_learned(const signet_account *account,
                            signet_learned *learned)
{
  *learned = (signet_learned){0};
  if (account->http != NULL)
    signet_http_learned(account->http, learned);
  learned->forms = account->forms;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    learned->entries[kind] = account->kinds[kind].seen.count;
    learned->entries_at_ms[kind] = account->kinds[kind].seen.at_ms;
    learned->entries_open |= account->kinds[kind].seen.open;
  }
}

void signet_account_teach(signet_account *account,
                          const signet_learned *learned)
{
  if (account->http != NULL)
    signet_http_teach(account->http, learned);
  account->forms = learned->forms & SIGNET_FORM_ALL;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    account->kinds[kind].seen =
        (signet_seen){learned->entries[kind], learned->entries_at_ms[kind],
                      learned->entries_open};
}

void signet_account_record(signet_account *account, signet_recorder *recorder)
{
  signet_recorder *former = account->recorder;
  account->recorder = recorder;
  if (former != NULL && former->released != NULL)
    former->released(former);
}
