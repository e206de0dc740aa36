/* SPDX-License-Identifier: MIT */
/* The reader of lists: the same comes of a text however it is cut, and it takes
 * what the JSON reader takes. The first two bytes say where it is cut. */
#include "model/list.h"
#include "fuzz.h"
#include "json_strict.h"
#include "wire/json_write.h"
#include "wire/list_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct outcome {
  bool good;
  bool finished;
  uint64_t read;
  signet_buffer text; /* the records */
} outcome;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  return 0;
}

/* A piece's length: never 0, small ones more often than large ones. */
static size_t next_piece(uint32_t *state, size_t left)
{
  *state = *state * 1664525 + 1013904223;
  uint32_t choice = *state >> 16;
  size_t piece = 1 + (choice % 3 == 0 ? choice % 97 : choice % 5);
  return piece < left ? piece : left;
}

static void feed(signet_list_reader *reader, const char *text, size_t size,
                 uint32_t cuts, outcome *result)
{
  size_t at = 0;
  result->good = true;
  while (result->good && at < size) {
    size_t piece = cuts == 0 ? size : next_piece(&cuts, size - at);
    /* A copy, so that reading beyond a piece is seen. */
    char *copy = malloc(piece);
    FUZZ_REQUIRE(copy != NULL);
    memcpy(copy, text + at, piece);
    result->good = signet_list_reader_feed(reader, copy, piece);
    free(copy);
    at += piece;
  }
  result->finished = result->good && signet_list_reader_finish(reader);
}

static void read_list(const char *text, size_t size, uint32_t cuts,
                      signet_kind kind, const signet_fields *filter,
                      outcome *result)
{
  signet_list_reader reader;
  signet_list *list = signet_list_new(kind);
  FUZZ_REQUIRE(list != NULL && signet_list_reader_init(&reader, list, filter));
  feed(&reader, text, size, cuts, result);
  FUZZ_REQUIRE(result->finished || reader.problem[0] != '\0');
  result->read = reader.read;
  signet_buffer_init(&result->text, 256 << 20);
  signet_list_seal(list);
  FUZZ_REQUIRE(signet_list_count(list) <= reader.read);
  for (size_t i = 0; result->finished && i < signet_list_count(list); i++)
    signet_json_write_record(&result->text, signet_list_at(list, i));
  FUZZ_REQUIRE(!result->text.failed);
  signet_list_reader_free(&reader);
  signet_list_release(list);
}

static bool same_text(const signet_buffer *a, const signet_buffer *b)
{
  return a->length == b->length &&
         (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

/* The id of an entry as a number; 0: it has none that is one. */
static uint64_t id_of(json_object *entry, signet_kind kind)
{
  json_object *id;
  const char *name = kind == SIGNET_SIGN ? "sign_id" : "template_id";
  if (!json_object_object_get_ex(entry, name, &id))
    return 0;
  if (json_object_is_type(id, json_type_int)) {
    uint64_t number = json_object_get_uint64(id);
    return json_object_get_int64(id) > 0 && number <= INT64_MAX ? number : 0;
  }
  if (!json_object_is_type(id, json_type_string))
    return 0;
  const char *text = json_object_get_string(id);
  char *end;
  errno = 0;
  uint64_t number = strtoull(text, &end, 10);
  bool digits = text[0] >= '1' && text[0] <= '9' && errno == 0 &&
                end == text + json_object_get_string_len(id);
  return digits ? number : 0;
}

/* Whether an entry that is taken stands there before, too. */
static bool is_repeated(json_object *array, size_t at, signet_kind kind,
                        const signet_fields *filter)
{
  uint64_t id = id_of(json_object_array_get_idx(array, at), kind);
  for (size_t i = 0; id != 0 && i < at; i++) {
    json_object *earlier = json_object_array_get_idx(array, i);
    if (id_of(earlier, kind) == id && signet_json_matches(earlier, filter))
      return true;
  }
  return false;
}

/* The same through json-c. */
static bool read_whole(const char *text, size_t size, signet_kind kind,
                       const signet_fields *filter, outcome *result)
{
  const char *problem;
  json_object *array = signet_json_parse(text, size, &problem);
  signet_list *list = signet_list_new(kind);
  bool good = problem == NULL && json_object_is_type(array, json_type_array);
  FUZZ_REQUIRE(list != NULL);
  for (size_t i = 0; good && i < json_object_array_length(array); i++) {
    json_object *element = json_object_array_get_idx(array, i);
    good = json_object_is_type(element, json_type_object);
    result->read++;
    if (good && signet_json_matches(element, filter) &&
        !is_repeated(array, i, kind, filter))
      FUZZ_REQUIRE(signet_json_configs_record(element, list) != NULL);
  }
  signet_list_seal(list);
  signet_buffer_init(&result->text, 256 << 20);
  for (size_t i = 0; good && i < signet_list_count(list); i++)
    signet_json_write_record(&result->text, signet_list_at(list, i));
  json_object_put(array);
  signet_list_release(list);
  return good;
}

/* What neither reader needs to be strict about, they may see differently. */
static void compare_readers(const char *text, size_t size, signet_kind kind,
                            const signet_fields *filter,
                            const outcome *streamed)
{
  outcome whole = {0};
  json_strict strict = json_strict_check(text, size);
  FUZZ_REQUIRE(!streamed->finished || strict.valid);
  bool good = read_whole(text, size, kind, filter, &whole);
  if (!strict.lenient && !strict.doubtful && !strict.huge &&
      strict.depth <= SIGNET_JSON_DEPTH) {
    FUZZ_REQUIRE(good == streamed->finished);
    FUZZ_REQUIRE(!good || whole.read == streamed->read);
    FUZZ_REQUIRE(!good || same_text(&whole.text, &streamed->text));
  }
  signet_buffer_free(&whole.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  outcome whole;
  outcome pieces;
  signet_fields *filter = NULL;
  if (size < 2)
    return 0;
  uint32_t cuts = 1U + data[0] * 256U + data[1];
  signet_kind kind = data[0] % 2 == 0 ? SIGNET_SIGN : SIGNET_TEMPLATE;
  const char *text = (const char *)data + 2;
  size -= 2;
  if (data[1] % 4 == 0) {
    filter = signet_fields_new();
    FUZZ_REQUIRE(filter != NULL);
    signet_fields_set_integer(filter, "status", 2);
  }
  read_list(text, size, 0, kind, filter, &whole);
  read_list(text, size, cuts, kind, filter, &pieces);
  FUZZ_REQUIRE(whole.finished == pieces.finished);
  FUZZ_REQUIRE(!whole.finished || whole.read == pieces.read);
  FUZZ_REQUIRE(same_text(&whole.text, &pieces.text));
  compare_readers(text, size, kind, filter, &whole);
  signet_buffer_free(&whole.text);
  signet_buffer_free(&pieces.text);
  signet_fields_free(filter);
  return 0;
}
