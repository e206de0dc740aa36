/* SPDX-License-Identifier: MIT */
#include "host/output/json.h"
#include "host/output/progress.h"

#include "model/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

json_object *signet_host_json_event(const char *name)
{
  json_object *object = json_object_new_object();

  (void)json_object_object_add(object, "event", json_object_new_string(name));
  return object;
}

static void add_text(json_object *object, const char *name, const char *text,
                     size_t length)
{
  if (length < INT_MAX) {
    (void)json_object_object_add(object, name,
                                 json_object_new_string_len(text, (int)length));
  }
}

void signet_host_json_text(json_object *object, const char *name,
                           const char *text, size_t length)
{
  char *clean = NULL;
  size_t clean_length = 0, used;
  uint32_t character;
  FILE *stream;

  if (text == NULL || signet_utf8_valid(text, length)) {
    if (text != NULL)
      add_text(object, name, text, length);
    return;
  }
  stream = open_memstream(&clean, &clean_length);
  for (; stream != NULL &&
         (used = signet_utf8_next(text, length, &character)) > 0;
       text += used, length -= used) {
    (void)(character == UINT32_MAX ? fwrite("\xef\xbf\xbd", 1, 3, stream)
                                   : fwrite(text, 1, used, stream));
  }
  if (stream != NULL && fclose(stream) == 0)
    add_text(object, name, clean, clean_length);
  free(clean);
}

static void add_string(json_object *object, const char *name, const char *text)
{
  if (*text != '\0')
    signet_host_json_text(object, name, text, strlen(text));
}

void signet_host_json_error(json_object *object, const signet_error *error,
                            const char *kind, const char *message)
{
  json_object *inner = json_object_new_object();

  add_string(inner, "kind", kind);
  add_string(inner, "message", message);
  if (error != NULL && error->kind != SIGNET_ERROR_SCRIPT) {
    if (error->code != 0) {
      (void)json_object_object_add(inner, "code",
                                   json_object_new_int64(error->code));
    }
    if (error->http_status != 0) {
      (void)json_object_object_add(inner, "http_status",
                                   json_object_new_int(error->http_status));
    }
    add_string(inner, "op", error->operation);
    add_string(inner, "id", error->id);
    (void)json_object_object_add(inner, "retryable",
                                 json_object_new_boolean(error->retryable));
    add_string(inner, "outcome", signet_outcome_name(error->outcome));
    add_string(inner, "service_message", error->service_message);
  }
  (void)json_object_object_add(object, "error", inner);
}

void signet_host_json_counts(json_object *object, const signet_counts *counts)
{
  const uint64_t parts[] = SIGNET_HOST_COUNTS(counts);

  for (int i = SIGNET_STEP_DONE; i <= SIGNET_STEP_WAITING; i++) {
    (void)json_object_object_add(object,
                                 signet_plan_result_name((signet_plan_result)i),
                                 json_object_new_uint64(parts[i]));
  }
}

bool signet_host_json_write(FILE *stream, json_object *object)
{
  const char *text = json_object_to_json_string_ext(
      object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  bool good = text != NULL && fputs(text, stream) >= 0 &&
              fputc('\n', stream) != EOF && fflush(stream) == 0;

  (void)json_object_put(object);
  return good;
}
