/* SPDX-License-Identifier: MIT */
#include "model/form.h"

#include "model/memory.h"

#include <string.h>
#include <strings.h>
#include <utf8proc.h>

/* Bytes that are no UTF-8 become characters that there are not. */
enum { NO_CHARACTER = 0x110000, BRAILLE_BLANK = 0x2800 };

/* A character and the marks on it; longer ones are compared in pieces. */
enum { CLUSTER = 64 };

typedef struct text {
  const char *data;
  size_t length;
} text;

/* Takes one character off the front of a text that isn't empty. */
static utf8proc_int32_t take_character(text *from)
{
  utf8proc_int32_t character;
  utf8proc_ssize_t used =
      utf8proc_iterate((const utf8proc_uint8_t *)from->data,
                       (utf8proc_ssize_t)from->length, &character);
  if (used <= 0) {
    character = NO_CHARACTER + (unsigned char)from->data[0];
    used = 1;
  }
  from->data += used;
  from->length -= (size_t)used;
  return character;
}

static bool is_space(utf8proc_int32_t character)
{
  if (character >= NO_CHARACTER)
    return false;
  if (character < 0x80)
    return character == ' ' || (character >= '\t' && character <= '\r');
  utf8proc_category_t category = utf8proc_category(character);
  return character == 0x85 || category == UTF8PROC_CATEGORY_ZS ||
         category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* Where the last character of a text that isn't empty begins. */
static size_t last_character(const text *from)
{
  size_t at = from->length - 1;
  while (at > 0 && ((unsigned char)from->data[at] & 0xC0) == 0x80)
    at--;
  return at;
}

static text trim(const char *data, size_t length)
{
  text trimmed = {data, length};
  while (trimmed.length > 0) {
    text rest = trimmed;
    if (!is_space(take_character(&rest)))
      break;
    trimmed = rest;
  }
  while (trimmed.length > 0) {
    size_t at = last_character(&trimmed);
    text last = {trimmed.data + at, trimmed.length - at};
    if (!is_space(take_character(&last)) || last.length > 0)
      break;
    trimmed.length = at;
  }
  return trimmed;
}

static bool same_bytes(text a, text b)
{
  return a.length == b.length &&
         (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* ---- canonical equivalence ---- */

static int class_of(utf8proc_int32_t character)
{
  return character < NO_CHARACTER
             ? utf8proc_get_property(character)->combining_class
             : 0;
}

/* Puts a character where its class wants it among the marks before it. */
static void insert(utf8proc_int32_t *cluster, size_t count,
                   utf8proc_int32_t character)
{
  int class = class_of(character);
  while (class > 0 && count > 0 && class_of(cluster[count - 1]) > class) {
    cluster[count] = cluster[count - 1];
    count--;
  }
  cluster[count] = character;
}

/* One character in its decomposed form. */
static size_t decompose(utf8proc_int32_t character, utf8proc_int32_t *out,
                        size_t size)
{
  int boundary = 0;
  utf8proc_ssize_t count = -1;
  if (character < NO_CHARACTER)
    count = utf8proc_decompose_char(character, out, (utf8proc_ssize_t)size,
                                    UTF8PROC_DECOMPOSE | UTF8PROC_STABLE,
                                    &boundary);
  if (count > 0 && (size_t)count <= size)
    return (size_t)count;
  out[0] = character;
  return 1;
}

/* A text in its decomposed form, one cluster after the other. */
typedef struct stream {
  text rest;
  utf8proc_int32_t cluster[CLUSTER];
  size_t count;
  size_t at;
} stream;

/* Takes the characters up to one that no mark can join, in canonical order. */
static void take_cluster(stream *from)
{
  from->count = from->at = 0;
  while (from->rest.length > 0 && from->count < CLUSTER) {
    utf8proc_int32_t parts[8];
    text rest = from->rest;
    size_t more =
        decompose(take_character(&rest), parts, sizeof parts / sizeof parts[0]);
    if (from->count > 0 &&
        (class_of(parts[0]) == 0 || from->count + more > CLUSTER))
      break;
    for (size_t i = 0; i < more; i++, from->count++)
      insert(from->cluster, from->count, parts[i]);
    from->rest = rest;
  }
}

/* @return -1: at the end */
static utf8proc_int32_t next_of(stream *from)
{
  if (from->at == from->count)
    take_cluster(from);
  return from->at < from->count ? from->cluster[from->at++] : -1;
}

static bool equivalent(text a, text b)
{
  stream left = {.rest = a};
  stream right = {.rest = b};
  utf8proc_int32_t character;
  do {
    character = next_of(&left);
    if (character != next_of(&right))
      return false;
  } while (character >= 0);
  return true;
}

bool signet_form_equal(const char *a, size_t a_length, const char *b,
                       size_t b_length)
{
  if (same_bytes((text){a, a_length}, (text){b, b_length}))
    return true;
  text left = trim(a, a_length);
  text right = trim(b, b_length);
  return same_bytes(left, right) || equivalent(left, right);
}

unsigned signet_form_difference(const char *a, size_t a_length, const char *b,
                                size_t b_length)
{
  text left = trim(a, a_length);
  text right = trim(b, b_length);
  /* What differs in length before and after both were trimmed. */
  bool trimmed = a_length - left.length != b_length - right.length ||
                 left.data - a != right.data - b;
  unsigned forms = trimmed ? SIGNET_FORM_TRIMMED : 0;
  return same_bytes(left, right) ? forms : forms | SIGNET_FORM_COMPOSED;
}

/* ---- countries ---- */

/* The next code of a list, without the spaces around it; empty ones are left
 * out. @return false: there is none */
static bool take_code(text *list, text *code)
{
  while (list->length > 0) {
    const char *comma = memchr(list->data, ',', list->length);
    size_t length = comma != NULL ? (size_t)(comma - list->data) : list->length;
    size_t used = comma != NULL ? length + 1 : length;
    *code = trim(list->data, length);
    list->data += used;
    list->length -= used;
    if (code->length > 0)
      return true;
  }
  return false;
}

static bool has_code(text list, text wanted)
{
  text code;
  while (take_code(&list, &code))
    if (code.length == wanted.length &&
        strncasecmp(code.data, wanted.data, code.length) == 0)
      return true;
  return false;
}

static bool has_codes(text all, text some)
{
  text code;
  while (take_code(&some, &code))
    if (!has_code(all, code))
      return false;
  return true;
}

bool signet_form_equal_countries(const char *a, size_t a_length, const char *b,
                                 size_t b_length)
{
  text left = {a, a_length};
  text right = {b, b_length};
  return same_bytes(left, right) ||
         (has_codes(left, right) && has_codes(right, left));
}

/* ---- what is seen ---- */

static bool is_shapeless(utf8proc_int32_t character)
{
  if (character >= NO_CHARACTER)
    return false;
  const utf8proc_property_t *property = utf8proc_get_property(character);
  return is_space(character) || property->ignorable ||
         character == BRAILLE_BLANK ||
         property->category == UTF8PROC_CATEGORY_CC ||
         property->category == UTF8PROC_CATEGORY_CF;
}

bool signet_form_is_invisible(const char *data, size_t length)
{
  text rest = {data, length};
  while (rest.length > 0)
    if (!is_shapeless(take_character(&rest)))
      return false;
  return true;
}

/* Folds the text into characters. @return how many, -1: it is no UTF-8, -2: out
 * of memory */
static utf8proc_ssize_t fold(const char *data, size_t length,
                             utf8proc_int32_t **folded)
{
  const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                    UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD |
                                    UTF8PROC_IGNORE | UTF8PROC_LUMP;
  const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)data;
  utf8proc_ssize_t size = (utf8proc_ssize_t)length;
  utf8proc_ssize_t need = utf8proc_decompose(bytes, size, NULL, 0, options);
  *folded = NULL;
  if (need < 0)
    return -1;
  *folded = signet_memory_resize(NULL, (size_t)need + 1, sizeof **folded);
  if (*folded == NULL)
    return -2;
  utf8proc_decompose(bytes, size, *folded, need, options);
  return utf8proc_normalize_utf32(*folded, need, options);
}

/* Characters to UTF-8, without spaces around them or in a row. */
static void write_folded(const utf8proc_int32_t *from, size_t count, char *out)
{
  bool space = false;
  bool begun = false;
  for (size_t i = 0; i < count; i++) {
    if (is_shapeless(from[i])) {
      space = space || is_space(from[i]);
      continue;
    }
    if (space && begun)
      *out++ = ' ';
    space = false;
    begun = true;
    out += utf8proc_encode_char(from[i], (utf8proc_uint8_t *)out);
  }
  *out = '\0';
}

char *signet_form_skeleton(const char *data, size_t length)
{
  utf8proc_int32_t *folded;
  utf8proc_ssize_t count = fold(data, length, &folded);
  if (count == -1)
    return signet_memory_text(data, length);
  char *out = NULL;
  if (count >= 0)
    out = signet_memory_resize(NULL, (size_t)count * 4 + 1, 1);
  if (out != NULL)
    write_folded(folded, (size_t)count, out);
  signet_memory_free(folded);
  return out;
}
