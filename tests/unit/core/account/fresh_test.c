/* SPDX-License-Identifier: MIT */
/* What a write rests on: other people's edits, and writes that change nothing.
 */
#include "account_on_world.h"

#include "account/recorder.h"
#include "model/clock.h"
#include "model/memory.h"

#include <criterion/criterion.h>

#include <string.h>

static void begin(void)
{
  on_world_begin();
  on.account->settings.fresh_ms = 0;
}

TestSuite(fresh, .init = begin, .fini = on_world_end);

/* Somebody else's write, past the account. */
static void edit(signet_kind kind, const char *id, signet_fields *fields)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.kind = kind;
  operation.verb = SIGNET_UPDATE;
  operation.id = id;
  operation.id_length = strlen(id);
  operation.fields = fields;
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply),
            "%s", reply.error.message);
  signet_list_release(reply.list);
  signet_fields_free(fields);
  cr_assert(
      signet_world_review(on.world, kind, id, SIGNET_STATUS_APPROVED, "Fine"));
}

static void list_signs(void)
{
  signet_call_release(
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL)));
}

static signet_call *rename_to(const char *id, const char *name)
{
  signet_fields *fields = text_field("sign_name", name);
  signet_call *call = signet_sign_update(on.account, id, fields, NULL, NULL);
  signet_fields_free(fields);
  return call;
}

/* Compares the name that the world holds. */
static void expect_name(const char *id, const char *name)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.id = id;
  operation.id_length = strlen(id);
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply));
  cr_expect_str_eq(
      signet_record_string(signet_list_at(reply.list, 0), "sign_name"), name);
  signet_list_release(reply.list);
}

static uint64_t requests(void)
{
  return signet_account_requests(on.account);
}

Test(fresh, what_somebody_else_typed_is_not_overwritten)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  list_signs();
  edit(SIGNET_SIGN, id, text_field("sign_name", "Legal text"));
  expect_words(
      rename_to(id, "Renamed"), SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT,
      "sign_name is now \"Legal text\", it was \"Plain\" when this run "
      "read it at ");
  expect_name(id, "Legal text");
  expect_words(signet_sign_delete(on.account, id, NULL, NULL),
               SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT, "Legal text");
  /* Who has seen it may write. */
  signet_call_release(expect_done(signet_sign_get(on.account, id, NULL, NULL)));
  signet_call_release(expect_done(rename_to(id, "Renamed")));
  expect_name(id, "Renamed");
}

Test(fresh, a_status_that_changed)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_REJECTED, id);
  list_signs();
  edit(SIGNET_SIGN, id, text_field("sign_name", "Plain"));
  expect_words(signet_sign_delete(on.account, id, NULL, NULL),
               SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT,
               "status is now approved, it was rejected");
}

/* A review that was decided meanwhile is nobody's edit to who updates; what was
 * pending and is approved is not what somebody meant to delete. */
Test(fresh, a_review_that_was_decided)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_PENDING, id);
  list_signs();
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id,
                                SIGNET_STATUS_APPROVED, NULL));
  expect_words(signet_sign_delete(on.account, id, NULL, NULL),
               SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT,
               "status is now approved, it was pending");
  signet_call_release(expect_done(rename_to(id, "Renamed")));
}

Test(fresh, a_template_is_completed_from_what_was_seen)
{
  char id[24];
  signet_fields *fields = text_field("country_codes", "US");
  world_template("Notice", SIGNET_STATUS_APPROVED, NULL, 0, id);
  signet_call_release(
      expect_done(signet_template_get(on.account, id, NULL, NULL)));
  signet_fields *other = template_fields("Notice");
  cr_assert(signet_fields_set_string(other, "template_content", "Edited"));
  edit(SIGNET_TEMPLATE, id, other);
  expect_words(signet_template_update(on.account, id, fields, NULL, NULL),
               SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT,
               "template_content is now \"Edited\", it was \"Content\"");
  signet_fields_free(fields);
}

/* What was read a moment ago is believed; and always, for who wants that. */
Test(fresh, what_is_young_is_not_read_again)
{
  static const int64_t ages[] = {60000, -1};
  for (size_t i = 0; i < 2; i++) {
    char id[24];
    world_sign(i == 0 ? "One" : "Two", SIGNET_STATUS_APPROVED, id);
    on.account->settings.fresh_ms = ages[i];
    list_signs();
    edit(SIGNET_SIGN, id, text_field("sign_name", "Edited"));
    uint64_t before = requests();
    signet_call_release(
        expect_done(rename_to(id, i == 0 ? "First" : "Second")));
    cr_expect_eq(requests(), before + 1);
  }
}

