/* SPDX-License-Identifier: MIT */
#include "job/memo.h"

#include "account/same.h"
#include "model/memory.h"
#include "wire/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, and a second sum with another multiplier: 128 bits that no two
 * writes of a job share by accident. */
static void feed(uint64_t digest[2], const char *text)
{
  size_t length = text != NULL ? strlen(text) : 0;
  for (size_t i = 0; i <= length; i++) { /* with its NUL, as a separator */
    uint8_t byte = i < length ? (uint8_t)text[i] : 0;
    digest[0] = (digest[0] ^ byte) * 1099511628211u;
    digest[1] = (digest[1] + byte) * 0x9E3779B97F4A7C15u;
    digest[1] ^= digest[1] >> 29;
  }
}

static int by_name(const void *left, const void *right)
{
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool feed_json(uint64_t digest[2], json_object *value);

/* The value as JSON text. */
static bool feed_value(uint64_t digest[2], json_object *value)
{
  const char *text =
      json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
  feed(digest, text);
  return text != NULL;
}

/* A script's tables come in another order at each run: names are sorted. */
static bool feed_object(uint64_t digest[2], json_object *object)
{
  const char *few[32];
  size_t count = (size_t)json_object_object_length(object);
  const char **names = few;
  size_t i = 0;
  if (count > sizeof few / sizeof few[0])
    names = signet_memory_resize(NULL, count, sizeof names[0]);
  if (names == NULL)
    return false;
  json_object_object_foreach(object, name, member)
  {
    (void)member;
    names[i++] = name;
  }
  qsort(names, count, sizeof names[0], by_name);
  bool good = true;
  for (i = 0; good && i < count; i++) {
    feed(digest, names[i]);
    good = feed_json(digest, json_object_object_get(object, names[i]));
  }
  if (names != few)
    signet_memory_free(names);
  return good;
}

/* Text that is JSON itself, as the body of a raw request, counts as JSON. */
static bool feed_text(uint64_t digest[2], json_object *text)
{
  const char *problem = NULL;
  const char *data = json_object_get_string(text);
  size_t length = (size_t)json_object_get_string_len(text);
  json_object *inner = length > 0 && (*data == '{' || *data == '[')
                           ? signet_json_parse(data, length, &problem)
                           : NULL;
  bool good =
      !signet_json_ran_out(problem) &&
      (inner != NULL ? feed_json(digest, inner) : feed_value(digest, text));
  json_object_put(inner);
  return good;
}

static bool feed_json(uint64_t digest[2], json_object *value)
{
  bool good = true;
  if (json_object_is_type(value, json_type_object)) {
    feed(digest, "{");
    good = feed_object(digest, value);
    feed(digest, "}");
  } else if (json_object_is_type(value, json_type_array)) {
    feed(digest, "[");
    for (size_t i = 0; good && i < json_object_array_length(value); i++)
      good = feed_json(digest, json_object_array_get_idx(value, i));
    feed(digest, "]");
  } else if (json_object_is_type(value, json_type_string)) {
    good = feed_text(digest, value);
  } else {
    good = feed_value(digest, value);
  }
  return good;
}

static bool feed_content(uint64_t digest[2], const char *after)
{
  const char *problem = NULL;
  bool good = true;
  json_object *object =
      after != NULL ? signet_json_parse(after, strlen(after), &problem) : NULL;
  if (object != NULL)
    good = feed_json(digest, object);
  else
    feed(digest, after != NULL ? after : "-");
  json_object_put(object);
  return good && !signet_json_ran_out(problem);
}

bool signet_memo_compares(signet_verb verb, signet_kind kind)
{
  return verb == SIGNET_UPDATE && kind == SIGNET_TEMPLATE;
}

static void begin_digest(const char *verb, const char *kind, const char *target,
                         uint64_t digest[2])
{
  digest[0] = 14695981039346656037u;
  digest[1] = 0x243F6A8885A308D3u;
  feed(digest, verb);
  feed(digest, kind);
  feed(digest, target);
}

void signet_memo_digest_text(const char *type, const char *text,
                             uint64_t digest[2])
{
  begin_digest(type, "", "", digest);
  feed(digest, text);
}

bool signet_memo_digest(signet_verb verb, signet_kind kind, const char *target,
                        const char *after, uint64_t digest[2])
{
  begin_digest(signet_verb_name(verb), signet_write_kind_name(verb, kind),
               target, digest);
  return signet_memo_compares(verb, kind) || feed_content(digest, after);
}

static void append(signet_memo *memo, signet_memo_entry *entry)
{
  size_t at = (size_t)entry->digest[0] & (memo->capacity - 1);
  entry->next = NULL;
  if (memo->last[at] != NULL)
    memo->last[at]->next = entry;
  else
    memo->first[at] = entry;
  memo->last[at] = entry;
}

static size_t target_slot(const signet_memo *memo, signet_kind kind,
                          const char *target)
{
  uint64_t digest[2];
  begin_digest("", signet_kind_name(kind), target, digest);
  return (size_t)digest[0] & (memo->capacity - 1);
}

/* The entry that it is about, once that is known; "": it isn't. */
static const char *id_of(const signet_memo_entry *entry)
{
  return entry->target[0] != '\0' ? entry->target : entry->answer;
}

static void append_target(signet_memo *memo, signet_memo_entry *entry)
{
  if (!entry->named || (entry->verb == SIGNET_REQUEST && !entry->raw) ||
      id_of(entry)[0] == '\0')
    return;
  size_t at = target_slot(memo, entry->kind, id_of(entry));
  entry->next_of_entry = memo->targets[at];
  memo->targets[at] = entry;
}

static bool grow(signet_memo *memo)
{
  signet_memo larger = *memo;
  larger.capacity = memo->capacity * 2;
  if (larger.capacity == 0)
    larger.capacity = 256;
  larger.first = signet_memory_zeroed(larger.capacity, sizeof larger.first[0]);
  larger.last = signet_memory_zeroed(larger.capacity, sizeof larger.last[0]);
  larger.targets =
      signet_memory_zeroed(larger.capacity, sizeof larger.targets[0]);
  if (larger.first == NULL || larger.last == NULL || larger.targets == NULL) {
    signet_memory_free(larger.first);
    signet_memory_free(larger.last);
    signet_memory_free(larger.targets);
    return false;
  }
  for (size_t i = 0; i < memo->capacity; i++) {
    signet_memo_entry *next;
    for (signet_memo_entry *at = memo->first[i]; at != NULL; at = next) {
      next = at->next;
      append(&larger, at);
      append_target(&larger, at);
    }
  }
  signet_memory_free(memo->first);
  signet_memory_free(memo->last);
  signet_memory_free(memo->targets);
  *memo = larger;
  return true;
}

bool signet_memo_add(signet_memo *memo, const uint64_t digest[2],
                     signet_memo_state state, int64_t number,
                     const char *answer, const char *after)
{
  if (memo->count >= memo->capacity && !grow(memo))
    return false;
  signet_memo_entry *entry = signet_memory_zeroed(1, sizeof *entry);
  if (entry == NULL)
    return false;
  if (after != NULL &&
      (entry->after = signet_memory_text(after, strlen(after))) == NULL) {
    signet_memory_free(entry);
    return false;
  }
  memcpy(entry->digest, digest, sizeof entry->digest);
  entry->state = state;
  entry->number = number;
  snprintf(entry->answer, sizeof entry->answer, "%s",
           answer != NULL ? answer : "");
  append(memo, entry);
  memo->count++;
  memo->unsent += state == SIGNET_MEMO_UNSENT;
  memo->unclaimed++;
  return true;
}

void signet_memo_name(signet_memo *memo, const uint64_t digest[2],
                      signet_verb verb, signet_kind kind, const char *target)
{
  signet_memo_entry *entry =
      memo->last[(size_t)digest[0] & (memo->capacity - 1)];
  entry->named = true;
  entry->verb = verb;
  entry->kind = kind;
  snprintf(entry->target, sizeof entry->target, "%s", target);
  append_target(memo, entry);
}

bool signet_memo_rest(signet_memo *memo, const uint64_t digest[2],
                      const char *before)
{
  signet_memo_entry *entry =
      memo->last[(size_t)digest[0] & (memo->capacity - 1)];
  if (before != NULL)
    entry->before = signet_memory_text(before, strlen(before));
  return before == NULL || entry->before != NULL;
}

bool signet_memo_done(signet_memo *memo, const uint64_t digest[2],
                      const char *wrote)
{
  signet_memo_entry *entry =
      memo->last[(size_t)digest[0] & (memo->capacity - 1)];
  if (wrote == NULL || entry->after != NULL)
    return true;
  entry->wrote = signet_memory_text(wrote, strlen(wrote));
  return entry->wrote != NULL;
}

bool signet_memo_name_raw(signet_memo *memo, const uint64_t digest[2],
                          signet_kind kind, const char *target,
                          const char *wrote)
{
  signet_memo_entry *entry =
      memo->last[(size_t)digest[0] & (memo->capacity - 1)];
  entry->raw = true;
  signet_memo_name(memo, digest, SIGNET_REQUEST, kind, target);
  return signet_memo_done(memo, digest, wrote);
}

bool signet_memo_changed(signet_memo *memo, const uint64_t digest[2],
                         const char *was, int64_t intended_at,
                         int64_t decided_ms)
{
  signet_memo_entry *entry =
      memo->last[(size_t)digest[0] & (memo->capacity - 1)];
  if (was != NULL)
    entry->was = signet_memory_text(was, strlen(was));
  entry->intended_at = intended_at;
  entry->decided_ms = decided_ms;
  return was == NULL || entry->was != NULL;
}

/* The first entry of the bucket that a target is in. */
static const signet_memo_entry *of_target(const signet_memo *memo,
                                          signet_kind kind, const char *id)
{
  return memo->capacity > 0 ? memo->targets[target_slot(memo, kind, id)] : NULL;
}

static bool is_about(const signet_memo_entry *entry, signet_kind kind,
                     const char *id)
{
  return entry->kind == kind && strcmp(id_of(entry), id) == 0;
}

const signet_memo_entry *signet_memo_wrote(const signet_memo *memo,
                                           signet_kind kind, const char *id)
{
  const signet_memo_entry *last = NULL;
  const signet_memo_entry *entry = of_target(memo, kind, id);
  for (; entry != NULL; entry = entry->next_of_entry)
    if (entry->state == SIGNET_MEMO_DONE && entry->verb != SIGNET_DELETE &&
        is_about(entry, kind, id) &&
        (last == NULL || entry->number > last->number))
      last = entry;
  return last;
}

const char *signet_memo_content(const signet_memo_entry *entry)
{
  return entry->wrote != NULL ? entry->wrote : entry->after;
}

static bool may_have_effect(const signet_memo_entry *entry)
{
  return entry->state != SIGNET_MEMO_UNSENT &&
         entry->state != SIGNET_MEMO_REFUSED;
}

const signet_memo_entry *signet_memo_next(const signet_memo *memo,
                                          signet_kind kind, const char *id)
{
  int64_t taken = 0;
  const signet_memo_entry *next = NULL;
  const signet_memo_entry *first = of_target(memo, kind, id);
  for (const signet_memo_entry *at = first; at != NULL; at = at->next_of_entry)
    if (at->used && is_about(at, kind, id) && at->number > taken)
      taken = at->number;
  for (const signet_memo_entry *at = first; at != NULL; at = at->next_of_entry)
    if (!at->used && may_have_effect(at) && is_about(at, kind, id) &&
        at->number > taken && (next == NULL || at->number < next->number))
      next = at;
  return next;
}

const signet_memo_entry *signet_memo_last(const signet_memo *memo,
                                          signet_kind kind, const char *target)
{
  const signet_memo_entry *entry =
      memo->capacity > 0 ? memo->targets[target_slot(memo, kind, target)]
                         : NULL;
  const signet_memo_entry *last = NULL;
  for (; entry != NULL; entry = entry->next_of_entry)
    if (!entry->raw && entry->kind == kind &&
        strcmp(entry->target, target) == 0 &&
        (last == NULL || entry->number > last->number))
      last = entry;
  return last;
}

const signet_memo_entry *signet_memo_find_entry(const signet_memo *memo,
                                                signet_kind kind,
                                                const char *target)
{
  const signet_memo_entry *found = NULL;
  const signet_memo_entry *entry =
      memo->capacity > 0 ? memo->targets[target_slot(memo, kind, target)]
                         : NULL;
  for (; entry != NULL; entry = entry->next_of_entry)
    if (!entry->used && !entry->raw && entry->kind == kind &&
        strcmp(entry->target, target) == 0 &&
        (found == NULL || entry->state == SIGNET_MEMO_DONE))
      found = entry;
  return found;
}

signet_memo_entry *signet_memo_unsent(const signet_memo *memo, signet_kind kind,
                                      const char *target)
{
  signet_memo_entry *entry =
      memo->capacity > 0 ? memo->targets[target_slot(memo, kind, target)]
                         : NULL;
  while (entry != NULL && (entry->used || entry->kind != kind ||
                           (entry->state != SIGNET_MEMO_UNSENT &&
                            entry->state != SIGNET_MEMO_AGAIN) ||
                           strcmp(entry->target, target) != 0))
    entry = entry->next_of_entry;
  return entry;
}

void signet_memo_look(signet_memo *memo, signet_kind kind, const char *target)
{
  signet_memo_entry *entry =
      memo->capacity > 0 ? memo->targets[target_slot(memo, kind, target)]
                         : NULL;
  for (; entry != NULL; entry = entry->next_of_entry)
    if (!entry->raw && entry->kind == kind &&
        strcmp(entry->target, target) == 0)
      entry->looked = true;
}

void signet_memo_each_unclaimed(
    const signet_memo *memo,
    void (*function)(void *user, const signet_memo_entry *entry), void *user)
{
  for (size_t i = 0; i < memo->capacity; i++)
    for (const signet_memo_entry *entry = memo->first[i]; entry != NULL;
         entry = entry->next)
      if (!entry->used && entry->named)
        function(user, entry);
}

bool signet_memo_add_refusal(signet_memo *memo, const uint64_t digest[2],
                             int64_t number, signet_error_kind kind,
                             const char *message, const char *after)
{
  char *copy = signet_memory_text(message, strlen(message));
  if (copy == NULL || !signet_memo_add(memo, digest, SIGNET_MEMO_REFUSED,
                                       number, NULL, after)) {
    signet_memory_free(copy);
    return false;
  }
  signet_memo_entry *entry =
      memo->last[(size_t)digest[0] & (memo->capacity - 1)];
  entry->refusal = kind;
  entry->message = copy;
  return true;
}

bool signet_memo_add_again(signet_memo *memo, const uint64_t digest[2],
                           int64_t number, int64_t attempts,
                           int64_t intended_at)
{
  if (!signet_memo_add(memo, digest, SIGNET_MEMO_AGAIN, number, NULL, NULL))
    return false;
  signet_memo_entry *entry =
      memo->last[(size_t)digest[0] & (memo->capacity - 1)];
  entry->attempts = attempts;
  entry->intended_at = intended_at;
  return true;
}

static bool has_fields(const signet_fields *all, const signet_fields *some)
{
  const char *name;
  signet_value wanted;
  signet_value value;
  for (size_t i = 0; signet_fields_at(some, i, &name, &wanted); i++)
    if (!signet_fields_get(all, name, &value) ||
        !signet_value_same(name, &value, &wanted))
      return false;
  return true;
}

/* Whether what was written holds all that is asked for. @return false: out of
 * memory, so that it can't be told */
static bool covers(const signet_memo_entry *entry, const signet_fields *fields,
                   bool *all)
{
  const char *problem = NULL;
  *all = true;
  if (entry->after == NULL || fields == NULL)
    return true;
  signet_fields *written = signet_fields_new();
  json_object *object =
      signet_json_parse(entry->after, strlen(entry->after), &problem);
  bool read = written != NULL && problem == NULL &&
              signet_json_fields(object, written, &problem);
  *all = read && has_fields(written, fields);
  json_object_put(object);
  signet_fields_free(written);
  return written != NULL && !signet_json_ran_out(problem);
}

bool signet_memo_take(signet_memo *memo, const uint64_t digest[2],
                      const signet_fields *fields,
                      const signet_memo_entry **taken)
{
  *taken = NULL;
  if (memo->capacity == 0)
    return true;
  signet_memo_entry *found = NULL;
  size_t at = (size_t)digest[0] & (memo->capacity - 1);
  for (signet_memo_entry *entry = memo->first[at]; entry != NULL;
       entry = entry->next) {
    bool same;
    if (entry->used || memcmp(entry->digest, digest, sizeof entry->digest) != 0)
      continue;
    if (!covers(entry, fields, &same))
      return false;
    if (same && (found == NULL || found->state == SIGNET_MEMO_UNSENT))
      found = entry;
    if (found != NULL && found->state != SIGNET_MEMO_UNSENT)
      break;
  }
  if (found != NULL) {
    found->used = true;
    memo->unclaimed--;
  }
  *taken = found;
  return true;
}

bool signet_memo_is_repeated(const signet_memo *memo,
                             const signet_memo_entry *entry)
{
  const signet_memo_entry *other =
      memo->first[(size_t)entry->digest[0] & (memo->capacity - 1)];
  while (other != NULL && (!other->used || memcmp(other->digest, entry->digest,
                                                  sizeof entry->digest) != 0))
    other = other->next;
  return other != NULL;
}

void signet_memo_free(signet_memo *memo)
{
  for (size_t i = 0; i < memo->capacity; i++) {
    signet_memo_entry *next;
    for (signet_memo_entry *at = memo->first[i]; at != NULL; at = next) {
      next = at->next;
      signet_memory_free(at->after);
      signet_memory_free(at->wrote);
      signet_memory_free(at->before);
      signet_memory_free(at->was);
      signet_memory_free(at->message);
      signet_memory_free(at);
    }
  }
  signet_memory_free(memo->first);
  signet_memory_free(memo->last);
  signet_memory_free(memo->targets);
  *memo = (signet_memo){0};
}
