/* SPDX-License-Identifier: MIT */
#include "sandbox/log.h"

#include "model/memory.h"

enum { PATH_MAXIMUM = 65536 };

static sandbox_log_entry *slot(const sandbox_log *log, uint64_t number)
{
  return &log->entries[number % SANDBOX_LOG_ENTRIES];
}

sandbox_log_entry *sandbox_log_add(sandbox_log *log)
{
  if (log->entries == NULL) {
    log->entries =
        signet_memory_zeroed(SANDBOX_LOG_ENTRIES, sizeof(sandbox_log_entry));
    if (log->entries == NULL)
      return NULL;
  }
  sandbox_log_entry *entry = slot(log, ++log->last_number);
  if (log->count < SANDBOX_LOG_ENTRIES)
    log->count++;
  if (entry->path.maximum == 0) {
    signet_buffer_init(&entry->path, PATH_MAXIMUM);
    signet_buffer_init(&entry->body, SANDBOX_LOG_BODY);
  }
  signet_buffer_clear(&entry->path);
  signet_buffer_clear(&entry->body);
  entry->number = log->last_number;
  return entry;
}

const sandbox_log_entry *sandbox_log_at(const sandbox_log *log, size_t index)
{
  return slot(log, log->last_number - log->count + 1 + index);
}

void sandbox_log_clear(sandbox_log *log)
{
  log->count = 0;
}

void sandbox_log_free(sandbox_log *log)
{
  for (size_t i = 0; log->entries != NULL && i < SANDBOX_LOG_ENTRIES; i++) {
    signet_buffer_free(&log->entries[i].path);
    signet_buffer_free(&log->entries[i].body);
  }
  signet_memory_free(log->entries);
  *log = (sandbox_log){0};
}
