/* SPDX-License-Identifier: MIT */
/* Fault rules from and to JSON. */
#include "sandbox/fault_json.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "wire/json_write.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

enum {
  DELAY_LONGEST_MS = 86400000,
  NUMBER_LARGEST = 1000000000,
  STATUS_LOWEST = 200,
  STATUS_HIGHEST = 599
};

/* A rule while it is read: what it says, and whether it says it. */
typedef struct draft {
  sandbox_fault *fault;
  bool has_nth;
  bool has_every;
  bool has_count;
  bool has_effect;
  bool no_memory; /* why a member could not be read */
} draft;

static bool wrong(signet_error *error, const char *name, const char *what)
{
  char shown[64];
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  return signet_error_set(error, SIGNET_ERROR_VALIDATION, "%s %s", shown, what);
}

static bool read_number(json_object *member, int64_t lowest, int64_t highest,
                        int64_t *number)
{
  *number = json_object_get_int64(member);
  return json_object_is_type(member, json_type_int) && *number >= lowest &&
         *number <= highest;
}

/* Keeps a copy of what may be NULL where memory ran out. */
static bool keep_text(draft *rule, char **text, const char *data, size_t length)
{
  signet_memory_free(*text);
  *text = data != NULL ? signet_memory_text(data, length) : NULL;
  rule->no_memory = *text == NULL;
  return *text != NULL;
}

static bool read_text(json_object *member, draft *rule, char **text)
{
  return json_object_is_type(member, json_type_string) &&
         keep_text(rule, text, json_object_get_string(member),
                   (size_t)json_object_get_string_len(member));
}

/* A string goes out as it is, anything else as JSON. */
static bool read_body(json_object *member, draft *rule)
{
  sandbox_fault *fault = rule->fault;
  const char *text;
  if (json_object_is_type(member, json_type_string)) {
    text = json_object_get_string(member);
    fault->body_length = (size_t)json_object_get_string_len(member);
  } else {
    text = json_object_to_json_string_length(
        member, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
        &fault->body_length);
  }
  return keep_text(rule, &fault->body, text, fault->body_length);
}

/* libmicrohttpd knows which names and texts can be a header. The length is its
 * own business, and so is how the connection goes on. */
static bool is_header(const char *name, json_object *text, draft *rule)
{
  static const char *const reserved[] = {"Content-Length", "Transfer-Encoding",
                                         "Connection"};
  if (!json_object_is_type(text, json_type_string))
    return false;
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strcasecmp(name, reserved[i]) == 0)
      return false;
  struct MHD_Response *trial =
      MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
  rule->no_memory = trial == NULL;
  if (trial == NULL)
    return false;
  bool accepted = strlen(json_object_get_string(text)) ==
                      (size_t)json_object_get_string_len(text) &&
                  MHD_add_response_header(
                      trial, name, json_object_get_string(text)) == MHD_YES;
  MHD_destroy_response(trial);
  return accepted;
}

static bool read_headers(json_object *member, draft *rule)
{
  sandbox_fault *fault = rule->fault;
  if (!json_object_is_type(member, json_type_object))
    return false;
  json_object_object_foreach(member, name, text)
  {
    if (!is_header(name, text, rule))
      return false;
  }
  json_object_put(fault->headers);
  fault->headers = json_object_get(member);
  return true;
}

static bool read_close(json_object *member, sandbox_fault *fault)
{
  const char *word = json_object_is_type(member, json_type_string)
                         ? json_object_get_string(member)
                         : "";
  if (strcmp(word, "before") == 0)
    fault->close = SANDBOX_CLOSE_BEFORE;
  else if (strcmp(word, "after") == 0)
    fault->close = SANDBOX_CLOSE_AFTER;
  return fault->close != SANDBOX_CLOSE_NOT;
}

static bool read_effect(json_object *member, draft *rule)
{
  rule->has_effect = true;
  rule->fault->late_effect =
      json_object_is_type(member, json_type_string) &&
      strcmp(json_object_get_string(member), "late") == 0;
  rule->fault->effect =
      rule->fault->late_effect || json_object_get_boolean(member);
  return rule->fault->late_effect ||
         json_object_is_type(member, json_type_boolean);
}

