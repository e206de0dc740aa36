/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_ACCOUNT_ON_WORLD_H
#define SIGNET_TESTS_ACCOUNT_ON_WORLD_H

/* An account on a world, for every test that needs one. Each function asserts
 * that what it does works. */

#include "account/account.h"
#include "signet/account.h"
#include "signet/world.h"

typedef struct on_world {
  signet_loop *loop;
  signet_world *world;
  signet_account *account;
} on_world;

/* The one of the running test: Criterion gives each test its own process. */
extern on_world on;

void on_world_begin(void);
void on_world_end(void);
/** Opens it again in the other dialect. */
void on_world_speak(signet_dialect dialect);

/** Waits, checks that it worked, and gives the call back to be released. */
signet_call *expect_done(signet_call *call);
/** Waits, checks the kind and the outcome, releases the call. */
void expect_error(signet_call *call, signet_error_kind kind,
                  signet_outcome outcome);
/** The same; the message must hold @p words. */
void expect_words(signet_call *call, signet_error_kind kind,
                  signet_outcome outcome, const char *words);

/** Fields of one text. */
signet_fields *text_field(const char *name, const char *text);
/** All that a template needs, without a signature. */
signet_fields *template_fields(const char *name);

/** Deletes an entry, as somebody else does. */
void world_delete(signet_kind kind, const char *id);
/** Creates a signature straight in the world; @p status decides its review.
 * The id is written to @p id (24 bytes). */
void world_sign(const char *name, int status, char *id);
/** The same for a template; @p sign_id NULL: without a signature. */
void world_template(const char *name, int status, const char *sign_id,
                    int64_t position, char *id);

#endif
