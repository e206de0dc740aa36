/* SPDX-License-Identifier: MIT */
/* The JSON reader: it takes what is JSON and nothing else, as a strict reader
 * of our own sees it; what was read, written and read again is the same. */
#include "fuzz.h"
#include "json_strict.h"
#include "wire/json_write.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  return 0;
}

static void write_object(json_object *object, signet_buffer *out)
{
  const char *problem;
  signet_fields *fields = signet_fields_new();
  signet_buffer_init(out, 64 << 20);
  FUZZ_REQUIRE(fields != NULL);
  FUZZ_REQUIRE(signet_json_fields(object, fields, &problem));
  signet_json_write_fields(out, fields);
  FUZZ_REQUIRE(!out->failed);
  signet_fields_free(fields);
}

/* JSON has no word for infinity, which is what a number may be that is too
 * large: it is written as null. */
static bool has_infinity(json_object *object)
{
  json_object_object_foreach(object, name, member)
  {
    (void)name;
    if (json_object_is_type(member, json_type_double) &&
        !isfinite(json_object_get_double(member)))
      return true;
  }
  return false;
}

static void write_and_read(json_object *object)
{
  signet_buffer first;
  signet_buffer second;
  const char *problem;
  write_object(object, &first);
  json_object *again = signet_json_parse(first.data, first.length, &problem);
  FUZZ_REQUIRE(problem == NULL);
  FUZZ_REQUIRE(json_object_is_type(again, json_type_object));
  write_object(again, &second);
  FUZZ_REQUIRE(first.length == second.length);
  FUZZ_REQUIRE(memcmp(first.data, second.data, first.length) == 0);
  FUZZ_REQUIRE(has_infinity(object) || json_object_equal(object, again));
  FUZZ_REQUIRE(json_strict_check(first.data, first.length).valid);
  json_object_put(again);
  signet_buffer_free(&first);
  signet_buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  const char *problem = NULL;
  json_strict strict = json_strict_check(text, size);
  json_object *object = signet_json_parse(text, size, &problem);
  FUZZ_REQUIRE(problem == NULL || object == NULL);
  FUZZ_REQUIRE(problem != NULL || strict.valid);
  FUZZ_REQUIRE(problem != NULL || strict.depth <= SIGNET_JSON_DEPTH);
  if (strict.valid && !strict.lenient && !strict.doubtful && !strict.huge &&
      strict.depth <= SIGNET_JSON_DEPTH)
    FUZZ_REQUIRE(problem == NULL);
  if (json_object_is_type(object, json_type_object))
    write_and_read(object);
  json_object_put(object);
  return 0;
}
