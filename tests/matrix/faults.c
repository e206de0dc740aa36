/* SPDX-License-Identifier: MIT */
/* Faults around the reply: headers, connections, time, requests that libcurl
 * would send again by itself. */
#include "matrix.h"

#include <stdlib.h>
#include <string.h>

enum { LATER_MS = 150, SOON_MS = 2 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- headers ---- */

/* Whole replies: \1 the body's length, \2 one less, \3 one more, \4 the body,
 * \5 its length in hexadecimal. */
static const char *const heads[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: \1\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \1\r\nContent-Length: \2\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \2\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \1, \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \2\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \3\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: +\1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: 0x\5\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \1\r\nTransfer-Encoding: "
    "chunked\r\n\r\n"
    "\5\r\n\4\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "\5\r\n\4\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "\5;name=value\r\n\4\r\n0\r\nTrailer: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "ffffffffffffffff\r\n\4\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "-5\r\n\4\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n"
    "Content-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
    "\1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: "
    "\1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nX-Folded: one\r\n  two\r\n\tthree\r\nContent-Length: "
    "\1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length:\r\n \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\n Content-Length: \1\r\n\r\n\4",
    "HTTp/1.1 200 OK\r\n X: y\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\n\tX: y\nContent-Length: \1\n\n\4",
    "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\n X: y\r\nContent-Length: "
    "\1\r\n\r\n\4",
    "HTTP/1.1 100 Go on\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n X: y\r\n"
    "Content-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\n \r\n\t\r\n  \r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\n:\r\n folded\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "\5\r\n\4\r\n0\r\n folded: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length : \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\n: nameless\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nX: \x1b[31mred\x7f\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \1\r\nLocation: http://evil/\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \1\r\nSet-Cookie: a=b\r\n"
    "Set-Cookie: c=d\r\n\r\n\4",
    "HTTP/1.1 200 OK\r\nContent-Length: \1\r\nConnection: close\r\n\r\n\4",
    "HTTP/1.0 200 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1  200 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 2000 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 20 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 -20 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/2 200 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/3.7 200 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 200 OK\nContent-Length: \1\n\n\4",
    "\r\nHTTP/1.1 200 OK\r\nContent-Length: \1\r\n\r\n\4",
    "ICY 200 OK\r\nContent-Length: \1\r\n\r\n\4",
    "\4",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
    "\1\r\n\r\n\4",
    "HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\n"
    "Content-Length: \1\r\n\r\n\4",
    "HTTP/1.1 102 Wait\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n"
    "Content-Length: \1\r\n\r\n\4",
    "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    "HTTP/1.1 200 OK\r\nContent-Length: \1\r\n\r\n\4",
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n"
    "Content-Length: 0\r\n\r\n",
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM"
    "\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 429 Slow\r\nRetry-After: 5\r\nRetry-After: 9\r\n"
    "Content-Length: 2\r\n\r\n{}",
    "HTTP/1.1 429 Slow\r\nRetry-After: -5\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.1 429 Slow\r\nRetry-After: 99999999999999999999\r\n"
    "Content-Length: 2\r\n\r\n{}",
    "HTTP/1.1 429 Slow\r\nRetry-After: Wed, 21 Oct 2099 07:28:00 GMT\r\n"
    "Content-Length: 2\r\n\r\n{}",
    "HTTP/1.1 302 Go\r\nLocation: //evil/\x1b[31m\r\nContent-Length: 0\r\n\r\n",
};

static char *fill_head(const char *head, const char *body, size_t *length)
{
  size_t inner = strlen(body);
  size_t marks = 0;
  for (const char *at = head; *at != '\0'; at++)
    marks += *at > 0 && *at <= 5;
  char *text = malloc(strlen(head) + marks * (inner + 20) + 1);
  size_t used = 0;
  if (text == NULL)
    abort();
  for (; *head != '\0'; head++)
    if (*head >= 1 && *head <= 3)
      used += (size_t)sprintf(text + used, "%zu",
                              inner + (*head == 3) - (*head == 2));
    else if (*head == 4)
      used += (size_t)sprintf(text + used, "%s", body);
    else if (*head == 5)
      used += (size_t)sprintf(text + used, "%zx", inner);
    else
      text[used++] = *head;
  *length = used;
  return text;
}

static bool is_no(const char *head)
{
  return strstr(head, "\4") == NULL && strstr(head, " 4") != NULL;
}

static void add_head(const matrix_endpoint *endpoint, const char *head)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  char *text = fill_head(head, endpoint->success, &cell.reply.length);
  cell.reply.data = matrix_keep(text);
  cell.reply.end = FAULT_CLOSE;
  if (is_no(head))
    cell.effect = EFFECT_NONE;
  for (cell.reused = 0; cell.reused < 2; cell.reused++)
    matrix_add(&cell);
}

/* So many times a piece of text within a head. */
static const struct {
  const char *before;
  const char *piece;
  size_t times;
  const char *after;
} floods[] = {
    {"", "HTTP/1.1 100 Continue\r\n\r\n", 50, "HTTP/1.1 200 OK\r\n"},
    {"", "HTTP/1.1 100 Continue\r\n\r\n", 40000, "HTTP/1.1 200 OK\r\n"},
    {"", "HTTP/1.1 103 Early\r\nLink: </a>; rel=preload\r\n\r\n", 3000,
     "HTTP/1.1 200 OK\r\n"},
    {"HTTP/1.1 200 OK\r\nX-Huge: ", "0123456789abcdef", 1000, "\r\n"},
    {"HTTP/1.1 200 OK\r\nX-Huge: ", "0123456789abcdef", 8000, "\r\n"},
    {"HTTP/1.1 200 OK\r\n", "X-Many: 0123456789abcdef\r\n", 200, ""},
    {"HTTP/1.1 200 OK\r\n", "X-Many: 0123456789abcdef\r\n", 20000, ""},
    {"HTTP/1.1 200 OK\r\nX-Folded: a\r\n", " 0123456789abcdef\r\n", 5000, ""},
    {"HTTP/1.1 200 ", "0123456789abcdef", 8000, "\r\n"},
    {"HTTP/1.1 200 OK\r\n", "Content-Length: \1\r\n", 500, ""},
    {"HTTP/1.1 429 Slow\r\n", "Retry-After: 1\r\n", 500, ""},
};

static void add_flood(const matrix_endpoint *endpoint, size_t number)
{
  size_t piece = strlen(floods[number].piece);
  size_t length = piece * floods[number].times;
  char *text = malloc(length + 200);
  matrix_cell cell = matrix_new_cell(endpoint);
  if (text == NULL)
    abort();
  char *at = stpcpy(text, floods[number].before);
  for (size_t i = 0; i < floods[number].times; i++)
    at = stpcpy(at, floods[number].piece);
  at = stpcpy(at, floods[number].after);
  strcpy(at, "Content-Length: \1\r\n\r\n\4");
  char *filled = fill_head(text, endpoint->success, &cell.reply.length);
  free(text);
  cell.reply.data = matrix_keep(filled);
  cell.reply.end = FAULT_CLOSE;
  if (strstr(floods[number].before, "429") != NULL)
    cell.effect = EFFECT_NONE;
  for (cell.reused = 0; cell.reused < 2; cell.reused++)
    matrix_add(&cell);
}

void matrix_make_headers(void)
{
  for (size_t i = 0; i < matrix_endpoint_count; i++) {
    const matrix_endpoint *endpoint = &matrix_endpoints[i];
    for (size_t k = 0; k < COUNT(heads); k++)
      add_head(endpoint, heads[k]);
    for (size_t k = 0; k < COUNT(floods); k++)
      add_flood(endpoint, k);
  }
}

/* ---- connections ---- */

static const fault_end ends[] = {FAULT_CLOSE, FAULT_RESET, FAULT_STALL};

static void answer_well(matrix_cell *cell)
{
  cell->reply.data = matrix_reply(200, FRAME_LENGTH, "",
                                  cell->endpoint->success, &cell->reply.length);
  cell->reply.end = FAULT_KEEP;
}

static void add_targets(const matrix_endpoint *endpoint)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  cell.target = TARGET_REFUSING;
  matrix_add(&cell);
  cell.target = TARGET_DEAF;
  cell.impatient = true;
  matrix_add(&cell);
}

