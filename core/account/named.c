/* SPDX-License-Identifier: MIT */
/* The operations by name: each fills in an operation and starts it. */
#include "signet/account.h"

#include <string.h>

void signet_operation_init(signet_operation *operation)
{
  *operation = (signet_operation)SIGNET_OPERATION_INIT;
}

static signet_call *start(signet_account *account, signet_kind kind,
                          signet_verb verb, const char *id,
                          const signet_fields *fields, signet_call_fn done,
                          void *user)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.kind = kind;
  operation.verb = verb;
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  operation.fields = fields;
  return signet_call_start(account, &operation, done, user);
}

static signet_call *start_wait(signet_account *account, signet_kind kind,
                               const char *id, int status, int64_t timeout_ms,
                               signet_call_fn done, void *user)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.kind = kind;
  operation.verb = SIGNET_WAIT;
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  operation.status = status;
  operation.timeout_ms = timeout_ms;
  return signet_call_start(account, &operation, done, user);
}

signet_call *signet_sign_list(signet_account *account,
                              const signet_fields *filter, signet_call_fn done,
                              void *user)
{
  return start(account, SIGNET_SIGN, SIGNET_LIST, NULL, filter, done, user);
}

signet_call *signet_sign_get(signet_account *account, const char *id,
                             signet_call_fn done, void *user)
{
  return start(account, SIGNET_SIGN, SIGNET_GET, id, NULL, done, user);
}

signet_call *signet_sign_create(signet_account *account,
                                const signet_fields *fields,
                                signet_call_fn done, void *user)
{
  return start(account, SIGNET_SIGN, SIGNET_CREATE, NULL, fields, done, user);
}

signet_call *signet_sign_update(signet_account *account, const char *id,
                                const signet_fields *fields,
                                signet_call_fn done, void *user)
{
  return start(account, SIGNET_SIGN, SIGNET_UPDATE, id, fields, done, user);
}

signet_call *signet_sign_delete(signet_account *account, const char *id,
                                signet_call_fn done, void *user)
{
  return start(account, SIGNET_SIGN, SIGNET_DELETE, id, NULL, done, user);
}

signet_call *signet_sign_wait(signet_account *account, const char *id,
                              int status, int64_t timeout_ms,
                              signet_call_fn done, void *user)
{
  return start_wait(account, SIGNET_SIGN, id, status, timeout_ms, done, user);
}

signet_call *signet_template_list(signet_account *account,
                                  const signet_fields *filter,
                                  signet_call_fn done, void *user)
{
  return start(account, SIGNET_TEMPLATE, SIGNET_LIST, NULL, filter, done, user);
}

signet_call *signet_template_get(signet_account *account, const char *id,
                                 signet_call_fn done, void *user)
{
  return start(account, SIGNET_TEMPLATE, SIGNET_GET, id, NULL, done, user);
}

signet_call *signet_template_create(signet_account *account,
                                    const signet_fields *fields,
                                    signet_call_fn done, void *user)
{
  return start(account, SIGNET_TEMPLATE, SIGNET_CREATE, NULL, fields, done,
               user);
}

signet_call *signet_template_update(signet_account *account, const char *id,
                                    const signet_fields *fields,
                                    signet_call_fn done, void *user)
{
  return start(account, SIGNET_TEMPLATE, SIGNET_UPDATE, id, fields, done, user);
}

signet_call *signet_template_delete(signet_account *account, const char *id,
                                    signet_call_fn done, void *user)
{
  return start(account, SIGNET_TEMPLATE, SIGNET_DELETE, id, NULL, done, user);
}

signet_call *signet_template_wait(signet_account *account, const char *id,
                                  int status, int64_t timeout_ms,
                                  signet_call_fn done, void *user)
{
  return start_wait(account, SIGNET_TEMPLATE, id, status, timeout_ms, done,
                    user);
}

signet_call *signet_request(signet_account *account, const char *method,
                            const char *path, const char *body,
                            size_t body_length, signet_call_fn done, void *user)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.verb = SIGNET_REQUEST;
  operation.method = method;
  operation.path = path;
  operation.body = body;
  operation.body_length = body_length;
  return signet_call_start(account, &operation, done, user);
}
