/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_MATRIX_WORKER_H
#define SIGNET_TESTS_MATRIX_WORKER_H

/* What the files of a worker share: its server's side and its client's. */

#include "matrix.h"

#include <pthread.h>

struct matrix_worker {
  fault_server *server;
  pthread_mutex_t lock; /* over what follows: the server has its own thread */
  const matrix_cell *cell;
  char *flipped; /* the reply of this cell, if it is not the family's */
  matrix_ledger ledger;
  size_t bytes_before;
  int64_t late_due; /* when a late effect comes, 0: none is to come */
  unsigned faults;  /* requests that have met the fault */
  bool met;         /* the fault has met its request */
  bool answering;   /* the request being answered is the endpoint's */
  bool answered;    /* its reply is sent, and the end done that follows it */
  char text[4096];  /* of a reply that is no fault */
};

/* Entry 100, which is only there to make a connection a used one. */
#define WARM_PATH "/v1/sign-configs/100"
#define WARM_PATH_OLD "/v1/signs/100"

/** The script of the worker's server (service.c). */
fault_script matrix_service(matrix_worker *worker);
/** A late effect of the cell comes, if it is due at @p now_ms. */
void matrix_come_late(matrix_worker *worker, int64_t now_ms);

/** What this thread has allocated and not given back (machine.c). */
int64_t matrix_memory(void);
/** Where the worker's cell sends its requests. */
uint16_t matrix_port(const matrix_worker *worker);
/** Where journals are kept. */
const char *matrix_state_dir(void);

#endif
