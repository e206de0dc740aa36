/* SPDX-License-Identifier: MIT */
/* Ids and paths: what is none never comes near a request. */
#include "canary.h"
#include "fuzz.h"
#include "signet/signet.h"

#include <string.h>

static signet_loop *loop;
static signet_account *account;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  signet_error error;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  (void)count, (void)arguments;
  /* Nothing is sent: the loop is only stepped when all calls are cancelled. */
  options.base_url = "http://127.0.0.1:1";
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  loop = signet_loop_new();
  FUZZ_REQUIRE(loop != NULL);
  account = signet_account_open(loop, &options, &error);
  FUZZ_REQUIRE(account != NULL);
  return 0;
}

static bool is_id(const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (text[i] < '0' || text[i] > '9')
      return false;
  return size >= 1 && size <= 19;
}

/* Ends the call. @return whether it would have been sent */
static bool was_taken(signet_call *call)
{
  bool taken = !signet_call_is_done(call);
  if (!taken) {
    const signet_error *error = signet_call_error(call);
    FUZZ_REQUIRE(error != NULL && error->kind == SIGNET_ERROR_VALIDATION);
    FUZZ_REQUIRE(error->outcome == SIGNET_OUTCOME_NOT_SENT);
    for (const char *at = error->message; *at != '\0'; at++)
      FUZZ_REQUIRE((unsigned char)*at >= ' ' && *at != 0x7F);
  }
  signet_call_cancel(call);
  signet_loop_step(loop, 0);
  signet_call_release(call);
  return taken;
}

static void try_id(signet_verb verb, const char *text, size_t size)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_fields *fields = signet_fields_new();
  FUZZ_REQUIRE(fields != NULL);
  signet_fields_set_string(fields, "sign_name", "Name");
  operation.verb = verb;
  operation.fields = fields;
  operation.id = text;
  operation.id_length = size;
  signet_call *call = signet_call_start(account, &operation, NULL, NULL);
  FUZZ_REQUIRE(call != NULL);
  FUZZ_REQUIRE(was_taken(call) == is_id(text, size));
  signet_fields_free(fields);
}

/* No segment "." or "..", nothing that would have to be escaped. */
static bool is_path(const char *path)
{
  size_t end = strcspn(path, "?");
  for (const char *at = path; *at != '\0'; at++)
    if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7F || *at == '#')
      return false;
  for (size_t at = 0; at < end;) {
    size_t length = strcspn(path + at + 1, "/?");
    if ((length == 1 || length == 2) && strspn(path + at + 1, ".") == length)
      return false;
    at += 1 + length;
  }
  return path[0] == '/';
}

static void try_path(const char *text, size_t size)
{
  char path[300];
  if (size >= sizeof path)
    return;
  memcpy(path, text, size);
  path[size] = '\0';
  signet_call *call = signet_request(account, "GET", path, NULL, 0, NULL, NULL);
  FUZZ_REQUIRE(call != NULL);
  FUZZ_REQUIRE(!was_taken(call) || is_path(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const signet_verb verbs[] = {SIGNET_GET, SIGNET_UPDATE, SIGNET_DELETE,
                                      SIGNET_WAIT};
  if (size < 1)
    return 0;
  const char *text = (const char *)data + 1;
  try_id(verbs[data[0] % 4], text, size - 1);
  try_path(text, size - 1);
  FUZZ_REQUIRE(signet_account_requests(account) == 0);
  return 0;
}
