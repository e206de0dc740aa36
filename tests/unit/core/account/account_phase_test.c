/* SPDX-License-Identifier: MIT */
/*
 * Where a call can be, and what then comes of an interrupt (hold), a cancel, a
 * close, and each kind of reply. A raw server holds the reply back that the
 * call waits for (phase/), so each row is one place and one event. What comes
 * of it (the error, what the recorder hears, the requests) is compared with the
 * files in phases/, line by line. With SIGNET_TEST_WRITE=1 they are written.
 */
#include "model/clock.h"
#include "phase/phase.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICES = 4, SOON_MS = 20, LATE_MS = 700 };

static const phase_event usually = {"", NULL, NULL, false};

/* Digits of ports and times differ. */
static void without_numbers(char *text)
{
  for (char *at = text; (at = strstr(at, "127.0.0.1:")) != NULL;) {
    char *digits = at + strlen("127.0.0.1:");
    size_t count = strspn(digits, "0123456789");
    memmove(digits, digits + count, strlen(digits + count) + 1);
    at = digits;
  }
  for (char *at = text; *at != '\0'; at++)
    if (strspn(at, "0123456789") == 2 && at[2] == ':' &&
        strspn(at + 3, "0123456789") == 2 && at[5] == ':')
      memcpy(at, "HH:MM:SS", 8);
}

static void tell(FILE *out, const char *place, const char *event, bool went_on)
{
  char text[sizeof((signet_error *)0)->message + 64] = "ok";
  const signet_error *error = signet_call_error(row.subject);
  static const char *const outcomes[] = {"not sent", "refused", "applied",
                                         "throttled", "unknown"};
  if (error != NULL)
    snprintf(text, sizeof text, "%s: %s", signet_error_kind_name(error->kind),
             error->message);
  without_numbers(text);
  fprintf(out, "%s | %s | %s%s, %s | %s | %s\n", place, event,
          went_on ? "goes on, " : "", text,
          outcomes[signet_call_outcome(row.subject)], row.heard,
          row.service.wire);
}

/* @return whether the call has come to its end in that time */
static bool ends_within(int64_t milliseconds)
{
  int64_t end_ms = signet_clock_boot_ms() + milliseconds;
  while (!signet_call_is_done(row.subject) && signet_clock_boot_ms() < end_ms)
    signet_loop_step(row.loop, PHASE_TURN_MS);
  return signet_call_is_done(row.subject);
}

static const char *reply_of(const phase_event *event, const char *wire)
{
  const char *last = strrchr(wire, ';');
  if (event->reply != NULL)
    return event->reply;
  return phase_usual_answer(last != NULL ? last + 2 : wire);
}

static void tell_row(FILE *out, const phase_place *place,
                     const phase_event *event)
{
  phase_begin();
  place->reach();
  bool went_on = false;
  if (event->happen != NULL) {
    event->happen();
    went_on = !ends_within(SOON_MS);
    if (went_on)
      phase_service_let_go(&row.service, reply_of(&usually, row.service.wire));
  } else {
    phase_service_let_go(&row.service, reply_of(event, row.service.wire));
  }
  if (!ends_within(LATE_MS))
    signet_call_cancel(row.subject);
  signet_call_wait(row.subject);
  tell(out, place->name, event->name, went_on);
  phase_end();
}

static bool fits(const phase_place *place, const phase_event *event)
{
  if (event->of_kept)
    return place->kept;
  return event->happen != NULL || place->held;
}

/* The rows of one place after the other, of every fourth from the first on. */
static void write_rows(FILE *out, size_t first)
{
  for (size_t i = first; i < phase_places_count; i += SLICES)
    for (size_t j = 0; j < phase_events_count; j++)
      if (fits(&phase_places[i], &phase_events[j]))
        tell_row(out, &phase_places[i], &phase_events[j]);
}

static void compare(FILE *expected, FILE *got)
{
  char left[2048];
  char right[2048];
  size_t line = 0;
  rewind(got);
  while (fgets(left, sizeof left, expected) != NULL) {
    line++;
    cr_assert_not_null(fgets(right, sizeof right, got), "line %zu", line);
    cr_expect_str_eq(right, left, "line %zu is now\n%sand was\n%s", line, right,
                     left);
  }
  cr_expect_null(fgets(right, sizeof right, got));
}

static void check_slice(size_t slice)
{
  char path[512];
  const char *folder = getenv("SIGNET_TEST_PHASES");
  bool writes = getenv("SIGNET_TEST_WRITE") != NULL;
  cr_assert_not_null(folder);
  snprintf(path, sizeof path, "%s/account_phase_%zu.txt", folder, slice + 1);
  FILE *file = fopen(path, writes ? "w" : "r");
  FILE *rows = tmpfile();
  cr_assert_not_null(file);
  cr_assert_not_null(rows);
  write_rows(writes ? file : rows, slice);
  if (!writes)
    compare(file, rows);
  fclose(rows);
  fclose(file);
}

/* Most of the time is spent on waiting: in four processes at once. */
Test(account_phase, first_places, .timeout = 120)
{
  check_slice(0);
}

Test(account_phase, second_places, .timeout = 120)
{
  check_slice(1);
}

Test(account_phase, third_places, .timeout = 120)
{
  check_slice(2);
}

Test(account_phase, fourth_places, .timeout = 120)
{
  check_slice(3);
}
