/* SPDX-License-Identifier: MIT */
/* The value of a Retry-After, and on a second line that of the Date it goes by:
 * seconds as they are said, fractions upwards, nothing of what is neither
 * number nor date, and dates that can be reckoned with. The target "reply"
 * takes them through the real client. */
#include "fuzz.h"
#include "net/reply.h"

#include <ctype.h>
#include <string.h>

enum { ORDINARY_NOW = 1700000000 };

static const int64_t LAST_DATE = INT64_C(253402300799);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  return 0;
}

/* The milliseconds that digits, with a fraction or without, ask for; -1: it is
 * no such number. */
static int64_t seconds_of(const char *value)
{
  int64_t seconds = 0, part = 0;
  const char *at = value;
  for (; isdigit((unsigned char)*at); at++)
    seconds = seconds > LAST_DATE ? seconds : seconds * 10 + (*at - '0');
  if (*at == '.')
    for (at++; isdigit((unsigned char)*at); at++)
      part |= *at != '0';
  if (*at != '\0')
    return -1;
  seconds += part;
  return (seconds < LAST_DATE ? seconds : LAST_DATE) * 1000;
}

/* What a date asks for; it is read here as the client reads it. */
static int64_t wait_until(int64_t date, int64_t now)
{
  int64_t seconds = date - now;
  if (date < 0)
    return -1;
  if (seconds < 0)
    return 0;
  return (seconds < LAST_DATE ? seconds : LAST_DATE) * 1000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char text[300];
  size_t length = size < sizeof text ? size : sizeof text - 1;
  memcpy(text, data, length);
  text[length] = '\0';
  char *value = text, *clock = strchr(text, '\n');
  if (clock != NULL)
    *clock++ = '\0';

  int64_t now = clock != NULL ? signet_date_read(clock) : ORDINARY_NOW;
  FUZZ_REQUIRE(now >= -1 && now <= LAST_DATE);
  int64_t date = signet_date_read(value);
  FUZZ_REQUIRE(date >= -1 && date <= LAST_DATE);

  int64_t wait = signet_retry_after_read(value, now);
  FUZZ_REQUIRE(isdigit((unsigned char)value[0])
                   ? wait == seconds_of(value)
                   : wait == wait_until(date, now));
  return 0;
}
