/* SPDX-License-Identifier: MIT */
/* Faults in the bytes of a reply: cut, flipped, any status, odd bodies. */
#include "matrix.h"

#include <stdlib.h>
#include <string.h>

/* A reply of each kind to one endpoint: three framings of a success, then what
 * says no in different words. */
enum { VARIANTS = 6, REFUSALS = 3 };

static const char *variant(const matrix_endpoint *endpoint, size_t number,
                           size_t *length)
{
  switch (number) {
  case REFUSALS:
    return matrix_reply(400, FRAME_LENGTH, "", endpoint->refusal, length);
  case REFUSALS + 1:
    return matrix_reply(429, FRAME_LENGTH, "Retry-After: 1\r\n", "{}", length);
  case REFUSALS + 2:
    return matrix_reply(403, FRAME_LENGTH, "", "<html>", length);
  default:
    return matrix_reply(200, (matrix_framing)number, "", endpoint->success,
                        length);
  }
}

static void set_effect(matrix_cell *cell, bool refuses)
{
  cell->effect = refuses ? EFFECT_NONE : EFFECT_BEFORE;
}

/* ---- cut at every byte ---- */

/* @p last: the longest of the cuts; one of @p whole bytes is no cut. */
static void cut_reply(matrix_cell *cell, size_t last, size_t whole)
{
  static const fault_end ends[] = {FAULT_CLOSE, FAULT_RESET, FAULT_STALL};
  for (size_t length = 0; length <= last; length++) {
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
      cell->reply.length = length;
      cell->reply.end = ends[i];
      /* What stalls before the end is ended by the client. */
      cell->impatient = ends[i] == FAULT_STALL && length < whole;
      for (unsigned reused = 0; reused < 2; reused++) {
        cell->reused = reused;
        matrix_add(cell);
      }
    }
  }
}

void matrix_make_cuts(void)
{
  for (size_t i = 0; i < matrix_endpoint_count; i++) {
    for (size_t number = 0; number < VARIANTS; number++) {
      size_t whole;
      matrix_cell cell = matrix_new_cell(&matrix_endpoints[i]);
      cell.reply.data = variant(cell.endpoint, number, &whole);
      set_effect(&cell, number >= REFUSALS);
      /* Without a length, only closing ends it. */
      cut_reply(&cell, number == FRAME_CLOSE ? whole - 1 : whole, whole);
      if (number != FRAME_CLOSE)
        continue;
      cell.reply.length = whole;
      cell.reply.end = FAULT_CLOSE;
      cell.impatient = false;
      matrix_add(&cell);
    }
  }
}

/* ---- one bit flipped ---- */

void matrix_make_flips(void)
{
  for (size_t i = 0; i < matrix_endpoint_count; i++) {
    for (size_t number = 0; number < VARIANTS; number++) {
      size_t whole;
      matrix_cell cell = matrix_new_cell(&matrix_endpoints[i]);
      cell.reply.data = variant(cell.endpoint, number, &whole);
      cell.reply.length = whole;
      cell.reply.end = FAULT_CLOSE;
      set_effect(&cell, number >= REFUSALS);
      for (size_t at = 0; at < whole; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
          cell.flip_at = at;
          cell.flip_mask = (unsigned char)(1U << bit);
          cell.reused = (at + bit) % 2;
          matrix_add(&cell);
        }
      }
    }
  }
}

/* ---- every status ---- */

enum { PAGE, EMPTY, SUCCESS, REFUSAL, CODE_0, BODIES };

static const char *body_of(const matrix_endpoint *endpoint, int kind)
{
  switch (kind) {
  case PAGE:
    return "<html><body>Something is wrong here</body></html>";
  case EMPTY:
    return "";
  case SUCCESS:
    return endpoint->success;
  case CODE_0: /* as the other dialect says it */
    return "{\"code\":0,\"message\":\"success\"}";
  default:
    return endpoint->refusal;
  }
}

/* Whether the service may have done it all the same. */
static bool may_work(int status, int kind)
{
  return kind == SUCCESS || kind == CODE_0 || status >= 500 || status == 408 ||
         status < 200 ||
         (status >= 300 && status != 307 && status != 308 && status < 400 &&
          kind != REFUSAL) ||
         (status >= 200 && status < 300 && kind != REFUSAL);
}

void matrix_make_statuses(void)
{
  static const char *const headers[] = {
      "", "Retry-After: 7\r\nLocation: https://elsewhere.example/x\r\n"};
  for (int status = 100; status < 600; status++) {
    for (size_t i = 0; i < matrix_endpoint_count; i++) {
      for (int kind = 0; kind < BODIES; kind++) {
        matrix_cell cell = matrix_new_cell(&matrix_endpoints[i]);
        if (kind == CODE_0 && cell.endpoint->dialect != SIGNET_SIGNS)
          continue;
        cell.reply.data =
            matrix_reply(status, FRAME_LENGTH, headers[(status + kind) % 2],
                         body_of(cell.endpoint, kind), &cell.reply.length);
        cell.reply.end = FAULT_CLOSE;
        cell.reused = ((unsigned)status + (unsigned)i) % 2;
        set_effect(&cell, !may_work(status, kind));
        matrix_add(&cell);
      }
    }
  }
}

