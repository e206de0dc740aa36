/* SPDX-License-Identifier: MIT */
#include "account/shrunk.h"
#include "account/account.h"

#include "model/clock.h"
#include "model/error_fill.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A list is far too short where a quarter is missing, and ten entries. */
enum { FEWEST_MISSING = 10, A_QUARTER = 4, LATER_TIMES = 4 };

bool signet_shrunk_is(const signet_account *account, signet_kind kind,
                      int64_t listed)
{
  const signet_seen *seen = &account->kinds[kind].seen;
  int64_t missing = seen->count - listed;
  return !account->settings.list_may_shrink && seen->at_ms > 0 && listed >= 0 &&
         missing >= FEWEST_MISSING && missing * A_QUARTER > seen->count;
}

/* ---- what there must be ---- */

void signet_shrunk_note(signet_account *account, signet_kind kind,
                        int64_t listed)
{
  if (listed >= 0)
    account->kinds[kind].seen =
        (signet_seen){listed, signet_clock_unix_ms(), false};
}

static void take_one(signet_seen *seen)
{
  if (seen->at_ms > 0 && seen->count > 0)
    seen->count--;
}

void signet_shrunk_note_delete(signet_account *account, signet_kind kind)
{
  signet_seen *seen = &account->kinds[kind].seen;
  take_one(seen);
  if (seen->at_ms > 0)
    seen->at_ms = signet_clock_unix_ms();
}

void signet_shrunk_note_earlier(signet_account *account, signet_kind kind)
{
  if (account != NULL && account->kinds[kind].seen.open)
    take_one(&account->kinds[kind].seen);
}

/* ---- a list that is too short ---- */

/* "at 12:01:03"; "on 2026-11-30 at 12:01:03" */
static void show_time(char *out, size_t size, int64_t at_ms)
{
  struct tm local;
  time_t when = (time_t)(at_ms / 1000);
  bool today = signet_clock_unix_ms() - at_ms < INT64_C(12) * 3600 * 1000;
  out[0] = '\0';
  if (localtime_r(&when, &local) != NULL)
    strftime(out, size, today ? "at %H:%M:%S" : "on %Y-%m-%d at %H:%M:%S",
             &local);
}

void signet_shrunk_refuse(const signet_account *account, signet_kind kind,
                          int64_t listed, signet_error *error)
{
  char when[48];
  const signet_seen *seen = &account->kinds[kind].seen;
  const char *word = signet_kind_word(kind);
  show_time(when, sizeof when, seen->at_ms);
  error->outcome = SIGNET_OUTCOME_REFUSED;
  signet_error_set(error, SIGNET_ERROR_REFUSED,
                   "the list shows %" PRId64 " %s%s, and there were %" PRId64
                   " %s: it may be cut short, so nothing is decided by it; "
                   "where they were deleted elsewhere, --list-may-shrink (in "
                   "Lua: list_may_shrink) takes it as it is",
                   listed, word, listed == 1 ? "" : "s", seen->count, when);
}

int64_t signet_shrunk_pause(const signet_account *account, unsigned look)
{
  return account->settings.settle_ms * (look <= 1 ? 1 : LATER_TIMES);
}
