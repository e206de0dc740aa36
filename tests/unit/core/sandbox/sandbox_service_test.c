/* SPDX-License-Identifier: MIT */
/* The service over HTTP: both dialects, credentials, and bad requests. */
#include "sandbox/service.h"
#include "sandbox_client.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIGN_PATH "/v1/sign-configs/100000001"
#define SUCCESS "{\"code\":0,\"message\":\"success\"}"

static void begin(void)
{
  sandbox_begin();
  call_bare("PUT", "/__sandbox/state",
            "{\"version\":1,\"signs\":[{\"sign_id\":\"100000001\","
            "\"sign_name\":\"Company Name\",\"created_time\":1699000000,"
            "\"updated_time\":1699000000}]}");
}

TestSuite(sandbox_service, .init = begin, .fini = sandbox_end);

Test(sandbox_service, configs_signatures)
{
  expect_reply(200,
               "{\"sign_id\":\"100000001\",\"sign_name\":\"Company Name\","
               "\"status\":2,\"related_template_count\":0,\"audit_remark\":"
               "\"\",\"created_time\":1699000000,\"updated_time\":1699000000}",
               call("GET", SIGN_PATH, NULL));
  expect_reply(200,
               "[{\"sign_id\":\"100000001\",\"sign_name\":\"Company Name\","
               "\"status\":2,\"related_template_count\":0,\"audit_remark\":"
               "\"\",\"created_time\":1699000000,\"updated_time\":1699000000}]",
               call("GET", "/v1/sign-configs", NULL));
  expect_reply(200, "{\"sign_id\":\"100000002\"}",
               call("POST", "/v1/sign-configs", "{\"sign_name\":\"New\"}"));
  expect_reply(200, SUCCESS, call("PUT", SIGN_PATH, "{\"sign_name\":\"Re\"}"));
  expect_reply(400,
               "{\"code\":400,\"message\":\"can not update pending status "
               "sign\"}",
               call("PUT", SIGN_PATH, "{\"sign_name\":\"Re\"}"));
  expect_reply(200, SUCCESS, call("DELETE", SIGN_PATH, NULL));
  expect_reply(400, "{\"code\":400,\"message\":\"sign config not exist\"}",
               call("GET", SIGN_PATH, NULL));
  cr_expect_not_null(strstr(call("GET", "/v1/sign-configs", NULL)->head,
                            "Content-Type: application/json\r\n"));
}

Test(sandbox_service, configs_templates)
{
  static const char body[] =
      "{\"template_name\":\"Order\",\"template_type\":\"utility\","
      "\"template_content\":\"Hi\",\"country_codes\":\"CN\","
      "\"add_signature\":true,\"sign_id\":\"100000001\",\"sign_position\":2}";
  expect_reply(200, "{\"template_id\":\"100000002\"}",
               call("POST", "/v1/template-configs", body));
  const reply *got = call("GET", "/v1/template-configs", NULL);
  cr_expect_not_null(strstr(got->body, "[{\"template_id\":\"100000002\""));
  cr_expect_not_null(strstr(got->body, "\"sign_name\":\"Company Name\","
                                       "\"sign_position\":2,"
                                       "\"sign_status\":2,"));
  expect_reply(400,
               "{\"code\":400,\"message\":\"can not update pending status "
               "template\"}",
               call("PUT", "/v1/template-configs/100000002", body));
  call_bare("POST", "/__sandbox/review", "{}");
  expect_reply(200, SUCCESS,
               call("PUT", "/v1/template-configs/100000002", body));
  expect_reply(200, SUCCESS,
               call("DELETE", "/v1/template-configs/100000002", NULL));
  expect_reply(200, "[]", call("GET", "/v1/template-configs", NULL));
}

Test(sandbox_service, create_may_keep_the_id_to_itself)
{
  call_bare("PUT", "/__sandbox/options", "{\"create_tells_id\":false}");
  expect_reply(200, SUCCESS,
               call("POST", "/v1/sign-configs", "{\"sign_name\":\"New\"}"));
}

