/* SPDX-License-Identifier: MIT */
/* Creating and updating templates. */
#include "world/template.h"

#include "world/attempt.h"
#include "world/check.h"
#include "world/entry.h"
#include "world/refuse.h"
#include "world/review.h"

#include "model/memory.h"

/* What a request says about a template, with text of its own. */
typedef struct content {
  signet_world_text name;
  signet_world_text type;
  signet_world_text content;
  signet_world_text countries;
  int64_t sign_id;
  int64_t sign_position;
} content;

static void content_free(content *given)
{
  signet_memory_free(given->name.data);
  signet_memory_free(given->type.data);
  signet_memory_free(given->content.data);
  signet_memory_free(given->countries.data);
}

static bool take_text(const signet_fields *fields, const char *field,
                      signet_world_text *text)
{
  signet_value value;
  return signet_fields_get(fields, field, &value) &&
         signet_world_text_set(text, value.as.text.data, value.as.text.length);
}

/* The service keeps the older type under its new name. */
static bool take_type(const signet_fields *fields, signet_world_text *type)
{
  static const char newer[] = "authentication";
  if (!take_text(fields, "template_type", type))
    return false;
  return !signet_world_text_equal(type, "otp", 3) ||
         signet_world_text_set(type, newer, sizeof newer - 1);
}

static bool content_take(const signet_fields *fields, content *given)
{
  return take_text(fields, "template_name", &given->name) &&
         take_type(fields, &given->type) &&
         take_text(fields, "template_content", &given->content) &&
         take_text(fields, "country_codes", &given->countries);
}

/* add_signature is false unless it is given: without it, sign_id and
 * sign_position mean nothing. */
static bool take_signature(signet_attempt *attempt, content *given)
{
  const signet_fields *fields = attempt->operation->fields;
  signet_value value;
  if (!signet_fields_get(fields, "add_signature", &value) ||
      value.type != SIGNET_BOOLEAN || !value.as.boolean)
    return true;
  signet_fields_get(fields, "sign_id", &value);
  if (!signet_entry_id_parse(value.as.text.data, value.as.text.length,
                             &given->sign_id))
    given->sign_id = 0; /* digits beyond int64: no signature has it */
  signet_fields_get(fields, "sign_position", &value);
  given->sign_position = value.as.integer;
  const signet_entry *sign =
      signet_world_find(attempt->world, SIGNET_SIGN, given->sign_id);
  if (sign == NULL)
    return signet_world_refuse_sign(attempt, SIGNET_REFUSE_ABSENT);
  if (sign->status != SIGNET_STATUS_APPROVED)
    return signet_world_refuse(attempt, SIGNET_REFUSE_NOT_APPROVED);
  return true;
}

static void swap_text(signet_world_text *a, signet_world_text *b)
{
  signet_world_text keep = *a;
  *a = *b;
  *b = keep;
}

static void exchange(signet_entry *entry, content *given)
{
  swap_text(&entry->name, &given->name);
  swap_text(&entry->type, &given->type);
  swap_text(&entry->content, &given->content);
  swap_text(&entry->countries, &given->countries);
  entry->sign_position = given->sign_position;
}

static bool same_text(const signet_world_text *a, const signet_world_text *b)
{
  return signet_world_text_equal(a, signet_world_text_data(b), b->length);
}

static bool same_content(const signet_entry *entry, const content *given)
{
  return same_text(&entry->name, &given->name) &&
         same_text(&entry->type, &given->type) &&
         same_text(&entry->content, &given->content) &&
         same_text(&entry->countries, &given->countries) &&
         entry->sign_id == given->sign_id &&
         entry->sign_position == given->sign_position;
}

static bool add_new(signet_attempt *attempt, content *given)
{
  signet_entry *entry = signet_entry_new(SIGNET_TEMPLATE);
  if (entry == NULL)
    return signet_world_refuse_memory(attempt);
  exchange(entry, given);
  entry->sign_id = given->sign_id;
  entry->status = SIGNET_STATUS_PENDING;
  return signet_world_enter(attempt, entry);
}

bool signet_world_create_template(signet_attempt *attempt)
{
  content given = {0};
  bool done = false;
  if (!signet_world_check(attempt) || !take_signature(attempt, &given))
    return false;
  if (content_take(attempt->operation->fields, &given))
    done = add_new(attempt, &given);
  else
    signet_world_refuse_memory(attempt);
  content_free(&given);
  return done;
}

static bool check_update(signet_attempt *attempt, const signet_entry *entry)
{
  if (entry->status == SIGNET_STATUS_PENDING)
    return signet_world_refuse(attempt, SIGNET_REFUSE_PENDING_UPDATE);
  if (entry->locked)
    return signet_world_refuse(attempt, SIGNET_REFUSE_PLANS_UPDATE);
  return true;
}

bool signet_world_update_template(signet_attempt *attempt)
{
  signet_world *world = attempt->world;
  signet_entry *entry = NULL;
  content given = {0};
  if (!signet_world_check(attempt) ||
      (entry = signet_world_target(attempt)) == NULL ||
      !check_update(attempt, entry) || !take_signature(attempt, &given))
    return false;
  bool taken = content_take(attempt->operation->fields, &given);
  if (!taken) {
    signet_world_refuse_memory(attempt);
  } else if (world->options.review_unchanged || !same_content(entry, &given)) {
    signet_world_relate(world, entry, given.sign_id);
    exchange(entry, &given);
    signet_world_submit(world, entry);
  }
  content_free(&given);
  return taken;
}
