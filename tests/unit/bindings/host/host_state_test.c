/* SPDX-License-Identifier: MIT */
/* The host's own files in the state directory: what an account bears, and the
 * lines that were typed. */

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "host/repl/history.h"
#include "host/system/files.h"
#include "model/private.h"

#include "folder.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[PATH_MAX];

static void make_folder(void)
{
  cr_assert(folder_make(FOLDER_IN_MEMORY, folder, sizeof folder));
}

static void remove_folder(void)
{
  cr_assert_null(folder_remove(folder));
}

TestSuite(host_state, .init = make_folder, .fini = remove_folder);

static const char *path_of(const char *name)
{
  static char path[PATH_MAX + 64];

  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void write_file(const char *name, const char *text)
{
  FILE *file = fopen(path_of(name), "we");

  cr_assert_not_null(file);
  cr_assert_geq(fputs(text, file), 0);
  cr_assert_eq(fclose(file), 0);
}

/* The whole file; "" where there is none. Free it with free(). */
static char *read_file(const char *name)
{
  FILE *file = fopen(path_of(name), "re");
  size_t room = 1 << 20, length = 0;
  char *text = malloc(room);

  cr_assert_not_null(text);
  if (file != NULL) {
    length = fread(text, 1, room - 1, file);
    (void)fclose(file);
  }
  text[length] = '\0';
  return text;
}

/* --- what was learned --- */

static const char IDENTITY[] = "configs http://127.0.0.1:9 key key";

struct desk {
  signet_loop *loop;
  signet_account *account;
};

static struct desk open_desk(void)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  struct desk desk = {.loop = signet_loop_new()};

  cr_assert_not_null(desk.loop);
  options.base_url = "http://127.0.0.1:9";
  options.key = "key";
  options.secret = "secret";
  desk.account = signet_account_open(desk.loop, &options, &error);
  cr_assert_not_null(desk.account, "%s", error.message);
  cr_assert_str_eq(signet_account_identity(desk.account), IDENTITY);
  return desk;
}

static void close_desk(const struct desk *desk)
{
  signet_account_close(desk->account);
  signet_loop_free(desk->loop);
}

/* The rate that a new account begins with. */
static double taught(void)
{
  struct desk desk = open_desk();
  signet_learned values;

  signet_account_teach_kept(desk.account, folder, SIGNET_LEARNER_READS);
  signet_account_learned(desk.account, &values);
  close_desk(&desk);
  return values.rate;
}

/* What an account keeps that has found out this rate; 0: nothing. */
static void keep(double rate)
{
  struct desk desk = open_desk();
  const signet_learned values = {.rate = rate};

  signet_account_teach(desk.account, &values);
  signet_account_keep_learned(desk.account, folder, SIGNET_LEARNER_WRITES);
  close_desk(&desk);
}

Test(host_state, what_is_kept_is_taught)
{
  keep(12.5);
  cr_assert_float_eq(taught(), 12.5, 0.01);
  keep(0); /* an account that has found no limit any more */
  cr_assert_eq(taught(), 0);
}

/* What an account learns that begins, and goes on as @p ends says. */
static signet_learned begin_run(signet_learner learner,
                                const signet_learned *ends)
{
  struct desk desk = open_desk();
  signet_learned values;

  signet_account_teach_kept(desk.account, folder, learner);
  signet_account_learned(desk.account, &values);
  if (ends != NULL) {
    signet_account_teach(desk.account, ends);
    signet_account_keep_learned(desk.account, folder, learner);
  }
  close_desk(&desk);
  return values;
}

static int64_t ago(int64_t milliseconds)
{
  return (int64_t)time(NULL) * 1000 - milliseconds;
}

