/* SPDX-License-Identifier: MIT */
/* Rows of the journal: whatever stands in one, settling it comes to an end,
 * and changes nothing. Verb and kind, then id, before and after, each on a line
 * of its own. */
#include "account/account.h"
#include "account/recorder.h"
#include "fuzz.h"
#include "signet/world.h"

#include <string.h>

static signet_loop *loop;
static signet_world *world;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  loop = signet_loop_new();
  world = signet_world_new(NULL);
  FUZZ_REQUIRE(loop != NULL && world != NULL);
  FUZZ_REQUIRE(signet_world_seed(world, 5, 8, 1));
  return 0;
}

static signet_account *open_account(void)
{
  signet_error error;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.world = world;
  options.poll_interval_ms = 1;
  signet_account *account = signet_account_open(loop, &options, &error);
  FUZZ_REQUIRE(account != NULL);
  account->settings.settle_ms = 0;
  account->settings.settle_create_ms = 0;
  account->settings.timeout_ms = 0;
  return account;
}

/* The next line, ends with NUL; "-": there is none. */
static char *next_line(char **rest)
{
  char *line = *rest;
  char *end = strchr(line, '\n');
  if (end == NULL) {
    *rest = line + strlen(line);
  } else {
    *end = '\0';
    *rest = end + 1;
  }
  return strcmp(line, "-") == 0 ? NULL : line;
}

static void settle(const signet_settlement *settlement)
{
  signet_account *account = open_account();
  signet_call *call = signet_settle_start(account, settlement, NULL, NULL);
  FUZZ_REQUIRE(call != NULL);
  const signet_error *error = signet_call_wait(call);
  signet_verdict verdict = signet_call_verdict(call);
  FUZZ_REQUIRE(verdict != SIGNET_VERDICT_NONE);
  FUZZ_REQUIRE((error == NULL) == (verdict == SIGNET_VERDICT_DONE));
  signet_call_release(call);
  signet_account_close(account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const signet_verb verbs[] = {SIGNET_CREATE, SIGNET_UPDATE,
                                      SIGNET_DELETE, SIGNET_REQUEST};
  if (size < 2)
    return 0;
  char *text = malloc(size + 1);
  FUZZ_REQUIRE(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  char *rest = text + 2;
  const char *id = next_line(&rest);
  signet_settlement settlement = {.kind = data[0] % 2 == 0 ? SIGNET_SIGN
                                                           : SIGNET_TEMPLATE,
                                  .verb = verbs[data[1] % 4],
                                  .id = id != NULL ? id : "",
                                  .intended_at = 1};
  settlement.before = next_line(&rest);
  settlement.after = next_line(&rest);
  settle(&settlement);
  free(text);
  return 0;
}
