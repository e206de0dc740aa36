/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_LOG_H
#define SIGNET_SANDBOX_LOG_H

/* The requests of the service that came in last, in a ring. */

#include "model/buffer.h"

#include <stdint.h>

enum {
  SANDBOX_LOG_ENTRIES = 20000,
  SANDBOX_LOG_BODY = 4096 /* bytes of a body that are kept */
};

typedef struct sandbox_log_entry {
  uint64_t number; /* from 1; goes on after a clear */
  int64_t time_ms;
  char method[16];
  signet_buffer path; /* with the query, as it came */
  signet_buffer body;
  int status;     /* 0: closed without an answer */
  uint64_t fault; /* the rule's id, 0: none */
  bool effect;
  bool body_cut;
} sandbox_log_entry;

typedef struct sandbox_log {
  sandbox_log_entry *entries; /* a ring; allocated at the first request */
  size_t count;
  uint64_t last_number;
} sandbox_log;

/** The next entry, empty, with its number; its texts keep their memory. NULL:
 * out of memory. */
sandbox_log_entry *sandbox_log_add(sandbox_log *log);
/** Entry @p index from the oldest that is kept. */
const sandbox_log_entry *sandbox_log_at(const sandbox_log *log, size_t index);
void sandbox_log_clear(sandbox_log *log);
void sandbox_log_free(sandbox_log *log);

#endif
