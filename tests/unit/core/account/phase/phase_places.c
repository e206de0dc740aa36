/* SPDX-License-Identifier: MIT */
/* Where a call can be: each function brings the row's call there. */
#include "phase.h"

#include "account/recorder.h"

#include <criterion/criterion.h>

#include <time.h>

/* The record of a row begins after this read. */
static void read_first(void)
{
  row.beside = phase_start(SIGNET_GET, "1", NULL);
  cr_assert_null(signet_call_wait(row.beside));
}

static void at_own_read(void)
{
  phase_service_hold(&row.service, 0);
  phase_open_account();
  row.subject = phase_start(SIGNET_GET, "1", NULL);
  phase_until_requests(1);
}

static void at_own_list(void)
{
  phase_service_hold(&row.service, 0);
  phase_open_account();
  row.subject = phase_start(SIGNET_LIST, NULL, NULL);
  phase_until_requests(1);
}

static void at_own_request(void)
{
  phase_service_hold(&row.service, 0);
  phase_open_account();
  row.subject = phase_start(SIGNET_REQUEST, "GET", NULL);
  phase_until_requests(1);
}

static void at_short_list(void)
{
  signet_learned learned = {.entries = {400, 0}};
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  learned.entries_at_ms[0] = (int64_t)now.tv_sec * 1000;
  row.options.settle_ms = PHASE_LONG_MS;
  phase_open_account();
  signet_account_teach(row.account, &learned);
  row.subject = phase_start(SIGNET_LIST, NULL, NULL);
  phase_until_requests(1);
  phase_turn(PHASE_QUIET_TURNS);
}

static void at_queue(void)
{
  phase_service_hold(&row.service, 0);
  row.options.concurrency = 1;
  phase_open_account();
  row.beside = phase_start(SIGNET_GET, "2", NULL);
  phase_until_requests(1);
  row.subject = phase_start(SIGNET_GET, "1", NULL);
  phase_turn(1);
}

static void at_queued_write(void)
{
  phase_service_hold(&row.service, 1);
  row.options.concurrency = 1;
  row.options.fresh_ms = -1;
  phase_open_account();
  row.beside = phase_start(SIGNET_GET, "1", NULL);
  cr_assert_null(signet_call_wait(row.beside));
  signet_call_release(row.beside);
  row.beside = phase_start(SIGNET_GET, "2", NULL);
  phase_until_requests(2);
  row.subject = phase_start(SIGNET_UPDATE, "1", "After");
  phase_turn(1);
}

static void at_look(void)
{
  phase_service_hold(&row.service, 0);
  phase_open_account();
  row.subject = phase_start(SIGNET_UPDATE, "1", "After");
  phase_until_requests(1);
}

static void at_shared_list(void)
{
  phase_open_account();
  row.beside = phase_start(SIGNET_LIST, NULL, NULL);
  cr_assert_null(signet_call_wait(row.beside));
  signet_call_release(row.beside);
  signet_account_distrust(row.account);
  nanosleep(&(struct timespec){0, 2000000}, NULL);
  phase_service_hold(&row.service, 1);
  signet_account_distrust(row.account);
  row.subject = phase_start(SIGNET_UPDATE, "1", "After");
  row.beside = phase_start(SIGNET_DELETE, "2", NULL);
  phase_until_requests(2);
}

static void at_intent(void)
{
  row.keeps = true;
  phase_open_account();
  read_first();
  row.subject = phase_start(SIGNET_UPDATE, "1", "After");
  cr_assert_not_null(row.kept);
}

static void at_write(signet_verb verb)
{
  phase_service_hold(&row.service, 1);
  phase_open_account();
  read_first();
  row.subject = phase_start(verb, verb == SIGNET_CREATE ? NULL : "1", "After");
  phase_until_requests(2);
}

static void at_update(void)
{
  at_write(SIGNET_UPDATE);
}

static void at_delete(void)
{
  at_write(SIGNET_DELETE);
}

static void at_create(void)
{
  at_write(SIGNET_CREATE);
}

static void at_update_without_recorder(void)
{
  row.recorded = false;
  at_write(SIGNET_UPDATE);
}

static void at_create_without_recorder(void)
{
  row.recorded = false;
  at_write(SIGNET_CREATE);
}

static void at_repetition(void)
{
  row.options.attempts = 3;
  row.options.backoff_ms = row.options.backoff_max_ms = PHASE_LONG_MS;
  row.service.answers[1] = "429 {}";
  phase_open_account();
  read_first();
  row.account->retry.random = 1; /* a pause that is long */
  row.subject = phase_start(SIGNET_UPDATE, "1", "After");
  phase_until_requests(2);
  phase_turn(PHASE_QUIET_TURNS);
}

