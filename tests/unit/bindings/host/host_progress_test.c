/* SPDX-License-Identifier: MIT */
/* What the host shows of a run that is under way. */

#include <criterion/criterion.h>

#include "host/output/progress.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct terminal screen = {.error_tty = true, .bar = true};
static const struct terminal colors = {
    .error_tty = true, .bar = true, .error_color = true, .unicode = true};
static const struct terminal pipe_end = {0};

/* Standard error goes to a file, which has no width: 80 columns. Each test is
 * a process of its own. */
static FILE *seen;

static void watch(void)
{
  (void)setlocale(LC_CTYPE, "C.UTF-8");
  seen = tmpfile();
  cr_assert_not_null(seen);
  (void)fflush(stderr);
  cr_assert_geq(dup2(fileno(seen), STDERR_FILENO), 0);
}

TestSuite(host_progress, .init = watch);

/* What was written since the last look. */
static const char *look(void)
{
  static char text[4096];
  size_t length;

  (void)fflush(stderr);
  rewind(seen);
  length = fread(text, 1, sizeof text - 1, seen);
  text[length] = '\0';
  cr_assert_eq(ftruncate(fileno(seen), 0), 0);
  cr_assert_eq(lseek(fileno(seen), 0, SEEK_SET), 0);
  return text;
}

static void take(struct progress *progress, const char *label,
                 signet_counts counts, uint64_t total)
{
  const signet_event event = {.type = SIGNET_EVENT_PROGRESS,
                              .label = label,
                              .counts = counts,
                              .total = total};

  signet_host_progress_take(progress, &event);
}

/* As if it had begun, and been drawn, so many seconds ago. */
static void age(struct progress *progress, double seconds)
{
  progress->began -= seconds;
  progress->drawn -= seconds;
}

static bool begins(const char *text, const char *head)
{
  return strncmp(text, head, strlen(head)) == 0;
}

#define DONE(number) ((signet_counts){.done = (number)})

Test(host_progress, a_bar_is_drawn_hidden_and_shown_again)
{
  struct progress progress;
  const char *text;

  signet_host_progress_init(&progress, &screen, false);
  take(&progress, "Job", DONE(0), 20);
  cr_assert_str_eq(look(), "");
  age(&progress, 60);
  take(&progress, "Job", DONE(5), 20);
  text = look();
  cr_assert(begins(text, "\r\x1b[KJob #######....................... 5/20  25% "
                         "0."),
            "%s", text);
  cr_assert_not_null(strstr(text, "/s, "));
  cr_assert_not_null(strstr(text, " left"));
  signet_host_progress_hide(&progress);
  cr_assert_str_eq(look(), "\r\x1b[K");
  signet_host_progress_hide(&progress);
  cr_assert_str_eq(look(), "");
  signet_host_progress_show(&progress);
  cr_assert(begins(look(), "\r\x1b[KJob #######"));
  take(&progress, "Job", DONE(20), 20);
  cr_assert_str_eq(look(), "\r\x1b[K");
  signet_host_progress_show(&progress);
  cr_assert_str_eq(look(), "");
}

Test(host_progress, colors_failures_and_a_long_label)
{
  struct progress progress;
  const char *text;

  signet_host_progress_init(&progress, &colors, false);
  progress.pace = "slow";
  take(&progress,
       "a label that is far too long for a terminal of eighty columns, "
       "whatever else stands there",
       DONE(0), 4);
  age(&progress, 60);
  take(&progress,
       "a label that is far too long for a terminal of eighty columns, "
       "whatever else stands there",
       (signet_counts){.done = 1, .failed = 1, .unknown = 1}, 4);
  text = look();
  cr_assert(begins(text, "\r\x1b[Ka label that is "), "%s", text);
  cr_assert_not_null(strstr(text, "\x1b[36m█"), "%s", text);
  cr_assert_not_null(strstr(text, " 3/4  75% \x1b[31m2 failed \x1b[0m"), "%s",
                     text);
  cr_assert_not_null(strstr(text, ", slow"), "%s", text);
  cr_assert_null(strstr(text, "eighty"));
}

Test(host_progress, a_whole_that_grows_has_no_share)
{
  struct progress progress;
  const char *text;

  signet_host_progress_init(&progress, &screen, false);
  take(&progress, "Items", DONE(0), 1);
  take(&progress, "Items", DONE(1), 2);
  age(&progress, 60);
  take(&progress, "Items", (signet_counts){.done = 30, .skipped = 2}, 40);
  text = look();
  cr_assert(begins(text, "\r\x1b[KItems: 30 done, 2 skipped  0."), "%s", text);
  cr_assert_null(strchr(text, '%'));
  cr_assert_null(strstr(text, "left"));
}

