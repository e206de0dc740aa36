/* SPDX-License-Identifier: MIT */
/* The service: what it truly does to a request, what it says, and when it lets
 * the cell's fault have its way. */
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool matrix_planted;

static fault_reply plain(matrix_worker *worker, int status, const char *body)
{
  size_t length = matrix_write_reply(worker->text, sizeof worker->text, status,
                                     FRAME_LENGTH, "", body);
  return (fault_reply){.data = worker->text, .length = length};
}

static bool is_request(const fault_request *request, const char *method,
                       const char *path)
{
  size_t verb = strlen(method);
  size_t length = strlen(path);
  return request->length > verb + length + 2 &&
         memcmp(request->data, method, verb) == 0 &&
         request->data[verb] == ' ' &&
         memcmp(request->data + verb + 1, path, length) == 0 &&
         strchr(" ?", request->data[verb + 1 + length]) != NULL;
}

/* What the service does where nothing is wrong with it. */
static fault_reply truth(matrix_worker *worker)
{
  const matrix_endpoint *endpoint = worker->cell->endpoint;
  if (matrix_writes(endpoint) && worker->ledger.effects > 0 &&
      endpoint->again != NULL)
    return plain(worker, 400, endpoint->again);
  if (matrix_writes(endpoint))
    worker->ledger.effects++;
  return plain(worker, 200, endpoint->success);
}

/* Whether the write can take effect: the service makes most of them once. */
static bool takes_effect(const matrix_worker *worker)
{
  const matrix_endpoint *endpoint = worker->cell->endpoint;
  return matrix_writes(endpoint) &&
         (endpoint->again == NULL || worker->ledger.effects == 0);
}

void matrix_come_late(matrix_worker *worker, int64_t now)
{
  if (worker->late_due == 0 || worker->late_due > now)
    return;
  worker->late_due = 0;
  if (takes_effect(worker))
    worker->ledger.effects++;
}

static fault_reply fault(matrix_worker *worker)
{
  const matrix_cell *cell = worker->cell;
  fault_reply reply = cell->reply;
  if (worker->flipped != NULL)
    reply.data = worker->flipped;
  if (cell->effect == EFFECT_BEFORE && takes_effect(worker))
    worker->ledger.effects += matrix_planted ? 2 : 1;
  if (cell->effect == EFFECT_LATE && worker->late_due == 0)
    worker->late_due = now_ms() + cell->late_ms;
  worker->met = true;
  worker->faults++;
  return reply;
}

static fault_reply answer_endpoint(matrix_worker *worker,
                                   const fault_request *request)
{
  const matrix_cell *cell = worker->cell;
  worker->ledger.requests++;
  worker->answering = true;
  if (request->place > 0)
    worker->ledger.reused++;
  if ((cell->once && worker->met) ||
      (cell->times > 0 && worker->faults >= cell->times))
    return truth(worker);
  return fault(worker);
}

/* The entry that a write changes, as it is now. */
static fault_reply read_entry(matrix_worker *worker)
{
  const matrix_endpoint *endpoint = worker->cell->endpoint;
  const matrix_endpoint *get = endpoint;
  while (get->verb != SIGNET_GET)
    get--;
  bool done = worker->ledger.effects > 0;
  if (done && endpoint->verb == SIGNET_DELETE)
    return plain(worker, 400, get->refusal);
  return plain(worker, 200, done ? endpoint->after : get->success);
}

/* The list in which what was created is looked for, as long as it is stale
 * without it. */
static fault_reply read_back(matrix_worker *worker)
{
  char body[1024];
  char created[400];
  bool old = worker->cell->endpoint->dialect == SIGNET_SIGNS;
  bool shown = worker->ledger.lists++ >= worker->cell->stale &&
               worker->ledger.effects > 0;
  const char *twin = shown && worker->ledger.effects > 1 ? created : NULL;
  snprintf(created, sizeof created, worker->cell->endpoint->after,
           (long long)time(NULL));
  snprintf(body, sizeof body, "%s[%s%s%s]%s", old ? "{\"result\":" : "",
           shown ? created : "", twin != NULL ? "," : "",
           twin != NULL ? twin : "", old ? ",\"count\":1,\"total\":1}" : "");
  return plain(worker, 200, body);
}

static fault_reply warm(matrix_worker *worker)
{
  const matrix_cell *cell = worker->cell;
  const char *body =
      cell->endpoint->dialect == SIGNET_CONFIGS
          ? "{\"sign_id\":\"100\",\"sign_name\":\"Warm\",\"status\":2}"
          : "{\"result\":{\"sign_id\":100,\"sign_name\":\"Warm\"}}";
  fault_reply reply = plain(worker, 200, body);
  if (cell->drops_idle)
    reply.end = FAULT_CLOSE;
  return reply;
}

static fault_reply answer(void *user, const fault_request *request)
{
  matrix_worker *worker = user;
  fault_reply reply;
  pthread_mutex_lock(&worker->lock);
  const matrix_cell *cell = worker->cell;
  worker->answering = false;
  matrix_come_late(worker, now_ms());
  if (is_request(request, "GET", WARM_PATH) ||
      is_request(request, "GET", WARM_PATH_OLD)) {
    reply = warm(worker);
    worker->bytes_before += request->length;
  } else if (is_request(request, cell->endpoint->method,
                        cell->endpoint->path)) {
    reply = answer_endpoint(worker, request);
  } else if (cell->endpoint->verb == SIGNET_CREATE &&
             is_request(request, "GET", cell->endpoint->path)) {
    reply = read_back(worker);
  } else if (cell->retries &&
             is_request(request, "GET", cell->endpoint->path)) {
    reply = read_entry(worker);
  } else {
    worker->ledger.strange++;
    reply = plain(worker, 404, "{}");
  }
  pthread_mutex_unlock(&worker->lock);
  return reply;
}

static void answered(void *user)
{
  matrix_worker *worker = user;
  pthread_mutex_lock(&worker->lock);
  worker->answered = worker->answered || worker->answering;
  pthread_mutex_unlock(&worker->lock);
}

static fault_gate gate(void *user, size_t place)
{
  matrix_worker *worker = user;
  fault_gate open = {SIZE_MAX, FAULT_KEEP};
  pthread_mutex_lock(&worker->lock);
  const matrix_cell *cell = worker->cell;
  bool first = place == cell->reused && !(cell->once && worker->met);
  if (cell->gate.bytes < SIZE_MAX && first) {
    open = cell->gate;
    worker->met = true;
  }
  pthread_mutex_unlock(&worker->lock);
  return open;
}

fault_script matrix_service(matrix_worker *worker)
{
  return (fault_script){answer, answered, gate, worker};
}
