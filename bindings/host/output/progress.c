/* SPDX-License-Identifier: MIT */
#include "host/output/progress.h"

#include "model/clock.h"
#include "model/text.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* Seconds between two drawings of the bar, and between two lines. */
static const double BAR_PAUSE = 0.08, LINE_PAUSE = 3;

enum { PAUSE_SHOWN_MS = 1000 };

double signet_host_now(void)
{
  return (double)signet_clock_boot_ns() / 1e9;
}

void signet_host_progress_init(struct progress *progress,
                               const struct terminal *terminal, bool silent)
{
  *progress = (struct progress){.terminal = terminal, .silent = silent};
}

static uint64_t finished(const signet_counts *counts)
{
  return counts->done + counts->failed + counts->skipped + counts->unknown;
}

/* Behind the first `length` bytes: what was not done. */
static void add_others(char *out, size_t size, int length,
                       const signet_counts *counts)
{
  const uint64_t parts[] = SIGNET_HOST_COUNTS(counts);

  for (int i = SIGNET_STEP_FAILED; i <= SIGNET_STEP_WAITING; i++) {
    if (parts[i] > 0 && length > 0 && (size_t)length < size) {
      length +=
          snprintf(out + length, size - (size_t)length, ", %" PRIu64 " %s",
                   parts[i], signet_plan_result_name((signet_plan_result)i));
    }
  }
}

void signet_host_counts(char *out, size_t size, const signet_counts *counts)
{
  int length = snprintf(out, size, "%" PRIu64 " done", counts->done);

  add_others(out, size, length, counts);
}

void signet_host_planned_counts(char *out, size_t size, size_t changes,
                                const signet_counts *counts)
{
  int length = snprintf(out, size, "%zu change%s planned", changes,
                        changes == 1 ? "" : "s");

  add_others(out, size, length, counts);
}

void signet_host_duration(char *out, size_t size, double seconds)
{
  unsigned whole = seconds < 1e9 ? (unsigned)(seconds + 0.5) : 1000000000;

  if (seconds < 0.0995)
    (void)snprintf(out, size, "%.0f ms", seconds * 1000);
  else if (seconds < 9.95)
    (void)snprintf(out, size, "%.1f s", seconds);
  else if (whole < 60)
    (void)snprintf(out, size, "%u s", whole);
  else if (whole < 3600)
    (void)snprintf(out, size, "%u min %u s", whole / 60, whole % 60);
  else
    (void)snprintf(out, size, "%u h %u min", whole / 3600, whole / 60 % 60);
}

/* "52/s, 5 s left"; "" until there is something to go by. */
static void speed_of(const struct progress *progress, char *out, size_t size)
{
  uint64_t so_far = finished(&progress->counts);
  double elapsed = signet_host_now() - progress->began;
  double rate = elapsed > 0 ? (double)so_far / elapsed : 0;
  char left[32];

  *out = '\0';
  if (so_far == 0 || elapsed < 0.3 || so_far > progress->total)
    return;
  if (progress->open_ended) {
    (void)snprintf(out, size, rate < 9.95 ? "%.1f/s" : "%.0f/s", rate);
    return;
  }
  signet_host_duration(left, sizeof left,
                       (double)(progress->total - so_far) / rate);
  (void)snprintf(out, size, rate < 9.95 ? "%.1f/s, %s left" : "%.0f/s, %s left",
                 rate, left);
}

/* The same, and the pace where it isn't the usual one. */
static void pace(const struct progress *progress, char *out, size_t size)
{
  size_t length;

  speed_of(progress, out, size);
  length = strlen(out);
  if (progress->pace != NULL && strcmp(progress->pace, "normal") != 0) {
    (void)snprintf(out + length, size - length, "%s%s", length > 0 ? ", " : "",
                   progress->pace);
  }
}

static unsigned percent(const struct progress *progress)
{
  uint64_t so_far = finished(&progress->counts);

  return progress->total == 0 || so_far >= progress->total
             ? 100
             : (unsigned)((double)so_far * 100 / (double)progress->total);
}

static void draw_cells(const struct progress *progress, size_t cells)
{
  size_t full = cells * percent(progress) / 100;
  bool color = progress->terminal->error_color;
  const char *on = progress->terminal->unicode ? "█" : "#";
  const char *off = progress->terminal->unicode ? "░" : ".";

  (void)fputs(signet_host_style(color, STYLE_CYAN), stderr);
  for (size_t i = 0; i < cells; i++)
    (void)fputs(i < full ? on : off, stderr);
  (void)fputs(signet_host_style(color, STYLE_PLAIN), stderr);
}

/* The last column stays free: some terminals wrap when it is written. */
static size_t room_of_line(void)
{
  size_t columns = signet_host_columns();

  return columns > 1 ? columns - 1 : 0;
}

/* The first of these that fits in the line, which may have become narrow
 * meanwhile; half a number would be another one. */
