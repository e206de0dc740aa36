/* SPDX-License-Identifier: MIT */
/* One cell: a server that behaves as the cell says, a loop and an account of
 * its own, the call, and a look at what became of it. */
#include "worker.h"

#include "canary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A time limit that is meant to be met, and one that is not. */
enum { SHORT_MS = 60, LONG_MS = 30000 };
/* Of cells in which requests may be sent again. */
enum { SETTLE_MS = 5, BACKOFF_MS = 2, OUTAGE_MS = 3000 };
enum { FIELDS_MAXIMUM = 1 << 20 };

/* ---- the client ---- */

static signet_account *open_account(const matrix_worker *worker,
                                    signet_loop *loop)
{
  const matrix_cell *cell = worker->cell;
  char url[64];
  signet_error error = SIGNET_ERROR_INIT;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  snprintf(url, sizeof url, "http://127.0.0.1:%u", matrix_port(worker));
  options.dialect = cell->endpoint->dialect;
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.concurrency = 1;
  options.attempts = cell->retries ? 3 : 1;
  options.backoff_ms = BACKOFF_MS;
  options.backoff_max_ms = BACKOFF_MS;
  options.breaker_pause_ms = 1;
  options.outage_ms = OUTAGE_MS;
  options.settle_ms = SETTLE_MS;
  options.settle_create_ms = 0;
  options.poll_interval_ms = 1;
  options.timeout_ms = cell->impatient ? SHORT_MS : LONG_MS;
  options.connect_timeout_ms = options.timeout_ms;
  if (cell->max_reply_bytes > 0)
    options.max_reply_bytes = cell->max_reply_bytes;
  return signet_account_open(loop, &options, &error);
}

/* A template's content of so many bytes, so that requests have any size. */
static void set_content(signet_fields *fields, unsigned size)
{
  static _Thread_local char text[FIELDS_MAXIMUM + 1];
  if (size > FIELDS_MAXIMUM)
    size = FIELDS_MAXIMUM;
  memset(text, 'x', size);
  text[size] = '\0';
  signet_fields_set_string(fields, "template_content", text);
}

static signet_fields *make_fields(const matrix_cell *cell)
{
  signet_fields *fields = signet_fields_new();
  if (fields == NULL)
    abort();
  if (cell->endpoint->verb != SIGNET_CREATE &&
      cell->endpoint->verb != SIGNET_UPDATE)
    return fields;
  if (cell->endpoint->kind == SIGNET_SIGN) {
    signet_fields_set_string(fields, "sign_name", "Gamma");
    return fields;
  }
  signet_fields_set_string(fields, "template_name", "Name");
  signet_fields_set_string(fields, "template_type", "utility");
  set_content(fields, cell->fields > 0 ? cell->fields : 12);
  signet_fields_set_string(fields, "country_codes", "CN");
  signet_fields_set_boolean(fields, "add_signature", true);
  signet_fields_set_string(fields, "sign_id", "101");
  signet_fields_set_integer(fields, "sign_position", 1);
  return fields;
}

/* Steps until the call is done. false: nothing moves any more. */
static bool wait_for(signet_loop *loop, const signet_call *call)
{
  int64_t end = signet_loop_now(loop) + (int64_t)2 * LONG_MS;
  while (!signet_call_is_done(call)) {
    if (signet_loop_now(loop) > end)
      return false;
    signet_loop_step(loop, 1000);
  }
  return true;
}

static signet_call *start(signet_account *account, const matrix_cell *cell)
{
  const char *id = strrchr(cell->endpoint->path, '/') + 1;
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_fields *fields = make_fields(cell);
  operation.kind = cell->endpoint->kind;
  operation.verb = cell->endpoint->verb;
  operation.fields = fields;
  operation.id = id;
  operation.id_length = strlen(id);
  signet_call *call = signet_call_start(account, &operation, NULL, NULL);
  signet_fields_free(fields);
  if (call == NULL)
    abort();
  return call;
}

/* A read that is answered truthfully. */
static matrix_second read_warm(signet_loop *loop, signet_account *account)
{
  signet_call *call = signet_sign_get(account, "100", NULL, NULL);
  matrix_second result = SECOND_FAILED;
  if (call != NULL && wait_for(loop, call) && signet_call_error(call) == NULL)
    result = strcmp(signet_record_string(signet_call_record(call), "sign_name"),
                    "Warm") == 0
                 ? SECOND_GOOD
                 : SECOND_WRONG;
  signet_call_release(call);
  return result;
}

static bool warm_up(signet_loop *loop, signet_account *account, unsigned times)
{
  for (unsigned i = 0; i < times; i++)
    if (read_warm(loop, account) != SECOND_GOOD)
      return false;
  return true;
}

