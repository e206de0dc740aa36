/* SPDX-License-Identifier: MIT */
/* Writes that are sent again: only those that have not worked. The server keeps
 * one signature, by the service's rules, and counts what it did to it. */
#include "account/account.h"
#include "canary.h"
#include "fault_server.h"
#include "plain_recorder.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* What happens to the first write. */
typedef enum lost {
  LOST_NOT,
  LOST_BEFORE,  /* the connection closes, nothing is done */
  LOST_AFTER,   /* it is done, then the connection closes */
  LOST_LATE,    /* the connection closes, the effect comes with a later read */
  LOST_LATEST,  /* … with the next write, just before it is looked at */
  LOST_BROKEN,  /* 502, nothing is done */
  LOST_FOREIGN, /* the connection closes, and somebody else changes the entry */
  LOST_MOVED,   /* 302 for each write */
  LOST_DENIED,  /* it is done, then answered with 429 */
  LOST_ALWAYS   /* 502 for each write */
} lost;

static struct {
  pthread_mutex_t lock;
  lost lost;
  bool there;
  bool made; /* by a create */
  bool slow; /* lists don't show that yet */
  bool pending;
  bool refuses; /* the second write, for its name */
  bool blind;   /* after the second write nothing can be read */
  bool mute;    /* the second write is not answered */
  bool locked;  /* reads after a write are answered with 401 */
  bool busy;    /* reads after a write are answered with 429, for a long time */
  char name[32];
  char late[4]; /* the method of a write whose effect is still to come */
  size_t reads;
  size_t writes;
  size_t effects;
  char reply[512];
} service;

static signet_loop *loop;
static signet_account *account;
static fault_server *server;
static signet_recorder recorder;
static signet_call *decided_call;
static unsigned attempts;

/* ---- the service ---- */

