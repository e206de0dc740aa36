/* SPDX-License-Identifier: MIT */
/* Review by hand and by rule, and the locks of message plans. */
#include "world/review.h"

#include "world/entry.h"
#include "world/queue.h"

#include "model/memory.h"

#include <fnmatch.h>
#include <string.h>

static bool rule_matches(const signet_world_rule *rule,
                         const signet_entry *entry)
{
  return (rule->any_kind || rule->kind == entry->kind) &&
         (rule->pattern == NULL ||
          fnmatch(rule->pattern, signet_world_text_data(&entry->name), 0) == 0);
}

static const signet_world_rule *matching_rule(const signet_world *world,
                                              const signet_entry *entry)
{
  for (size_t i = 0; i < world->rule_count; i++)
    if (rule_matches(&world->rules[i], entry))
      return &world->rules[i];
  return NULL;
}

void signet_world_schedule(signet_world *world, signet_entry *entry)
{
  signet_queue_remove(world, entry);
  if (entry->status != SIGNET_STATUS_PENDING)
    return;
  const signet_world_rule *rule = matching_rule(world, entry);
  if (rule == NULL)
    return;
  if (__builtin_add_overflow(entry->submitted_ms, rule->after_ms,
                             &entry->due_ms))
    entry->due_ms = INT64_MAX;
  signet_queue_push(world, entry);
}

void signet_world_submit(signet_world *world, signet_entry *entry)
{
  entry->status = SIGNET_STATUS_PENDING;
  entry->updated_ms = world->now_ms;
  entry->submitted_ms = world->now_ms;
  signet_world_text_clear(&entry->remark);
  signet_world_schedule(world, entry);
}

bool signet_world_decide(signet_world *world, signet_entry *entry, int status,
                         const char *remark)
{
  const char *text = remark != NULL ? remark : "";
  if (!signet_world_text_set(&entry->remark, text, strlen(text)))
    return false;
  signet_queue_remove(world, entry);
  entry->status = status;
  entry->updated_ms = world->now_ms;
  if (status == SIGNET_STATUS_APPROVED)
    signet_world_release_name(world, entry);
  return true;
}

signet_entry *signet_world_entry(const signet_world *world, signet_kind kind,
                                 const char *id)
{
  int64_t number;
  if (id == NULL || !signet_entry_id_parse(id, strlen(id), &number))
    return NULL;
  return signet_world_find(world, kind, number);
}

bool signet_world_review(signet_world *world, signet_kind kind, const char *id,
                         int status, const char *remark)
{
  signet_entry *entry = signet_world_entry(world, kind, id);
  return entry != NULL && entry->status == SIGNET_STATUS_PENDING &&
         signet_world_decide(world, entry, status, remark);
}

bool signet_world_lock(signet_world *world, signet_kind kind, const char *id,
                       bool locked)
{
  signet_entry *entry = signet_world_entry(world, kind, id);
  if (entry == NULL)
    return false;
  entry->locked = locked;
  return true;
}

static void free_rules(signet_world_rule *rules, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    signet_memory_free(rules[i].pattern);
    signet_memory_free(rules[i].remark);
  }
  signet_memory_free(rules);
}

static bool copy_text(char **to, const char *from)
{
  if (from != NULL)
    *to = signet_memory_text(from, strlen(from));
  return from == NULL || *to != NULL;
}

static signet_world_rule *copy_rules(const signet_world_reviewer *rules,
                                     size_t count)
{
  signet_world_rule *copy = signet_memory_zeroed(count, sizeof *copy);
  if (copy == NULL)
    return NULL;
  for (size_t i = 0; i < count; i++) {
    copy[i].any_kind = rules[i].any_kind;
    copy[i].kind = rules[i].kind;
    copy[i].after_ms = rules[i].after_ms;
    copy[i].status = rules[i].status;
    if (!copy_text(&copy[i].pattern, rules[i].pattern) ||
        !copy_text(&copy[i].remark, rules[i].remark)) {
      free_rules(copy, count);
      return NULL;
    }
  }
  return copy;
}

bool signet_world_set_reviewers(signet_world *world,
                                const signet_world_reviewer *rules,
                                size_t count)
{
  signet_world_rule *copy = NULL;
  if (count > 0 && (copy = copy_rules(rules, count)) == NULL)
    return false;
  free_rules(world->rules, world->rule_count);
  world->rules = copy;
  world->rule_count = count;
  /* What waits already is judged by the new rules; signet_world_add() has kept
   * room in the queue for every entry. */
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    for (signet_entry *entry = world->shelves[kind].first; entry != NULL;
         entry = entry->next)
      signet_world_schedule(world, entry);
  return true;
}

int64_t signet_world_tick(signet_world *world)
{
  while (world->queue_count > 0 && world->queue[0]->due_ms <= world->now_ms) {
    signet_entry *entry = world->queue[0];
    /* What lies in the queue is there because a rule matches: new rules and
     * new names schedule it again. */
    const signet_world_rule *rule = matching_rule(world, entry);
    if (!signet_world_decide(world, entry, rule->status, rule->remark))
      break; /* out of memory: tried again at the next tick */
  }
  return world->queue_count > 0 ? world->queue[0]->due_ms : -1;
}
