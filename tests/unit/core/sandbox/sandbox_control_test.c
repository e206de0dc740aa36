/* SPDX-License-Identifier: MIT */
/* The control API: state, options, reviews, locks, log, counters, stopping. */
#include "folder.h"
#include "sandbox/control.h"
#include "sandbox_client.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH "/v1/sign-configs/100000001"

static void add_sign(const char *name)
{
  char body[100];
  snprintf(body, sizeof body, "{\"sign_name\":\"%s\"}", name);
  cr_assert_eq(call("POST", "/v1/sign-configs", body)->status, 200);
}

static const reply *control(const char *method, const char *path,
                            const char *body)
{
  return call_bare(method, path, body);
}

static bool shows(const char *path, const char *text)
{
  return strstr(call("GET", path, NULL)->body, text) != NULL;
}

static void pause_ms(long ms)
{
  usleep((useconds_t)ms * 1000);
}

TestSuite(sandbox_control, .init = sandbox_begin, .fini = sandbox_end);

Test(sandbox_control, the_root_lists_the_routes)
{
  const reply *got = control("GET", "/__sandbox/", NULL);
  cr_expect_eq(got->status, 200);
  cr_expect_not_null(strstr(got->body, "\"DELETE /__sandbox/faults/ID\""));
  cr_expect_eq(control("GET", "/__sandbox", NULL)->status, 200);
  cr_expect_eq(control("GET", "/__sandbox/nothing", NULL)->status, 404);
  cr_expect_eq(control("GET", "/__sandbox/state/1", NULL)->status, 404);
  cr_expect_eq(control("POST", "/__sandbox/state", "{}")->status, 405);
  cr_expect_eq(control("GET", "/__sandboxes", NULL)->status, 404);
}

Test(sandbox_control, state_goes_out_and_in_again)
{
  add_sign("Company");
  char *state = strdup(control("GET", "/__sandbox/state", NULL)->body);
  add_sign("Another");
  expect_reply(200, "{\"signs\":1,\"templates\":0}",
               control("PUT", "/__sandbox/state", state));
  expect_reply(200, state, control("GET", "/__sandbox/state", NULL));
  free(state);
  expect_reply(400, "{\"code\":400,\"message\":\"version is missing\"}",
               control("PUT", "/__sandbox/state", "{}"));
  cr_expect_eq(control("PUT", "/__sandbox/state", "")->status, 400);
  cr_expect(shows(PATH, "Company"));
}

Test(sandbox_control, without_a_state_file_there_is_nothing_to_save)
{
  expect_reply(400,
               "{\"code\":400,\"message\":\"the sandbox has no state file\"}",
               control("POST", "/__sandbox/save", NULL));
}

Test(sandbox_control, reset_begins_anew)
{
  add_sign("Company");
  control("PUT", "/__sandbox/options",
          "{\"latency_ms\":1,\"delete_pending\":false}");
  control("POST", "/__sandbox/faults", "{\"status\":500}");
  expect_reply(200, "{\"signs\":20,\"templates\":30}",
               control("POST", "/__sandbox/reset",
                       "{\"signs\":20,\"templates\":30,\"seed\":5}"));
  expect_reply(200, "[]", control("GET", "/__sandbox/faults", NULL));
  expect_reply(200, "[]", control("GET", "/__sandbox/requests", NULL));
  cr_expect_not_null(strstr(control("GET", "/__sandbox/options", NULL)->body,
                            "\"delete_pending\":true"));
  expect_reply(200, "{\"signs\":0,\"templates\":0}",
               control("POST", "/__sandbox/reset", NULL));
  expect_reply(200, "[]", call("GET", "/v1/sign-configs", NULL));
}