static void draw_first_that_fits(const char *const *texts, size_t count)
{
  char shown[400] = "";

  for (size_t i = 0; i < count && *shown == '\0'; i++)
    if (strlen(texts[i]) <= room_of_line())
      (void)snprintf(shown, sizeof shown, "%s", texts[i]);
  (void)fprintf(stderr, "\r\x1b[K%s", shown);
}

/* Where nobody knows how many items there are, there is no bar. */
static void draw_count(struct progress *progress)
{
  char shown[128], speed[64], counts[128], whole[400], medium[320], few[32];
  const char *const texts[] = {whole, medium, counts, few};

  pace(progress, speed, sizeof speed);
  signet_host_counts(counts, sizeof counts, &progress->counts);
  (void)signet_host_fit(shown, sizeof shown, progress->label,
                        signet_host_columns() / 2);
  (void)snprintf(medium, sizeof medium, "%s: %s", shown, counts);
  (void)snprintf(whole, sizeof whole, "%s  %s", medium, speed);
  (void)snprintf(few, sizeof few, "%" PRIu64, finished(&progress->counts));
  draw_first_that_fits(texts, sizeof texts / sizeof texts[0]);
  (void)fflush(stderr);
  progress->shown = true;
}

/* The time of day, and the day where it is another one: "14:05". */
static void clock_time(char *out, size_t size, int64_t milliseconds)
{
  int64_t now = signet_clock_unix_ms();
  time_t today = (time_t)(now / 1000);
  time_t then = (time_t)((now + milliseconds) / 1000);
  struct tm day, local;

  if (localtime_r(&today, &day) == NULL || localtime_r(&then, &local) == NULL) {
    (void)snprintf(out, size, "a time that no clock shows");
    return;
  }
  (void)strftime(out, size,
                 day.tm_year == local.tm_year && day.tm_yday == local.tm_yday
                     ? "%H:%M"
                     : "%Y-%m-%d %H:%M",
                 &local);
}

/* "2 h 30 min", "14 min 59 s", "15 min": two units, upwards. */
static void two_units(char *out, size_t size, int64_t smaller,
                      int64_t of_larger, const char *larger_name,
                      const char *smaller_name)
{
  int length =
      snprintf(out, size, "%" PRId64 " %s", smaller / of_larger, larger_name);

  if (smaller % of_larger != 0 && length > 0 && (size_t)length < size) {
    (void)snprintf(out + length, size - (size_t)length, " %" PRId64 " %s",
                   smaller % of_larger, smaller_name);
  }
}

/* What is left of a pause, in whole seconds or minutes upwards; of a long one
 * also when it ends: "8 s", "14 min 59 s", "2 h, at 14:05". */
static void countdown(char *out, size_t size, int64_t milliseconds)
{
  int64_t seconds = (milliseconds + 999) / 1000;
  char length[40], end[40];

  if (seconds < 60) {
    (void)snprintf(out, size, "%" PRId64 " s", seconds);
  } else if (seconds < 3600) {
    two_units(out, size, seconds, 60, "min", "s");
  } else {
    two_units(length, sizeof length, (seconds + 59) / 60, 60, "h", "min");
    clock_time(end, sizeof end, milliseconds);
    (void)snprintf(out, size, "%s, at %s", length, end);
  }
}

/* "the service seems to be down: HTTP 503; going on in 8 s" */
static void draw_pause(struct progress *progress)
{
  char text[320], shown[320], left[96];
  size_t columns = signet_host_columns();
  int length;

  countdown(left, sizeof left, progress->pause_ms);
  length = snprintf(text, sizeof text, "%s%s%s; going on in %s",
                    progress->running ? progress->label : "",
                    progress->running ? ": " : "", progress->pause, left);

  /* The countdown counts more than the reason. */
  if (length > 0 && (size_t)length >= columns) {
    (void)snprintf(text, sizeof text, "going on in %s: %s", left,
                   progress->pause);
  }
  (void)signet_host_fit(shown, sizeof shown, text,
                        columns > 1 ? columns - 1 : columns);
  (void)fprintf(
      stderr, "\r\x1b[K%s%s%s",
      signet_host_style(progress->terminal->error_color, STYLE_YELLOW), shown,
      signet_host_style(progress->terminal->error_color, STYLE_PLAIN));
  (void)fflush(stderr);
  progress->shown = true;
}

/* What of it fits in a line that is too narrow for a bar. */
static void draw_numbers(const struct progress *progress, const char *numbers,
                         const char *failed)
{
  char both[160], share[16];
  const char *const texts[] = {both, numbers + 1, share};

  (void)snprintf(both, sizeof both, "%s%s", numbers + 1, failed);
  (void)snprintf(share, sizeof share, "%u%%", percent(progress));
  draw_first_that_fits(texts, sizeof texts / sizeof texts[0]);
}

