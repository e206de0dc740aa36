/* SPDX-License-Identifier: MIT */
/* The folder that tests in C keep their files in: it goes, and tells whether
 * the secret stood in it. */
#include "canary.h"
#include "folder.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORMS = sizeof canary_forms / sizeof canary_forms[0] };

static char path[200];

static void begin(void)
{
  cr_assert(folder_make(FOLDER_ON_DISK, path, sizeof path));
}

TestSuite(folder, .init = begin);

static void make_folder(const char *name)
{
  char whole[300];
  snprintf(whole, sizeof whole, "%s/%s", path, name);
  cr_assert_eq(mkdir(whole, 0700), 0);
}

/* Bytes around it, a NUL among them. */
static void write_file(const char *name, const char *text)
{
  char whole[300];
  snprintf(whole, sizeof whole, "%s/%s", path, name);
  FILE *file = fopen(whole, "wb");
  cr_assert_not_null(file);
  cr_assert_eq(fwrite("x\0\377", 1, 3, file), 3);
  cr_assert_geq(fputs(text, file), 0);
  cr_assert_eq(fclose(file), 0);
}

static void expect_gone(void)
{
  cr_expect_neq(access(path, F_OK), 0);
}

Test(folder, is_removed_with_all_that_is_in_it)
{
  make_folder("a");
  make_folder("a/b");
  write_file("a/b/c", "text");
  write_file("d", "");
  cr_expect_null(folder_remove(path));
  expect_gone();
}

Test(folder, each_form_of_the_secret_is_seen)
{
  cr_assert_geq((int)FORMS, 8);
  for (size_t i = 0; i < FORMS; i++) {
    make_folder("deep");
    write_file("deep/file", canary_forms[i]);
    write_file("other", "text");
    const char *held = folder_remove(path);
    cr_assert_not_null(held, "form %zu", i);
    cr_expect_str_eq(strrchr(held, '/'), "/file");
    expect_gone();
    begin();
  }
  cr_expect_null(folder_remove(path));
}

Test(folder, most_of_the_secret_is_not_the_secret)
{
  char text[] = CANARY_SECRET;
  text[sizeof text - 2] = '.';
  write_file("file", text);
  cr_expect_null(folder_remove(path));
}

Test(folder, a_configuration_may_hold_it)
{
  make_folder("signet");
  write_file("signet/config", CANARY_SECRET);
  cr_expect_null(folder_remove(path));
}

Test(folder, what_a_link_points_to_stays)
{
  char target[200];
  char link[300];
  memcpy(target, path, sizeof target);
  write_file("file", CANARY_SECRET);
  begin();
  snprintf(link, sizeof link, "%s/link", path);
  cr_assert_eq(symlink(target, link), 0);
  cr_expect_null(folder_remove(path));
  cr_expect_not_null(folder_remove(target));
}