Test(sandbox_control, options_are_changed_one_by_one)
{
  expect_reply(200,
               "{\"test_rule\":\"word\",\"delete_pending\":true,"
               "\"free_name_on_submit\":true,\"review_unchanged\":true,"
               "\"length_in_bytes\":false,\"delete_used_sign\":true,"
               "\"create_tells_id\":true,\"max_signs\":100,\"latency_ms\":0}",
               control("GET", "/__sandbox/options", NULL));
  expect_reply(200,
               "{\"test_rule\":\"exact\",\"delete_pending\":true,"
               "\"free_name_on_submit\":true,\"review_unchanged\":true,"
               "\"length_in_bytes\":false,\"delete_used_sign\":true,"
               "\"create_tells_id\":true,\"max_signs\":3,\"latency_ms\":5}",
               control("PUT", "/__sandbox/options",
                       "{\"test_rule\":\"exact\",\"max_signs\":3,"
                       "\"latency_ms\":5}"));
  /* One wrong member, and none is changed. */
  expect_reply(400,
               "{\"code\":400,\"message\":\"delete_pending must be true or "
               "false\"}",
               control("PUT", "/__sandbox/options",
                       "{\"max_signs\":9,\"delete_pending\":0}"));
  cr_expect_not_null(strstr(control("GET", "/__sandbox/options", NULL)->body,
                            "\"max_signs\":3"));
}

Test(sandbox_control, latency_is_added_to_the_service_only)
{
  add_sign("Company");
  control("PUT", "/__sandbox/options", "{\"latency_ms\":120}");
  int64_t begin = now_ms();
  cr_expect(shows(PATH, "Company"));
  cr_expect_geq(now_ms() - begin, 119);
  begin = now_ms();
  control("GET", "/__sandbox/stats", NULL);
  cr_expect_lt(now_ms() - begin, 100);
}

Test(sandbox_control, reviews_by_id_and_by_name)
{
  add_sign("Acme One");
  add_sign("Acme Two");
  add_sign("Other");
  expect_reply(200, "{\"reviewed\":1}",
               control("POST", "/__sandbox/review",
                       "{\"kind\":\"sign\",\"id\":\"100000003\","
                       "\"status\":\"rejected\",\"remark\":\"no\"}"));
  cr_expect(shows("/v1/sign-configs/100000003", "\"audit_remark\":\"no\""));
  expect_reply(404,
               "{\"code\":404,\"message\":\"no pending entry has this id\"}",
               control("POST", "/__sandbox/review", "{\"id\":100000003}"));
  expect_reply(200, "{\"reviewed\":2}",
               control("POST", "/__sandbox/review", "{\"name\":\"Acme*\"}"));
  cr_expect(shows(PATH, "\"status\":2"));
  expect_reply(200, "{\"reviewed\":0}",
               control("POST", "/__sandbox/review", "{}"));
  add_sign("Strange");
  expect_reply(200, "{\"reviewed\":1}",
               control("POST", "/__sandbox/review", "{\"status\":17}"));
  cr_expect(shows("/v1/sign-configs/100000004", "\"status\":17"));
}

Test(sandbox_control, the_scripted_reviewer)
{
  expect_reply(200,
               "[\n {\"kind\":\"sign\",\"name\":\"Bad*\",\"after_ms\":0,"
               "\"status\":3,\"remark\":\"bad\"},\n {\"kind\":\"any\","
               "\"name\":\"*\",\"after_ms\":80,\"status\":2,\"remark\":\"\"}]",
               control("PUT", "/__sandbox/reviewer",
                       "[{\"kind\":\"sign\",\"name\":\"Bad*\","
                       "\"status\":\"rejected\",\"remark\":\"bad\"},"
                       "{\"after_ms\":80}]"));
  add_sign("Good");
  add_sign("Bad one");
  cr_expect(shows(PATH, "\"status\":1"));
  pause_ms(160);
  cr_expect(shows(PATH, "\"status\":2"));
  cr_expect(shows("/v1/sign-configs/100000002", "\"audit_remark\":\"bad\""));
  expect_reply(200, "[]", control("DELETE", "/__sandbox/reviewer", NULL));
  cr_expect_eq(control("PUT", "/__sandbox/reviewer", "{}")->status, 400);
}

Test(sandbox_control, the_clock_can_be_put_forward)
{
  control("PUT", "/__sandbox/reviewer", "[{\"after_ms\":86400000}]");
  add_sign("Company");
  cr_expect_eq(
      control("POST", "/__sandbox/advance", "{\"ms\":86300000}")->status, 200);
  cr_expect(shows(PATH, "\"status\":1"));
  control("POST", "/__sandbox/advance", "{\"ms\":100000}");
  cr_expect(shows(PATH, "\"status\":2"));
  cr_expect_eq(control("POST", "/__sandbox/advance", "{\"ms\":-1}")->status,
               400);
  cr_expect_eq(control("POST", "/__sandbox/advance", "{}")->status, 400);
  for (int i = 0; i < 3; i++)
    control("POST", "/__sandbox/advance", "{\"ms\":315360000000}");
  cr_expect_eq(control("GET", "/__sandbox/stats", NULL)->status, 200);
}

