/* SPDX-License-Identifier: MIT */
/* A reply's bytes, through the real client: the outcome is what the matrix of
 * faults would have it, and what a Retry-After asks for is within bounds. The
 * first byte chooses the call and the connection. */
#include "fuzz.h"
#include "matrix.h"

/* The end of the year 9999. */
static const int64_t MOST_MS = INT64_C(253402300799000);

static matrix_worker *worker;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  FUZZ_REQUIRE(signet_global_init(&matrix_allocator));
  worker = matrix_worker_new();
  FUZZ_REQUIRE(worker != NULL);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  matrix_sight sight;
  matrix_verdict verdict;
  if (size < 1)
    return 0;
  matrix_cell cell =
      matrix_new_cell(&matrix_endpoints[data[0] % matrix_endpoint_count]);
  cell.family = "fuzz";
  cell.any = true;
  cell.reused = data[0] / 128;
  cell.reply.data = (const char *)data + 1;
  cell.reply.length = size - 1;
  cell.reply.end = FAULT_CLOSE;
  /* A server that says no has not done it. */
  matrix_judge(cell.endpoint, cell.reply.data, cell.reply.length, FAULT_CLOSE,
               &verdict);
  if ((verdict.allowed & (ALLOW_REFUSED | ALLOW_THROTTLED)) != 0)
    cell.effect = EFFECT_NONE;
  FUZZ_REQUIRE(matrix_run(worker, &cell, stderr, &sight));
  FUZZ_REQUIRE(sight.error.retry_after_ms >= -1 &&
               sight.error.retry_after_ms <= MOST_MS);
  return 0;
}
