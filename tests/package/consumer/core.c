/* SPDX-License-Identifier: MIT */
/* The client alone, on an account in memory: creates a signature, lists it. */
#include <signet/signet.h>
#include <stdio.h>
#include <stdlib.h>

static signet_call *create(signet_account *account, const char *name)
{
  signet_fields *fields = signet_fields_new();
  signet_fields_set_string(fields, "sign_name", name);
  signet_call *call = signet_sign_create(account, fields, NULL, NULL);
  signet_fields_free(fields);
  return call;
}

int main(void)
{
  signet_world *world = signet_world_new(NULL);
  signet_loop *loop = signet_loop_new();
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.key = "key";
  options.secret = getenv("ENGAGELAB_SMS_SECRET");
  options.world = world;
  signet_error error = SIGNET_ERROR_INIT;
  signet_account *account = signet_account_open(loop, &options, &error);
  if (account == NULL) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  signet_call *call = create(account, "Company Name");
  const signet_error *failure = signet_call_wait(call);
  if (failure != NULL)
    fprintf(stderr, "%s\n", failure->message);
  signet_call_release(call);

  call = signet_sign_list(account, NULL, NULL, NULL);
  failure = signet_call_wait(call);
  if (failure == NULL) {
    const signet_record *first = signet_list_at(signet_call_list(call), 0);
    printf("%s\n", signet_record_string(first, "sign_name"));
  }
  signet_call_release(call);
  signet_account_close(account);
  signet_loop_free(loop);
  signet_world_free(world);
  return failure != NULL;
}
