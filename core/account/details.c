/* SPDX-License-Identifier: MIT */
#include "account/details.h"

#include "account/account.h"
#include "account/pool.h"
#include "account/same.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "model/memory.h"
#include "net/post.h"
#include "signet/rules.h"

#include <string.h>

enum { AT_ONCE = 16 };

/* One entry that is being read. */
typedef struct reading {
  signet_details *all;
  signet_step step;
  signet_error error;
  size_t at; /* in the list */
  char id[SIGNET_ID_SIZE];
} reading;

struct signet_details {
  signet_account *account;
  const signet_backend *backend;
  signet_list *list;
  signet_list **found; /* for each record that is read: it, or NULL: gone */
  size_t next;         /* the first record that was not looked at */
  size_t running;
  bool all; /* also those that seem whole */
  signet_details_fn done;
  void *user;
  signet_error error;
  signet_post post; /* ends it */
  reading readings[AT_ONCE];
};

/* What is no id can't be asked for. */
static bool has_id(const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  signet_violation violation;
  signet_record_id(record, id, sizeof id);
  return signet_rule_check_id(id, strlen(id), &violation);
}

static bool shows_less(const signet_record *record)
{
  return !signet_entry_is_whole(signet_record_kind(record), record) &&
         has_id(record);
}

static bool is_read(const signet_details *details, const signet_record *record)
{
  return (details->all && has_id(record)) || shows_less(record);
}

bool signet_details_are_needed(const signet_list *list)
{
  for (size_t i = 0; i < signet_list_count(list); i++)
    if (shows_less(signet_list_at(list, i)))
      return true;
  return false;
}

/* ---- signatures of templates ---- */

static bool is_unused(const signet_list *signs)
{
  size_t i = 0;
  size_t count = signet_list_count(signs);
  while (i < count && signet_record_integer(signet_list_at(signs, i),
                                            "related_template_count", -1) == 0)
    i++;
  return i == count;
}

void signet_details_note(signet_step *step)
{
  signet_account *account = step->account;
  if (step->request.kind == SIGNET_SIGN)
    account->signs_unused = signet_fields_count(step->request.fields) == 0 &&
                            is_unused(step->result.list);
  else
    signet_list_hide_signatures(step->result.list, !step->result.names_signs &&
                                                       !account->signs_unused);
}

/* ---- reading ---- */

static void release(signet_details *details)
{
  for (size_t i = 0; i < signet_list_count(details->list); i++)
    signet_list_release(details->found[i]);
  signet_memory_free(details->found);
  signet_list_release(details->list);
  signet_memory_free(details);
}

void signet_details_stop(signet_details *details)
{
  if (details == NULL)
    return;
  signet_loop_unpost(details->account->loop, &details->post);
  for (size_t i = 0; i < AT_ONCE; i++) {
    reading *one = &details->readings[i];
    if (one->step.active)
      details->backend->cancel(details->account, &one->step);
    signet_step_clear(&one->step);
  }
  release(details);
}

/* Each record as the list or the entry itself shows it. */
static signet_list *make_whole(const signet_details *details)
{
  signet_list *whole =
      signet_list_new(signet_record_kind(signet_list_at(details->list, 0)));
  for (size_t i = 0; whole != NULL && i < signet_list_count(details->list);
       i++) {
    const signet_record *record = signet_list_at(details->list, i);
    if (is_read(details, record)) {
      if (details->found[i] == NULL)
        continue;
      record = signet_list_at(details->found[i], 0);
    }
    if (!signet_list_copy(whole, record)) {
      signet_list_release(whole);
      whole = NULL;
    }
  }
  if (whole != NULL)
    signet_list_seal(whole);
  return whole;
}

static void end(void *user)
{
  signet_details *details = user;
  signet_error error = details->error;
  signet_list *whole = error.kind == SIGNET_OK ? make_whole(details) : NULL;
  if (whole == NULL && error.kind == SIGNET_OK)
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_details_fn done = details->done;
  void *to = details->user;
  release(details);
  done(to, whole, &error);
  signet_list_release(whole);
}

static void go_on(signet_details *details);

static void on_read(void *user)
{
  reading *one = user;
  signet_details *details = one->all;
  details->running--;
  if (one->error.kind == SIGNET_OK) {
    details->found[one->at] = one->step.result.list;
    one->step.result.list = NULL;
  } else if (one->error.kind != SIGNET_ERROR_NOT_FOUND &&
             details->error.kind == SIGNET_OK) {
    details->error = one->error;
  }
  signet_step_clear(&one->step);
  go_on(details);
}

static void read_one(reading *one, size_t at)
{
  signet_details *details = one->all;
  const signet_record *record = signet_list_at(details->list, at);
  signet_error_init(&one->error);
  signet_step_init(&one->step, &one->error);
  one->at = at;
  one->step.request.verb = SIGNET_GET;
  one->step.request.kind = signet_record_kind(record);
  one->step.request.id = signet_record_id(record, one->id, sizeof one->id);
  one->step.done = on_read;
  one->step.user = one;
  details->running++;
  details->backend->start(details->account, &one->step);
}

/* The next record that must be read; the list's end: there is none. */
static size_t next_of(signet_details *details)
{
  size_t count = signet_list_count(details->list);
  for (; details->next < count; details->next++)
    if (is_read(details, signet_list_at(details->list, details->next)))
      return details->next++;
  return count;
}

static void go_on(signet_details *details)
{
  size_t count = signet_list_count(details->list);
  for (size_t i = 0; i < AT_ONCE && details->error.kind == SIGNET_OK; i++) {
    if (details->readings[i].step.active)
      continue;
    size_t at = next_of(details);
    if (at == count)
      break;
    read_one(&details->readings[i], at);
  }
  if (details->running == 0)
    signet_loop_post(details->account->loop, &details->post);
}

static signet_details *start(signet_account *account,
                             const signet_backend *backend, signet_list *list,
                             bool all, signet_details_fn done, void *user)
{
  signet_details *details = signet_memory_zeroed(1, sizeof *details);
  if (details == NULL)
    return NULL;
  details->found =
      signet_memory_zeroed(signet_list_count(list), sizeof details->found[0]);
  if (details->found == NULL) {
    signet_memory_free(details);
    return NULL;
  }
  details->account = account;
  details->backend = backend;
  details->list = signet_list_retain(list);
  details->all = all;
  details->done = done;
  details->user = user;
  details->post = (signet_post){.function = end, .user = details};
  for (size_t i = 0; i < AT_ONCE; i++)
    details->readings[i].all = details;
  go_on(details);
  return details;
}

signet_details *signet_details_start(signet_account *account,
                                     const signet_backend *backend,
                                     signet_list *list, signet_details_fn done,
                                     void *user)
{
  return start(account, backend, list, false, done, user);
}

signet_details *signet_details_start_all(signet_account *account,
                                         const signet_backend *backend,
                                         signet_list *list,
                                         signet_details_fn done, void *user)
{
  return start(account, backend, list, true, done, user);
}
