/* SPDX-License-Identifier: MIT */
#include "engine_support.h"
#include "canary.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *serve(void *user)
{
  struct service *service = user;
  signet_error error = SIGNET_ERROR_INIT;

  signet_sandbox_run(service->sandbox, &error);
  return NULL;
}

static void set(struct service *service, const char *name, const char *value)
{
  signet_error error = SIGNET_ERROR_INIT;

  cr_assert(signet_settings_set(service->settings, name, value, "test", &error),
            "%s", error.message);
}

void service_start(struct service *service, unsigned signs, int64_t latency_ms)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  char url[64];

  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.seed_signs = signs;
  options.latency_ms = latency_ms;
  service->sandbox = signet_sandbox_open(&options, &error);
  cr_assert_not_null(service->sandbox, "%s", error.message);
  service->settings = signet_settings_new();
  cr_assert_not_null(service->settings);
  snprintf(url, sizeof url, "http://127.0.0.1:%u",
           signet_sandbox_port(service->sandbox));
  set(service, "base_url", url);
  set(service, "key", CANARY_KEY);
  set(service, "secret", CANARY_SECRET);
  set(service, "poll_interval", "0.02");
  cr_assert_eq(pthread_create(&service->thread, NULL, serve, service), 0);
}

void service_stop(struct service *service)
{
  signet_sandbox_stop(service->sandbox);
  pthread_join(service->thread, NULL);
  signet_sandbox_close(service->sandbox);
  signet_settings_free(service->settings);
}

static void say(struct said *said, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct said *said, const char *format, ...)
{
  size_t room = sizeof said->text - said->length;
  va_list arguments;
  int length;

  va_start(arguments, format);
  length = vsnprintf(said->text + said->length, room, format, arguments);
  va_end(arguments);
  said->length += (size_t)length < room ? (size_t)length : room - 1;
}

static void hear(void *user, const signet_event *event)
{
  struct said *said = user;

  switch (event->type) {
  case SIGNET_EVENT_LOG:
    say(said, "%s: %s\n", event->level, event->text);
    break;
  case SIGNET_EVENT_PRINT:
    say(said, "print %.*s", (int)event->length, event->text);
    break;
  case SIGNET_EVENT_PROGRESS:
    said->progress++;
    said->last = event->counts;
    break;
  case SIGNET_EVENT_FAILED:
    say(said, "failed [%s] %s: %s (%s)\n", event->label, event->text,
        event->reason, signet_error_kind_name(event->error->kind));
    break;
  case SIGNET_EVENT_SKIPPED:
    say(said, "skipped [%s] %s: %s\n", event->label, event->text,
        event->reason);
    break;
  case SIGNET_EVENT_PAUSED:
    say(said, "paused %d ms: %s\n", (int)event->wait_ms, event->reason);
    break;
  case SIGNET_EVENT_CONNECT:
    said->connected++;
    break;
  case SIGNET_EVENT_CLOSE:
    said->closed++;
    break;
  case SIGNET_EVENT_PACE:
    say(said, "pace: %s\n",
        signet_pace_name(signet_account_pace(event->account)));
    break;
  case SIGNET_EVENT_RATE:
    say(said, "rate: %.1f%s\n", event->per_second,
        event->learned ? ", learned" : "");
    break;
  }
}

signet_engine_options engine_options(const struct service *service,
                                     struct said *said)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;

  options.settings = service != NULL ? service->settings : NULL;
  if (said != NULL) {
    memset(said, 0, sizeof *said);
    options.event = hear;
    options.event_user = said;
  }
  return options;
}

signet_engine *engine_new(const signet_engine_options *options)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_engine *engine = signet_engine_new(options, &error);

  cr_assert_not_null(engine, "%s", error.message);
  return engine;
}

bool engine_run(signet_engine *engine, const char *text,
                signet_failure *failure)
{
  return signet_engine_run_string(engine, text, strlen(text), "=test", failure);
}

void engine_run_good(signet_engine *engine, const char *text)
{
  signet_failure failure = SIGNET_FAILURE_INIT;

  cr_assert(engine_run(engine, text, &failure), "%s: %s %s", text,
            failure.error.message, failure.message);
  signet_failure_clear(&failure);
}

void engine_run_bad(signet_engine *engine, const char *text,
                    signet_failure *failure)
{
  *failure = (signet_failure)SIGNET_FAILURE_INIT;
  cr_assert_not(engine_run(engine, text, failure), "%s", text);
}

int64_t clock_ms(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *interrupt(void *user)
{
  struct interrupter *interrupter = user;

  for (int i = 0; i < interrupter->times; i++) {
    usleep(50000);
    signet_engine_interrupt(interrupter->engine);
  }
  return NULL;
}

void interrupter_start(struct interrupter *interrupter, signet_engine *engine,
                       int times)
{
  interrupter->engine = engine;
  interrupter->times = times;
  cr_assert_eq(
      pthread_create(&interrupter->thread, NULL, interrupt, interrupter), 0);
}

void interrupter_join(struct interrupter *interrupter)
{
  pthread_join(interrupter->thread, NULL);
}