/* The server leaves in the middle of the request. */
static void add_gates(const matrix_endpoint *endpoint)
{
  static const size_t bytes[] = {0, 1, 4, 20, 60, 100, 140, 180, 220, 260};
  matrix_cell cell = matrix_new_cell(endpoint);
  answer_well(&cell);
  for (size_t i = 0; i < COUNT(bytes); i++) {
    for (size_t k = 0; k < COUNT(ends); k++) {
      for (unsigned reused = 0; reused < 4; reused++) {
        if (bytes[i] == 0 && reused % 2 == 1)
          continue;
        cell.gate = (fault_gate){bytes[i], ends[k]};
        cell.impatient = ends[k] == FAULT_STALL;
        cell.reused = reused % 2;
        cell.once = reused / 2 == 1;
        matrix_add(&cell);
      }
    }
  }
}

/* The request is read, and nothing is said to it. */
static void add_silence(const matrix_endpoint *endpoint)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  for (size_t k = 0; k < COUNT(ends); k++) {
    for (int effect = EFFECT_NONE; effect <= EFFECT_LATE; effect++) {
      for (unsigned reused = 0; reused < 4; reused++) {
        cell.reply.end = ends[k];
        cell.impatient = ends[k] == FAULT_STALL;
        cell.effect = (matrix_effect)effect;
        cell.late_ms = SOON_MS;
        cell.reused = reused % 2;
        cell.once = reused / 2 == 1;
        cell.again = cell.impatient ? AGAIN_MAY_FAIL : AGAIN_WORKS;
        matrix_add(&cell);
      }
    }
  }
}

