/* SPDX-License-Identifier: MIT */
/* The world when memory runs out: at each allocation once, and for good from
 * each allocation on. Nothing crashes, leaks, or is done by half. */
#include "failing_memory.h"

#include "model/fields.h"
#include "model/list.h"
#include "model/memory.h"
#include "signet/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(world_memory, .timeout = 120);

/* The world as text, read with all memory there is. */
static char *snapshot(signet_world *in)
{
  failing_memory keep = memory_state;
  memory_state.fail_at = 0;
  char *text = signet_world_save(in, NULL);
  cr_assert_not_null(text);
  char *copy = strdup(text);
  signet_world_text_free(text);
  keep.living = memory_state.living;
  memory_state = keep;
  return copy;
}

/* One operation; out of memory is the only reason for a no, and then nothing
 * has changed. */
static bool operate(signet_world *in, signet_dialect dialect, signet_kind kind,
                    signet_verb verb, const char *id,
                    const signet_fields *fields)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.kind = kind;
  operation.verb = verb;
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  operation.fields = fields;
  char *before = snapshot(in);
  bool done = signet_world_apply(in, dialect, &operation, &reply);
  char *after = snapshot(in);
  if (!done) {
    cr_expect_eq(reply.error.kind, SIGNET_ERROR_MEMORY, "%s",
                 reply.error.message);
    cr_expect_null(reply.list);
    cr_expect_str_eq(after, before, "allocation %zu", memory_state.fail_at);
  }
  free(before);
  free(after);
  signet_list_release(reply.list);
  return done;
}

static bool set(signet_fields *fields, const char *name, const char *text)
{
  return signet_fields_set_string(fields, name, text);
}

/* What was not done is due to memory alone. */
static bool read_by(bool done, const signet_error *error)
{
  if (!done)
    cr_expect_eq(error->kind, SIGNET_ERROR_MEMORY, "allocation %zu: %s",
                 memory_state.fail_at, error->message);
  return done;
}

static signet_fields *named(const char *name)
{
  signet_fields *fields = signet_fields_new();
  if (fields != NULL && set(fields, "sign_name", name))
    return fields;
  signet_fields_free(fields);
  return NULL;
}

/* An old type of template, under the signature that the tests create. */
static signet_fields *template_fields(void)
{
  signet_fields *fields = signet_fields_new();
  if (fields != NULL && set(fields, "template_name", "Order") &&
      set(fields, "template_type", "otp") &&
      set(fields, "template_content", "Hello") &&
      set(fields, "country_codes", "CN") &&
      set(fields, "sign_id", "100000001") &&
      signet_fields_set_integer(fields, "sign_position", 1) &&
      signet_fields_set_boolean(fields, "add_signature", true))
    return fields;
  signet_fields_free(fields);
  return NULL;
}

static bool change(signet_world *in, const signet_fields *sign,
                   const signet_fields *template, const signet_fields *other)
{
  const signet_dialect to = SIGNET_CONFIGS;
  return operate(in, to, SIGNET_SIGN, SIGNET_CREATE, NULL, sign) &&
         signet_world_review(in, SIGNET_SIGN, "100000001", 2, "fine") &&
         operate(in, to, SIGNET_TEMPLATE, SIGNET_CREATE, NULL, template) &&
         signet_world_review(in, SIGNET_TEMPLATE, "100000002", 2, NULL) &&
         operate(in, to, SIGNET_TEMPLATE, SIGNET_UPDATE, "100000002",
                 template) &&
         operate(in, to, SIGNET_SIGN, SIGNET_UPDATE, "100000001", other) &&
         operate(in, to, SIGNET_SIGN, SIGNET_GET, "100000001", NULL) &&
         operate(in, to, SIGNET_TEMPLATE, SIGNET_LIST, NULL, NULL) &&
         operate(in, SIGNET_SIGNS, SIGNET_SIGN, SIGNET_LIST, NULL, NULL);
}

static bool changes(signet_world *in)
{
  signet_fields *sign = named("Company");
  signet_fields *other = named("Other");
  signet_fields *template = template_fields();
  signet_world_switches(in)->free_name_on_submit = false;
  bool done = sign != NULL && other != NULL && template != NULL &&
              change(in, sign, template, other);
  signet_fields_free(sign);
  signet_fields_free(other);
  signet_fields_free(template);
  return done;
}

/* A name of one wide character is padded while it is checked. */
static bool counts_bytes(signet_world *in)
{
  signet_fields *sign = named("\xe6\x99\xa8");
  signet_world_switches(in)->length_in_bytes = true;
  bool done = sign != NULL && operate(in, SIGNET_CONFIGS, SIGNET_SIGN,
                                      SIGNET_CREATE, NULL, sign);
  signet_fields_free(sign);
  return done;
}

static bool seeds(signet_world *in)
{
  return signet_world_seed(in, 30, 30, 1);
}

