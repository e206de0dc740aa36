/* SPDX-License-Identifier: MIT */
/* What a reply's bytes say when they are read as strictly as the standards are
 * written, and which outcomes may follow from that. This knows nothing of the
 * client: where a reply is not strictly in order, both "applied" and "unknown"
 * may come of it, but never a "no". */
#include "json_strict.h"
#include "matrix.h"

#include <ctype.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADERS = 2048, LINE_MAXIMUM = 16384, INTERIM = 64, DEPTH_MAXIMUM = 32 };

typedef struct reply_reading {
  const char *at;
  const char *end;
  fault_end how;
  int status;
  bool cut;   /* it ends too early */
  bool loose; /* something in it is not as the standards say */
  bool chunked;
  bool sized;
  bool encoded;
  unsigned long long size;
  const char *body;
  size_t body_length;
} reply_reading;

/* ---- HTTP ---- */

/* The line at the beginning, without its CRLF. false: it is cut. */
static bool take_line(reply_reading *reading, const char **line, size_t *length)
{
  size_t left = (size_t)(reading->end - reading->at);
  const char *feed = memchr(reading->at, '\n', left);
  if (feed == NULL) {
    reading->cut = true;
    return false;
  }
  *line = reading->at;
  *length = (size_t)(feed - reading->at);
  if (*length > 0 && feed[-1] == '\r')
    (*length)--;
  else
    reading->loose = true;
  reading->at = feed + 1;
  return true;
}

static bool is_number(const char *text)
{
  return isdigit((unsigned char)text[0]) && isdigit((unsigned char)text[1]) &&
         isdigit((unsigned char)text[2]);
}

static void take_status(reply_reading *reading, const char *line, size_t length)
{
  bool good = length >= 12 && length <= LINE_MAXIMUM &&
              memcmp(line, "HTTP/1.", 7) == 0 &&
              (line[7] == '0' || line[7] == '1') && line[8] == ' ' &&
              is_number(line + 9) && (length == 12 || line[12] == ' ');
  for (size_t i = 12; i < length; i++)
    good = good && (unsigned char)line[i] >= ' ' && line[i] != 0x7F;
  if (!good)
    reading->loose = true;
  if (length >= 12 && memcmp(line, "HTTP/", 5) == 0 && is_number(line + 9))
    reading->status = atoi((char[]){line[9], line[10], line[11], '\0'});
}

static bool is_name(const char *line, size_t length, const char *name)
{
  return length == strlen(name) && strncasecmp(line, name, length) == 0;
}

static void take_size(reply_reading *reading, const char *value, size_t length)
{
  unsigned long long size = 0;
  bool good = length > 0 && length < 19;
  for (size_t i = 0; i < length && good; i++) {
    good = isdigit((unsigned char)value[i]);
    size = size * 10 + (unsigned)(value[i] - '0');
  }
  if (!good || (reading->sized && reading->size != size))
    reading->loose = true;
  reading->size = good ? size : ULLONG_MAX;
  reading->sized = true;
}

static bool is_token(const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (!isalnum((unsigned char)text[i]) &&
        (text[i] == '\0' || strchr("!#$%&'*+-.^_`|~", text[i]) == NULL))
      return false;
  return length > 0;
}

static void take_coding(reply_reading *reading, const char *value,
                        size_t length)
{
  if (!is_name(value, length, "chunked") || reading->chunked)
    reading->loose = true;
  if (length >= 7 && is_name(value, 7, "chunked"))
    reading->chunked = true;
}

static void take_header(reply_reading *reading, const char *line, size_t length)
{
  const char *colon = memchr(line, ':', length);
  if (colon == NULL || !is_token(line, (size_t)(colon - line))) {
    reading->loose = true; /* folded lines too: the standard forbids them */
    return;
  }
  const char *value = colon + 1;
  size_t left = length - (size_t)(value - line);
  size_t name = (size_t)(colon - line);
  for (; left > 0 && (*value == ' ' || *value == '\t'); left--)
    value++;
  while (left > 0 && (value[left - 1] == ' ' || value[left - 1] == '\t'))
    left--;
  for (size_t i = 0; i < left; i++)
    if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7F)
      reading->loose = true;
  if (is_name(line, name, "Content-Length"))
    take_size(reading, value, left);
  else if (is_name(line, name, "Transfer-Encoding"))
    take_coding(reading, value, left);
  else if (is_name(line, name, "Content-Encoding"))
    reading->encoded = true;
}

