/* SPDX-License-Identifier: MIT */
/* The configuration file, read with libinih. The file is read whole first, so
 * that what was checked (who may read it) is what is parsed. */

#include "settings/profile.h"

#include "model/buffer.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAXIMUM = 64 * 1024 };

struct reading {
  const char *path; /* escaped, for messages */
  const char *profile;
  const char *rest; /* of the text, for the reader */
  int line;         /* of the last line that the reader gave */
  int too_long;     /* line that does not fit into inih's buffer, 0: none */
  int seen[SETTING_COUNT]; /* line that set it in this section, 0: none */
  char section[65];
  bool found;
  bool secret; /* some profile holds one */
  bool stop;   /* error is filled */
  signet_profile_fn *take;
  void *user;
  signet_error *error;
};

/* Gives inih one line at a time, without leading space: it would take an
 * indented line for the value before it going on. */
static char *read_line(char *out, int size, void *stream)
{
  struct reading *reading = stream;
  size_t length = strcspn(reading->rest, "\n"), space;

  if (*reading->rest == '\0' || reading->stop)
    return NULL;
  reading->line++;
  space = strspn(reading->rest, " \t");
  space = space < length ? space : length;
  if (length - space + 2 > (size_t)size) {
    reading->too_long = reading->line;
    return NULL;
  }
  memcpy(out, reading->rest + space, length - space);
  out[length - space] = '\0';
  reading->rest += length + (reading->rest[length] == '\n');
  return out;
}

static int fail(struct reading *reading, int line, const char *problem,
                const char *word)
{
  char shown[80];

  signet_text_escape(shown, sizeof shown, word, strlen(word));
  reading->stop = true;
  (void)signet_error_set(reading->error, SIGNET_ERROR_CONFIGURATION,
                         "%s:%d: %s%s", reading->path, line, problem, shown);
  return 0;
}

static void enter_section(struct reading *reading, const char *section)
{
  if (strcmp(reading->section, section) != 0) {
    (void)snprintf(reading->section, sizeof reading->section, "%s", section);
    memset(reading->seen, 0, sizeof reading->seen);
  }
}

/* One pair of double quotes around a value is no part of it. */
static const char *unquote(const char *value, char *copy, size_t size)
{
  size_t length = strlen(value);

  if (length < 2 || value[0] != '"' || value[length - 1] != '"')
    return value;
  (void)snprintf(copy, size, "%.*s", (int)(length - 2), value + 1);
  return copy;
}

static int take_line(void *user, const char *section, const char *name,
                     const char *value)
{
  struct reading *reading = user;
  enum setting setting = signet_setting_find(name);
  char origin[512], copy[1024];

  enter_section(reading, section);
  if (*section == '\0') {
    return fail(reading, reading->line,
                "a line before the first [profile]: ", name);
  }
  if (setting == SETTING_COUNT || !signet_setting_rows[setting].in_file)
    return fail(reading, reading->line, "there is no setting ", name);
  if (reading->seen[setting] != 0)
    return fail(reading, reading->line, "set twice in this profile: ", name);
  reading->seen[setting] = reading->line;
  reading->secret = reading->secret || (signet_setting_rows[setting].hidden &&
                                        setting != SETTING_KEY);
  if (strcmp(section, reading->profile) != 0)
    return 1;
  reading->found = true;
  (void)snprintf(origin, sizeof origin, "%s:%d: %s", reading->path,
                 reading->line, name);
  value = unquote(value, copy, sizeof copy);
  reading->stop =
      !reading->take(reading->user, setting, value, origin, reading->error);
  signet_memory_wipe(copy, sizeof copy);
  return !reading->stop;
}

/* A profile without a line has no call of take_line: look for its head. */
static bool has_head(const char *text, const char *profile)
{
  size_t length = strlen(profile);

  for (const char *head = strchr(text, '['); head != NULL;
       head = strchr(head + 1, '['))
    if (strncmp(head + 1, profile, length) == 0 && head[length + 1] == ']')
      return true;
  return false;
}

static bool is_private(const struct stat *status, const struct reading *reading)
{
  if (!reading->secret || (status->st_mode & (S_IRWXG | S_IRWXO)) == 0)
    return true;
  return signet_error_set(
      reading->error, SIGNET_ERROR_CONFIGURATION,
      "%s holds a secret and others can read it: run chmod 600 %s",
      reading->path, reading->path);
}

static bool parse(struct reading *reading, const char *text)
{
  int line;

  reading->rest = text;
  line = ini_parse_stream(read_line, reading, take_line, reading);
  if (reading->stop)
    return false;
  if (reading->too_long != 0)
    return fail(reading, reading->too_long, "the line is too long", "");
  if (line != 0)
    return fail(reading, line, "neither [profile] nor name = value", "");
  reading->found = reading->found || has_head(text, reading->profile);
  return true;
}

/* The error number where it could not be read; 0: it was. */
static int read_all(int file, signet_buffer *text)
{
  char piece[4096];
  ssize_t count;
  int number = 0;

  while (number == 0 && (count = read(file, piece, sizeof piece)) != 0)
    if (count < 0)
      number = errno;
    else if (!signet_buffer_append(text, piece, (size_t)count))
      number = text->maximum - text->length < (size_t)count ? EFBIG : ENOMEM;
  signet_memory_wipe(piece, sizeof piece);
  return number;
}

static bool unreadable(const char *shown, int number, signet_error *error)
{
  return signet_error_set(error,
                          number == ENOMEM ? SIGNET_ERROR_MEMORY
                                           : SIGNET_ERROR_CONFIGURATION,
                          "%s can't be read: %s", shown, strerror(number));
}

static bool read_file(struct reading *reading, int file)
{
  struct stat status;
  signet_buffer text;
  bool good;
  int number;

  if (fstat(file, &status) != 0)
    return unreadable(reading->path, errno, reading->error);
  if (S_ISFIFO(status.st_mode)) {
    return signet_error_set(reading->error, SIGNET_ERROR_CONFIGURATION,
                            "%s is a pipe, not a file: put a file in its place",
                            reading->path);
  }
  signet_buffer_init(&text, FILE_MAXIMUM);
  number = read_all(file, &text);
  if (number != 0) {
    good = unreadable(reading->path, number, reading->error);
  } else {
    good = text.data == NULL ||
           (parse(reading, text.data) && is_private(&status, reading));
  }
  signet_memory_wipe(text.data, text.capacity);
  signet_buffer_free(&text);
  return good;
}

bool signet_profile_read(const char *path, const char *profile,
                         signet_profile_fn *take, void *user, bool *found,
                         signet_error *error)
{
  char shown[400];
  struct reading reading = {.path = shown,
                            .profile = profile,
                            .take = take,
                            .user = user,
                            .error = error};
  /* A pipe would wait for somebody at its other end. */
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  int number = errno;
  bool good;

  signet_text_escape(shown, sizeof shown, path, strlen(path));
  if (file < 0 && (number == ENOENT || number == ENOTDIR))
    return true;
  if (file < 0)
    return unreadable(shown, number, error);
  good = read_file(&reading, file);
  *found = reading.found;
  (void)close(file);
  return good;
}
