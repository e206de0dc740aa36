/* SPDX-License-Identifier: MIT */
/*
 * Where a call can be, and what then comes of an interrupt (hold), a cancel, a
 * close, and each kind of reply. A raw server holds the reply back that the
 * call waits for, so each row is one place and one event. What comes of it (the
 * error, what the recorder hears, the requests) is compared with
 * account_phase.txt, line by line. With SIGNET_TEST_WRITE=1 the file is
 * written.
 */
#include "account/account.h"
#include "account/recorder.h"
#include "canary.h"
#include "fault_server.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "signet/plan.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  SLICES = 4,
  TURN_MS = 5,
  QUIET_TURNS = 4,
  SOON_MS = 20,
  LATE_MS = 700,
  LONG_MS = 60000,
  PATIENCE_TURNS = 3000
};

/* ---- the service ---- */

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  size_t requests;
  size_t held_from; /* requests from this one on wait, SIZE_MAX: none */
  bool released;
  const char *first;      /* the answer to the request that was held */
  const char *answers[8]; /* to the requests from the first on; NULL: usual */
  char wire[4096];
  char reply[512];
} service;

static void note(const fault_request *request)
{
  size_t used = strlen(service.wire);
  const char *body = strstr(request->data, "\r\n\r\n") + 4;
  size_t length = request->length - (size_t)(body - request->data);
  int line = (int)strcspn(request->data, "\r") - (int)strlen(" HTTP/1.1");
  if (request->data[line - 1] == '2')
    return; /* of the call beside */
  snprintf(service.wire + used, sizeof service.wire - used, "%s%.*s%s%.*s",
           used > 0 ? "; " : "", line, request->data, length > 0 ? " " : "",
           (int)length, body);
}

/* A reply is given as "200 {}"; "": the connection is closed instead. */
static fault_reply say(const char *text)
{
  if (text[0] == '\0')
    return (fault_reply){.data = "", .end = FAULT_CLOSE};
  int length = snprintf(service.reply, sizeof service.reply,
                        "HTTP/1.1 %.3s It\r\nContent-Type: application/json"
                        "\r\nContent-Length: %zu\r\n\r\n%s",
                        text, strlen(text + 4), text + 4);
  return (fault_reply){.data = service.reply, .length = (size_t)length};
}

#define ENTRY "{\"sign_id\":\"1\",\"sign_name\":\"Before\",\"status\":2}"
#define NO(TEXT) "400 {\"code\":400,\"message\":\"" TEXT "\"}"

static const char taken[] = NO("name already exist");

static const char *usual(const char *request)
{
  if (strncmp(request, "GET", 3) != 0)
    return strncmp(request, "POST", 4) == 0 ? "200 {\"sign_id\":\"7\"}"
                                            : "200 {\"code\":0}";
  const char *end = strstr(request, "-configs") + strlen("-configs");
  return *end == '/' ? "200 " ENTRY : "200 [" ENTRY "]";
}

static fault_reply answer(void *user, const fault_request *request)
{
  const char *text = usual(request->data);
  (void)user;
  pthread_mutex_lock(&service.lock);
  size_t number = service.requests++;
  note(request);
  pthread_cond_signal(&service.changed);
  if (number < 8 && service.answers[number] != NULL)
    text = service.answers[number];
  if (number >= service.held_from) {
    bool first = number == service.held_from;
    while (!service.released)
      pthread_cond_wait(&service.changed, &service.lock);
    text = first ? service.first : text;
  }
  fault_reply reply = say(text);
  pthread_mutex_unlock(&service.lock);
  return reply;
}

static void let_go(const char *text)
{
  pthread_mutex_lock(&service.lock);
  service.first = text;
  service.released = true;
  pthread_cond_broadcast(&service.changed);
  pthread_mutex_unlock(&service.lock);
}

static size_t requests(void)
{
  pthread_mutex_lock(&service.lock);
  size_t count = service.requests;
  pthread_mutex_unlock(&service.lock);
  return count;
}

/* ---- the client ---- */

static signet_loop *loop;
static signet_account *account;
static signet_overlay *overlay;
static fault_server *server;
static signet_recorder recorder;
static signet_call *subject;
static signet_call *beside;
static bool recorded; /* the account has the recorder */
static bool keeps;    /* which keeps writes that are ready */
static signet_call *kept;
static char heard[1024];

