/* SPDX-License-Identifier: MIT */
#include "host/session/loss.h"

#include "host/command/jobs.h"
#include "host/output/report_event.h"

#include <inttypes.h>

void signet_host_loss_clause(const signet_job_loss *loss, char *out,
                             size_t size)
{
  int64_t commits = loss->commits > 0 ? loss->commits : 1;
  char after[32] = "", accepted[32];
  int length;

  if (loss->after_ms > 0)
    signet_host_job_time(after, sizeof after, loss->after_ms);
  length =
      snprintf(out, size, "at least %" PRId64 " commit%s%s%s %s lost", commits,
               commits == 1 ? "" : "s", *after != '\0' ? " after " : "", after,
               commits == 1 ? "is" : "are");
  if (loss->accepted_ms > 0 && (size_t)length < size) {
    signet_host_job_time(accepted, sizeof accepted, loss->accepted_ms);
    (void)snprintf(out + length, size - (size_t)length, ", accepted on %s",
                   accepted);
  }
}

void signet_host_loss_json(json_object *object, const signet_job_loss *loss)
{
  json_object *lost = loss->lost ? json_object_new_object() : NULL;
  const struct {
    const char *name;
    int64_t number;
  } parts[] = {{"commits", loss->commits},
               {"after_ms", loss->after_ms},
               {"accepted_ms", loss->accepted_ms}};

  for (size_t i = 0; lost != NULL && i < sizeof parts / sizeof parts[0]; i++) {
    (void)json_object_object_add(lost, parts[i].name,
                                 json_object_new_int64(parts[i].number));
  }
  if (lost != NULL && json_object_object_add(object, "damage", lost) != 0)
    (void)json_object_put(lost);
}

void signet_host_loss_tell(struct session *session)
{
  signet_job_loss loss;
  char clause[LOSS_SIZE], text[2 * LOSS_SIZE];

  signet_job_get_loss(session->job, &loss);
  if (!loss.lost)
    return;
  loss.accepted_ms = 0; /* that is known to who runs it */
  signet_host_loss_clause(&loss, clause, sizeof clause);
  (void)snprintf(text, sizeof text,
                 "of the job's journal %s: each write that it does not know is "
                 "looked for on the account before it is sent",
                 clause);
  signet_host_report_warning(&session->report, text);
}

void signet_host_loss_tell_found(struct session *session)
{
  signet_job_loss loss;
  char text[160];

  signet_job_get_loss(session->job, &loss);
  if (loss.found == 0)
    return;
  (void)snprintf(text, sizeof text,
                 "%" PRIu64 " %s that the journal had lost %s found done on "
                 "the account, and not sent again",
                 loss.found, loss.found == 1 ? "write" : "writes",
                 loss.found == 1 ? "was" : "were");
  signet_host_report_note(&session->report, text);
}