/* The connection is closed while nobody uses it. */
static void add_dropped(const matrix_endpoint *endpoint)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  answer_well(&cell);
  cell.drops_idle = true;
  for (cell.reused = 1; cell.reused < 10; cell.reused++)
    matrix_add(&cell);
}

void matrix_make_connections(void)
{
  for (size_t i = 0; i < matrix_endpoint_count; i++) {
    add_targets(&matrix_endpoints[i]);
    add_gates(&matrix_endpoints[i]);
    add_silence(&matrix_endpoints[i]);
    add_dropped(&matrix_endpoints[i]);
  }
}

/* ---- time, and replies that come twice ---- */

static void add_both(matrix_cell *cell)
{
  for (cell->reused = 0; cell->reused < 2; cell->reused++)
    matrix_add(cell);
}

static void add_late(const matrix_endpoint *endpoint)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  answer_well(&cell);
  cell.impatient = true;
  cell.again = AGAIN_MAY_FAIL;
  cell.reply.delay_ms = LATER_MS;
  add_both(&cell);
  cell.effect = EFFECT_LATE;
  cell.late_ms = LATER_MS;
  add_both(&cell);
  cell.effect = EFFECT_BEFORE;
  cell.reply.delay_ms = 0;
  cell.reply.pause_ms = LATER_MS;
  for (cell.reply.pause_at = 1; cell.reply.pause_at < cell.reply.length;
       cell.reply.pause_at += 13)
    add_both(&cell);
}

static void add_drips(const matrix_endpoint *endpoint)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  answer_well(&cell);
  cell.again = AGAIN_WORKS;
  for (cell.reply.piece = 2; cell.reply.piece < 40; cell.reply.piece *= 3)
    add_both(&cell);
  cell.reply.piece = 1;
  cell.impatient = true;
  cell.again = AGAIN_MAY_FAIL;
  add_both(&cell);
}

/* What the first reply is followed by, at once or a little later. */
static void add_behind(const matrix_endpoint *endpoint, const char *behind)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  answer_well(&cell);
  size_t first = cell.reply.length;
  char *text = malloc(first + strlen(behind) + 1);
  if (text == NULL)
    abort();
  memcpy(text, cell.reply.data, first);
  strcpy(text + first, behind);
  cell.reply.data = matrix_keep(text);
  cell.reply.length = first + strlen(behind);
  cell.again = AGAIN_WORKS;
  add_both(&cell);
  cell.reply.pause_at = first;
  cell.reply.pause_ms = SOON_MS;
  add_both(&cell);
}

static void add_ends(const matrix_endpoint *endpoint)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  answer_well(&cell);
  cell.again = AGAIN_WORKS;
  cell.reply.end = FAULT_CLOSE;
  add_both(&cell);
  cell.reply.end = FAULT_RESET;
  add_both(&cell);
}

