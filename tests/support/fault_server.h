/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_FAULT_SERVER_H
#define SIGNET_TESTS_FAULT_SERVER_H

/*
 * A server on a raw loopback socket that answers with the bytes it is told to,
 * however wrong, and then does to the connection what it is told to. Replies
 * stand in a list, in the order in which requests come in over all connections
 * (then it keeps every request that it has read whole), or a script makes one
 * for each request.
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
  int delay_ms;    /* before the first byte */
  size_t piece;    /* bytes at a time, 0: all at once */
  size_t pause_at; /* bytes before a pause */
  int pause_ms;    /* 0: none */
} fault_reply;

/* A request that has come in whole. */
typedef struct fault_request {
  const char *data;
  size_t length;
  size_t place; /* on its connection, from 0 */
} fault_request;

/* How much of the next request on a connection is read. */
typedef struct fault_gate {
  size_t bytes;  /* SIZE_MAX: all of it */
  fault_end end; /* what comes then */
} fault_gate;

/* Functions that are called on the server's thread. */
typedef struct fault_script {
  /* The reply's text must last until `answered`. */
  fault_reply (*answer)(void *user, const fault_request *request);
  /* The reply was sent and its end done; NULL: nobody asks. */
  void (*answered)(void *user);
  /* Before each request, from 0 on its connection; NULL: all is read. */
  fault_gate (*gate)(void *user, size_t place);
  void *user;
} fault_script;

typedef struct fault_server fault_server;

/** Listens on a free port of 127.0.0.1 and serves on a thread of its own. A
 * request beyond the last reply is kept too and its connection closed.
 * NULL: no socket or thread to be had. */
fault_server *fault_server_start(const fault_reply *replies, size_t count);
/** The same with a script, which is copied; no request is kept. */
fault_server *fault_server_start_script(const fault_script *script);
uint16_t fault_server_port(const fault_server *server);
/** How many whole requests have come in so far. */
size_t fault_server_requests(fault_server *server);
/** Bytes read and connections accepted so far. */
size_t fault_server_bytes(fault_server *server);
size_t fault_server_connections(fault_server *server);
/** Waits until every client has closed its connections and all that they sent
 * is read. @return 0: some connection stays open for ten seconds */
int fault_server_wait_idle(fault_server *server);
/** Stops serving; the requests can be read until it is freed. */
void fault_server_stop(fault_server *server);
/** Request @p index as it came, ends with NUL. Only after stop. */
const char *fault_server_request(const fault_server *server, size_t index,
                                 size_t *length);
void fault_server_free(fault_server *server);

#endif
