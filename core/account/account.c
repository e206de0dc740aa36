/* SPDX-License-Identifier: MIT */
#include "account/alike.h"
#include "account/breaker.h"
#include "account/fresh.h"
#include "account/namesake.h"
#include "account/recorder.h"
#include "account/retry.h"
#include "account/same.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
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
    url = options->dialect == SIGNET_SIGNS ? SIGNET_SIGNS_URL
                                           : SIGNET_CONFIGS_URL;
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
  signet_retry_init(&account->retry, account, options);
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
  signet_watch *watch = &account->watches[kind];
  watch->account = account;
  watch->kind = kind;
  watch->interval_ms = account->poll_interval_ms;
  watch->again_due = INT64_MAX;
  signet_step_init(&watch->step, &watch->error);
}

static bool copy_text(char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

static void free_account(signet_account *account)
{
  signet_memory_free(account->protect_id);
  signet_memory_free(account->protect_name);
  signet_memory_free(account);
}

/* What a list said before is old by now. */
static void on_woken(void *user, int64_t slept_ms)
{
  signet_account *account = user;
  signet_http_slept(account->http, slept_ms);
  signet_watch_look_now(&account->watches[SIGNET_SIGN]);
  signet_watch_look_now(&account->watches[SIGNET_TEMPLATE]);
}

static bool open_parts(signet_account *account,
                       const signet_account_options *options,
                       signet_error *error)
{
  if (!copy_text(&account->protect_id, options->protect_id) ||
      !copy_text(&account->protect_name, options->protect_name))
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  if (options->world != NULL)
    return true;
  if (!open_http(account, options, error))
    return false;
  account->sleeper = (signet_sleeper){.woken = on_woken, .user = account};
  signet_loop_add_sleeper(account->loop, &account->sleeper);
  return true;
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
  account->pace = options->pace;
  account->world = options->world;
  account->max_reply_bytes = options->max_reply_bytes;
  account->max_header_bytes = options->max_header_bytes;
  account->max_list = options->max_list;
  account->settle_ms = options->settle_ms;
  account->fresh_ms = options->fresh_ms;
  account->resubmit = options->resubmit;
  account->list_may_shrink = options->list_may_shrink;
  signet_fresh_open(account);
  signet_namesake_open(account);
  account->settle_create_ms = options->settle_create_ms;
  account->timeout_ms = options->timeout_ms;
  account->poll_interval_ms =
      options->poll_interval_ms > 0 ? options->poll_interval_ms : 1;
  init_watch(account, SIGNET_SIGN);
  init_watch(account, SIGNET_TEMPLATE);
  account->backend = &signet_backend_world;
  account->listed[SIGNET_SIGN] = -1;
  account->listed[SIGNET_TEMPLATE] = -1;
  if (!open_parts(account, options, error)) {
    free_account(account);
    return NULL;
  }
  if (!name_account(account, options, error) ||
      (options->overlay != NULL &&
       !signet_overlay_attach(options->overlay, account, error))) {
    signet_account_close(account);
    return NULL;
  }
  return account;
}

void signet_account_unref(signet_account *account)
{
  if (--account->references == 0)
    free_account(account);
}

static void free_spare(signet_account *account)
{
  while (account->spare != NULL) {
    signet_call *call = account->spare;
    account->spare = call->next;
    signet_memory_free(call);
  }
  while (account->spare_steps != NULL) {
    signet_step *step = account->spare_steps;
    account->spare_steps = step->spare_next;
    signet_memory_free(step);
  }
}

void signet_account_close(signet_account *account)
{
  if (account == NULL)
    return;
  while (account->first != NULL)
    signet_call_cancel(account->first);
  if (account->recorder != NULL)
    account->recorder->closing(account->recorder, account);
  if (account->overlay != NULL)
    signet_overlay_detach(account->overlay, account);
  signet_watch_stop(&account->watches[SIGNET_SIGN]);
  signet_watch_stop(&account->watches[SIGNET_TEMPLATE]);
  signet_fresh_close(account);
  signet_namesake_close(account);
  signet_alike_free(account);
  signet_timer_cancel(account->tell);
  account->tell = NULL;
  signet_retry_stop(&account->retry);
  if (account->http != NULL)
    signet_loop_drop_sleeper(account->loop, &account->sleeper);
  signet_http_free(account->http);
  account->http = NULL;
  account->closed = true;
  free_spare(account);
  signet_list_release(account->late[SIGNET_SIGN]);
  signet_list_release(account->late[SIGNET_TEMPLATE]);
  signet_images_free(&account->images[SIGNET_SIGN]);
  signet_images_free(&account->images[SIGNET_TEMPLATE]);
  signet_made_free(&account->made);
  signet_account_unref(account);
}

int64_t signet_account_service_time(const signet_account *account)
{
  if (account->world != NULL)
    return account->world->now_ms / 1000;
  return signet_service_clock_at(&account->clock, signet_clock_boot_ms()) /
         1000;
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
  account->on_pause(account, milliseconds, reason, account->pause_user);
}

void signet_account_on_pause(signet_account *account, signet_pause_fn function,
                             void *user)
{
  account->on_pause = function;
  account->pause_user = user;
  if (account->http != NULL)
    signet_http_on_pause(account->http, function != NULL ? on_pause : NULL,
                         account);
}

static void on_rate(void *user, double per_second, bool learned)
{
  signet_account *account = user;
  account->on_rate(account, per_second, learned, account->rate_user);
}

void signet_account_on_rate(signet_account *account, signet_rate_fn function,
                            void *user)
{
  account->on_rate = function;
  account->rate_user = user;
  if (account->http != NULL)
    signet_http_on_rate(account->http, function != NULL ? on_rate : NULL,
                        account);
}

void signet_account_on_notice(signet_account *account,
                              signet_notice_fn function, void *user)
{
  account->on_notice = function;
  account->notice_user = user;
}

void signet_account_notify(signet_account *account, const char *text)
{
  if (account->on_notice != NULL)
    account->on_notice(account, text, account->notice_user);
}

/* ---- the service's clock ---- */

/* So much is nothing to worry about. */
enum { SKEW_MS = 5000 };

static void tell_skew(signet_account *account, int64_t skew_ms)
{
  char text[160];
  int64_t seconds = (skew_ms < 0 ? -skew_ms : skew_ms) / 1000;
  bool minutes = seconds >= 120;
  account->skew_told = true;
  snprintf(text, sizeof text,
           "this machine's clock is %lld %s %s the service's, whose time "
           "counts",
           (long long)(minutes ? (seconds + 30) / 60 : seconds),
           minutes ? "minutes" : "seconds",
           skew_ms > 0 ? "ahead of" : "behind");
  signet_account_notify(account, text);
}

void signet_account_note_date(signet_account *account, int64_t date,
                              int64_t taken_ms)
{
  int64_t now_ms = signet_clock_boot_ms();
  signet_service_clock_note(&account->clock, date, now_ms - taken_ms, now_ms);
  if (account->skew_told || account->on_notice == NULL)
    return;
  int64_t skew_ms = signet_service_clock_skew(&account->clock,
                                              signet_clock_unix_ms(), now_ms);
  if (skew_ms > SKEW_MS || skew_ms < -SKEW_MS)
    tell_skew(account, skew_ms);
}

int64_t signet_account_time(const signet_account *account)
{
  return account->clock.known
             ? signet_service_clock_at(&account->clock, signet_clock_boot_ms())
             : signet_clock_unix_ms();
}

int64_t signet_account_paused(const signet_account *account)
{
  return account->http != NULL ? signet_http_paused(account->http) : 0;
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
  account->pace = pace;
  if (account->http != NULL)
    signet_http_change_pace(account->http, pace);
}

signet_pace signet_account_pace(const signet_account *account)
{
  return account->pace;
}

void signet_account_learned(const signet_account *account,
                            signet_learned *learned)
{
  *learned = (signet_learned){0};
  if (account->http != NULL)
    signet_http_learned(account->http, learned);
  learned->forms = account->forms;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    learned->entries[kind] = account->seen[kind].count;
    learned->entries_at_ms[kind] = account->seen[kind].at_ms;
    learned->entries_open |= account->seen[kind].open;
  }
}