/* One head; the status is then that of its first line. */
static bool take_head(reply_reading *reading)
{
  const char *line;
  size_t length;
  size_t count = 0;
  reading->status = 0;
  reading->chunked = false;
  reading->sized = false;
  reading->encoded = false;
  if (!take_line(reading, &line, &length))
    return false;
  take_status(reading, line, length);
  while (take_line(reading, &line, &length)) {
    if (length == 0)
      return true;
    if (++count > HEADERS || length > LINE_MAXIMUM)
      reading->loose = true; /* a client may draw a line somewhere */
    take_header(reading, line, length);
  }
  return false;
}

static bool take_chunk(reply_reading *reading, char *out, size_t *used)
{
  const char *line;
  size_t length;
  char *stop;
  if (!take_line(reading, &line, &length))
    return false;
  unsigned long size = strtoul(line, &stop, 16);
  if (!isxdigit((unsigned char)line[0]) || stop > line + 8) {
    reading->loose = true;
    return false;
  }
  if (stop != line + length && *stop != ';')
    reading->loose = true;
  if (size == 0) {
    /* Trailers up to the empty line. */
    while (take_line(reading, &line, &length) && length > 0)
      reading->loose = true;
    return false;
  }
  if (size > (size_t)(reading->end - reading->at)) {
    reading->cut = true;
    return false;
  }
  memcpy(out + *used, reading->at, size);
  *used += size;
  reading->at += size;
  if (!take_line(reading, &line, &length))
    return false;
  if (length != 0)
    reading->loose = true;
  return true;
}

static void take_body(reply_reading *reading, char *out)
{
  size_t left = (size_t)(reading->end - reading->at);
  reading->body = out;
  if (reading->status == 204 || reading->status == 304)
    return;
  if (reading->chunked) {
    if (reading->sized)
      reading->loose = true;
    while (take_chunk(reading, out, &reading->body_length))
      continue;
    return;
  }
  if (reading->sized && reading->size < left)
    left = (size_t)reading->size;
  else if (reading->sized ? reading->size > left : reading->how != FAULT_CLOSE)
    reading->cut = true;
  memcpy(out, reading->at, left);
  reading->body_length = left;
}

/* ---- what the body says ---- */

/* NULL: it is no JSON. */
static json_object *parse(const reply_reading *reading, bool *doubtful)
{
  json_strict strict = json_strict_check(reading->body, reading->body_length);
  *doubtful = strict.valid && (strict.lenient || strict.huge ||
                               strict.doubtful || strict.depth > DEPTH_MAXIMUM);
  if (!strict.valid)
    return NULL;
  json_tokener *tokener = json_tokener_new_ex(DEPTH_MAXIMUM + 1);
  if (tokener == NULL)
    abort();
  json_object *object =
      json_tokener_parse_ex(tokener, reading->body, (int)reading->body_length);
  json_tokener_free(tokener);
  return object;
}

static json_object *member(json_object *object, const char *name,
                           json_type type)
{
  json_object *found = NULL;
  if (json_object_is_type(object, json_type_object) &&
      json_object_object_get_ex(object, name, &found) &&
      json_object_is_type(found, type))
    return found;
  return NULL;
}

/* 0: no; 1: yes; else the code. */
static int64_t own_code(json_object *object, bool *coded)
{
  json_object *code = member(object, "code", json_type_int);
  *coded = code != NULL;
  return code != NULL ? json_object_get_int64(code) : 0;
}

static const char *id_field(const matrix_endpoint *endpoint)
{
  return endpoint->kind == SIGNET_SIGN ? "sign_id" : "template_id";
}

