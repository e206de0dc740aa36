/* SPDX-License-Identifier: MIT */
#include "host/session/settle.h"

#include "host/session/park.h"
#include "host/system/interrupt.h"

#include <inttypes.h>
#include <stdio.h>

enum { CHECK_MS = 50 };

struct watch {
  struct session *session;
  signet_timer *timer;
  int64_t until; /* in the loop's time; 0: there is no deadline */
  bool ended;
};

static void start_timer(struct watch *watch);

static bool is_over(const struct watch *watch)
{
  return signet_host_park_is(watch->session) ||
         signet_host_interrupt_count() > 0 ||
         (watch->until > 0 &&
          signet_loop_now(watch->session->loop) >= watch->until);
}

static void on_check(void *user)
{
  struct watch *watch = user;

  watch->timer = NULL;
  if (is_over(watch)) {
    watch->ended = true;
    signet_account_hold(watch->session->account, true);
  }
  start_timer(watch);
}

/* Without it there is nothing but a signal that can't be caught. */
static void start_timer(struct watch *watch)
{
  watch->timer =
      signet_timer_start(watch->session->loop, CHECK_MS, on_check, watch);
}

/* What is open stays so in the journal. */
static bool end_early(struct session *session,
                      const signet_job_findings *findings, signet_error *error)
{
  const signet_job_counts counts = {.done = findings->done,
                                    .unknown = findings->open};
  signet_error ignored = SIGNET_ERROR_INIT;

  (void)signet_job_end(session->job,
                       signet_host_park_is(session) ? SIGNET_JOB_PARKED
                                                    : SIGNET_JOB_INTERRUPTED,
                       &counts, &ignored);
  session->report.job = signet_job_id(session->job);
  session->early = true;
  if (findings->open == 0) {
    error->kind = SIGNET_ERROR_CANCELLED;
    (void)snprintf(error->message, sizeof error->message,
                   "interrupted before the script ran");
    return false;
  }
  error->kind = SIGNET_ERROR_UNKNOWN_OUTCOME;
  (void)snprintf(error->message, sizeof error->message,
                 "interrupted: the outcome of %" PRId64 " %s is not known yet",
                 findings->open, findings->open == 1 ? "write" : "writes");
  return false;
}

bool signet_host_settle(struct session *session, signet_job_findings *findings,
                        signet_error *error)
{
  struct watch watch = {.session = session};
  double seconds = signet_host_deadline(session->settings);
  bool good;

  if (seconds > 0) {
    watch.until =
        signet_loop_now(session->loop) + (int64_t)(seconds * 1000) + 1;
  }
  signet_host_interrupt_begin(NULL, &session->host->terminal,
                              !session->report.quiet);
  start_timer(&watch);
  good = signet_job_settle(session->job, findings, error);
  signet_timer_cancel(watch.timer);
  signet_host_interrupt_end();
  if (good && watch.ended)
    return end_early(session, findings, error);
  return good;
}