static bool reviews(signet_world *in)
{
  static const signet_world_reviewer rules[] = {
      {true, SIGNET_SIGN, "Comp*", 10, SIGNET_STATUS_REJECTED, "no"},
      {true, SIGNET_SIGN, NULL, 20, SIGNET_STATUS_APPROVED, NULL},
  };
  signet_fields *sign = named("Company");
  bool done =
      sign != NULL && signet_world_set_reviewers(in, rules, 2) &&
      operate(in, SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_CREATE, NULL, sign);
  signet_fields_free(sign);
  if (!done)
    return false;
  signet_world_set_time(in, 1000);
  if (signet_world_tick(in) == -1)
    return true;
  /* It still waits, and is decided as soon as there is memory again. */
  failing_memory keep = memory_state;
  memory_state.fail_at = 0;
  cr_expect_eq(signet_world_tick(in), -1);
  keep.living = memory_state.living;
  memory_state = keep;
  return false;
}

static const char state[] =
    "{\"version\":1,\"next_id\":\"500\",\"options\":{\"max_signs\":7},"
    "\"signs\":[{\"sign_id\":\"1\",\"sign_name\":\"Name\",\"held_name\":"
    "\"Old\",\"status\":1,\"audit_remark\":\"why\",\"a\":1,\"b\":[2,{}]}],"
    "\"templates\":[{\"template_id\":2,\"template_name\":\"T\","
    "\"template_type\":\"utility\",\"template_content\":\"Hi\","
    "\"country_codes\":\"CN\",\"sign_id\":1,\"c\":{\"d\":null}}],"
    "\"reviewers\":[{\"name\":\"N*\",\"remark\":\"r\"}]}";

static bool loads(signet_world *in)
{
  signet_error error = SIGNET_ERROR_INIT;
  char *before = snapshot(in);
  bool done =
      read_by(signet_world_load(in, state, strlen(state), &error), &error);
  char *after = snapshot(in);
  cr_expect_eq(strcmp(before, after) == 0, !done);
  free(before);
  free(after);
  return done &&
         operate(in, SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_LIST, NULL, NULL) &&
         operate(in, SIGNET_CONFIGS, SIGNET_TEMPLATE, SIGNET_GET, "2", NULL);
}

static bool saves_and_loads(signet_world *in)
{
  signet_error error = SIGNET_ERROR_INIT;
  size_t length = 0;
  if (!loads(in))
    return false;
  char *text = signet_world_save(in, &length);
  bool done = text != NULL &&
              read_by(signet_world_load(in, text, length, &error), &error);
  signet_world_text_free(text);
  if (done) {
    text = snapshot(in);
    cr_expect_not_null(strstr(text, "\"a\":1,\"b\":[2,{}]}"), "%s", text);
    free(text);
  }
  return done &&
         operate(in, SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_DELETE, "1", NULL);
}

static void add(signet_list *list, const char *name, signet_value value)
{
  signet_list_add(list, name, strlen(name), &value);
}

static void add_text(signet_list *list, const char *name, const char *text)
{
  add(list, name, signet_value_text(text, strlen(text)));
}

static bool imports(signet_world *in)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_list *list = signet_list_new(SIGNET_SIGN);
  if (list == NULL)
    return false;
  signet_list_begin(list);
  add(list, "sign_id", signet_value_integer(7));
  add_text(list, "sign_name", "Company");
  add_text(list, "create_time", "2023-11-03T16:26:40+0800");
  add_text(list, "colour", "red");
  bool done = signet_list_end(list) != NULL &&
              read_by(signet_world_import(in, list, &error), &error);
  signet_list_release(list);
  if (done) {
    char *text = snapshot(in);
    cr_expect_not_null(strstr(text, "\"created_time\":1699000000,"), "%s",
                       text);
    cr_expect_not_null(strstr(text, "\"colour\":\"red\"}"), "%s", text);
    free(text);
  }
  return done;
}

typedef struct scenario {
  bool (*run)(signet_world *in);
  size_t fewest; /* allocations that are to be reached */
} scenario;

static const scenario scenarios[] = {
    {changes, 60}, {counts_bytes, 10},    {seeds, 100},
    {reviews, 15}, {saves_and_loads, 70}, {imports, 15},
};

static bool run(const scenario *it, size_t at, bool on)
{
  memory_state.fail_at = at;
  memory_state.fail_on = on;
  memory_state.asked = 0;
  memory_state.failed = false;
  signet_world *in = signet_world_new(NULL);
  bool done = in != NULL && it->run(in);
  signet_world_free(in);
  memory_state.fail_at = 0;
  return done;
}

static void fail_each(bool on)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  signet_memory_replace(&allocator);
  for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
    cr_assert(run(&scenarios[i], 0, on), "scenario %zu", i);
    size_t all = memory_state.asked;
    cr_assert_geq(all, scenarios[i].fewest, "scenario %zu: %zu", i, all);
    for (size_t n = 1; n <= all; n++) {
      cr_expect_not(run(&scenarios[i], n, on), "scenario %zu, allocation %zu",
                    i, n);
      cr_assert(memory_state.failed);
      cr_assert_eq(memory_state.living, 0, "scenario %zu, allocation %zu", i,
                   n);
    }
    cr_assert(run(&scenarios[i], 0, on), "scenario %zu, afterwards", i);
  }
}

Test(world_memory, each_allocation_fails_once)
{
  fail_each(false);
}

Test(world_memory, each_allocation_fails_for_good)
{
  fail_each(true);
}
