/* SPDX-License-Identifier: MIT */
#include "host/repl/history.h"

#include "model/private.h"
#include "signet/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEPT = 1000 };

/* @return how many lines there were */
static size_t read_lines(struct line_history *self)
{
  FILE *file = signet_private_open(self->path, O_RDONLY, "r");
  HistEvent event;
  char *line = NULL;
  size_t room = 0, count = 0;

  if (file == NULL)
    return 0;
  while (getline(&line, &room, file) > 0) {
    line[strcspn(line, "\n")] = '\0';
    if (*line != '\0') {
      (void)history(self->lines, &event, H_ENTER, line);
      count++;
    }
  }
  free(line);
  (void)fclose(file);
  return count;
}

/* Writes the kept lines, oldest first, in place of a file that has grown. */
static void shorten(struct line_history *self)
{
  FILE *file = signet_private_open(self->path, O_WRONLY | O_TRUNC, "w");
  HistEvent event;

  for (int more = file == NULL ? -1 : history(self->lines, &event, H_LAST);
       more == 0; more = history(self->lines, &event, H_PREV))
    (void)fprintf(file, "%s\n", event.str);
  if (file != NULL)
    (void)fclose(file);
}

bool signet_host_history_open(struct line_history *self,
                              const signet_settings *settings)
{
  const char *directory =
      signet_jobs_folder(signet_settings_get(settings, "state_dir"));
  HistEvent event;

  *self = (struct line_history){history_init(), settings, ""};
  if (self->lines == NULL)
    return false;
  (void)history(self->lines, &event, H_SETSIZE, KEPT);
  (void)history(self->lines, &event, H_SETUNIQUE, 1);
  if (directory != NULL && signet_private_folder(directory)) {
    (void)snprintf(self->path, sizeof self->path, "%s/history", directory);
    if (read_lines(self) > (size_t)KEPT * 2)
      shorten(self);
  }
  return true;
}

/* `secret =`, `"key" :` and their like, in any case. */
static bool assigns(const char *line, const char *word)
{
  for (const char *found = line; (found = strcasestr(found, word)) != NULL;
       found++) {
    const char *after = found + strlen(word);

    after += strspn(after, "\"']");
    after += strspn(after, " \t");
    if ((*after == '=' && after[1] != '=') || *after == ':')
      return true;
  }
  return false;
}

static bool holds(const signet_settings *settings, const char *name,
                  const char *line)
{
  const char *value = signet_settings_get(settings, name);

  return value != NULL && strlen(value) >= 4 && strstr(line, value) != NULL;
}

bool signet_host_history_is_secret(const signet_settings *settings,
                                   const char *line)
{
  return assigns(line, "secret") || assigns(line, "password") ||
         assigns(line, "key") || strcasestr(line, "authorization") != NULL ||
         holds(settings, "secret", line);
}

void signet_host_history_add(struct line_history *self, const char *line)
{
  HistEvent event;
  FILE *file;

  if (line[strspn(line, " \t")] == '\0' ||
      signet_host_history_is_secret(self->settings, line))
    return;
  (void)history(self->lines, &event, H_ENTER, line);
  file =
      *self->path == '\0'
          ? NULL
          : signet_private_open(self->path, O_WRONLY | O_APPEND | O_CREAT, "a");
  if (file != NULL) {
    (void)fprintf(file, "%s\n", line);
    (void)fclose(file);
  }
}

void signet_host_history_close(struct line_history *self)
{
  if (self->lines != NULL) {
    history_end(self->lines);
    self->lines = NULL;
  }
}