static void hear(const char *what)
{
  size_t used = strlen(heard);
  snprintf(heard + used, sizeof heard - used, "%s%s", used > 0 ? ", " : "",
           what);
}

static bool recall(signet_recorder *own, signet_call *call)
{
  (void)own;
  (void)call;
  return false;
}

static void intend(signet_recorder *own, signet_call *call)
{
  (void)own;
  hear("intend");
  if (keeps)
    kept = call;
  else
    signet_write_send(call);
}

static void decided(signet_recorder *own, signet_call *call)
{
  char text[80];
  (void)own;
  snprintf(text, sizeof text, "decided %s",
           call->error.kind == SIGNET_OK
               ? "ok"
               : signet_error_kind_name(call->error.kind));
  hear(text);
  kept = NULL;
}

static bool is_own(signet_recorder *own, signet_kind kind, const char *id)
{
  (void)own;
  (void)kind;
  (void)id;
  return false;
}

static void closing(signet_recorder *own, signet_account *closed)
{
  (void)own;
  (void)closed;
}

static signet_account_options options;

static void begin(void)
{
  fault_script script = {.answer = answer};
  memset(&service, 0, sizeof service);
  pthread_mutex_init(&service.lock, NULL);
  pthread_cond_init(&service.changed, NULL);
  service.held_from = SIZE_MAX;
  loop = signet_loop_new();
  server = fault_server_start_script(&script);
  cr_assert_not_null(loop);
  cr_assert_not_null(server);
  signet_account_options_init(&options);
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.attempts = 1;
  options.settle_ms = 1;
  options.settle_create_ms = 1;
  options.poll_interval_ms = LONG_MS;
  options.timeout_ms = LONG_MS;
  options.backoff_ms = 1;
  account = NULL;
  overlay = NULL;
  subject = beside = kept = NULL;
  recorded = true;
  keeps = false;
  heard[0] = '\0';
  recorder = (signet_recorder){.before_images = true,
                               .recall = recall,
                               .intend = intend,
                               .decided = decided,
                               .is_own = is_own,
                               .closing = closing};
}

static void open_account(void)
{
  static char url[64];
  signet_error error;
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  options.base_url = url;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
  if (recorded)
    signet_account_record(account, &recorder);
}

static void end(void)
{
  signet_call_release(subject);
  signet_call_release(beside);
  signet_account_close(account);
  signet_overlay_free(overlay);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  let_go("");
  fault_server_free(server);
  pthread_cond_destroy(&service.changed);
  pthread_mutex_destroy(&service.lock);
}

static signet_call *start(signet_verb verb, const char *id, const char *name)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_fields *fields = signet_fields_new();
  if (name != NULL)
    signet_fields_set_string(fields, "sign_name", name);
  operation.verb = verb;
  operation.fields =
      verb == SIGNET_CREATE || verb == SIGNET_UPDATE ? fields : NULL;
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  operation.status = SIGNET_STATUS_APPROVED;
  operation.timeout_ms = -1;
  if (verb == SIGNET_REQUEST) {
    operation.method = id;
    operation.path = "/v1/sign-configs/1";
    operation.id = NULL;
    operation.id_length = 0;
  }
  signet_call *call = signet_call_start(account, &operation, NULL, NULL);
  signet_fields_free(fields);
  cr_assert_not_null(call);
  return call;
}

static void until_requests(size_t count)
{
  for (int i = 0; requests() < count; i++) {
    cr_assert_lt(i, PATIENCE_TURNS, "%zu requests: %s", count, service.wire);
    signet_loop_step(loop, TURN_MS);
  }
}

static void turn(int times)
{
  for (int i = 0; i < times; i++)
    signet_loop_step(loop, TURN_MS);
}

/* Holds the reply to the request of that number, from 0, and waits for it. */
static void hold_reply(size_t number)
{
  pthread_mutex_lock(&service.lock);
  service.held_from = number;
  pthread_mutex_unlock(&service.lock);
}

/* ---- the places ---- */

/* What is read first is no part of the row. */
static void read_first(void)
{
  beside = start(SIGNET_GET, "1", NULL);
  cr_assert_null(signet_call_wait(beside));
}

static void at_own_read(void)
{
  hold_reply(0);
  open_account();
  subject = start(SIGNET_GET, "1", NULL);
  until_requests(1);
}

static void at_own_list(void)
{
  hold_reply(0);
  open_account();
  subject = start(SIGNET_LIST, NULL, NULL);
  until_requests(1);
}

