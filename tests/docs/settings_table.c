/* SPDX-License-Identifier: MIT */
/* Prints the table of the transport's settings as the documents show it:
 *
 *   settings_table markdown | man
 */

#include "signet/transport.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 80 };

struct row {
  const char *name, *option, *placeholder, *type, *standard;
  double minimum, maximum;
  const char *help, *more;
  bool of_run;
};

#define ACCOUNT(id, name, option, placeholder, type, member, standard, \
                minimum, maximum, help, more)                          \
  {name,    option,  placeholder, #type, standard,                     \
   minimum, maximum, help,        more,  false},
#define RUN(id, name, option, placeholder, type, member, standard, minimum, \
            maximum, help, more)                                            \
  {name,    option,  placeholder, #type, standard,                          \
   minimum, maximum, help,        more,  true},

static const struct row rows[] = {SIGNET_TRANSPORT_SETTINGS(ACCOUNT, RUN)};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void print_size(double bytes)
{
  static const char *const units[] = {"", "K", "M", "G"};
  int unit = 0;

  while (unit < 3 && bytes >= 1024) {
    bytes /= 1024;
    unit++;
  }
  (void)printf("%.10g%s", bytes, units[unit]);
}

static void print_limits(const struct row *row)
{
  if (strcmp(row->type, "FILE") == 0) {
    (void)printf("a path");
  } else if (strcmp(row->type, "PROXY") == 0) {
    (void)printf("a URL");
  } else if (strcmp(row->type, "FLAG") == 0) {
    (void)printf("yes, no");
  } else if (strcmp(row->type, "CHOICE") == 0) {
    for (const char *at = row->placeholder; *at != '\0'; at++)
      (void)printf(*at == '|' ? ", " : "%c", *at);
  } else if (strcmp(row->type, "AGE") == 0) {
    (void)printf("%.10g to %.10g s, never", row->minimum, row->maximum);
  } else if (strcmp(row->type, "BYTES") == 0) {
    print_size(row->minimum);
    (void)printf(" to ");
    print_size(row->maximum);
  } else {
    (void)printf("%.10g to %.10g%s", row->minimum, row->maximum,
                 strcmp(row->type, "SECONDS") == 0 ? " s"
                 : strcmp(row->type, "RATE") == 0  ? " per second"
                                                   : "");
  }
}

static void print_sentence(const struct row *row)
{
  (void)printf("%c%s.%s%s", toupper((unsigned char)row->help[0]), row->help + 1,
               *row->more != '\0' ? " " : "", row->more);
}

static void markdown(void)
{
  (void)printf("| setting | option | values | default | |\n"
               "|---|---|---|---|---|\n");
  for (int i = 0; i < ROWS; i++) {
    const struct row *row = &rows[i];

    (void)printf("| `%s`%s | `--%s` | ", row->name, row->of_run ? " ¹" : "",
                 row->option);
    print_limits(row);
    (void)printf(" | %s | ", row->standard != NULL ? row->standard : "");
    print_sentence(row);
    (void)printf(" |\n");
  }
}

/* A hyphen is a minus in an option's name, which can be searched and copied. */
static void man_option(const char *option)
{
  for (; *option != '\0'; option++)
    (void)printf(*option == '-' ? "\\-" : "%c", *option);
}

/* Fills lines, which a page's source has as every other file. */
static void man_text(const char *text, size_t *column)
{
  while (*text != '\0') {
    size_t word = strcspn(text, " ");

    if (*column > 0 && *column + 1 + word > COLUMNS) {
      (void)printf("\n");
      *column = 0;
    }
    (void)printf("%s%.*s", *column > 0 ? " " : "", (int)word, text);
    *column += word + (*column > 0);
    text += word + strspn(text + word, " ");
  }
}

static void man(void)
{
  for (int i = 0; i < ROWS; i++) {
    const struct row *row = &rows[i];
    char first[256];
    size_t column = 0;

    (void)printf(".TP\n.B%s \\-\\-", *row->placeholder != '\0' ? "I" : "");
    man_option(row->option);
    if (*row->placeholder != '\0')
      (void)printf(" \" %s\"", row->placeholder);
    (void)printf("\n");
    (void)snprintf(first, sizeof first, "%c%s.",
                   toupper((unsigned char)row->help[0]), row->help + 1);
    man_text(first, &column);
    man_text(row->more, &column);
    (void)printf("\n.I %s\n", row->name);
    (void)printf("in the configuration file; ");
    print_limits(row);
    (void)printf("%s%s.\n", row->standard != NULL ? "; default " : "",
                 row->standard != NULL ? row->standard : "");
  }
}

int main(int argc, char **argv)
{
  if (argc == 2 && strcmp(argv[1], "markdown") == 0)
    markdown();
  else if (argc == 2 && strcmp(argv[1], "man") == 0)
    man();
  else
    return 2;
  return 0;
}
