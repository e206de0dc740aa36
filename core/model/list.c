/* SPDX-License-Identifier: MIT */
/* Lists, and how records are made: see model/list.h. */
#include "model/list.h"

#include "model/arena.h"
#include "model/fields.h"
#include "model/memory.h"
#include "model/record_state.h"

#include <string.h>

enum { RECENT_TEXTS = 256, RECENT_SHAPES = 16 };
enum { SHORT_TEXT = 64 }; /* longer text hardly ever repeats */

/* What is needed only while a list grows. */
typedef struct builder {
  /* Short texts and shapes seen lately, so that repeats share memory. */
  const text *recent_texts[RECENT_TEXTS];
  const shape *recent_shapes[RECENT_SHAPES];
  size_t last_shape;
  /* The record being built. */
  signet_arena_mark mark;
  bool failed;
  bool hides;
  size_t count;
  shape_field fields[SIGNET_FIELDS_MAXIMUM];
  slot slots[SIGNET_FIELDS_MAXIMUM];
} builder;

struct signet_list {
  size_t references;
  signet_kind kind;
  signet_arena arena;
  const signet_record **records;
  size_t count;
  size_t capacity;
  builder *builder; /* NULL: not begun, sealed, or out of memory */
};

signet_list *signet_list_new(signet_kind kind)
{
  signet_list *list = signet_memory_zeroed(1, sizeof *list);
  if (list == NULL)
    return NULL;
  list->references = 1;
  list->kind = kind;
  return list;
}

signet_kind signet_list_kind(const signet_list *list)
{
  return list->kind;
}

signet_list *signet_list_retain(signet_list *list)
{
  list->references++;
  return list;
}

void signet_list_release(signet_list *list)
{
  if (list == NULL || --list->references > 0)
    return;
  signet_list_seal(list);
  signet_arena_free(&list->arena);
  signet_memory_free(list->records);
  signet_memory_free(list);
}

size_t signet_list_count(const signet_list *list)
{
  return list->count;
}

size_t signet_list_memory(const signet_list *list)
{
  return sizeof *list + list->arena.total +
         list->capacity * sizeof list->records[0];
}

const signet_record *signet_list_at(const signet_list *list, size_t index)
{
  return index < list->count ? list->records[index] : NULL;
}

/* Eight bytes at a time: this is done for every short text of a list. */
static size_t text_hash(const char *data, size_t length)
{
  uint64_t hash = length;
  for (; length >= 8; data += 8, length -= 8) {
    uint64_t word;
    memcpy(&word, data, sizeof word);
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    hash ^= hash >> 32;
  }
  uint64_t word = 0;
  if (length > 0)
    memcpy(&word, data, length);
  hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return hash >> 32 & (RECENT_TEXTS - 1);
}

static const text *keep_text(signet_list *list, const char *data, size_t length)
{
  const text **recent = NULL;
  if (length <= SHORT_TEXT) {
    recent = &list->builder->recent_texts[text_hash(data, length)];
    if (*recent != NULL && signet_record_text_is(*recent, data, length))
      return *recent;
  }
  if (length >= UINT32_MAX)
    return NULL;
  text *kept = signet_arena_text(&list->arena, sizeof *kept + length + 1);
  if (kept == NULL)
    return NULL;
  kept->length = (uint32_t)length;
  if (length > 0)
    memcpy(kept->data, data, length);
  kept->data[length] = '\0';
  if (recent != NULL)
    *recent = kept;
  return kept;
}

/* The name most probably stands at the same place as in the last record. */
static const text *keep_name(signet_list *list, const char *name, size_t length)
{
  const builder *build = list->builder;
  const shape *last = build->recent_shapes[build->last_shape];
  if (last != NULL && build->count < last->count) {
    const text *known = last->fields[build->count].name;
    if (signet_record_text_is(known, name, length))
      return known;
  }
  return keep_text(list, name, length);
}

void signet_list_begin(signet_list *list)
{
  signet_list_drop(list);
  if (list->builder == NULL)
    list->builder = signet_memory_zeroed(1, sizeof *list->builder);
  if (list->builder != NULL)
    list->builder->mark = signet_arena_here(&list->arena);
}

static bool keep_value(signet_list *list, const signet_value *value, slot *to)
{
  switch (value->type) {
  case SIGNET_BOOLEAN:
    to->boolean = value->as.boolean;
    break;
  case SIGNET_INTEGER:
    to->integer = value->as.integer;
    break;
  case SIGNET_NUMBER:
    to->number = value->as.number;
    break;
  case SIGNET_STRING:
  case SIGNET_JSON:
  case SIGNET_CONTAINS:
    to->text = keep_text(list, value->as.text.data, value->as.text.length);
    return to->text != NULL;
  case SIGNET_NULL:
    to->integer = 0;
    break;
  }
  return true;
}