static bool read_id(const matrix_endpoint *endpoint, json_object *object,
                    char id[24])
{
  json_object *found = member(object, id_field(endpoint), json_type_string);
  if (found == NULL)
    found = member(object, id_field(endpoint), json_type_int);
  const char *text = found != NULL ? json_object_get_string(found) : "";
  size_t digits = strspn(text, "0123456789");
  if (digits == 0 || digits > 19 || text[digits] != '\0')
    return false;
  snprintf(id, 24, "%s", text);
  return true;
}

/* An entry that stands there twice counts once, where it has an id of digits.
 */
static bool is_repeated(const matrix_endpoint *endpoint, json_object *array,
                        size_t at)
{
  char id[24];
  char other[24];
  json_object *entry = json_object_array_get_idx(array, at);
  if (endpoint->dialect == SIGNET_SIGNS || !read_id(endpoint, entry, id) ||
      id[0] == '0')
    return false;
  for (size_t i = 0; i < at; i++)
    if (read_id(endpoint, json_object_array_get_idx(array, i), other) &&
        strcmp(id, other) == 0)
      return true;
  return false;
}

static bool count_list(const matrix_endpoint *endpoint, json_object *array,
                       matrix_verdict *verdict)
{
  if (!json_object_is_type(array, json_type_array))
    return false;
  verdict->records = 0;
  verdict->records_sure = true;
  for (size_t i = 0; i < json_object_array_length(array); i++) {
    if (!json_object_is_type(json_object_array_get_idx(array, i),
                             json_type_object))
      return false;
    verdict->records += !is_repeated(endpoint, array, i);
  }
  return true;
}

/* Whether the body holds what an answer of success must hold. */
static bool says_yes(const matrix_endpoint *endpoint, json_object *object,
                     matrix_verdict *verdict)
{
  char id[24] = "";
  bool coded;
  bool old = endpoint->dialect == SIGNET_SIGNS;
  json_object *inner = object;
  switch (endpoint->verb) {
  case SIGNET_LIST:
    if (old)
      inner = member(object, "result", json_type_array);
    return count_list(endpoint, inner, verdict);
  case SIGNET_GET:
    if (old)
      inner = member(object, "result", json_type_object);
    return read_id(endpoint, inner, id) &&
           strcmp(id, strrchr(endpoint->path, '/') + 1) == 0;
  case SIGNET_CREATE:
    if (old)
      inner = member(object, "result", json_type_object);
    if (read_id(endpoint, inner, verdict->created))
      return true;
    return !old && own_code(object, &coded) == 0 && coded;
  default:
    if (old)
      return json_object_get_int64(member(object, "count", json_type_int)) > 0;
    return own_code(object, &coded) == 0 && coded;
  }
}

/* In any dialect; a reply may lack all else that it must hold. */
static bool says_zero(json_object *object)
{
  bool coded;
  return own_code(object, &coded) == 0 && coded;
}

/* json-c would keep the last one. */
static bool says_twice(const reply_reading *reading)
{
  static const char name[] = "\"code\"";
  const char *first =
      memmem(reading->body, reading->body_length, name, sizeof name - 1);
  if (first == NULL)
    return false;
  const char *end = reading->body + reading->body_length;
  first += sizeof name - 1;
  return memmem(first, (size_t)(end - first), name, sizeof name - 1) != NULL;
}

static bool says_no(json_object *object)
{
  bool coded;
  return own_code(object, &coded) != 0;
}

/* It failed inside: a code 500 counts as a status 500. */
static bool says_failed(json_object *object)
{
  bool coded;
  return own_code(object, &coded) / 100 == 5;
}

/* ---- the two together ---- */

static unsigned judge_success(const matrix_endpoint *endpoint, int status,
                              bool yes, bool no)
{
  bool sure = status == 200 || (status == 201 && matrix_writes(endpoint));
  unsigned doubt = sure ? 0 : ALLOW_UNKNOWN;
  if (yes && no)
    return ALLOW_REFUSED | ALLOW_UNKNOWN;
  if (yes)
    return ALLOW_APPLIED | doubt;
  return no ? ALLOW_REFUSED | doubt : ALLOW_UNKNOWN;
}