static void at_own_request(void)
{
  hold_reply(0);
  open_account();
  subject = start(SIGNET_REQUEST, "GET", NULL);
  until_requests(1);
}

static void at_short_list(void)
{
  signet_learned learned = {.entries = {400, 0}};
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  learned.entries_at_ms[0] = (int64_t)now.tv_sec * 1000;
  options.settle_ms = LONG_MS;
  open_account();
  signet_account_teach(account, &learned);
  subject = start(SIGNET_LIST, NULL, NULL);
  until_requests(1);
  turn(QUIET_TURNS);
}

static void at_queue(void)
{
  hold_reply(0);
  options.concurrency = 1;
  open_account();
  beside = start(SIGNET_GET, "2", NULL);
  until_requests(1);
  subject = start(SIGNET_GET, "1", NULL);
  turn(1);
}

static void at_queued_write(void)
{
  hold_reply(1);
  options.concurrency = 1;
  options.fresh_ms = -1;
  open_account();
  beside = start(SIGNET_GET, "1", NULL);
  cr_assert_null(signet_call_wait(beside));
  signet_call_release(beside);
  beside = start(SIGNET_GET, "2", NULL);
  until_requests(2);
  subject = start(SIGNET_UPDATE, "1", "After");
  turn(1);
}

static void at_look(void)
{
  hold_reply(0);
  open_account();
  subject = start(SIGNET_UPDATE, "1", "After");
  until_requests(1);
}

static void at_shared_list(void)
{
  open_account();
  beside = start(SIGNET_LIST, NULL, NULL);
  cr_assert_null(signet_call_wait(beside));
  signet_call_release(beside);
  signet_account_distrust(account);
  nanosleep(&(struct timespec){0, 2000000}, NULL);
  hold_reply(1);
  signet_account_distrust(account);
  subject = start(SIGNET_UPDATE, "1", "After");
  beside = start(SIGNET_DELETE, "2", NULL);
  until_requests(2);
}

static void at_intent(void)
{
  keeps = true;
  open_account();
  read_first();
  subject = start(SIGNET_UPDATE, "1", "After");
  cr_assert_not_null(kept);
}

static void at_write(signet_verb verb)
{
  hold_reply(1);
  open_account();
  read_first();
  subject = start(verb, verb == SIGNET_CREATE ? NULL : "1", "After");
  until_requests(2);
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
  recorded = false;
  at_write(SIGNET_UPDATE);
}

static void at_create_without_recorder(void)
{
  recorded = false;
  at_write(SIGNET_CREATE);
}

static void at_repetition(void)
{
  options.attempts = 3;
  options.backoff_ms = options.backoff_max_ms = LONG_MS;
  service.answers[1] = "429 {}";
  open_account();
  read_first();
  account->retry.random = 1; /* a pause that is long */
  subject = start(SIGNET_UPDATE, "1", "After");
  until_requests(2);
  turn(QUIET_TURNS);
}

static void at_holder_list(void)
{
  service.answers[1] = taken;
  hold_reply(2);
  open_account();
  read_first();
  subject = start(SIGNET_UPDATE, "1", "After");
  until_requests(3);
}

/* A name that the account itself has freed is asked for again. */
static void at_freed_name(void)
{
  options.settle_ms = LONG_MS;
  service.answers[2] = taken;
  service.answers[3] = "200 []";
  open_account();
  read_first();
  signet_call *gone = start(SIGNET_DELETE, "1", NULL);
  cr_assert_null(signet_call_wait(gone));
  signet_call_release(gone);
  subject = start(SIGNET_CREATE, NULL, "Before");
  until_requests(4);
  turn(QUIET_TURNS);
}

static void at_search(void)
{
  service.answers[1] = "200 {\"code\":0}";
  hold_reply(2);
  open_account();
  read_first();
  subject = start(SIGNET_CREATE, NULL, "After");
  until_requests(3);
}

static void at_search_without_recorder(void)
{
  recorded = false;
  at_search();
}

static void at_settling_pause(int64_t settle_ms)
{
  options.settle_ms = settle_ms;
  service.answers[1] = "";
  open_account();
  read_first();
  subject = start(SIGNET_UPDATE, "1", "After");
  until_requests(2);
  turn(QUIET_TURNS);
}

static void at_long_settling_pause(void)
{
  at_settling_pause(LONG_MS);
}

static void at_short_settling_pause(void)
{
  at_settling_pause(1000);
}

