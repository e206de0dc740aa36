/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/wal.h"

#include <string.h>
#include <unistd.h>

enum {
  HEADER = SIGNET_STORE_WAL_HEADER,
  FRAME = SIGNET_STORE_WAL_FRAME,
  SUMMED = 8, /* bytes of a frame's head that its checksum is of */
  PAGE_MINIMUM = 512
};

static const uint32_t MAGIC = 0x377f0682; /* and one more: big-endian sums */

static uint32_t word(const unsigned char *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         at[3];
}

static uint32_t word_of_sum(const unsigned char *at, bool big_endian)
{
  return big_endian ? word(at)
                    : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
                          (uint32_t)at[1] << 8 | at[0];
}

static void add_to_sum(signet_store_wal *wal, const unsigned char *bytes,
                       size_t size)
{
  for (size_t i = 0; i < size; i += 8) {
    wal->sum[0] += word_of_sum(bytes + i, wal->big_endian) + wal->sum[1];
    wal->sum[1] += word_of_sum(bytes + i + 4, wal->big_endian) + wal->sum[0];
  }
}

/* @return how much of it is there */
static size_t read_at(const signet_store_wal *wal, unsigned char *out,
                      size_t size, int64_t at)
{
  ssize_t length = 0;

  if (wal->bytes == NULL) {
    length = pread(wal->file, out, size, at);
  } else if ((size_t)at < wal->size) {
    size_t left = wal->size - (size_t)at;

    length = (ssize_t)(left < size ? left : size);
    memcpy(out, wal->bytes + at, (size_t)length);
  }
  return length > 0 ? (size_t)length : 0;
}

static bool read_header(signet_store_wal *wal)
{
  unsigned char head[HEADER];

  if (read_at(wal, head, sizeof head, 0) != sizeof head ||
      (word(head) & ~1u) != MAGIC)
    return false;
  wal->big_endian = (word(head) & 1) != 0;
  wal->page = word(head + 8);
  wal->salt[0] = word(head + 16);
  wal->salt[1] = word(head + 20);
  add_to_sum(wal, head, SUMMED * 3);
  return wal->page >= PAGE_MINIMUM &&
         wal->page <= SIGNET_STORE_WAL_PAGE_MAXIMUM &&
         (wal->page & (wal->page - 1)) == 0 && wal->sum[0] == word(head + 24) &&
         wal->sum[1] == word(head + 28);
}

/* @return bytes of the frame that are there, 0: none of its head */
static size_t read_frame(signet_store_wal *wal, int64_t index)
{
  size_t size = FRAME + wal->page;
  size_t length =
      read_at(wal, wal->frame, size, HEADER + index * (int64_t)size);

  return length >= FRAME ? length : 0;
}

static bool is_of_log(const signet_store_wal *wal)
{
  return word(wal->frame + 8) == wal->salt[0] &&
         word(wal->frame + 12) == wal->salt[1];
}

static bool is_commit(const signet_store_wal *wal)
{
  return word(wal->frame + 4) != 0;
}

bool signet_store_wal_read(signet_store_wal *wal)
{
  wal->begins = read_header(wal);
  if (!wal->begins)
    return false;
  while (read_frame(wal, wal->frames) == FRAME + wal->page && is_of_log(wal) &&
         word(wal->frame) != 0) {
    add_to_sum(wal, wal->frame, SUMMED);
    add_to_sum(wal, wal->frame + FRAME, wal->page);
    if (wal->sum[0] != word(wal->frame + 16) ||
        wal->sum[1] != word(wal->frame + 20))
      break;
    wal->frames++;
    if (is_commit(wal))
      wal->committed = wal->frames;
  }
  return true;
}

/* A commit is durable before the next frame is written. So where a frame of
 * this log follows a commit that SQLite doesn't take, that commit was lost.
 * What was not durable yet may be there in part, after a power cut. */
int64_t signet_store_wal_lost(signet_store_wal *wal)
{
  int64_t lost = 0;
  bool commit = false;

  for (int64_t i = wal->frames; read_frame(wal, i) > 0; i++) {
    if (is_of_log(wal)) {
      lost += commit;
      commit = is_commit(wal);
    }
  }
  return lost;
}

/* From the back, since this may be cut short as well. What can't be written now
 * is found by the next one that opens the journal. */
void signet_store_wal_clear_rest(signet_store_wal *wal)
{
  static const unsigned char none[FRAME] = {0};
  int64_t size = FRAME + (int64_t)wal->page;
  int64_t end = wal->committed;
  while (read_frame(wal, end) > 0)
    end++;
  while (end-- > wal->committed) {
    if (read_frame(wal, end) > 0 && is_of_log(wal)) {
      ssize_t written =
          pwrite(wal->file, none, sizeof none, HEADER + end * size);
      (void)written;
    }
  }
}

const unsigned char *signet_store_wal_frame(signet_store_wal *wal,
                                            int64_t index, uint32_t *number,
                                            uint32_t *pages)
{
  (void)read_frame(wal, index);
  *number = word(wal->frame);
  *pages = word(wal->frame + 4);
  return wal->frame + FRAME;
}