static fault_reply say(int status, const char *body)
{
  int length = snprintf(service.reply, sizeof service.reply,
                        "HTTP/1.1 %d It\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        status, strlen(body), body);
  return (fault_reply){.data = service.reply, .length = (size_t)length};
}

static void take_effect(const char *method)
{
  service.effects++;
  if (strncmp(method, "PO", 2) == 0) {
    service.made = true;
  } else if (method[0] == 'D') {
    service.there = false;
  } else {
    snprintf(service.name, sizeof service.name, "After");
    service.pending = true;
  }
}

static fault_reply answer_read(bool list)
{
  static const char busy[] = "HTTP/1.1 429 It\r\nRetry-After: 600\r\n"
                             "Content-Length: 2\r\n\r\n{}";
  char body[256];
  service.reads++;
  if (service.busy && service.writes > 0)
    return (fault_reply){.data = busy, .length = sizeof busy - 1};
  if (service.locked && service.writes > 0)
    return say(401, "{\"code\":2001,\"message\":\"authentication failed\"}");
  if (service.blind && service.writes > 1)
    return say(500, "{}");
  if (service.late[0] != '\0' && service.lost == LOST_LATE &&
      service.reads > 2) {
    take_effect(service.late);
    service.late[0] = '\0';
  }
  if (list && service.made && !service.slow)
    return say(200, "[{\"sign_id\":\"7\",\"sign_name\":\"After\","
                    "\"created_time\":4102444800}]");
  if (list)
    return say(200, "[]");
  if (!service.there)
    return say(400, "{\"code\":400,\"message\":\"sign config not exist\"}");
  snprintf(body, sizeof body,
           "{\"sign_id\":\"1\",\"sign_name\":\"%s\",\"status\":%d}",
           service.name, service.pending ? 1 : 2);
  return say(200, body);
}

static fault_reply lose(const char *method)
{
  /* After a line of the reply libcurl does not send it again by itself. */
  static const char line[] = "HTTP/1.1 200 OK\r\n";
  static const char moved[] = "HTTP/1.1 302 It\r\nContent-Length: 0\r\n"
                              "Location: https://elsewhere.example/\r\n\r\n";
  fault_reply nothing = {
      .data = line, .length = sizeof line - 1, .end = FAULT_CLOSE};
  switch (service.lost) {
  case LOST_AFTER:
    take_effect(method);
    break;
  case LOST_LATE:
  case LOST_LATEST:
    snprintf(service.late, sizeof service.late, "%.3s", method);
    break;
  case LOST_FOREIGN:
    snprintf(service.name, sizeof service.name, "Theirs");
    break;
  case LOST_MOVED:
    return (fault_reply){.data = moved, .length = sizeof moved - 1};
  case LOST_DENIED:
    take_effect(method);
    return say(429, "{\"code\":429,\"message\":\"slow\"}");
  case LOST_BROKEN:
  case LOST_ALWAYS:
    return say(502, "{\"code\":502,\"message\":\"bad gateway\"}");
  default:
    break;
  }
  return nothing;
}

static fault_reply answer_write(const char *method)
{
  bool first = service.writes++ == 0;
  if ((first && service.lost != LOST_NOT) || service.lost == LOST_ALWAYS ||
      service.lost == LOST_MOVED)
    return lose(method);
  if (service.late[0] != '\0') {
    take_effect(service.late);
    service.late[0] = '\0';
  }
  if (service.mute)
    return (fault_reply){.data = "", .end = FAULT_STALL};
  if (service.refuses || (method[1] == 'O' && service.made))
    return say(400, "{\"code\":400,\"message\":\"name already exist\"}");
  if (!service.there)
    return say(400, "{\"code\":400,\"message\":\"sign config not exist\"}");
  if (service.pending && method[0] != 'D')
    return say(400, "{\"code\":400,\"message\":\"sign is in pending status\"}");
  take_effect(method);
  return say(200, "{\"code\":0,\"message\":\"success\"}");
}

static fault_reply answer(void *user, const fault_request *request)
{
  char method[8] = "";
  char path[64] = "";
  (void)user;
  sscanf(request->data, "%7s %63s", method, path);
  pthread_mutex_lock(&service.lock);
  fault_reply reply = strcmp(method, "GET") == 0
                          ? answer_read(strchr("st", strrchr(path, '/')[1]))
                          : answer_write(method);
  pthread_mutex_unlock(&service.lock);
  return reply;
}

/* ---- the client ---- */

static void decided(signet_recorder *own, signet_call *call)
{
  (void)own;
  decided_call = call;
  attempts = call->write.attempts;
}

static void begin(void)
{
  static char url[64];
  fault_script script = {.answer = answer};
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  memset(&service, 0, sizeof service);
  pthread_mutex_init(&service.lock, NULL);
  service.there = true;
  snprintf(service.name, sizeof service.name, "Before");
  loop = signet_loop_new();
  server = fault_server_start_script(&script);
  cr_assert_not_null(loop);
  cr_assert_not_null(server);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.settle_ms = 5;
  options.backoff_ms = 5;
  options.poll_interval_ms = 5;
  options.breaker_pause_ms = 5;
  options.settle_create_ms = 0;
  options.timeout_ms = 60000;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
  recorder = plain_recorder();
  recorder.before_images = true;
  recorder.decided = decided;
  signet_account_record(account, &recorder);
}

static void end(void)
{
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  fault_server_free(server);
  pthread_mutex_destroy(&service.lock);
}

TestSuite(retry_write, .init = begin, .fini = end, .timeout = 60);

static signet_call *start(signet_verb verb)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_fields *fields = signet_fields_new();
  signet_fields_set_string(fields, "sign_name", "After");
  operation.verb = verb;
  operation.fields = fields;
  operation.id = "1";
  operation.id_length = 1;
  signet_call *call = signet_call_start(account, &operation, NULL, NULL);
  signet_fields_free(fields);
  cr_assert_not_null(call);
  return call;
}

