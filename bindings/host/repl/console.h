/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_CONSOLE_H
#define SIGNET_HOST_CONSOLE_H

/* The C side of console.lua. */

#include "host/system/terminal.h"
#include "signet/engine.h"

enum compiled {
  COMPILED_READY,
  COMPILED_INCOMPLETE, /* more lines may make it right */
  COMPILED_WRONG
};

struct console {
  signet_engine *engine;
  struct terminal *terminal;
  int table; /* reference into the registry */
};

/** Loads console.lua into the engine. @return false: out of memory */
bool signet_host_console_open(struct console *console, signet_engine *engine,
                              struct terminal *terminal);

/** Defines `signet` and, connected when it is first looked at, `sms`. */
bool signet_host_console_predefine(struct console *console);

/**
 * Compiles a chunk and lays it ready for signet_host_console_start().
 * An expression may stand for a chunk, and its values are shown; lines that are
 * several chunks run one after the other.
 * @param lasts    whether its top-level locals last until the next chunk
 * @param message  room for what is wrong with it
 */
enum compiled signet_host_console_compile(struct console *console,
                                          const char *text, size_t length,
                                          const char *name, bool lasts,
                                          int argc, const char *const *argv,
                                          char *message, size_t size);

/** Runs the chunk that was laid ready. */
bool signet_host_console_start(struct console *console,
                               signet_failure *failure);

/** Whether there are locals to be closed at the end. */
bool signet_host_console_waits(struct console *console);

/** Closes them. @return false: one raised an error */
bool signet_host_console_leave(struct console *console,
                               signet_failure *failure);

/**
 * Asks what the name at the end of @p line may become.
 * @param start  set to how many bytes of the name are there
 * @param take   called for each candidate; its text is borrowed
 */
void signet_host_console_complete(struct console *console, const char *line,
                                  size_t length, size_t *start,
                                  void (*take)(void *user, const char *name),
                                  void *user);

#endif
