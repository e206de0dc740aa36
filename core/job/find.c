/* SPDX-License-Identifier: MIT */
/* Which job a word of the user means: the one place where ids are looked up. */
#include "model/error_fill.h"
#include "model/text.h"
#include "signet/job.h"

#include <stdio.h>
#include <string.h>

enum { ID_SIZE = 64, SHOWN_SIZE = 64 };

typedef struct finding {
  const char *word;
  size_t count; /* of the jobs whose ids begin with the word */
  bool whole;   /* `first` is the word */
  char first[ID_SIZE];
  char second[ID_SIZE];
} finding;

static bool take_job(void *user, const signet_job_view *view)
{
  finding *found = user;
  if (strncmp(view->id, found->word, strlen(found->word)) != 0)
    return true; /* whatever the store gave */
  found->whole = strcmp(view->id, found->word) == 0;
  if (found->whole || found->count == 0)
    snprintf(found->first, sizeof found->first, "%s", view->id);
  else if (found->count == 1)
    snprintf(found->second, sizeof found->second, "%s", view->id);
  found->count++;
  return !found->whole;
}

static bool say_several(const finding *found, const char *shown,
                        signet_error *error)
{
  if (found->count == 2)
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "the ids of 2 jobs begin with %s, %s and %s: give "
                            "more of the one that is meant",
                            shown, found->first, found->second);
  return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                          "the ids of %zu jobs begin with %s, %s and %s among "
                          "them: give more of the one that is meant",
                          found->count, shown, found->first, found->second);
}

bool signet_job_find(const char *state_dir, const char *word, char *id,
                     size_t size, signet_error *error)
{
  finding found = {.word = word};
  char shown[SHOWN_SIZE];
  signet_error_init(error);
  if (word[0] == '\0')
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "an empty word names no job: give an id, or how "
                            "it begins");
  if (!signet_jobs_each(state_dir, word, take_job, NULL, &found, error))
    return false;
  signet_text_escape(shown, sizeof shown, word, strlen(word));
  if (found.count == 0)
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "there is no job %s: no job's id begins so", shown);
  if (found.count > 1 && !found.whole)
    return say_several(&found, shown, error);
  int length = snprintf(id, size, "%s", found.first);
  return (size_t)length < size ||
         signet_error_set(error, SIGNET_ERROR_STORE,
                          "the id %s is longer than this program gives them",
                          found.first);
}
