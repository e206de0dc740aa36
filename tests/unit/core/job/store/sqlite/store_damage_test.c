/* SPDX-License-Identifier: MIT */
/* The store distinguishes a damaged or lost log from one that a crash cut. */
#include "sqlite_support.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMITS = 12, HEADER = 32, FRAME = 24, PAGE = 8192 };

/* What a killed run leaves. */
static char *file, *wal, *mark;
static size_t file_size, wal_size, mark_size;
static char wal_path[260], mark_path[260];
static size_t frames; /* of the log that are in use */

static void kill_a_run(void)
{
  pid_t child = fork();
  int status = 0;

  if (child == 0) {
    bool good = store_open() && store_put_job();
    for (int i = 0; good && i < COMMITS; i++)
      good = store_put_write("1") != 0 && store_commit();
    _exit(good ? 0 : 1);
  }
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert_eq(status, 0);
}

static void begin(void)
{
  sqlite_begin_in(FOLDER_IN_MEMORY);
  kill_a_run();
  (void)snprintf(wal_path, sizeof wal_path, "%s-wal", store_path);
  (void)snprintf(mark_path, sizeof mark_path, "%s-mark", store_path);
  file = sqlite_read_file(store_path, &file_size);
  wal = sqlite_read_file(wal_path, &wal_size);
  mark = sqlite_read_file(mark_path, &mark_size);
  /* Room that was made beforehand is zeros. */
  while (HEADER + (frames + 1) * (FRAME + PAGE) <= wal_size &&
         memcmp(wal + HEADER + frames * (FRAME + PAGE) + 8, wal + 16, 8) == 0)
    frames++;
  cr_assert_geq(frames, COMMITS - 1); /* the first is in the file */
}

static void end(void)
{
  free(file);
  free(wal);
  free(mark);
  store_end();
}

TestSuite(store_damage, .init = begin, .fini = end, .timeout = 60);

/* Puts it all back. */
static void restore(void)
{
  sqlite_write_file(store_path, file, file_size);
  sqlite_write_file(wal_path, wal, wal_size);
  sqlite_write_file(mark_path, mark, mark_size);
  cr_assert_eq(chmod(store_path, 0600), 0);
}

/* By who only reads, without anything being changed. */
static bool is_read_damaged(void)
{
  bool damaged;

  cr_assert(store_read(), "%s", store_error.message);
  damaged = store->operations->damage(store, &store_error);
  cr_expect_geq(store_count(), 0);
  store_close();
  return damaged;
}

/* Whether the damage is found: then it can be read, and not be changed. */
static bool is_found(void)
{
  bool read = is_read_damaged(), found;

  cr_assert(store_open(), "%s", store_error.message);
  found = store->operations->damage(store, &store_error);
  cr_expect_eq(read, found, "a reader finds as much");
  if (found) {
    cr_expect_eq(store_error.kind, SIGNET_ERROR_STORE);
    cr_expect_not_null(strstr(store_error.message, "--accept-damage"), "%s",
                       store_error.message);
    cr_expect_geq(store_count(), 0);
    cr_expect_eq(store_put_write("1"), 0);
  }
  store_close();
  return found;
}

static size_t at_frame(size_t index)
{
  return HEADER + index * (FRAME + PAGE);
}

static void write_flipped(size_t at)
{
  wal[at] ^= 4;
  sqlite_write_file(wal_path, wal, wal_size);
  wal[at] ^= 4;
}

Test(store_damage, a_run_that_was_killed_left_none)
{
  cr_expect_not(is_found());
  store_holds(COMMITS);
  cr_expect(store_put_write("1") != 0 && store_commit());
  store_close();
  cr_expect_not(is_found());
  cr_expect_neq(access(mark_path, F_OK), 0);
}

