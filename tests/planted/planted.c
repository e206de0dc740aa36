/* SPDX-License-Identifier: MIT */
/*
 * Makes one mistake on purpose, so that scripts/dev can show that the tools
 * which look for mistakes see it here, with the options of the real run.
 *
 *   planted leak|overflow|undefined
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Through these the compiler can't see what is coming. */
static unsigned char *volatile kept;
static volatile int huge = INT_MAX;
static volatile size_t beyond = 16;

static int leak(void)
{
  kept = malloc(16);
  kept = NULL;
  return 0;
}

static int overflow(void)
{
  unsigned char *memory = calloc(1, 16);
  kept = memory;
  int value = kept[beyond];
  free(memory);
  return value != 0;
}

static int undefined(void)
{
  int sum = huge + 1;
  return sum == 0;
}

int main(int argc, char **argv)
{
  const char *mistake = argc == 2 ? argv[1] : "";
  if (strcmp(mistake, "leak") == 0)
    return leak();
  if (strcmp(mistake, "overflow") == 0)
    return overflow();
  if (strcmp(mistake, "undefined") == 0)
    return undefined();
  return 2;
}
