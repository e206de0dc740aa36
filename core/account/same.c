/* SPDX-License-Identifier: MIT */
#include "account/same.h"

#include "model/fields.h"
#include "model/list.h"
#include "model/record.h"

#include <string.h>

static const char *const content[2][8] = {{"sign_name", NULL},
                                          {"template_name", "template_type",
                                           "template_content", "country_codes",
                                           "sign_id", "sign_position", NULL}};

const char *const *signet_entry_content(signet_kind kind)
{
  return content[kind];
}

/* ---- values ---- */

static bool is_text(const signet_value *value, const char *text)
{
  return value->type == SIGNET_STRING &&
         value->as.text.length == strlen(text) &&
         memcmp(value->as.text.data, text, value->as.text.length) == 0;
}

/* sign_id and sign_position, of which several values say that there is none. */
static bool is_of_signature(const char *name)
{
  return strcmp(name, "sign_id") == 0 || strcmp(name, "sign_position") == 0;
}

static bool is_none(const signet_value *value)
{
  return value->type == SIGNET_NULL ||
         (value->type == SIGNET_INTEGER && value->as.integer == 0) ||
         is_text(value, "") || is_text(value, "0");
}

/* The service keeps the older type under its newer name. */
static bool is_authentication(const signet_value *value)
{
  return is_text(value, "otp") || is_text(value, "authentication");
}

bool signet_value_same(const char *name, const signet_value *a,
                       const signet_value *b)
{
  if (is_of_signature(name))
    return (is_none(a) && is_none(b)) || signet_value_matches(a, b);
  if (a->type != SIGNET_STRING || b->type != SIGNET_STRING)
    return signet_value_equal(a, b);
  if (strcmp(name, "template_type") == 0 && is_authentication(a) &&
      is_authentication(b))
    return true;
  if (strcmp(name, "country_codes") == 0)
    return signet_form_equal_countries(a->as.text.data, a->as.text.length,
                                       b->as.text.data, b->as.text.length);
  return signet_form_equal(a->as.text.data, a->as.text.length, b->as.text.data,
                           b->as.text.length);
}

/* Whether a template that doesn't show the field has a signature all the same,
 * or may have one. */
static bool hides_signature(const signet_record *record)
{
  static const char *const names[] = {"sign_id", "sign_position", "sign_name"};
  signet_value value;
  bool hides = signet_record_hides_signature(record);
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !hides; i++)
    hides = signet_record_get(record, names[i], &value) && !is_none(&value);
  return hides;
}

bool signet_record_content(const signet_record *record, const char *name,
                           signet_value *value)
{
  *value = (signet_value){.type = SIGNET_NULL};
  bool shown = signet_record_get(record, name, value);
  if (!is_of_signature(name) || signet_record_kind(record) == SIGNET_SIGN)
    return shown && value->type != SIGNET_NULL;
  if (is_none(value))
    *value = (signet_value){.type = SIGNET_NULL};
  return shown || !hides_signature(record);
}

/* ---- a record and what was written ---- */

/* What a write makes of a field: without a signature it has no id and no
 * position. @return false: it leaves the field as it is */
static bool written(signet_kind kind, const signet_fields *fields,
                    const char *name, signet_value *value)
{
  signet_value shows;
  if (kind == SIGNET_TEMPLATE && is_of_signature(name) &&
      (!signet_fields_get(fields, "add_signature", &shows) ||
       shows.type != SIGNET_BOOLEAN || !shows.as.boolean)) {
    *value = (signet_value){.type = SIGNET_NULL};
    return true;
  }
  return signet_fields_get(fields, name, value);
}

static signet_likeness compare_field(signet_kind kind,
                                     const signet_fields *fields,
                                     const signet_record *record,
                                     const char *name)
{
  signet_value wanted;
  signet_value shown;
  if (!written(kind, fields, name, &wanted))
    return SIGNET_DIFFERENT;
  if (!signet_record_content(record, name, &shown))
    return SIGNET_UNSEEN;
  return signet_value_same(name, &wanted, &shown) ? SIGNET_SAME
                                                  : SIGNET_DIFFERENT;
}

signet_likeness signet_entry_compare(signet_kind kind,
                                     const signet_fields *fields,
                                     const signet_record *record,
                                     const char **field)
{
  const char *first = NULL;
  signet_likeness likeness = SIGNET_SAME;
  for (const char *const *name = content[kind]; *name != NULL; name++) {
    signet_likeness one = compare_field(kind, fields, record, *name);
    if (one == SIGNET_SAME ||
        (one == SIGNET_UNSEEN && likeness == SIGNET_UNSEEN))
      continue;
    likeness = one;
    first = *name;
    if (one == SIGNET_DIFFERENT)
      break;
  }
  if (field != NULL)
    *field = first;
  return likeness;
}

unsigned signet_entry_changes(signet_kind kind, const signet_fields *fields,
                              const signet_record *record)
{
  unsigned changes = 0;
  for (unsigned i = 0; content[kind][i] != NULL; i++)
    if (compare_field(kind, fields, record, content[kind][i]) ==
        SIGNET_DIFFERENT)
      changes |= 1u << i;
  return changes;
}

bool signet_entry_agrees(signet_kind kind, const signet_fields *fields,
                         const signet_record *record, unsigned which)
{
  for (unsigned i = 0; content[kind][i] != NULL; i++)
    if ((which & 1u << i) != 0 &&
        compare_field(kind, fields, record, content[kind][i]) == SIGNET_SAME)
      return true;
  return false;
}

bool signet_entry_is_same(signet_kind kind, const signet_fields *fields,
                          const signet_record *record)
{
  return signet_entry_compare(kind, fields, record, NULL) == SIGNET_SAME;
}

unsigned signet_value_forms(const char *name, const signet_value *wanted,
                            const signet_value *shown)
{
  if (wanted->type != SIGNET_STRING || shown->type != SIGNET_STRING ||
      is_of_signature(name) || signet_value_equal(wanted, shown) ||
      (strcmp(name, "template_type") == 0 && is_authentication(wanted)))
    return 0;
  if (strcmp(name, "country_codes") == 0)
    return SIGNET_FORM_COUNTRIES;
  return signet_form_difference(wanted->as.text.data, wanted->as.text.length,
                                shown->as.text.data, shown->as.text.length);
}

unsigned signet_entry_forms(signet_kind kind, const signet_fields *fields,
                            const signet_record *record)
{
  unsigned forms = 0;
  signet_value wanted;
  signet_value shown;
  for (const char *const *name = content[kind]; *name != NULL; name++)
    if (written(kind, fields, *name, &wanted) &&
        signet_record_content(record, *name, &shown))
      forms |= signet_value_forms(*name, &wanted, &shown);
  return forms;
}

/* ---- two records ---- */

const char *signet_entry_difference(signet_kind kind, const signet_record *a,
                                    const signet_record *b)
{
  signet_value left;
  signet_value right;
  for (const char *const *name = content[kind]; *name != NULL; name++)
    if (signet_record_content(a, *name, &left) &&
        signet_record_content(b, *name, &right) &&
        !signet_value_same(*name, &left, &right))
      return *name;
  return NULL;
}

bool signet_entry_same_content(signet_kind kind, const signet_record *a,
                               const signet_record *b)
{
  return signet_entry_difference(kind, a, b) == NULL;
}

bool signet_entry_is_whole(signet_kind kind, const signet_record *record)
{
  signet_value value;
  for (const char *const *name = content[kind]; *name != NULL; name++)
    if (!signet_record_content(record, *name, &value))
      return false;
  return true;
}
