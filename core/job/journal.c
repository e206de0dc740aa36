/* SPDX-License-Identifier: MIT */
/* The journal of an account. All spellings of a base URL are one account;
 * journals that were made when they were not are taken over. */

#include "job/journal.h"

#include "account/account.h"
#include "account/clock.h"
#include "account/identity.h"
#include "model/error_fill.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The one that was made for the URL as it is spelled now, where that differs.
 */
static bool take_over_spelled(const signet_job *job, signet_store *store,
                              signet_error *error)
{
  if (strcmp(job->about.spelled, job->about.identity) == 0)
    return true;
  signet_error problem = SIGNET_ERROR_INIT;
  signet_store *other =
      signet_store_read(job->opening.state_dir, job->about.spelled, &problem);
  if (other == NULL && problem.kind == SIGNET_ERROR_NOT_FOUND)
    return true;
  if (other == NULL) {
    *error = problem;
    return false;
  }
  bool good = store->operations->take_over(store, other, error);
  other->operations->close(other);
  return good;
}

signet_store *signet_job_open_journal(const signet_job *job,
                                      signet_job_running *held_by,
                                      signet_error *error)
{
  signet_store *store = signet_store_open(job->opening.state_dir,
                                          job->about.identity, held_by, error);
  if (store == NULL)
    return NULL;
  if ((!job->opening.accept_damage ||
       store->operations->accept(store, error)) &&
      !store->operations->damage(store, error) &&
      take_over_spelled(job, store, error))
    return store;
  store->operations->close(store);
  return NULL;
}

/* ---- who holds it ---- */

/* " (job ID, process N on HOST since TIME)"; "": it isn't known */
static void describe(const signet_job_running *holder, char *text, size_t size)
{
  char when[32], shown[sizeof holder->host * 4];
  struct tm local;
  time_t seconds = (time_t)(holder->since_ms / 1000);
  text[0] = '\0';
  if (holder->id[0] == '\0' || localtime_r(&seconds, &local) == NULL ||
      strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local) == 0)
    return;
  signet_text_escape(shown, sizeof shown, holder->host, strlen(holder->host));
  snprintf(text, size, " (job %s, process %" PRId64 " on %s since %s)",
           holder->id, holder->process, shown, when);
}

void signet_job_explain_lock(const signet_job *job,
                             const signet_job_running *held_by,
                             signet_error *error)
{
  char holder[480];
  describe(held_by, holder, sizeof holder);
  signet_error_init(error);
  signet_error_set(error, SIGNET_ERROR_LOCKED,
                   "another job works on %s, and only one may at a time%s: "
                   "%s waits for its end",
                   job->about.identity, holder,
                   job->guard.in_lua ? "wait_lock = SECONDS"
                                     : "--wait-lock SECONDS");
}

void signet_job_tell_waiting(signet_job *job, const signet_job_running *held_by)
{
  char holder[480], text[600];
  if (job->opening.told || job->account == NULL)
    return;
  job->opening.told = true;
  describe(held_by, holder, sizeof holder);
  snprintf(text, sizeof text,
           "another job works on this account%s: this one waits for its end, "
           "for %" PRId64 " s at most",
           holder, job->opening.wait_lock_ms / 1000);
  signet_account_notify(job->account, text);
}

/* ---- a job in another journal ---- */

typedef struct search {
  const signet_job *job;
  signet_error *error;
  bool found; /* in the journal that is being read */
  bool failed;
} search;

static bool is_wanted(void *user, const signet_job_row *row)
{
  search *looking = user;
  char identity[SIGNET_IDENTITY_SIZE];
  if (row->account == NULL)
    return true;
  looking->failed = !signet_identity_canonical(row->account, identity);
  looking->found =
      !looking->failed && strcmp(identity, looking->job->about.identity) == 0;
  return !looking->failed && !looking->found;
}

/* One that can't be read may be another account's. */
static bool look_into(void *user, signet_store *other, const char *name,
                      const signet_error *problem)
{
  search *looking = user;
  signet_error ignored = SIGNET_ERROR_INIT;
  signet_store *own = looking->job->store;
  (void)name, (void)problem;
  if (other == NULL || strcmp(other->name, own->name) == 0)
    return true;
  other->operations->each_job(other, looking->job->opening.resume, is_wanted,
                              looking, &ignored);
  if (looking->found)
    looking->failed = !own->operations->take_over(own, other, looking->error);
  else if (looking->failed)
    signet_error_set(looking->error, SIGNET_ERROR_MEMORY, "out of memory");
  return !looking->found && !looking->failed;
}

bool signet_job_find_journal(const signet_job *job, signet_error *error)
{
  search looking = {.job = job, .error = error};
  return signet_store_each(job->opening.state_dir, look_into, &looking,
                           error) &&
         !looking.failed;
}
