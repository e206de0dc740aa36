/* SPDX-License-Identifier: MIT */
/* A sandbox whose memory runs out, at every allocation of every request: what
 * it answers is true, nothing is done by half, and the next request is served.
 * What libmicrohttpd and json-c allocate for it fails in its turn too. */
#include "failing_memory.h"
#include "folder.h"
#include "model/memory.h"
#include "sandbox_client.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(sandbox_memory, .timeout = 300);

#define STATE                                                                \
  "{\"version\":1,\"signs\":[{\"sign_id\":\"100000001\",\"sign_name\":"      \
  "\"Company\",\"status\":1,\"extra\":[1]},{\"sign_id\":\"100000002\","      \
  "\"sign_name\":\"Other\",\"status\":2}],\"templates\":[{\"template_id\":"  \
  "\"100000003\",\"template_name\":\"Order\",\"template_type\":\"utility\"," \
  "\"template_content\":\"Hi\",\"country_codes\":\"CN\",\"status\":2,"       \
  "\"audit_remark\":\"fine\",\"sign_id\":\"100000002\",\"sign_position\":1}" \
  "],\"reviewers\":[{\"name\":\"Never*\",\"remark\":\"no\"}]}"
#define TEMPLATE                                          \
  "{\"template_name\":\"New\",\"template_type\":\"otp\"," \
  "\"template_content\":\"Hi\",\"country_codes\":\"CN\"," \
  "\"add_signature\":true,\"sign_id\":\"100000002\","     \
  "\"sign_position\":2}"

typedef struct step {
  const char *fault; /* a rule that is set before, NULL: none */
  const char *method;
  const char *path;
  const char *body;
  size_t fewest; /* allocations that are to be reached */
} step;

static const step steps[] = {
    /* the service */
    {NULL, "GET", "/v1/sign-configs", NULL, 8},
    {NULL, "GET", "/v1/sign-configs/100000001", NULL, 6},
    {NULL, "POST", "/v1/sign-configs", "{\"sign_name\":\"New name\"}", 12},
    {NULL, "PUT", "/v1/sign-configs/100000002", "{\"sign_name\":\"Re\"}", 8},
    {NULL, "DELETE", "/v1/sign-configs/100000001", NULL, 5},
    {NULL, "GET", "/v1/template-configs", NULL, 8},
    {NULL, "POST", "/v1/template-configs", TEMPLATE, 16},
    {NULL, "PUT", "/v1/template-configs/100000003", TEMPLATE, 12},
    {NULL, "GET", "/v1/signs?sign_name=Oth%65r", NULL, 9},
    {NULL, "POST", "/v1/signs", "{\"sign_name\":\"New name\"}", 12},
    {NULL, "PUT", "/v1/signs/100000001", "{\"sign_name\":\"Re\"}", 8},
    {NULL, "POST", "/v1/signs", "{", 5},
    {NULL, "GET", "/v1/nothing", NULL, 5},
    /* faults */
    {"{\"status\":503,\"body\":\"away\"}", "GET", "/v1/signs", NULL, 5},
    {"{\"status\":200,\"headers\":{\"Content-Type\":\"a/b\",\"A\":\"b\"}}",
     "GET", "/v1/signs", NULL, 5},
    {"{\"cut_after\":4}", "GET", "/v1/signs", NULL, 9},
    {"{\"delay_ms\":1}", "GET", "/v1/signs", NULL, 9},
    {"{\"delay_ms\":1,\"effect\":\"late\",\"status\":500}", "DELETE",
     "/v1/signs/100000001", NULL, 6},
    {"{\"close\":\"after\"}", "DELETE", "/v1/signs/100000001", NULL, 4},
    /* the control API */
    {NULL, "GET", "/__sandbox/", NULL, 6},
    {NULL, "GET", "/__sandbox/state", NULL, 6},
    {NULL, "PUT", "/__sandbox/state", STATE, 20},
    {NULL, "POST", "/__sandbox/save", NULL, 6},
    {NULL, "POST", "/__sandbox/reset", "{\"signs\":3,\"templates\":3}", 20},
    {NULL, "GET", "/__sandbox/options", NULL, 4},
    {NULL, "PUT", "/__sandbox/options",
     "{\"latency_ms\":1,\"delete_pending\":false}", 6},
    {NULL, "POST", "/__sandbox/advance", "{\"ms\":1000}", 6},
    {NULL, "POST", "/__sandbox/review",
     "{\"id\":100000001,\"status\":\"rejected\",\"remark\":\"no\"}", 7},
    {NULL, "POST", "/__sandbox/review",
     "{\"name\":\"C*\",\"status\":\"rejected\",\"remark\":\"no\"}", 7},
    {NULL, "GET", "/__sandbox/reviewer", NULL, 4},
    {NULL, "PUT", "/__sandbox/reviewer",
     "[{\"name\":\"A*\",\"remark\":\"a\"},{\"kind\":\"sign\"}]", 9},
    {NULL, "DELETE", "/__sandbox/reviewer", NULL, 4},
    {NULL, "POST", "/__sandbox/lock", "{\"id\":\"100000001\"}", 6},
    {NULL, "POST", "/__sandbox/faults",
     "{\"method\":\"PUT\",\"path\":\"/v1/*\",\"status\":500,\"body\":{\"a\":1},"
     "\"headers\":{\"Retry-After\":\"1\"}}",
     14},
    {"{\"status\":503,\"headers\":{\"A\":\"b\"}}", "GET", "/__sandbox/faults",
     NULL, 6},
    {NULL, "GET",
     "/__sandbox/requests?method=GET&path=*&status=200&effect=false&after=0"
     "&limit=9",
     NULL, 10},
    {NULL, "GET", "/__sandbox/stats", NULL, 4},
};