/* The write comes to this error, after so many requests and effects. */
static signet_error comes_to(signet_verb verb, lost how, signet_error_kind kind,
                             size_t writes, size_t effects)
{
  service.lost = how;
  signet_call *call = start(verb);
  const signet_error *error = signet_call_wait(call);
  signet_error result = SIGNET_ERROR_INIT;
  if (error != NULL)
    result = *error;
  cr_expect_eq(result.kind, kind, "%s: %s", signet_error_kind_name(result.kind),
               result.message);
  cr_expect_eq(service.writes, writes, "%zu writes", service.writes);
  cr_expect_eq(service.effects, effects, "%zu effects", service.effects);
  cr_expect_eq(attempts, writes);
  cr_expect_eq(decided_call, call);
  result.outcome = signet_call_outcome(call);
  signet_call_release(call);
  return result;
}

static const signet_verb changes[] = {SIGNET_UPDATE, SIGNET_DELETE};

static void again(void)
{
  end();
  begin();
}

/* An update is looked at three times: approved meanwhile, it would be sent to
 * review once more. */
Test(retry_write, what_a_5xx_left_undone_is_done)
{
  for (int i = 0; i < 2; i++, again()) {
    comes_to(changes[i], LOST_BROKEN, SIGNET_OK, 2, 1);
    cr_expect_eq(service.reads, changes[i] == SIGNET_UPDATE ? 4 : 2,
                 "before, and after");
  }
}

Test(retry_write, what_a_broken_connection_left_undone_is_looked_at_again)
{
  for (int i = 0; i < 2; i++, again()) {
    comes_to(changes[i], LOST_BEFORE, SIGNET_OK, 2, 1);
    cr_expect_eq(service.reads, changes[i] == SIGNET_UPDATE ? 4 : 3,
                 "before, and after");
  }
}

Test(retry_write, what_was_done_is_not_sent_again)
{
  for (int i = 0; i < 2; i++, again())
    comes_to(changes[i], LOST_AFTER, SIGNET_OK, 1, 1);
}

Test(retry_write, an_effect_between_two_looks_is_seen)
{
  for (int i = 0; i < 2; i++, again())
    comes_to(changes[i], LOST_LATE, SIGNET_OK, 1, 1);
}

/* The service says no because the first one has worked after all. */
Test(retry_write, an_effect_that_overtakes_the_second_attempt_is_found_out)
{
  for (int i = 0; i < 2; i++, again())
    comes_to(changes[i], LOST_LATEST, SIGNET_OK, 2, 1);
}

Test(retry_write, a_no_to_the_second_attempt_stands_if_nothing_was_done)
{
  service.refuses = true;
  signet_error error =
      comes_to(SIGNET_UPDATE, LOST_BROKEN, SIGNET_ERROR_CONFLICT, 2, 0);
  cr_expect_eq(error.outcome, SIGNET_OUTCOME_REFUSED);
  cr_expect_str_eq(error.service_message, "name already exist");
}

Test(retry_write, a_no_that_cannot_be_settled_leaves_it_unknown)
{
  account->retry.breaker_failures = 0;
  service.refuses = true;
  service.blind = true;
  signet_error error =
      comes_to(SIGNET_UPDATE, LOST_BROKEN, SIGNET_ERROR_UNKNOWN_OUTCOME, 2, 0);
  cr_expect_eq(error.outcome, SIGNET_OUTCOME_UNKNOWN);
  cr_expect_not_null(strstr(error.message, "an earlier attempt took effect"));
}

Test(retry_write, a_second_attempt_that_is_cancelled_leaves_it_unknown)
{
  service.lost = LOST_BROKEN;
  service.mute = true;
  signet_call *call = start(SIGNET_UPDATE);
  while (!call->write.uncertain)
    signet_loop_step(loop, 1000);
  signet_call_cancel(call); /* it has not even been sent */
  signet_call_wait(call);
  cr_expect_eq(signet_call_error(call)->kind, SIGNET_ERROR_UNKNOWN_OUTCOME);
  cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_UNKNOWN);
  signet_call_release(call);
}

Test(retry_write, what_somebody_else_changed_is_left_alone)
{
  signet_error error =
      comes_to(SIGNET_UPDATE, LOST_FOREIGN, SIGNET_ERROR_CONFLICT, 1, 0);
  cr_expect_not_null(strstr(error.message, "somebody else changed it"));
  cr_expect_str_eq(service.name, "Theirs");
}

