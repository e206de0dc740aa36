/* SPDX-License-Identifier: MIT */
/* Which entry a create came to, when no reply told its id. */
#include "account/settle_create.h"

#include "account/account.h"
#include "account/details.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "account/recorder.h"
#include "account/retry.h"
#include "account/same.h"
#include "account/settle_verdict.h"
#include "account/settle_wait.h"
#include "account/settle_window.h"
#include "account/times.h"
#include "model/error_fill.h"
#include "model/fields.h"

#include <string.h>

/* Dates are cut to seconds, and what is known of the clock is a range. */
enum { CLOCK_SLACK = 2, BUSY_MS = 200 };

/* ---- times ---- */

/* ---- candidates ---- */

/* Of an earlier run's intent, where the service tells no time: what looked like
 * it before was created then, at the latest. -1: not known, or not needed. */
static int64_t newest_before(const signet_call *call)
{
  bool earlier = call->write.intended_order == 0 && call->write.intended_at < 0;
  return earlier ? -call->write.intended_at / 1000 : -1;
}

/* How many entries looked like it before. */
static size_t count_before(const signet_call *call)
{
  size_t count = (size_t)(-call->write.intended_at % 1000);
  return count < SIGNET_ALIKE_UNKNOWN ? count : 0;
}

/* The service's Unix seconds before which it can't have been created; -1: they
 * are not known. */
static int64_t earliest(const signet_call *call)
{
  int64_t at = call->write.intended_at;
  if (call->write.created)
    return call->write.created_after;
  if (at <= 0 && call->write.intended_order > 0)
    at = signet_service_clock_at(&call->account->clock,
                                 call->write.intended_boot);
  return at > 0 ? at / 1000 - CLOCK_SLACK : -1;
}

typedef enum candidate {
  CANDIDATE_NO,
  CANDIDATE_YES,
  CANDIDATE_EARLIER, /* so does what was there before */
  CANDIDATE_DOUBT    /* it may have been there before */
} candidate;

static candidate judge(const signet_call *call, const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  const signet_account *account = call->account;
  int64_t created = signet_record_created_at(record);
  int64_t from = earliest(call);
  bool before = call->write.intended_order > 0; /* it is known what was there */
  signet_record_id(record, id, sizeof id);
  if (!signet_entry_is_same(call->kind, call->fields, record) ||
      signet_made_is_own(account, call->kind, id) ||
      (from >= 0 && created >= 0 && created < from))
    return CANDIDATE_NO;
  if (before && account->kinds[call->kind].images.incomplete)
    return CANDIDATE_DOUBT;
  if (signet_images_seen(&account->kinds[call->kind].images, id,
                         call->write.intended_order))
    return CANDIDATE_NO;
  if (!before && created >= 0 && created <= newest_before(call))
    return CANDIDATE_EARLIER;
  if (!before && (created < 0 || (from < 0 && newest_before(call) < 0)))
    return CANDIDATE_DOUBT;
  return account->made_incomplete ? CANDIDATE_DOUBT : CANDIDATE_YES;
}

/* ---- others of the same content ---- */

static bool has_fields(const signet_fields *all, const signet_fields *some)
{
  const char *name;
  signet_value wanted;
  signet_value value;
  for (size_t i = 0; signet_fields_at(some, i, &name, &wanted); i++)
    if (!signet_fields_get(all, name, &value) ||
        !signet_value_equal(&value, &wanted))
      return false;
  return true;
}

static bool is_twin(const signet_call *call, const signet_call *other)
{
  return other != call && other->verb == SIGNET_CREATE &&
         other->kind == call->kind && other->phase < SIGNET_CALL_ENDED &&
         signet_fields_count(other->fields) ==
             signet_fields_count(call->fields) &&
         has_fields(other->fields, call->fields);
}

typedef struct twins {
  size_t looking; /* for an entry as this call does */
  size_t ahead;   /* of these, before it */
  size_t flying;  /* whose reply may still tell the id */
} twins;

static void count_twin(const signet_call *call, const signet_call *other,
                       bool earlier, twins *all)
{
  const signet_step *step = other->step;
  bool sends = step != NULL && step->active && signet_step_writes(step);
  if (signet_call_is_kept(other) && !other->write.uncertain)
    return; /* nothing of it was sent */
  if (sends && !call->account->backend->is_queued(step)) {
    all->flying++;
    return;
  }
  if (sends && !other->write.uncertain)
    return;
  all->looking++;
  if (other->write.created != call->write.created)
    earlier = other->write.created;
  all->ahead += earlier;
}

