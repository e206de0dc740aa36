/* SPDX-License-Identifier: MIT */
/*
 * What a job ran with, beside its script: options, folder, modules, and the
 * files that it read. They are kept as steps are, under names that no script's
 * step has, and belong to the job: a run that goes on gets what the first one
 * had, or hears that it changed.
 */
#include "job/job.h"
#include "job/kept_steps.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 4200, HEAD_SIZE = 80, FILE_MAXIMUM = 64 << 20 };

static bool no_memory(signet_error *error)
{
  return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

/* ---- by name ---- */

/* @return false: the name is too long to be kept */
static bool make_name(const char *type, const char *name, char *out)
{
  int length = snprintf(out, NAME_SIZE, "\x1f%s%s%s", type,
                        name != NULL ? ":" : "", name != NULL ? name : "");
  return length < NAME_SIZE;
}

static bool keep(signet_job *job, const char *name, const char *value,
                 signet_error *error)
{
  if (job->opening.no_journal)
    return true;
  if (job->store == NULL || job->about.id[0] == '\0')
    return signet_job_keep_for_later(job, name, value, error);
  return job->store->operations->put_step(job->store, job->about.id, name,
                                          value, error) &&
         job->store->operations->commit(job->store, error);
}

bool signet_job_keep_input(signet_job *job, const char *type, const char *value,
                           signet_error *error)
{
  char name[NAME_SIZE];
  signet_error_init(error);
  return !make_name(type, NULL, name) || keep(job, name, value, error);
}

typedef struct reading {
  const char *id;
  const char *name; /* NULL: the script */
  char **value;
  bool found;
  bool failed;
  signet_error *error;
} reading;

static bool is_job(void *user, const signet_job_row *row)
{
  reading *looking = user;
  looking->found = strcmp(row->id, looking->id) == 0;
  return !looking->found;
}

static bool read_value(const reading *looking, signet_store *store)
{
  return looking->name == NULL
             ? store->operations->get_script(store, looking->id, looking->value,
                                             looking->error)
             : store->operations->get_step(store, looking->id, looking->name,
                                           looking->value, looking->error);
}

static bool look_into(void *user, signet_store *store, const char *name,
                      const signet_error *problem)
{
  reading *looking = user;
  (void)name, (void)problem;
  if (store == NULL)
    return true; /* it may stand in another one */
  looking->failed = !store->operations->each_job(store, looking->id, is_job,
                                                 looking, looking->error) ||
                    (looking->found && !read_value(looking, store));
  return !looking->found && !looking->failed;
}

static bool look(const char *state_dir, reading *looking)
{
  signet_error_init(looking->error);
  *looking->value = NULL;
  return signet_store_each(state_dir, look_into, looking, looking->error) &&
         !looking->failed;
}

bool signet_job_read_input(const char *state_dir, const char *id,
                           const char *type, char **value, signet_error *error)
{
  char name[NAME_SIZE];
  reading looking = {.id = id, .name = name, .value = value, .error = error};
  return make_name(type, NULL, name) && look(state_dir, &looking);
}

bool signet_job_read_script(const char *state_dir, const char *id, char **text,
                            signet_error *error)
{
  reading looking = {.id = id, .value = text, .error = error};
  return look(state_dir, &looking);
}

/* ---- files ---- */

/* Of a file's content, in the head of what is kept of it. */
static void make_head(const char *content, size_t length, char *head)
{
  uint64_t digest[2] = {14695981039346656037u, 0x243F6A8885A308D3u};
  for (size_t i = 0; i < length; i++) {
    digest[0] = (digest[0] ^ (uint8_t)content[i]) * 1099511628211u;
    digest[1] = (digest[1] + (uint8_t)content[i]) * 0x9E3779B97F4A7C15u;
    digest[1] ^= digest[1] >> 29;
  }
  snprintf(head, HEAD_SIZE, "%zu %016" PRIx64 "%016" PRIx64 "\n", length,
           digest[0], digest[1]);
}

/* Everything that can be read. NULL: errno says why, or 0: too much, or no
 * memory. */
static char *read_stream(FILE *stream, size_t *length)
{
  size_t room = 1 << 12;
  char *content = NULL;
  *length = 0;
  for (;;) {
    char *larger = signet_memory_resize(content, room, 1);
    if (larger == NULL || *length >= FILE_MAXIMUM)
      break;
    content = larger;
    *length += fread(content + *length, 1, room - *length - 1, stream);
    if (ferror(stream))
      break;
    if (feof(stream)) {
      content[*length] = '\0';
      return content;
    }
    if (*length + 1 == room)
      room *= 2;
  }
  signet_memory_free(content);
  return NULL;
}

/* *content NULL: the file isn't there. */
static bool read_file(const char *path, char **content, size_t *length,
                      signet_error *error)
{
  char shown[200];
  *content = NULL;
  errno = 0;
  FILE *stream = fopen(path, "rbe");
  if (stream != NULL) {
    *content = read_stream(stream, length);
    int number = errno;
    fclose(stream);
    errno = number;
  }
  if (*content != NULL || (stream == NULL && errno == ENOENT))
    return true;
  signet_text_escape(shown, sizeof shown, path, strlen(path));
  return signet_error_set(
      error, SIGNET_ERROR_VALIDATION, "%s can't be read: %s", shown,
      errno != 0 ? strerror(errno) : "it is too large, or memory ran out");
}

/* What is kept of a file: its head, and its content unless that holds a NUL.
 * NULL: out of memory */
static char *kept_text(const char *content, size_t length)
{
  char head[HEAD_SIZE];
  make_head(content, length, head);
  size_t head_length = strlen(head);
  bool text = memchr(content, '\0', length) == NULL;
  char *kept = signet_memory_resize(NULL, head_length + length + 1, 1);
  if (kept == NULL)
    return NULL;
  memcpy(kept, head, head_length);
  if (text)
    memcpy(kept + head_length, content, length);
  kept[head_length + (text ? length : 0)] = '\0';
  return kept;
}

static bool missing(const char *path, signet_error *error)
{
  char shown[200];
  signet_text_escape(shown, sizeof shown, path, strlen(path));
  return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                          "%s can't be read: %s", shown, strerror(ENOENT));
}