static void at_settling_read(signet_verb verb)
{
  service.answers[1] = "";
  hold_reply(2);
  open_account();
  read_first();
  subject = start(verb, verb == SIGNET_CREATE ? NULL : "1", "After");
  until_requests(3);
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
  hold_reply(0);
  open_account();
  subject = start(SIGNET_WAIT, "1", NULL);
  until_requests(1);
}

static void at_review_pause(void)
{
  service.answers[0] = "200 [{\"sign_id\":\"1\",\"status\":1}]";
  open_account();
  subject = start(SIGNET_WAIT, "1", NULL);
  until_requests(1);
  turn(QUIET_TURNS);
}

static void at_simulated_review(void)
{
  signet_error error;
  overlay = signet_overlay_new(NULL, &error);
  cr_assert_not_null(overlay);
  options.overlay = overlay;
  hold_reply(0);
  open_account();
  subject = start(SIGNET_WAIT, "1", NULL);
  until_requests(1);
}

static void at_end(void)
{
  open_account();
  subject = start(SIGNET_GET, "no id", NULL);
}

static const struct place {
  const char *name;
  void (*reach)(void);
  bool held; /* a reply is held back, so that each kind of it can come */
} places[] = {
    {"own read", at_own_read, true},
    {"own list", at_own_list, true},
    {"own request", at_own_request, true},
    {"pause after a short list", at_short_list, false},
    {"read in the queue", at_queue, false},
    {"write in the queue", at_queued_write, false},
    {"look at the entry", at_look, true},
    {"shared list", at_shared_list, true},
    {"intent", at_intent, false},
    {"update", at_update, true},
    {"delete", at_delete, true},
    {"create", at_create, true},
    {"update without recorder", at_update_without_recorder, true},
    {"create without recorder", at_create_without_recorder, true},
    {"repetition", at_repetition, false},
    {"holder of a name", at_holder_list, true},
    {"name that was freed", at_freed_name, false},
    {"search", at_search, true},
    {"search without recorder", at_search_without_recorder, true},
    {"long settling pause", at_long_settling_pause, false},
    {"short settling pause", at_short_settling_pause, false},
    {"settling an update", at_settling_update, true},
    {"settling a delete", at_settling_delete, true},
    {"settling a create", at_settling_create, true},
    {"list of reviews", at_review_list, true},
    {"pause between reviews", at_review_pause, false},
    {"simulated review", at_simulated_review, true},
    {"end", at_end, false},
};

/* ---- the events ---- */

static void hold(void)
{
  signet_account_hold(account, true);
}

static void cancel(void)
{
  signet_call_cancel(subject);
}

static void close_account(void)
{
  signet_account_close(account);
  account = NULL;
}

static void send_kept(void)
{
  if (kept != NULL)
    signet_write_send(kept);
}

static void answer_kept(void)
{
  if (kept != NULL)
    signet_write_answer(kept, "1");
}

static void refuse_kept(void)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_REFUSED, "the recorder says no");
  if (kept != NULL)
    signet_write_refuse(kept, &error);
}

static void check_kept(void)
{
  signet_call *call = kept;
  kept = NULL;
  if (call != NULL)
    signet_write_check_again(call);
}

static const struct event {
  const char *name;
  void (*happen)(void); /* NULL: the reply comes */
  const char *reply;
} events[] = {
    {"hold", hold, NULL},
    {"cancel", cancel, NULL},
    {"close", close_account, NULL},
    {"send", send_kept, NULL},
    {"answer", answer_kept, NULL},
    {"refuse", refuse_kept, NULL},
    {"check again", check_kept, NULL},
    {"usual reply", NULL, "usual"},
    {"not exist", NULL, NO("sign config not exist")},
    {"already exist", NULL, taken},
    {"pending", NULL, NO("sign is in pending status")},
    {"bad credentials", NULL,
     "401 {\"code\":2001,\"message\":\"authentication failed\"}"},
    {"throttled", NULL, "429 {}"},
    {"server error", NULL, "500 {}"},
    {"no reply", NULL, ""},
};

static const struct event usually = {"", NULL, "usual"};

/* ---- what comes of it ---- */

