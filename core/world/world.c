/* SPDX-License-Identifier: MIT */
#include "world/attempt.h"
#include "world/entry.h"
#include "world/record.h"
#include "world/refuse.h"
#include "world/sign.h"
#include "world/template.h"

#include "dialect/dialect.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "model/memory.h"

#include <string.h>
#include <strings.h>

/* Above every number that a person would make up for a state file. */
static const int64_t FIRST_ID = 100000001;

void signet_world_options_init(signet_world_options *options)
{
  *options = (signet_world_options)SIGNET_WORLD_OPTIONS_INIT;
}

signet_world *signet_world_new(const signet_world_options *options)
{
  signet_world *world = signet_memory_zeroed(1, sizeof *world);
  if (world == NULL)
    return NULL;
  signet_world_options_init(&world->options);
  if (options != NULL)
    world->options = *options;
  world->next_id = FIRST_ID;
  return world;
}

static void free_shelf(signet_world_shelf *shelf)
{
  signet_entry *next;
  for (signet_entry *entry = shelf->first; entry != NULL; entry = next) {
    next = entry->next;
    signet_entry_free(entry);
  }
  signet_table_clear(&shelf->ids);
}

void signet_world_free(signet_world *world)
{
  if (world == NULL)
    return;
  free_shelf(&world->shelves[SIGNET_SIGN]);
  free_shelf(&world->shelves[SIGNET_TEMPLATE]);
  signet_table_clear(&world->names);
  world->queue_count = 0;
  signet_memory_free(world->queue);
  for (size_t i = 0; i < world->rule_count; i++) {
    signet_memory_free(world->rules[i].pattern);
    signet_memory_free(world->rules[i].remark);
  }
  signet_memory_free(world->rules);
  signet_memory_free(world);
}

signet_world_options *signet_world_switches(signet_world *world)
{
  return &world->options;
}

void signet_world_set_time(signet_world *world, int64_t unix_ms)
{
  world->now_ms = unix_ms;
}

static bool get(signet_attempt *attempt)
{
  const signet_entry *entry = signet_world_target(attempt);
  return entry != NULL && signet_world_answer(attempt, entry);
}

/* The signs dialect's sign_name is fuzzy: part of the name, whatever the case
 * of its Latin letters. */
static bool holds_name(const signet_entry *entry, const signet_value *part)
{
  const char *name = signet_world_text_data(&entry->name);
  size_t length = part->as.text.length;
  for (size_t i = 0; i + length <= entry->name.length; i++)
    if (strncasecmp(name + i, part->as.text.data, length) == 0)
      return true;
  return false;
}

/* Whether the entry is in the list that was asked for. */
static bool listed(const signet_attempt *attempt, const signet_entry *entry)
{
  const signet_fields *filter = attempt->operation->fields;
  signet_value part;
  const char *field = signet_dialect_row_of(attempt->dialect)->list_filter;
  return field == NULL || filter == NULL ||
         !signet_fields_get(filter, field, &part) ||
         part.type != SIGNET_STRING || holds_name(entry, &part);
}

static bool list_all(signet_attempt *attempt)
{
  signet_kind kind = attempt->operation->kind;
  signet_list *list = signet_list_new(kind);
  if (list == NULL)
    return signet_world_refuse_memory(attempt);
  for (const signet_entry *entry = attempt->world->shelves[kind].first;
       entry != NULL; entry = entry->next)
    if (listed(attempt, entry) &&
        signet_world_record(attempt->world, attempt->dialect, entry, list) ==
            NULL) {
      signet_list_release(list);
      return signet_world_refuse_memory(attempt);
    }
  signet_list_seal(list);
  attempt->reply->list = list;
  return true;
}

/* Deleting has more to ask than updating: what the pages leave open. */
static bool delete_entry(signet_attempt *attempt)
{
  const signet_world_options *options = &attempt->world->options;
  signet_entry *entry = signet_world_target(attempt);
  if (entry == NULL)
    return false;
  if (entry->locked)
    return signet_world_refuse(attempt, SIGNET_REFUSE_PLANS_DELETE);
  if (entry->status == SIGNET_STATUS_PENDING && !options->delete_pending &&
      signet_dialect_row_of(attempt->dialect)->reviews)
    return signet_world_refuse(attempt, SIGNET_REFUSE_PENDING_DELETE);
  if (entry->related_templates > 0 && !options->delete_used_sign)
    return signet_world_refuse(attempt, SIGNET_REFUSE_USED);
  signet_world_remove(attempt->world, entry);
  return true;
}

static bool carry_out(signet_attempt *attempt)
{
  bool sign = attempt->operation->kind == SIGNET_SIGN;
  if (!signet_dialect_has(attempt->dialect, attempt->operation->kind))
    return signet_error_set(&attempt->reply->error, SIGNET_ERROR_UNSUPPORTED,
                            "the signs dialect has no templates");
  switch (attempt->operation->verb) {
  case SIGNET_LIST:
    return list_all(attempt);
  case SIGNET_GET:
    return get(attempt);
  case SIGNET_CREATE:
    return sign ? signet_world_create_sign(attempt)
                : signet_world_create_template(attempt);
  case SIGNET_UPDATE:
    return sign ? signet_world_update_sign(attempt)
                : signet_world_update_template(attempt);
  case SIGNET_DELETE:
    return delete_entry(attempt);
  default:
    return signet_error_set(&attempt->reply->error, SIGNET_ERROR_UNSUPPORTED,
                            "a world has no such operation");
  }
}

bool signet_world_apply(signet_world *world, signet_dialect dialect,
                        const signet_operation *operation,
                        signet_world_reply *reply)
{
  signet_attempt attempt = {world, dialect, operation, reply};
  reply->list = NULL;
  signet_error_init(&reply->error);
  if (!carry_out(&attempt))
    return false;
  reply->error.outcome = SIGNET_OUTCOME_APPLIED;
  return true;
}