void matrix_make_times(void)
{
  for (size_t i = 0; i < matrix_endpoint_count; i++) {
    const matrix_endpoint *endpoint = &matrix_endpoints[i];
    size_t length;
    add_late(endpoint);
    add_drips(endpoint);
    add_ends(endpoint);
    add_behind(endpoint, "\r\n");
    add_behind(endpoint, "garbage");
    add_behind(endpoint,
               matrix_reply(200, FRAME_LENGTH, "", endpoint->success, &length));
    add_behind(endpoint,
               matrix_reply(200, FRAME_LENGTH, "",
                            "{\"sign_id\":\"100\",\"sign_name\":\"Evil\"}",
                            &length));
  }
}

/* ---- requests that libcurl would send again ---- */

enum { RESENDS = 1000 };

void matrix_make_resends(void)
{
  static const unsigned sizes[] = {0,   1,    60,    120,   180,   240,   300,
                                   400, 1000, 16000, 60000, 66000, 200000};
  for (size_t i = 0; i < matrix_endpoint_count; i++) {
    matrix_cell cell = matrix_new_cell(&matrix_endpoints[i]);
    for (unsigned k = 0; k < RESENDS; k++) {
      cell.reused = 1 + k % 4;
      cell.once = k % 3 != 0;
      cell.reply.end = k % 5 == 0 ? FAULT_RESET : FAULT_CLOSE;
      cell.effect = k % 7 == 0 ? EFFECT_NONE : EFFECT_BEFORE;
      cell.fields = sizes[k % COUNT(sizes)];
      cell.again = AGAIN_WORKS;
      matrix_add(&cell);
    }
  }
}

/* ---- requests that signet sends again, writes that it settles ---- */

/* What goes wrong, and whether nothing of it is for good. */
static const struct {
  int status; /* 0: no reply */
  const char *body;
  fault_end end;
  size_t cut; /* bytes of the reply that are not sent */
  bool passes;
} troubles[] = {
    {0, "", FAULT_CLOSE, 0, true},
    {0, "", FAULT_RESET, 0, true},
    {500, "{\"code\":500,\"message\":\"Internal server error\"}", FAULT_KEEP, 0,
     true},
    {502, "<html>Bad gateway</html>", FAULT_KEEP, 0, true},
    {503, "<html>Away</html>", FAULT_CLOSE, 0, true},
    {429, "{}", FAULT_KEEP, 0, true},
    {408, "<html>Slow</html>", FAULT_CLOSE, 0, false},
    {200, "<html>Log in</html>", FAULT_KEEP, 0, false},
    {200, "{\"code\":0,\"message\":\"success\"}", FAULT_CLOSE, 3, true},
    {429, "{}", FAULT_CLOSE, 30, true},
};

static const struct {
  matrix_effect effect;
  unsigned late_ms;
} effects[] = {{EFFECT_NONE, 0},
               {EFFECT_BEFORE, 0},
               {EFFECT_LATE, 3},
               {EFFECT_LATE, 15},
               {EFFECT_LATE, 80}};

static void add_retries(const matrix_endpoint *endpoint, size_t trouble,
                        size_t effect)
{
  static const unsigned times[] = {1, 2, 9};
  matrix_cell cell = matrix_new_cell(endpoint);
  bool change =
      endpoint->verb == SIGNET_UPDATE || endpoint->verb == SIGNET_DELETE;
  if (troubles[trouble].status != 0)
    cell.reply.data = matrix_reply(troubles[trouble].status, FRAME_LENGTH,
                                   "Retry-After: 0\r\n", troubles[trouble].body,
                                   &cell.reply.length);
  cell.reply.length -= troubles[trouble].cut;
  cell.reply.end = troubles[trouble].end;
  cell.effect = effects[effect].effect;
  cell.late_ms = effects[effect].late_ms;
  cell.retries = true;
  for (size_t i = 0; i < COUNT(times); i++) {
    cell.times = times[i];
    cell.must_work = times[i] == 1 && troubles[trouble].passes &&
                     (change || !matrix_writes(endpoint));
    add_both(&cell);
  }
}

void matrix_make_retries(void)
{
  for (size_t i = 0; i < matrix_endpoint_count; i++)
    for (size_t trouble = 0; trouble < COUNT(troubles); trouble++)
      for (size_t effect = 0; effect < COUNT(effects); effect++) {
        bool lies = troubles[trouble].status == 429 && effect > 0 &&
                    troubles[trouble].cut == 0;
        bool reads = !matrix_writes(&matrix_endpoints[i]) && effect > 0;
        if (!lies && !reads)
          add_retries(&matrix_endpoints[i], trouble, effect);
      }
}
