/* SPDX-License-Identifier: MIT */
/* Which entries' reviews an apply waits for, in words. */
#include "job/plan/awaited.h"
#include "job/plan/plan.h"
#include "job/plan/tell.h"

#include "model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAMED = 3 };

/* @return NULL: there are none, or no memory */
static int64_t *collect(const signet_apply_watch *watch, size_t *count)
{
  size_t all = 0;
  *count = 0;
  for (const signet_apply_review *at = watch->first; at != NULL; at = at->next)
    all++;
  int64_t *ids = all > 0 ? signet_memory_zeroed(all, sizeof ids[0]) : NULL;
  if (ids == NULL)
    return NULL;
  all = 0;
  for (const signet_apply_review *at = watch->first; at != NULL; at = at->next)
    ids[all++] = at->id;
  /* Several steps may wait for one entry. */
  *count = signet_plan_unique(ids, all);
  return ids;
}

static void add(char *text, size_t size, const char *more)
{
  size_t length = strlen(text);
  snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "", more);
}

/* "signature 1001, signature 1002, template 5001 and 4 more" */
static void describe(const signet_plan_apply *apply, char *text, size_t size)
{
  char one[60];
  size_t left = 0, named = 0;
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    size_t count;
    int64_t *ids = collect(&apply->watches[kind], &count);
    for (size_t i = 0; i < count; i++) {
      if (named >= NAMED) {
        left += count - i;
        break;
      }
      snprintf(one, sizeof one, "%s %" PRId64, signet_kind_word(kind), ids[i]);
      add(text, size, one);
      named++;
    }
    signet_memory_free(ids);
  }
  size_t length = strlen(text);
  if (left > 0)
    snprintf(text + length, size - length, " and %zu more", left);
}

void signet_apply_tell_waiting(signet_plan_apply *apply)
{
  char text[240] = "";
  signet_plan_event event = {.type = SIGNET_PLAN_WAITS, .reason = text};
  if (apply->told)
    return;
  apply->told = true;
  describe(apply, text, sizeof text);
  signet_apply_tell(apply, &event);
}
