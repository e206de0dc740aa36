/* SPDX-License-Identifier: MIT */
/*
 * The matrix of faults:
 *   matrix [-n CELLS] [-j WORKERS] [-x] [FAMILY[:INDEX]…]
 * Carries out every cell of the families named (all of them), or so many of
 * each, evenly chosen. Ends with status 1 if one is not as it must be. With -x
 * the server makes each effect twice, which must not pass.
 */
#include "matrix.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS = 32, WORKERS_MAXIMUM = 256, REPORTS = 20 };

static matrix_cell *cells;
static size_t cell_count;
static size_t cell_room;
static char **kept;
static size_t kept_count;
static size_t kept_room;
static const char *family_name;
static size_t family_index;

static size_t *chosen; /* indices into cells */
static size_t chosen_count;
static atomic_size_t next_chosen;
static atomic_size_t failures;

const matrix_family matrix_families[] = {
    {"cut", matrix_make_cuts},
    {"flip", matrix_make_flips},
    {"status", matrix_make_statuses},
    {"header", matrix_make_headers},
    {"connect", matrix_make_connections},
    {"time", matrix_make_times},
    {"content", matrix_make_contents},
    {"resend", matrix_make_resends},
    {"retry", matrix_make_retries},
};
const size_t matrix_family_count =
    sizeof matrix_families / sizeof matrix_families[0];

/* ---- making cells ---- */

static void *grow(void *memory, size_t count, size_t *room, size_t size)
{
  if (count < *room)
    return memory;
  *room = *room > 0 ? *room * 2 : 1024;
  void *made = realloc(memory, *room * size);
  if (made == NULL)
    abort();
  return made;
}

void matrix_add(const matrix_cell *added)
{
  cells = grow(cells, cell_count, &cell_room, sizeof *cells);
  cells[cell_count] = *added;
  cells[cell_count].family = family_name;
  cells[cell_count++].index = family_index++;
}

const char *matrix_keep(char *text)
{
  if (text == NULL)
    abort();
  kept = grow(kept, kept_count, &kept_room, sizeof *kept);
  kept[kept_count++] = text;
  return text;
}

const char *matrix_reply(int status, matrix_framing framing,
                         const char *headers, const char *body, size_t *length)
{
  size_t size = strlen(headers) + strlen(body) + 256;
  char *text = malloc(size);
  if (text == NULL)
    abort();
  *length = matrix_write_reply(text, size, status, framing, headers, body);
  return matrix_keep(text);
}

/* ---- choosing them ---- */

/* One of each so many cells, never at the same place of them: a bit, a byte or
 * an endpoint would else be left out. */
static void choose(size_t begin, size_t most)
{
  size_t count = cell_count - begin;
  size_t taken = most > 0 && most < count ? most : count;
  uint32_t state = 1;
  chosen = realloc(chosen, (chosen_count + taken) * sizeof *chosen);
  if (chosen == NULL)
    abort();
  for (size_t i = 0; i < taken; i++) {
    size_t first = i * count / taken;
    size_t span = (i + 1) * count / taken - first;
    state = state * 1664525 + 1013904223;
    chosen[chosen_count++] = begin + first + (state >> 16) % span;
  }
}

static void make_family(const matrix_family *family, const char *index,
                        size_t most)
{
  size_t begin = cell_count;
  family_name = family->name;
  family_index = 0;
  family->make();
  if (index == NULL) {
    choose(begin, most);
    return;
  }
  size_t wanted = strtoul(index, NULL, 10);
  if (begin + wanted >= cell_count) {
    fprintf(stderr, "matrix: %s has %zu cells\n", family->name,
            cell_count - begin);
    exit(2);
  }
  chosen = realloc(chosen, (chosen_count + 1) * sizeof *chosen);
  if (chosen == NULL)
    abort();
  chosen[chosen_count++] = begin + wanted;
}

static void make_named(const char *argument, size_t most)
{
  size_t length = strcspn(argument, ":");
  for (size_t i = 0; i < matrix_family_count; i++) {
    const matrix_family *family = &matrix_families[i];
    if (strlen(family->name) == length &&
        strncmp(family->name, argument, length) == 0) {
      make_family(family,
                  argument[length] == ':' ? argument + length + 1 : NULL, most);
      return;
    }
  }
  fprintf(stderr, "matrix: there is no family %s\n", argument);
  exit(2);
}

/* ---- carrying them out ---- */

static void *work(void *user)
{
  matrix_worker *worker = user;
  matrix_sight sight;
  for (;;) {
    size_t at = atomic_fetch_add(&next_chosen, 1);
    if (at >= chosen_count || atomic_load(&failures) >= REPORTS)
      return NULL;
    if (!matrix_run(worker, &cells[chosen[at]], stdout, &sight))
      atomic_fetch_add(&failures, 1);
  }
}

static void run_all(size_t count)
{
  pthread_t threads[WORKERS_MAXIMUM];
  matrix_worker *workers[WORKERS_MAXIMUM];
  for (size_t i = 0; i < count; i++) {
    workers[i] = matrix_worker_new();
    if (workers[i] == NULL ||
        pthread_create(&threads[i], NULL, work, workers[i]) != 0) {
      fprintf(stderr, "matrix: no thread or socket to be had\n");
      exit(2);
    }
  }
  for (size_t i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    matrix_worker_free(workers[i]);
  }
}

static size_t count_descriptors(void)
{
  size_t count = 0;
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL)
    return 0;
  while (readdir(directory) != NULL)
    count++;
  closedir(directory);
  return count;
}

static void free_all(void)
{
  for (size_t i = 0; i < kept_count; i++)
    free(kept[i]);
  free(kept);
  free(cells);
  free(chosen);
}

int main(int argc, char **argv)
{
  size_t most = 0;
  size_t workers = WORKERS;
  int option;
  while ((option = getopt(argc, argv, "n:j:x")) != -1) {
    size_t number = optarg != NULL ? strtoul(optarg, NULL, 10) : 0;
    if (option == 'x') {
      matrix_planted = true;
      continue;
    }
    if (number == 0 || (option == 'j' && number > WORKERS_MAXIMUM)) {
      fprintf(stderr,
              "usage: matrix [-n CELLS] [-j WORKERS] [-x] [FAMILY[:INDEX]…]\n");
      return 2;
    }
    *(option == 'n' ? &most : &workers) = number;
  }
  if (!signet_global_init(&matrix_allocator) || !matrix_targets_open())
    return 2;
  for (int i = optind; i < argc; i++)
    make_named(argv[i], most);
  for (size_t i = 0; optind == argc && i < matrix_family_count; i++)
    make_family(&matrix_families[i], NULL, most);
  size_t before = count_descriptors();
  run_all(workers);
  size_t after = count_descriptors();
  bool clean = matrix_targets_close();
  size_t failed = atomic_load(&failures);
  if (after != before)
    printf("descriptors: %zu before, %zu after\n", before, after);
  printf("%zu cells of %zu, %zu not as they must be%s\n", chosen_count,
         cell_count, failed,
         failed >= REPORTS ? "; the rest was left out" : "");
  free_all();
  return failed > 0 || after != before || !clean ? 1 : 0;
}