Test(store_damage, a_flipped_bit_in_every_frame)
{
  static const size_t places[] = {0, 4, 8, 15, 20, FRAME, FRAME + PAGE - 1};

  for (size_t i = 0; i < frames; i++) {
    restore();
    write_flipped(at_frame(i) + places[i % 7]);
    cr_expect(is_found(), "frame %zu of %zu", i, frames);
    cr_expect(is_found(), "it is found again, frame %zu", i);
  }
}

/* By what stands behind it alone: all but the last commit. */
Test(store_damage, without_the_mark)
{
  size_t last = frames - 1;

  while (memcmp(wal + at_frame(last - 1) + 4, "\0\0\0\0", 4) == 0)
    last--;
  for (size_t i = 0; i < frames; i++) {
    restore();
    cr_assert_eq(unlink(mark_path), 0);
    write_flipped(at_frame(i) + FRAME + 9);
    cr_expect_eq(is_found(), i < last, "frame %zu of %zu", i, frames);
  }
}

Test(store_damage, the_head_of_the_log)
{
  for (size_t i = 0; i < HEADER; i++) {
    restore();
    write_flipped(i);
    cr_expect(is_found(), "byte %zu", i);
  }
}

Test(store_damage, a_copy_without_its_log)
{
  for (int with_mark = 0; with_mark < 2; with_mark++) {
    restore();
    cr_assert_eq(unlink(wal_path), 0);
    if (!with_mark)
      cr_assert_eq(unlink(mark_path), 0);
    cr_expect(is_found());
    cr_expect(is_found());
    restore();
    sqlite_write_file(wal_path, "", 0);
    cr_expect(is_found(), "an empty log");
  }
}

/* Of a commit that nobody was told of, any part may be there. */
Test(store_damage, a_commit_that_was_cut_is_none)
{
  size_t size = at_frame(frames);
  char *more = calloc(1, size + 2 * (FRAME + PAGE));

  cr_assert_not_null(more);
  memcpy(more, wal, size);
  for (size_t extra = 0; extra <= FRAME + PAGE; extra += 64) {
    restore();
    memcpy(more + size, wal + at_frame(frames - 1), extra);
    sqlite_write_file(wal_path, more, size + extra);
    cr_expect_not(is_found(), "%zu bytes of the next frame", extra);
    memset(more + size, 0, extra);
  }
  /* After a power cut, the second frame may be there without the first. */
  restore();
  memcpy(more + size + FRAME + PAGE, wal + at_frame(frames - 1), FRAME + PAGE);
  sqlite_write_file(wal_path, more, size + 2 * (FRAME + PAGE));
  cr_expect_not(is_found());
  store_holds(COMMITS);
  free(more);
}

/* Opens the journal, and is killed. */
static void kill_an_open(void)
{
  pid_t child = fork();
  int status = 0;

  if (child == 0)
    _exit(store_open() ? 0 : 1);
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert_eq(status, 0);
}

/* What the first one left behind does not look as if it followed the other. */
Test(store_damage, two_commits_that_were_cut_are_none)
{
  size_t size = at_frame(frames), now;
  char *more = calloc(1, size + 2 * (FRAME + PAGE)), *left;

  cr_assert_not_null(more);
  memcpy(more, wal, size);
  memcpy(more + size + FRAME + PAGE, wal + at_frame(frames - 1), FRAME);
  sqlite_write_file(wal_path, more, size + 2 * (FRAME + PAGE));
  kill_an_open();
  left = sqlite_read_file(wal_path, &now);
  cr_assert_eq(now, size + 2 * (FRAME + PAGE));
  cr_expect_eq(memcmp(left, wal, size), 0, "what was committed stays");
  memcpy(left + size, wal + at_frame(frames - 1), FRAME);
  sqlite_write_file(wal_path, left, now);
  cr_expect_not(is_found());
  store_holds(COMMITS);
  free(left);
  free(more);
}