static void look(const signet_call *call, signet_account *account,
                 matrix_sight *sight)
{
  const signet_error *error = signet_call_error(call);
  signet_error none = SIGNET_ERROR_INIT;
  signet_list *list = signet_call_list(call);
  sight->error = error != NULL ? *error : none;
  sight->outcome = signet_call_outcome(call);
  sight->records = list != NULL ? signet_list_count(list) : 0;
  sight->requests = signet_account_requests(account);
  snprintf(sight->id, sizeof sight->id, "%s", signet_call_id(call));
}

/* Until the server has said all that it says, so that nothing of it comes while
 * the next request is on its way: that could not be told from an answer. */
static void wait_for_answered(matrix_worker *worker)
{
  struct timespec moment = {0, 200000};
  bool answered = worker->cell->impatient;
  for (int i = 0; i < 20000 && !answered; i++) {
    nanosleep(&moment, NULL);
    pthread_mutex_lock(&worker->lock);
    answered = worker->answered;
    pthread_mutex_unlock(&worker->lock);
  }
}

typedef enum matrix_ran { RAN, RAN_NOT, RAN_STUCK } matrix_ran;

/* With a job, what became of a write is found out by reading back. */
static signet_job *attach_job(signet_account *account)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  options.state_dir = matrix_state_dir();
  signet_job *job = signet_job_new(&options, &error);
  if (job == NULL || !signet_job_attach(job, account, &error))
    abort();
  return job;
}

static void end_job(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  const signet_job_counts counts = {0};
  if (job != NULL && !signet_job_end(job, SIGNET_JOB_DONE, &counts, &error))
    fprintf(stderr, "matrix: %s\n", error.message);
}

/* RAN_NOT: the machine is so slow that the connection could not be warmed
 * within the short time limit; nothing was tested yet. */
static matrix_ran call_once(matrix_worker *worker, signet_loop *loop,
                            matrix_sight *sight)
{
  const matrix_cell *cell = worker->cell;
  signet_account *account = open_account(worker, loop);
  matrix_ran result = RAN;
  if (account == NULL)
    abort();
  if (!warm_up(loop, account, cell->reused)) {
    signet_account_close(account);
    return RAN_NOT;
  }
  signet_job *job = cell->retries ? attach_job(account) : NULL;
  signet_call *call = start(account, cell);
  if (wait_for(loop, call))
    look(call, account, sight);
  else
    result = RAN_STUCK;
  if (result == RAN && cell->again != AGAIN_NOT) {
    wait_for_answered(worker);
    sight->second = read_warm(loop, account);
  }
  end_job(job);
  signet_account_close(account);
  signet_job_free(job);
  signet_loop_step(loop, 0);
  signet_call_release(call);
  return result;
}

/* ---- the cell as a whole ---- */

static void prepare(matrix_worker *worker, const matrix_cell *cell)
{
  pthread_mutex_lock(&worker->lock);
  worker->cell = cell;
  worker->ledger = (matrix_ledger){0};
  worker->ledger.connections = fault_server_connections(worker->server);
  worker->bytes_before = fault_server_bytes(worker->server);
  worker->met = false;
  worker->faults = 0;
  worker->late_due = 0;
  worker->answered = false;
  free(worker->flipped);
  worker->flipped = NULL;
  if (cell->flip_at < cell->reply.length) {
    worker->flipped = malloc(cell->reply.length);
    if (worker->flipped == NULL)
      abort();
    memcpy(worker->flipped, cell->reply.data, cell->reply.length);
    worker->flipped[cell->flip_at] ^= (char)cell->flip_mask;
  }
  pthread_mutex_unlock(&worker->lock);
}

static void close_books(matrix_worker *worker)
{
  pthread_mutex_lock(&worker->lock);
  matrix_come_late(worker, INT64_MAX);
  worker->ledger.connections =
      fault_server_connections(worker->server) - worker->ledger.connections;
  worker->ledger.bytes =
      fault_server_bytes(worker->server) - worker->bytes_before;
  pthread_mutex_unlock(&worker->lock);
}

/* How much of the reply the client had the time to see. */
static void judge(const matrix_worker *worker, matrix_verdict *verdict)
{
  const matrix_cell *cell = worker->cell;
  const fault_reply *reply = &cell->reply;
  const char *data = worker->flipped != NULL ? worker->flipped : reply->data;
  size_t length = reply->length;
  char whole[4096];
  fault_end end = reply->end;
  const matrix_endpoint *endpoint = cell->endpoint;
  if (cell->impatient && reply->delay_ms > 0)
    length = 0;
  if (cell->impatient && reply->pause_ms > 0 && reply->pause_at < length)
    length = reply->pause_at;
  if (cell->impatient)
    end = FAULT_STALL;
  bool truthful = cell->once && worker->ledger.requests >
                                    (cell->gate.bytes < SIZE_MAX ? 0U : 1U);
  if (truthful) {
    data = whole;
    length = matrix_write_reply(whole, sizeof whole, 200, FRAME_LENGTH, "",
                                endpoint->success);
    end = FAULT_KEEP;
  }
  matrix_judge(endpoint, data, length, end, verdict);
}