/* Those that the service has said to be created come first; what is open may
 * have had no effect. */
static twins count_twins(const signet_call *call)
{
  twins all = {0, 0, 0};
  bool earlier = true;
  for (const signet_call *other = call->account->first; other != NULL;
       other = other->next)
    if (other == call)
      earlier = false;
    else if (is_twin(call, other))
      count_twin(call, other, earlier, &all);
  return all;
}

signet_found signet_settle_find(const signet_call *call,
                                const signet_list *list,
                                const signet_record **record, size_t *count)
{
  twins others = count_twins(call);
  size_t found = 0;
  size_t doubtful = 0;
  size_t earlier = 0;
  *record = NULL;
  for (size_t i = 0; i < signet_list_count(list); i++) {
    candidate one = judge(call, signet_list_at(list, i));
    if (one == CANDIDATE_YES && found++ == others.ahead)
      *record = signet_list_at(list, i);
    doubtful += one == CANDIDATE_DOUBT;
    earlier += one == CANDIDATE_EARLIER;
  }
  if (earlier > 0 && earlier > count_before(call))
    doubtful += earlier;
  if (count != NULL)
    *count = found + doubtful;
  if (found > 0 && others.flying > 0)
    return SIGNET_FOUND_BUSY;
  if (doubtful > 0 || found > others.looking + 1)
    return SIGNET_FOUND_UNCLEAR;
  return *record != NULL ? SIGNET_FOUND_ONE : SIGNET_FOUND_NONE;
}

void signet_settle_claim(signet_call *call)
{
  signet_account *account = call->account;
  if (!signet_made_add(&account->made, call->kind, call->id))
    account->made_incomplete = true;
}

void signet_settle_take(signet_call *call, const signet_record *record)
{
  signet_record_id(record, call->id, sizeof call->id);
  signet_settle_claim(call);
}

/* ---- changed since it was created ---- */

/* Whether the record shows that text of what is written. */
static bool shows_text(const signet_call *call, const signet_record *record,
                       const char *name)
{
  signet_value wanted;
  signet_value shown;
  return signet_fields_get(call->fields, name, &wanted) &&
         signet_record_content(record, name, &shown) &&
         signet_value_same(name, &wanted, &shown);
}

/* What tells an entry that was changed since from one that somebody else made
 * like that. */
static bool was_changed(const signet_call *call, const signet_record *record)
{
  return call->settle.anew ||
         signet_record_updated_at(record) > signet_record_created_at(record) ||
         shows_text(call, record, "template_name") ||
         shows_text(call, record, "template_content");
}

/* Whether the service may have created it for the call, by the time. */
static bool is_of_its_time(const signet_call *call, const signet_record *record)
{
  int64_t created = signet_record_created_at(record);
  int64_t until =
      signet_service_clock_at(&call->account->clock, signet_window_end(call));
  int64_t from = earliest(call);
  if (newest_before(call) >= 0)
    return created > newest_before(call);
  return created >= 0 && from >= 0 && created >= from && until > 0 &&
         created <= until / 1000 + CLOCK_SLACK;
}

/* Whether another create that is under way may come to it, or have come. */
static bool is_anothers(const signet_call *call, const signet_record *record)
{
  const signet_call *other = call->account->first;
  while (other != NULL &&
         (other == call || other->verb != SIGNET_CREATE ||
          other->kind != call->kind || other->phase >= SIGNET_CALL_ENDED ||
          !signet_entry_is_same(call->kind, other->fields, record)))
    other = other->next;
  return other != NULL;
}

/* An entry of other content, which nothing that this account made accounts for:
 * the create may have come to it, and somebody changed it since. */
static bool is_stray(const signet_call *call, const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  const signet_images *images = &call->account->kinds[call->kind].images;
  signet_record_id(record, id, sizeof id);
  return is_of_its_time(call, record) && was_changed(call, record) &&
         !signet_made_is_own(call->account, call->kind, id) &&
         (images->incomplete ||
          !signet_images_seen(images, id, call->write.intended_order)) &&
         !is_anothers(call, record);
}

static const signet_record *find_stray(const signet_call *call,
                                       const signet_list *list)
{
  if (call->write.created)
    return NULL;
  for (size_t i = 0; i < signet_list_count(list); i++)
    if (is_stray(call, signet_list_at(list, i)))
      return signet_list_at(list, i);
  return NULL;
}