Test(store_damage, a_mark_that_is_none_says_nothing)
{
  static const char *const marks[] = {
      "", "signet mark 1", "signet mark 1 0 0 ffffffff 0\n",
      "signet mark 3 00000000 00000000 00000000000000ff 00000000\n"};

  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
    restore();
    sqlite_write_file(mark_path, marks[i], strlen(marks[i]));
    cr_expect_not(is_found(), "%s", marks[i]);
  }
  restore();
  mark[40] ^= 1;
  sqlite_write_file(mark_path, mark, mark_size);
  cr_expect_not(is_found(), "a mark with a flipped bit");
}

/* Somebody looked, and goes on with what is left. */
Test(store_damage, what_is_accepted_is_whole_again)
{
  for (int lost = 0; lost < 2; lost++) {
    restore();
    if (lost)
      cr_assert_eq(unlink(wal_path), 0);
    else
      write_flipped(at_frame(frames / 2) + FRAME);
    cr_assert(store_open());
    cr_assert(store->operations->damage(store, &store_error));
    cr_assert(store->operations->accept(store, &store_error));
    cr_expect_not(store->operations->damage(store, &store_error));
    cr_assert(store_put_job() && store_put_write("2") != 0 && store_commit(),
              "%s", store_error.message);
    store_close();
    cr_expect_not(is_found());
    cr_expect_neq(access(wal_path, F_OK), 0);
  }
}

/* How much, and since when: of the commits after the first one. */
Test(store_damage, what_was_lost_is_counted)
{
  char words[60];

  for (int with_mark = 1; with_mark >= 0; with_mark--) {
    for (size_t i = 0; i + 1 < frames; i++) {
      restore();
      write_flipped(at_frame(i) + FRAME + 9);
      if (!with_mark)
        cr_assert_eq(unlink(mark_path), 0);
      cr_assert(is_found());
      cr_assert(store_open());
      long left = store_count();
      long lost = COMMITS - left - !with_mark; /* the last one is not seen */
      (void)snprintf(words, sizeof words, "at least %ld commit%s after 20",
                     lost, lost == 1 ? "" : "s");
      cr_assert(store->operations->damage(store, &store_error));
      cr_expect_not_null(strstr(store_error.message, words), "%s, not %s",
                         store_error.message, words);
      store_close();
    }
  }
}

/* Whatever becomes of the log, the job and its first write are in the file. */
Test(store_damage, a_job_outlives_its_log)
{
  signet_store_loss loss;

  restore();
  cr_assert_eq(unlink(wal_path), 0);
  store_holds(1);
  cr_assert(store->operations->get_loss(store, JOB, true, &loss, &store_error));
  cr_expect(loss.lost && loss.accepted_ms == 0);
  cr_expect_eq(loss.commits, COMMITS - 1);
  cr_expect_gt(loss.after_ms, 0);
  cr_assert(
      store->operations->get_loss(store, JOB, false, &loss, &store_error));
  cr_expect_not(loss.lost, "one that ended has lost nothing");
  cr_assert(store->operations->accept(store, &store_error));
  store_close();
  cr_assert(store_open());
  cr_assert(
      store->operations->get_loss(store, JOB, false, &loss, &store_error));
  cr_expect(loss.lost && loss.accepted_ms > loss.after_ms);
  cr_expect_eq(loss.commits, COMMITS - 1);
}

/* Somebody put an older copy in the place of the file. */
Test(store_damage, an_older_copy_beside_its_mark)
{
  size_t size;
  char *older;

  store_close();
  cr_assert(store_open());
  store_close();
  older = sqlite_read_file(store_path, &size);
  kill_a_run();
  cr_assert_eq(unlink(wal_path), 0);
  sqlite_write_file(store_path, older, size);
  cr_expect(is_found());
  free(older);
}

/* A backup of a journal that was closed needs no log. */
Test(store_damage, a_copy_of_a_closed_journal)
{
  cr_assert(store_open());
  store_close();
  cr_assert_neq(access(wal_path, F_OK), 0);
  cr_expect_not(is_found());
  store_holds(COMMITS);
}