static char state_file[200];

/* Leaves out what depends on the clock, and how often a fault was met. */
static char *without_times(const char *text)
{
  char *copy = strdup(text);
  char *to = copy;
  while (*text != '\0') {
    bool left_out = strncmp(text, "_time\":", 7) == 0 ||
                    strncmp(text, "ted_ms\":", 8) == 0 ||
                    strncmp(text, "time_ms\":", 9) == 0 ||
                    strncmp(text, "seen\":", 6) == 0 ||
                    strncmp(text, "fired\":", 7) == 0;
    if (!left_out) {
      *to++ = *text++;
      continue;
    }
    while (*text != ':')
      *to++ = *text++;
    text += 1 + strspn(text + 1, "0123456789\"-:T+");
  }
  *to = '\0';
  return copy;
}

/* What a client can know of the sandbox. */
static char *all_of_it(void)
{
  static const char *const paths[] = {"/__sandbox/state", "/__sandbox/faults",
                                      "/__sandbox/options"};
  static char text[1 << 18];
  size_t length = 0;
  for (size_t i = 0; i < 3; i++) {
    const reply *got = call_bare("GET", paths[i], NULL);
    cr_assert_eq(got->status, 200);
    length += (size_t)snprintf(text + length, sizeof text - length, "%s\n",
                               got->body);
  }
  return without_times(text);
}

static void begin(const step *it)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  options.state_file = state_file;
  unlink(state_file);
  sandbox_begin_with(&options);
  cr_assert_eq(call_bare("PUT", "/__sandbox/state", STATE)->status, 200);
  if (it->fault != NULL)
    cr_assert_eq(call_bare("POST", "/__sandbox/faults", it->fault)->status,
                 200);
  if (strstr(it->path, "requests") != NULL)
    call("GET", "/v1/signs/\xff", "\xff");
}

/* What happened; texts to be freed. */
typedef struct happening {
  int status;
  char *body;
  char *before;
  char *after;
} happening;

static void forget(happening *it)
{
  free(it->body);
  free(it->before);
  free(it->after);
}

static happening happen(const step *it, size_t fail_at, bool on)
{
  happening what;
  begin(it);
  what.before = all_of_it();
  memory_state.asked = 0;
  memory_state.failed = false;
  memory_state.fail_on = on;
  memory_state.fail_at = fail_at;
  const reply *got = call(it->method, it->path, it->body);
  memory_state.fail_at = 0;
  what.status = got->status;
  what.body = without_times(got->body);
  what.after = all_of_it();
  return what;
}

