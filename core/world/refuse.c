/* SPDX-License-Identifier: MIT */
/* The service's words for everything that it refuses, in either dialect. */
#include "world/refuse.h"

#include "dialect/dialect.h"
#include "model/error_fill.h"

#include <string.h>

enum {
  CODE_CONFIGS = 400,       /* every error of the configs dialect */
  CODE_SIGN_ABSENT = 34010, /* "sign not exists" */
  CODE_SIGN_NAME = 34005,   /* "Invalid sign_name" */
  STATUS_BAD = 400
};

#define SIGN_ABSENT "sign not exists"
#define SIGN_NAME "Invalid sign_name"

/* The pages name the texts of the first ones and of _NOT_APPROVED. For what
 * they only describe (a delete that plans forbid) or leave open (a switch, the
 * 100 signatures of the signs dialect) the text follows their manner. */
static const struct {
  signet_error_kind kind;
  const char *texts[2]; /* configs, by signet_kind */
  int64_t signs_code;
  const char *signs_text; /* NULL: the same as in configs */
} refusals[] = {
    [SIGNET_REFUSE_ID] = {SIGNET_ERROR_VALIDATION,
                          {"invalid signId", "invalid templateId"},
                          CODE_SIGN_ABSENT,
                          SIGN_ABSENT},
    [SIGNET_REFUSE_ABSENT] = {SIGNET_ERROR_NOT_FOUND,
                              {"sign config not exist",
                               "template config not exist"},
                              CODE_SIGN_ABSENT,
                              SIGN_ABSENT},
    [SIGNET_REFUSE_NAME_TAKEN] = {SIGNET_ERROR_CONFLICT,
                                  {"sign_name already exist", ""},
                                  CODE_SIGN_NAME,
                                  SIGN_NAME},
    [SIGNET_REFUSE_PENDING_UPDATE] = {SIGNET_ERROR_PENDING,
                                      {"can not update pending status sign",
                                       "can not update pending status "
                                       "template"},
                                      CODE_CONFIGS,
                                      NULL},
    [SIGNET_REFUSE_PENDING_DELETE] = {SIGNET_ERROR_PENDING,
                                      {"can not delete pending status sign",
                                       "can not delete pending status "
                                       "template"},
                                      CODE_CONFIGS,
                                      NULL},
    [SIGNET_REFUSE_PLANS_UPDATE] = {SIGNET_ERROR_IN_USE,
                                    {"there are pending or running plans "
                                     "using current sign, can not update",
                                     "there are pending or running plans "
                                     "using current template, can not update"},
                                    CODE_CONFIGS,
                                    NULL},
    [SIGNET_REFUSE_PLANS_DELETE] = {SIGNET_ERROR_IN_USE,
                                    {"there are pending or running plans "
                                     "using current sign, can not delete",
                                     "there are pending or running plans "
                                     "using current template, can not delete"},
                                    CODE_CONFIGS,
                                    NULL},
    [SIGNET_REFUSE_USED] = {SIGNET_ERROR_IN_USE,
                            {"there are templates using current sign, can "
                             "not delete",
                             ""},
                            CODE_CONFIGS,
                            NULL},
    [SIGNET_REFUSE_NOT_APPROVED] = {SIGNET_ERROR_NOT_APPROVED,
                                    {"sign status is not approved, can not "
                                     "use",
                                     "sign status is not approved, can not "
                                     "use"},
                                    CODE_CONFIGS,
                                    NULL},
    [SIGNET_REFUSE_FULL] = {SIGNET_ERROR_VALIDATION,
                            {"the number of signs has reached its limit", ""},
                            CODE_CONFIGS,
                            NULL},
};

static bool refuse(signet_attempt *attempt, signet_error_kind kind,
                   int64_t code, const char *text)
{
  signet_error *error = &attempt->reply->error;
  error->outcome = SIGNET_OUTCOME_REFUSED;
  error->http_status = STATUS_BAD;
  error->code = code;
  signet_error_quote(error, text, strlen(text));
  return signet_error_set(error, kind, "%s", error->service_message);
}

bool signet_world_refuse(signet_attempt *attempt, signet_refusal refusal)
{
  const char *text = refusals[refusal].texts[attempt->operation->kind];
  int64_t code = signet_dialect_row_of(attempt->dialect)->error_code;
  if (code != 0)
    return refuse(attempt, refusals[refusal].kind, code, text);
  if (refusals[refusal].signs_text != NULL)
    text = refusals[refusal].signs_text;
  return refuse(attempt, refusals[refusal].kind, refusals[refusal].signs_code,
                text);
}

bool signet_world_refuse_sign(signet_attempt *attempt, signet_refusal refusal)
{
  return refuse(attempt, refusals[refusal].kind, CODE_CONFIGS,
                refusals[refusal].texts[SIGNET_SIGN]);
}

bool signet_world_refuse_text(signet_attempt *attempt, const char *text)
{
  int64_t code = signet_dialect_row_of(attempt->dialect)->error_code;
  return code != 0 ? refuse(attempt, SIGNET_ERROR_VALIDATION, code, text)
                   : refuse(attempt, SIGNET_ERROR_VALIDATION, CODE_SIGN_NAME,
                            SIGN_NAME);
}

bool signet_world_refuse_memory(signet_attempt *attempt)
{
  attempt->reply->error.http_status = 500;
  return signet_error_set(&attempt->reply->error, SIGNET_ERROR_MEMORY,
                          "out of memory");
}
