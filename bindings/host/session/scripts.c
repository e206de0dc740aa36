/* SPDX-License-Identifier: MIT */
#include "host/session/scripts.h"

#include "host/arguments/options.h"
#include "host/system/files.h"
#include "model/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOBS = 64 };

static bool is_directory(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_file(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

void signet_host_scripts_folder(char *out, size_t size)
{
  /* As built, and as installed (relative to the executable's folder). */
  static const char *const places[] = {"share/signet/scripts",
                                       SIGNET_HOST_SCRIPTS};
  char executable[PATH_MAX], path[PATH_MAX + 64], *slash;
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable);

  *out = '\0';
  if (length <= 0 || (size_t)length >= sizeof executable) {
    return;
  }
  executable[length] = '\0';
  slash = strrchr(executable, '/');
  *slash = '\0';
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    (void)snprintf(path, sizeof path, "%s/%s", executable, places[i]);
    if (is_directory(path) && strlen(path) < size) {
      (void)snprintf(out, size, "%s", path);
      return;
    }
  }
}

static bool is_job_name(const char *name)
{
  size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

  return length > 0 && length < 64 && name[length] == '\0';
}

static int is_job(const struct dirent *entry)
{
  const char *end = strrchr(entry->d_name, '.');
  char name[68];

  if (end == NULL || strcmp(end, ".lua") != 0 ||
      (size_t)(end - entry->d_name) >= sizeof name) {
    return 0;
  }
  (void)snprintf(name, sizeof name, "%.*s", (int)(end - entry->d_name),
                 entry->d_name);
  return is_job_name(name);
}

static size_t read_jobs(char jobs[JOBS][68])
{
  char folder[PATH_MAX];
  struct dirent **entries = NULL;
  int found;
  size_t count = 0;

  signet_host_scripts_folder(folder, sizeof folder);
  found = *folder != '\0' ? scandir(folder, &entries, is_job, alphasort) : -1;
  for (int i = 0; i < found; i++) {
    char *name = entries[i]->d_name;

    if (count < JOBS) {
      (void)snprintf(jobs[count++], sizeof jobs[0], "%.*s",
                     (int)(strlen(name) - 4), name);
    }
    free(entries[i]);
  }
  free(entries);
  return count;
}

void signet_host_scripts_list(char *out, size_t size, const char *joint)
{
  char jobs[JOBS][68];
  size_t count = read_jobs(jobs), length = 0;

  *out = '\0';
  for (size_t i = 0; i < count && length < size; i++) {
    length += (size_t)snprintf(out + length, size - length, "%s%s",
                               i > 0 ? joint : "", jobs[i]);
  }
}

struct job_names {
  char names[JOBS][68];
  size_t count;
};

static const char *job_name(size_t index, void *user)
{
  struct job_names *jobs = user;

  return index < jobs->count ? jobs->names[index] : NULL;
}

static void say_missing(const char *name, char *sentence, size_t size)
{
  struct job_names jobs = {.count = read_jobs(jobs.names)};
  const char *near = signet_host_suggest(name, job_name, &jobs);
  char list[512], shown[256];

  signet_host_scripts_list(list, sizeof list, ", ");
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  (void)snprintf(sentence, size,
                 "there is no script %s: %s; the shipped jobs are %s%s%s%s",
                 *shown != '\0' ? shown : "\"\"",
                 is_job_name(name)
                     ? "neither a shipped job nor a file of that name"
                     : "no file of that name",
                 *list != '\0' ? list : "not installed",
                 near != NULL ? "; did you mean " : "",
                 near != NULL ? near : "", near != NULL ? "?" : "");
}

/* It may be there, but not for this user, or not by this path. */
static void say_out_of_reach(const char *name, const char *why, char *sentence,
                             size_t size)
{
  char shown[256];

  signet_text_escape(shown, sizeof shown, name, strlen(name));
  (void)snprintf(sentence, size, "the script %s can't be reached: %s", shown,
                 why);
}

bool signet_host_scripts_find(const char *name, char *path, size_t size,
                              char *sentence, size_t sentence_size)
{
  char folder[PATH_MAX];

  if (is_job_name(name)) {
    /* A shipped job comes before a file in the current folder, so that what
     * lies around there can't take its place. */
    signet_host_scripts_folder(folder, sizeof folder);
    if (*folder != '\0' &&
        (size_t)snprintf(path, size, "%s/%s.lua", folder, name) < size &&
        is_file(path)) {
      return true;
    }
  }
  if (strlen(name) < size && is_file(name)) {
    (void)snprintf(path, size, "%s", name);
    return true;
  }
  if (is_directory(name)) {
    (void)snprintf(sentence, sentence_size, "%.200s is a folder, not a script",
                   name);
    return false;
  }
  if (access(name, F_OK) != 0 && errno != ENOENT && *name != '\0') {
    say_out_of_reach(name, strerror(errno), sentence, sentence_size);
  } else {
    say_missing(name, sentence, sentence_size);
  }
  return false;
}

static void add_folder(char *out, size_t size, const char *folder)
{
  size_t length = strlen(out);

  /* Lua's paths can't quote these. */
  if (*folder != '/' || strpbrk(folder, ";?") != NULL) {
    return;
  }
  (void)snprintf(out + length, size - length, "%s%s/?.lua;%s/?/init.lua",
                 length > 0 ? ";" : "", folder, folder);
}

bool signet_host_scripts_is_shipped(const char *path)
{
  char named[PATH_MAX], folder[PATH_MAX], file[PATH_MAX];
  size_t length;

  signet_host_scripts_folder(named, sizeof named);
  if (*named == '\0' || realpath(named, folder) == NULL ||
      realpath(path, file) == NULL) {
    return false;
  }
  length = strlen(folder);
  return strncmp(file, folder, length) == 0 && file[length] == '/';
}

char *signet_host_scripts_read(const char *path, size_t *length)
{
  FILE *file = fopen(path, "re");
  char *text;

  if (file == NULL) {
    return NULL;
  }
  text = signet_host_read_whole(file, SCRIPT_MAXIMUM, length);
  (void)fclose(file);
  return text;
}

void signet_host_scripts_lua_path(const char *script, char *out, size_t size)
{
  char folder[PATH_MAX], *slash;
  size_t length;

  *out = '\0';
  if (script != NULL && realpath(script, folder) != NULL &&
      (slash = strrchr(folder, '/')) != NULL) {
    *slash = '\0';
    add_folder(out, size, folder);
  }
  signet_host_scripts_folder(folder, sizeof folder);
  add_folder(out, size, folder);
  length = strlen(out);
  /* The engine puts Lua's own places where the semicolons are. */
  (void)snprintf(out + length, size - length, ";;");
}
