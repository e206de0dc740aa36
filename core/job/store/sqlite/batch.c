/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/batch.h"

#include <endian.h>
#include <string.h>

enum { NUMBER_SIZE = 10, NUMBER_BITS = 64, BITS = 7 };

/* Seven bits a byte, the lowest first: nearly all numbers are small, and take
 * one or two bytes. */
static char *put_bits(char *at, uint64_t bits)
{
  for (; bits >= 1u << BITS; bits >>= BITS)
    *at++ = (char)(bits | 1u << BITS);
  *at++ = (char)bits;
  return at;
}

/* The sign becomes the lowest bit, so that -1 takes one byte and not ten. */
static void add_number(signet_buffer *out, int64_t number)
{
  char bytes[NUMBER_SIZE];
  uint64_t doubled = (uint64_t)number << 1;
  uint64_t folded = number < 0 ? ~doubled : doubled;

  (void)signet_buffer_append(out, bytes,
                             (size_t)(put_bits(bytes, folded) - bytes));
}

/* With its NUL, so that a reader can lend it as it stands. 0 is kept for none:
 * no text is not an empty one. */
static void add_text(signet_buffer *out, const char *text)
{
  char bytes[NUMBER_SIZE];
  size_t length = text != NULL ? strlen(text) : 0;
  uint64_t coded = text != NULL ? (uint64_t)length + 1 : 0;

  (void)signet_buffer_append(out, bytes,
                             (size_t)(put_bits(bytes, coded) - bytes));
  if (text != NULL)
    (void)signet_buffer_append(out, text, length + 1);
}

/* What an outcome may change, but for the target. */
static void add_end_of(signet_buffer *out, const signet_write_row *row)
{
  add_text(out, row->state);
  add_text(out, row->answer);
  add_text(out, row->error_kind);
  add_text(out, row->error_message);
  add_number(out, row->attempts);
}

void signet_batch_add_write(signet_buffer *out, const signet_write_row *row)
{
  (void)signet_buffer_append(out, row->intended_at != 0 ? "V" : "W", 1);
  add_number(out, row->number);
  add_text(out, row->verb);
  add_text(out, row->kind);
  add_text(out, row->target);
  add_text(out, row->before);
  add_text(out, row->after);
  add_end_of(out, row);
  add_number(out, row->intended_ms);
  add_number(out, row->decided_ms);
  if (row->intended_at != 0)
    add_number(out, row->intended_at);
}

void signet_batch_add_outcome(signet_buffer *out, const signet_write_row *row)
{
  (void)signet_buffer_append(out, row->sent_at != 0 ? "P" : "O", 1);
  add_number(out, row->number);
  add_text(out, row->target);
  add_end_of(out, row);
  add_number(out, row->decided_ms);
  if (row->sent_at != 0)
    add_number(out, row->sent_at);
}

/* ---- links ---- */

/* Of a fixed size, since a link is filled in when the batch behind it is known.
 */
static void put_number(char *at, uint64_t number)
{
  for (int i = 7; i >= 0; i--, number >>= 8)
    at[i] = (char)(number & 0xff);
}

static uint64_t number_at(const char *at)
{
  uint64_t number = 0;

  for (int i = 0; i < 8; i++)
    number = number << 8 | (unsigned char)at[i];
  return number;
}

void signet_batch_reserve_link(signet_buffer *out)
{
  static const char room[SIGNET_BATCH_LINK_SIZE] = "C";

  (void)signet_buffer_append(out, room, sizeof room);
}

void signet_batch_fill_link(signet_buffer *out, const signet_batch_link *link)
{
  const uint64_t numbers[] = {(uint64_t)link->sequence, (uint64_t)link->put_ms,
                              (uint64_t)link->before, link->digest[0],
                              link->digest[1]};

  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    put_number(out->data + 1 + i * 8, numbers[i]);
}

bool signet_batch_read_link(const char *content, size_t length,
                            signet_batch_link *link)
{
  if (length < SIGNET_BATCH_LINK_SIZE || *content != 'C')
    return false;
  *link = (signet_batch_link){
      .sequence = (int64_t)number_at(content + 1),
      .put_ms = (int64_t)number_at(content + 9),
      .before = (int64_t)number_at(content + 17),
      .digest = {number_at(content + 25), number_at(content + 33)}};
  return true;
}

