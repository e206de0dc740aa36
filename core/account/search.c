/* SPDX-License-Identifier: MIT */
#include "account/search.h"

#include "account/account.h"
#include "account/details.h"
#include "account/same.h"
#include "account/times.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "model/memory.h"

#include <string.h>

/* Dates are cut to seconds, and what is known of the clock is a range. */
enum { CLOCK_SLACK = 2 };

struct signet_search {
  signet_list *list; /* what may be the entries, as the list shows them */
  signet_details *details;
  signet_search_fn done;
  void *user;
};

/* Whether a field that differs is one of a signature's that isn't shown: an
 * entry without a signature looks the same in a list that never shows one. */
static bool may_be_hidden(const signet_record *record, const char *field)
{
  signet_value value;
  return (strcmp(field, "sign_id") == 0 ||
          strcmp(field, "sign_position") == 0) &&
         !signet_record_get(record, field, &value);
}

/* Where a list shows no names, not each of thousands is read. */
static bool is_too_old(const signet_call *call, int64_t created)
{
  return call->write.intended_at > 0 &&
         created < call->write.intended_at / 1000 - CLOCK_SLACK;
}

static signet_likeness compare(const signet_call *call,
                               const signet_record *record)
{
  const char *field;
  signet_likeness likeness =
      signet_entry_compare(call->kind, call->fields, record, &field);
  int64_t created = signet_record_created_at(record);
  if (likeness == SIGNET_DIFFERENT && may_be_hidden(record, field))
    likeness = SIGNET_UNSEEN;
  if (likeness == SIGNET_SAME && created < 0)
    return SIGNET_UNSEEN; /* its time tells whether it is the call's */
  if (likeness == SIGNET_UNSEEN && created >= 0 && is_too_old(call, created))
    return SIGNET_DIFFERENT;
  return likeness;
}

static bool looks(const signet_watch *watch, const signet_call *call)
{
  return call->verb == SIGNET_CREATE && call->queue.round <= watch->round;
}

/* What a record is to those who search: the same as what one of them wrote,
 * perhaps the same, or nothing of theirs. */
static signet_likeness likeness_of(const signet_watch *watch,
                                   const signet_record *record)
{
  signet_likeness best = SIGNET_DIFFERENT;
  for (const signet_call *call = watch->first; call != NULL;
       call = call->queue.next) {
    signet_likeness one =
        looks(watch, call) ? compare(call, record) : SIGNET_DIFFERENT;
    if (one == SIGNET_UNSEEN)
      return one;
    if (one == SIGNET_SAME)
      best = one;
  }
  return best;
}

bool signet_search_is_needed(const signet_watch *watch)
{
  if (watch->searches == 0)
    return false;
  for (size_t i = 0; i < signet_list_count(watch->step.result.list); i++)
    if (likeness_of(watch, signet_list_at(watch->step.result.list, i)) ==
        SIGNET_UNSEEN)
      return true;
  return false;
}

static signet_list *candidates_of(const signet_watch *watch)
{
  signet_list *list = signet_list_new(watch->kind);
  for (size_t i = 0;
       list != NULL && i < signet_list_count(watch->step.result.list); i++) {
    const signet_record *record = signet_list_at(watch->step.result.list, i);
    if (likeness_of(watch, record) == SIGNET_DIFFERENT ||
        signet_list_copy(list, record))
      continue;
    signet_list_release(list);
    list = NULL;
  }
  if (list != NULL)
    signet_list_seal(list);
  return list;
}

static void release(signet_search *search)
{
  signet_list_release(search->list);
  signet_memory_free(search);
}

/* An entry that the list shows, and that can't be read by itself, may be the
 * one all the same. */
static void on_details(void *user, signet_list *whole,
                       const signet_error *error)
{
  signet_search *search = user;
  signet_search_fn done = search->done;
  void *to = search->user;
  signet_error problem = *error;
  if (whole != NULL &&
      signet_list_count(whole) < signet_list_count(search->list)) {
    whole = NULL;
    signet_error_set(&problem, SIGNET_ERROR_NETWORK,
                     "the list shows an entry that looks like it, and the "
                     "service says that there is none");
  }
  release(search);
  done(to, whole, &problem);
}

signet_search *signet_search_start(signet_watch *watch, signet_search_fn done,
                                   void *user)
{
  signet_search *search = signet_memory_zeroed(1, sizeof *search);
  if (search == NULL)
    return NULL;
  search->list = candidates_of(watch);
  search->done = done;
  search->user = user;
  if (search->list != NULL)
    search->details =
        signet_details_start_all(watch->account, watch->account->backend,
                                 search->list, on_details, search);
  if (search->details == NULL) {
    release(search);
    return NULL;
  }
  return search;
}

void signet_search_stop(signet_search *search)
{
  if (search == NULL)
    return;
  signet_details_stop(search->details);
  release(search);
}
