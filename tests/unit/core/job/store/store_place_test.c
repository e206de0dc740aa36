/* SPDX-License-Identifier: MIT */
/* A place where jobs of several accounts are kept, and who holds them. */
#include "store_support.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(store_place, .init = store_begin, .fini = store_end);

static void make(const char *job)
{
  signet_job_row row = {.id = job, .state = "running"};

  cr_assert(store_open(), "%s", store_error.message);
  cr_assert(store->operations->put_job(store, &row, &store_error));
  cr_assert(store_commit());
}

/* ---- accounts ---- */

typedef struct seen {
  char ids[200]; /* of the jobs, each with a space */
  size_t stores;
  size_t limit; /* then it is enough; 0: never */
} seen;

static bool see_job(void *user, const signet_job_row *row)
{
  seen *all = user;

  (void)strcat(strcat(all->ids, row->id), " ");
  return true;
}

static bool see_store(void *user, signet_store *one, const char *name,
                      const signet_error *problem)
{
  seen *all = user;

  cr_assert_not_null(one, "%s: %s", name, problem->message);
  cr_assert(one->operations->each_job(one, NULL, see_job, all, &store_error));
  return ++all->stores != all->limit;
}

Test(store_place, has_what_was_kept_of_each_account)
{
  seen all = {.stores = 0};

  cr_assert(signet_store_each(store_url, see_store, &all, &store_error));
  cr_assert_eq(all.stores, 0);
  make("one");
  store_close();
  store_other_account();
  make("two");
  cr_assert(signet_store_each(store_url, see_store, &all, &store_error));
  cr_assert_eq(all.stores, 2);
  cr_assert_not_null(strstr(all.ids, "one "));
  cr_assert_not_null(strstr(all.ids, "two "));
  all = (seen){.limit = 1};
  cr_assert(signet_store_each(store_url, see_store, &all, &store_error));
  cr_assert_eq(all.stores, 1);
}

Test(store_place, has_a_name_for_each)
{
  char first[300];

  make("one");
  (void)snprintf(first, sizeof first, "%s", store->name);
  store_close();
  cr_assert(store_read());
  cr_expect_str_eq(store->name, first);
  store_close();
  store_other_account();
  make("two");
  cr_expect_str_neq(store->name, first);
}

Test(store_place, of_a_kind_that_there_is_not)
{
  seen all = {.stores = 0};

  (void)snprintf(store_url, sizeof store_url, "carrier-pigeon://loft");
  store_refuses(SIGNET_ERROR_CONFIGURATION, "no store carrier-pigeon");
  cr_expect_not(store_read());
  store_was_refused(SIGNET_ERROR_CONFIGURATION, "no store carrier-pigeon");
  cr_expect_not(signet_store_each(store_url, see_store, &all, &store_error));
}

Test(store_place, takes_over_another_accounts_jobs)
{
  char account[sizeof store_account];
  signet_store *other;
  seen all = {.stores = 0};

  make("former");
  store_close();
  cr_assert(store_read());
  other = store;
  (void)snprintf(account, sizeof account, "%s", store_account);
  store_other_account();
  make("own");
  cr_assert(store->operations->take_over(store, other, &store_error), "%s",
            store_error.message);
  other->operations->close(other);
  cr_assert(
      store->operations->each_job(store, NULL, see_job, &all, &store_error));
  cr_expect_str_eq(all.ids, "former own ");
  store_close();
  (void)snprintf(store_account, sizeof store_account, "%s", account);
  cr_expect_not(store_read());
  cr_expect_eq(store_error.kind, SIGNET_ERROR_NOT_FOUND);
}

/* ---- who holds one ---- */

static const signet_job_counts counts = {1, 2, 3, 4, 5};

static void tell(void)
{
  signet_job_running self = {.id = JOB,
                             .type = "apply",
                             .name = "plan.json",
                             .account = "configs http://store.test key k"};

  store->operations->tell_holder(store, &self);
  store->operations->tell(store, 17, &counts, "2 reviews");
}

static void expect_told(const signet_job_running *holder)
{
  cr_expect_str_eq(holder->id, JOB);
  cr_expect_str_eq(holder->type, "apply");
  cr_expect_str_eq(holder->name, "plan.json");
  cr_expect_str_eq(holder->account, "configs http://store.test key k");
  cr_expect_str_eq(holder->waits, "2 reviews");
  cr_expect_eq(holder->writes, 17);
  cr_expect_eq(memcmp(&holder->counts, &counts, sizeof counts), 0);
  cr_expect_gt(holder->process, 0);
  cr_expect_gt(holder->since_ms, 0);
  cr_expect_str_not_empty(holder->host);
}

Test(store_place, tells_who_holds_it)
{
  signet_job_running holder;
  signet_store *own;

  make(JOB);
  own = store;
  store_refuses(SIGNET_ERROR_LOCKED, "in use");
  cr_expect_str_empty(store_held_by.id, "nobody told");
  cr_expect_not(signet_store_holder(own->name, &holder));
  store = own;
  tell();
  store_refuses(SIGNET_ERROR_LOCKED, "in use");
  expect_told(&store_held_by);
  cr_expect(signet_store_holder(own->name, &holder));
  expect_told(&holder);
  cr_assert(store_read());
  cr_expect(store->operations->held_by(store, &holder));
  expect_told(&holder);
  store_close();
  store = own;
  store->operations->leave(store, NULL);
  store_close();
  cr_assert(store_read());
  cr_expect_not(store->operations->held_by(store, &holder));
  cr_expect_not(signet_store_holder(store->name, &holder));
}

Test(store_place, keeps_the_last_note_of_a_job_that_came_to_no_end)
{
  char job[SIGNET_JOB_ID_SIZE], note[SIGNET_STORE_NOTE_SIZE];
  signet_job_running holder;

  make(JOB);
  cr_expect_not(store->operations->former_note(store, job, note));
  tell();
  store->operations->note(store, "a long note, once");
  store->operations->note(store, "17 by now");
  store->operations->leave(store, JOB);
  store_close();
  cr_assert(store_open());
  cr_expect(store->operations->former_note(store, job, note));
  cr_expect_str_eq(job, JOB);
  cr_expect_str_eq(note, "17 by now");
  cr_expect_not(signet_store_holder(store->name, &holder), "it left");
  tell();
  store->operations->leave(store, NULL);
  store_close();
  cr_assert(store_open());
  cr_expect_not(store->operations->former_note(store, job, note));
}