Test(sandbox_control, plans_lock)
{
  add_sign("Company");
  control("POST", "/__sandbox/review", "{}");
  expect_reply(200, "{\"locked\":1}",
               control("POST", "/__sandbox/lock",
                       "{\"kind\":\"sign\",\"id\":\"100000001\"}"));
  expect_reply(400,
               "{\"code\":400,\"message\":\"there are pending or running "
               "plans using current sign, can not update\"}",
               call("PUT", PATH, "{\"sign_name\":\"New\"}"));
  expect_reply(404, "{\"code\":404,\"message\":\"no entry has this id\"}",
               control("POST", "/__sandbox/lock", "{\"id\":\"5\"}"));
  expect_reply(200, "{\"unlocked\":1}",
               control("POST", "/__sandbox/unlock", "{\"name\":\"Comp*\"}"));
  cr_expect_eq(call("PUT", PATH, "{\"sign_name\":\"New\"}")->status, 200);
}

Test(sandbox_control, the_log_tells_what_was_done)
{
  add_sign("Company");
  call("PUT", PATH "?x=%20", "{\"sign_name\":\"New\"}");
  call_bare("GET", "/v1/signs", NULL);
  const reply *got = control("GET", "/__sandbox/requests", NULL);
  cr_expect_not_null(strstr(got->body, "\"method\":\"POST\",\"path\":"
                                       "\"/v1/sign-configs\",\"status\":200,"
                                       "\"effect\":true,\"body\":"
                                       "\"{\\\"sign_name\\\":\\\"Company"));
  cr_expect_not_null(strstr(got->body, "100000001?x=%20\",\"status\":400,"
                                       "\"effect\":false"));
  cr_expect_not_null(
      strstr(got->body, "\"path\":\"/v1/signs\",\"status\":401"));
  static const struct {
    const char *query;
    const char *number;
  } filters[] = {
      {"method=PUT", "{\"number\":2,"},  {"status=401", "{\"number\":3,"},
      {"effect=true", "{\"number\":1,"}, {"after=2", "{\"number\":3,"},
      {"limit=1", "{\"number\":3,"},     {"path=/v1/signs", "{\"number\":3,"},
      {"path=*x%3D*", "{\"number\":2,"},
  };
  for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
    char path[80];
    snprintf(path, sizeof path, "/__sandbox/requests?%s", filters[i].query);
    got = control("GET", path, NULL);
    const char *first = strstr(got->body, "{\"number\":");
    cr_assert_not_null(first, "%s", path);
    cr_expect_eq(strncmp(first, filters[i].number, 12), 0, "%s", got->body);
    cr_expect_null(strstr(first + 12, "\"number\""), "%s", got->body);
  }
  cr_expect_eq(control("GET", "/__sandbox/requests?limit=x", NULL)->status,
               400);
  cr_expect_eq(control("GET", "/__sandbox/requests?effect=1", NULL)->status,
               400);
  expect_reply(200, "{\"cleared\":3}",
               control("DELETE", "/__sandbox/requests", NULL));
  expect_reply(200, "[]", control("GET", "/__sandbox/requests", NULL));
}

Test(sandbox_control, a_log_of_any_bytes_is_json)
{
  call("POST", "/v1/sign-configs", "\xff\x01");
  cr_expect_not_null(strstr(control("GET", "/__sandbox/requests", NULL)->body,
                            "\"body\":\"\\\\xFF\\\\x01\""));
}

Test(sandbox_control, counters)
{
  add_sign("Company");
  call("DELETE", PATH, NULL);
  call("DELETE", PATH, NULL);
  const reply *got = control("GET", "/__sandbox/stats", NULL);
  cr_expect_not_null(strstr(got->body, "{\"signs\":0,\"templates\":0,"));
  cr_expect_not_null(strstr(got->body,
                            "\"requests\":3,\"effects\":2,\"faults\":0,"
                            "\"closed\":0,\"methods\":{\"GET\":0,\"POST\":1,"
                            "\"PUT\":0,\"DELETE\":2},\"statuses\":{\"200\":2,"
                            "\"400\":1}}"));
}

