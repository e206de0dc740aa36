/* SPDX-License-Identifier: MIT */
/* Which file is an account's journal. All spellings of a base URL are one
 * account; journals that were made when they were not are taken over. */
#include "job/job.h"

#include "account/identity.h"
#include "job/store/holder.h"
#include "model/error_fill.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool signet_job_journal_path(const char *state_dir, const char *identity,
                             char *path, size_t size)
{
  int length = snprintf(path, size, "%s/journal-%016zx.db", state_dir,
                        signet_id_hash(identity));
  return (size_t)length < size;
}

/* Every folder on the way to the state directory; the store makes sure of the
 * last one itself. */
static void make_folders(const char *path)
{
  char part[SIGNET_JOB_PATH_SIZE];
  snprintf(part, sizeof part, "%s", path);
  for (char *at = part + 1; *at != '\0'; at++) {
    if (*at != '/')
      continue;
    *at = '\0';
    mkdir(part, 0700);
    *at = '/';
  }
  mkdir(part, 0700);
}

/* The one that was made for the URL as it is spelled now, where that differs.
 */
static bool take_over_spelled(const signet_job *job, signet_store *store,
                              signet_error *error)
{
  char path[SIGNET_JOB_PATH_SIZE];
  struct stat status;
  return strcmp(job->spelled, job->identity) == 0 ||
         !signet_job_journal_path(job->state_dir, job->spelled, path,
                                  sizeof path) ||
         stat(path, &status) != 0 || signet_store_take_over(store, path, error);
}

signet_store *signet_job_open_journal(const signet_job *job,
                                      signet_error *error)
{
  char path[SIGNET_JOB_PATH_SIZE];
  if (!signet_job_journal_path(job->state_dir, job->identity, path,
                               sizeof path)) {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "the state directory's path is too long");
    return NULL;
  }
  make_folders(job->state_dir);
  signet_store *store = signet_store_open_sqlite(path, error);
  if (store == NULL)
    return NULL;
  if ((!job->accept_damage || signet_store_accept(store, error)) &&
      !signet_store_damage(store, error) &&
      take_over_spelled(job, store, error))
    return store;
  store->operations->close(store);
  return NULL;
}

/* ---- who holds it ---- */

void signet_job_explain_lock(const signet_job *job, signet_error *error)
{
  char path[SIGNET_JOB_PATH_SIZE], holder[200] = "";
  bool known = signet_job_journal_path(job->state_dir, job->identity, path,
                                       sizeof path) &&
               signet_holder_describe(path, holder, sizeof holder);
  signet_error_init(error);
  signet_error_set(error, SIGNET_ERROR_LOCKED,
                   "another job works on %s, and only one may at a time%s%s%s: "
                   "--wait-lock SECONDS waits for its end",
                   job->identity, known ? " (" : "", holder, known ? ")" : "");
}

/* ---- a job in another journal ---- */

typedef struct search {
  const signet_job *job;
  const char *own; /* the journal that is open */
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
      !looking->failed && strcmp(identity, looking->job->identity) == 0;
  return !looking->failed && !looking->found;
}

/* One that can't be read may be another account's. */
static bool look_into(void *user, const char *path)
{
  search *looking = user;
  signet_error ignored = SIGNET_ERROR_INIT;
  if (strcmp(path, looking->own) == 0)
    return true;
  signet_store *other = signet_store_read_sqlite(path, &ignored);
  if (other == NULL)
    return true;
  other->operations->each_job(other, looking->job->resume, is_wanted, looking,
                              &ignored);
  other->operations->close(other);
  if (looking->found)
    looking->failed =
        !signet_store_take_over(looking->job->store, path, looking->error);
  else if (looking->failed)
    signet_error_set(looking->error, SIGNET_ERROR_MEMORY, "out of memory");
  return !looking->found && !looking->failed;
}

bool signet_job_find_journal(const signet_job *job, signet_error *error)
{
  char own[SIGNET_JOB_PATH_SIZE];
  search looking = {.job = job, .own = own, .error = error};
  return signet_job_journal_path(job->state_dir, job->identity, own,
                                 sizeof own) &&
         signet_job_each_journal(job->state_dir, &looking, look_into, error) &&
         !looking.failed;
}