Test(sandbox_service, signs)
{
  expect_reply(200,
               "{\"result\":{\"sign_id\":100000001,\"sign_name\":\"Company "
               "Name\",\"create_time\":\"2023-11-03T16:26:40+0800\","
               "\"update_time\":\"2023-11-03T16:26:40+0800\"}}",
               call("GET", "/v1/signs/100000001", NULL));
  cr_expect_not_null(strstr(
      call("POST", "/v1/signs", "{\"sign_name\":\"光 & Söhne\"}")->body,
      "{\"result\":{\"sign_id\":100000002,\"sign_name\":\"光 & Söhne\","));
  cr_expect_not_null(
      strstr(call("GET", "/v1/signs", NULL)->body, "\"count\":2,\"total\":2}"));
  const reply *found =
      call("GET", "/v1/signs?x=1&sign_name=%E5%85%89+%26%20s%C3%B6", NULL);
  cr_expect_not_null(strstr(found->body, "\"count\":1,\"total\":1}"), "%s",
                     found->body);
  expect_reply(200, "{\"result\":[],\"count\":0,\"total\":0}",
               call("GET", "/v1/signs?sign_name=none", NULL));
  expect_reply(200, "{\"count\":1}",
               call("PUT", "/v1/signs/100000002", "{\"sign_name\":\"ccc\"}"));
  expect_reply(400, "{\"code\":34005,\"message\":\"Invalid sign_name\"}",
               call("PUT", "/v1/signs/100000002", "{\"sign_name\":\"c\"}"));
  expect_reply(200, "{\"count\":1}",
               call("DELETE", "/v1/signs/100000002", NULL));
  expect_reply(400, "{\"code\":34010,\"message\":\"sign not exists\"}",
               call("DELETE", "/v1/signs/100000002", NULL));
}

struct credentials {
  char header[120];
};

ParameterizedTestParameters(sandbox_service, credentials)
{
  static struct credentials cases[] = {
      {""},
      {"Authorization: Basic\r\n"},
      {"Authorization: Basic \r\n"},
      {"Authorization: Basic a2V5OnNlY3JldA=\r\n"},
      {"Authorization: Basic a2V5OnNlY3JldA==x\r\n"},
      {"Authorization: Basic a2V5OnNlY3JldB==\r\n"},
      {"Authorization: Bearer a2V5OnNlY3JldA==\r\n"},
      {"Authorization: a2V5OnNlY3JldA==\r\n"},
      {"Authorization: Basic !!!!\r\n"},
  };
  return cr_make_param_array(struct credentials, cases,
                             sizeof cases / sizeof *cases);
}

ParameterizedTest(struct credentials *one, sandbox_service, credentials)
{
  expect_reply(401, "{\"code\":2001,\"message\":\"authentication failed\"}",
               call_with(one->header, "DELETE", SIGN_PATH, NULL));
  expect_reply(401, "{\"code\":30000,\"message\":\"Authentication failed\"}",
               call_with(one->header, "DELETE", "/v1/signs/100000001", NULL));
  cr_expect_eq(call("GET", SIGN_PATH, NULL)->status, 200);
  expect_reply(200, "[]",
               call_bare("GET", "/__sandbox/requests?effect=true", NULL));
}

Test(sandbox_service, the_scheme_s_case_is_free)
{
  cr_expect_eq(call_with("authorization: bAsIc  a2V5OnNlY3JldA==\r\n", "GET",
                         SIGN_PATH, NULL)
                   ->status,
               200);
}

struct bad {
  char method[8];
  char path[80];
  char body[120];
  int status;
  char text[120];
};