Test(host_state, how_many_entries_there_were)
{
  const signet_learned first = {.entries = {400, 0},
                                .entries_at_ms = {ago(9000), 0}};
  const signet_learned older = {.entries = {500, 7},
                                .entries_at_ms = {ago(20000), ago(20000)}};
  signet_learned values = begin_run(SIGNET_LEARNER_READS, &first);

  cr_expect_eq(values.entries_at_ms[0], 0);
  values = begin_run(SIGNET_LEARNER_READS, &older);
  cr_expect_eq(values.entries[0], 400);
  cr_expect_eq(values.entries_at_ms[0], first.entries_at_ms[0]);
  cr_expect_eq(values.entries_at_ms[1], 0);
  values =
      begin_run(SIGNET_LEARNER_READS, NULL); /* the last one knows, of each */
  cr_expect_eq(values.entries[0], 400);
  cr_expect_eq(values.entries[1], 7);
  keep(2.5); /* beside the rate, whatever comes first */
  cr_expect_float_eq(taught(), 2.5, 0.01);
  cr_expect_eq(begin_run(SIGNET_LEARNER_READS, NULL).entries[0], 400);
  keep(0);
  cr_expect_eq(begin_run(SIGNET_LEARNER_READS, NULL).entries[0], 400);
}

/* One that may have deleted some says how many are left at its end. */
Test(host_state, a_run_that_ended_early_leaves_no_counts_behind)
{
  const signet_learned before = {.entries = {400, 300},
                                 .entries_at_ms = {ago(9000), ago(9000)}};
  const signet_learned after = {.entries = {100, 0},
                                .entries_at_ms = {ago(1000), 0}};
  signet_learned values = begin_run(SIGNET_LEARNER_WRITES, &before);

  values = begin_run(SIGNET_LEARNER_WRITES, NULL); /* it is killed */
  cr_expect_eq(values.entries[0], 400);
  values = begin_run(SIGNET_LEARNER_READS, NULL);
  cr_expect_eq(values.entries_at_ms[0], 0);
  values = begin_run(SIGNET_LEARNER_RESUMES, NULL);
  cr_expect_eq(values.entries[0], 400);
  cr_expect(values.entries_open);
  values = begin_run(SIGNET_LEARNER_WRITES, &after); /* it lists one kind */
  cr_expect_eq(values.entries_at_ms[0], 0);
  values = begin_run(SIGNET_LEARNER_WRITES, NULL);
  cr_expect_eq(values.entries[0], 100);
  cr_expect_eq(values.entries_at_ms[1], 0);
  cr_expect_not(values.entries_open);
}

struct damage {
  char head[120];
  char before[64]; /* "": a whole line, else what stands before the identity */
  int many;        /* lines of other accounts */
  bool good;
};

ParameterizedTestParameters(host_state, files_of_what_was_learned)
{
  static struct damage files[] = {
      {"signet learned 2\n", "2500 2 0 NOW ", 0, true},
      {"signet learned 2\n", "2500 2 0 NOW ", 63, true},
      {"signet learned 2\n", "2500 2 0 NOW ", 64, false},
      {"signet learned 3\n", "2500 2 0 NOW ", 0, false},
      {"signet learned 2\n", "2500 2 8 NOW ", 0, false},
      {"", "2500 2 0 NOW ", 0, false},
      {"signet learned 2\n", "2500 2 0 1000 ", 0, false}, /* of 1970 */
      {"signet learned 2\n", "x 2 0 NOW ", 0, false},
      {"signet learned 2\n", "-5 2 0 NOW ", 0, false},
      {"signet learned 2\n", "2500  0 NOW ", 0, false},
      {"signet learned 2\n", "2500 1001 0 NOW ", 0, false},
      {"signet learned 2\n", "100000001 2 0 NOW ", 0, false},
      {"signet learned 2\n", "99999999999999999999 2 0 NOW ", 0, false},
      {"signet learned 2\n", "2500 2 0 99999999999999999999 ", 0, false},
      {"signet learned 2\n", "2500 2 0 NOW", 0, false},
      {"signet learned 2\n", "2500 2 0 NOWx ", 0, false},
      {"signet learned 2\n", "2500.5 2 0 NOW ", 0, false},
      {"signet learned 2\n", "2500\t2 0 NOW ", 0, false},
      {"signet learned 2\nlisted 4 5 6 7 0 configs http://other:1 key key\n",
       "2500 2 0 NOW ", 0, true},
      {"signet learned 2\nlisted 4 5 6 7 2 configs http://other:1 key key\n",
       "2500 2 0 NOW ", 0, false},
      {"signet learned 2\nlisted 4 5 6 configs http://other:1 key key\n",
       "2500 2 0 NOW ", 0, false},
  };

  return cr_make_param_array(struct damage, files,
                             sizeof files / sizeof files[0]);
}

