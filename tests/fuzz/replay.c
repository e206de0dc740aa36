/* SPDX-License-Identifier: MIT */
/*
 * Runs a target without libFuzzer: fuzz_NAME DIRECTORY [RUNS]
 * Every file of the directory, then so many mutations of them, which are the
 * same each time.
 */
#include "fuzz.h"

#include <dirent.h>
#include <inttypes.h>
#include <string.h>

enum { FILES = 4096, FILE_MAXIMUM = 64 * 1024, CHANGES = 6 };

typedef struct input {
  uint8_t *data;
  size_t size;
} input;

static input inputs[FILES];
static size_t input_count;
static uint64_t state = 0x9E3779B97F4A7C15;

/* xorshift64* */
static uint32_t random_below(size_t limit)
{
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)((state * 0x2545F4914F6CDD1D >> 32) % limit);
}

static void read_input(const char *directory, const char *name)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "rb");
  uint8_t *data = malloc(FILE_MAXIMUM);
  if (file == NULL || data == NULL) {
    fprintf(stderr, "%s can't be read\n", name);
    exit(2);
  }
  inputs[input_count].data = data;
  inputs[input_count++].size = fread(data, 1, FILE_MAXIMUM, file);
  fclose(file);
}

static int is_input(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

static void read_inputs(const char *directory)
{
  struct dirent **entries;
  int count = scandir(directory, &entries, is_input, alphasort);
  for (int i = 0; i < count; i++) {
    if (input_count < FILES)
      read_input(directory, entries[i]->d_name);
    free(entries[i]);
  }
  if (count > 0)
    free(entries);
}

/* ---- mutations ---- */

static uint8_t odd_byte(void)
{
  static const char odd[] =
      "\0\n\r\t \"'\\/{}[],:;=#.-+0919eEu\x7f\x80\xc3\xff";
  return random_below(2) == 0 ? (uint8_t)odd[random_below(sizeof odd - 1)]
                              : (uint8_t)random_below(256);
}

static void delete_some(input *in, size_t at)
{
  size_t most = in->size - at < 16 ? in->size - at : 16;
  size_t gone = 1 + random_below(most);
  memmove(in->data + at, in->data + at + gone, in->size - at - gone);
  in->size -= gone;
}

static void insert_some(input *in, size_t at)
{
  const input *other = &inputs[random_below(input_count)];
  size_t from = other->size > 0 ? random_below(other->size) : 0;
  size_t count = other->size - from < 32 ? other->size - from : 32;
  if (in->size + count > FILE_MAXIMUM)
    return;
  memmove(in->data + at + count, in->data + at, in->size - at);
  if (count > 0)
    memcpy(in->data + at, other->data + from, count);
  in->size += count;
}

static void insert_byte(input *in, size_t at)
{
  if (in->size == FILE_MAXIMUM)
    return;
  memmove(in->data + at + 1, in->data + at, in->size - at);
  in->data[at] = odd_byte();
  in->size++;
}

static void change(input *in)
{
  size_t at = random_below(in->size + 1);
  uint32_t kind = random_below(6);
  if (kind == 0)
    insert_byte(in, at);
  else if (kind == 1)
    insert_some(in, at);
  else if (at == in->size)
    return;
  else if (kind == 2)
    delete_some(in, at);
  else if (kind == 3)
    in->data[at] ^= (uint8_t)(1U << random_below(8));
  else if (kind == 4)
    in->data[at] = odd_byte();
  else
    in->size = at;
}

static void run(const input *in)
{
  /* Exactly as large, so that reading beyond it is seen. */
  uint8_t *copy = malloc(in->size > 0 ? in->size : 1);
  if (copy == NULL)
    exit(2);
  memcpy(copy, in->data, in->size);
  LLVMFuzzerTestOneInput(copy, in->size);
  free(copy);
}

static void run_mutation(void)
{
  static uint8_t data[FILE_MAXIMUM];
  const input *from = &inputs[random_below(input_count)];
  input in = {data, from->size};
  memcpy(data, from->data, from->size);
  for (uint32_t i = random_below(CHANGES) + 1; i > 0; i--)
    change(&in);
  run(&in);
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    fprintf(stderr, "usage: %s DIRECTORY [RUNS]\n", argv[0]);
    return 2;
  }
  LLVMFuzzerInitialize(&argc, &argv);
  read_inputs(argv[1]);
  if (input_count == 0) {
    fprintf(stderr, "there is no corpus\n");
    return 2;
  }
  for (size_t i = 0; i < input_count; i++)
    run(&inputs[i]);
  unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
  for (unsigned long i = 0; i < runs; i++)
    run_mutation();
  printf("%zu files, %lu mutations\n", input_count, runs);
  for (size_t i = 0; i < input_count; i++)
    free(inputs[i].data);
  return 0;
}
