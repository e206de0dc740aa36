/* SPDX-License-Identifier: MIT */
/* Faults: when they hit, and what the client and the world see. */
#include "sandbox_client.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATH "/v1/signs/100000001"
#define RENAME "{\"sign_name\":\"Renamed\"}"

static void begin(void)
{
  sandbox_begin();
  call("POST", "/v1/signs", "{\"sign_name\":\"Company\"}");
}

static void fault(const char *body)
{
  const reply *got = call_bare("POST", "/__sandbox/faults", body);
  cr_assert_eq(got->status, 200, "%s", got->body);
}

/* Seen by the other dialect, which no fault of these tests is about. */
static bool renamed(void)
{
  return strstr(call("GET", "/v1/sign-configs/100000001", NULL)->body,
                "Renamed") != NULL;
}

static int status_of(const char *method)
{
  return call(method, PATH, RENAME)->status;
}

TestSuite(sandbox_fault, .init = begin, .fini = sandbox_end);

Test(sandbox_fault, a_status_hides_no_effect)
{
  fault("{\"method\":\"PUT\",\"path\":\"/v1/signs/*\",\"status\":500}");
  expect_reply(500, "{\"code\":500,\"message\":\"Internal server error\"}",
               call("PUT", PATH, RENAME));
  cr_expect_not(renamed());
  cr_expect_eq(status_of("GET"), 200);
}

Test(sandbox_fault, a_status_may_hide_an_effect)
{
  fault("{\"method\":\"PUT\",\"status\":503,\"effect\":true}");
  cr_expect_eq(status_of("PUT"), 503);
  cr_expect(renamed());
}

Test(sandbox_fault, a_limit_spares_so_many_at_once)
{
  int spared = 0;
  fault("{\"per_second\":1,\"burst\":5,\"status\":429}");
  while (spared < 1000 && status_of("GET") == 200)
    spared++;
  cr_expect(spared >= 5 && spared < 1000, "%d were spared", spared);
}

/* However slow the machine is, it can't spare more than time has brought. */
Test(sandbox_fault, a_limit_spares_so_many_a_second)
{
  enum { RATE = 40, ASKED = 200 };
  int spared = 0;
  fault("{\"per_second\":40,\"burst\":1,\"status\":429}");
  int64_t began = now_ms();
  for (int i = 0; i < ASKED; i++)
    spared += status_of("GET") == 200;
  int64_t most = (now_ms() - began) * RATE / 1000 + 2;
  cr_expect_leq(spared, most, "%d were spared", spared);
  cr_expect_geq(spared, 1);
}

/* Refused ones mean that a second was used up, however slow the machine is. */
Test(sandbox_fault, a_limit_may_count_those_of_a_second)
{
  enum { RATE = 20, ASKED = 200 };
  int spared = 0, most = 0, in_a_row = 0;
  fault("{\"per_second\":20,\"counted\":true,\"status\":429}");
  int64_t began = now_ms();
  for (int i = 0; i < ASKED; i++) {
    bool spares = status_of("GET") == 200;
    spared += spares;
    in_a_row = spares ? in_a_row + 1 : 0;
    most = in_a_row > most ? in_a_row : most;
  }
  int64_t seconds = (now_ms() - began) / 1000 + 2;
  cr_expect_leq(spared, seconds * RATE, "%d were spared", spared);
  cr_expect_geq(most, RATE, "%d in a row", most);
}

Test(sandbox_fault, a_429_says_when_to_come_back)
{
  fault("{\"status\":429,\"headers\":{\"Retry-After\":\"2\"},\"count\":1}");
  const reply *got = call("GET", PATH, NULL);
  cr_expect_eq(got->status, 429);
  cr_expect_not_null(strstr(got->head, "Retry-After: 2\r\n"));
  cr_expect_not_null(strstr(got->head, "Content-Type: application/json\r\n"));
  cr_expect_eq(status_of("GET"), 200);
}

