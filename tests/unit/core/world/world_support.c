/* SPDX-License-Identifier: MIT */
#include "world_support.h"

#include "wire/json_write.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

signet_world *world;
signet_dialect dialect;
signet_error last_error = SIGNET_ERROR_INIT;

static signet_buffer answered;
static char *saved_text;

void set_seconds(int64_t seconds)
{
  signet_world_set_time(world, seconds * 1000);
}

void world_begin(void)
{
  world = signet_world_new(NULL);
  dialect = SIGNET_CONFIGS;
  cr_assert_not_null(world);
  set_seconds(NOW_S);
  signet_buffer_init(&answered, 1 << 24);
}

void world_end(void)
{
  signet_world_text_free(saved_text);
  saved_text = NULL;
  signet_buffer_free(&answered);
  signet_world_free(world);
}

static signet_verb verb_of(const char *what)
{
  static const char *const names[] = {"list", "get", "create", "update",
                                      "delete"};
  for (unsigned i = 0; i < 5; i++)
    if (strcmp(names[i], what) == 0)
      return (signet_verb)i;
  cr_assert_fail("no verb %s", what);
  return SIGNET_LIST;
}

static signet_fields *fields_of(const char *body)
{
  const char *problem = NULL;
  if (body == NULL)
    return NULL;
  json_object *object = signet_json_parse(body, strlen(body), &problem);
  cr_assert_null(problem, "%s: %s", body, problem);
  signet_fields *fields = signet_fields_new();
  cr_assert(signet_json_fields(object, fields, &problem));
  json_object_put(object);
  return fields;
}

const char *apply(const char *what, signet_kind kind, const char *id,
                  const char *body)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  signet_fields *fields = fields_of(body);
  operation.kind = kind;
  operation.verb = verb_of(what);
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  operation.fields = fields;
  bool done = signet_world_apply(world, dialect, &operation, &reply);
  last_error = reply.error;
  cr_assert_eq(done, reply.error.kind == SIGNET_OK);
  signet_buffer_clear(&answered);
  signet_buffer_string(&answered, "");
  for (size_t i = 0; reply.list != NULL && i < signet_list_count(reply.list);
       i++) {
    signet_json_write_record(&answered, signet_list_at(reply.list, i));
    signet_buffer_string(&answered, "\n");
  }
  signet_list_release(reply.list);
  signet_fields_free(fields);
  return done ? "ok" : last_error.service_message;
}

const char *answer(void)
{
  return answered.data;
}

const char *approved_sign(const char *name)
{
  static char ids[64][24];
  static unsigned used;
  char body[256];
  char *id = ids[used++ % 64];
  snprintf(body, sizeof body, "{\"sign_name\":\"%s\"}", name);
  cr_assert_str_eq(apply("create", SIGNET_SIGN, NULL, body), "ok");
  const char *begin = strchr(answer(), ':') + 2;
  snprintf(id, sizeof ids[0], "%.*s", (int)strcspn(begin, "\""), begin);
  cr_assert(signet_world_review(world, SIGNET_SIGN, id, SIGNET_STATUS_APPROVED,
                                NULL));
  return id;
}

const char *field(signet_kind kind, const char *id, const char *name)
{
  static char texts[8][512];
  static unsigned used;
  char *text = texts[used++ % 8];
  const char *problem;
  signet_dialect before = dialect;
  dialect = SIGNET_CONFIGS;
  cr_assert_str_eq(apply("get", kind, id, NULL), "ok");
  dialect = before;
  json_object *object =
      signet_json_parse(answered.data, answered.length, &problem);
  json_object *member;
  text[0] = '\0';
  if (json_object_object_get_ex(object, name, &member))
    snprintf(text, sizeof texts[0], "%s", json_object_get_string(member));
  json_object_put(object);
  return text;
}

const char *saved(void)
{
  size_t length;
  signet_world_text_free(saved_text);
  saved_text = signet_world_save(world, &length);
  cr_assert_not_null(saved_text);
  cr_assert_eq(strlen(saved_text), length);
  return saved_text;
}

const char *load(const char *text)
{
  signet_error_init(&last_error);
  return signet_world_load(world, text, strlen(text), &last_error)
             ? "ok"
             : last_error.message;
}
