/* SPDX-License-Identifier: MIT */
#include "wire/list_reader.h"

#include "model/kinds.h"
#include "model/list.h"
#include "model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How much of the text may lie here unread: one entry and what came with it. */
enum { ENTRY_MAXIMUM = 16 << 20 };

bool signet_list_reader_init(signet_list_reader *reader, signet_list *list,
                             const signet_fields *filter)
{
  *reader = (signet_list_reader){.list = list, .filter = filter};
  signet_buffer_init(&reader->unread, ENTRY_MAXIMUM);
  reader->entry = signet_memory_zeroed(1, sizeof *reader->entry);
  return reader->entry != NULL;
}

void signet_list_reader_free(signet_list_reader *reader)
{
  if (reader->entry != NULL)
    signet_json_entry_clear(reader->entry);
  signet_memory_free(reader->entry);
  reader->entry = NULL;
  signet_buffer_free(&reader->unread);
  signet_id_set_free(&reader->ids);
}

static bool fail(signet_list_reader *reader, const char *what)
{
  reader->place = SIGNET_LIST_FAILED;
  snprintf(reader->problem, sizeof reader->problem,
           "%s, near byte %" PRIu64 " of the list", what, reader->offset);
  return false;
}

static bool is_space(char byte)
{
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* One byte between the objects. */
static bool feed_byte(signet_list_reader *reader, char byte)
{
  switch (reader->place) {
  case SIGNET_LIST_BEFORE:
    if (byte != '[')
      return fail(reader, "the reply is no JSON array");
    reader->place = SIGNET_LIST_FIRST;
    return true;
  case SIGNET_LIST_FIRST: /* no object: that does not come here */
    if (byte != ']')
      return fail(reader, "an entry is no JSON object");
    reader->place = SIGNET_LIST_DONE;
    return true;
  case SIGNET_LIST_ENTRY:
    return fail(reader, "an entry is no JSON object");
  case SIGNET_LIST_AFTER:
    if (byte != ',' && byte != ']')
      return fail(reader, "a comma or the end of the list is missing");
    reader->place = byte == ',' ? SIGNET_LIST_ENTRY : SIGNET_LIST_DONE;
    return true;
  default:
    return fail(reader, "something follows the end of the list");
  }
}

/* An HTML page is told for what it is, not for what is wrong in it. */
static bool is_no_array(const signet_list_reader *reader, const char *data,
                        size_t length)
{
  size_t i = 0;
  while (i < length && is_space(data[i]))
    i++;
  return reader->place == SIGNET_LIST_BEFORE && i < length && data[i] != '[';
}

static bool no_memory(signet_list_reader *reader)
{
  reader->memory = true;
  return fail(reader, "out of memory");
}

/* A list that shows an entry twice is taken as if it did so once.
 * @return false: out of memory */
static bool is_known(signet_list_reader *reader, bool *known)
{
  const signet_value *id = signet_json_entry_find(
      reader->entry, signet_kind_id_field(signet_list_kind(reader->list)));
  *known = false;
  if (id == NULL || !signet_id_set_add(&reader->ids, id, known))
    return id == NULL;
  if (!*known || reader->duplicates++ > 0)
    return true;
  if (id->type == SIGNET_INTEGER)
    snprintf(reader->duplicate, sizeof reader->duplicate, "%" PRId64,
             id->as.integer);
  else
    snprintf(reader->duplicate, sizeof reader->duplicate, "%.*s",
             (int)id->as.text.length, id->as.text.data);
  return true;
}

/* ---- what it doesn't show ---- */

static const char *const of_signature[] = {"sign_id", "sign_position",
                                           "sign_name", "sign_status", NULL};
/* What every entry has, whatever a list shows. */
static const char *const everywhere[] = {"status",        "template_name",
                                         "template_type", "template_content",
                                         "country_codes", NULL};

static bool is_one_of(const char *const *names, const char *name)
{
  while (*names != NULL && strcmp(*names, name) != 0)
    names++;
  return *names != NULL;
}

static bool is_none(const signet_value *value)
{
  return value->type == SIGNET_NULL ||
         (value->type == SIGNET_INTEGER && value->as.integer == 0) ||
         (value->type == SIGNET_STRING && value->as.text.length == 0);
}

/* Whether the template shows some field of a signature.
 * @param has  set to whether it shows that there is one */
static bool shows_signature(const signet_json_entry *entry, bool *has)
{
  bool shows = false;
  *has = false;
  for (const char *const *name = of_signature; *name != NULL; name++) {
    const signet_value *value = signet_json_entry_find(entry, *name);
    shows = shows || value != NULL;
    *has = *has || (value != NULL && !is_none(value));
  }
  return shows;
}

static void note_shown(signet_list_reader *reader)
{
  bool has = false;
  const char *name;
  signet_value wanted;
  bool filters = signet_fields_count(reader->filter) > 0;
  bool template = signet_list_kind(reader->list) == SIGNET_TEMPLATE;
  if (template && (filters || !reader->names_signs) &&
      shows_signature(reader->entry, &has))
    reader->names_signs = true;
  if (!filters || reader->unseen)
    return;
  for (size_t i = 0; signet_fields_at(reader->filter, i, &name, &wanted); i++) {
    bool signature = is_one_of(of_signature, name);
    bool there = template && signature ? has : is_one_of(everywhere, name);
    if (!template && strcmp(name, "sign_name") == 0)
      there = true;
    if (there && signet_json_entry_find(reader->entry, name) == NULL)
      reader->unseen = true;
  }
}

/* Whether the filter is about a signature of templates. */
static bool asks_for_signature(const signet_list_reader *reader)
{
  const char *name;
  signet_value wanted;
  for (size_t i = 0; signet_fields_at(reader->filter, i, &name, &wanted); i++)
    if (is_one_of(of_signature, name))
      return true;
  return false;
}

bool signet_list_reader_misses(const signet_list_reader *reader,
                               bool signs_unused)
{
  bool hides = signet_list_kind(reader->list) == SIGNET_TEMPLATE &&
               reader->read > 0 && !reader->names_signs && !signs_unused;
  return reader->unseen || (hides && asks_for_signature(reader));
}

static bool keep(signet_list_reader *reader)
{
  bool known;
  reader->read++;
  reader->place = SIGNET_LIST_AFTER;
  note_shown(reader);
  if (!signet_json_entry_matches(reader->entry, signet_list_kind(reader->list),
                                 reader->filter))
    return true;
  if (!is_known(reader, &known))
    return no_memory(reader);
  if (known || signet_json_entry_record(reader->entry, reader->list) != NULL)
    return true;
  return no_memory(reader);
}

/* Reads the entry at the text's beginning. @return bytes used, 0: it is wrong,
 * or its end has not come yet */
static size_t read_entry(signet_list_reader *reader, char *text, size_t length)
{
  size_t used = 0;
  switch (signet_json_entry_read(reader->entry, text, length, &used)) {
  case SIGNET_JSON_ENTRY_WHOLE:
    return keep(reader) ? used : 0;
  case SIGNET_JSON_ENTRY_CUT:
    break;
  case SIGNET_JSON_ENTRY_WRONG:
    reader->offset += (uint64_t)(reader->entry->place - text);
    reader->limit = reader->entry->limit;
    fail(reader, reader->entry->problem);
    break;
  }
  return 0;
}

/* Reads what is whole. @return bytes used */
static size_t read_text(signet_list_reader *reader, char *text, size_t length)
{
  size_t i = 0;
  while (i < length && reader->place != SIGNET_LIST_FAILED) {
    size_t used = 1;
    bool may_begin = reader->place == SIGNET_LIST_FIRST ||
                     reader->place == SIGNET_LIST_ENTRY;
    if (may_begin && text[i] == '{')
      used = read_entry(reader, text + i, length - i);
    else if (!is_space(text[i]))
      feed_byte(reader, text[i]);
    if (used == 0)
      break;
    i += used;
    reader->offset += used;
  }
  return i;
}

/* Reads what is whole of the text at hand, and keeps the rest. */
static bool read_unread(signet_list_reader *reader)
{
  signet_buffer *unread = &reader->unread;
  if (unread->length == 0)
    return reader->place != SIGNET_LIST_FAILED;
  size_t used = read_text(reader, unread->data, unread->length);
  unread->length -= used;
  memmove(unread->data, unread->data + used, unread->length + 1);
  /* An entry that comes in many pieces is not read again for each. */
  reader->enough = 2 * unread->length;
  return reader->place != SIGNET_LIST_FAILED;
}

static bool no_room(signet_list_reader *reader, size_t length)
{
  reader->memory = reader->unread.length + length <= ENTRY_MAXIMUM;
  reader->limit = !reader->memory;
  return fail(reader, reader->memory ? "out of memory"
                                     : "an entry is larger than 16 MiB");
}

/* A piece of text that fits in with what is unread. */
static bool feed_piece(signet_list_reader *reader, const char *data,
                       size_t length)
{
  if (reader->unread.length + length > ENTRY_MAXIMUM && !read_unread(reader))
    return false;
  if (!signet_buffer_append(&reader->unread, data, length))
    return no_room(reader, length);
  return reader->unread.length < reader->enough || read_unread(reader);
}

bool signet_list_reader_feed(signet_list_reader *reader, const char *data,
                             size_t length)
{
  enum { PIECE = 1 << 20 };
  if (reader->place == SIGNET_LIST_FAILED)
    return false;
  if (is_no_array(reader, data, length))
    return fail(reader, "the reply is no JSON array");
  while (length > PIECE) {
    if (!feed_piece(reader, data, PIECE))
      return false;
    data += PIECE;
    length -= PIECE;
  }
  return feed_piece(reader, data, length);
}

bool signet_list_reader_finish(signet_list_reader *reader)
{
  if (reader->place == SIGNET_LIST_FAILED || !read_unread(reader))
    return false;
  if (reader->place != SIGNET_LIST_DONE)
    return fail(reader, "the list ends too early");
  return true;
}
