/* SPDX-License-Identifier: MIT */
/* Which kind of store a URL means. A kind is known by its scheme and by nothing
 * else, so that a new one is a row here. */

#include "job/store/store.h"

#include "job/store/sqlite/folder.h"
#include "model/error_fill.h"
#include "model/text.h"

#include <string.h>

static const signet_store_kind *const kinds[] = {&signet_store_sqlite};

enum { KINDS = sizeof kinds / sizeof kinds[0], SHOWN = 80 };

/* What has no scheme is a folder, whatever its name is: folders came first, and
 * are in configuration files. Only what looks like the URL of a store that this
 * program doesn't have is refused, or its jobs would be kept in a folder of
 * that name. */
static const signet_store_kind *kind_of(const char *url, const char **place)
{
  *place = url;
  for (size_t i = 0; i < KINDS; i++) {
    size_t length = strlen(kinds[i]->scheme);

    if (strncmp(url, kinds[i]->scheme, length) == 0 && url[length] == ':') {
      *place = url + length + 1;
      return kinds[i];
    }
  }
  return strstr(url, "://") != NULL ? NULL : kinds[0];
}

static bool refuse_kind(const char *url, signet_error *error)
{
  char shown[SHOWN];

  (void)signet_text_escape(shown, sizeof shown, url, strcspn(url, ":"));
  return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                          "this program has no store %s: name a folder, or "
                          "sqlite:FOLDER",
                          shown);
}

signet_store *signet_store_open(const char *url, const char *account,
                                signet_job_running *held_by,
                                signet_error *error)
{
  const char *place;
  const signet_store_kind *kind = kind_of(url, &place);

  *held_by = (signet_job_running){.writes = -1};
  if (kind == NULL) {
    (void)refuse_kind(url, error);
    return NULL;
  }
  return kind->open(place, account, held_by, error);
}

signet_store *signet_store_read(const char *url, const char *account,
                                signet_error *error)
{
  const char *place;
  const signet_store_kind *kind = kind_of(url, &place);

  if (kind == NULL) {
    (void)refuse_kind(url, error);
    return NULL;
  }
  return kind->read(place, account, error);
}

bool signet_store_each(const char *url, signet_store_fn function, void *user,
                       signet_error *error)
{
  const char *place;
  const signet_store_kind *kind = kind_of(url, &place);

  return kind != NULL ? kind->each(place, function, user, error)
                      : refuse_kind(url, error);
}

const char *signet_store_folder(const char *url)
{
  const char *place;
  const signet_store_kind *kind = kind_of(url, &place);

  return kind != NULL && kind->in_folder ? place : NULL;
}

bool signet_store_holder(const char *name, signet_job_running *holder)
{
  const char *place;
  const signet_store_kind *kind = kind_of(name, &place);

  return kind != NULL && kind->holder(place, holder);
}
