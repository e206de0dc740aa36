/* SPDX-License-Identifier: MIT */
#include "host/session/kept.h"

#include "host/session/job.h"
#include "model/text.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool no_memory(signet_error *error)
{
  error->kind = SIGNET_ERROR_MEMORY;
  (void)snprintf(error->message, sizeof error->message, "out of memory");
  return false;
}

/* ---- options ---- */

static bool is_path(const struct option_row *row)
{
  return row->choices != NULL && (strcmp(row->choices, "FILE") == 0 ||
                                  strcmp(row->choices, "DIRECTORY") == 0);
}

/* Whether an option is about the job; where its journal is, what is shown of
 * it, how long a run may take, and that damage is accepted, which the next one
 * may not be, belong to each command line. */
static bool is_kept(const struct arguments *arguments, enum option option)
{
  static const enum option others[] = {
      OPTION_STATE_DIR,    OPTION_JSON,  OPTION_QUIET,    OPTION_VERBOSE,
      OPTION_TRACE,        OPTION_COLOR, OPTION_HELP,     OPTION_NEW_INPUT,
      OPTION_WAIT_LOCK,    OPTION_PARK,  OPTION_DEADLINE, OPTION_VERSION,
      OPTION_ACCEPT_DAMAGE};

  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (others[i] == option)
      return false;
  return (signet_host_options[option].group &
          arguments->commands[COMMAND_RESUME].options) != 0;
}

/* The path from the root. */
static void make_absolute(const char *path, char *out, size_t size)
{
  char folder[PATH_MAX];

  if (*path == '/' || *path == '\0' || getcwd(folder, sizeof folder) == NULL)
    (void)snprintf(out, size, "%s", path);
  else
    (void)snprintf(out, size, "%s/%s", folder, path);
}

static json_object *option_word(const struct arguments *arguments,
                                enum option option)
{
  const struct option_row *row = &signet_host_options[option];
  const char *value = arguments->values[option];
  char path[2 * PATH_MAX], word[2 * PATH_MAX + 64];

  if (row->value == NULL) {
    (void)snprintf(word, sizeof word, "--%s", row->name);
    return json_object_new_string(word);
  }
  if (is_path(row)) {
    make_absolute(value, path, sizeof path);
    value = path;
  }
  (void)snprintf(word, sizeof word, "--%s=%s", row->name, value);
  return json_object_new_string(word);
}

static bool keep_options(struct session *session, signet_error *error)
{
  const struct arguments *arguments = &session->host->arguments;
  json_object *list = json_object_new_array();
  bool good;

  for (int i = 0; list != NULL && i < OPTION_COUNT; i++)
    if (arguments->times[i] > 0 && is_kept(arguments, (enum option)i))
      (void)json_object_array_add(list, option_word(arguments, (enum option)i));
  good =
      list != NULL
          ? signet_job_keep_input(session->job, "options",
                                  json_object_to_json_string_ext(
                                      list, JSON_C_TO_STRING_PLAIN |
                                                JSON_C_TO_STRING_NOSLASHESCAPE),
                                  error)
          : no_memory(error);
  (void)json_object_put(list);
  return good;
}

bool signet_host_kept_keep(struct session *session, const struct script *script,
                           signet_error *error)
{
  return signet_script_keep(script->code, session->job, error) &&
         keep_options(session, error);
}

/* ---- resuming ---- */

bool signet_host_kept_read(struct kept *kept, const char *state_dir,
                           const char *job, signet_error *error)
{
  const struct {
    const char *type;
    char **value;
  } parts[] = {{"options", &kept->options}, {"folder", &kept->folder}};

  *kept = (struct kept){0};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (!signet_job_read_input(state_dir, job, parts[i].type, parts[i].value,
                               error))
      return false;
  return true;
}

void signet_host_kept_free(struct kept *kept)
{
  signet_job_text_free(kept->options);
  signet_job_text_free(kept->folder);
  for (int i = 0; i < kept->count; i++)
    free(kept->words[i]);
  *kept = (struct kept){0};
}

static bool is_connection(enum option option)
{
  return option == OPTION_PROFILE || option == OPTION_BASE_URL ||
         option == OPTION_API;
}

static bool has_room(const struct kept *kept)
{
  return kept->count < (int)(sizeof kept->words / sizeof kept->words[0]);
}

static void take_word(struct kept *kept, struct arguments *arguments,
                      const char *text, bool connects)
{
  size_t length = strcspn(text + 2, "=");
  int option = 0;
  char *word;

  while (option < OPTION_COUNT &&
         (strlen(signet_host_options[option].name) != length ||
          strncmp(signet_host_options[option].name, text + 2, length) != 0))
    option++;
  if (option == OPTION_COUNT || arguments->times[option] > 0 ||
      !has_room(kept) || (connects && is_connection((enum option)option)) ||
      (word = strdup(text[2 + length] == '=' ? text + 3 + length : "")) == NULL)
    return;
  kept->words[kept->count++] = word;
  arguments->values[option] =
      signet_host_options[option].kind == VALUE_SETTING && *word == '\0' ? "yes"
                                                                         : word;
  arguments->times[option] = 1;
}

void signet_host_kept_merge(struct kept *kept, struct arguments *arguments)
{
  json_object *list =
      kept->options != NULL ? json_tokener_parse(kept->options) : NULL;
  size_t count = json_object_is_type(list, json_type_array)
                     ? json_object_array_length(list)
                     : 0;
  bool connects = arguments->times[OPTION_PROFILE] > 0 ||
                  arguments->times[OPTION_BASE_URL] > 0 ||
                  arguments->times[OPTION_API] > 0;

  for (size_t i = 0; i < count; i++) {
    const char *text =
        json_object_get_string(json_object_array_get_idx(list, i));

    if (text != NULL && strncmp(text, "--", 2) == 0)
      take_word(kept, arguments, text, connects);
  }
  (void)json_object_put(list);
}

/* Paths that were given for the folder that is left now. */
static bool keep_paths(struct kept *kept, struct host *host,
                       signet_error *error)
{
  struct arguments *arguments = &host->arguments;
  char path[2 * PATH_MAX];

  for (int i = 0; i < OPTION_COUNT; i++) {
    if (arguments->times[i] == 0 || !is_path(&signet_host_options[i]) ||
        *arguments->values[i] == '/')
      continue;
    make_absolute(arguments->values[i], path, sizeof path);
    arguments->values[i] = has_room(kept) ? strdup(path) : NULL;
    if (arguments->values[i] == NULL)
      return no_memory(error);
    kept->words[kept->count++] = (char *)arguments->values[i];
  }
  return true;
}

bool signet_host_kept_enter(struct kept *kept, struct host *host,
                            signet_error *error)
{
  char shown[300];

  if (kept->folder == NULL || signet_host_flag(host, OPTION_NEW_INPUT))
    return true;
  if (!keep_paths(kept, host, error))
    return false;
  if (chdir(kept->folder) == 0)
    return true;
  signet_text_escape(shown, sizeof shown, kept->folder, strlen(kept->folder));
  error->kind = SIGNET_ERROR_REFUSED;
  (void)snprintf(error->message, sizeof error->message,
                 "the job ran in the folder %s, which can't be entered: %s; "
                 "with --new-input it goes on in this folder",
                 shown, strerror(errno));
  return false;
}
