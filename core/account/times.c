/* SPDX-License-Identifier: MIT */
#include "account/times.h"

#include <stdlib.h>
#include <time.h>

/* Unix seconds, in the form of today or in that of 2023; -1: not known. */
static int64_t time_of(const signet_record *record, const char *name,
                       const char *old_name)
{
  struct tm parts = {0};
  const char *text = signet_record_string(record, old_name);
  const char *end =
      text != NULL ? strptime(text, "%Y-%m-%dT%H:%M:%S%z", &parts) : NULL;
  long offset = parts.tm_gmtoff; /* timegm() sets it to 0 */
  if (end != NULL && *end == '\0')
    return (int64_t)timegm(&parts) - offset;
  text = signet_record_string(record, name);
  return text != NULL ? strtoll(text, NULL, 10)
                      : signet_record_integer(record, name, -1);
}

int64_t signet_record_created_at(const signet_record *record)
{
  return time_of(record, "created_time", "create_time");
}

int64_t signet_record_updated_at(const signet_record *record)
{
  return time_of(record, "updated_time", "update_time");
}
