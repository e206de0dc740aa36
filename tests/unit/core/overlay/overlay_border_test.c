/* SPDX-License-Identifier: MIT */
/* An overlay at its borders: calls that are let go while it copies, options,
 * ids that are none, templates whose signature is missing. */
#include "account_on_world.h"

#include "job/plan/link.h"
#include "overlay/overlay.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static signet_overlay *overlay;
static signet_account *dry; /* on.world, under the overlay */

static signet_account *open_dry(void)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  options.world = on.world;
  options.overlay = overlay;
  signet_account *account = signet_account_open(on.loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
  return account;
}

static void begin(void)
{
  signet_error error;
  on_world_begin();
  overlay = signet_overlay_new(NULL, &error);
  cr_assert_not_null(overlay, "%s", error.message);
  dry = open_dry();
}

static void end(void)
{
  signet_account_close(dry);
  signet_overlay_free(overlay);
  on_world_end();
}

TestSuite(overlay_border, .init = begin, .fini = end);

static signet_call *delete_sign(const char *id)
{
  return signet_sign_delete(dry, id, NULL, NULL);
}

static signet_call *wait_for(const char *id)
{
  return signet_sign_wait(dry, id, SIGNET_STATUS_APPROVED, -1, NULL, NULL);
}

static void expect_let_go(signet_call *call)
{
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
}

Test(overlay_border, options_of_another_version)
{
  signet_overlay_options options = SIGNET_OVERLAY_OPTIONS_INIT;
  signet_error error;
  options.version = 99;
  cr_expect_null(signet_overlay_new(&options, &error));
  cr_expect_eq(error.kind, SIGNET_ERROR_VALIDATION);
}

/* Of those that wait for the copy any may be cancelled. */
Test(overlay_border, cancelled_in_the_queue)
{
  signet_call *calls[4];
  for (size_t i = 0; i < 4; i++)
    calls[i] = delete_sign("7");
  signet_call_cancel(calls[1]);
  signet_call_cancel(calls[3]);
  expect_let_go(calls[1]);
  expect_let_go(calls[3]);
  expect_error(calls[0], SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_REFUSED);
  expect_error(calls[2], SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_REFUSED);
}

Test(overlay_border, an_interrupt_lets_go_of_all_that_waits)
{
  signet_call *list = signet_sign_list(dry, NULL, NULL, NULL);
  signet_call *write = delete_sign("7");
  signet_account_hold(dry, true);
  expect_let_go(list);
  expect_let_go(write);
  signet_account_hold(dry, false);
  expect_error(delete_sign("7"), SIGNET_ERROR_NOT_FOUND,
               SIGNET_OUTCOME_REFUSED);
  list = signet_sign_list(dry, NULL, NULL, NULL);
  signet_account_hold(dry, true);
  expect_let_go(list);
}

Test(overlay_border, one_of_those_who_wait_leaves)
{
  char ids[3][24];
  signet_call *calls[3];
  static const char *const names[] = {"First", "Second", "Third"};
  for (size_t i = 0; i < 3; i++)
    world_sign(names[i], SIGNET_STATUS_PENDING, ids[i]);
  for (size_t i = 0; i < 3; i++)
    calls[i] = wait_for(ids[i]);
  signet_call_cancel(calls[1]);
  expect_let_go(calls[1]);
  signet_call_release(expect_done(calls[0]));
  signet_call_release(expect_done(calls[2]));
}

/* One handle is closed while another one's call waits. */
Test(overlay_border, a_handle_that_leaves_others_waiting)
{
  char id[24];
  world_sign("Pending", SIGNET_STATUS_PENDING, id);
  signet_account *other = open_dry();
  signet_call *gone =
      signet_sign_wait(other, id, SIGNET_STATUS_APPROVED, -1, NULL, NULL);
  signet_call *call = wait_for(id);
  signet_call_cancel(gone);
  expect_let_go(gone);
  while (overlay->state != SIGNET_OVERLAY_COPIED)
    signet_loop_step(on.loop, -1);
  signet_account_close(other);
  signet_call_release(expect_done(call));
}

Test(overlay_border, an_id_that_no_entry_can_have)
{
  expect_error(wait_for("9999999999999999999"), SIGNET_ERROR_NOT_FOUND,
               SIGNET_OUTCOME_NOT_SENT);
}

/* More than the log begins with. */
Test(overlay_border, many_writes)
{
  signet_error error;
  for (int i = 0; i < 70; i++) {
    char name[16];
    snprintf(name, sizeof name, "Name %d", i);
    signet_fields *fields = text_field("sign_name", name);
    signet_call_release(
        expect_done(signet_sign_create(dry, fields, NULL, NULL)));
    signet_fields_free(fields);
  }
  signet_plan *plan = signet_overlay_plan(overlay, NULL, NULL, &error);
  cr_assert_not_null(plan, "%s", error.message);
  cr_expect_eq(signet_plan_count(plan), 70);
  cr_expect_str_eq(signet_plan_at(plan, 69)->name, "Name 69");
  signet_plan_free(plan);
}