/* The line's beginning, with the time in the place of NOW. */
static void put_line(FILE *file, const char *before)
{
  const char *now = strstr(before, "NOW");

  if (now != NULL) {
    (void)fprintf(file, "%.*s%" PRId64 "%s", (int)(now - before), before,
                  (int64_t)time(NULL), now + 3);
  } else {
    (void)fputs(before, file);
  }
  (void)fprintf(file, "%s\n", IDENTITY);
}

ParameterizedTest(struct damage *damage, host_state, files_of_what_was_learned,
                  .init = make_folder, .fini = remove_folder)
{
  FILE *file = fopen(path_of("learned"), "we");

  cr_assert_not_null(file);
  (void)fputs(damage->head, file);
  for (int i = 0; i < damage->many; i++) {
    (void)fprintf(file, "1000 1 0 %d configs http://other:%d key key\n", 5 + i,
                  i);
  }
  put_line(file, damage->before);
  cr_assert_eq(fclose(file), 0);
  cr_assert_float_eq(taught(), damage->good ? 2.5 : 0, 0.01, "%s%s",
                     damage->head, damage->before);
}

/* A line that has no end, and one that is too long for any account. */
Test(host_state, cut_and_endless_lines_tell_nothing)
{
  char *text = malloc(3000);

  cr_assert_not_null(text);
  (void)snprintf(text, 3000, "signet learned 2\n2500 2 0 %" PRId64 " %s",
                 (int64_t)time(NULL), IDENTITY);
  write_file("learned", text);
  cr_assert_eq(taught(), 0);
  (void)snprintf(text, 3000, "signet learned 2\n2500 2 0 5 %02000d\n", 1);
  write_file("learned", text);
  cr_assert_eq(taught(), 0);
  (void)snprintf(text, 3000, "signet learned 2\n2500 2 0 5 %0645d\n", 1);
  write_file("learned", text);
  cr_assert_eq(taught(), 0);
  free(text);
}

/* The oldest of 64 gives its place to a new one. */
Test(host_state, a_full_file_forgets_the_oldest)
{
  FILE *file = fopen(path_of("learned"), "we");
  char *text;

  cr_assert_not_null(file);
  (void)fputs("signet learned 2\n", file);
  for (int i = 0; i < 64; i++) {
    (void)fprintf(file, "1000 1 0 %d configs http://other:%d key key\n",
                  i == 40 ? 7 : 1000 + i, i);
  }
  cr_assert_eq(fclose(file), 0);
  keep(4);
  text = read_file("learned");
  cr_assert_null(strstr(text, "http://other:40 "));
  cr_assert_not_null(strstr(text, "http://other:0 "));
  cr_assert_not_null(strstr(text, "http://other:63 "));
  cr_assert_not_null(strstr(text, IDENTITY));
  free(text);
  cr_assert_float_eq(taught(), 4, 0.01);
}

Test(host_state, what_can_not_be_kept_is_no_mistake)
{
  struct desk desk = open_desk();
  const signet_learned values = {.rate = 3};
  char *deep = malloc(PATH_MAX + 100);

  cr_assert_not_null(deep);
  signet_account_teach(desk.account, &values);
  signet_account_keep_learned(desk.account, NULL, SIGNET_LEARNER_WRITES);
  write_file("file", "");
  signet_account_keep_learned(desk.account, path_of("file/below"),
                              SIGNET_LEARNER_WRITES);
  signet_account_keep_learned(desk.account, "", SIGNET_LEARNER_WRITES);
  memset(deep, 'x', PATH_MAX);
  deep[PATH_MAX] = '\0';
  signet_account_keep_learned(desk.account, deep, SIGNET_LEARNER_WRITES);
  signet_account_teach_kept(desk.account, deep, SIGNET_LEARNER_WRITES);
  free(deep);
  /* Something else has the file's place: it stays, and nothing beside it. */
  cr_assert_eq(mkdir(path_of("learned"), 0700), 0);
  signet_account_keep_learned(desk.account, folder, SIGNET_LEARNER_WRITES);
  cr_assert_eq(rmdir(path_of("learned")), 0);
  cr_assert_eq(unlink(path_of("file")), 0);
  cr_assert_eq(rmdir(folder), 0, "something was left behind");
  cr_assert_eq(mkdir(folder, 0700), 0);
  close_desk(&desk);
}

/* --- folders and files --- */