static unsigned judge_status(const matrix_endpoint *endpoint, int status,
                             bool yes, bool no)
{
  bool writes = matrix_writes(endpoint);
  if (status >= 200 && status < 300)
    return judge_success(endpoint, status, yes, no);
  if (status >= 500)
    return status == 503 && !writes ? ALLOW_THROTTLED : ALLOW_UNKNOWN;
  if (yes && writes && !no)
    return ALLOW_UNKNOWN; /* it contradicts itself */
  if (status == 429)
    return ALLOW_THROTTLED;
  if (status == 408 || status < 300)
    return ALLOW_UNKNOWN;
  if (status == 401 || status == 403)
    return ALLOW_REFUSED;
  if (status < 400 && status != 307 && status != 308)
    return ALLOW_UNKNOWN | (no ? ALLOW_REFUSED : 0);
  return ALLOW_REFUSED | (no && status >= 400 ? 0 : ALLOW_UNKNOWN);
}

/* In a reply that is not strictly in order, much may be read. */
static unsigned judge_loosely(const matrix_endpoint *endpoint, int status,
                              bool yes, bool no)
{
  unsigned allowed = ALLOW_UNKNOWN | (yes ? ALLOW_APPLIED : 0);
  if (no || !matrix_writes(endpoint))
    allowed |= ALLOW_REFUSED;
  if (!matrix_writes(endpoint))
    allowed |= ALLOW_THROTTLED;
  return allowed | judge_status(endpoint, status, yes, no);
}

static void judge_whole(const matrix_endpoint *endpoint,
                        const reply_reading *reading, matrix_verdict *verdict)
{
  bool doubtful;
  json_object *object = parse(reading, &doubtful);
  bool yes = says_yes(endpoint, object, verdict) ||
             (reading->status / 100 != 2 && says_zero(object));
  bool no = says_no(object);
  bool failed = says_failed(object) && reading->status / 100 == 2;
  json_object_put(object);
  verdict->says_no = no || reading->status == 429 || reading->status == 401 ||
                     reading->status == 403;
  if (reading->loose || reading->encoded || reading->status < 200) {
    verdict->allowed = judge_loosely(endpoint, reading->status, yes, no);
    verdict->records_sure = false;
    verdict->created[0] = '\0';
    return;
  }
  verdict->allowed = judge_status(endpoint, reading->status, yes, no) |
                     (doubtful ? ALLOW_UNKNOWN : 0);
  if (failed || (matrix_writes(endpoint) && says_twice(reading)))
    verdict->allowed = ALLOW_UNKNOWN;
}

void matrix_judge(const matrix_endpoint *endpoint, const char *data,
                  size_t length, fault_end end, matrix_verdict *verdict)
{
  reply_reading reading = {.at = data, .end = data + length, .how = end};
  char *body = calloc(length + 1, 1);
  if (body == NULL)
    abort();
  memset(verdict, 0, sizeof *verdict);
  bool headed = take_head(&reading);
  for (size_t i = 0; headed && reading.status >= 100 && reading.status < 200 &&
                     reading.status != 101;
       i++) {
    headed = take_head(&reading);
    reading.loose = reading.loose || i > INTERIM;
  }
  if (headed)
    take_body(&reading, body);
  if (!reading.cut)
    judge_whole(endpoint, &reading, verdict);
  /* Of a chunked body all may have come but the last line ends, and a broken
   * header may hide where the body ends. */
  if (headed && reading.cut && (reading.chunked || reading.loose))
    judge_whole(endpoint, &reading, verdict);
  if (reading.cut)
    verdict->allowed |= ALLOW_UNKNOWN;
  verdict->loose = reading.loose || reading.encoded;
  /* A reset may overtake what was sent before it. */
  if (end == FAULT_RESET)
    verdict->allowed |= ALLOW_UNKNOWN;
  free(body);
}
