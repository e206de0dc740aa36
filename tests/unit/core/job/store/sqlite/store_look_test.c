/* SPDX-License-Identifier: MIT */
/* Who reads a journal leaves its files as they are. */
#include "sqlite_support.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void begin(void)
{
  sqlite_begin_in(FOLDER_IN_MEMORY);
}

TestSuite(store_look, .init = begin, .fini = store_end);

static void run_in_child(int (*function)(void))
{
  pid_t child = fork();
  int status = 0;

  cr_assert_geq(child, 0);
  if (child == 0)
    _exit(function());
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", status);
}

/* The names, sizes and times of all files of the folder, as text. */
static const char *files(void)
{
  static char text[2][2000];
  static int turn;
  struct dirent **names;
  struct stat status;
  char path[600], *out = text[turn = !turn];
  size_t length = 0;
  int count = scandir(store_folder, &names, NULL, alphasort);

  cr_assert_geq(count, 0);
  *out = '\0';
  for (int i = 0; i < count; i++) {
    if (strcmp(names[i]->d_name, "..") == 0) {
      free(names[i]);
      continue;
    }
    (void)snprintf(path, sizeof path, "%s/%s", store_folder, names[i]->d_name);
    cr_assert_eq(stat(path, &status), 0);
    length += (size_t)snprintf(
        out + length, sizeof text[0] - length, "%s %ld %ld.%09ld %o\n",
        names[i]->d_name, (long)status.st_size, (long)status.st_mtim.tv_sec,
        (long)status.st_mtim.tv_nsec, status.st_mode);
    cr_assert_lt(length, sizeof text[0]);
    free(names[i]);
  }
  free(names);
  return out;
}

static void expect_read(long writes)
{
  const char *before = files();

  cr_assert(store_read(), "%s", store_error.message);
  cr_expect_eq(store_count(), writes, "%ld", store_count());
  cr_expect_not(store->operations->damage(store, &store_error), "%s",
                store_error.message);
  cr_expect_str_eq(files(), before);
  store_close();
  cr_expect_str_eq(files(), before);
}

/* Some commits, of which a checkpoint has moved some; and it never closes. */
static int leave_a_log(void)
{
  bool good = store_open() && store_put_job();

  for (int i = 0; good && i < 50; i++)
    good = store_put_write("1") != 0 && store_commit();
  return good && store_put_write("not committed") != 0 ? 0 : 1;
}

Test(store_look, leaves_the_files_of_a_killed_run_as_they_are)
{
  run_in_child(leave_a_log);
  expect_read(50);
  cr_assert_eq(chmod(store_folder, 0500), 0);
  expect_read(50);
  cr_assert_eq(chmod(store_folder, 0700), 0);
  store_holds(50);
  store_close();
  expect_read(50);
}

Test(store_look, an_older_journal_stays_as_old_as_it_is)
{
  sqlite_make_version_1();
  expect_read(2);
  store_holds(2);
  store_close();
  expect_read(2);
}

Test(store_look, where_there_is_no_journal)
{
  cr_expect_not(store_read());
  cr_expect_eq(store_error.kind, SIGNET_ERROR_NOT_FOUND, "%s",
               store_error.message);
  cr_expect_neq(access(store_path, F_OK), 0);
  sqlite_write_file(store_path, "", 0);
  cr_assert_eq(chmod(store_path, 0600), 0);
  expect_read(0);
}