static bool read_when(const char *name, json_object *member, draft *rule,
                      bool *known)
{
  sandbox_fault *fault = rule->fault;
  *known = true;
  if (strcmp(name, "method") == 0)
    return read_text(member, rule, &fault->method);
  if (strcmp(name, "path") == 0)
    return read_text(member, rule, &fault->path);
  if (strcmp(name, "nth") == 0)
    return rule->has_nth = read_number(member, 1, NUMBER_LARGEST, &fault->nth);
  if (strcmp(name, "every") == 0)
    return rule->has_every =
               read_number(member, 1, NUMBER_LARGEST, &fault->every);
  if (strcmp(name, "count") == 0)
    return rule->has_count =
               read_number(member, 0, NUMBER_LARGEST, &fault->count);
  if (strcmp(name, "per_second") == 0)
    return read_number(member, 1, NUMBER_LARGEST, &fault->per_second);
  if (strcmp(name, "burst") == 0)
    return read_number(member, 1, NUMBER_LARGEST, &fault->burst);
  if (strcmp(name, "counted") == 0) {
    fault->counted = json_object_get_boolean(member);
    return json_object_is_type(member, json_type_boolean);
  }
  *known = false;
  return true;
}

static bool read_what(const char *name, json_object *member, draft *rule,
                      bool *known)
{
  sandbox_fault *fault = rule->fault;
  int64_t status;
  *known = true;
  if (strcmp(name, "status") == 0) {
    if (!read_number(member, STATUS_LOWEST, STATUS_HIGHEST, &status))
      return false;
    fault->status = (int)status;
    return true;
  }
  if (strcmp(name, "body") == 0)
    return read_body(member, rule);
  if (strcmp(name, "headers") == 0)
    return read_headers(member, rule);
  if (strcmp(name, "close") == 0)
    return read_close(member, fault);
  if (strcmp(name, "effect") == 0)
    return read_effect(member, rule);
  if (strcmp(name, "delay_ms") == 0)
    return read_number(member, 0, DELAY_LONGEST_MS, &fault->delay_ms);
  if (strcmp(name, "cut_after") == 0)
    return read_number(member, 0, NUMBER_LARGEST, &fault->cut_after);
  *known = false;
  return true;
}

static const char *expected(const char *name)
{
  static const char *const words[][2] = {
      {"method", "must be a string such as \"PUT\""},
      {"path", "must be a shell pattern such as \"/v1/signs/*\""},
      {"nth", "must be an integer of 1 to 1000000000"},
      {"every", "must be an integer of 1 to 1000000000"},
      {"count", "must be an integer of 0 to 1000000000"},
      {"per_second", "must be an integer of 1 to 1000000000"},
      {"burst", "must be an integer of 1 to 1000000000"},
      {"counted", "must be true or false"},
      {"status", "must be an HTTP status of 200 to 599"},
      {"headers", "must be an object of header names and texts, without "
                  "Content-Length, Transfer-Encoding and Connection"},
      {"close", "must be \"before\" or \"after\""},
      {"effect", "must be true, false or \"late\""},
      {"delay_ms", "must be an integer of 0 to 86400000"},
      {"cut_after", "must be an integer of 0 to 1000000000"},
  };
  size_t i = 0; /* a body may be anything; all other fields are here */
  while (i + 1 < sizeof words / sizeof *words && strcmp(words[i][0], name) != 0)
    i++;
  return words[i][1];
}

static bool read_members(json_object *object, draft *rule, signet_error *error)
{
  json_object_object_foreach(object, name, member)
  {
    bool known;
    bool read = read_when(name, member, rule, &known);
    if (read && !known)
      read = read_what(name, member, rule, &known);
    if (!known)
      return wrong(error, name, "is no field of a fault");
    if (!read && rule->no_memory)
      return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    if (!read)
      return wrong(error, name, expected(name));
  }
  return true;
}

/* What is said must make sense together; what isn't said gets its default. */
static bool complete(draft *rule, signet_error *error)
{
  sandbox_fault *fault = rule->fault;
  if (fault->close != SANDBOX_CLOSE_NOT &&
      (fault->status != 0 || fault->cut_after >= 0))
    return wrong(error, "close", "can't go with status or cut_after");
  if (fault->close != SANDBOX_CLOSE_NOT && rule->has_effect &&
      !fault->late_effect)
    return wrong(error, "close", "says by itself whether there is an effect");
  if ((fault->body != NULL || fault->headers != NULL) && fault->status == 0)
    return wrong(error, "status", "is missing beside body or headers");
  if (fault->status == 0 && fault->close == SANDBOX_CLOSE_NOT &&
      fault->cut_after < 0 && fault->delay_ms == 0)
    return wrong(error, "the fault",
                 "does nothing: give status, close, delay_ms or cut_after");
  if (fault->burst > 0 && fault->per_second == 0)
    return wrong(error, "per_second", "is missing beside burst");
  if (fault->counted && fault->per_second == 0)
    return wrong(error, "per_second", "is missing beside counted");
  if (fault->counted && fault->burst > 0)
    return wrong(error, "burst", "can't go with counted");
  if (fault->burst == 0)
    fault->burst = fault->per_second;
  fault->spared = (double)fault->burst;
  if (rule->has_every && !rule->has_nth)
    fault->nth = fault->every;
  if (rule->has_nth && !rule->has_every && !rule->has_count)
    fault->count = 1;
  if (!rule->has_effect)
    fault->effect = fault->close == SANDBOX_CLOSE_NOT
                        ? fault->status == 0
                        : fault->close == SANDBOX_CLOSE_AFTER;
  return true;
}