ParameterizedTestParameters(sandbox_service, bad_requests)
{
  static struct bad cases[] = {
      {"GET", "/", "", 404, "no such path"},
      {"GET", "/v1/sign-config", "", 404, "no such path"},
      {"GET", "/v1/sign-configs2", "", 404, "no such path"},
      {"GET", "/v1/sign-configs/", "", 404, "no such path"},
      {"GET", "/v1/sign-configs/1/2", "", 404, "no such path"},
      {"GET", "/v1/../v1/sign-configs", "", 404, "no such path"},
      {"GET", "/v1/sign-configs/%31%30", "", 400, "sign config not exist"},
      {"GET", "/v1/sign-configs/1%2F2", "", 400, "invalid signId"},
      {"GET", "/v1/sign-configs/%00", "", 400, "invalid signId"},
      {"GET", "/v1/sign-configs/%zz", "", 400, "invalid signId"},
      {"GET", "/v1/template-configs/1x", "", 400, "invalid templateId"},
      {"POST", "/v1/sign-configs/1", "", 405, "method not allowed"},
      {"PUT", "/v1/sign-configs", "{}", 405, "method not allowed"},
      {"PATCH", "/v1/signs/1", "{}", 405, "method not allowed"},
      {"OPTIONS", "/v1/signs", "", 405, "method not allowed"},
      {"POST", "/v1/sign-configs", "", 400, "parameter format error"},
      {"POST", "/v1/sign-configs", "{", 400, "parameter format error"},
      {"POST", "/v1/sign-configs", "[]", 400, "a JSON object is expected"},
      {"POST", "/v1/sign-configs", "null", 400, "a JSON object is expected"},
      {"POST", "/v1/sign-configs", "{} {}", 400, "parameter format error"},
      {"POST", "/v1/sign-configs", "{\"sign_name\":\"a\xff\"}", 400, "UTF-8"},
      {"POST", "/v1/sign-configs", "{\"sign_name\":[1]}", 400,
       "sign_name must be a string"},
      {"POST", "/v1/template-configs", "{}", 400, "is missing"},
      {"POST", "/v1/signs", "[", 400, "Invalid sign_name"},
      {"PUT", "/v1/signs/1", "{\"sign_name\":1e999}", 400, "Invalid sign_name"},
  };
  return cr_make_param_array(struct bad, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct bad *one, sandbox_service, bad_requests)
{
  const reply *got = call(one->method, one->path, one->body);
  cr_expect_eq(got->status, one->status, "%d %s", got->status, got->body);
  cr_expect_not_null(strstr(got->body, one->text), "%s", got->body);
  cr_expect_not_null(strstr(got->body, "{\"code\":"));
  cr_expect_eq(call("GET", SIGN_PATH, NULL)->status, 200);
  expect_reply(200, "[]",
               call_bare("GET", "/__sandbox/requests?effect=true", NULL));
}

Test(sandbox_service, escapes_are_two_digits)
{
  static const char *const broken[] = {"%",   "1%",  "%3",  "%3:", "%3/",
                                       "%:1", "%g1", "%G1", "%1g", "%1G",
                                       "%@1", "%`1", "%+1", "1+1"};
  char path[80];
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    snprintf(path, sizeof path, "/v1/sign-configs/%s", broken[i]);
    const reply *got = call("GET", path, NULL);
    cr_expect_neq(got->status, 200, "%s", path);
    cr_expect(strstr(got->body, "invalid signId") != NULL ||
                  strstr(got->body, "no such path") != NULL,
              "%s: %s", path, got->body);
  }
  call("POST", "/v1/signs", "{\"sign_name\":\"J\\u00fcrgen\"}");
  cr_expect_not_null(strstr(
      call("GET", "/v1/signs?sign_name=%c3%bC", NULL)->body, "\"count\":1,"));
  cr_expect_not_null(
      strstr(call("GET", "/v1/signs?sign_name=J%C3%Bcrgen&a", NULL)->body,
             "\"count\":1,"));
  /* Neither another parameter nor a broken one is a filter. */
  cr_expect_not_null(
      strstr(call("GET", "/v1/signs?sign_names=J&sign_name=%z", NULL)->body,
             "\"count\":2,"));
}

Test(sandbox_service, a_405_tells_what_is_allowed)
{
  cr_expect_not_null(strstr(call("PATCH", SIGN_PATH, "{}")->head,
                            "Allow: GET, PUT, DELETE\r\n"));
  cr_expect_not_null(
      strstr(call("DELETE", "/v1/signs", NULL)->head, "Allow: GET, POST\r\n"));
}