static void leave_to_stray(signet_call *call, const signet_record *stray)
{
  char id[SIGNET_ID_SIZE];
  signet_record_id(stray, id, sizeof id);
  signet_error_set(call->settle.unsettled, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   "it may have become %s %s, which was created at that time "
                   "and has other values: if that is somebody else's, write "
                   "what is missing with another script",
                   signet_kind_word(call->kind), id);
  call->write.sent_boot = 0; /* no time decides about it */
  call->settle.to_decide = true;
  signet_settle_open(call);
}

/* ---- what a list says ---- */

/* A second create of the same name is refused, so it makes no twin. */
static bool is_unique(const signet_call *call)
{
  return call->kind == SIGNET_SIGN &&
         signet_dialect_row_of(call->account->dialect)->unique_names &&
         !call->write.created && !call->settle.accepted;
}

/* Whether the list shows an entry of that content, whoever made it. */
static bool is_there(const signet_call *call, const signet_list *list)
{
  for (size_t i = 0; i < signet_list_count(list); i++)
    if (signet_entry_is_same(call->kind, call->fields, signet_list_at(list, i)))
      return true;
  return false;
}

/* The service refused the last attempt. If that was due to an earlier one's
 * effect, it will be seen. */
static void settle_refusal(signet_call *call, const signet_list *list)
{
  bool taken = call->settle.unsettled->kind == SIGNET_ERROR_CONFLICT;
  if (is_there(call, list))
    signet_settle_refused(call);
  else if (taken ? signet_settle_waits(call) : signet_settle_looks_again(call))
    return;
  else if (taken && signet_window_left(call) > 0)
    signet_settle_open(call);
  else
    signet_settle_refused(call);
}

static void settle_absent(signet_call *call, const signet_list *list)
{
  const signet_account *account = call->account;
  int64_t began_ms = account->kinds[call->kind].watch.last_start;
  const signet_record *stray =
      signet_settle_is_refused(call) ? NULL : find_stray(call, list);
  if (stray != NULL && !call->write.recorded &&
      !signet_window_is_over(call, began_ms))
    signet_window_look(call, began_ms);
  else if (stray != NULL && call->write.recorded &&
           signet_settle_looks_again(call))
    return;
  else if (stray != NULL)
    leave_to_stray(call, stray);
  else if (!call->write.recorded && is_unique(call))
    signet_settle_again(call);
  else if (!call->write.recorded)
    signet_window_look(call, began_ms);
  else if (signet_settle_is_refused(call))
    settle_refusal(call, list);
  else if (is_unique(call) &&
           signet_retry_allows(account, call->write.failed,
                               call->settle.unsettled->http_status))
    signet_settle_send_again(call);
  else if (!signet_settle_looks_again(call))
    signet_settle_open(call);
}

/* One list serves all that are looked for after it, or a script that goes on
 * step by step would make one for each. */
static void keep_late(signet_call *call, const signet_list *list)
{
  signet_account *account = call->account;
  if (list != account->kinds[call->kind].watch.step.result.list)
    return; /* it holds what those who look now may have made, and no more */
  if (account->kinds[call->kind].late == NULL &&
      !signet_details_are_needed(list) &&
      signet_window_is_late(call, account->kinds[call->kind].watch.last_start))
    account->kinds[call->kind].late = signet_list_retain((signet_list *)list);
}

bool signet_settle_look_late(signet_call *call)
{
  const signet_list *list = call->account->kinds[call->kind].late;
  if (call->verb != SIGNET_CREATE || !call->settle.perhaps || list == NULL)
    return false;
  signet_settle_look(call, list, NULL);
  return true;
}

void signet_settle_look(signet_call *call, const signet_list *list,
                        const signet_record *record)
{
  keep_late(call, list);
  signet_found found = signet_settle_find(call, list, &record, NULL);
  signet_call_leave(call);
  switch (found) {
  case SIGNET_FOUND_ONE:
    signet_settle_take(call, record);
    signet_settle_done(call);
    break;
  case SIGNET_FOUND_BUSY:
    signet_settle_soon(call, BUSY_MS);
    break;
  case SIGNET_FOUND_UNCLEAR:
    call->settle.to_decide = true;
    signet_settle_open(call);
    break;
  default:
    settle_absent(call, list);
  }
}
