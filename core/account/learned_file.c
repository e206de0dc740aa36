/* SPDX-License-Identifier: MIT */
#include "account/learned_file.h"

#include "model/private.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char FIRST_LINE[] = "signet learned 2\n", LISTED[] = "listed ";
static const int64_t MOST_RATE = INT64_C(100000) * 1000, MOST_AT_ONCE = 1000,
                     MOST_FORMS = 7;

bool signet_learned_path(char *path, size_t size, const char *folder)
{
  int length = folder != NULL ? snprintf(path, size, "%s/learned", folder) : -1;

  return length > 0 && (size_t)length < size;
}

/* A number of digits only, and the space behind it. */
static bool read_number(const char **text, int64_t most, int64_t *number)
{
  char *end;

  if (**text < '0' || **text > '9')
    return false;
  errno = 0;
  *number = strtoll(*text, &end, 10);
  if (errno != 0 || *end != ' ' || *number > most)
    return false;
  *text = end + 1;
  return true;
}

signet_learned_entry *signet_learned_find(signet_learned_file *learned,
                                          const char *identity)
{
  for (size_t i = 0; i < learned->count; i++)
    if (strcmp(learned->entries[i].identity, identity) == 0)
      return &learned->entries[i];
  return NULL;
}

static bool read_bears(const char **line, signet_learned_entry *entry)
{
  entry->bears = true;
  return read_number(line, MOST_RATE, &entry->rate) &&
         read_number(line, MOST_AT_ONCE, &entry->at_once) &&
         read_number(line, MOST_FORMS, &entry->forms) &&
         read_number(line, INT64_MAX, &entry->when);
}

static bool read_listed(const char **line, signet_learned_entry *entry)
{
  int64_t open = 0;
  bool good = true;

  *line += sizeof LISTED - 1;
  entry->listed = true;
  for (int kind = 0; good && kind < 2; kind++) {
    good = read_number(line, INT64_MAX, &entry->counts[kind]) &&
           read_number(line, INT64_MAX, &entry->counted_ms[kind]);
  }
  good = good && read_number(line, 1, &open);
  entry->open = open != 0;
  return good;
}

/* Lays a line over what is known of its account. */
static bool read_line(const char *line, signet_learned_file *learned)
{
  signet_learned_entry read = {0}, *entry;
  bool listed = strncmp(line, LISTED, sizeof LISTED - 1) == 0;
  size_t length;

  if (!(listed ? read_listed(&line, &read) : read_bears(&line, &read)))
    return false;
  length = strcspn(line, "\n");
  if (length == 0 || line[length] != '\n' || length >= sizeof read.identity)
    return false;
  memcpy(read.identity, line, length);
  entry = signet_learned_find(learned, read.identity);
  if (entry == NULL && learned->count == SIGNET_LEARNED_ACCOUNTS)
    return false;
  if (entry == NULL) {
    learned->entries[learned->count++] = read;
  } else if (listed) {
    entry->listed = true;
    memcpy(entry->counts, read.counts, sizeof entry->counts);
    memcpy(entry->counted_ms, read.counted_ms, sizeof entry->counted_ms);
    entry->open = read.open;
  } else {
    return false; /* an account has one such line */
  }
  return true;
}

void signet_learned_load(const char *path, signet_learned_file *learned)
{
  FILE *file = signet_private_open(path, O_RDONLY, "r");
  char line[SIGNET_LEARNED_LINE + 80];
  bool good;

  learned->count = 0;
  if (file == NULL)
    return;
  good =
      fgets(line, sizeof line, file) != NULL && strcmp(line, FIRST_LINE) == 0;
  while (good && fgets(line, sizeof line, file) != NULL)
    good = read_line(line, learned);
  (void)fclose(file);
  if (!good)
    learned->count = 0;
}

static bool write_all(FILE *file, const signet_learned_file *learned)
{
  bool good = fputs(FIRST_LINE, file) >= 0;

  for (size_t i = 0; good && i < learned->count; i++) {
    const signet_learned_entry *entry = &learned->entries[i];

    if (entry->bears) {
      good =
          fprintf(file, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s\n",
                  entry->rate, entry->at_once, entry->forms, entry->when,
                  entry->identity) > 0;
    }
    if (good && entry->listed) {
      good =
          fprintf(
              file, "%s%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d %s\n",
              LISTED, entry->counts[0], entry->counted_ms[0], entry->counts[1],
              entry->counted_ms[1], entry->open, entry->identity) > 0;
    }
  }
  return good;
}

void signet_learned_store(const char *path, const signet_learned_file *learned)
{
  char beside[PATH_MAX + 8];
  FILE *file;
  int handle;
  bool good;

  (void)snprintf(beside, sizeof beside, "%s.XXXXXX", path);
  handle = mkostemp(beside, O_CLOEXEC); /* 0600 */
  if (handle < 0)
    return;
  file = fdopen(handle, "w");
  if (file == NULL) {
    (void)close(handle);
    (void)unlink(beside);
    return;
  }
  good = write_all(file, learned);
  good = fclose(file) == 0 && good;
  if (!good || rename(beside, path) != 0)
    (void)unlink(beside);
}
