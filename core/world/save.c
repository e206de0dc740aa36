/* SPDX-License-Identifier: MIT */
/* A world as JSON text, an entry per line, so that it can be read and edited.
 * Entries have the service's field names; what follows from other entries
 * (sign_name of a template, related_template_count) is not written. */
#include "world/save.h"

#include "world/entry.h"

#include "model/memory.h"
#include "wire/json_write.h"

#include <inttypes.h>
#include <string.h>

static const size_t TEXT_MAXIMUM = (size_t)1 << 30;

static const char *boolean(bool value)
{
  return value ? "true" : "false";
}

static void write_text(signet_buffer *out, const char *name,
                       const signet_world_text *text)
{
  signet_buffer_format(out, ",\"%s\":", name);
  signet_json_write_string(out, signet_world_text_data(text), text->length);
}

void signet_world_write_options(signet_buffer *out,
                                const signet_world_options *options)
{
  static const char *const test_rules[] = {"word", "anywhere", "exact"};
  signet_buffer_format(
      out,
      "{\"test_rule\":\"%s\",\"delete_pending\":%s,"
      "\"free_name_on_submit\":%s,\"review_unchanged\":%s,"
      "\"length_in_bytes\":%s,\"delete_used_sign\":%s,"
      "\"create_tells_id\":%s,\"max_signs\":%u}",
      test_rules[options->test_rule], boolean(options->delete_pending),
      boolean(options->free_name_on_submit), boolean(options->review_unchanged),
      boolean(options->length_in_bytes), boolean(options->delete_used_sign),
      boolean(options->create_tells_id), options->max_signs);
}

static void write_rule(signet_buffer *out, const signet_world_rule *rule)
{
  signet_buffer_format(out, "{\"kind\":\"%s\",\"name\":",
                       rule->any_kind ? "any" : signet_kind_name(rule->kind));
  const char *pattern = rule->pattern != NULL ? rule->pattern : "*";
  signet_json_write_string(out, pattern, strlen(pattern));
  signet_buffer_format(out,
                       ",\"after_ms\":%" PRId64 ",\"status\":%d,\"remark\":",
                       rule->after_ms, rule->status);
  const char *remark = rule->remark != NULL ? rule->remark : "";
  signet_json_write_string(out, remark, strlen(remark));
  signet_buffer_string(out, "}");
}

void signet_world_write_reviewers(signet_buffer *out, const signet_world *world)
{
  signet_buffer_string(out, "[");
  for (size_t i = 0; i < world->rule_count; i++) {
    signet_buffer_string(out, i > 0 ? ",\n " : "\n ");
    write_rule(out, &world->rules[i]);
  }
  signet_buffer_string(out, "]");
}

static void write_template(signet_buffer *out, const signet_entry *entry)
{
  write_text(out, "template_type", &entry->type);
  write_text(out, "template_content", &entry->content);
  write_text(out, "country_codes", &entry->countries);
  if (entry->sign_id != 0)
    signet_buffer_format(out, ",\"sign_id\":\"%" PRId64 "\"", entry->sign_id);
  signet_buffer_format(out, ",\"sign_position\":%" PRId64,
                       entry->sign_position);
}

static void write_entry(signet_buffer *out, const signet_entry *entry)
{
  const char *word = signet_kind_name(entry->kind);
  signet_buffer_format(out, "{\"%s_id\":\"%" PRId64 "\",\"%s_name\":", word,
                       entry->id, word);
  signet_json_write_string(out, signet_world_text_data(&entry->name),
                           entry->name.length);
  if (entry->kind == SIGNET_TEMPLATE)
    write_template(out, entry);
  signet_buffer_format(out, ",\"status\":%" PRId64, entry->status);
  write_text(out, "audit_remark", &entry->remark);
  signet_buffer_format(
      out, ",\"created_time\":%" PRId64 ",\"updated_time\":%" PRId64,
      entry->created_ms / 1000, entry->updated_ms / 1000);
  if (entry->status == SIGNET_STATUS_PENDING)
    signet_buffer_format(out, ",\"submitted_ms\":%" PRId64,
                         entry->submitted_ms);
  if (entry->held_name.length > 0)
    write_text(out, "held_name", &entry->held_name);
  if (entry->locked)
    signet_buffer_string(out, ",\"locked\":true");
  if (entry->extra.length > 0) { /* an object: its members go on here */
    signet_buffer_string(out, ",");
    signet_buffer_append(out, entry->extra.data + 1, entry->extra.length - 1);
  } else {
    signet_buffer_string(out, "}");
  }
}

static void write_shelf(signet_buffer *out, const signet_world *world,
                        signet_kind kind)
{
  const signet_world_shelf *shelf = &world->shelves[kind];
  signet_buffer_format(out, "\"%s\":[", signet_kind_collection(kind));
  for (const signet_entry *entry = shelf->first; entry != NULL;
       entry = entry->next) {
    signet_buffer_string(out, entry->previous != NULL ? ",\n " : "\n ");
    write_entry(out, entry);
  }
  signet_buffer_string(out, "]");
}

char *signet_world_save(const signet_world *world, size_t *length)
{
  signet_buffer out;
  size_t taken;
  signet_buffer_init(&out, TEXT_MAXIMUM);
  signet_buffer_format(&out,
                       "{\"version\":1,\"next_id\":\"%" PRId64 "\",\n"
                       "\"options\":",
                       world->next_id);
  signet_world_write_options(&out, &world->options);
  signet_buffer_string(&out, ",\n\"reviewers\":");
  signet_world_write_reviewers(&out, world);
  signet_buffer_string(&out, ",\n");
  write_shelf(&out, world, SIGNET_SIGN);
  signet_buffer_string(&out, ",\n");
  write_shelf(&out, world, SIGNET_TEMPLATE);
  signet_buffer_string(&out, "}\n");
  return signet_buffer_take(&out, length != NULL ? length : &taken);
}

void signet_world_text_free(char *text)
{
  signet_memory_free(text);
}