static void escape(FILE *out, const char *data, size_t length)
{
  for (size_t i = 0; i < length && i < 600; i++) {
    unsigned char byte = (unsigned char)data[i];
    if (byte == '\n')
      fputs("\\n", out);
    else if (byte == '\r')
      fputs("\\r", out);
    else if (byte < ' ' || byte >= 0x7F)
      fprintf(out, "\\x%02x", byte);
    else
      fputc(byte, out);
  }
  if (length > 600)
    fprintf(out, "… (%zu bytes)", length);
}

static void report(const matrix_worker *worker, const matrix_sight *sight,
                   const char *problem, FILE *out)
{
  static const char *const ends[] = {"keep", "close", "reset", "stall"};
  const matrix_cell *cell = worker->cell;
  const fault_reply *reply = &cell->reply;
  const matrix_ledger *ledger = &worker->ledger;
  flockfile(out);
  fprintf(out, "%s:%zu: %s, %s connection: %s\n", cell->family, cell->index,
          cell->endpoint->name, cell->reused ? "reused" : "fresh", problem);
  fprintf(out,
          "  at the server: %zu requests (%zu reused), %zu effects, %zu bytes, "
          "%zu connections, %zu lists, %zu strange\n",
          ledger->requests, ledger->reused, ledger->effects, ledger->bytes,
          ledger->connections, ledger->lists, ledger->strange);
  fprintf(out, "  at the client: %s, %s: %s\n",
          signet_outcome_name(sight->outcome),
          signet_error_kind_name(sight->error.kind), sight->error.message);
  fprintf(out, "  reply (%s, delay %d, piece %zu, pause %d at %zu%s%s): ",
          ends[reply->end], reply->delay_ms, reply->piece, reply->pause_ms,
          reply->pause_at, cell->impatient ? ", impatient" : "",
          cell->once ? ", once" : "");
  escape(out, worker->flipped != NULL ? worker->flipped : reply->data,
         reply->length);
  fputc('\n', out);
  funlockfile(out);
}

/* NULL: all is well. */
static const char *examine(matrix_worker *worker, matrix_ran ran, int64_t lost,
                           const matrix_sight *sight, char *out, size_t size)
{
  matrix_verdict verdict;
  if (ran == RAN_STUCK)
    return "the call never ends";
  if (!fault_server_wait_idle(worker->server))
    return "a connection stays open";
  close_books(worker);
  if (lost != 0) {
    snprintf(out, size, "%" PRId64 " bytes of memory are not given back", lost);
    return out;
  }
  judge(worker, &verdict);
  return matrix_check(worker->cell, &worker->ledger, sight, &verdict, out,
                      size);
}

bool matrix_run(matrix_worker *worker, const matrix_cell *cell, FILE *out,
                matrix_sight *sight)
{
  char text[300];
  matrix_ran ran = RAN_NOT;
  int64_t before = matrix_memory();
  for (int attempt = 0; attempt < 50 && ran == RAN_NOT; attempt++) {
    prepare(worker, cell);
    memset(sight, 0, sizeof *sight);
    signet_error_init(&sight->error);
    signet_loop *loop = signet_loop_new();
    if (loop == NULL)
      abort();
    ran = call_once(worker, loop, sight);
    signet_loop_free(loop);
    if (ran == RAN_NOT && !fault_server_wait_idle(worker->server))
      break;
  }
  const char *problem = ran == RAN_NOT
                            ? "the connection could not be warmed"
                            : examine(worker, ran, matrix_memory() - before,
                                      sight, text, sizeof text);
  if (problem != NULL)
    report(worker, sight, problem, out);
  return problem == NULL;
}

matrix_worker *matrix_worker_new(void)
{
  matrix_worker *made = calloc(1, sizeof *made);
  if (made == NULL)
    return NULL;
  fault_script script = matrix_service(made);
  pthread_mutex_init(&made->lock, NULL);
  made->server = fault_server_start_script(&script);
  if (made->server == NULL) {
    free(made);
    return NULL;
  }
  return made;
}

void matrix_worker_free(matrix_worker *worker)
{
  fault_server_free(worker->server);
  pthread_mutex_destroy(&worker->lock);
  free(worker->flipped);
  free(worker);
}