/* What can't send before loses nothing by a review. */
Test(overlay_border, templates_and_the_state_of_their_signatures)
{
  static const char state[] =
      "{\"version\":1,\"signs\":[{\"sign_id\":\"7\",\"sign_name\":\"Seven\","
      "\"status\":3}],\"templates\":["
      "{\"template_id\":\"11\",\"template_name\":\"None\",\"status\":2},"
      "{\"template_id\":\"12\",\"template_name\":\"Rejected\",\"status\":2,"
      "\"sign_id\":\"7\",\"sign_position\":1}]}";
  signet_error error;
  cr_assert(signet_world_load(on.world, state, sizeof state - 1, &error), "%s",
            error.message);
  signet_fields *fields = template_fields("Renamed");
  signet_call_release(
      expect_done(signet_template_update(dry, "11", fields, NULL, NULL)));
  signet_fields_free(fields);
  fields = text_field("sign_name", "Seventh");
  signet_call_release(
      expect_done(signet_sign_update(dry, "7", fields, NULL, NULL)));
  signet_fields_free(fields);
  signet_plan *plan = signet_overlay_plan(overlay, NULL, NULL, &error);
  cr_assert_not_null(plan, "%s", error.message);
  cr_expect_eq(signet_plan_at(plan, 0)->outage_count, 1);
  cr_expect_eq(signet_plan_at(plan, 1)->outage_count, 0);
  signet_plan_free(plan);
}

/* ---- what steps need, from their images alone ---- */

typedef struct image {
  signet_verb verb;
  signet_kind kind;
  const char *id, *before, *after;
} image;

static signet_plan *link(const image *images, size_t count)
{
  signet_plan *plan = signet_plan_new("x", NULL, NULL);
  cr_assert_not_null(plan);
  for (size_t i = 0; i < count; i++) {
    signet_plan_step *step =
        signet_plan_add(plan, images[i].verb, images[i].kind, images[i].id,
                        images[i].before, images[i].after);
    cr_assert_not_null(step);
    step->review = true;
  }
  cr_assert(signet_plan_link(plan, NULL));
  return plan;
}

#define NEW_SIGN                                                   \
  {                                                                \
    SIGNET_CREATE, SIGNET_SIGN, "7", NULL, "{\"sign_name\":\"N\"}" \
  }

/* A signature's id may be text or a number, or no id at all. */
Test(overlay_border, ids_of_signatures_in_templates)
{
  static const struct {
    const char *fields;
    size_t reviews;
  } cases[] = {{"{\"sign_id\":\"7\"}", 1},
               {"{\"sign_id\":7}", 1},
               {"{\"sign_id\":null}", 0},
               {"{\"sign_id\":[7]}", 0},
               {"{\"sign_id\":\"\"}", 0},
               {"{\"sign_id\":0}", 0},
               {"{}", 0},
               {"{\"add_signature\":false,\"sign_id\":\"7\"}", 0},
               {"{\"add_signature\":true,\"sign_id\":\"7\"}", 1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const image images[] = {
        NEW_SIGN, {SIGNET_CREATE, SIGNET_TEMPLATE, "8", NULL, cases[i].fields}};
    signet_plan *plan = link(images, 2);
    cr_expect_eq(signet_plan_at(plan, 1)->review_count, cases[i].reviews,
                 "case %zu", i);
    cr_expect_eq(signet_plan_at(plan, 1)->round, 1 + cases[i].reviews);
    signet_plan_free(plan);
  }
}

/* A deleted signature needs each of many templates, once. */
Test(overlay_border, a_signature_that_many_templates_used)
{
  enum { TEMPLATES = 40 };
  image images[TEMPLATES + 2] = {{SIGNET_UPDATE, SIGNET_SIGN, "7",
                                  "{\"sign_name\":\"N\"}",
                                  "{\"sign_name\":\"N\"}"}};
  char ids[TEMPLATES][8];
  for (size_t i = 0; i < TEMPLATES; i++) {
    snprintf(ids[i], sizeof ids[i], "%zu", 100 + i / 2);
    images[i + 1] = (image){SIGNET_UPDATE, SIGNET_TEMPLATE, ids[i],
                            "{\"sign_id\":\"7\"}", "{\"sign_id\":\"7\"}"};
  }
  images[TEMPLATES + 1] =
      (image){SIGNET_DELETE, SIGNET_SIGN, "7", "{\"sign_name\":\"N\"}", NULL};
  signet_plan *plan = link(images, TEMPLATES + 2);
  const signet_plan_step *last = signet_plan_at(plan, TEMPLATES + 1);
  cr_expect_eq(last->need_count + last->review_count, TEMPLATES + 1);
  signet_plan_free(plan);
}

Test(overlay_border, a_number_is_pushed_once)
{
  const size_t *numbers = NULL;
  size_t count = 0;
  for (size_t turn = 0; turn < 2; turn++)
    for (size_t i = 1; i <= 10; i++)
      cr_assert(signet_plan_push(&numbers, &count, i));
  cr_expect_eq(count, 10);
  for (size_t i = 0; i < 10; i++)
    cr_expect_eq(numbers[i], i + 1);
  signet_plan *owner = signet_plan_new("x", NULL, NULL);
  signet_plan_step *step =
      signet_plan_add(owner, SIGNET_DELETE, SIGNET_SIGN, "1", "{}", NULL);
  step->needs = numbers; /* freed with it */
  step->need_count = count;
  signet_plan_free(owner);
}
