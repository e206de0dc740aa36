/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/chain.h"

#include "job/store/sqlite/sqlite.h"
#include "model/memory.h"

/* A batch, in the place of its sequence. */
typedef struct placed {
  int64_t number; /* 0: nothing stands here */
  signet_batch_link link;
  uint64_t digest[2];
} placed;

typedef struct chain {
  placed *places;
  int64_t room;
  int64_t last;    /* the highest sequence */
  int64_t base;    /* what is before it is not checked */
  int64_t highest; /* a sequence beyond it is damaged */
} chain;

static bool make_room(chain *all, int64_t sequence)
{
  int64_t room = all->room > 0 ? all->room : 256;
  placed *places;

  if (sequence < all->room)
    return true;
  while (room <= sequence)
    room *= 2;
  places = signet_memory_resize(all->places, (size_t)room, sizeof places[0]);
  if (places == NULL)
    return false;
  for (int64_t i = all->room; i < room; i++)
    places[i] = (placed){0};
  all->places = places;
  all->room = room;
  return true;
}

static bool take(chain *all, int64_t number, const char *content, size_t length)
{
  signet_batch_link link;
  placed *place;

  if (content == NULL || !signet_batch_read_link(content, length, &link) ||
      link.sequence <= 0 || link.sequence > all->highest)
    return true; /* it is missing where it should be, if it should */
  if (!make_room(all, link.sequence))
    return false;
  place = &all->places[link.sequence];
  place->number = number;
  place->link = link;
  signet_batch_digest(number, content, length, place->digest);
  all->last = link.sequence > all->last ? link.sequence : all->last;
  if (number >> SIGNET_STORE_BATCH_BITS == 0 && link.sequence > all->base)
    all->base = link.sequence;
  return true;
}

static bool fits(const placed *before, const signet_batch_link *link)
{
  return before->number == link->before &&
         before->digest[0] == link->digest[0] &&
         before->digest[1] == link->digest[1];
}

/* What a batch says of the one before counts where it is the one that was put
 * itself. */
static void find_break(const chain *all, signet_store_break *found)
{
  bool sound = true;

  for (int64_t i = all->last; i > all->base && i > 1; i--) {
    const placed *place = &all->places[i];

    if (place->number == 0 || !sound) {
      sound = true;
      continue; /* found by the one after it */
    }
    sound = fits(&all->places[i - 1], &place->link);
    if (!sound) {
      *found = (signet_store_break){place->link.before,
                                    all->places[i - 1].number == 0};
    }
  }
}

/* Some batches may be lost, so that there are fewer than were counted. */
static int count_batches(sqlite3 *database, chain *all)
{
  enum { LOST_MAXIMUM = 100000 };
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(database, "SELECT count(*) FROM batches", -1,
                                &statement, NULL);

  if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    all->highest = sqlite3_column_int64(statement, 0) + LOST_MAXIMUM;
  return code == SQLITE_OK ? sqlite3_finalize(statement) : code;
}

static int read_all(sqlite3 *database, chain *all)
{
  sqlite3_stmt *statement = NULL;
  int step,
      code = sqlite3_prepare_v2(database, "SELECT number, content FROM batches",
                                -1, &statement, NULL);

  if (code != SQLITE_OK)
    return code;
  while (code == SQLITE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW) {
    const char *content = sqlite3_column_blob(statement, 1);

    if (!take(all, sqlite3_column_int64(statement, 0), content,
              (size_t)sqlite3_column_bytes(statement, 1)) ||
        (content == NULL && sqlite3_errcode(database) == SQLITE_NOMEM))
      code = SQLITE_NOMEM;
  }
  step = sqlite3_finalize(statement);
  return code != SQLITE_OK ? code : step;
}

int signet_store_read_chain(sqlite3 *database, signet_store_head *head,
                            signet_store_break *found)
{
  chain all = {0};
  int code = count_batches(database, &all);

  *head = (signet_store_head){0};
  *found = (signet_store_break){0};
  if (code == SQLITE_OK)
    code = read_all(database, &all);
  if (code == SQLITE_OK && all.last > 0) {
    const placed *last = &all.places[all.last];

    *head = (signet_store_head){all.last,
                                last->number,
                                last->link.put_ms,
                                {last->digest[0], last->digest[1]}};
    find_break(&all, found);
  }
  signet_memory_free(all.places);
  return code;
}

signet_batch_link signet_store_next_link(const signet_store_head *head,
                                         int64_t put_ms)
{
  return (signet_batch_link){.sequence = head->sequence + 1,
                             .put_ms = put_ms,
                             .before = head->number,
                             .digest = {head->digest[0], head->digest[1]}};
}

void signet_store_set_head(signet_store_head *head,
                           const signet_batch_link *link, int64_t number,
                           const signet_buffer *content)
{
  head->sequence = link->sequence;
  head->number = number;
  head->put_ms = link->put_ms;
  signet_batch_digest(number, content->data, content->length, head->digest);
}
