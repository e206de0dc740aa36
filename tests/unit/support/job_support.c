/* SPDX-License-Identifier: MIT */
#include "job_support.h"
#include "account/clock.h"

#include "job/store/sqlite/open.h"
#include "model/clock.h"
#include "wire/json_write.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char job_folder[200];
signet_job *job;
signet_job_options job_options;
signet_error job_error;
signet_job_state job_end_state;
int64_t journal_at = INT64_C(1700000000000);

static signet_store *journal;

void job_begin(void)
{
  job_begin_in(FOLDER_ON_DISK);
}

void job_quick(void)
{
  on.account->settings.settle_ms = 1;
  on.account->settings.settle_create_ms = 0;
  on.account->settings.timeout_ms = 0;
  signet_account_note_date(on.account, INT64_C(1700000000), 0);
}

void job_begin_in(folder_place place)
{
  on_world_begin();
  cr_assert(folder_make(place, job_folder, sizeof job_folder));
  signet_job_options_init(&job_options);
  job_options.state_dir = job_folder;
  job_options.name = "test";
  job_options.script = "return 1";
  job_options.arguments = "[\"a\"]";
  job_end_state = SIGNET_JOB_DONE;
  job_quick();
  job = NULL;
}

void job_end(void)
{
  signet_account_close(on.account);
  on.account = NULL;
  signet_loop_step(on.loop, 0);
  signet_job_free(job);
  job = NULL;
  cr_expect_null(folder_remove(job_folder));
  on_world_end();
}

void job_open(void)
{
  job = signet_job_new(&job_options, &job_error);
  cr_assert_not_null(job, "%s", job_error.message);
  cr_assert(signet_job_attach(job, on.account, &job_error), "%s",
            job_error.message);
}

bool job_close(void)
{
  signet_job_counts counts = {.done = 2, .skipped = 1};
  bool good = signet_job_end(job, job_end_state, &counts, &job_error);
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  return good;
}

static void find_journal(char *path, size_t size)
{
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, size));
}

void journal_remove(void)
{
  char path[300];
  find_journal(path, sizeof path);
  cr_assert_eq(unlink(path), 0);
}

void journal_job(const char *id)
{
  signet_job_row row = {.id = id,
                        .type = "run",
                        .state = "running",
                        .name = "test",
                        .account = "a world in memory",
                        .started_ms = 1};
  cr_assert(journal->operations->put_job(journal, &row, &job_error));
}

void journal_begin(void)
{
  char path[300];
  find_journal(path, sizeof path);
  journal = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(journal, "%s", job_error.message);
  journal_job(EARLIER);
  job_options.resume = EARLIER;
}

void journal_write(const char *verb, const char *kind, const char *target,
                   const char *before, const char *after, const char *state)
{
  signet_write_row row = {.job = EARLIER,
                          .verb = verb,
                          .kind = kind,
                          .target = target,
                          .before = before,
                          .after = after,
                          .state = state,
                          .answer = strcmp(verb, "create") == 0 &&
                                            strcmp(state, "done") == 0
                                        ? "77"
                                        : NULL,
                          .attempts = 1,
                          .intended_ms = signet_clock_unix_ms(),
                          .intended_at = journal_at};
  cr_assert(journal->operations->put_write(journal, &row, &job_error), "%s",
            job_error.message);
}

void journal_write_done(const char *verb, const char *kind, const char *after,
                        const char *answer)
{
  signet_write_row row = {.job = EARLIER,
                          .verb = verb,
                          .kind = kind,
                          .target = answer,
                          .after = after,
                          .state = "done",
                          .answer = answer,
                          .attempts = 1,
                          .intended_at = journal_at};
  cr_assert(journal->operations->put_write(journal, &row, &job_error), "%s",
            job_error.message);
}

void journal_refusal(const char *after, const char *kind, const char *message)
{
  signet_write_row row = {.job = EARLIER,
                          .verb = "create",
                          .kind = "sign",
                          .target = "",
                          .after = after,
                          .state = "failed",
                          .error_kind = kind,
                          .error_message = message};
  cr_assert(journal->operations->put_write(journal, &row, &job_error), "%s",
            job_error.message);
}

void journal_end(void)
{
  cr_assert(journal->operations->commit(journal, &job_error));
  journal->operations->close(journal);
}

signet_call *create_sign(signet_account *account, const char *name)
{
  signet_fields *fields = text_field("sign_name", name);
  signet_call *call = signet_sign_create(account, fields, NULL, NULL);
  signet_fields_free(fields);
  return call;
}

signet_call *rename_sign(const char *id, const char *name)
{
  signet_fields *fields = text_field("sign_name", name);
  signet_call *call = signet_sign_update(on.account, id, fields, NULL, NULL);
  signet_fields_free(fields);
  return call;
}

char *image_of(signet_kind kind, const char *id)
{
  signet_buffer text;
  size_t length;
  signet_call *call = expect_done(
      kind == SIGNET_SIGN ? signet_sign_get(on.account, id, NULL, NULL)
                          : signet_template_get(on.account, id, NULL, NULL));
  signet_buffer_init(&text, 1 << 16);
  signet_json_write_record(&text, signet_call_record(call));
  signet_call_release(call);
  return signet_buffer_take(&text, &length);
}

/* ---- reading ---- */

typedef struct search {
  size_t index, count;
  seen_write found;
} search;

static void copy(char *to, size_t size, const char *from)
{
  snprintf(to, size, "%s", from != NULL ? from : "");
}

static bool take_write(void *user, const signet_write_view *write)
{
  search *looking = user;
  if (looking->count++ == looking->index) {
    seen_write *found = &looking->found;
    copy(found->state, sizeof found->state, write->state);
    copy(found->answer, sizeof found->answer, write->answer);
    copy(found->verb, sizeof found->verb, write->verb);
    copy(found->target, sizeof found->target, write->target);
    copy(found->error_kind, sizeof found->error_kind, write->error_kind);
  }
  return true;
}

static bool take_id(void *user, const signet_job_view *view)
{
  copy(user, SIGNET_JOB_ID_SIZE, view->id);
  return false;
}

static search look(size_t index)
{
  search looking = {.index = index};
  char id[SIGNET_JOB_ID_SIZE] = "";
  cr_assert(signet_jobs_each(job_folder, NULL, take_id, NULL, id, &job_error));
  if (id[0] != '\0')
    cr_assert(signet_job_writes_each(job_folder, id, take_write, &looking,
                                     &job_error),
              "%s", job_error.message);
  return looking;
}

seen_write write_at(size_t index)
{
  search looking = look(index);
  cr_assert_lt(index, looking.count);
  return looking.found;
}

size_t write_count(void)
{
  return look(0).count;
}

typedef struct newest {
  char *state;
  signet_job_counts *counts;
  bool found;
} newest;

static bool take_job(void *user, const signet_job_view *view)
{
  newest *looking = user;
  snprintf(looking->state, 16, "%s", view->state);
  *looking->counts = view->counts;
  looking->found = true;
  return false;
}

bool newest_job(char state[16], signet_job_counts *counts)
{
  newest looking = {state, counts, false};
  cr_assert(
      signet_jobs_each(job_folder, NULL, take_job, NULL, &looking, &job_error));
  return looking.found;
}
