/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_FAULT_SERVER_H
#define SIGNET_TESTS_FAULT_SERVER_H

/*
 * A server on a raw loopback socket that answers with the bytes it is told to,
 * however wrong, and then does to the connection what it is told to. It keeps
 * every request it has read whole. Replies are given in the order in which
 * requests come in, over all connections.
 */

#include <stddef.h>
#include <stdint.h>

typedef enum fault_end {
  FAULT_KEEP,  /* keep the connection for the next request */
  FAULT_CLOSE, /* close it in order */
  FAULT_RESET, /* close it with a reset */
  FAULT_STALL  /* leave it open and say nothing more */
} fault_end;

typedef struct fault_reply {
  const char *data; /* borrowed while the server runs; may be empty */
  size_t length;
  fault_end end;
  int delay_ms; /* before the first byte */
  size_t piece; /* bytes at a time, 0: all at once */
} fault_reply;

typedef struct fault_server fault_server;

/** Listens on a free port of 127.0.0.1 and serves on a thread of its own. A
 * request beyond the last reply is kept too and its connection closed.
 * NULL: no socket or thread to be had. */
fault_server *fault_server_start(const fault_reply *replies, size_t count);
uint16_t fault_server_port(const fault_server *server);
/** How many whole requests have come in so far. */
size_t fault_server_requests(fault_server *server);
/** Stops serving; the requests can be read until it is freed. */
void fault_server_stop(fault_server *server);
/** Request @p index as it came, ends with NUL. Only after stop. */
const char *fault_server_request(const fault_server *server, size_t index,
                                 size_t *length);
void fault_server_free(fault_server *server);

#endif
