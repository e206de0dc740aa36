/* SPDX-License-Identifier: MIT */
/* Plan files: one is refused with a sentence, or its text is that of the plan
 * that it holds. The digest is made to fit, to get beyond it. */
#include "job/plan/plan.h"
#include "fuzz.h"
#include "signet/plan.h"

#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  return 0;
}

static void fit_digest(char *text)
{
  static const char mark[] = "\"digest\":\"";
  char digest[SIGNET_PLAN_DIGEST_SIZE];
  size_t line = strcspn(text, "\n");
  char *at = strstr(text, mark);
  if (at == NULL || at + sizeof mark - 1 + sizeof digest - 1 > text + line)
    return;
  signet_plan_make_digest(text, digest);
  memcpy(at + sizeof mark - 1, digest, sizeof digest - 1);
}

static void look_at_steps(const signet_plan *plan)
{
  signet_plan_round round;
  size_t steps = 0;
  for (size_t i = 0; i < signet_plan_count(plan); i++) {
    const signet_plan_step *step = signet_plan_at(plan, i);
    FUZZ_REQUIRE(step->number == i + 1);
    FUZZ_REQUIRE(step->round >= 1 && step->round <= signet_plan_rounds(plan));
    for (size_t k = 0; k < step->need_count; k++)
      FUZZ_REQUIRE(step->needs[k] >= 1 && step->needs[k] <= i);
    for (size_t k = 0; k < step->review_count; k++)
      FUZZ_REQUIRE(step->reviews[k] >= 1 && step->reviews[k] <= i);
  }
  for (size_t i = 0; signet_plan_round_at(plan, i, &round); i++)
    steps += round.steps;
  FUZZ_REQUIRE(steps == signet_plan_count(plan));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  signet_error error = SIGNET_ERROR_INIT;
  size_t length;
  char *text = malloc(size + 1);
  FUZZ_REQUIRE(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  fit_digest(text);
  signet_plan *plan = signet_plan_load(text, size, &error);
  if (plan == NULL) {
    FUZZ_REQUIRE(error.kind != SIGNET_OK && error.message[0] != '\0');
  } else {
    look_at_steps(plan);
    const char *saved = signet_plan_text(plan, &length);
    signet_plan *again = signet_plan_load(saved, length, &error);
    FUZZ_REQUIRE(again != NULL);
    FUZZ_REQUIRE(strcmp(signet_plan_text(again, &length), saved) == 0);
    signet_plan_free(again);
  }
  signet_plan_free(plan);
  free(text);
  return 0;
}
