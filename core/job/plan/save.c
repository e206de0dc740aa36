/* SPDX-License-Identifier: MIT */
/* A plan as text: a head, then a step per line, so that it can be read. */
#include "job/plan/save.h"

#include "model/memory.h"
#include "wire/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const size_t TEXT_MAXIMUM = (size_t)1 << 30;

static void write_string(signet_buffer *out, const char *text)
{
  signet_json_write_string(out, text, strlen(text));
}

static void write_numbers(signet_buffer *out, const char *name,
                          const size_t *numbers, size_t count)
{
  signet_buffer_format(out, ",\"%s\":[", name);
  for (size_t i = 0; i < count; i++)
    signet_buffer_format(out, i > 0 ? ",%zu" : "%zu", numbers[i]);
  signet_buffer_string(out, "]");
}

static void write_outage(signet_buffer *out, const signet_plan_step *step)
{
  signet_buffer_string(out, ",\"outage\":[");
  for (size_t i = 0; i < step->outage_count; i++)
    signet_buffer_format(out, i > 0 ? ",\"%" PRId64 "\"" : "\"%" PRId64 "\"",
                         step->outage[i]);
  signet_buffer_string(out, "]");
}

static void write_step(signet_buffer *out, const signet_plan_step *step)
{
  signet_buffer_format(
      out, "{\"step\":%zu,\"verb\":\"%s\",\"kind\":\"%s\",\"id\":\"%s\"",
      step->number, signet_verb_name(step->verb), signet_kind_name(step->kind),
      step->id);
  signet_buffer_string(out, ",\"before\":");
  signet_buffer_string(out, step->before != NULL ? step->before : "null");
  signet_buffer_string(out, ",\"after\":");
  signet_buffer_string(out, step->after != NULL ? step->after : "null");
  write_numbers(out, "needs", step->needs, step->need_count);
  write_numbers(out, "reviews", step->reviews, step->review_count);
  signet_buffer_format(
      out, ",\"after_round\":%zu,\"round\":%zu,\"review\":%s,\"awaited\":%s",
      step->after_round, step->round, step->review ? "true" : "false",
      step->awaited ? "true" : "false");
  signet_buffer_format(out, ",\"expect\":%" PRId64, step->expect);
  write_outage(out, step);
  if (step->assumed)
    signet_buffer_string(out, ",\"assumed\":true");
  if (step->assumed_sign)
    signet_buffer_string(out, ",\"assumed_sign\":true");
  if (step->mark != SIGNET_UNDO_NONE)
    signet_buffer_format(out, ",\"mark\":\"%s\"",
                         signet_undo_mark_name(step->mark));
  if (step->old[0] != '\0')
    signet_buffer_format(out, ",\"old\":\"%s\"", step->old);
  signet_buffer_string(out, "}");
}

static void write_origin(signet_buffer *out, const signet_plan_origin *from)
{
  if (from->job[0] == '\0')
    return;
  signet_buffer_format(out, ",\n\"from\":{\"job\":\"%s\"", from->job);
  if (from->undoes[0] != '\0')
    signet_buffer_format(out, ",\"undoes\":\"%s\"", from->undoes);
  signet_buffer_format(out, ",\"writes\":%" PRIu64 "}", from->writes);
}

static void write_content(signet_buffer *out, const signet_plan *plan)
{
  signet_buffer_string(out, "\"account\":");
  write_string(out, plan->account);
  signet_buffer_string(out, ",\n\"signet\":");
  write_string(out, plan->tool);
  signet_buffer_format(
      out, ",\n\"created_ms\":%" PRId64 ",\n\"script\":", plan->created_ms);
  write_string(out, plan->script);
  signet_buffer_string(out, ",\n\"arguments\":");
  signet_buffer_string(out, plan->arguments);
  write_origin(out, &plan->from);
  signet_buffer_string(out, ",\n\"steps\":[");
  for (size_t i = 0; i < plan->count; i++) {
    signet_buffer_string(out, i > 0 ? ",\n " : "\n ");
    write_step(out, &plan->steps[i]);
  }
  signet_buffer_string(out, "]}\n");
}

bool signet_plan_seal(signet_plan *plan)
{
  static const char head[] =
      "{\"format\":\"signet-plan\",\"version\":%d,\"digest\":\"%s\",\n";
  signet_buffer out;
  signet_buffer_init(&out, TEXT_MAXIMUM);
  signet_buffer_format(&out, head, SIGNET_PLAN_VERSION,
                       "00000000000000000000000000000000");
  size_t at = out.length - 3 - (SIGNET_PLAN_DIGEST_SIZE - 1);
  write_content(&out, plan);
  signet_memory_free(plan->text);
  plan->text = signet_buffer_take(&out, &plan->length);
  if (plan->text == NULL)
    return false;
  signet_plan_make_digest(plan->text, plan->digest);
  memcpy(plan->text + at, plan->digest, SIGNET_PLAN_DIGEST_SIZE - 1);
  return true;
}