Test(retry_write, attempts_have_an_end)
{
  for (int i = 0; i < 2; i++, again()) {
    signet_error error =
        comes_to(changes[i], LOST_ALWAYS, SIGNET_ERROR_UNKNOWN_OUTCOME, 3, 0);
    cr_expect_eq(error.outcome, SIGNET_OUTCOME_UNKNOWN);
  }
}

/* Of a signature, whose name is unique: no second one can come of it. */
Test(retry_write, a_create_of_a_unique_name_is_sent_again)
{
  comes_to(SIGNET_CREATE, LOST_BROKEN, SIGNET_OK, 2, 1);
  again();
  comes_to(SIGNET_CREATE, LOST_BEFORE, SIGNET_OK, 2, 1);
  again();
  comes_to(SIGNET_CREATE, LOST_AFTER, SIGNET_OK, 1, 1);
  cr_expect_eq(service.reads, 1);
}

/* The second is refused for what the first has done. */
Test(retry_write, a_create_that_overtakes_the_second_attempt_is_found)
{
  service.lost = LOST_LATEST;
  signet_call *call = start(SIGNET_CREATE);
  cr_expect_null(signet_call_wait(call));
  cr_expect_str_eq(signet_call_id(call), "7");
  cr_expect_eq(service.writes, 2);
  cr_expect_eq(service.effects, 1);
  signet_call_release(call);
}

/* That no list shows the entry does not make the service's no final. */
Test(retry_write, a_create_that_no_list_shows_is_not_said_to_be_refused)
{
  service.slow = true;
  signet_error error =
      comes_to(SIGNET_CREATE, LOST_LATEST, SIGNET_ERROR_UNKNOWN_OUTCOME, 2, 1);
  cr_expect_eq(error.outcome, SIGNET_OUTCOME_UNKNOWN);
  cr_expect_not_null(strstr(error.message, "it can be decided at"), "%s",
                     error.message);
}

static signet_call *start_template(void)
{
  static const char *const names[] = {"template_name", "template_type",
                                      "template_content", "country_codes"};
  static const char *const values[] = {"After", "utility", "Content", "CN"};
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_fields *fields = signet_fields_new();
  for (size_t i = 0; i < 4; i++)
    signet_fields_set_string(fields, names[i], values[i]);
  operation.kind = SIGNET_TEMPLATE;
  operation.verb = SIGNET_CREATE;
  operation.fields = fields;
  signet_call *call = signet_call_start(account, &operation, NULL, NULL);
  signet_fields_free(fields);
  cr_assert_not_null(call);
  return call;
}

/* Nothing keeps a second one from being made. */
Test(retry_write, a_create_of_a_template_is_sent_once)
{
  service.lost = LOST_BROKEN;
  signet_call *call = start_template();
  const signet_error *error = signet_call_wait(call);
  cr_assert_not_null(error);
  cr_expect_eq(error->kind, SIGNET_ERROR_UNKNOWN_OUTCOME, "%s", error->message);
  cr_expect_not_null(strstr(error->message, "it can be decided at"), "%s",
                     error->message);
  cr_expect_eq(service.writes, 1);
  cr_expect_eq(service.reads, 3);
  signet_call_release(call);
}

/* No reply said that it was created, and no list tells either. */
Test(retry_write, a_create_that_can_t_be_looked_for_is_not_said_to_be_there)
{
  static const lost ways[] = {LOST_BROKEN, LOST_BEFORE, LOST_AFTER};
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++, again()) {
    service.locked = true;
    signet_error error = comes_to(SIGNET_CREATE, ways[i],
                                  SIGNET_ERROR_UNKNOWN_OUTCOME, 1, i == 2);
    cr_expect_eq(error.outcome, SIGNET_OUTCOME_UNKNOWN);
    cr_expect_not_null(strstr(error.message,
                              "it is unknown whether it was created, and that "
                              "could not be read back: "),
                       "%s", error.message);
    cr_expect_null(strstr(error.message, "it was created, but"), "%s",
                   error.message);
  }
}

