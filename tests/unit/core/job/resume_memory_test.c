/* SPDX-License-Identifier: MIT */
/* Every allocation of a resumed job fails in turn: what the earlier run wrote
 * is never sent again, nothing of its journal turns into what it isn't, and a
 * resume with all memory brings everything to its end. */
#include "job/store/sqlite/open.h"
#include "job_support.h"
#include "memory_sweep.h"
#include "model/memory.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

enum { EARLIER_WRITES = 10, CALLS = 9 };

static char open_sign[24];
static char template_id[24];
static signet_fields *one, *two, *refused, *lost, *later, *renamed, *drifted;

static void set_fields(void)
{
  one = text_field("sign_name", "One");
  two = text_field("sign_name", "Two");
  refused = text_field("sign_name", "Refused");
  lost = text_field("sign_name", "Lost");
  later = text_field("sign_name", "Later");
  drifted = text_field("sign_name", "Drifted");
  renamed = text_field("template_name", "Renamed");
}

static void free_fields(void)
{
  signet_fields *all[] = {one, two, refused, lost, later, renamed, drifted};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    signet_fields_free(all[i]);
}

static const char body[] = "{\"a\":[1,true,{\"b\":null}],\"c\":\"x\"}";

static void write_journal(void)
{
  char *before = image_of(SIGNET_SIGN, open_sign);
  journal_begin();
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"One\"}", "done");
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Two\"}", "done");
  journal_write("update", "template", template_id, "{}",
                "{\"template_name\":\"Renamed\"}", "done");
  journal_write("delete", "sign", "55", "{}", NULL, "done");
  journal_write("update", "sign", open_sign, before,
                "{\"sign_name\":\"Later\"}", "intent");
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Refused\"}",
                "failed");
  journal_write("update", "sign", "56", "{}", "{\"sign_name\":\"Drifted\"}",
                "drift");
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Lost\"}",
                "unknown");
  journal_write(
      "request", "request", "", NULL,
      "{\"method\":\"POST\",\"path\":\"/x\",\"body\":"
      "\"{\\\"c\\\":\\\"x\\\",\\\"a\\\":[1,true,{\\\"b\\\":null}]}\"}",
      "done");
  journal_write("update", "template", template_id, "{}",
                "{\"template_name\":\"Another\"}", "done");
  journal_end();
  signet_memory_free(before);
}

static void begin(void)
{
  job_begin_in(FOLDER_IN_MEMORY);
  job_options.script = NULL;
  world_sign("Open", SIGNET_STATUS_APPROVED, open_sign);
  world_template("Template", SIGNET_STATUS_APPROVED, NULL, 0, template_id);
  set_fields();
  write_journal();
}

static void end(void)
{
  free_fields();
  job_end();
}

/* ---- the resume ---- */

/* An error of the memory, or of the job that broke for want of it. */
static bool ends(signet_call *call, signet_error_kind wanted)
{
  if (call == NULL)
    return false;
  const signet_error *error = signet_call_wait(call);
  signet_error_kind kind = error != NULL ? error->kind : SIGNET_OK;
  cr_assert(kind == wanted || memory_state.failed, "%s instead of %s: %s",
            signet_error_kind_name(kind), signet_error_kind_name(wanted),
            error != NULL ? error->message : "it worked");
  signet_call_release(call);
  return kind == wanted;
}

static bool write_all(void)
{
  signet_account *account = on.account;
  const struct {
    signet_call *call;
    signet_error_kind kind;
  } calls[CALLS] = {
      {signet_sign_create(account, one, NULL, NULL), SIGNET_OK},
      {signet_sign_create(account, two, NULL, NULL), SIGNET_OK},
      {signet_template_update(account, template_id, renamed, NULL, NULL),
       SIGNET_OK},
      {signet_sign_delete(account, "55", NULL, NULL), SIGNET_OK},
      {signet_sign_update(account, open_sign, later, NULL, NULL), SIGNET_OK},
      {signet_sign_create(account, refused, NULL, NULL), SIGNET_ERROR_SERVER},
      {signet_sign_update(account, "56", drifted, NULL, NULL),
       SIGNET_ERROR_CONFLICT},
      {signet_sign_create(account, lost, NULL, NULL), SIGNET_OK},
      {signet_request(account, "POST", "/x", body, sizeof body - 1, NULL, NULL),
       SIGNET_OK}};
  bool good = true;
  for (size_t i = 0; i < CALLS; i++)
    good = ends(calls[i].call, calls[i].kind) && good;
  return good;
}

