/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_WELL_SERVER_H
#define SIGNET_TESTS_WELL_SERVER_H

/*
 * A server that answers every GET and PUT of one entry rightly, until it is
 * told to be down: then it closes each connection as soon as it is made, or
 * answers every request with a status. It counts what reaches it.
 */

#include <stddef.h>
#include <stdint.h>

typedef struct well_server well_server;

/** Listens on a free port of 127.0.0.1, on a thread of its own. NULL: it can't.
 */
well_server *well_server_start(void);
uint16_t well_server_port(const well_server *server);
/** @param status  0: well; 1: connections are closed; else what each request is
 * answered with */
void well_server_set(well_server *server, int status);
/** Whole requests that have come in, and connections that were closed at once.
 */
size_t well_server_requests(well_server *server);
/** Ends it and frees everything. */
void well_server_stop(well_server *server);

#endif