struct wrong {
  char method[8];
  char path[40];
  char body[120];
  char message[120];
};

ParameterizedTestParameters(sandbox_control, wrong_bodies)
{
  static struct wrong cases[] = {
      {"POST", "review", "[]", "a JSON object is expected"},
      {"POST", "review", "", "a JSON object is expected"},
      {"POST", "review", "{", "the JSON text ends too early"},
      {"POST", "review", "{\"kind\":\"signs\"}",
       "kind must be \\\"sign\\\", \\\"template\\\" or \\\"any\\\""},
      {"POST", "review", "{\"id\":true}", "id must be an id"},
      {"POST", "review", "{\"id\":1,\"name\":\"x\"}",
       "give id or name, not both"},
      {"POST", "review", "{\"status\":1}", "status must be"},
      {"POST", "review", "{\"remark\":1}", "remark must be a string"},
      {"POST", "lock", "{\"remark\":\"x\"}",
       "remark is no field of this request"},
      {"POST", "reset", "{\"signs\":-1}",
       "signs must be an integer of 0 to 1000000"},
      {"POST", "reset", "{\"sings\":1}", "sings is no field of a reset"},
      {"PUT", "options", "[]", "a JSON object is expected"},
      {"PUT", "options", "{\"latency_ms\":\"1\"}",
       "latency_ms must be an integer of 0 to 86400000"},
      {"PUT", "options", "{\"latency\":1}", "latency is no option"},
      {"PUT", "reviewer", "[{\"name\":1}]", "name must be a shell pattern"},
      {"POST", "advance", "{\"ms\":1.5}", "ms must be an integer"},
      {"POST", "advance", "{}", "ms must be an integer"},
      {"POST", "advance", "{\"ms\":315360000001}",
       "ms must be an integer of 0"},
      {"POST", "advance", "", "a JSON object is expected"},
      {"POST", "reset", "[1]", "a JSON object is expected"},
      {"POST", "reset", "{\"seed\":1000001}",
       "seed must be an integer of 0 to"},
      {"POST", "review", "{\"kind\":7}", "kind must be"},
      {"POST", "review", "{\"name\":7}", "name must be a shell pattern"},
      {"POST", "review", "{\"name\":\"*\",\"sign\":1}",
       "sign is no field of this request"},
      {"PUT", "options", "{\"test_rule\":null}", "test_rule must be"},
      {"PUT", "reviewer", "{}", "reviewers must be an array"},
      {"PUT", "reviewer", "[{},[]]", "reviewers[1] must be an object"},
      {"PUT", "reviewer", "[{\"kind\":1}]", "reviewers[0].kind must be"},
      {"GET", "requests?status=-1", "",
       "status must be an integer of 0 or more"},
      {"GET", "requests?after=", "", "after must be an integer of 0 or more"},
  };
  return cr_make_param_array(struct wrong, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct wrong *one, sandbox_control, wrong_bodies)
{
  char path[80];
  snprintf(path, sizeof path, "/__sandbox/%s", one->path);
  const reply *got = control(one->method, path, one->body);
  cr_expect_eq(got->status, 400);
  cr_expect_not_null(strstr(got->body, "{\"code\":400,\"message\":\""));
  cr_expect_not_null(strstr(got->body, one->message), "%s", got->body);
}

Test(sandbox_control, reviews_of_one_kind)
{
  add_sign("Company");
  cr_assert_eq(call("POST", "/v1/template-configs",
                    "{\"template_name\":\"Order\",\"template_type\":"
                    "\"utility\",\"template_content\":\"Hi\","
                    "\"country_codes\":\"CN\"}")
                   ->status,
               200);
  expect_reply(200, "{\"reviewed\":1}",
               control("POST", "/__sandbox/review", "{\"kind\":\"template\"}"));
  cr_expect(shows(PATH, "\"status\":1"));
  expect_reply(200, "{\"reviewed\":1}",
               control("POST", "/__sandbox/review", "{\"kind\":\"sign\"}"));
  cr_expect(shows(PATH, "\"status\":2"));
}

Test(sandbox_control, a_fault_s_id_is_a_number)
{
  static const char *const wrong[] = {
      "/__sandbox/faults/x",    "/__sandbox/faults/1:",
      "/__sandbox/faults/1%20", "/__sandbox/faults/1234567890123456789",
      "/__sandbox/faults/1/2",  "/__sandbox/faults/3"};
  control("POST", "/__sandbox/faults", "{\"delay_ms\":1}");
  control("POST", "/__sandbox/faults", "{\"delay_ms\":2}");
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(control("DELETE", wrong[i], NULL)->status, 404, "%s",
                 wrong[i]);
  const reply *got = control("GET", "/__sandbox/faults", NULL);
  cr_expect_not_null(strstr(got->body, "[{\"id\":1,"));
  cr_expect_not_null(strstr(got->body, "},{\"id\":2,"));
  got = control("DELETE", "/__sandbox/faults/2", NULL);
  cr_expect_not_null(strstr(got->body, "[{\"id\":1,"));
  cr_expect_null(strstr(got->body, "\"id\":2,"));
}

Test(sandbox_control, the_log_keeps_the_beginning_of_a_body)
{
  static char body[5001];
  memset(body, ' ', sizeof body - 1);
  call("POST", "/v1/sign-configs", body);
  const reply *got = control("GET", "/__sandbox/requests", NULL);
  cr_expect_not_null(strstr(got->body, ",\"body_cut\":true}"));
  cr_expect_lt(got->length, 4500);
}

/* 20 000 requests are kept: the ones before are forgotten. */
Test(sandbox_control, the_log_is_a_ring)
{
  enum { ROUNDS = 201, AT_ONCE = 100 };
  static const char request[] = "GET /none HTTP/1.1\r\nHost: x\r\n\r\n";
  static char requests[AT_ONCE * sizeof request];
  static char answers[65536];
  for (size_t i = 0; i < AT_ONCE; i++)
    strcat(requests, request);
  int file = connect_to_sandbox();
  for (int i = 0; i < ROUNDS; i++) {
    size_t length = strlen(requests);
    cr_assert_eq(send(file, requests, length, MSG_NOSIGNAL), (ssize_t)length);
    for (int seen = 0; seen < AT_ONCE;) {
      ssize_t size = recv(file, answers, sizeof answers, 0);
      cr_assert_gt(size, 0);
      for (ssize_t at = 0; at < size; at++)
        seen += answers[at] == '}';
    }
  }
  close(file);
  const reply *got = control("GET", "/__sandbox/requests?path=/none", NULL);
  cr_expect_eq(strncmp(got->body, "[\n {\"number\":101,", 17), 0, "%.40s",
               got->body);
  expect_reply(200, "{\"cleared\":20000}",
               control("DELETE", "/__sandbox/requests", NULL));
}

Test(sandbox_control, stop_answers_and_then_stops, .fini = NULL)
{
  expect_reply(200, "{\"stopping\":true}",
               control("POST", "/__sandbox/stop", NULL));
  cr_expect(sandbox_finish());
}

static char folder[200];
static char file_path[240];

static void begin_with_file(void)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  options.state_file = file_path;
  sandbox_begin_with(&options);
}