static void at_holder_list(void)
{
  row.service.answers[1] = PHASE_TAKEN;
  phase_service_hold(&row.service, 2);
  phase_open_account();
  read_first();
  row.subject = phase_start(SIGNET_UPDATE, "1", "After");
  phase_until_requests(3);
}

/* A name that the row.account itself has freed is asked for again. */
static void at_freed_name(void)
{
  row.options.settle_ms = PHASE_LONG_MS;
  row.service.answers[2] = PHASE_TAKEN;
  row.service.answers[3] = "200 []";
  phase_open_account();
  read_first();
  signet_call *gone = phase_start(SIGNET_DELETE, "1", NULL);
  cr_assert_null(signet_call_wait(gone));
  signet_call_release(gone);
  row.subject = phase_start(SIGNET_CREATE, NULL, "Before");
  phase_until_requests(4);
  phase_turn(PHASE_QUIET_TURNS);
}

static void at_search(void)
{
  row.service.answers[1] = "200 {\"code\":0}";
  phase_service_hold(&row.service, 2);
  phase_open_account();
  read_first();
  row.subject = phase_start(SIGNET_CREATE, NULL, "After");
  phase_until_requests(3);
}

static void at_search_without_recorder(void)
{
  row.recorded = false;
  at_search();
}

static void at_settling_pause(int64_t settle_ms)
{
  row.options.settle_ms = settle_ms;
  row.service.answers[1] = "";
  phase_open_account();
  read_first();
  row.subject = phase_start(SIGNET_UPDATE, "1", "After");
  phase_until_requests(2);
  phase_turn(PHASE_QUIET_TURNS);
}

static void at_long_settling_pause(void)
{
  at_settling_pause(PHASE_LONG_MS);
}

static void at_short_settling_pause(void)
{
  at_settling_pause(1000);
}

static void at_settling_read(signet_verb verb)
{
  row.service.answers[1] = "";
  phase_service_hold(&row.service, 2);
  phase_open_account();
  read_first();
  row.subject = phase_start(verb, verb == SIGNET_CREATE ? NULL : "1", "After");
  phase_until_requests(3);
}

static void at_settling_update(void)
{
  at_settling_read(SIGNET_UPDATE);
}

static void at_settling_delete(void)
{
  at_settling_read(SIGNET_DELETE);
}

static void at_settling_create(void)
{
  at_settling_read(SIGNET_CREATE);
}

static void at_review_list(void)
{
  phase_service_hold(&row.service, 0);
  phase_open_account();
  row.subject = phase_start(SIGNET_WAIT, "1", NULL);
  phase_until_requests(1);
}

static void at_review_pause(void)
{
  row.service.answers[0] = "200 [{\"sign_id\":\"1\",\"status\":1}]";
  phase_open_account();
  row.subject = phase_start(SIGNET_WAIT, "1", NULL);
  phase_until_requests(1);
  phase_turn(PHASE_QUIET_TURNS);
}

static void at_simulated_review(void)
{
  signet_error error;
  row.overlay = signet_overlay_new(NULL, &error);
  cr_assert_not_null(row.overlay);
  row.options.overlay = row.overlay;
  phase_service_hold(&row.service, 0);
  phase_open_account();
  row.subject = phase_start(SIGNET_WAIT, "1", NULL);
  phase_until_requests(1);
}

static void at_end(void)
{
  phase_open_account();
  row.subject = phase_start(SIGNET_GET, "no id", NULL);
}

const phase_place phase_places[] = {
    {"own read", at_own_read, true, false},
    {"own list", at_own_list, true, false},
    {"own request", at_own_request, true, false},
    {"pause after a short list", at_short_list, false, false},
    {"read in the queue", at_queue, false, false},
    {"write in the queue", at_queued_write, false, false},
    {"look at the entry", at_look, true, false},
    {"shared list", at_shared_list, true, false},
    {"intent", at_intent, false, true},
    {"update", at_update, true, false},
    {"delete", at_delete, true, false},
    {"create", at_create, true, false},
    {"update without recorder", at_update_without_recorder, true, false},
    {"create without recorder", at_create_without_recorder, true, false},
    {"repetition", at_repetition, false, false},
    {"holder of a name", at_holder_list, true, false},
    {"name that was freed", at_freed_name, false, false},
    {"search", at_search, true, false},
    {"search without recorder", at_search_without_recorder, true, false},
    {"long settling pause", at_long_settling_pause, false, false},
    {"short settling pause", at_short_settling_pause, false, false},
    {"settling an update", at_settling_update, true, false},
    {"settling a delete", at_settling_delete, true, false},
    {"settling a create", at_settling_create, true, false},
    {"list of reviews", at_review_list, true, false},
    {"pause between reviews", at_review_pause, false, false},
    {"simulated review", at_simulated_review, true, false},
    {"end", at_end, false, false},
};

const size_t phase_places_count = sizeof phase_places / sizeof phase_places[0];