Test(host_progress, a_pause_is_counted_down_in_the_place_of_the_bar)
{
  struct progress progress;

  signet_host_progress_init(&progress, &screen, false);
  signet_host_progress_pause(&progress, "the service is slow", 20);
  cr_assert_str_eq(look(), "");
  signet_host_progress_pause(&progress, "the service is down: \x1b[31m", 8200);
  cr_assert_str_eq(look(),
                   "\r\x1b[Kthe service is down: \\x1B[31m; going on in 9 s");
  take(&progress, "Job", DONE(0), 20);
  age(&progress, 60);
  take(&progress, "Job", DONE(1), 20);
  cr_assert_str_eq(
      look(), "\r\x1b[KJob: the service is down: \\x1B[31m; going on in 9 s");
  signet_host_progress_pause(&progress,
                             "a reason that is so long that the line would be "
                             "wrapped, which nobody can take away again",
                             3000);
  cr_assert_str_eq(look(),
                   "\r\x1b[Kgoing on in 3 s: a reason that is so long that the "
                   "line would be wrapped, which");
  signet_host_progress_pause(&progress, "", 0);
  cr_assert(begins(look(), "\r\x1b[K\r\x1b[KJob #"));
}

Test(host_progress, a_pause_in_a_pipe_is_told_once)
{
  struct progress progress;

  signet_host_progress_init(&progress, &pipe_end, false);
  signet_host_progress_pause(&progress, "HTTP 503", 5000);
  cr_assert_str_eq(look(), "HTTP 503; going on in 5 s\n");
  signet_host_progress_pause(&progress, "HTTP 503", 4000);
  signet_host_progress_pause(&progress, "", 0);
  cr_assert_str_eq(look(), "");
}

Test(host_progress, a_long_pause_is_told_in_minutes)
{
  static const struct {
    int64_t milliseconds;
    const char *shown;
  } pauses[] = {{900000, "15 min"},
                {898001, "14 min 59 s"},
                {60001, "1 min 1 s"},
                {60000, "1 min"},
                {59000, "59 s"}};

  for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
    struct progress progress;
    char wanted[80];

    signet_host_progress_init(&progress, &pipe_end, false);
    signet_host_progress_pause(&progress, "HTTP 429", pauses[i].milliseconds);
    (void)snprintf(wanted, sizeof wanted, "HTTP 429; going on in %s\n",
                   pauses[i].shown);
    cr_assert_str_eq(look(), wanted);
  }
}

/* When it ends is easier to plan with than how long it takes. */
Test(host_progress, a_pause_of_hours_tells_when_it_ends)
{
  static const struct {
    int64_t milliseconds;
    const char *shown;
  } pauses[] = {{7200000, "HTTP 429; going on in 2 h, at "},
                {5399000, "HTTP 429; going on in 1 h 30 min, at "},
                {INT64_C(864000000), "HTTP 429; going on in 240 h, at 20"}};

  for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
    struct progress progress;
    const char *shown;
    size_t length;

    signet_host_progress_init(&progress, &pipe_end, false);
    signet_host_progress_pause(&progress, "HTTP 429", pauses[i].milliseconds);
    shown = look();
    cr_assert_eq(strncmp(shown, pauses[i].shown, strlen(pauses[i].shown)), 0,
                 "%s", shown);
    length = strlen(shown);
    cr_assert_gt(length, 6);
    cr_assert_eq(shown[length - 4], ':', "%s ends with a time", shown);
  }
}

Test(host_progress, in_a_pipe_a_line_now_and_then)
{
  struct progress progress;
  const char *text;

  signet_host_progress_init(&progress, &pipe_end, false);
  take(&progress, "", DONE(0), 20);
  age(&progress, 60);
  take(&progress, "", (signet_counts){.done = 9, .waiting = 1}, 20);
  text = look();
  cr_assert(begins(text, "Working: 9 done, 1 waiting of 20 (45%), 0."), "%s",
            text);
  cr_assert_str_eq(text + strlen(text) - 6, " left\n");
  take(&progress, "", DONE(10), 20);
  cr_assert_str_eq(look(), "");
  /* Another each begins anew. */
  take(&progress, "Other", DONE(0), 3);
  age(&progress, 60);
  take(&progress, "Other", DONE(1), 4);
  text = look();
  cr_assert(begins(text, "Other: 1 done, 0."), "%s", text);
  cr_assert_str_eq(text + strlen(text) - 3, "/s\n");
}

Test(host_progress, the_silent_one_writes_nothing)
{
  struct progress progress;

  signet_host_progress_init(&progress, &screen, true);
  take(&progress, "Job", DONE(0), 20);
  signet_host_progress_pause(&progress, "HTTP 503", 5000);
  signet_host_progress_show(&progress);
  signet_host_progress_hide(&progress);
  cr_assert_str_eq(look(), "");
  cr_assert_eq(progress.pause_ms, 5000); /* signet --json asks for it */
}