static void make_folder(void)
{
  cr_assert(folder_make(FOLDER_ON_DISK, folder, sizeof folder));
  snprintf(file_path, sizeof file_path, "%s/state.json", folder);
}

/* Nothing but the state file is left in it. */
static void remove_folder(void)
{
  struct dirent **entries = NULL;
  sandbox_end();
  int count = scandir(folder, &entries, NULL, alphasort);
  cr_expect_leq(count, 3, "%s", count > 3 ? entries[3]->d_name : "");
  while (count > 0)
    free(entries[--count]);
  free(entries);
  cr_expect_null(folder_remove(folder));
}

TestSuite(sandbox_file, .init = make_folder, .fini = remove_folder);

Test(sandbox_file, the_state_is_kept_over_the_end)
{
  struct stat status;
  begin_with_file();
  add_sign("Company");
  cr_expect(sandbox_finish());
  cr_assert_eq(stat(file_path, &status), 0);
  cr_expect_eq(status.st_mode & 0777, 0600);
  begin_with_file();
  cr_expect(shows(PATH, "Company"));
}

Test(sandbox_file, save_writes_at_once)
{
  struct stat status;
  begin_with_file();
  cr_expect_neq(stat(file_path, &status), 0);
  add_sign("Company");
  expect_reply(200, "{\"saved\":true}",
               control("POST", "/__sandbox/save", NULL));
  cr_expect_eq(stat(file_path, &status), 0);
}

