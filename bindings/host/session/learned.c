/* SPDX-License-Identifier: MIT */
#include "host/session/learned.h"

#include "signet/jobs.h"

#include <string.h>

static signet_learner learner_of(const struct session *session)
{
  if (session->job == NULL || (session->report.interactive && !session->writes))
    return SIGNET_LEARNER_READS;
  return session->resumed ? SIGNET_LEARNER_RESUMES : SIGNET_LEARNER_WRITES;
}

static const char *folder_of(const struct session *session)
{
  return signet_jobs_folder(
      signet_settings_get(session->settings, "state_dir"));
}

void signet_host_learned_begin(const struct session *session,
                               signet_account *account)
{
  const signet_account *own = session->account;
  const char *identity = signet_account_identity(account);

  if (own != NULL && own != account &&
      strcmp(signet_account_identity(own), identity) == 0) {
    signet_learned values;

    signet_account_learned(own, &values);
    signet_account_teach(account, &values);
  } else {
    signet_account_teach_kept(account, folder_of(session), learner_of(session));
  }
}

void signet_host_learned_end(const struct session *session,
                             const signet_account *account)
{
  signet_account_keep_learned(account, folder_of(session), learner_of(session));
}
