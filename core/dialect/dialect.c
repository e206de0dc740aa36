/* SPDX-License-Identifier: MIT */
#include "dialect/dialect.h"

#include <string.h>

static const signet_dialect_row *const rows[] = {
    [SIGNET_CONFIGS] = &signet_dialect_configs,
    [SIGNET_SIGNS] = &signet_dialect_signs,
};

enum { ROWS = sizeof rows / sizeof rows[0] };

const signet_dialect_row *signet_dialect_row_of(signet_dialect dialect)
{
  return rows[dialect];
}

const char *signet_dialect_name(signet_dialect dialect)
{
  return rows[dialect]->name;
}

int signet_dialect_number(const char *name)
{
  for (size_t i = 0; name != NULL && i < ROWS; i++)
    if (strcmp(rows[i]->name, name) == 0)
      return (int)i;
  return -1;
}

bool signet_dialect_has_integer_ids(signet_dialect dialect)
{
  return rows[dialect]->integer_ids;
}

bool signet_dialect_has(signet_dialect dialect, signet_kind kind)
{
  return rows[dialect]->collections[kind] != NULL;
}

const signet_dialect_row *signet_dialect_of_identity(const char *identity)
{
  size_t length = strcspn(identity, " ");
  for (size_t i = 0; i < ROWS; i++)
    if (strlen(rows[i]->name) == length &&
        memcmp(identity, rows[i]->name, length) == 0)
      return rows[i];
  return NULL;
}

static bool is_below(const char *path, const char *collection)
{
  size_t length = collection != NULL ? strlen(collection) : 0;
  return length > 0 && strncmp(path, collection, length) == 0 &&
         path[length] == '/';
}

bool signet_dialect_entry_path(const char *path, signet_kind *kind)
{
  for (size_t i = 0; i < ROWS; i++)
    for (*kind = SIGNET_SIGN; *kind <= SIGNET_TEMPLATE; (*kind)++)
      if (is_below(path, rows[i]->collections[*kind]))
        return true;
  *kind = SIGNET_TEMPLATE;
  return false;
}