/* Digits of ports and times differ. */
static void without_numbers(char *text)
{
  for (char *at = text; (at = strstr(at, "127.0.0.1:")) != NULL;) {
    char *digits = at + strlen("127.0.0.1:");
    size_t count = strspn(digits, "0123456789");
    memmove(digits, digits + count, strlen(digits + count) + 1);
    at = digits;
  }
  for (char *at = text; *at != '\0'; at++)
    if (strspn(at, "0123456789") == 2 && at[2] == ':' &&
        strspn(at + 3, "0123456789") == 2 && at[5] == ':')
      memcpy(at, "HH:MM:SS", 8);
}

static void tell(FILE *out, const char *place, const char *event, bool went_on)
{
  char text[sizeof((signet_error *)0)->message + 64] = "ok";
  const signet_error *error = signet_call_error(subject);
  static const char *const outcomes[] = {"not sent", "refused", "applied",
                                         "throttled", "unknown"};
  if (error != NULL)
    snprintf(text, sizeof text, "%s: %s", signet_error_kind_name(error->kind),
             error->message);
  without_numbers(text);
  fprintf(out, "%s | %s | %s%s, %s | %s | %s\n", place, event,
          went_on ? "goes on, " : "", text,
          outcomes[signet_call_outcome(subject)], heard, service.wire);
}

/* @return whether the call has come to its end in that time */
static bool ends_within(int64_t milliseconds)
{
  int64_t end_ms = signet_clock_boot_ms() + milliseconds;
  while (!signet_call_is_done(subject) && signet_clock_boot_ms() < end_ms)
    signet_loop_step(loop, TURN_MS);
  return signet_call_is_done(subject);
}

static const char *reply_of(const struct event *event, const char *wire)
{
  const char *last = strrchr(wire, ';');
  if (strcmp(event->reply, "usual") != 0)
    return event->reply;
  return usual(last != NULL ? last + 2 : wire);
}

static void row(FILE *out, const struct place *place, const struct event *event)
{
  begin();
  place->reach();
  bool went_on = false;
  if (event->happen != NULL) {
    event->happen();
    went_on = !ends_within(SOON_MS);
    if (went_on)
      let_go(reply_of(&usually, service.wire));
  } else {
    let_go(reply_of(event, service.wire));
  }
  if (!ends_within(LATE_MS))
    signet_call_cancel(subject);
  signet_call_wait(subject);
  tell(out, place->name, event->name, went_on);
  end();
}

static bool fits(const struct place *place, const struct event *event)
{
  bool of_intent = event->happen == send_kept || event->happen == answer_kept ||
                   event->happen == refuse_kept || event->happen == check_kept;
  if (of_intent)
    return place->reach == at_intent;
  return event->happen != NULL || place->held;
}

/* The rows of one place after the other, of every fourth from the first on. */
static void write_rows(FILE *out, size_t first)
{
  for (size_t i = first; i < sizeof places / sizeof places[0]; i += SLICES)
    for (size_t j = 0; j < sizeof events / sizeof events[0]; j++)
      if (fits(&places[i], &events[j]))
        row(out, &places[i], &events[j]);
}

static void compare(FILE *expected, FILE *got)
{
  char left[2048];
  char right[2048];
  size_t line = 0;
  rewind(got);
  while (fgets(left, sizeof left, expected) != NULL) {
    line++;
    cr_assert_not_null(fgets(right, sizeof right, got), "line %zu", line);
    cr_expect_str_eq(right, left, "line %zu is now\n%sand was\n%s", line, right,
                     left);
  }
  cr_expect_null(fgets(right, sizeof right, got));
}

static void check_slice(size_t slice)
{
  char path[512];
  const char *folder = getenv("SIGNET_TEST_PHASES");
  bool writes = getenv("SIGNET_TEST_WRITE") != NULL;
  cr_assert_not_null(folder);
  snprintf(path, sizeof path, "%s/account_phase_%zu.txt", folder, slice + 1);
  FILE *file = fopen(path, writes ? "w" : "r");
  FILE *rows = tmpfile();
  cr_assert_not_null(file);
  cr_assert_not_null(rows);
  write_rows(writes ? file : rows, slice);
  if (!writes)
    compare(file, rows);
  fclose(rows);
  fclose(file);
}

/* Most of the time is spent on waiting: in four processes at once. */
Test(account_phase, first_places, .timeout = 120)
{
  check_slice(0);
}

Test(account_phase, second_places, .timeout = 120)
{
  check_slice(1);
}

Test(account_phase, third_places, .timeout = 120)
{
  check_slice(2);
}

Test(account_phase, fourth_places, .timeout = 120)
{
  check_slice(3);
}