Test(fresh, nobody_asks_again_for_what_the_account_wrote_last)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  list_signs();
  signet_call_release(expect_done(rename_to(id, "First")));
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id,
                                SIGNET_STATUS_APPROVED, NULL));
  uint64_t before = requests();
  signet_call_release(expect_done(rename_to(id, "Second")));
  cr_expect_eq(requests(), before + 1);
  expect_name(id, "Second");
}

Test(fresh, an_id_that_was_never_read_is_just_written)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  signet_call_release(expect_done(rename_to(id, "Renamed")));
  cr_expect_eq(requests(), 1);
}

Test(fresh, one_list_serves_all_who_wait)
{
  enum { MANY = 40 };
  char ids[MANY][24];
  signet_call *calls[MANY];
  char name[24];
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "Sign %d", i);
    world_sign(name, SIGNET_STATUS_APPROVED, ids[i]);
  }
  list_signs();
  edit(SIGNET_SIGN, ids[7], text_field("sign_name", "Legal text"));
  uint64_t before = requests();
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "Renamed %d", i);
    calls[i] = rename_to(ids[i], name);
  }
  for (int i = 0; i < MANY; i++)
    if (i == 7)
      expect_error(calls[i], SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT);
    else
      signet_call_release(expect_done(calls[i]));
  /* A list, the edited entry by itself, the others' writes. */
  cr_expect_eq(requests(), before + 1 + 1 + MANY - 1);
}

static uint64_t requests_of_two(char ids[][24], const char *names)
{
  char name[24];
  signet_call *calls[2];
  signet_clock_pause(2); /* all that was read is older than what follows */
  signet_account_distrust(on.account);
  on.account->kinds[SIGNET_SIGN].fresh.read_ms = -1;
  uint64_t before = requests();
  for (int i = 0; i < 2; i++) {
    snprintf(name, sizeof name, "%s %d", names, i);
    calls[i] = rename_to(ids[i], name);
  }
  for (int i = 0; i < 2; i++)
    signet_call_release(expect_done(calls[i]));
  return requests() - before;
}

/* Two who wait are too few for a list of a thousand. What else is to be looked
 * at while it is believed counts, unless it would be old when it comes. */
Test(fresh, a_list_pays_by_those_whom_it_serves_in_time)
{
  enum { MANY = 1000, FRESH_MS = 60000, WRITES = 2 };
  static char ids[MANY][24];
  signet_fresh *fresh = &on.account->kinds[SIGNET_SIGN].fresh;
  char name[24];
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "Sign %d", i);
    world_sign(name, SIGNET_STATUS_APPROVED, ids[i]);
  }
  on.account->settings.fresh_ms = FRESH_MS;
  list_signs();
  cr_expect_eq(requests_of_two(ids, "Alone"), 2 + WRITES);
  fresh->wanted = 100;
  cr_expect_eq(requests_of_two(ids + 2, "Among many"), 1 + WRITES);
  fresh->took_ms = FRESH_MS;
  cr_expect_eq(requests_of_two(ids + 4, "Too slow"), 2 + WRITES);
  fresh->took_ms = FRESH_MS - FRESH_MS / 50;
  cr_expect_eq(requests_of_two(ids + 6, "Hardly in time"), 2 + WRITES);
  fresh->took_ms = FRESH_MS / 2;
  cr_expect_eq(requests_of_two(ids + 8, "In time"), 1 + WRITES);
  /* Who came in the last while tells how many come in this one. */
  fresh->wanted_since -= FRESH_MS;
  fresh->took_ms = 0;
  cr_expect_eq(requests_of_two(ids + 10, "The next while"), 1 + WRITES);
  cr_expect_geq(fresh->wanted_before, 100);
  fresh->wanted_since -= 2 * FRESH_MS;
  cr_expect_eq(requests_of_two(ids + 12, "Much later"), 2 + WRITES);
}

/* A list that was begun before a write shows the entry as it was, whatever came
 * first. */