Test(sandbox_file, a_state_that_can_t_be_written_is_told)
{
  begin_with_file();
  cr_assert_eq(rmdir(folder), 0);
  const reply *got = control("POST", "/__sandbox/save", NULL);
  cr_expect_eq(got->status, 500);
  cr_expect_not_null(strstr(got->body, "can't write the state file"));
  cr_expect_not(sandbox_finish());
  cr_assert_eq(mkdir(folder, 0700), 0);
}

Test(sandbox_file, a_broken_state_is_one_sentence)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  int file = open(file_path, O_CREAT | O_WRONLY, 0600);
  cr_assert_eq(write(file, "{\"version\":3}", 13), 13);
  close(file);
  options.state_file = file_path;
  cr_expect_null(signet_sandbox_open(&options, &error));
  cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
  cr_expect_not_null(strstr(error.message, "state.json: version must be 1"),
                     "%s", error.message);
}

Test(sandbox_file, without_credentials_the_default_ones_hold)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  options.key = NULL;
  options.secret = NULL;
  sandbox_begin_with(&options);
  cr_expect_eq(call("GET", "/v1/signs", NULL)->status, 200);
  cr_expect(sandbox_finish());
  options.latency_ms = 86400001;
  cr_expect_null(signet_sandbox_open(&options, &error));
  cr_expect_not_null(strstr(error.message, "latency"));
}

Test(sandbox_file, only_an_empty_account_is_seeded)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  options.state_file = file_path;
  begin_with_file();
  cr_expect(sandbox_finish());
  options.seed_signs = 7;
  options.seed_templates = 9;
  options.key = "other:key";
  options.secret = "se cret";
  sandbox_begin_with(&options);
  cr_expect_eq(call("GET", "/v1/sign-configs", NULL)->status, 401);
  cr_expect_eq(call_with("Authorization: Basic b3RoZXI6a2V5OnNlIGNyZXQ=\r\n",
                         "GET", "/v1/sign-configs", NULL)
                   ->status,
               200);
  cr_expect_not_null(strstr(control("GET", "/__sandbox/stats", NULL)->body,
                            "{\"signs\":7,\"templates\":9,"));
  cr_expect(sandbox_finish());
  options.seed_signs = 50;
  sandbox_begin_with(&options);
  cr_expect_not_null(strstr(control("GET", "/__sandbox/stats", NULL)->body,
                            "{\"signs\":7,\"templates\":9,"));
}

Test(sandbox_file, the_world_is_the_caller_s_before_it_runs)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_sandbox *quiet = signet_sandbox_open(&options, &error);
  cr_assert_not_null(quiet);
  cr_expect(signet_world_seed(signet_sandbox_world(quiet), 3, 0, 1));
  signet_sandbox_stop(quiet); /* before it runs: it ends at once */
  cr_expect(signet_sandbox_run(quiet, &error));
  signet_sandbox_close(quiet);
}

Test(sandbox_file, options_are_checked_and_a_port_is_taken_once)
{
  signet_sandbox_options options;
  signet_sandbox_options initial = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_sandbox_options_init(&options);
  cr_expect_arr_eq(&options.port, &initial.port, sizeof options.port);
  cr_expect_str_eq(options.key, initial.key);
  cr_expect_str_eq(options.secret, initial.secret);
  cr_expect_null(options.state_file);
  begin_with_file();
  options.port = signet_sandbox_port(sandbox);
  cr_expect_null(signet_sandbox_open(&options, &error));
  cr_expect_not_null(strstr(error.message, "can't listen on 127.0.0.1:"), "%s",
                     error.message);
  options.port = 0;
  options.latency_ms = -1;
  cr_expect_null(signet_sandbox_open(&options, &error));
  cr_expect_not_null(strstr(error.message, "latency"));
}
