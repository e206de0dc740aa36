/* SPDX-License-Identifier: MIT */
/* A script as it is run: its text and how it was called, from a file or from
 * the journal. */
#include "engine/script.h"

#include "model/error_fill.h"
#include "model/text.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAXIMUM = 64 << 20 };

struct signet_script {
  char *name;
  char *path;
  char *text;
  size_t length;
  json_object *arguments; /* strings, which argv points to */
  int argc;
  const char **argv;
  char *folder;
  char *resume; /* the job that goes on; NULL: a new one */
  char script_path[3 * PATH_MAX];
  bool shipped;
};

static void *no_memory(signet_error *error)
{
  (void)signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  return NULL;
}

/* ---- text that is no script ---- */

/* Whether the text begins so, behind a byte order mark and white space. */
static bool begins_as_html(const char *text, size_t length)
{
  const char *end = text + length;

  if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
    text += 3;
  while (text < end && isspace((unsigned char)*text))
    text++;
  return end - text > 1 && text[0] == '<' &&
         (isalpha((unsigned char)text[1]) || text[1] == '!' || text[1] == '?');
}

/* What can be told about it without reading it as Lua. NULL: nothing */
static const char *mistake_in(const char *text, size_t length)
{
  bool binary = memchr(text, '\0', length) != NULL;

  if (length >= 2 && binary &&
      (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
    return "a script is UTF-8, and this one is UTF-16: save it as UTF-8";
  /* The journal keeps it as text; and bytecode is refused as what it is. */
  if (binary && *text != '\x1b')
    return "a script is text, and this one holds a NUL byte";
  if (begins_as_html(text, length)) {
    return "this is HTML or XML, not Lua: perhaps the page around a script was "
           "saved, not the script itself";
  }
  return NULL;
}

/* ---- making one ---- */

static bool copy(char **to, const char *text)
{
  *to = text != NULL ? strdup(text) : NULL;
  return text == NULL || *to != NULL;
}

/* Points argv into the array of arguments, which becomes the script's. */
static bool take_arguments(signet_script *script, json_object *arguments)
{
  size_t count = json_object_is_type(arguments, json_type_array)
                     ? json_object_array_length(arguments)
                     : 0;

  script->arguments = arguments;
  script->argc = (int)count;
  script->argv = calloc(count + 1, sizeof script->argv[0]);
  for (size_t i = 0; script->argv != NULL && i < count; i++) {
    script->argv[i] =
        json_object_get_string(json_object_array_get_idx(arguments, i));
  }
  return arguments != NULL && script->argv != NULL;
}

static json_object *array_of(int argc, const char *const *argv)
{
  json_object *array = json_object_new_array();

  for (int i = 0; array != NULL && i < argc; i++) {
    json_object *word = json_object_new_string(argv[i]);

    if (word == NULL || json_object_array_add(array, word) != 0) {
      json_object_put(word);
      json_object_put(array);
      return NULL;
    }
  }
  return array;
}

/* Takes the arguments over. */
static signet_script *make(const char *name, const char *path, const char *text,
                           size_t length, json_object *arguments,
                           signet_error *error)
{
  signet_script *script = calloc(1, sizeof *script);

  if (script == NULL) {
    json_object_put(arguments);
    return no_memory(error);
  }
  script->text = malloc(length + 1);
  if (!take_arguments(script, arguments) || script->text == NULL ||
      !copy(&script->name, name) || !copy(&script->path, path)) {
    signet_script_free(script);
    return no_memory(error);
  }
  memcpy(script->text, text, length);
  script->text[length] = '\0';
  script->length = length;
  script->shipped = path != NULL && signet_script_is_shipped(path);
  signet_scripts_lua_path(path, script->script_path,
                          sizeof script->script_path);
  return script;
}

signet_script *signet_script_new(const char *name, const char *path,
                                 const char *text, size_t length, int argc,
                                 const char *const *argv, signet_error *error)
{
  const char *mistake = mistake_in(text, length);

  signet_error_init(error);
  if (mistake != NULL) {
    (void)signet_error_set(error, SIGNET_ERROR_REFUSED, "%s", mistake);
    return NULL;
  }
  return make(name, path, text, length, array_of(argc, argv), error);
}

void signet_script_free(signet_script *script)
{
  if (script == NULL)
    return;
  json_object_put(script->arguments);
  free(script->argv);
  free(script->name);
  free(script->path);
  free(script->text);
  free(script->folder);
  free(script->resume);
  free(script);
}

/* ---- from a file ---- */

/* With a NUL behind it. NULL: errno says why */
static char *read_file(const char *path, size_t *length)
{
  FILE *file = fopen(path, "re");
  char *text = NULL, *grown;
  size_t room = 0, count = 1;

  *length = 0;
  while (file != NULL && count > 0) {
    if (*length + 1 >= room) {
      room = room > 0 ? 2 * room : 8192;
      grown = room <= TEXT_MAXIMUM ? realloc(text, room) : NULL;
      if (grown == NULL) {
        errno = room <= TEXT_MAXIMUM ? ENOMEM : EFBIG;
        break;
      }
      text = grown;
    }
    count = fread(text + *length, 1, room - *length - 1, file);
    *length += count;
  }
  if (file == NULL || count > 0 || ferror(file)) {
    free(text);
    text = NULL;
  } else {
    text[*length] = '\0';
  }
  if (file != NULL) {
    int problem = errno;

    (void)fclose(file);
    errno = problem;
  }
  return text;
}

signet_script *signet_script_open(const char *name, int argc,
                                  const char *const *argv, signet_error *error)
{
  char path[PATH_MAX], *text;
  signet_script *script = NULL;
  size_t length;

  if (!signet_script_find(name, path, sizeof path, error))
    return NULL;
  text = read_file(path, &length);
  if (text != NULL) {
    script = signet_script_new(name, path, text, length, argc, argv, error);
  } else {
    (void)signet_error_set(
        error, SIGNET_ERROR_STORE, "%.400s can't be read: %s", path,
        errno == EFBIG ? "it is too long for a script" : strerror(errno));
  }
  free(text);
  return script;
}

/* ---- from the journal ---- */

/* What a journal has of a script; NULL: it kept none. */
struct kept {
  char *text;
  char *folder;
  char *path;
};

static bool read_kept(const char *state_dir, const char *id, struct kept *kept,
                      signet_error *error)
{
  return signet_job_read_script(state_dir, id, &kept->text, error) &&
         signet_job_read_input(state_dir, id, "folder", &kept->folder, error) &&
         signet_job_read_input(state_dir, id, "path", &kept->path, error);
}

static void free_kept(struct kept *kept)
{
  signet_job_text_free(kept->text);
  signet_job_text_free(kept->folder);
  signet_job_text_free(kept->path);
}

/* What the script's file holds now; a pipe holds nothing a second time. NULL:
 * the job began with it, or it can't be read, and what the job has kept serves
 */
static char *changed_text(const struct kept *kept)
{
  struct stat status;
  size_t length;
  char *text;

  if (kept->path == NULL || kept->text == NULL ||
      stat(kept->path, &status) != 0 || !S_ISREG(status.st_mode))
    return NULL;
  text = read_file(kept->path, &length);
  if (text != NULL && strcmp(text, kept->text) == 0) {
    free(text);
    return NULL;
  }
  return text;
}

static bool refuse_changed(const signet_job_view *job, const char *path,
                           signet_error *error)
{
  char shown[200];

  signet_text_escape(shown, sizeof shown, path, strlen(path));
  return signet_error_set(
      error, SIGNET_ERROR_REFUSED,
      "%s has changed since job %s ran it, and a job goes on with what it "
      "began "
      "with: put it back, or give --new-input to take it as it is now",
      shown, job->id);
}

/* Of an older journal, which kept no file, the name tells it. */
static const char *file_of(const signet_job_view *job, const struct kept *kept,
                           char *path, size_t size)
{
  signet_error ignored = SIGNET_ERROR_INIT;

  if (kept->path != NULL)
    return kept->path;
  return kept->folder == NULL &&
                 signet_script_find(job->name, path, size, &ignored)
             ? path
             : NULL;
}

/* @param text  as it is run */
static signet_script *recall(const signet_job_view *job, const char *text,
                             const struct kept *kept, signet_error *error)
{
  char path[PATH_MAX];
  json_object *arguments = json_tokener_parse(job->arguments);
  signet_script *script;

  if (!json_object_is_type(arguments, json_type_array)) {
    json_object_put(arguments);
    arguments = json_object_new_array();
  }
  script = make(job->name, file_of(job, kept, path, sizeof path), text,
                strlen(text), arguments, error);
  if (script != NULL && (!copy(&script->folder, kept->folder) ||
                         !copy(&script->resume, job->id))) {
    signet_script_free(script);
    return no_memory(error);
  }
  return script;
}

signet_script *signet_script_of_job(const char *state_dir,
                                    const signet_job_view *job, bool new_input,
                                    signet_error *error)
{
  struct kept kept = {NULL, NULL, NULL};
  signet_script *script = NULL;
  char *changed = NULL;
  const char *text;

  if (read_kept(state_dir, job->id, &kept, error)) {
    changed = changed_text(&kept);
    text = changed != NULL ? changed : kept.text != NULL ? kept.text : "";
    if (changed == NULL || new_input || refuse_changed(job, kept.path, error))
      script = recall(job, text, &kept, error);
  }
  free(changed);
  free_kept(&kept);
  return script;
}

/* ---- as a job ---- */

void signet_script_describe(const signet_script *script,
                            signet_script_about *about)
{
  *about = (signet_script_about){.name = script->name,
                                 .path = script->path,
                                 .text = script->text,
                                 .length = script->length,
                                 .argc = script->argc,
                                 .argv = script->argv,
                                 .folder = script->folder,
                                 .script_path = script->script_path,
                                 .shipped = script->shipped};
}

void signet_script_job_options(const signet_script *script,
                               signet_job_options *options)
{
  options->type = signet_job_type_name(SIGNET_JOB_RUN);
  options->name = script->name;
  options->script = script->text;
  options->resume = script->resume;
  options->arguments = json_object_to_json_string_ext(
      script->arguments,
      JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

bool signet_script_keep(const signet_script *script, signet_job *job,
                        signet_error *error)
{
  char folder[PATH_MAX], path[2 * PATH_MAX];
  bool known = getcwd(folder, sizeof folder) != NULL;

  if (known && !signet_job_keep_input(job, "folder", folder, error))
    return false;
  if (script == NULL || script->path == NULL)
    return true;
  (void)snprintf(path, sizeof path, "%s%s%s",
                 known && *script->path != '/' ? folder : "",
                 known && *script->path != '/' ? "/" : "", script->path);
  return signet_job_keep_input(job, "path", path, error);
}

/* What Lua calls the script in its messages. */
bool signet_engine_run(signet_engine *engine, const signet_script *script,
                       signet_failure *failure)
{
  char name[PATH_MAX + 1] = "=stdin";

  if (strcmp(script->name, "-") != 0) {
    (void)snprintf(name, sizeof name, "@%s",
                   script->path != NULL ? script->path : script->name);
  }
  return signet_engine_run_script(engine, script->text, script->length, name,
                                  script->argc, script->argv, failure);
}
