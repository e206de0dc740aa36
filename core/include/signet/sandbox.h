/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_H
#define SIGNET_SANDBOX_H

/**
 * @file signet/sandbox.h
 * A local HTTP server that imitates the service on a world, for demos and for
 * testing scripts: both dialects, credentials, latency, faults, a scripted
 * reviewer, and a control API under /__sandbox/. It listens on loopback only.
 * Library libsignet-sandbox.
 */

#include "signet/world.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A server with the world that it serves. */
typedef struct signet_sandbox signet_sandbox;

/** Initialise with SIGNET_SANDBOX_OPTIONS_INIT or its function. */
typedef struct signet_sandbox_options {
  uint32_t version;        /**< SIGNET_SANDBOX_OPTIONS_VERSION */
  uint16_t port;           /**< 0: any free one */
  const char *key;         /**< accepted credentials, default "key" */
  const char *secret;      /**< default "secret" */
  const char *state_file;  /**< read at the start if it is there, written on
                                exit and on request; NULL: none */
  int64_t latency_ms;      /**< added to every answer of the service */
  unsigned seed_signs;     /**< fill an empty world with so many signatures */
  unsigned seed_templates; /**< and templates */
} signet_sandbox_options;

/** The version of signet_sandbox_options that this header describes. */
#define SIGNET_SANDBOX_OPTIONS_VERSION 1
/* clang-format off */
/** The options with every default. */
#define SIGNET_SANDBOX_OPTIONS_INIT \
  { SIGNET_SANDBOX_OPTIONS_VERSION, 0, "key", "secret", NULL, 0, 0, 0 }
/* clang-format on */

/** Sets every field to that of SIGNET_SANDBOX_OPTIONS_INIT. */
SIGNET_API void signet_sandbox_options_init(signet_sandbox_options *options);

/**
 * Opens the port and loads the state. Answers nothing until it runs.
 * @return NULL: @p error says why (port taken, state file broken, …)
 */
SIGNET_API signet_sandbox *
signet_sandbox_open(const signet_sandbox_options *options, signet_error *error);

/** The port it listens on. */
SIGNET_API uint16_t signet_sandbox_port(const signet_sandbox *sandbox);

/**
 * The world it serves, borrowed until the sandbox closes; putting a state or a
 * reset by the control API replaces what is in it. Only to be touched while it
 * does not run.
 */
SIGNET_API signet_world *signet_sandbox_world(signet_sandbox *sandbox);

/** Serves on the calling thread until signet_sandbox_stop().
 * @return false: the state could not be written, @p error says why */
SIGNET_API bool signet_sandbox_run(signet_sandbox *sandbox,
                                   signet_error *error);

/** Makes signet_sandbox_run() return. From any thread or signal handler. */
SIGNET_API void signet_sandbox_stop(signet_sandbox *sandbox);

/** Closes the port and frees. NULL is allowed. */
SIGNET_API void signet_sandbox_close(signet_sandbox *sandbox);

#ifdef __cplusplus
}
#endif
#endif