static bool resume(void)
{
  signet_job_findings findings;
  signet_job_counts counts = {.done = 2};
  char *value = NULL;
  job = signet_job_new(&job_options, &job_error);
  if (job == NULL)
    return false;
  bool good = signet_job_attach(job, on.account, &job_error) &&
              signet_job_settle(job, &findings, &job_error) &&
              signet_job_keep_step(job, "step", "[1]", &job_error) &&
              signet_job_step(job, "step", &value, &job_error);
  signet_job_text_free(value);
  good = write_all() && good;
  good = signet_job_end(job, SIGNET_JOB_FAILED, &counts, &job_error) && good;
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  return good;
}

/* ---- what must hold ---- */

static size_t named(const char *name)
{
  signet_fields *filter = text_field("sign_name", name);
  signet_call *call =
      expect_done(signet_sign_list(on.account, filter, NULL, NULL));
  size_t count = signet_list_count(signet_call_list(call));
  signet_call_release(call);
  signet_fields_free(filter);
  return count;
}

static bool is_row(void *user, const signet_write_view *row)
{
  static const char *const states[EARLIER_WRITES] = {
      "done",   "done",  "done", "done", NULL,
      "failed", "drift", NULL,   "done", "done"};
  size_t *count = user;
  size_t at = (*count)++;
  bool open = at < EARLIER_WRITES && states[at] == NULL;
  if (at < EARLIER_WRITES && !open)
    cr_assert_str_eq(row->state, states[at], "write %zu", at + 1);
  if (open)
    cr_assert(strcmp(row->state, "intent") == 0 ||
                  strcmp(row->state, "unsent") == 0 ||
                  strcmp(row->state, "done") == 0 || /* sent again */
                  strcmp(row->state, "unknown") == 0,
              "allocation %zu: write %zu is %s", memory_state.asked, at + 1,
              row->state);
  if (at >= EARLIER_WRITES)
    cr_assert(strstr(row->after, "Later") != NULL ||
                  strstr(row->after, "Lost") != NULL,
              "sent again: %s %s %s", row->verb, row->target, row->after);
  return true;
}

static void check_journal(void)
{
  size_t count = 0;
  cr_assert(
      signet_job_writes_each(job_folder, EARLIER, is_row, &count, &job_error),
      "%s", job_error.message);
  cr_assert_geq(count, EARLIER_WRITES);
}

/* As a process of its own would have it. */
static void open_again(void)
{
  on_world_speak(SIGNET_CONFIGS);
  job_quick();
}

static void check(bool good)
{
  signet_error error = job_error;
  cr_assert(good || error.kind == SIGNET_OK || error.message[0] != '\0');
  open_again();
  check_journal();
  bool reached = memory_state.failed;
  memory_state.failed = false;
  if (!good)
    cr_assert(resume(), "%s", job_error.message);
  memory_state.failed = reached;
  open_again();
  check_journal();
  cr_assert_eq(named("One"), 0);
  cr_assert_eq(named("Two"), 0);
  cr_assert_eq(named("Refused"), 0);
  cr_assert_eq(named("Later"), 1);
  cr_assert_eq(named("Lost"), 1);
}

static const memory_sweep sweep = {begin, resume, check, end, 60};

TestSuite(resume_memory, .init = memory_sweep_init, .timeout = 300);

Test(resume_memory, each_allocation_once)
{
  memory_sweep_run(&sweep, false);
}

Test(resume_memory, each_allocation_and_all_that_follow)
{
  memory_sweep_run(&sweep, true);
}

/* ---- deletes that wait for the entries to be counted ---- */

enum { SIGNS = 4 };

static char ids[SIGNS][24];

static void begin_signs(void)
{
  job_begin_in(FOLDER_IN_MEMORY);
  job_options.max_deletes = (signet_job_limit){75, true, 1};
  for (size_t i = 0; i < SIGNS; i++) {
    char name[8];
    snprintf(name, sizeof name, "Sign%c", (char)('A' + i));
    world_sign(name, SIGNET_STATUS_APPROVED, ids[i]);
  }
}

