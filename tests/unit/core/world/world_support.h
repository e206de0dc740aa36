/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_WORLD_SUPPORT_H
#define SIGNET_TESTS_WORLD_SUPPORT_H

/* Operations on one world, told and answered as short texts. */

#include "signet/world.h"

enum { NOW_S = 1700000000 };

/** The world under test, made by world_begin() at 1 700 000 000 s. */
extern signet_world *world;
/** Which dialect the operations speak; configs at the beginning. */
extern signet_dialect dialect;
/** The error of the last operation. */
extern signet_error last_error;

void world_begin(void);
void world_end(void);

/**
 * One operation.
 * @param what  "list", "get", "create", "update" or "delete"
 * @param body  the fields as JSON, NULL: none
 * @return "ok", or the service's words; valid until the next call
 */
const char *apply(const char *what, signet_kind kind, const char *id,
                  const char *body);
/** The records that the last list, get or create answered, one per line. */
const char *answer(void);
/** A signature of that name, approved. @return its id, static for the test */
const char *approved_sign(const char *name);
/** One field of an entry as text, "" where it is absent. */
const char *field(signet_kind kind, const char *id, const char *name);
void set_seconds(int64_t seconds);
/** The world as signet_world_save() has it; freed by world_end(). */
const char *saved(void);
/** Loads a text. @return "ok" or the error's message */
const char *load(const char *text);

#endif
