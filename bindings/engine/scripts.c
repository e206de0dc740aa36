/* SPDX-License-Identifier: MIT */
/* Where scripts are: the person's own by path, the shipped ones by name. */
#include "engine/script.h"

#include "model/error_fill.h"
#include "model/text.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 68 };

static const char here = 0; /* somewhere in this library */

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

/* ---- the shipped folder ---- */

/* @param file  in whose folder `place` begins */
static bool look_beside(const char *file, const char *place, char *out,
                        size_t size)
{
  const char *slash = strrchr(file, '/');
  char path[PATH_MAX + 64];

  if (slash == NULL)
    return false;
  (void)snprintf(path, sizeof path, "%.*s/%s", (int)(slash - file), file,
                 place);
  if (!is_directory(path) || strlen(path) >= size)
    return false;
  (void)snprintf(out, size, "%s", path);
  return true;
}

void signet_scripts_folder(char *out, size_t size)
{
  char executable[PATH_MAX], library[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable);
  Dl_info info;

  *out = '\0';
  if (length > 0 && (size_t)length < sizeof executable) {
    executable[length] = '\0';
    /* As built, and as installed. */
    if (look_beside(executable, "share/signet/scripts", out, size) ||
        look_beside(executable, SIGNET_SCRIPTS_FROM_EXECUTABLE, out, size))
      return;
  }
  if (dladdr(&here, &info) != 0 && info.dli_fname != NULL &&
      realpath(info.dli_fname, library) != NULL)
    (void)look_beside(library, SIGNET_SCRIPTS_FROM_LIBRARY, out, size);
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
  char name[NAME_SIZE];

  if (end == NULL || strcmp(end, ".lua") != 0 ||
      (size_t)(end - entry->d_name) >= sizeof name)
    return 0;
  (void)snprintf(name, sizeof name, "%.*s", (int)(end - entry->d_name),
                 entry->d_name);
  return is_job_name(name);
}

void signet_scripts_each(signet_script_name_fn function, void *user)
{
  char folder[PATH_MAX], name[NAME_SIZE];
  struct dirent **entries = NULL;
  bool more = true;
  int found;

  signet_scripts_folder(folder, sizeof folder);
  found = *folder != '\0' ? scandir(folder, &entries, is_job, alphasort) : -1;
  for (int i = 0; i < found; i++) {
    (void)snprintf(name, sizeof name, "%.*s",
                   (int)(strlen(entries[i]->d_name) - 4), entries[i]->d_name);
    more = more && function(user, name);
    free(entries[i]);
  }
  free(entries);
}

/* ---- by name ---- */

struct names {
  char text[400];
  size_t length;
};

static bool add_name(void *user, const char *name)
{
  struct names *names = user;

  if (names->length < sizeof names->text) {
    names->length += (size_t)snprintf(
        names->text + names->length, sizeof names->text - names->length, "%s%s",
        names->length > 0 ? ", " : "", name);
  }
  return true;
}

static bool say_missing(const char *name, signet_error *error)
{
  struct names names = {.text = ""};
  char shown[160];

  signet_scripts_each(add_name, &names);
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  return signet_error_set(error, SIGNET_ERROR_NOT_FOUND,
                          "there is no script %s: %s; the shipped jobs are %s",
                          *shown != '\0' ? shown : "\"\"",
                          is_job_name(name)
                              ? "neither a shipped job nor a file of that name"
                              : "no file of that name",
                          names.length > 0 ? names.text : "not installed");
}

/* It may be there, but not for this user, or not by this path. */
static bool say_out_of_reach(const char *name, const char *why,
                             signet_error *error)
{
  char shown[256];

  signet_text_escape(shown, sizeof shown, name, strlen(name));
  return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                          "the script %s can't be reached: %s", shown, why);
}

bool signet_script_find(const char *name, char *path, size_t size,
                        signet_error *error)
{
  char folder[PATH_MAX];

  signet_error_init(error);
  if (is_job_name(name)) {
    /* A shipped job comes before a file in the current folder, so that what
     * lies around there can't take its place. */
    signet_scripts_folder(folder, sizeof folder);
    if (*folder != '\0' &&
        (size_t)snprintf(path, size, "%s/%s.lua", folder, name) < size &&
        is_file(path))
      return true;
  }
  if (strlen(name) < size && is_file(name)) {
    (void)snprintf(path, size, "%s", name);
    return true;
  }
  if (is_directory(name)) {
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "%.200s is a folder, not a script", name);
  }
  if (access(name, F_OK) != 0 && errno != ENOENT && *name != '\0')
    return say_out_of_reach(name, strerror(errno), error);
  return say_missing(name, error);
}

bool signet_script_is_shipped(const char *path)
{
  char named[PATH_MAX], folder[PATH_MAX], file[PATH_MAX];
  size_t length;

  signet_scripts_folder(named, sizeof named);
  if (*named == '\0' || realpath(named, folder) == NULL ||
      realpath(path, file) == NULL)
    return false;
  length = strlen(folder);
  return strncmp(file, folder, length) == 0 && file[length] == '/';
}

/* ---- what it may require ---- */

static void add_folder(char *out, size_t size, const char *folder)
{
  size_t length = strlen(out);

  /* Lua's paths can't quote these. */
  if (*folder != '/' || strpbrk(folder, ";?") != NULL)
    return;
  (void)snprintf(out + length, size - length, "%s%s/?.lua;%s/?/init.lua",
                 length > 0 ? ";" : "", folder, folder);
}

void signet_scripts_lua_path(const char *script, char *out, size_t size)
{
  char folder[PATH_MAX], *slash;
  size_t length;

  *out = '\0';
  if (script != NULL && realpath(script, folder) != NULL &&
      (slash = strrchr(folder, '/')) != NULL) {
    *slash = '\0';
    add_folder(out, size, folder);
  }
  signet_scripts_folder(folder, sizeof folder);
  add_folder(out, size, folder);
  length = strlen(out);
  /* The engine puts Lua's own places where the semicolons are. */
  (void)snprintf(out + length, size - length, ";;");
}
