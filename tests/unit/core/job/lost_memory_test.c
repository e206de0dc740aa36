/* SPDX-License-Identifier: MIT */
/* Every allocation fails in turn of a resume whose journal lost a part, of one
 * that goes by what a killed run left about its last sending, and of opening a
 * journal that is whole or broken: no write is made twice, no note is lost, and
 * damage is never taken for soundness, nor the other way round. */
#include "job/store/sqlite/open.h"
#include "job_support.h"
#include "memory_sweep.h"
#include "sqlite_support.h"

#include <criterion/criterion.h>
#include <sqlite3.h>

#include <stdio.h>
#include <string.h>

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

static bool end_job(bool good)
{
  good = signet_job_end(job, SIGNET_JOB_FAILED, NULL, &job_error) && good;
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  return good;
}

/* As a process of its own would have it. */
static void open_again(void)
{
  on_world_speak(SIGNET_CONFIGS);
  job_quick();
}

static size_t count_of(signet_kind kind, const char *field, const char *name)
{
  signet_fields *filter = text_field(field, name);
  signet_call *call =
      expect_done(kind == SIGNET_SIGN
                      ? signet_sign_list(on.account, filter, NULL, NULL)
                      : signet_template_list(on.account, filter, NULL, NULL));
  size_t count = signet_list_count(signet_call_list(call));
  signet_call_release(call);
  signet_fields_free(filter);
  return count;
}

/* ---- what was lost is looked for ---- */

static char renamed_id[24], changed_id[24], template_id[24];
static signet_fields *first, *made, *renamed, *changed, *fresh;

/* As accepting it leaves it. */
static void lose_a_part(void)
{
  char path[300];
  signet_error error;
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, sizeof path));
  signet_store *journal = signet_store_open_sqlite(path, &error);
  cr_assert_not_null(journal);
  cr_assert(journal->operations->put_step(journal, EARLIER,
                                          "\x1f"
                                          "damage",
                                          "1700000000000 3 1700000000000",
                                          &error));
  cr_assert(journal->operations->commit(journal, &error));
  journal->operations->close(journal);
}

static void begin_lost(void)
{
  job_begin_in(FOLDER_IN_MEMORY);
  job_options.script = NULL;
  world_sign("Renamed", SIGNET_STATUS_APPROVED, renamed_id);
  world_sign("Changed", SIGNET_STATUS_APPROVED, changed_id);
  world_template("Made", SIGNET_STATUS_APPROVED, NULL, 0, template_id);
  first = text_field("sign_name", "First");
  made = template_fields("Made");
  renamed = text_field("sign_name", "Renamed");
  changed = text_field("sign_name", "Other");
  fresh = text_field("sign_name", "Fresh");
  journal_begin();
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"First\"}",
                "done");
  journal_end();
  lose_a_part();
}

static void end_lost(void)
{
  signet_fields *all[] = {first, made, renamed, changed, fresh};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    signet_fields_free(all[i]);
  job_end();
}

static bool write_all(void)
{
  signet_account *account = on.account;
  const struct {
    signet_call *call;
    signet_error_kind kind;
  } calls[] = {
      {signet_sign_create(account, first, NULL, NULL), SIGNET_OK},
      {signet_template_create(account, made, NULL, NULL), SIGNET_OK},
      {signet_sign_update(account, renamed_id, renamed, NULL, NULL), SIGNET_OK},
      {signet_sign_update(account, changed_id, changed, NULL, NULL),
       SIGNET_ERROR_CONFLICT},
      {signet_sign_delete(account, "55", NULL, NULL), SIGNET_OK},
      {signet_sign_create(account, fresh, NULL, NULL), SIGNET_OK},
  };
  bool good = true;
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    good = ends(calls[i].call, calls[i].kind) && good;
  return good;
}

static bool resume_lost(void)
{
  signet_job_findings findings;
  signet_job_loss loss;
  job = signet_job_new(&job_options, &job_error);
  if (job == NULL)
    return false;
  bool good = signet_job_attach(job, on.account, &job_error) &&
              signet_job_settle(job, &findings, &job_error);
  good = write_all() && good;
  signet_job_get_loss(job, &loss);
  cr_assert(!good || loss.lost);
  return end_job(good);
}