Test(sandbox_service, a_body_may_have_1_MiB_and_no_more)
{
  enum { MIB = 1 << 20 };
  static char body[MIB + 2];
  memset(body, ' ', sizeof body - 1);
  memcpy(body, "{\"sign_name\":\"Large\"}", 21);
  body[MIB] = '\0';
  cr_expect_eq(call("POST", "/v1/sign-configs", body)->status, 200);
  body[MIB] = ' ';
  const reply *got = call("POST", "/v1/sign-configs", body);
  expect_reply(
      413, "{\"code\":413,\"message\":\"the body is larger than 1 MiB\"}", got);
  static char larger[2 * MIB + 1];
  memset(larger, ' ', sizeof larger - 1);
  expect_reply(413,
               "{\"code\":413,\"message\":\"the body is larger than 1 MiB\"}",
               call("PUT", SIGN_PATH, larger));
}

Test(sandbox_service, a_chunked_body_is_read)
{
  static const char request[] =
      "POST /v1/sign-configs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      "Authorization: Basic a2V5OnNlY3JldA==\r\n"
      "Transfer-Encoding: chunked\r\n\r\n"
      "7\r\n{\"sign_\r\nd\r\nname\":\"Chunk\"\r\n1\r\n}\r\n0\r\n\r\n";
  const reply *got = call_raw(request, sizeof request - 1);
  cr_expect_eq(got->status, 200, "%s", got->body);
}

Test(sandbox_service, requests_share_a_connection)
{
  static const char request[] = "GET " SIGN_PATH " HTTP/1.1\r\nHost: x\r\n"
                                "Authorization: Basic a2V5OnNlY3JldA==\r\n\r\n";
  char text[4096];
  int file = connect_to_sandbox();
  for (int i = 0; i < 200; i++) {
    size_t length = 0;
    cr_assert_gt(send(file, request, sizeof request - 1, MSG_NOSIGNAL), 0);
    do {
      ssize_t size = recv(file, text + length, sizeof text - length - 1, 0);
      cr_assert_gt(size, 0);
      length += (size_t)size;
      text[length] = '\0';
    } while (strstr(text, "1699000000}") == NULL);
  }
  close(file);
}

Test(sandbox_service, nonsense_does_no_harm)
{
  static const char *const pieces[] = {
      "GET",
      "\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01",
      "GET / HTTP/9.9\r\n\r\n",
      "GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "POST /v1/signs HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
      "POST /v1/signs HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
      ("POST /v1/signs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
       "chunked\r\n\r\nzz\r\n"),
      "GET /__sandbox/ HTTP/1.1\r\n\r\n",
  };
  unsigned dice = 7;
  for (size_t i = 0; i < 400; i++) {
    char noise[200];
    size_t length;
    int file = connect_to_sandbox();
    if (i < sizeof pieces / sizeof *pieces) {
      length = strlen(pieces[i]);
      memcpy(noise, pieces[i], length);
    } else {
      length = sizeof noise;
      for (size_t j = 0; j < length; j++)
        noise[j] = (char)((dice = dice * 1664525 + 1013904223) >> 24);
    }
    send(file, noise, length, MSG_NOSIGNAL);
    shutdown(file, SHUT_WR);
    close(file);
  }
  cr_expect_eq(call("GET", SIGN_PATH, NULL)->status, 200);
}

Test(sandbox_service, a_long_path_does_no_harm)
{
  static char path[9000];
  memset(path, 'a', sizeof path - 1);
  memcpy(path, "/v1/sign-configs/", 17);
  expect_reply(400, "{\"code\":400,\"message\":\"invalid signId\"}",
               call("GET", path, NULL));
  path[8] = '\0';
}

static double seconds_for_list(void)
{
  int64_t begin_ms = now_ms();
  cr_expect(call("GET", "/v1/template-configs", NULL)->whole);
  return (double)(now_ms() - begin_ms) / 1000;
}

Test(sandbox_service, a_list_of_100_000_templates_takes_its_time_once)
{
  call_bare("POST", "/__sandbox/reset", "{\"signs\":100,\"templates\":10000}");
  double small = seconds_for_list();
  call_bare("POST", "/__sandbox/reset", "{\"signs\":100,\"templates\":100000}");
  double large = seconds_for_list();
  /* Ten times the entries: about ten times the time, not a hundred. */
  cr_expect_lt(large, small * 40 + 1);
}
