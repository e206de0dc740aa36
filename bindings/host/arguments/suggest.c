/* SPDX-License-Identifier: MIT */
/* "Did you mean": the nearest word by the number of letters to change, add,
 * drop or swap. */

#include "host/arguments/suggest.h"

#include <string.h>

enum { LONGEST = 32 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
  a = a < b ? a : b;
  return a < c ? a : c;
}

/* Optimal string alignment; three rows are enough. */
static unsigned distance(const char *a, const char *b)
{
  unsigned rows[3][LONGEST + 1];
  size_t a_length = strlen(a), b_length = strlen(b);

  if (a_length > LONGEST || b_length > LONGEST)
    return LONGEST;
  for (size_t j = 0; j <= b_length; j++)
    rows[0][j] = (unsigned)j;
  for (size_t i = 1; i <= a_length; i++) {
    unsigned *now = rows[i % 3], *last = rows[(i - 1) % 3];

    now[0] = (unsigned)i;
    for (size_t j = 1; j <= b_length; j++) {
      now[j] = least(last[j] + 1, now[j - 1] + 1,
                     last[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        unsigned swapped = rows[(i - 2) % 3][j - 2] + 1;

        now[j] = swapped < now[j] ? swapped : now[j];
      }
    }
  }
  return rows[a_length % 3][b_length];
}

const char *signet_host_suggest(const char *wrong,
                                const char *(*next)(size_t index, void *user),
                                void *user)
{
  size_t length = strlen(wrong);
  unsigned best = length < 4 ? 2 : length < 8 ? 3 : 4;
  const char *found = NULL, *word;

  for (size_t i = 0; (word = next(i, user)) != NULL; i++) {
    unsigned changes = distance(wrong, word);

    if (changes < best) {
      best = changes;
      found = word;
    }
  }
  return found;
}
