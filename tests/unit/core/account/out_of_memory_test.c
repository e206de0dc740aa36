/* SPDX-License-Identifier: MIT */
/* Every allocation fails in turn, once and from then on: no crash, no leak, no
 * call that never ends, and never a success that is none. The allocator is the
 * whole process's, so this is an executable of its own. */
#include "account/account.h"
#include "canary.h"
#include "signet/account.h"
#include "signet/world.h"

#include "failing_memory.h"
#include "model/fields.h"
#include "model/list.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(out_of_memory, .timeout = 300);

/* What the steps of the scenario hand to each other. */
typedef struct scene {
  signet_loop *loop;
  signet_world *world;
  signet_account *account;
  char sign[SIGNET_ID_SIZE];
  char template[SIGNET_ID_SIZE];
  signet_fields *fields;
} scene;

/* Waits for a call. An error must be about memory, or leave open what is. */
static bool done(signet_call *call, char *id)
{
  if (call == NULL)
    return false;
  const signet_error *error = signet_call_wait(call);
  if (error != NULL) {
    cr_assert(memory_state.failed, "without a failed allocation: %s",
              error->message);
    cr_assert(error->kind == SIGNET_ERROR_MEMORY ||
                  (error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME &&
                   error->outcome == SIGNET_OUTCOME_UNKNOWN),
              "allocation %zu: %s: %s", memory_state.fail_at,
              signet_error_kind_name(error->kind), error->message);
    cr_assert_null(signet_call_list(call));
  } else if (id != NULL) {
    memcpy(id, signet_call_id(call), SIGNET_ID_SIZE);
    cr_assert_gt(strlen(id), 0, "allocation %zu: created without an id",
                 memory_state.fail_at);
  }
  bool good = error == NULL;
  signet_call_release(call);
  return good;
}

/* The same for a call that brings records. */
static bool brings(signet_call *call, size_t count)
{
  if (call == NULL)
    return false;
  if (signet_call_wait(call) == NULL)
    cr_assert_eq(signet_list_count(signet_call_list(call)), count,
                 "allocation %zu: half a list", memory_state.fail_at);
  return done(call, NULL);
}

static bool open_account(scene *it)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  it->loop = signet_loop_new();
  it->world = signet_world_new(NULL);
  if (it->loop == NULL || it->world == NULL)
    return false;
  options.world = it->world;
  options.poll_interval_ms = 1;
  it->account = signet_account_open(it->loop, &options, &error);
  if (it->account == NULL)
    cr_assert_eq(error.kind, SIGNET_ERROR_MEMORY);
  return it->account != NULL;
}

static bool set(scene *it, const char *name, const char *text)
{
  if (it->fields == NULL)
    it->fields = signet_fields_new();
  return it->fields != NULL && signet_fields_set_string(it->fields, name, text);
}

static void forget(scene *it)
{
  signet_fields_free(it->fields);
  it->fields = NULL;
}

static bool work_on_signs(scene *it)
{
  bool good =
      set(it, "sign_name", "Company") &&
      done(signet_sign_create(it->account, it->fields, NULL, NULL), it->sign);
  signet_world_switches(it->world)->create_tells_id = false;
  char unused[SIGNET_ID_SIZE];
  good = good && set(it, "sign_name", "Other") &&
         done(signet_sign_create(it->account, it->fields, NULL, NULL), unused);
  forget(it);
  good = good &&
         (signet_world_review(it->world, SIGNET_SIGN, it->sign,
                              SIGNET_STATUS_APPROVED, NULL) ||
          !memory_state.failed) &&
         brings(signet_sign_wait(it->account, it->sign, SIGNET_STATUS_APPROVED,
                                 60 * 1000, NULL, NULL),
                1) &&
         brings(signet_sign_get(it->account, it->sign, NULL, NULL), 1) &&
         brings(signet_sign_list(it->account, NULL, NULL, NULL), 2) &&
         set(it, "status", "approved") &&
         brings(signet_sign_list(it->account, it->fields, NULL, NULL), 1);
  forget(it);
  good = good && set(it, "sign_name", "Renamed") &&
         done(signet_sign_update(it->account, it->sign, it->fields, NULL, NULL),
              NULL);
  forget(it);
  return good && signet_world_review(it->world, SIGNET_SIGN, it->sign,
                                     SIGNET_STATUS_APPROVED, NULL);
}

static bool work_on_templates(scene *it)
{
  bool good = set(it, "template_name", "Order") &&
              set(it, "template_type", "utility") &&
              set(it, "template_content", "Your order") &&
              set(it, "country_codes", "CN") && set(it, "sign_id", it->sign) &&
              signet_fields_set_integer(it->fields, "sign_position", 1) &&
              done(signet_template_create(it->account, it->fields, NULL, NULL),
                   it->template);
  forget(it);
  good = good &&
         signet_world_review(it->world, SIGNET_TEMPLATE, it->template,
                             SIGNET_STATUS_APPROVED, NULL) &&
         set(it, "template_name", "Renamed") &&
         done(signet_template_update(it->account, it->template, it->fields,
                                     NULL, NULL),
              NULL);
  forget(it);
  return good &&
         done(signet_template_delete(it->account, it->template, NULL, NULL),
              NULL) &&
         done(signet_sign_delete(it->account, it->sign, NULL, NULL), NULL);
}

