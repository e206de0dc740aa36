/* SPDX-License-Identifier: MIT */
/* The text of a plan as it is saved: a head, then each step on a line of its
 * own, so that a plan of hundreds of thousands is read one by one. */
#include "job/plan/lines.h"

#include "model/memory.h"
#include "wire/json.h"

#include <string.h>

static const char steps_begin[] = "\n\"steps\":[\n";
static const char steps_end[] = "]}\n";

/* Within JSON's strings there are no newlines. */
const char *signet_plan_lines(const char *text, size_t length)
{
  size_t tail = sizeof steps_end - 1;
  const char *found = strstr(text, steps_begin);
  return found != NULL && strlen(text) == length && length >= tail &&
                 strcmp(text + length - tail, steps_end) == 0
             ? found + sizeof steps_begin - 1
             : NULL;
}

json_object *signet_plan_parse_head(const char *text, size_t length,
                                    const char *lines, const char **problem)
{
  if (lines == NULL)
    return signet_json_parse(text, length, problem);
  size_t head = (size_t)(lines - text);
  char *copy = signet_memory_zeroed(head + sizeof steps_end, 1);
  *problem = NULL;
  if (copy == NULL)
    return NULL;
  memcpy(copy, text, head);
  memcpy(copy + head, steps_end, sizeof steps_end);
  json_object *object =
      signet_json_parse(copy, head + sizeof steps_end - 1, problem);
  signet_memory_free(copy);
  return object;
}

json_object *signet_plan_parse_line(const char **line, const char **problem)
{
  const char *text = *line;
  size_t length = strcspn(text, "\n");
  bool last = strcmp(text + length, "\n") == 0;
  const char *tail = last ? "]}" : ",";
  size_t end = strlen(tail);
  *line = text + length + (text[length] == '\n');
  *problem = "a step stands on no line of its own";
  return length > end && strncmp(text + length - end, tail, end) == 0
             ? signet_json_parse(text, length - end, problem)
             : NULL;
}