/* What was done and lost is never done again. */
static void check_lost(bool good)
{
  for (int i = 0; i < 2; i++) {
    open_again();
    cr_assert_eq(count_of(SIGNET_TEMPLATE, "template_name", "Made"), 1);
    cr_assert_eq(count_of(SIGNET_SIGN, "sign_name", "First"), 0);
    cr_assert_eq(count_of(SIGNET_SIGN, "sign_name", "Changed"), 1);
    size_t sent = count_of(SIGNET_SIGN, "sign_name", "Fresh");
    cr_assert(good ? sent == 1 : sent <= 1, "%zu were made", sent);
    if (good)
      return;
    bool reached = memory_state.failed;
    memory_state.failed = false;
    cr_assert(resume_lost(), "%s", job_error.message);
    memory_state.failed = reached;
    good = true;
  }
}

TestSuite(lost_memory, .init = memory_sweep_init, .timeout = 300);

static const memory_sweep lost = {begin_lost, resume_lost, check_lost, end_lost,
                                  60};

Test(lost_memory, what_was_lost_once)
{
  memory_sweep_run(&lost, false);
}

Test(lost_memory, what_was_lost_from_then_on)
{
  memory_sweep_run(&lost, true);
}

/* ---- what a killed run left about its last sending ---- */

static char killed[SIGNET_JOB_ID_SIZE];

static void begin_note(void)
{
  job_begin_in(FOLDER_IN_MEMORY);
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "Sent")));
  snprintf(killed, sizeof killed, "%s", signet_job_id(job));
  signet_account_record(on.account, NULL);
  signet_job_free(job); /* it did not come to its end */
  job = NULL;
  job_options.script = NULL;
  job_options.resume = killed;
  open_again();
}

static bool resume_noted(void)
{
  signet_job_findings findings;
  job = signet_job_new(&job_options, &job_error);
  if (job == NULL)
    return false;
  bool good = signet_job_attach(job, on.account, &job_error) &&
              signet_job_settle(job, &findings, &job_error);
  cr_assert(!good || job->times.sent_at > 0, "when it was sent is lost");
  return end_job(good);
}

/* Whatever was read, and not kept, is still there to be read. */
static void check_noted(bool good)
{
  bool reached = memory_state.failed;
  memory_state.failed = false;
  open_again();
  if (!good)
    cr_assert(resume_noted(), "%s", job_error.message);
  memory_state.failed = reached;
}

static const memory_sweep noted = {begin_note, resume_noted, check_noted,
                                   job_end, 20};

Test(lost_memory, what_a_killed_run_left_once)
{
  memory_sweep_run(&noted, false);
}

Test(lost_memory, what_a_killed_run_left_from_then_on)
{
  memory_sweep_run(&noted, true);
}

/* ---- the chain of the batches ---- */

enum { BATCHES = 270 }; /* more than there is room for at first */

static bool broken;

static void sql(const char *text)
{
  sqlite3 *database;
  cr_assert_eq(sqlite3_open(store_path, &database), SQLITE_OK);
  cr_assert_eq(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
  cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

static void begin_chain(void)
{
  sqlite_begin_in(FOLDER_IN_MEMORY);
  cr_assert(store_open() && store_put_job());
  for (int i = 0; i < BATCHES; i++)
    cr_assert(store_put_write("1") != 0 && store_commit());
  store_close();
  if (broken)
    sql("DELETE FROM batches WHERE number & 0xffffffff = 100");
}

static bool open_chain(void)
{
  signet_error error;
  if (!store_open()) {
    cr_assert_eq(store_error.kind, SIGNET_ERROR_MEMORY, "%s",
                 store_error.message);
    return false;
  }
  cr_assert_eq(store->operations->damage(store, &error), broken, "%s",
               error.message);
  store_close();
  return true;
}

static void check_chain(bool good)
{
  (void)good;
  cr_assert(open_chain());
}

static const memory_sweep chain = {begin_chain, open_chain, check_chain,
                                   store_end, 2};

Test(lost_memory, the_chain_of_a_whole_journal)
{
  memory_sweep_run(&chain, false);
  memory_sweep_run(&chain, true);
}

Test(lost_memory, the_chain_of_a_broken_journal)
{
  broken = true;
  memory_sweep_run(&chain, false);
  memory_sweep_run(&chain, true);
}