static bool delete_some(void)
{
  job = signet_job_new(&job_options, &job_error);
  if (job == NULL)
    return false;
  bool good = signet_job_attach(job, on.account, &job_error);
  signet_call *calls[] = {
      signet_sign_delete(on.account, ids[0], NULL, NULL),
      signet_sign_delete(on.account, ids[1], NULL, NULL),
      signet_sign_delete(on.account, ids[2], NULL, NULL),
  };
  for (size_t i = 0; i < 3; i++)
    good = ends(calls[i], SIGNET_OK) && good;
  good = signet_job_end(job, SIGNET_JOB_FAILED, NULL, &job_error) && good;
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  return good;
}

/* What is gone stands in the journal. */
static void check_deleted(bool good)
{
  open_again();
  signet_call *call =
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL));
  size_t gone = SIGNS - signet_list_count(signet_call_list(call));
  signet_call_release(call);
  cr_assert_leq(gone, write_count());
  cr_assert(!good || gone == 3);
}

static const memory_sweep counting = {begin_signs, delete_some, check_deleted,
                                      job_end, 30};

Test(resume_memory, what_waits_to_be_counted_once)
{
  memory_sweep_run(&counting, false);
}

Test(resume_memory, what_waits_to_be_counted_from_then_on)
{
  memory_sweep_run(&counting, true);
}

/* ---- a journal that another job holds ---- */

static signet_store *held;

static void begin_held(void)
{
  char path[300];
  job_begin_in(FOLDER_IN_MEMORY);
  job_options.wait_lock_ms = 1;
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, sizeof path));
  held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held, "%s", job_error.message);
}

static bool create_locked(void)
{
  job = signet_job_new(&job_options, &job_error);
  if (job == NULL)
    return false;
  signet_fields *fields = signet_fields_new();
  bool good = signet_job_attach(job, on.account, &job_error) &&
              fields != NULL &&
              signet_fields_set_string(fields, "sign_name", "Held") &&
              ends(signet_sign_create(on.account, fields, NULL, NULL),
                   SIGNET_ERROR_LOCKED);
  signet_fields_free(fields);
  cr_assert(!signet_job_end(job, SIGNET_JOB_FAILED, NULL, &job_error) ||
            memory_state.failed);
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  return good;
}

static void check_unsent(bool good)
{
  (void)good;
  open_again();
  cr_assert_eq(named("Held"), 0);
}

static void end_held(void)
{
  held->operations->close(held);
  job_end();
}

static const memory_sweep locked = {begin_held, create_locked, check_unsent,
                                    end_held, 10};

Test(resume_memory, what_waits_for_the_journal)
{
  memory_sweep_run(&locked, false);
}

/* ---- before there is an account ---- */

static bool begin_job(void)
{
  job_options.parent = "parent";
  signet_job *made = signet_job_new(&job_options, &job_error);
  bool good = made != NULL &&
              signet_job_keep_step(made, "early", "[1]", &job_error) &&
              signet_job_keep_step(made, "next", "[2]", &job_error);
  if (!good)
    cr_assert_eq(job_error.kind, SIGNET_ERROR_MEMORY);
  signet_job_free(made);
  return good;
}

static void begin_nothing(void)
{
  job_begin_in(FOLDER_IN_MEMORY);
}

static void check_nothing(bool good)
{
  (void)good;
  size_t jobs = write_count();
  cr_assert_eq(jobs, 0);
}

static const memory_sweep early = {begin_nothing, begin_job, check_nothing,
                                   job_end, 10};

Test(resume_memory, a_job_before_its_account)
{
  memory_sweep_run(&early, false);
}

/* A digest that lacks a part is another write's. */
Test(resume_memory, an_object_of_many_fields)
{
  char text[800] = "{";
  uint64_t digest[2], other[2];
  for (int i = 0; i < 40; i++) {
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s\"f%d\":%d", i > 0 ? "," : "",
             i, i);
  }
  strcat(text, "}");
  cr_assert(signet_memo_digest(SIGNET_CREATE, SIGNET_SIGN, "", text, digest));
  for (memory_state.fail_at = 1;; memory_state.fail_at++) {
    memory_state.asked = 0;
    memory_state.failed = false;
    bool good = signet_memo_digest(SIGNET_CREATE, SIGNET_SIGN, "", text, other);
    cr_assert_eq(good, !memory_state.failed);
    if (good)
      break;
  }
  cr_assert_gt(memory_state.fail_at, 40);
  cr_assert_eq(memcmp(digest, other, sizeof digest), 0);
  memory_state.fail_at = 0;
}
