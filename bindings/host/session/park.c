/* SPDX-License-Identifier: MIT */
#include "host/session/park.h"

#include "host/output/report_event.h"
#include "host/session/advice.h"
#include "host/system/interrupt.h"
#include "model/clock.h"

#include <inttypes.h>
#include <string.h>

enum { LOOK_MS = 200, TELL_MS = 3000 };

bool signet_host_park_is(const struct session *session)
{
  return session->park.until_ms > 0 || session->park.reviews > 0;
}

/* How long a run with --park waits for a service that asks for a pause: as long
 * as for one that is down, and no longer than it may take. */
static double patience(const struct session *session)
{
  const signet_account_options plain = SIGNET_ACCOUNT_OPTIONS_INIT;
  double outage = signet_settings_number(session->settings, "outage",
                                         (double)plain.outage_ms / 1000);
  double deadline = signet_host_deadline(session->settings);
  double left = deadline - (signet_host_now() - session->report.began);

  return deadline > 0 && left < outage ? left : outage;
}

/* ---- pauses ---- */

/* What is in flight goes on; nothing else is started on the host's account. */
static void on_hold(void *user)
{
  struct session *session = user;

  session->park.hold = NULL;
  if (session->account != NULL)
    signet_account_hold(session->account, true);
}

void signet_host_park_take(struct session *session, int64_t milliseconds,
                           const char *reason)
{
  if (!signet_host_flag(session->host, OPTION_PARK) ||
      signet_host_park_is(session) ||
      (double)milliseconds / 1000 <= patience(session))
    return;
  session->park.until_ms = signet_clock_unix_ms() + milliseconds;
  (void)snprintf(session->park.reason, sizeof session->park.reason, "%s",
                 reason);
  session->report.parked = true;
  /* An account may not be held from within its own call. */
  session->park.hold = signet_timer_start(session->loop, 0, on_hold, session);
  signet_host_interrupt_now();
}

void signet_host_park_on_pause(signet_account *account, int64_t milliseconds,
                               const char *reason, void *user)
{
  struct session *session = user;

  signet_host_park_take(session, milliseconds, reason);
  signet_host_report_pause(account, milliseconds, reason, &session->report);
}

/* ---- reviews ---- */

static void look_soon(struct session *session);

static void tell_waiting(struct session *session, uint64_t reviews)
{
  char text[160];

  (void)snprintf(text, sizeof text,
                 "waiting for %" PRIu64 " %s; with --park it ends instead, and "
                 "says how to go on",
                 reviews, reviews == 1 ? "review" : "reviews");
  signet_host_report_note(&session->report, text);
}

static void look(void *user)
{
  struct session *session = user;
  uint64_t reviews = signet_engine_awaits_reviews(session->engine);

  session->park.review = NULL;
  if (signet_host_park_is(session))
    return;
  if (reviews == 0) {
    look_soon(session);
  } else if (signet_host_flag(session->host, OPTION_PARK)) {
    session->park.reviews = reviews;
    session->report.parked = true;
    signet_host_interrupt_now();
  } else {
    tell_waiting(session, reviews);
  }
}

/* Without --park it says once what the run waits for. */
static void look_soon(struct session *session)
{
  bool parks = signet_host_flag(session->host, OPTION_PARK);

  session->park.review = signet_timer_start(
      session->loop, parks ? LOOK_MS : TELL_MS, look, session);
}

void signet_host_park_begin(struct session *session)
{
  if (session->overlay == NULL)
    look_soon(session);
}

void signet_host_park_end(struct session *session)
{
  signet_timer_cancel(session->park.review);
  session->park.review = NULL;
}

/* ---- the end ---- */

void signet_host_park_keep(struct session *session)
{
  signet_error ignored = SIGNET_ERROR_INIT; /* then there is no such job */

  if (signet_host_park_is(session) && session->job != NULL)
    (void)signet_job_record(session->job, &ignored);
}

/* A run that has no job, as one that only looks, begins anew. */
static void tell_how(struct session *session)
{
  char words[SIGNET_JOB_ID_ROOM + 8];

  if (session->report.job != NULL) {
    (void)snprintf(words, sizeof words, "--park %s", session->report.job);
    signet_host_advise(&session->report, "to go on then", COMMAND_RESUME,
                       words);
  } else {
    signet_host_report_note(&session->report,
                            "no journal holds this run: to go on then, run the "
                            "same command again");
  }
}

void signet_host_park_tell(struct session *session)
{
  char until[32], text[sizeof session->park.reason + 100];
  uint64_t reviews = session->park.reviews;

  signet_host_job_time(until, sizeof until, session->park.until_ms);
  if (reviews > 0) {
    (void)snprintf(text, sizeof text, "parked until %" PRIu64 " %s decided",
                   reviews, reviews == 1 ? "review is" : "reviews are");
  } else {
    (void)snprintf(text, sizeof text, "parked until %s: %s", until,
                   session->park.reason);
  }
  signet_host_report_note(&session->report, text);
  tell_how(session);
}