Test(retry_write, an_interrupt_leaves_it_unknown)
{
  service.lost = LOST_BEFORE;
  signet_call *call = start(SIGNET_UPDATE);
  while (!signet_call_settles(call))
    signet_loop_step(loop, 1000);
  signet_account_hold(account, true);
  signet_call_wait(call);
  cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_UNKNOWN);
  cr_expect_eq(service.writes, 1);
  signet_call_release(call);
}

Test(retry_write, whoever_is_not_let_in_asks_once)
{
  service.locked = true;
  comes_to(SIGNET_UPDATE, LOST_BROKEN, SIGNET_ERROR_UNKNOWN_OUTCOME, 1, 0);
  cr_expect_eq(service.reads, 2, "before, and once after");
}

/* Neither before nor after it is known that the service asks for time. */
Test(retry_write, an_interrupt_does_not_wait_out_a_pause)
{
  for (int late = 0; late < 2; late++, again()) {
    service.lost = LOST_BROKEN;
    service.busy = true;
    signet_call *call = start(SIGNET_UPDATE);
    while (late ? signet_account_paused(account) == 0
                : !signet_call_settles(call))
      signet_loop_step(loop, 1000);
    signet_account_hold(account, true);
    signet_call_wait(call);
    cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_UNKNOWN);
    cr_expect_eq(signet_call_verdict(call), SIGNET_VERDICT_OPEN);
    cr_expect_eq(service.writes, 1);
    signet_call_release(call);
  }
}

/* It says where the service is: to ask there is not ours to decide. */
Test(retry_write, a_redirect_is_not_sent_again)
{
  for (int i = 0; i < 2; i++, again()) {
    signet_error error =
        comes_to(changes[i], LOST_MOVED, SIGNET_ERROR_UNKNOWN_OUTCOME, 1, 0);
    cr_expect_eq(error.outcome, SIGNET_OUTCOME_UNKNOWN);
    cr_expect_not_null(strstr(error.message, "https://elsewhere.example/"));
  }
}

/* The second one is refused for what the first has done. */
Test(retry_write, what_was_throttled_too_late_is_found_out)
{
  for (int i = 0; i < 2; i++, again())
    comes_to(changes[i], LOST_DENIED, SIGNET_OK, 2, 1);
}

/* As any repetition: with jitter, and within the budget. */
Test(retry_write, another_attempt_waits_for_its_time)
{
  account->retry.backoff_ms = 3600 * 1000;
  account->retry.backoff_max_ms = 3600 * 1000;
  service.lost = LOST_ALWAYS;
  signet_call *call = start(SIGNET_UPDATE);
  while (call->step == NULL || call->step->http.attempts.timer == NULL)
    signet_loop_step(loop, 1000);
  cr_expect(call->write.uncertain);
  cr_expect_eq(service.writes, 1);
  signet_call_cancel(call);
  signet_call_wait(call);
  cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_UNKNOWN);
  signet_call_release(call);
}

Test(retry_write, other_attempts_stay_within_the_budget)
{
  enum { WRITES = 12, FLOOR = 2 };
  signet_call *calls[WRITES];
  const signet_retry *retry = &account->retry;
  size_t open = WRITES;
  account->retry.budget_percent = 0;
  account->retry.budget_floor = FLOOR;
  account->retry.breaker_failures = 0;
  service.lost = LOST_ALWAYS;
  for (size_t i = 0; i < WRITES; i++)
    calls[i] = start(SIGNET_UPDATE);
  while (open > 0) {
    uint64_t before = retry->repeated;
    signet_loop_step(loop, 1000);
    /* Without budget one goes at a time, when nothing else is under way. */
    cr_assert(retry->repeated <= FLOOR || retry->repeated - before <= 1);
    open = 0;
    for (size_t i = 0; i < WRITES; i++)
      open += !signet_call_is_done(calls[i]);
  }
  cr_expect_eq(service.writes, 3 * WRITES);
  for (size_t i = 0; i < WRITES; i++)
    signet_call_release(calls[i]);
}
