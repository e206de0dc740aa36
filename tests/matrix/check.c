/* SPDX-License-Identifier: MIT */
/* The outcome beside the ledger and the verdict: the invariants. */
#include "matrix.h"

#include "folder.h"

#include <string.h>

/* The outcomes that may be, from what came in and what was answered. */
static unsigned allowed(const matrix_cell *cell, const matrix_ledger *ledger,
                        const matrix_verdict *verdict)
{
  if (ledger->requests == 0 && ledger->bytes == 0)
    return ALLOW_NOT_SENT |
           (cell->target == TARGET_SERVICE ? ALLOW_UNKNOWN : 0);
  if (ledger->requests == 0)
    return ALLOW_UNKNOWN;
  if (cell->too_large)
    return ALLOW_UNKNOWN;
  unsigned mask = verdict->allowed;
  /* Whether it fits into the time limit is for the machine to say. */
  if (cell->impatient && cell->reply.piece > 0)
    mask |= ALLOW_UNKNOWN;
  /* What the service calls created can't be found in a stale list. */
  if (cell->stale > 0)
    mask |= ALLOW_UNKNOWN;
  return mask;
}

/* The same change made twice leaves the entry as once. */
static size_t most_effects(const matrix_cell *cell)
{
  bool same = cell->retries && cell->endpoint->verb == SIGNET_UPDATE;
  return same ? SIZE_MAX : 1;
}

static const char *check_effects(const matrix_cell *cell,
                                 const matrix_ledger *ledger,
                                 const matrix_sight *sight,
                                 const matrix_verdict *verdict)
{
  if (!matrix_writes(cell->endpoint))
    return NULL;
  if (sight->outcome == SIGNET_OUTCOME_APPLIED && ledger->effects == 0)
    return "marked done without its effect";
  if (sight->outcome == SIGNET_OUTCOME_APPLIED &&
      ledger->effects > most_effects(cell))
    return "a second effect goes unnoticed";
  if (sight->outcome != SIGNET_OUTCOME_APPLIED &&
      sight->outcome != SIGNET_OUTCOME_UNKNOWN && ledger->effects > 0 &&
      !verdict->says_no)
    return "marked as not done in spite of its effect";
  if (sight->error.retryable && sight->outcome != SIGNET_OUTCOME_NOT_SENT &&
      sight->outcome != SIGNET_OUTCOME_THROTTLED)
    return "called safe to try again, though its effect may be there";
  return NULL;
}

static const char *check_error(const matrix_cell *cell,
                               const matrix_sight *sight)
{
  const signet_error *error = &sight->error;
  bool writes = matrix_writes(cell->endpoint);
  bool worked = sight->outcome == SIGNET_OUTCOME_APPLIED;
  if (worked != (error->kind == SIGNET_OK))
    return "outcome and error contradict each other";
  if (worked)
    return NULL;
  if (writes && sight->outcome == SIGNET_OUTCOME_UNKNOWN &&
      error->kind != SIGNET_ERROR_UNKNOWN_OUTCOME)
    return "unknown, but the error has another kind";
  if (error->kind == SIGNET_ERROR_MEMORY)
    return "called a lack of memory";
  if (error->message[0] == '\0' || error->operation[0] == '\0')
    return "the error says too little";
  for (const char *text = error->message; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7F)
      return "a control character in the error's message";
  for (const char *text = error->service_message; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7F)
      return "a control character in the service's message";
  if (folder_text_is_secret(error->message, strlen(error->message)) ||
      folder_text_is_secret(error->service_message,
                            strlen(error->service_message)))
    return "the secret in the error's message";
  if (error->retry_after_ms < -1 ||
      error->retry_after_ms > INT64_C(253402300799000))
    return "Retry-After out of its bounds";
  return NULL;
}

static const char *check_result(const matrix_cell *cell,
                                const matrix_ledger *ledger,
                                const matrix_sight *sight,
                                const matrix_verdict *verdict)
{
  if (sight->outcome != SIGNET_OUTCOME_APPLIED)
    return NULL;
  if (cell->endpoint->verb == SIGNET_LIST && verdict->records_sure &&
      sight->records != verdict->records)
    return "a list of another length than the one that was sent";
  if (cell->endpoint->verb == SIGNET_GET && sight->records != 1)
    return "no record came of it";
  /* The reply told the id, or a list did; a list may also have come before.
   * After a refusal the endpoint's own success tells 101. */
  const char *of_reply =
      cell->retries && verdict->created[0] == '\0' ? "101" : verdict->created;
  bool told = strcmp(sight->id, of_reply) == 0;
  bool found = ledger->lists > 0 && strcmp(sight->id, "900") == 0;
  bool expected = verdict->created[0] != '\0' || ledger->lists > 0;
  if (cell->endpoint->verb == SIGNET_CREATE && expected &&
      (sight->id[0] == '\0' || (!told && !found)))
    return "another id than the one that was sent";
  return NULL;
}

/* A cell that did not test what it says is no good. */
static const char *check_cell(const matrix_cell *cell,
                              const matrix_ledger *ledger)
{
  if (cell->retries)
    return NULL; /* of many requests some are the probes of a breaker */
  if (ledger->strange > 0)
    return "a request for something else came in";
  if (ledger->requests > 1)
    return "one request was sent more than once";
  if (cell->target != TARGET_SERVICE)
    return ledger->connections > 0 ? "the wrong server was asked" : NULL;
  if (cell->reused && !cell->drops_idle && ledger->reused == 0 &&
      cell->gate.bytes == SIZE_MAX && !cell->impatient)
    return "the connection was not used again";
  if (!cell->reused && ledger->reused > 0)
    return "the connection was not fresh";
  return NULL;
}

static const char *check_second(const matrix_cell *cell,
                                const matrix_sight *sight)
{
  if (sight->second == SECOND_WRONG)
    return "the next call got an answer that isn't its own";
  if (sight->second == SECOND_FAILED && cell->again == AGAIN_WORKS)
    return "the next call fails";
  return NULL;
}

static void name_outcomes(unsigned mask, char *out, size_t size)
{
  size_t used = 0;
  out[0] = '\0';
  for (int i = 0; i <= SIGNET_OUTCOME_UNKNOWN; i++)
    if ((mask & (1U << i)) != 0 && used < size)
      used += (size_t)snprintf(out + used, size - used, "%s%s",
                               used > 0 ? " or " : "",
                               signet_outcome_name((signet_outcome)i));
}

const char *matrix_check(const matrix_cell *cell, const matrix_ledger *ledger,
                         const matrix_sight *sight,
                         const matrix_verdict *verdict, char *out, size_t size)
{
  char names[120];
  unsigned mask = allowed(cell, ledger, verdict);
  bool any = cell->retries || (cell->any && verdict->loose);
  const char *problem = check_error(cell, sight);
  if (problem == NULL)
    problem = check_cell(cell, ledger);
  if (problem == NULL && (!any || cell->retries))
    problem = check_effects(cell, ledger, sight, verdict);
  if (problem == NULL && !any && (mask & (1U << sight->outcome)) == 0) {
    name_outcomes(mask, names, sizeof names);
    snprintf(out, size, "it is %s, but must be %s",
             signet_outcome_name(sight->outcome), names);
    problem = out;
  }
  if (problem == NULL && cell->must_work &&
      sight->outcome != SIGNET_OUTCOME_APPLIED)
    problem = "it must work in the end";
  if (problem == NULL)
    problem = check_result(cell, ledger, sight, verdict);
  if (problem == NULL)
    problem = check_second(cell, sight);
  return problem;
}
