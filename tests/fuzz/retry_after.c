/* SPDX-License-Identifier: MIT */
/* Retry-After, through the real client: never longer than a quarter of an hour,
 * seconds as they are said, and nothing of what is neither number nor date. */
#include "fuzz.h"
#include "matrix.h"

#include <ctype.h>
#include <string.h>

enum { MOST_MS = 15 * 60 * 1000 };

static matrix_worker *worker;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  FUZZ_REQUIRE(signet_global_init(&matrix_allocator));
  worker = matrix_worker_new();
  FUZZ_REQUIRE(worker != NULL);
  return 0;
}

/* The milliseconds that digits ask for; -1: these are no digits. */
static int64_t seconds_of(const char *value, size_t length)
{
  int64_t seconds = 0;
  for (size_t i = 0; i < length; i++) {
    if (!isdigit((unsigned char)value[i]))
      return -1;
    seconds = seconds > MOST_MS ? seconds : seconds * 10 + (value[i] - '0');
  }
  return length == 0 ? -1 : seconds * 1000 < MOST_MS ? seconds * 1000 : MOST_MS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char text[600];
  char value[300];
  size_t length = 0;
  for (size_t i = 0; i < size && length + 1 < sizeof value; i++)
    if (data[i] != '\r' && data[i] != '\n' && data[i] != '\0')
      value[length++] = (char)data[i];
  value[length] = '\0';
  matrix_cell cell = matrix_new_cell(&matrix_endpoints[1]);
  cell.family = "fuzz";
  cell.reply.data = text;
  cell.reply.length = (size_t)snprintf(text, sizeof text,
                                       "HTTP/1.1 429 Slow\r\nRetry-After:%s\r\n"
                                       "Content-Length: 2\r\n\r\n{}",
                                       value);
  cell.reply.end = FAULT_CLOSE;
  matrix_sight sight;
  FUZZ_REQUIRE(matrix_run(worker, &cell, stderr, &sight));
  const char *begin = value + strspn(value, " \t");
  size_t left = strlen(begin);
  while (left > 0 && strchr(" \t", begin[left - 1]) != NULL)
    left--;
  int64_t wait = sight.error.retry_after_ms;
  int64_t seconds = seconds_of(begin, left);
  FUZZ_REQUIRE(wait >= -1 && wait <= MOST_MS);
  FUZZ_REQUIRE(seconds < 0 || wait == seconds);
  FUZZ_REQUIRE(left > 0 || wait == -1);
  return 0;
}
