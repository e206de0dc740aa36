/* SPDX-License-Identifier: MIT */
/* What the entries of a kind have. */
#include "model/kinds.h"

#include <string.h>

size_t signet_id_hash(const char *id)
{
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  for (; *id != '\0'; id++)
    hash = (hash ^ (uint8_t)*id) * 1099511628211u;
  return (size_t)(hash ^ hash >> 32);
}

const char *signet_kind_id_field(signet_kind kind)
{
  return kind == SIGNET_SIGN ? "sign_id" : "template_id";
}

bool signet_kind_has_field(signet_kind kind, const char *name)
{
  static const char *const fields[][16] = {
      [SIGNET_SIGN] = {"sign_id", "sign_name", "status",
                       "related_template_count", "audit_remark", "created_time",
                       "updated_time", "create_time", "update_time"},
      [SIGNET_TEMPLATE] = {
          "template_id", "template_name", "template_type", "template_content",
          "country_codes", "status", "sign_id", "sign_name", "sign_position",
          "sign_status", "audit_remark", "created_time", "updated_time"}};
  for (size_t i = 0; fields[kind][i] != NULL; i++)
    if (strcmp(fields[kind][i], name) == 0)
      return true;
  return false;
}
