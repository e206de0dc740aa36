/* SPDX-License-Identifier: MIT */
/* The values of the transport's settings, by the types of its table. */

#include "settings/value.h"

#include "settings/check.h"

#include <stdio.h>
#include <string.h>

struct unit {
  const char *name;
  double factor;
};

static const struct unit times[] = {{"", 1},    {"ms", 0.001}, {"s", 1},
                                    {"m", 60},  {"h", 3600},   {"d", 86400},
                                    {NULL, 0.0}};
static const struct unit sizes[] = {{"", 1},
                                    {"K", 1024},
                                    {"M", 1024 * 1024},
                                    {"G", 1024 * 1024 * 1024.0},
                                    {NULL, 0.0}};
static const struct unit rates[] = {
    {"", 1}, {"/s", 1}, {"/min", 1.0 / 60}, {"/h", 1.0 / 3600}, {NULL, 0.0}};
static const struct unit none[] = {{"", 1}, {NULL, 0.0}};

/* Reads decimal digits whatever the locale. @return where they end, NULL: there
 * are none, or too many */
static const char *read_digits(const char *text, double *number, bool *fraction)
{
  double value = 0, unit = 1;
  size_t digits = 0;

  *fraction = false;
  for (; (*text >= '0' && *text <= '9') || (*text == '.' && !*fraction);
       text++) {
    if (*text == '.') {
      *fraction = true;
      continue;
    }
    if (++digits > 15)
      return NULL;
    value = value * 10 + (*text - '0');
    unit = *fraction ? unit * 10 : unit;
  }
  *number = value / unit;
  return digits > 0 ? text : NULL;
}

static bool read_number(const char *text, const struct unit *units, bool whole,
                        double *number)
{
  bool fraction;
  const char *rest = read_digits(text, number, &fraction);

  if (rest == NULL || (whole && fraction))
    return false;
  while (units->name != NULL && strcmp(units->name, rest) != 0)
    units++;
  *number *= units->factor;
  return units->name != NULL;
}

/* The index of a word among those that stand between bars. */
static bool read_choice(const char *words, const char *text, double *number)
{
  size_t length = strlen(text);

  for (*number = 0;; *number += 1) {
    size_t word = strcspn(words, "|");

    if (word == length && strncmp(words, text, word) == 0)
      return true;
    if (words[word] == '\0')
      return false;
    words += word + 1;
  }
}

/* A time in seconds; -1: never. */
static bool read_age(const struct setting_row *row, const char *text,
                     double *number)
{
  if (strcmp(text, "never") == 0) {
    *number = -1;
    return true;
  }
  return read_number(text, times, false, number) && *number >= row->minimum &&
         *number <= row->maximum;
}

bool signet_setting_read(const struct setting_row *row, const char *text,
                         double *number)
{
  bool good;

  switch (row->type) {
  case SIGNET_SETTING_FILE:
    *number = 0;
    return signet_setting_check_path(text) == NULL;
  case SIGNET_SETTING_FLAG:
    return read_choice("no|yes", text, number);
  case SIGNET_SETTING_CHOICE:
    return read_choice(row->placeholder, text, number);
  case SIGNET_SETTING_AGE:
    return read_age(row, text, number);
  case SIGNET_SETTING_SECONDS:
    good = read_number(text, times, false, number);
    break;
  case SIGNET_SETTING_RATE:
    good = read_number(text, rates, false, number);
    break;
  case SIGNET_SETTING_BYTES:
    good = read_number(text, sizes, true, number);
    break;
  default:
    good = read_number(text, none, true, number);
    break;
  }
  return good && *number >= row->minimum && *number <= row->maximum;
}

/* A size with the largest unit that is no larger. */
static void show_size(char *out, size_t size, double bytes)
{
  int unit = 3;

  while (unit > 0 && bytes < sizes[unit].factor)
    unit--;
  (void)snprintf(out, size, "%.10g%s", bytes / sizes[unit].factor,
                 sizes[unit].name);
}

void signet_setting_must(const struct setting_row *row, char *out, size_t size)
{
  char low[32], high[32];

  switch (row->type) {
  case SIGNET_SETTING_FILE:
    (void)snprintf(out, size, "%s", signet_setting_check_path(""));
    break;
  case SIGNET_SETTING_FLAG:
    (void)snprintf(out, size, "yes or no");
    break;
  case SIGNET_SETTING_CHOICE:
    (void)snprintf(out, size, "one of %s", row->placeholder);
    break;
  case SIGNET_SETTING_AGE:
    (void)snprintf(out, size,
                   "seconds, %.10g to %.10g, a time as 250ms, 15m, or never",
                   row->minimum, row->maximum);
    break;
  case SIGNET_SETTING_SECONDS:
    (void)snprintf(out, size,
                   "seconds, %.10g to %.10g, or a time as 250ms, 15m, 2h",
                   row->minimum, row->maximum);
    break;
  case SIGNET_SETTING_RATE:
    (void)snprintf(out, size,
                   "requests per second, %.10g to %.10g, or a rate as 300/min",
                   row->minimum, row->maximum);
    break;
  case SIGNET_SETTING_BYTES:
    show_size(low, sizeof low, row->minimum);
    show_size(high, sizeof high, row->maximum);
    (void)snprintf(out, size, "bytes, %s to %s", low, high);
    break;
  default:
    (void)snprintf(out, size, "a whole number from %.10g to %.10g",
                   row->minimum, row->maximum);
    break;
  }
}

void signet_setting_fill(const struct setting_row *row, const char *text,
                         signet_account_options *options)
{
  void *member = (char *)options + row->offset;
  double number = 0;

  (void)signet_setting_read(row, text, &number); /* checked when it was set */
  switch (row->type) {
  case SIGNET_SETTING_FLAG: {
    bool flag = number > 0;
    memcpy(member, &flag, sizeof flag);
    break;
  }
  case SIGNET_SETTING_FILE:
  case SIGNET_SETTING_PROXY:
    memcpy(member, &text, sizeof text);
    break;
  case SIGNET_SETTING_RATE:
    memcpy(member, &number, sizeof number);
    break;
  case SIGNET_SETTING_AGE:
  case SIGNET_SETTING_SECONDS: {
    int64_t milliseconds = number < 0 ? -1 : (int64_t)(number * 1000 + 0.5);
    memcpy(member, &milliseconds, sizeof milliseconds);
    break;
  }
  case SIGNET_SETTING_BYTES: {
    size_t bytes = (size_t)number;
    memcpy(member, &bytes, sizeof bytes);
    break;
  }
  default: {
    unsigned whole = (unsigned)number;
    memcpy(member, &whole, sizeof whole);
    break;
  }
  }
}
