/* SPDX-License-Identifier: MIT */
#include "memory_sweep.h"

#include "signet/loop.h"

#include <criterion/criterion.h>

void memory_sweep_init(void)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  cr_assert(signet_global_init(&allocator));
}

/* @return whether the attempt says that it worked */
static bool run(const memory_sweep *sweep, size_t at, bool on)
{
  size_t before = memory_state.living;
  sweep->begin();
  memory_state.asked = 0;
  memory_state.failed = false;
  memory_state.fail_on = on;
  memory_state.fail_at = at;
  bool good = sweep->attempt();
  size_t asked = memory_state.asked;
  memory_state.fail_at = 0;
  cr_assert(good || memory_state.failed, "it fails with all memory there is");
  sweep->check(good);
  sweep->end();
  cr_assert_eq(memory_state.living, before, "allocation %zu: %zd blocks leak",
               at, (ssize_t)(memory_state.living - before));
  memory_state.asked = asked;
  return good;
}

void memory_sweep_run(const memory_sweep *sweep, bool on)
{
  cr_assert(run(sweep, 0, on));
  size_t count = memory_state.asked;
  size_t reached = 0;
  size_t noticed = 0;
  cr_assert_geq(count, sweep->least);
  for (size_t n = 1; n <= count; n++) {
    noticed += !run(sweep, n, on);
    reached += memory_state.failed;
  }
  /* How commits gather writes may save a few. */
  cr_assert_geq(reached * 10, count * 9, "%zu of %zu were reached", reached,
                count);
  cr_assert_gt(noticed * 2, reached, "%zu of %zu were noticed", noticed,
               reached);
}