/* Closing with calls under way must not need memory. */
static bool leave_calls_running(scene *it)
{
  signet_call *calls[] = {
      signet_sign_list(it->account, NULL, NULL, NULL),
      signet_sign_wait(it->account, "1", SIGNET_STATUS_APPROVED, 60 * 1000,
                       NULL, NULL),
      signet_template_wait(it->account, "1", SIGNET_STATUS_APPROVED, -1, NULL,
                           NULL),
  };
  bool good = calls[0] != NULL && calls[1] != NULL && calls[2] != NULL;
  for (size_t i = 0; i < 3; i++)
    signet_call_release(calls[i]);
  return good;
}

static bool open_over_http(scene *it)
{
  static const char heading[] = "-----BEGIN CERTIFICATE-----\n";
  char authorities[] = "out-of-memory-test-XXXXXX";
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  options.base_url = "https://localhost:1/base";
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  int file = mkstemp(authorities);
  cr_assert_eq(write(file, heading, sizeof heading - 1), sizeof heading - 1);
  close(file);
  options.ca_file = authorities;
  options.client_key_password = "password of a key";
  options.proxy = "http://localhost:1";
  options.proxy_user = "user";
  options.proxy_password = "password of a proxy";
  signet_account *account = signet_account_open(it->loop, &options, &error);
  unlink(authorities);
  if (account == NULL)
    cr_assert(memory_state.failed, "%s", error.message);
  signet_account_close(account);
  return account != NULL;
}

static bool scenario(void)
{
  scene it = {0};
  bool good = open_account(&it) && work_on_signs(&it) &&
              work_on_templates(&it) && open_over_http(&it) &&
              leave_calls_running(&it);
  forget(&it);
  signet_account_close(it.account);
  signet_loop_free(it.loop);
  signet_world_free(it.world);
  return good;
}

static bool run(size_t at, bool on)
{
  memory_state.fail_at = at;
  memory_state.fail_on = on;
  memory_state.asked = 0;
  memory_state.failed = false;
  bool good = scenario();
  memory_state.fail_at = 0;
  return good;
}

static void use_allocator(void)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  cr_assert(signet_global_init(&allocator));
}

static void fail_each(bool on)
{
  use_allocator();
  cr_assert(run(0, false), "the scenario fails with all memory there is");
  size_t count = memory_state.asked;
  size_t before = memory_state.living;
  cr_assert_gt(count, 100);
  size_t survived = 0;
  for (size_t n = 1; n <= count; n++) {
    bool good = run(n, on);
    cr_assert(memory_state.failed, "allocation %zu of %zu was not reached", n,
              count);
    cr_assert_eq(memory_state.living, before, "allocation %zu: %zd blocks leak",
                 n, (ssize_t)(memory_state.living - before));
    survived += good;
  }
  cr_expect_lt(survived, count / 2, "%zu of %zu failures are not noticed",
               survived, count);
  cr_assert(run(0, false), "the scenario fails afterwards");
}

Test(out_of_memory, each_allocation_once)
{
  fail_each(false);
}

Test(out_of_memory, each_allocation_and_all_that_follow)
{
  fail_each(true);
}

/* ---- a list goes on after a record that found no memory ---- */

static const signet_record *add_record(signet_list *list, size_t fields,
                                       size_t length)
{
  static char text[2000];
  static const char *const names[] = {"a", "b", "c", "d"};
  memset(text, 't', sizeof text);
  signet_list_begin(list);
  for (size_t i = 0; i < fields; i++) {
    signet_value value = signet_value_text(text, length);
    signet_list_add(list, names[i], 1, &value);
  }
  return signet_list_end(list);
}

static void check_records(const signet_list *list, size_t length)
{
  for (size_t i = 0; i < signet_list_count(list); i++) {
    const signet_record *record = signet_list_at(list, i);
    const char *name;
    signet_value value;
    for (size_t k = 0; signet_record_at(record, k, &name, &value); k++) {
      cr_assert_eq(name[0], 'a' + (char)k);
      cr_assert_eq(value.as.text.length, length);
      cr_assert_eq(strspn(value.as.text.data, "t"), length);
    }
  }
}

Test(out_of_memory, a_list_stays_whole_and_goes_on)
{
  static const size_t lengths[] = {1, 60, 100, 500, 980, 1000, 1900};
  use_allocator();
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    for (memory_state.fail_at = 1; memory_state.fail_at < 40;
         memory_state.fail_at++) {
      signet_list *list = NULL;
      size_t kept = 0;
      memory_state.asked = 0;
      memory_state.failed = false;
      memory_state.fail_on = false;
      if ((list = signet_list_new(SIGNET_SIGN)) == NULL)
        continue;
      for (size_t k = 0; k < 16; k++)
        kept += add_record(list, k % 4 + 1, lengths[i]) != NULL;
      cr_assert_eq(signet_list_count(list), kept);
      cr_assert_geq(kept, 15, "one failure cost %zu records", 16 - kept);
      check_records(list, lengths[i]);
      signet_list_release(list);
    }
  }
  memory_state.fail_at = 0;
  cr_assert_eq(memory_state.living, 0);
}
