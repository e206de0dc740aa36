/* SPDX-License-Identifier: MIT */
#include "account/hidden.h"

#include "account/account.h"
#include "account/details.h"
#include "account/reading.h"
#include "account/same.h"
#include "model/fields.h"
#include "model/list.h"
#include "model/record.h"

#include <string.h>

/* Whether the entry has that field for sure, though the record doesn't show it,
 * or may have it. */
static bool is_hidden(const signet_record *record, const char *name)
{
  signet_value value;
  signet_kind kind = signet_record_kind(record);
  if (strcmp(name, "status") == 0)
    return true;
  if (kind == SIGNET_TEMPLATE &&
      (strcmp(name, "sign_name") == 0 || strcmp(name, "sign_status") == 0))
    return signet_record_hides_signature(record);
  for (const char *const *known = signet_entry_content(kind); *known != NULL;
       known++)
    if (strcmp(name, *known) == 0)
      return !signet_record_content(record, name, &value);
  return false;
}

/* @param unclear  set if it takes a look at the entry to tell */
static bool may_match(const signet_record *record, const signet_fields *filter,
                      bool *unclear)
{
  const char *name;
  signet_value wanted;
  signet_value shown;
  bool hidden = false;
  for (size_t i = 0; signet_fields_at(filter, i, &name, &wanted); i++) {
    if (signet_record_get(record, name, &shown)) {
      if (!signet_value_matches(&shown, &wanted))
        return false;
    } else if (!is_hidden(record, name)) {
      return false;
    } else {
      hidden = true;
    }
  }
  *unclear = *unclear || hidden;
  return true;
}

/* Those that match, or may match. NULL: out of memory */
static signet_list *select_some(const signet_list *all,
                                const signet_fields *filter, bool *unclear)
{
  signet_list *some = signet_list_new(signet_list_kind(all));
  for (size_t i = 0; some != NULL && i < signet_list_count(all); i++) {
    const signet_record *record = signet_list_at(all, i);
    if (may_match(record, filter, unclear) && !signet_list_copy(some, record)) {
      signet_list_release(some);
      some = NULL;
    }
  }
  if (some != NULL)
    signet_list_seal(some);
  return some;
}

/* ---- the call ---- */

static void end_with(signet_call *call, signet_list *list)
{
  call->list = list;
  if (list == NULL)
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  else
    signet_call_finish(call);
}

static void leave(signet_call *call)
{
  signet_details_stop(call->details);
  call->details = NULL;
}

static void on_details(void *user, signet_list *whole,
                       const signet_error *error)
{
  signet_call *call = user;
  bool unclear = false;
  call->details = NULL;
  if (whole != NULL) {
    end_with(call, select_some(whole, call->filter, &unclear));
    return;
  }
  call->error = *error;
  signet_call_finish(call);
}

static void filter_all(signet_call *call)
{
  bool unclear = false;
  signet_list *some =
      select_some(call->step->result.list, call->filter, &unclear);
  if (some == NULL || !unclear) {
    end_with(call, some);
    return;
  }
  signet_call_enter(call, SIGNET_CALL_DETAILS, leave);
  call->details = signet_details_start_all(
      call->account, call->account->backend, some, on_details, call);
  signet_list_release(some);
  if (call->details == NULL)
    end_with(call, NULL);
}

bool signet_hidden_is(const signet_call *call)
{
  return call->verb == SIGNET_LIST && call->step->result.unseen &&
         call->filter == NULL;
}

void signet_hidden_begin(signet_call *call)
{
  call->filter = call->fields;
  call->fields = NULL;
  signet_call_read(call, SIGNET_LIST, filter_all);
}
