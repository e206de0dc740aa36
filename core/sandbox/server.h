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

/** @name clock and timers (timers.c) @{ */
int64_t sandbox_now_us(void);
/** The sandbox's time of day, ms since 1970: the machine's, put forward. */
int64_t sandbox_wall_ms(const signet_sandbox *sandbox);
/** Tells the world what time it is. */
void sandbox_set_clock(signet_sandbox *sandbox);
/** @return false: out of memory */
bool sandbox_timer_set(sandbox_request *request, int64_t delay_ms);
void sandbox_timer_drop(sandbox_request *request);
/** Wakes every request that is due. */
void sandbox_timers_run(signet_sandbox *sandbox,
                        void (*wake)(sandbox_request *request));
/** @} */

/** @name requests (request.c) @{ */
enum MHD_Result sandbox_handle(void *user, struct MHD_Connection *connection,
                               const char *url, const char *method,
                               const char *version, const char *data,
                               size_t *size, void **slot);
void *sandbox_request_begin(void *user, const char *target,
                            struct MHD_Connection *connection);
void sandbox_request_end(void *user, struct MHD_Connection *connection,
                         void **slot, enum MHD_RequestTerminationCode code);
/** The timer has fired: makes a late effect and lets the answer go. */
void sandbox_request_wake(sandbox_request *request);
/** @} */

/** @name answers (answer.c) @{ */
/** {"code":…,"message":…} with an HTTP status. */
void sandbox_answer_error(sandbox_request *request, int status, int64_t code,
                          const char *message);
/** Answers that memory ran out; nothing was done. */
void sandbox_answer_memory(sandbox_request *request);
/** Answers a request whose body was not kept. @return false: it was */
bool sandbox_answer_body(sandbox_request *request);
/** Hands the reply over, spoilt by the request's fault if it has one. */
enum MHD_Result sandbox_answer_send(sandbox_request *request);
/** @} */

/** Carries out a request to the service (service.c). */
void sandbox_service(sandbox_request *request);
/** Carries out a request to the control API (control.c). */
void sandbox_control(sandbox_request *request);
/** Whether the credentials are right (credentials.c). */
bool sandbox_authorized(const sandbox_request *request);
/** "key:secret" as a Basic header has it. NULL: out of memory. */
char *sandbox_authorization(const char *key, const char *secret);

/** @name the state file (state_file.c) @{ */
/** @return false: @p error says why; an absent file is none */
bool sandbox_state_load(signet_sandbox *sandbox, signet_error *error);
bool sandbox_state_save(signet_sandbox *sandbox, signet_error *error);
/** @} */

/** Empties the world and fills it as at the start. */
bool sandbox_seed(signet_sandbox *sandbox, unsigned signs, unsigned templates,
                  uint64_t seed);

/** How many entries there are, by signet_kind. */
void sandbox_count_entries(const signet_world *world, size_t counts[2]);

/** Decodes %XX (and + where @p plus) into @p out, at most @p length bytes long.
 * @return the length, SIZE_MAX: a broken escape (query.c) */
size_t sandbox_percent_decode(char *out, const char *text, size_t length,
                              bool plus);
/** A parameter of the request's query, decoded; free with signet_memory_free.
 * NULL: absent or broken. @return false: out of memory */
bool sandbox_query(const sandbox_request *request, const char *name,
                   char **value, size_t *length);

#endif
