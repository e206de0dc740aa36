/* SPDX-License-Identifier: MIT */
/* Announcements of a job, which may have to count entries first. */
#include "job/guard_announce.h"
#include "job/job.h"

#include "model/error_fill.h"

static signet_account *account_of(const signet_job *job,
                                  const signet_account *account)
{
  return account != NULL ? (signet_account *)account : job->account;
}

bool signet_job_announce_needs(const signet_job *job,
                               const signet_account *account,
                               const signet_job_announcement *announcement,
                               signet_kind *kind)
{
  account = account_of(job, account);
  return account != NULL && job->life.read_only[0] == '\0' &&
         signet_guard_needs(&job->guard, account, announcement, kind);
}

/* @return false: the list could not be had */
static bool count(signet_account *account, signet_kind kind,
                  signet_error *error)
{
  signet_call *call = kind == SIGNET_SIGN
                          ? signet_sign_list(account, NULL, NULL, NULL)
                          : signet_template_list(account, NULL, NULL, NULL);
  if (call == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  const signet_error *problem = signet_call_wait(call);
  if (problem != NULL)
    *error = *problem;
  signet_call_release(call);
  return problem == NULL;
}

bool signet_job_announce(signet_job *job, signet_account *account,
                         const signet_job_announcement *announcement,
                         signet_error *error)
{
  signet_kind kind;
  signet_error_init(error);
  account = account_of(job, account);
  if (account == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "connect to the account before its writes are "
                            "announced");
  if (job->life.read_only[0] != '\0') {
    signet_error_set(error, SIGNET_ERROR_REFUSED, "%s", job->life.read_only);
    error->outcome = SIGNET_OUTCOME_NOT_SENT;
    return false;
  }
  while (signet_guard_needs(&job->guard, account, announcement, &kind))
    if (!count(account, kind, error))
      return false;
  if (signet_guard_announce(&job->guard, account, announcement, &kind) ==
      SIGNET_GUARD_PASS)
    return true;
  *error = job->guard.refusal;
  return false;
}

const signet_job_announcement *signet_job_announced(const signet_job *job)
{
  return job->guard.has_announced ? &job->guard.announced : NULL;
}
