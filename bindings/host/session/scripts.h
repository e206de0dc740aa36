/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_SCRIPTS_H
#define SIGNET_HOST_SCRIPTS_H

/* Where scripts are: the person's own by path, the shipped ones by name. */

#include <stdbool.h>
#include <stddef.h>

/** A script has fewer bytes. */
enum { SCRIPT_MAXIMUM = 64 << 20 };

/** The folder of the shipped scripts, found from the executable's own place;
 * "" where it is missing. */
void signet_host_scripts_folder(char *out, size_t size);

/** The shipped jobs' names, sorted and joined with ", ". */
void signet_host_scripts_list(char *out, size_t size, const char *joint);

/**
 * Finds what `signet run NAME` means.
 * @param path      room for the script's path
 * @param sentence  room for what to say where there is none
 */
bool signet_host_scripts_find(const char *name, char *path, size_t size,
                              char *sentence, size_t sentence_size);

/** Whether a script's file is a shipped job's. */
bool signet_host_scripts_is_shipped(const char *path);

/** Reads a script's file; free() the text, behind which a NUL stands.
 * @return NULL: errno says why, EFBIG that it is too long */
char *signet_host_scripts_read(const char *path, size_t *length);

/** package.path for a script: its own folder, the shipped folder, Lua's own;
 * nothing relative. @param script  NULL: none, "" is left out */
void signet_host_scripts_lua_path(const char *script, char *out, size_t size);

#endif