void signet_account_teach(signet_account *account,
                          const signet_learned *learned)
{
  if (account->http != NULL)
    signet_http_teach(account->http, learned);
  account->forms = learned->forms & SIGNET_FORM_ALL;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    account->seen[kind] =
        (signet_seen){learned->entries[kind], learned->entries_at_ms[kind],
                      learned->entries_open};
}

/* Whether nothing of the call has reached the service yet, so that it can be
 * dropped without a trace. */
static bool is_unsent(const signet_account *account, const signet_call *call)
{
  if (call->settling)
    return false;
  if (call->waiting || call->simulated || call->checking)
    return true;
  if (call->watching)
    return call->verb == SIGNET_WAIT;
  return call->step != NULL && call->step->active &&
         account->backend->is_queued(call->step);
}

/* Whether a reply that it needs has not even been asked for. */
static bool is_waiting(const signet_account *account, const signet_call *call)
{
  const signet_step *step = call->step;
  if (call->watching)
    step = &account->watches[call->kind].step;
  if (step != NULL && step->active)
    return account->backend->is_queued(step);
  return call->settling || call->watching;
}

void signet_account_end_waiting(signet_account *account)
{
  signet_call *next;
  if (!account->held || signet_account_paused(account) == 0)
    return;
  for (signet_call *call = account->first; call != NULL; call = next) {
    next = call->next;
    if (is_waiting(account, call))
      signet_call_cancel(call);
  }
}

void signet_account_hold(signet_account *account, bool held)
{
  bool away = account->retry.breaker.open || account->retry.breaker.spent;
  account->held = held;
  if (!held)
    return;
  signet_call *next;
  for (signet_call *call = account->first; call != NULL; call = next) {
    next = call->next;
    if (is_unsent(account, call) || call->naming ||
        signet_settle_holds(call, away))
      signet_call_cancel(call);
  }
  signet_watch_hold(&account->watches[SIGNET_SIGN], away);
  signet_watch_hold(&account->watches[SIGNET_TEMPLATE], away);
  /* What goes on is there to come to its end soon. */
  if (account->http != NULL)
    signet_breaker_give_up(&account->retry);
  signet_account_end_waiting(account);
}
