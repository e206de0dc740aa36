/* SPDX-License-Identifier: MIT */
/* What earlier undos of a job have taken back already, so that another one does
 * what is left. */
#include "job/plan/undo_taken.h"

#include "job/job.h"
#include "job/row.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool signet_taken_begin(signet_taken *taken)
{
  *taken = (signet_taken){json_object_new_object(), json_object_new_object(),
                          json_object_new_object()};
  return taken->updates != NULL && taken->deletes != NULL &&
         taken->creates != NULL;
}

void signet_taken_free(signet_taken *taken)
{
  json_object_put(taken->updates);
  json_object_put(taken->deletes);
  json_object_put(taken->creates);
  *taken = (signet_taken){NULL, NULL, NULL};
}

static bool put(json_object *to, const char *name, json_object *member)
{
  if (member != NULL && json_object_object_add(to, name, member) == 0)
    return true;
  json_object_put(member);
  return false;
}

static int64_t count_of(json_object *updates, const char *key)
{
  json_object *member;
  return json_object_object_get_ex(updates, key, &member)
             ? json_object_get_int64(member)
             : 0;
}

/* Under what a create is found. @return false: out of memory */
static bool create_key(signet_kind kind, const char *fields, char key[40])
{
  uint64_t digest[2];
  if (!signet_memo_digest(SIGNET_CREATE, kind, "", fields, digest))
    return false;
  snprintf(key, 40, "%016" PRIx64 "%016" PRIx64, digest[0], digest[1]);
  return true;
}

static bool add_create(signet_taken *taken, const signet_write_row *row,
                       signet_kind kind)
{
  char key[40];
  json_object *list;
  if (row->answer == NULL || row->after == NULL)
    return true;
  if (!create_key(kind, row->after, key))
    return false;
  if (!json_object_object_get_ex(taken->creates, key, &list) &&
      (!put(taken->creates, key, json_object_new_array()) ||
       !json_object_object_get_ex(taken->creates, key, &list)))
    return false;
  json_object *id = json_object_new_string(row->answer);
  if (id != NULL && json_object_array_add(list, id) == 0)
    return true;
  json_object_put(id);
  return false;
}

bool signet_taken_add(signet_taken *taken, const signet_write_row *row)
{
  char key[32];
  signet_write_words words;
  if (!signet_job_read_words(row->verb, row->kind, row->state, &words) ||
      words.state != SIGNET_WRITE_DONE || words.verb == SIGNET_REQUEST)
    return true;
  if (words.verb == SIGNET_CREATE)
    return add_create(taken, row, words.kind);
  snprintf(key, sizeof key, "%c%.24s", signet_kind_name(words.kind)[0],
           row->target);
  if (words.verb == SIGNET_DELETE)
    return put(taken->deletes, key, json_object_new_boolean(true));
  return put(taken->updates, key,
             json_object_new_int64(count_of(taken->updates, key) + 1));
}

bool signet_taken_delete(signet_taken *taken, const char *key)
{
  json_object *member;
  return taken != NULL &&
         json_object_object_get_ex(taken->deletes, key, &member);
}

bool signet_taken_update(signet_taken *taken, const char *key)
{
  json_object *member;
  if (taken == NULL ||
      !json_object_object_get_ex(taken->updates, key, &member) ||
      json_object_get_int64(member) == 0)
    return false;
  json_object_set_int64(member, json_object_get_int64(member) - 1);
  return true;
}

bool signet_taken_create(signet_taken *taken, signet_kind kind,
                         const char *fields, char id[24])
{
  char key[40];
  json_object *list;
  id[0] = '\0';
  if (taken == NULL)
    return true;
  if (!create_key(kind, fields, key))
    return false;
  if (json_object_object_get_ex(taken->creates, key, &list) &&
      json_object_array_length(list) > 0) {
    snprintf(id, 24, "%s",
             json_object_get_string(json_object_array_get_idx(list, 0)));
    json_object_array_del_idx(list, 0, 1);
  }
  return true;
}