static void check(const step *it, size_t n, const happening *good,
                  const happening *what)
{
  bool untouched = strcmp(what->before, what->after) == 0;
  bool made = strcmp(good->after, what->after) == 0;
  cr_assert(untouched || made, "%s %s, allocation %zu: by half: %s", it->method,
            it->path, n, what->after);
  cr_assert(what->status == 0 || what->status == 500 ||
                what->status == good->status,
            "%s %s, allocation %zu: %d %s", it->method, it->path, n,
            what->status, what->body);
  if (what->status == 0)
    return; /* a client can't tell whether it was done */
  if (what->status == good->status) {
    cr_assert(made, "%s %s, allocation %zu: %s", it->method, it->path, n,
              what->after);
    cr_assert_str_eq(what->body, good->body, "%s, allocation %zu", it->path, n);
  } else if (what->status == 500) {
    cr_assert(untouched, "%s %s, allocation %zu", it->method, it->path, n);
    cr_assert(it->fault != NULL /* which spoils what is said */ ||
                  strstr(what->body, "out of memory") != NULL ||
                  strstr(what->body, "Internal server error") != NULL,
              "%s, allocation %zu: %s", it->path, n, what->body);
  }
}

/* The same request afterwards, with all memory there is. */
static void check_next(const step *it, const happening *good,
                       const happening *what)
{
  if (strcmp(what->before, what->after) != 0 || it->fault != NULL)
    return;
  cr_assert_eq(call(it->method, it->path, it->body)->status, good->status,
               "%s %s isn't served any more", it->method, it->path);
}

static void fail_each(bool on)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  char folder[150];
  cr_assert(folder_make(FOLDER_IN_MEMORY, folder, sizeof folder));
  snprintf(state_file, sizeof state_file, "%s/state.json", folder);
  signet_memory_replace(&allocator);
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    size_t living = memory_state.living;
    happening good = happen(&steps[i], 0, on);
    cr_assert(sandbox_finish());
    bool failed = true;
    size_t n = 0;
    while (failed) {
      happening what = happen(&steps[i], ++n, on);
      failed = memory_state.failed;
      check(&steps[i], n, &good, &what);
      check_next(&steps[i], &good, &what);
      cr_assert(sandbox_finish());
      cr_assert_eq(memory_state.living, living, "%s %s, allocation %zu: a leak",
                   steps[i].method, steps[i].path, n);
      forget(&what);
    }
    cr_assert_geq(n, steps[i].fewest, "%s %s: %zu allocations only",
                  steps[i].method, steps[i].path, n - 1);
    forget(&good);
  }
  cr_assert_null(folder_remove(folder));
}

/* Opening with a state file, and with a seed where there is none. */
static void open_each(const char *file, bool on, size_t fewest)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_sandbox *opened = NULL;
  size_t n = 0;
  options.state_file = file;
  options.seed_signs = 3;
  options.seed_templates = 3;
  while (opened == NULL) {
    signet_error error = SIGNET_ERROR_INIT;
    size_t living = memory_state.living;
    memory_state.asked = 0;
    memory_state.failed = false;
    memory_state.fail_on = on;
    memory_state.fail_at = ++n;
    opened = signet_sandbox_open(&options, &error);
    memory_state.fail_at = 0;
    cr_assert_eq(memory_state.failed, opened == NULL, "allocation %zu", n);
    if (opened != NULL)
      break;
    cr_assert_eq(error.kind, SIGNET_ERROR_MEMORY, "allocation %zu: %s", n,
                 error.message);
    cr_assert_neq(error.message[0], '\0');
    cr_assert_eq(memory_state.living, living, "allocation %zu: a leak", n);
  }
  cr_assert_geq(n, fewest, "%zu allocations only", n - 1);
  signet_sandbox_close(opened);
}

Test(sandbox_memory, each_allocation_of_opening)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  char folder[150];
  cr_assert(folder_make(FOLDER_IN_MEMORY, folder, sizeof folder));
  snprintf(state_file, sizeof state_file, "%s/state.json", folder);
  FILE *file = fopen(state_file, "w");
  fputs(STATE, file);
  fclose(file);
  signet_memory_replace(&allocator);
  for (int on = 0; on < 2; on++) {
    open_each(NULL, on, 20);
    open_each(state_file, on, 30);
  }
  cr_assert_eq(memory_state.living, 0);
  cr_assert_null(folder_remove(folder));
}

Test(sandbox_memory, each_allocation_of_a_request_fails_once)
{
  fail_each(false);
}

Test(sandbox_memory, each_allocation_of_a_request_and_all_that_follow)
{
  fail_each(true);
}