Test(host_state, folders_are_made_for_their_owner_alone)
{
  struct stat status;
  char *deep = malloc(5000);

  cr_assert_not_null(deep);
  cr_assert(signet_private_folder(path_of("a/b//c/")));
  cr_assert_eq(stat(path_of("a/b/c"), &status), 0);
  cr_assert_eq(status.st_mode & 0777, 0700);
  cr_assert(signet_private_folder(path_of("a/b")));
  cr_assert_not(signet_private_folder(""));
  memset(deep, 'x', 4999);
  deep[4999] = '\0';
  cr_assert_not(signet_private_folder(deep));
  free(deep);
  write_file("file", "");
  cr_assert_not(signet_private_folder(path_of("file/x")));
}

Test(host_state, a_private_file_is_a_file)
{
  struct stat status;
  FILE *file;

  cr_assert_eq(mkfifo(path_of("fifo"), 0600), 0);
  cr_assert_null(signet_private_open(path_of("fifo"), O_RDWR, "r"));
  write_file("file", "text");
  cr_assert_eq(chmod(path_of("file"), 0644), 0);
  file = signet_private_open(path_of("file"), O_RDONLY, "r");
  cr_assert_not_null(file);
  (void)fclose(file);
  cr_assert_eq(stat(path_of("file"), &status), 0);
  cr_assert_eq(status.st_mode & 0777, 0600);
  cr_assert_eq(symlink("file", path_of("link")), 0);
  cr_assert_null(signet_private_open(path_of("link"), O_RDONLY, "r"));
}

/* --- the history --- */

static signet_settings *settings_here(void)
{
  signet_settings *settings = signet_settings_new();
  signet_error error = SIGNET_ERROR_INIT;

  cr_assert(
      signet_settings_set(settings, "state_dir", folder, "the test", &error),
      "%s", error.message);
  return settings;
}

static size_t lines_in(const char *text)
{
  size_t count = 0;

  for (; *text != '\0'; text++)
    count += *text == '\n';
  return count;
}

/* @return lines of the file after it was opened with so many in it */
static size_t lines_kept(int count)
{
  signet_settings *settings = settings_here();
  FILE *file = fopen(path_of("history"), "we");
  struct line_history lines;
  HistEvent event;
  size_t kept;
  char *text, last[40];

  cr_assert_not_null(file);
  for (int i = 1; i <= count; i++)
    (void)fprintf(file, "line %d\n\n", i);
  cr_assert_eq(fclose(file), 0);
  cr_assert(signet_host_history_open(&lines, settings));
  (void)snprintf(last, sizeof last, "line %d", count);
  cr_assert_eq(
      lines.lines != NULL && history(lines.lines, &event, H_FIRST) == 0, true);
  cr_assert_str_eq(event.str, last);
  signet_host_history_close(&lines);
  signet_host_history_close(&lines); /* once is enough, twice is no harm */
  text = read_file("history");
  kept = lines_in(text);
  cr_assert_not_null(strstr(text, last));
  free(text);
  signet_settings_free(settings);
  return kept;
}

Test(host_state, a_history_that_has_grown_is_shortened)
{
  cr_assert_eq(lines_kept(10), 20); /* as it was, with its empty lines */
  cr_assert_eq(lines_kept(2000), 4000);
  cr_assert_eq(lines_kept(2001), 1000);
}

Test(host_state, a_history_that_can_not_be_kept_is_one_of_this_time)
{
  signet_settings *settings = settings_here();
  struct line_history lines;
  HistEvent event;

  cr_assert_eq(mkdir(path_of("history"), 0700), 0);
  cr_assert(signet_host_history_open(&lines, settings));
  signet_host_history_add(&lines, "x = 1");
  signet_host_history_add(&lines, " \t");
  cr_assert_eq(history(lines.lines, &event, H_FIRST), 0);
  cr_assert_str_eq(event.str, "x = 1");
  signet_host_history_close(&lines);
  signet_settings_free(settings);
  settings = signet_settings_new(); /* no state directory at all */
  cr_assert(signet_host_history_open(&lines, settings));
  signet_host_history_add(&lines, "y = 2");
  cr_assert_eq(history(lines.lines, &event, H_FIRST), 0);
  cr_assert_str_eq(event.str, "y = 2");
  signet_host_history_close(&lines);
  signet_settings_free(settings);
}
