/* SPDX-License-Identifier: MIT */
/* The world when memory runs out: at each allocation once, and for good from
 * each allocation on. Nothing crashes, leaks, or is done by half. */
#include "world_support.h"

#include "model/memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static size_t allocations; /* so far */
static size_t fail_at;     /* 0: never */
static bool fail_on;       /* …and at every one after it */
static long live;

static bool fails(void)
{
  allocations++;
  return fail_at != 0 &&
         (fail_on ? allocations >= fail_at : allocations == fail_at);
}

static void *allocate(size_t size)
{
  void *memory = fails() ? NULL : malloc(size);
  live += memory != NULL;
  return memory;
}

static void *reallocate(void *memory, size_t size)
{
  if (fails())
    return NULL;
  live += memory == NULL;
  return realloc(memory, size);
}

static void release(void *memory)
{
  live -= memory != NULL;
  free(memory);
}

static const signet_allocator counting = {allocate, reallocate, release};

static size_t count_of(signet_world *in, signet_kind kind)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.kind = kind;
  operation.verb = SIGNET_LIST;
  if (!signet_world_apply(in, SIGNET_CONFIGS, &operation, &reply))
    return SIZE_MAX;
  size_t count = signet_list_count(reply.list);
  signet_list_release(reply.list);
  return count;
}

static bool set(signet_fields *fields, const char *name, const char *text)
{
  return signet_fields_set_string(fields, name, text);
}

/* One operation; out of memory is the only reason for a no. */
static bool operate(signet_world *in, signet_kind kind, signet_verb verb,
                    const char *id, const signet_fields *fields)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.kind = kind;
  operation.verb = verb;
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  operation.fields = fields;
  bool done = signet_world_apply(in, SIGNET_CONFIGS, &operation, &reply);
  if (!done)
    cr_expect_eq(reply.error.kind, SIGNET_ERROR_MEMORY, "%s",
                 reply.error.message);
  cr_expect(done || reply.list == NULL);
  signet_list_release(reply.list);
  return done;
}

static bool change(signet_world *in, const signet_fields *sign,
                   const signet_fields *template, const signet_fields *other)
{
  return operate(in, SIGNET_SIGN, SIGNET_CREATE, NULL, sign) &&
         signet_world_review(in, SIGNET_SIGN, "100000001", 2, "fine") &&
         operate(in, SIGNET_TEMPLATE, SIGNET_CREATE, NULL, template) &&
         signet_world_review(in, SIGNET_TEMPLATE, "100000002", 2, NULL) &&
         operate(in, SIGNET_TEMPLATE, SIGNET_UPDATE, "100000002", template) &&
         operate(in, SIGNET_SIGN, SIGNET_UPDATE, "100000001", other) &&
         operate(in, SIGNET_SIGN, SIGNET_GET, "100000001", NULL) &&
         count_of(in, SIGNET_TEMPLATE) == 1;
}

static bool keep(signet_world *in)
{
  static const signet_world_reviewer rule = {
      true, SIGNET_SIGN, "Comp*", 10, SIGNET_STATUS_REJECTED, "no"};
  signet_error error = SIGNET_ERROR_INIT;
  size_t length = 0;
  if (!signet_world_set_reviewers(in, &rule, 1) ||
      !signet_world_seed(in, 3, 3, 1))
    return false;
  char *text = signet_world_save(in, &length);
  bool done = text != NULL && signet_world_load(in, text, length, &error);
  if (text != NULL && !done)
    cr_expect_eq(error.kind, SIGNET_ERROR_MEMORY, "%s", error.message);
  signet_world_text_free(text);
  return done && operate(in, SIGNET_SIGN, SIGNET_DELETE, "100000001", NULL);
}

static bool scenario(void)
{
  bool done = false;
  signet_world *in = signet_world_new(NULL);
  signet_fields *sign = signet_fields_new();
  signet_fields *template = signet_fields_new();
  signet_fields *other = signet_fields_new();
  if (in != NULL && sign != NULL && template != NULL && other != NULL &&
      set(sign, "sign_name", "Company") && set(other, "sign_name", "Other") &&
      set(template, "template_name", "Order") &&
      set(template, "template_type", "otp") &&
      set(template, "template_content", "Hello") &&
      set(template, "country_codes", "CN") &&
      set(template, "sign_id", "100000001") &&
      signet_fields_set_integer(template, "sign_position", 1) &&
      signet_fields_set_boolean(template, "add_signature", true)) {
    signet_world_switches(in)->free_name_on_submit = false;
    done = change(in, sign, template, other) && keep(in);
  }
  signet_fields_free(sign);
  signet_fields_free(template);
  signet_fields_free(other);
  signet_world_free(in);
  return done;
}

static void fail_everywhere(bool for_good)
{
  signet_memory_replace(&counting);
  cr_assert(scenario());
  size_t all = allocations;
  cr_assert_gt(all, 100);
  cr_assert_eq(live, 0);
  fail_on = for_good;
  for (fail_at = 1; fail_at <= all; fail_at++) {
    allocations = 0;
    cr_expect_not(scenario(), "allocation %zu", fail_at);
    cr_assert_eq(live, 0, "allocation %zu", fail_at);
  }
}

Test(world_memory, each_allocation_fails_once)
{
  fail_everywhere(false);
}

Test(world_memory, each_allocation_fails_for_good)
{
  fail_everywhere(true);
}
