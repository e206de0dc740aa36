/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_SERVER_H
#define SIGNET_SANDBOX_SERVER_H

/*
 * The inside of the sandbox server. One thread: libmicrohttpd does the reading
 * and writing, a loop around it the timers of delayed answers and of the
 * reviewer. A request goes through these phases:
 *
 *   receiving   its body is collected
 *   waiting     suspended, until its timer fires; its effect may come then
 *   ready       the reply is known and is handed over
 */

#include "model/buffer.h"
#include "sandbox/fault.h"
#include "sandbox/log.h"
#include "signet/sandbox.h"

#include <json-c/json.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>

enum {
  SANDBOX_BODY_MAXIMUM = 1 << 20,    /* a body of the service */
  SANDBOX_STATE_MAXIMUM = 512 << 20, /* a state that is put */
  SANDBOX_SEED = 1                   /* of the world at the start */
};

typedef enum sandbox_phase {
  SANDBOX_NEW,
  SANDBOX_RECEIVING,
  SANDBOX_WAITING,
  SANDBOX_READY
} sandbox_phase;

typedef struct sandbox_request {
  struct sandbox_request *previous; /* all that are open */
  struct sandbox_request *next;
  signet_sandbox *sandbox;
  struct MHD_Connection *connection;
  sandbox_phase phase;
  char method[16];
  char *target; /* path and query as they came */
  char *path;   /* without the query; in the target's memory */
  size_t path_length;
  signet_buffer body;
  int body_refused; /* the status that says why it was not kept, 0: it was */
  bool control;     /* a path of the control API */
  /* reply */
  int status; /* 0: the connection closes without one */
  signet_buffer out;
  const char *allow;    /* of a 405; static text */
  bool made_effect;     /* the world was changed */
  sandbox_fault *fault; /* what spoils the answer; one reference */
  /* timer */
  int64_t due_us;
  size_t timer_place; /* place in the heap plus one; 0: not in it */
  bool late_effect;   /* to be carried out when the timer fires */
} sandbox_request;

typedef struct sandbox_stats {
  uint64_t requests; /* of the service; the control API isn't counted */
  uint64_t effects;
  uint64_t faults;
  uint64_t closed;        /* without an answer */
  uint64_t methods[4];    /* GET, POST, PUT, DELETE */
  uint64_t statuses[600]; /* a fault's may be 599 at most */
} sandbox_stats;

struct signet_sandbox {
  signet_world *world;
  struct MHD_Daemon *daemon;
  uint16_t port;
  int wake_fd;
  atomic_bool stopping;
  char *authorization; /* the header that is accepted, scheme excluded */
  char *state_file;    /* NULL: none */
  int64_t latency_ms;
  int64_t clock_offset_ms;
  /* as at the start, for a reset */
  int64_t first_latency_ms;
  unsigned seed_signs;
  unsigned seed_templates;
  int64_t started_us;
  sandbox_request *open; /* a list */
  size_t open_count;
  sandbox_request **timers; /* a heap on due_us */
  size_t timer_count;
  size_t timer_capacity;
  sandbox_faults faults;
  sandbox_log log;
  sandbox_stats stats;
};

#endif
