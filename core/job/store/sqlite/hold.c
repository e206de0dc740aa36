/* SPDX-License-Identifier: MIT */
/* What a store lets others know of the job that holds it: a file beside the
 * journal, since the journal itself can't be written by who only reads it, and
 * a commit each second for it would cost more than all else. All of it is best
 * effort: without the file the others are told less. */

#include "job/store/sqlite/hold.h"

#include "job/store/sqlite/holder.h"

#include <stdio.h>
#include <unistd.h>

static signet_sqlite_store *of(signet_store *store)
{
  return (signet_sqlite_store *)store;
}

void signet_store_tell_holder(signet_store *base,
                              const signet_job_running *self)
{
  signet_sqlite_store *store = of(base);

  if (store->holder < 0)
    store->holder = signet_holder_write(store->file.path, self);
}

void signet_store_tell(signet_store *base, int64_t writes,
                       const signet_job_counts *counts, const char *waits)
{
  signet_holder_tell(of(base)->holder, writes, counts, waits);
}

void signet_store_note(signet_store *base, const char *note)
{
  signet_holder_note(of(base)->holder, note);
}

bool signet_store_former_note(const signet_store *base, char *job, char *note)
{
  const signet_sqlite_store *store = (const signet_sqlite_store *)base;
  signet_job_running former;

  if (!signet_holder_read(store->file.path, &former) ||
      !signet_holder_read_note(store->file.path, note))
    return false;
  (void)snprintf(job, SIGNET_JOB_ID_SIZE, "%.*s", SIGNET_JOB_ID_SIZE - 1,
                 former.id);
  return true;
}

void signet_store_leave_holder(signet_store *base, const char *job)
{
  signet_sqlite_store *store = of(base);

  if (store->holder < 0)
    return;
  /* Removed before the lock goes with the connection: after that it may be the
   * next holder's. */
  if (job != NULL)
    signet_holder_leave(store->holder, job);
  else
    signet_holder_remove(store->file.path);
  (void)close(store->holder);
  store->holder = -1;
}

bool signet_store_held_by(const signet_store *base, signet_job_running *holder)
{
  const signet_sqlite_store *store = (const signet_sqlite_store *)base;

  *holder = store->snapshot.holder;
  return store->snapshot.held;
}