Test(fresh, a_list_says_nothing_of_what_was_written_since_it_was_begun)
{
  char ids[3][24];
  signet_call *calls[3];
  signet_fresh *fresh = &on.account->kinds[SIGNET_SIGN].fresh;
  static const char *const names[] = {"One", "Two", "Three"};
  on.account->settings.fresh_ms = 60000;
  for (int i = 0; i < 3; i++) {
    if (i == 2)
      list_signs();
    world_sign(names[i], SIGNET_STATUS_APPROVED, ids[i]);
  }
  signet_clock_pause(2);
  signet_account_distrust(on.account);
  calls[0] = rename_to(ids[0], "First");
  calls[1] = rename_to(ids[1], "Second");
  while (!fresh->step.active)
    signet_loop_step(on.loop, -1);
  calls[2] = rename_to(ids[2], "Third"); /* never read: sent at once */
  for (int i = 0; i < 3; i++)
    signet_call_release(expect_done(calls[i]));
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, ids[2],
                                SIGNET_STATUS_APPROVED, NULL));
  on.account->settings.protect_name =
      signet_memory_text("Nobody", 6); /* it looks */
  signet_call *back = expect_done(rename_to(ids[2], "Three"));
  cr_expect_not(signet_call_unchanged(back));
  signet_call_release(back);
  expect_name(ids[2], "Three");
}

/* One entry of many costs less by itself. */
Test(fresh, one_who_waits_asks_for_one)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  list_signs();
  uint64_t before = requests();
  signet_call_release(expect_done(rename_to(id, "Renamed")));
  cr_expect_eq(requests(), before + 2);
}

Test(fresh, an_entry_that_is_gone_by_then)
{
  char ids[4][24];
  signet_call *calls[4];
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  static const char *const names[] = {"One", "Two", "Three", "Four"};
  for (int i = 0; i < 4; i++)
    world_sign(names[i], SIGNET_STATUS_APPROVED, ids[i]);
  list_signs();
  operation.verb = SIGNET_DELETE;
  operation.id = ids[2];
  operation.id_length = strlen(ids[2]);
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply));
  for (int i = 0; i < 4; i++)
    calls[i] = signet_sign_delete(on.account, ids[i], NULL, NULL);
  for (int i = 0; i < 4; i++)
    if (i == 2)
      expect_error(calls[i], SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_NOT_SENT);
    else
      signet_call_release(expect_done(calls[i]));
}

Test(fresh, a_call_that_waits_can_be_cancelled)
{
  char ids[2][24];
  world_sign("One", SIGNET_STATUS_APPROVED, ids[0]);
  world_sign("Two", SIGNET_STATUS_APPROVED, ids[1]);
  list_signs();
  signet_call *first = rename_to(ids[0], "First");
  signet_call *second = rename_to(ids[1], "Second");
  signet_call_cancel(first);
  expect_error(first, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  signet_call_release(expect_done(second));
  expect_name(ids[0], "One");
}

Test(fresh, closing_ends_who_waits)
{
  char ids[3][24];
  signet_call *calls[3];
  static const char *const names[] = {"One", "Two", "Three"};
  for (int i = 0; i < 3; i++)
    world_sign(names[i], SIGNET_STATUS_APPROVED, ids[i]);
  list_signs();
  for (int i = 0; i < 3; i++)
    calls[i] = rename_to(ids[i], "Other name");
  signet_loop_step(on.loop, 0);
  signet_account_close(on.account);
  on.account = NULL;
  for (int i = 0; i < 3; i++)
    expect_error(calls[i], SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
}

/* ---- what the caller says it saw ---- */

static signet_call *rename_expecting(const char *id, const char *name,
                                     const char *expected)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.verb = SIGNET_UPDATE;
  operation.id = id;
  operation.id_length = strlen(id);
  operation.fields = text_field("sign_name", name);
  operation.expected = expected;
  signet_call *call = signet_call_start(on.account, &operation, NULL, NULL);
  signet_fields_free((signet_fields *)operation.fields);
  return call;
}

Test(fresh, what_the_caller_expects)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  expect_words(rename_expecting(id, "Renamed", "{\"sign_name\":\"Other\"}"),
               SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT,
               "sign_name is now \"Plain\", it was \"Other\" in what the write "
               "rests on");
  expect_words(rename_expecting(id, "Renamed", "{\"status\":3}"),
               SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT,
               "status is now approved, it was rejected");
  expect_error(rename_expecting(id, "Renamed", "7"), SIGNET_ERROR_VALIDATION,
               SIGNET_OUTCOME_NOT_SENT);
  signet_call_release(expect_done(
      rename_expecting(id, "Renamed", "{\"sign_name\":\" Plain\"}")));
  expect_name(id, "Renamed");
}

/* Where it is expected even what was read just now is compared. */
Test(fresh, what_is_expected_counts_more_than_what_was_delivered)
{
  char id[24];
  on.account->settings.fresh_ms = 60000;
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  list_signs();
  expect_error(rename_expecting(id, "Renamed", "{\"sign_name\":\"Other\"}"),
               SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_NOT_SENT);
}

