/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SCRIPT_H
#define SIGNET_SCRIPT_H

/**
 * @file signet/script.h
 * Scripts that are run as jobs: a file, a shipped job by its name, or what the
 * journal kept of a job that goes on. Library libsignet-engine.
 *
 *     signet_script *script = signet_script_open("rename", argc, argv, &error);
 *     signet_script_job_options(script, &job_options);
 *     job = signet_job_new(&job_options, &error);
 *     signet_script_keep(script, job, &error);
 *     … an engine with that job, and the script's script_path …
 *     signet_engine_run(engine, script, &failure);
 *
 * bindings/examples/jobs.c is such a program. Names and paths are those of
 * `signet run`.
 */

#include "signet/engine.h"
#include "signet/jobs.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A script, and how it was called. */
typedef struct signet_script signet_script;

/** What a script is. Everything is borrowed from it. */
typedef struct signet_script_about {
  const char *name;        /**< as it was called: a path, a shipped job's name,
                                "-" for standard input */
  const char *path;        /**< of its file; NULL: it has none */
  const char *text;        /**< ends with NUL */
  size_t length;           /**< bytes in `text` */
  int argc;                /**< its arguments */
  const char *const *argv; /**< the first one is argv[0]; NULL behind them */
  const char *folder;      /**< in which a job that goes on was begun; NULL: of
                                another script, or it is not known */
  const char *script_path; /**< for signet_engine_options.script_path: its own
                                folder, the shipped one, Lua's own places */
  bool shipped;            /**< its file is a shipped job's */
} signet_script_about;

/**
 * Finds a script and reads it.
 * @param name  a shipped job's name, which comes first, or a path
 * @param argv  its arguments, copied; the first one is argv[0]
 * @return free with signet_script_free(). NULL: there is none of that name
 *         (SIGNET_ERROR_NOT_FOUND), it is a folder or out of reach
 *         (SIGNET_ERROR_VALIDATION), it can't be read (SIGNET_ERROR_STORE), or
 *         as signet_script_new()
 */
SIGNET_API signet_script *signet_script_open(const char *name, int argc,
                                             const char *const *argv,
                                             signet_error *error);

/**
 * A script whose text was read before.
 * @param name  as it was called
 * @param path  of its file; NULL: it has none
 * @param text  copied
 * @return free with signet_script_free(). NULL: it is no text that could be a
 *         script: UTF-16, HTML, or with a NUL byte (SIGNET_ERROR_REFUSED)
 */
SIGNET_API signet_script *signet_script_new(const char *name, const char *path,
                                            const char *text, size_t length,
                                            int argc, const char *const *argv,
                                            signet_error *error);

/**
 * The script of a job that is resumed, as its first run had it: text, arguments
 * and file. A job that kept no text has an empty one: what is open of it is
 * settled, and nothing is run.
 * @param job        one that signet_job_how_to_resume() calls a script's
 * @param new_input  take the script's file as it is now
 * @return free with signet_script_free(). NULL: the file has changed since
 *         (SIGNET_ERROR_REFUSED, unless @p new_input), or the journal can't be
 *         read
 */
SIGNET_API signet_script *signet_script_of_job(const char *state_dir,
                                               const signet_job_view *job,
                                               bool new_input,
                                               signet_error *error);

/** Frees it. NULL is allowed. */
SIGNET_API void signet_script_free(signet_script *script);

/** What it is. */
SIGNET_API void signet_script_describe(const signet_script *script,
                                       signet_script_about *about);

/** Sets what the options of the script's job must say: type, name, script,
 * arguments, and of one that goes on `resume`. The texts are borrowed from @p
 * script until signet_job_new(). */
SIGNET_API void signet_script_job_options(const signet_script *script,
                                          signet_job_options *options);

/** Keeps with a new job where it is run: the current folder and the script's
 * file, for signet_script_of_job(). @param script  NULL: the job's is no script
 * @return false: @p error */
SIGNET_API bool signet_script_keep(const signet_script *script, signet_job *job,
                                   signet_error *error);

/** Runs it, as signet_engine_run_script() does. The engine was made with its
 * `script_path` and its job. */
SIGNET_API bool signet_engine_run(signet_engine *engine,
                                  const signet_script *script,
                                  signet_failure *failure);

/**
 * @name Where scripts are
 * @{
 */

/** The folder of the shipped jobs, found from the place of the executable, else
 * of this library; "" where it is missing. */
SIGNET_API void signet_scripts_folder(char *out, size_t size);

/** Gets a shipped job's name. Return false to stop early. */
typedef bool (*signet_script_name_fn)(void *user, const char *name);

/** Shows the names of the shipped jobs, in their order. */
SIGNET_API void signet_scripts_each(signet_script_name_fn function, void *user);

/** Finds what a name of signet_script_open() means.
 * @param path  set to the script's path. @return false: as there */
SIGNET_API bool signet_script_find(const char *name, char *path, size_t size,
                                   signet_error *error);

/** package.path for what belongs to no script: the shipped folder, and Lua's
 * own places; nothing relative. @param script  of a script's file: its folder
 * comes first; NULL: none */
SIGNET_API void signet_scripts_lua_path(const char *script, char *out,
                                        size_t size);
/** @} */

#ifdef __cplusplus
}
#endif
#endif