Test(sandbox_fault, bodies_are_json_or_any_text)
{
  fault(
      "{\"status\":400,\"body\":{\"code\":77,\"message\":\"x\"},\"count\":1}");
  expect_reply(400, "{\"code\":77,\"message\":\"x\"}", call("GET", PATH, NULL));
  fault("{\"status\":502,\"body\":\"<html>\",\"count\":1,"
        "\"headers\":{\"content-type\":\"text/html\"}}");
  const reply *got = call("GET", PATH, NULL);
  cr_expect_eq(strcmp(got->body, "<html>"), 0);
  cr_expect_not_null(strstr(got->head, "text/html"));
  cr_expect_null(strstr(got->head, "application/json"));
  fault("{\"status\":200,\"body\":\"\",\"count\":1}");
  expect_reply(200, "", call("GET", PATH, NULL));
}

Test(sandbox_fault, closing_before_and_after_the_effect)
{
  fault("{\"method\":\"PUT\",\"close\":\"before\",\"count\":1}");
  cr_expect_eq(status_of("PUT"), 0);
  cr_expect_not(renamed());
  fault("{\"method\":\"PUT\",\"close\":\"after\",\"count\":1}");
  cr_expect_eq(status_of("PUT"), 0);
  cr_expect(renamed());
  const reply *log =
      call_bare("GET", "/__sandbox/requests?method=PUT&status=0", NULL);
  cr_expect_not_null(strstr(log->body, "\"effect\":false,\"fault\":1"));
  cr_expect_not_null(strstr(log->body, "\"effect\":true,\"fault\":2"));
}

Test(sandbox_fault, a_body_is_cut_at_any_byte)
{
  char rule[100];
  char whole[512];
  snprintf(whole, sizeof whole, "%.500s", call("GET", PATH, NULL)->body);
  for (size_t cut = 0; cut < strlen(whole); cut++) {
    call_bare("DELETE", "/__sandbox/faults", NULL);
    snprintf(rule, sizeof rule, "{\"cut_after\":%zu}", cut);
    fault(rule);
    const reply *got = call("GET", PATH, NULL);
    cr_expect_eq(got->status, 200);
    cr_expect_eq(got->length, cut);
    cr_expect_not(got->whole);
    cr_expect_eq(strncmp(got->body, whole, cut), 0);
  }
  call_bare("DELETE", "/__sandbox/faults", NULL);
  fault("{\"cut_after\":100000}");
  cr_expect(call("GET", PATH, NULL)->whole);
}

Test(sandbox_fault, a_delay_comes_after_the_effect_or_before_it)
{
  int64_t begin_ms = now_ms();
  fault("{\"method\":\"PUT\",\"delay_ms\":150,\"count\":1}");
  cr_expect_eq(status_of("PUT"), 200);
  cr_expect_geq(now_ms() - begin_ms, 149);
  cr_expect(renamed());
}

Test(sandbox_fault, a_late_effect_comes_even_when_the_client_has_gone)
{
  static const char request[] =
      "PUT " PATH " HTTP/1.1\r\nHost: x\r\n"
      "Authorization: Basic a2V5OnNlY3JldA==\r\nContent-Length: "
      "23\r\n\r\n" RENAME;
  fault("{\"method\":\"PUT\",\"delay_ms\":200,\"effect\":\"late\"}");
  int file = connect_to_sandbox();
  cr_expect_gt(send(file, request, sizeof request - 1, MSG_NOSIGNAL), 0);
  usleep(50000);
  close(file);
  cr_expect_not(renamed());
  usleep(300000);
  cr_expect(renamed());
}

Test(sandbox_fault, the_nth_request)
{
  fault("{\"method\":\"GET\",\"path\":\"" PATH "\",\"nth\":3,\"status\":500}");
  static const int wanted[] = {200, 200, 500, 200, 200, 200};
  for (size_t i = 0; i < 6; i++)
    cr_expect_eq(status_of("GET"), wanted[i], "%zu", i);
  const reply *got = call_bare("GET", "/__sandbox/faults", NULL);
  expect_reply(200,
               "[{\"id\":1,\"method\":\"GET\",\"path\":\"/v1/signs/100000001\","
               "\"nth\":3,\"every\":1,\"count\":1,\"status\":500,"
               "\"effect\":false,\"seen\":6,\"fired\":1}]",
               got);
}