static sandbox_fault *fault_new(void)
{
  sandbox_fault *fault = signet_memory_zeroed(1, sizeof *fault);
  if (fault == NULL)
    return NULL;
  fault->references = 1;
  fault->nth = 1;
  fault->every = 1;
  fault->cut_after = -1;
  fault->path = signet_memory_text("*", 1);
  if (fault->path != NULL)
    return fault;
  sandbox_fault_release(fault);
  return NULL;
}

const sandbox_fault *sandbox_faults_add(sandbox_faults *faults,
                                        struct json_object *object,
                                        signet_error *error)
{
  draft rule = {.fault = fault_new()};
  if (rule.fault == NULL) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  if (!json_object_is_type(object, json_type_object))
    wrong(error, "a fault", "must be an object");
  else if (read_members(object, &rule, error) && complete(&rule, error)) {
    sandbox_fault **last = &faults->first;
    while (*last != NULL)
      last = &(*last)->next;
    rule.fault->id = ++faults->last_id;
    *last = rule.fault;
    return rule.fault;
  }
  sandbox_fault_release(rule.fault);
  return NULL;
}

static void write_text(signet_buffer *out, const char *name, const char *text,
                       size_t length)
{
  signet_buffer_format(out, ",\"%s\":", name);
  signet_json_write_string(out, text, length);
}

static void write_headers(signet_buffer *out, json_object *headers)
{
  const char *text =
      json_object_to_json_string_ext(headers, JSON_C_TO_STRING_PLAIN);
  signet_buffer_format(out, ",\"headers\":%s", text != NULL ? text : "");
  out->failed = out->failed || text == NULL;
}

static void write_what(signet_buffer *out, const sandbox_fault *fault)
{
  if (fault->status != 0)
    signet_buffer_format(out, ",\"status\":%d", fault->status);
  if (fault->body != NULL)
    write_text(out, "body", fault->body, fault->body_length);
  if (fault->headers != NULL)
    write_headers(out, fault->headers);
  if (fault->close != SANDBOX_CLOSE_NOT)
    signet_buffer_format(out, ",\"close\":\"%s\"",
                         fault->close == SANDBOX_CLOSE_BEFORE ? "before"
                                                              : "after");
  signet_buffer_format(out, ",\"effect\":%s",
                       fault->late_effect ? "\"late\""
                       : fault->effect    ? "true"
                                          : "false");
  if (fault->delay_ms > 0)
    signet_buffer_format(out, ",\"delay_ms\":%" PRId64, fault->delay_ms);
  if (fault->cut_after >= 0)
    signet_buffer_format(out, ",\"cut_after\":%" PRId64, fault->cut_after);
}

void sandbox_fault_write(struct signet_buffer *out, const sandbox_fault *fault)
{
  signet_buffer_format(out, "{\"id\":%" PRIu64, fault->id);
  if (fault->method != NULL)
    write_text(out, "method", fault->method, strlen(fault->method));
  write_text(out, "path", fault->path, strlen(fault->path));
  signet_buffer_format(
      out, ",\"nth\":%" PRId64 ",\"every\":%" PRId64 ",\"count\":%" PRId64,
      fault->nth, fault->every, fault->count);
  if (fault->per_second > 0)
    signet_buffer_format(out, ",\"per_second\":%" PRId64 ",\"burst\":%" PRId64,
                         fault->per_second, fault->burst);
  if (fault->counted)
    signet_buffer_string(out, ",\"counted\":true");
  write_what(out, fault);
  signet_buffer_format(out, ",\"seen\":%" PRId64 ",\"fired\":%" PRId64 "}",
                       fault->seen, fault->fired);
}