/* Against accidents, and fast: a journal is read whole when it is opened. */
static void feed(uint64_t digest[2], uint64_t word)
{
  digest[0] = (digest[0] ^ word) * 1099511628211u;
  digest[0] ^= digest[0] >> 32;
  digest[1] = (digest[1] + word) * 0x9E3779B97F4A7C15u;
  digest[1] ^= digest[1] >> 29;
}

void signet_batch_digest(int64_t number, const char *content, size_t length,
                         uint64_t digest[2])
{
  uint64_t word;

  digest[0] = 14695981039346656037u;
  digest[1] = 0x243F6A8885A308D3u;
  feed(digest, (uint64_t)number);
  feed(digest, length);
  for (; length >= sizeof word; content += sizeof word, length -= sizeof word) {
    memcpy(&word, content, sizeof word);
    feed(digest, le64toh(word));
  }
  word = 0;
  memcpy(&word, content, length);
  feed(digest, le64toh(word));
}

/* ---- reading ----
 * These bytes come from a file: whatever they are, nothing is read behind their
 * end, and no number has more bits than its type. */

static bool take_bits(signet_batch *batch, uint64_t *bits)
{
  unsigned shift = 0;

  *bits = 0;
  while (batch->at < batch->end && shift < NUMBER_BITS) {
    unsigned char byte = (unsigned char)*batch->at++;

    *bits |= (uint64_t)(byte & ((1u << BITS) - 1)) << shift;
    if (byte >> BITS == 0)
      return true;
    shift += BITS;
  }
  return false;
}

static bool take_number(signet_batch *batch, int64_t *number)
{
  uint64_t bits;

  if (!take_bits(batch, &bits))
    return false;
  *number = (int64_t)(bits >> 1 ^ -(bits & 1));
  return true;
}

static bool take_text(signet_batch *batch, const char **text)
{
  uint64_t length;

  *text = NULL;
  if (!take_bits(batch, &length))
    return false;
  if (length == 0)
    return true;
  if (length > (uint64_t)(batch->end - batch->at) ||
      batch->at[length - 1] != '\0')
    return false;
  *text = batch->at;
  batch->at += length;
  return true;
}

static bool take_end_of(signet_batch *batch, signet_write_row *row)
{
  return take_text(batch, &row->state) && take_text(batch, &row->answer) &&
         take_text(batch, &row->error_kind) &&
         take_text(batch, &row->error_message) &&
         take_number(batch, &row->attempts);
}

static bool take_write(signet_batch *batch, signet_write_row *row)
{
  return take_number(batch, &row->number) && take_text(batch, &row->verb) &&
         take_text(batch, &row->kind) && take_text(batch, &row->target) &&
         take_text(batch, &row->before) && take_text(batch, &row->after) &&
         take_end_of(batch, row) && take_number(batch, &row->intended_ms) &&
         take_number(batch, &row->decided_ms);
}

static bool take_outcome(signet_batch *batch, signet_write_row *row)
{
  return take_number(batch, &row->number) && take_text(batch, &row->target) &&
         take_end_of(batch, row) && take_number(batch, &row->decided_ms);
}

signet_batch_item signet_batch_next(signet_batch *batch, signet_write_row *row)
{
  bool good;
  char letter;

  if (batch->at == batch->end)
    return SIGNET_BATCH_END;
  letter = *batch->at++;
  switch (letter) {
  case 'W':
  case 'V':
    good = take_write(batch, row) &&
           (letter == 'W' || take_number(batch, &row->intended_at));
    return good ? SIGNET_BATCH_WRITE : SIGNET_BATCH_DAMAGED;
  case 'C':
    good = batch->end - batch->at >= SIGNET_BATCH_LINK_SIZE - 1;
    batch->at += good ? SIGNET_BATCH_LINK_SIZE - 1 : 0;
    return good ? SIGNET_BATCH_LINK : SIGNET_BATCH_DAMAGED;
  case 'O':
  case 'P':
    good = take_outcome(batch, row) &&
           (letter == 'O' || take_number(batch, &row->sent_at));
    return good ? SIGNET_BATCH_OUTCOME : SIGNET_BATCH_DAMAGED;
  default:
    return SIGNET_BATCH_DAMAGED;
  }
}