Test(sandbox_fault, every_kth_request_up_to_a_count)
{
  fault("{\"path\":\"" PATH "\",\"every\":2,\"count\":2,\"status\":500}");
  static const int wanted[] = {200, 500, 200, 500, 200, 200};
  for (size_t i = 0; i < 6; i++)
    cr_expect_eq(status_of("GET"), wanted[i], "%zu", i);
}

Test(sandbox_fault, from_the_nth_on)
{
  fault("{\"path\":\"" PATH "\",\"nth\":2,\"every\":3,\"status\":500}");
  static const int wanted[] = {200, 500, 200, 200, 500, 200};
  for (size_t i = 0; i < 6; i++)
    cr_expect_eq(status_of("GET"), wanted[i], "%zu", i);
}

Test(sandbox_fault, the_first_rule_whose_turn_it_is_wins)
{
  fault("{\"path\":\"" PATH "\",\"every\":2,\"status\":501}");
  fault("{\"path\":\"" PATH "\",\"every\":3,\"status\":502}");
  static const int wanted[] = {200, 501, 502, 501, 200, 501};
  for (size_t i = 0; i < 6; i++)
    cr_expect_eq(status_of("GET"), wanted[i], "%zu", i);
  expect_reply(404, "{\"code\":404,\"message\":\"no fault has this id\"}",
               call_bare("DELETE", "/__sandbox/faults/7", NULL));
  cr_expect_eq(call_bare("DELETE", "/__sandbox/faults/x", NULL)->status, 404);
  cr_expect_null(strstr(call_bare("DELETE", "/__sandbox/faults/1", NULL)->body,
                        "\"id\":1"));
}

Test(sandbox_fault, the_control_api_and_its_counters_are_spared)
{
  fault("{\"path\":\"*\",\"close\":\"before\"}");
  cr_expect_eq(status_of("GET"), 0);
  const reply *got = call_bare("GET", "/__sandbox/stats", NULL);
  cr_expect_not_null(strstr(got->body, "\"faults\":1,\"closed\":1,"));
}

Test(sandbox_fault, a_fault_may_be_removed_while_it_delays)
{
  static const char request[] = "GET " PATH " HTTP/1.1\r\nHost: x\r\n"
                                "Connection: close\r\nAuthorization: Basic "
                                "a2V5OnNlY3JldA==\r\n\r\n";
  char text[1000];
  fault("{\"delay_ms\":150,\"status\":418}");
  int file = connect_to_sandbox();
  cr_expect_gt(send(file, request, sizeof request - 1, MSG_NOSIGNAL), 0);
  usleep(40000);
  call_bare("DELETE", "/__sandbox/faults", NULL);
  ssize_t size = recv(file, text, sizeof text - 1, 0);
  cr_assert_gt(size, 12);
  cr_expect_eq(strncmp(text, "HTTP/1.1 418", 12), 0);
  close(file);
}

Test(sandbox_fault, stopping_does_not_wait_for_delays)
{
  static const char request[] = "GET " PATH " HTTP/1.1\r\nHost: x\r\n\r\n";
  int files[20];
  fault("{\"delay_ms\":60000}");
  for (size_t i = 0; i < 20; i++) {
    files[i] = connect_to_sandbox();
    cr_expect_gt(send(files[i], request, sizeof request - 1, MSG_NOSIGNAL), 0);
  }
  usleep(50000);
  int64_t begin_ms = now_ms();
  cr_expect(sandbox_finish());
  cr_expect_lt(now_ms() - begin_ms, 900);
  for (size_t i = 0; i < 20; i++)
    close(files[i]);
}

struct wrong {
  char body[160];
  char message[140];
};

Test(sandbox_fault, from_the_nth_on_so_often)
{
  fault("{\"method\":\"GET\",\"nth\":2,\"count\":2,\"status\":500}");
  cr_expect_eq(status_of("GET"), 200);
  cr_expect_eq(status_of("GET"), 500);
  cr_expect_eq(status_of("GET"), 500);
  cr_expect_eq(status_of("GET"), 200);
}