/* ---- writes that change nothing ---- */

static void expect_unchanged(signet_call *call, bool unchanged)
{
  expect_done(call);
  cr_expect_eq(signet_call_unchanged(call), unchanged);
  signet_call_release(call);
}

static signet_call *update_template(const char *id, const char *field,
                                    const char *value)
{
  signet_fields *fields = text_field(field, value);
  signet_call *call =
      signet_template_update(on.account, id, fields, NULL, NULL);
  signet_fields_free(fields);
  return call;
}

Test(fresh, own_values_are_not_sent_back)
{
  char id[24];
  char template_id[24];
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  signet_fields *fields = template_fields("Notice");
  cr_assert(
      signet_fields_set_string(fields, "country_codes", "CN,US") &&
      signet_fields_set_string(fields, "template_type", "authentication"));
  world_template("Notice", SIGNET_STATUS_APPROVED, NULL, 0, template_id);
  edit(SIGNET_TEMPLATE, template_id, fields);
  list_signs();
  expect_unchanged(rename_to(id, "Plain"), true);
  expect_unchanged(rename_to(id, " Plain "), true);
  expect_unchanged(update_template(template_id, "country_codes", "US, cn"),
                   true);
  expect_unchanged(update_template(template_id, "template_type", "otp"), true);
  expect_unchanged(update_template(template_id, "template_name", "Notice"),
                   true);
  expect_unchanged(update_template(template_id, "country_codes", "US"), false);
  expect_unchanged(rename_to(id, "plain"), false);
}

Test(fresh, a_rejected_entry_is_not_submitted_again_by_chance)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_REJECTED, id);
  list_signs();
  signet_call *call = expect_done(rename_to(id, "Plain"));
  cr_expect(signet_call_unchanged(call));
  cr_assert_not_null(signet_call_warning(call));
  cr_expect_not_null(strstr(signet_call_warning(call), "--resubmit"));
  signet_call_release(call);
  on.account->settings.resubmit = true;
  expect_unchanged(rename_to(id, "Plain"), false);
}

/* What somebody else has done already is no conflict. */
Test(fresh, somebody_else_wrote_the_same)
{
  char id[24];
  world_sign("Plain", SIGNET_STATUS_APPROVED, id);
  list_signs();
  edit(SIGNET_SIGN, id, text_field("sign_name", "Renamed"));
  expect_unchanged(rename_to(id, "Renamed"), true);
}

/* ---- names that are taken ---- */

static signet_call *create_sign(const char *name)
{
  signet_fields *fields = text_field("sign_name", name);
  signet_call *call = signet_sign_create(on.account, fields, NULL, NULL);
  signet_fields_free(fields);
  return call;
}

Test(fresh, a_taken_name_names_its_holder)
{
  char ids[2][24];
  char words[80];
  world_sign("Taken", SIGNET_STATUS_REJECTED, ids[0]);
  world_sign("Other", SIGNET_STATUS_APPROVED, ids[1]);
  snprintf(words, sizeof words, "signature %s (rejected: Reviewed) has that",
           ids[0]);
  expect_words(create_sign("Taken"), SIGNET_ERROR_CONFLICT,
               SIGNET_OUTCOME_REFUSED, words);
  expect_words(rename_to(ids[1], "Taken"), SIGNET_ERROR_CONFLICT,
               SIGNET_OUTCOME_REFUSED, words);
}

/* One list tells all of them, and who comes later. */
Test(fresh, holders_are_looked_for_once)
{
  char id[24];
  signet_call *calls[5];
  world_sign("Taken", SIGNET_STATUS_APPROVED, id);
  uint64_t before = requests();
  for (int i = 0; i < 5; i++)
    calls[i] = create_sign("Taken");
  for (int i = 0; i < 5; i++)
    expect_words(calls[i], SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_REFUSED, id);
  expect_words(create_sign("Taken"), SIGNET_ERROR_CONFLICT,
               SIGNET_OUTCOME_REFUSED, id);
  cr_expect_eq(requests(), before + 6 + 1);
}

Test(fresh, who_looks_for_a_holder_can_be_cancelled)
{
  char id[24];
  world_sign("Taken", SIGNET_STATUS_APPROVED, id);
  signet_call *call = create_sign("Taken");
  while (call->phase != SIGNET_CALL_NAMING)
    signet_loop_step(on.loop, -1);
  signet_call_cancel(call);
  expect_error(call, SIGNET_ERROR_CONFLICT, SIGNET_OUTCOME_REFUSED);
}
