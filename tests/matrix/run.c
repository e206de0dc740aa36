/* SPDX-License-Identifier: MIT */
/* One cell: a server that behaves as the cell says, a loop and an account of
 * its own, the call, and a look at what became of it. */
#include "matrix.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A time limit that is meant to be met, and one that is not. */
enum { SHORT_MS = 60, LONG_MS = 30000, LATE_EFFECT_MS = 5 };
enum { FIELDS_MAXIMUM = 1 << 20 };

static const char warm_path[] = "/v1/sign-configs/100";
static const char warm_path_old[] = "/v1/signs/100";

struct matrix_worker {
  fault_server *server;
  pthread_mutex_t lock; /* over what follows: the server has its own thread */
  const matrix_cell *cell;
  char *flipped; /* the reply of this cell, if it is not the family's */
  matrix_ledger ledger;
  size_t bytes_before;
  bool met;        /* the fault has met its request */
  bool answering;  /* the request being answered is the endpoint's */
  bool answered;   /* its reply is sent, and the end done that follows it */
  char text[4096]; /* of a reply that is no fault */
};

/* ---- memory ---- */

/* What a loop takes, its own thread gives back: each cell must end at zero. */
static _Thread_local int64_t balance;

typedef union block {
  size_t size;
  max_align_t align;
} block;

static void *counted_allocate(size_t size)
{
  block *made = malloc(sizeof *made + size);
  if (made == NULL)
    return NULL;
  made->size = size;
  balance += (int64_t)size;
  return made + 1;
}

static void counted_release(void *memory)
{
  block *old = memory;
  if (old == NULL)
    return;
  old--;
  balance -= (int64_t)old->size;
  free(old);
}

static void *counted_reallocate(void *memory, size_t size)
{
  void *made = counted_allocate(size);
  if (made == NULL || memory == NULL)
    return made;
  size_t old = ((block *)memory - 1)->size;
  memcpy(made, memory, old < size ? old : size);
  counted_release(memory);
  return made;
}

const signet_allocator matrix_allocator = {counted_allocate, counted_reallocate,
                                           counted_release};

/* ---- the service ---- */

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

static fault_reply fault(matrix_worker *worker)
{
  const matrix_cell *cell = worker->cell;
  fault_reply reply = cell->reply;
  bool done = worker->ledger.effects > 0 && cell->endpoint->again != NULL;
  if (worker->flipped != NULL)
    reply.data = worker->flipped;
  if (cell->effect == EFFECT_BEFORE && matrix_writes(cell->endpoint) && !done)
    worker->ledger.effects += matrix_planted ? 2 : 1;
  worker->met = true;
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
  if (cell->once && worker->met)
    return truth(worker);
  return fault(worker);
}

/* The list in which what was created is looked for, as long as it is stale
 * without it. */
static fault_reply read_back(matrix_worker *worker)
{
  char body[1024];
  const char *created =
      "{\"sign_id\":\"900\",\"sign_name\":\"Gamma\",\"status\":1,"
      "\"created_time\":1700000002}";
  if (worker->cell->endpoint->kind == SIGNET_TEMPLATE)
    created = "{\"template_id\":\"900\",\"template_name\":\"Name\","
              "\"template_type\":\"utility\","
              "\"template_content\":\"xxxxxxxxxxxx\","
              "\"country_codes\":\"CN\",\"status\":1,"
              "\"sign_id\":\"101\",\"sign_position\":1,"
              "\"created_time\":1700000002}";
  bool shown = worker->ledger.lists++ >= worker->cell->stale &&
               worker->ledger.effects > 0;
  const char *twin = shown && worker->ledger.effects > 1 ? created : NULL;
  snprintf(body, sizeof body, "[%s%s%s]", shown ? created : "",
           twin != NULL ? "," : "", twin != NULL ? twin : "");
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
  if (is_request(request, "GET", warm_path) ||
      is_request(request, "GET", warm_path_old)) {
    reply = warm(worker);
    worker->bytes_before += request->length;
  } else if (is_request(request, cell->endpoint->method,
                        cell->endpoint->path)) {
    reply = answer_endpoint(worker, request);
  } else if (cell->endpoint->verb == SIGNET_CREATE &&
             is_request(request, "GET", cell->endpoint->path)) {
    reply = read_back(worker);
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
  struct timespec late = {0, LATE_EFFECT_MS * 1000000L};
  pthread_mutex_lock(&worker->lock);
  worker->answered = worker->answered || worker->answering;
  bool effect = worker->answering && worker->cell->effect == EFFECT_LATE &&
                matrix_writes(worker->cell->endpoint) &&
                worker->ledger.effects == 0;
  pthread_mutex_unlock(&worker->lock);
  if (!effect)
    return;
  nanosleep(&late, NULL);
  pthread_mutex_lock(&worker->lock);
  worker->ledger.effects++;
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

/* ---- targets without a service ---- */

static int refusing = -1;
static int deaf = -1;
static int deaf_fill[8];

static int bind_loopback(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made >= 0 && bind(made, (struct sockaddr *)&address, sizeof address) == 0)
    return made;
  return -1;
}

static uint16_t port_of(int made)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  if (getsockname(made, (struct sockaddr *)&address, &size) != 0)
    return 0;
  return ntohs(address.sin_port);
}

/* A queue that is full makes the kernel drop every further SYN. */
static bool fill_queue(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_of(deaf));
  for (size_t i = 0; i < sizeof deaf_fill / sizeof deaf_fill[0]; i++) {
    deaf_fill[i] =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (deaf_fill[i] < 0)
      return false;
    (void)connect(deaf_fill[i], (struct sockaddr *)&address, sizeof address);
  }
  return true;
}

bool matrix_targets_open(void)
{
  refusing = bind_loopback();
  deaf = bind_loopback();
  return refusing >= 0 && deaf >= 0 && listen(deaf, 0) == 0 && fill_queue();
}

void matrix_targets_close(void)
{
  for (size_t i = 0; i < sizeof deaf_fill / sizeof deaf_fill[0]; i++)
    close(deaf_fill[i]);
  close(deaf);
  close(refusing);
}

static uint16_t port_for(const matrix_worker *worker)
{
  switch (worker->cell->target) {
  case TARGET_REFUSING:
    return port_of(refusing);
  case TARGET_DEAF:
    return port_of(deaf);
  default:
    return fault_server_port(worker->server);
  }
}

/* ---- the client ---- */

static signet_account *open_account(const matrix_worker *worker,
                                    signet_loop *loop)
{
  const matrix_cell *cell = worker->cell;
  char url[64];
  signet_error error = SIGNET_ERROR_INIT;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  snprintf(url, sizeof url, "http://127.0.0.1:%u", port_for(worker));
  options.dialect = cell->endpoint->dialect;
  options.base_url = url;
  options.key = MATRIX_KEY;
  options.secret = MATRIX_SECRET;
  options.concurrency = 1;
  options.attempts = 1;
  options.attempts = 1; /* a cell is about what one request comes to */
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
  signet_call *call = start(account, cell);
  if (wait_for(loop, call))
    look(call, account, sight);
  else
    result = RAN_STUCK;
  if (result == RAN && cell->again != AGAIN_NOT) {
    wait_for_answered(worker);
    sight->second = read_warm(loop, account);
  }
  signet_account_close(account);
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
  int64_t before = balance;
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
  const char *problem = ran == RAN_NOT ? "the connection could not be warmed"
                                       : examine(worker, ran, balance - before,
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
  fault_script script = {answer, answered, gate, made};
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