/* The file is gone: what the first run read serves, where it was kept. */
static bool take_kept(const char *path, const char *kept, char **content,
                      size_t *length, signet_error *error)
{
  const char *text = strchr(kept, '\n');
  size_t size = (size_t)strtoull(kept, NULL, 10);
  if (text == NULL || strlen(text + 1) != size)
    return missing(path, error);
  *content = signet_memory_text(text + 1, size);
  *length = size;
  return *content != NULL || no_memory(error);
}

static bool changed(const signet_job *job, const char *path,
                    signet_error *error)
{
  char shown[200];
  signet_text_escape(shown, sizeof shown, path, strlen(path));
  return signet_error_set(error, SIGNET_ERROR_REFUSED,
                          "%s has changed since job %s read it, and a job goes "
                          "on with what it began with: put it back, or give "
                          "--new-input to take it as it is now",
                          shown, job->about.id);
}

/* Compares with what an earlier run read. *known: there is such a thing */
static bool compare(const signet_job *job, const char *path, const char *kept,
                    char **content, size_t *length, signet_error *error)
{
  char head[HEAD_SIZE];
  if (*content == NULL)
    return take_kept(path, kept, content, length, error);
  make_head(*content, *length, head);
  return strncmp(kept, head, strlen(head)) == 0 || changed(job, path, error);
}

/* *kept NULL: the job has not read it before. */
static bool find_kept(signet_job *job, const char *name, char **kept,
                      signet_error *error)
{
  *kept = NULL;
  return job->opening.new_input || signet_job_step(job, name, kept, error);
}

static bool keep_file(signet_job *job, const char *name, const char *content,
                      size_t length, signet_error *error)
{
  char *kept = kept_text(content, length);
  bool good = kept != NULL ? keep(job, name, kept, error) : no_memory(error);
  signet_memory_free(kept);
  return good;
}

bool signet_job_file(signet_job *job, const char *type, const char *path,
                     char **content, size_t *length, signet_error *error)
{
  char name[NAME_SIZE];
  char *kept = NULL;
  signet_error_init(error);
  bool known =
      job != NULL && !job->opening.no_journal && make_name(type, path, name);
  bool good = read_file(path, content, length, error);
  good = good && (!known || find_kept(job, name, &kept, error));
  if (good && kept != NULL)
    good = compare(job, path, kept, content, length, error);
  else if (good && *content == NULL)
    good = missing(path, error);
  else if (good && known)
    good = keep_file(job, name, *content, *length, error);
  signet_memory_free(kept);
  if (!good) {
    signet_memory_free(*content);
    *content = NULL;
  }
  return good;
}