void signet_list_add(signet_list *list, const char *name, size_t length,
                     const signet_value *value)
{
  builder *build = list->builder;
  if (build == NULL || build->failed)
    return;
  if (build->count == SIGNET_FIELDS_MAXIMUM) {
    build->failed = true;
    return;
  }
  const text *kept = keep_name(list, name, length);
  if (kept == NULL || !keep_value(list, value, &build->slots[build->count])) {
    build->failed = true;
    return;
  }
  build->fields[build->count++] = (shape_field){kept, value->type};
}

static bool same_field(const shape_field *a, const shape_field *b)
{
  return a->type == b->type &&
         (a->name == b->name ||
          signet_record_text_is(a->name, b->name->data, b->name->length));
}

static bool shape_fits(const shape *known, const builder *build)
{
  if (known == NULL || known->count != build->count ||
      known->hides != build->hides)
    return false;
  for (size_t i = 0; i < known->count; i++)
    if (!same_field(&known->fields[i], &build->fields[i]))
      return false;
  return true;
}

/* Of a doubled name the last value counts, at the first one's place. No known
 * shape has one, so only what fits none of them is looked through. @return
 * whether there were any */
static bool merge_doubles(builder *build)
{
  size_t kept = 0;
  for (size_t i = 0; i < build->count; i++) {
    const text *name = build->fields[i].name;
    size_t at = 0;
    while (at < kept && !signet_record_text_is(build->fields[at].name,
                                               name->data, name->length))
      at++;
    build->fields[at] = build->fields[i];
    build->slots[at] = build->slots[i];
    kept += at == kept;
  }
  bool merged = kept < build->count;
  build->count = kept;
  return merged;
}

static const shape *known_shape(builder *build)
{
  for (size_t i = 0; i < RECENT_SHAPES; i++) {
    size_t index = (build->last_shape + i) % RECENT_SHAPES;
    if (shape_fits(build->recent_shapes[index], build)) {
      build->last_shape = index;
      return build->recent_shapes[index];
    }
  }
  return NULL;
}

static const shape *find_shape(signet_list *list)
{
  builder *build = list->builder;
  const shape *known = known_shape(build);
  if (known == NULL && merge_doubles(build))
    known = known_shape(build);
  if (known != NULL)
    return known;
  size_t bytes = build->count * sizeof(shape_field);
  shape *made = signet_arena_allocate(&list->arena, sizeof *made + bytes);
  if (made == NULL)
    return NULL;
  made->kind = list->kind;
  made->hides = build->hides;
  made->count = build->count;
  memcpy(made->fields, build->fields, bytes);
  build->last_shape = (build->last_shape + 1) % RECENT_SHAPES;
  build->recent_shapes[build->last_shape] = made;
  return made;
}

static bool reserve_record(signet_list *list)
{
  if (list->count < list->capacity)
    return true;
  size_t capacity = list->capacity > 0 ? list->capacity * 2 : 1;
  const signet_record **records =
      signet_memory_resize(list->records, capacity, sizeof list->records[0]);
  if (records == NULL)
    return false;
  list->records = records;
  list->capacity = capacity;
  return true;
}

static signet_record *make_record(signet_list *list)
{
  const builder *build = list->builder;
  if (build->failed || !reserve_record(list))
    return NULL;
  const shape *fitting = find_shape(list);
  if (fitting == NULL)
    return NULL;
  size_t bytes = build->count * sizeof(slot);
  signet_record *record =
      signet_arena_allocate(&list->arena, sizeof *record + bytes);
  if (record == NULL)
    return NULL;
  record->shape = fitting;
  memcpy(record->slots, build->slots, bytes);
  return record;
}

const signet_record *signet_list_end(signet_list *list)
{
  if (list->builder == NULL)
    return NULL;
  signet_record *record = make_record(list);
  if (record == NULL) {
    list->builder->failed = true;
    signet_list_drop(list);
    return NULL;
  }
  list->records[list->count++] = record;
  list->builder->count = 0;
  return record;
}

bool signet_list_copy(signet_list *list, const signet_record *record)
{
  const char *name;
  signet_value value;
  signet_list_begin(list);
  if (list->builder != NULL)
    list->builder->hides = record->shape->hides;
  for (size_t i = 0; signet_record_at(record, i, &name, &value); i++)
    signet_list_add(list, name, record->shape->fields[i].name->length, &value);
  return signet_list_end(list) != NULL;
}

void signet_list_hide_signatures(signet_list *list, bool hides)
{
  for (size_t i = 0; i < list->count; i++)
    ((shape *)list->records[i]->shape)->hides = hides;
}

void signet_list_drop(signet_list *list)
{
  builder *build = list->builder;
  if (build == NULL)
    return;
  if (build->count > 0 || build->failed) {
    signet_arena_rewind(&list->arena, build->mark);
    /* These may point into what was given back. */
    memset(build->recent_texts, 0, sizeof build->recent_texts);
    memset(build->recent_shapes, 0, sizeof build->recent_shapes);
  }
  build->count = 0;
  build->failed = false;
}

void signet_list_seal(signet_list *list)
{
  signet_list_drop(list);
  signet_memory_free(list->builder);
  list->builder = NULL;
}