/* ---- bodies that don't say what they must ---- */

static const char *const odd_bodies[] = {
    "",
    "null",
    "true",
    "0",
    "\"\"",
    "[]",
    "{}",
    "[{}]",
    "[[]]",
    "[null]",
    "{\"code\":\"0\",\"message\":\"success\"}",
    "{\"code\":0.0}",
    "{\"code\":-0}",
    "{\"code\":0,\"code\":400}",
    "{\"code\":400,\"code\":0}",
    "{\"code\":18446744073709551616}",
    "{\"code\":0",
    "{\"code\":0}}",
    "{\"code\":0} x",
    "{\"code\":0}\n \t\r",
    "\xEF\xBB\xBF{\"code\":0}",
    "{'code':0}",
    "{\"code\":0,}",
    "{\"code\":00}",
    "{\"message\":\"success\"}",
    "{\"Code\":0}",
    "{\"code\":null}",
    "{\"code\":true}",
    "{\"code\":[0]}",
    "{\"code\":0,\"message\":null}",
    "{\"code\":0,\"message\":\"\xC3\x28\"}",
    "{\"code\":0,\"message\":\"\xED\xA0\x80\"}",
    "{\"code\":1,\"message\":\"\\u001b[31m\\u202e\"}",
    "{\"code\":500,\"message\":\"Internal server error\"}",
    "{\"code\":400,\"message\":\"\x1b[2J\"}",
    "{\"count\":0}",
    "{\"count\":\"1\"}",
    "{\"count\":-1}",
    "{\"count\":2}",
    "{\"sign_id\":\"\"}",
    "{\"sign_id\":\"../102\"}",
    "{\"sign_id\":\"12345678901234567890\"}",
    "{\"sign_id\":101.0}",
    "{\"sign_id\":-101}",
    "{\"sign_id\":\"102\",\"sign_name\":\"Other\"}",
    "{\"template_id\":\"202\"}",
    "{\"result\":{\"sign_id\":102}}",
    "{\"result\":null,\"count\":0,\"total\":0}",
    "{\"sign_id\":\"900\",\"code\":400}",
    "[{\"sign_id\":\"101\"},{\"sign_id\":\"101\"}]",
    "[{\"sign_id\":\"101\"},]",
    "[{\"sign_id\":\"101\"}{\"sign_id\":\"102\"}]",
    "[{\"sign_id\":\"101\"}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
};

static void add_odd(const matrix_endpoint *endpoint, const char *body)
{
  for (int number = 0; number < 3; number++) {
    matrix_cell cell = matrix_new_cell(endpoint);
    if (number == FRAME_CHUNKED && strlen(body) < 6)
      continue;
    cell.reply.data =
        matrix_reply(200, (matrix_framing)number, "", body, &cell.reply.length);
    cell.reply.end = number == FRAME_CLOSE ? FAULT_CLOSE : FAULT_KEEP;
    for (unsigned reused = 0; reused < 2; reused++) {
      cell.reused = reused;
      matrix_add(&cell);
    }
  }
}

/* The service says that it created something, but not its id. */
static void add_lookups(const matrix_endpoint *endpoint)
{
  matrix_cell cell = matrix_new_cell(endpoint);
  if (endpoint->verb != SIGNET_CREATE || endpoint->dialect != SIGNET_CONFIGS)
    return;
  cell.reply.data =
      matrix_reply(200, FRAME_LENGTH, "",
                   "{\"code\":0,\"message\":\"success\"}", &cell.reply.length);
  for (cell.stale = 0; cell.stale < 3; cell.stale++) {
    for (unsigned reused = 0; reused < 2; reused++) {
      cell.reused = reused;
      matrix_add(&cell);
    }
  }
}

/* Larger than the limit, said before or found out on the way. */
static void add_large(const matrix_endpoint *endpoint)
{
  for (int number = 0; number < 3; number++) {
    size_t whole;
    matrix_cell cell = matrix_new_cell(endpoint);
    cell.reply.data = matrix_reply(200, (matrix_framing)number, "",
                                   endpoint->success, &whole);
    cell.reply.length = whole;
    cell.reply.end = FAULT_CLOSE;
    cell.max_reply_bytes = 12;
    cell.too_large = true;
    matrix_add(&cell);
  }
}

void matrix_make_contents(void)
{
  for (size_t i = 0; i < matrix_endpoint_count; i++) {
    const matrix_endpoint *endpoint = &matrix_endpoints[i];
    for (size_t k = 0; k < sizeof odd_bodies / sizeof odd_bodies[0]; k++)
      add_odd(endpoint, odd_bodies[k]);
    add_lookups(endpoint);
    if (strlen(endpoint->success) > 12)
      add_large(endpoint);
  }
}
