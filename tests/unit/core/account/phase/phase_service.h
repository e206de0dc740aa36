/* SPDX-License-Identifier: MIT */
#ifndef PHASE_SERVICE_H
#define PHASE_SERVICE_H

#include "fault_server.h"

#include <pthread.h>
#include <stdbool.h>

/* A raw service with one signature. It holds back the reply that a row is
 * about, and notes what it was asked for. */

enum { PHASE_ANSWERS = 8 };

typedef struct phase_service {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  size_t requests;
  size_t held_from; /* requests from this one on wait, SIZE_MAX: none */
  bool released;
  const char *first; /* the answer to the request that was held */
  /* To the requests from the first on; NULL: usual. */
  const char *answers[PHASE_ANSWERS];
  char wire[4096];
  char reply[512];
} phase_service;

#define PHASE_ENTRY "{\"sign_id\":\"1\",\"sign_name\":\"Before\",\"status\":2}"
#define PHASE_NO(TEXT) "400 {\"code\":400,\"message\":\"" TEXT "\"}"
#define PHASE_TAKEN PHASE_NO("name already exist")

void phase_service_init(phase_service *service);
void phase_service_destroy(phase_service *service);

/* For fault_script.answer, whose user is the service. */
fault_reply phase_service_answer(void *service, const fault_request *request);

/* Holds the reply to the request of that number, from 0. */
void phase_service_hold(phase_service *service, size_t number);

/* Answers the request that was held, with a text like "200 {}"; "": the
 * connection is closed instead. */
void phase_service_let_go(phase_service *service, const char *text);

size_t phase_service_requests(phase_service *service);

/* What is answered to a request where nothing else is wanted. */
const char *phase_usual_answer(const char *request);

#endif