/* @param room  of the line, beside the numbers */
static void draw_cells_and(struct progress *progress, size_t room,
                           const char *numbers, const char *failed,
                           const char *speed)
{
  bool color = progress->terminal->error_color;
  char shown[128];

  room -= signet_host_fit(shown, sizeof shown, progress->label,
                          room > 14 ? room - 12 : room);
  (void)fprintf(stderr, "\r\x1b[K%s", shown);
  if (room > 6) {
    (void)fputc(' ', stderr);
    draw_cells(progress, room - 1 > 30 ? 30 : room - 1);
  }
  (void)fprintf(stderr, "%s%s%s%s%s", numbers,
                signet_host_style(color, STYLE_RED), failed,
                signet_host_style(color, STYLE_PLAIN), speed);
}

static void draw_bar(struct progress *progress)
{
  const signet_counts *counts = &progress->counts;
  uint64_t bad = counts->failed + counts->unknown;
  size_t used;
  char speed[64] = "", numbers[96], failed[48] = "";

  if (progress->pause_ms > 0) {
    draw_pause(progress);
    return;
  }
  if (progress->open_ended) {
    draw_count(progress);
    return;
  }
  if (signet_host_columns() > 50)
    pace(progress, speed, sizeof speed);
  (void)snprintf(numbers, sizeof numbers, " %" PRIu64 "/%" PRIu64 " %3u%% ",
                 finished(counts), progress->total, percent(progress));
  if (bad > 0)
    (void)snprintf(failed, sizeof failed, "%" PRIu64 " failed ", bad);
  used = strlen(numbers) + strlen(failed) + strlen(speed);
  if (used > room_of_line())
    draw_numbers(progress, numbers, failed);
  else
    draw_cells_and(progress, room_of_line() - used, numbers, failed, speed);
  (void)fflush(stderr);
  progress->shown = true;
}

static void write_line(const struct progress *progress)
{
  char counts[128], speed[64];

  signet_host_counts(counts, sizeof counts, &progress->counts);
  pace(progress, speed, sizeof speed);
  (void)fprintf(stderr, "%s: %s", progress->label, counts);
  if (!progress->open_ended) {
    (void)fprintf(stderr, " of %" PRIu64 " (%u%%)", progress->total,
                  percent(progress));
  }
  (void)fprintf(stderr, "%s%s\n", *speed != '\0' ? ", " : "", speed);
}

static const char *label_of(const signet_event *event)
{
  return *event->label != '\0' ? event->label : "Working";
}

static void begin(struct progress *progress, const signet_event *event)
{
  const char *label = label_of(event);

  progress->running = true;
  progress->open_ended = false;
  signet_text_escape(progress->label, sizeof progress->label, label,
                     strlen(label));
  progress->began = progress->drawn = signet_host_now();
}

static bool same_label(const struct progress *progress,
                       const signet_event *event)
{
  char label[sizeof progress->label];
  const char *text = label_of(event);

  signet_text_escape(label, sizeof label, text, strlen(text));
  return strcmp(progress->label, label) == 0;
}

void signet_host_progress_take(struct progress *progress,
                               const signet_event *event)
{
  double now = signet_host_now();
  double pause = progress->terminal->bar ? BAR_PAUSE : LINE_PAUSE;

  if (progress->silent)
    return;
  if (!progress->running || !same_label(progress, event) ||
      finished(&event->counts) < finished(&progress->counts))
    begin(progress, event);
  else if (event->total > progress->total)
    progress->open_ended = true;
  progress->counts = event->counts;
  progress->total = event->total;
  if (finished(&event->counts) >= event->total) {
    progress->running = false;
    signet_host_progress_hide(progress);
  } else if (now - progress->drawn >= pause) {
    progress->drawn = now;
    if (progress->terminal->bar)
      draw_bar(progress);
    else
      write_line(progress);
  }
}

void signet_host_progress_pause(struct progress *progress, const char *reason,
                                int64_t milliseconds)
{
  bool longer = milliseconds > progress->pause_ms;
  char left[96];

  if (progress->pause_ms == 0 && milliseconds < PAUSE_SHOWN_MS)
    return;
  progress->pause_ms = milliseconds;
  if (progress->silent)
    return;
  signet_text_escape(progress->pause, sizeof progress->pause, reason,
                     strlen(reason));
  if (!progress->terminal->bar) {
    if (longer) {
      countdown(left, sizeof left, milliseconds);
      (void)fprintf(stderr, "%s; going on in %s\n", progress->pause, left);
    }
  } else if (milliseconds > 0) {
    draw_pause(progress);
  } else {
    signet_host_progress_hide(progress);
    signet_host_progress_show(progress);
  }
}

void signet_host_progress_hide(struct progress *progress)
{
  if (progress->shown) {
    (void)fputs("\r\x1b[K", stderr);
    (void)fflush(stderr);
    progress->shown = false;
  }
}

void signet_host_progress_show(struct progress *progress)
{
  if (progress->running && progress->terminal->bar && !progress->silent &&
      signet_host_now() - progress->began >= BAR_PAUSE)
    draw_bar(progress);
}