Test(sandbox_fault, a_late_effect_may_go_with_a_close)
{
  fault("{\"close\":\"after\",\"effect\":\"late\",\"delay_ms\":1}");
  cr_expect_eq(status_of("PUT"), 0);
  call_bare("DELETE", "/__sandbox/faults", NULL);
  cr_expect(renamed());
}

Test(sandbox_fault, a_header_may_replace_the_content_type)
{
  fault("{\"status\":200,\"body\":\"a\",\"headers\":{\"content-type\":"
        "\"text/plain\",\"X\":\"y\"}}");
  const reply *got = call("GET", PATH, NULL);
  cr_expect_not_null(strstr(got->head, "text/plain"));
  cr_expect_not_null(strstr(got->head, "X: y"));
  cr_expect_null(strstr(got->head, "application/json"));
}

ParameterizedTestParameters(sandbox_fault, wrong_rules)
{
  static struct wrong cases[] = {
      {"[]", "a fault must be an object"},
      {"{}", "the fault does nothing"},
      {"{\"status\":99}", "status must be an HTTP status of 200 to 599"},
      {"{\"status\":\"500\"}", "status must be an HTTP status"},
      {"{\"nth\":0,\"status\":500}", "nth must be an integer of 1 to"},
      {"{\"per_second\":0,\"status\":429}",
       "per_second must be an integer of 1 to"},
      {"{\"burst\":2,\"status\":429}", "per_second is missing beside burst"},
      {"{\"counted\":true,\"status\":429}",
       "per_second is missing beside counted"},
      {"{\"counted\":1,\"status\":429}", "counted must be true or false"},
      {"{\"per_second\":2,\"burst\":2,\"counted\":true,\"status\":429}",
       "burst can't go with counted"},
      {"{\"every\":0,\"status\":500}", "every must be an integer of 1 to"},
      {"{\"count\":-1,\"status\":500}", "count must be an integer"},
      {"{\"close\":\"now\"}", "close must be"},
      {"{\"close\":\"after\",\"status\":500}", "close can't go with status"},
      {"{\"close\":\"after\",\"effect\":false}", "close says by itself"},
      {"{\"effect\":1,\"status\":500}", "effect must be true, false or"},
      {"{\"delay_ms\":-1}", "delay_ms must be"},
      {"{\"cut_after\":-1}", "cut_after must be"},
      {"{\"body\":\"x\"}", "status is missing beside body or headers"},
      {"{\"status\":200,\"headers\":{\"Content-Length\":\"1\"}}",
       "headers must be"},
      {"{\"status\":200,\"headers\":{\"A\":\"b\\r\\nC: d\"}}",
       "headers must be"},
      {"{\"status\":200,\"headers\":{\"A b\":\"c\"}}", "headers must be"},
      {"{\"status\":200,\"headers\":[]}", "headers must be"},
      {"{\"status\":200,\"headers\":{\"A\":1}}", "headers must be"},
      {"{\"status\":200,\"headers\":{\"A\":\"b\\u0000c\"}}", "headers must be"},
      {"{\"close\":1}", "close must be"},
      {"{\"close\":\"after\",\"cut_after\":1}", "close can't go with status"},
      {"{\"effect\":\"soon\",\"status\":500}", "effect must be true, false or"},
      {"{\"nth\":1000000001,\"status\":500}",
       "nth must be an integer of 1 to 1000000000"},
      {"{\"count\":1000000001,\"status\":500}",
       "count must be an integer of 0 to 1000000000"},
      {"{\"method\":1,\"status\":500}", "method must be a string"},
      {"{\"path\":null,\"status\":500}", "path must be a shell pattern"},
      {"{\"stauts\":500}", "stauts is no field of a fault"},
  };
  return cr_make_param_array(struct wrong, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct wrong *one, sandbox_fault, wrong_rules)
{
  const reply *got = call_bare("POST", "/__sandbox/faults", one->body);
  cr_expect_eq(got->status, 400, "%s", one->body);
  cr_expect_not_null(strstr(got->body, one->message), "%s", got->body);
  expect_reply(200, "[]", call_bare("GET", "/__sandbox/faults", NULL));
}
