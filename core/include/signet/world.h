/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_H
#define SIGNET_WORLD_H

/**
 * @file signet/world.h
 * An account in memory that follows the service's rules: unique names, review
 * states, entries that are locked by message plans. No I/O and no clock of its
 * own. The sandbox server serves one over HTTP, and an account can be opened on
 * one (signet_account_options.world).
 *
 * What the service's pages leave open is a switch in signet_world_options.
 */

#include "signet/account.h"

#ifdef __cplusplus
extern "C" {
#endif

/** When "test" in a template's content is refused. */
typedef enum signet_world_test_rule {
  SIGNET_WORLD_TEST_WORD = 0, /**< as a word of its own, whatever the case */
  SIGNET_WORLD_TEST_ANYWHERE = 1, /**< inside words too, whatever the case */
  SIGNET_WORLD_TEST_EXACT = 2     /**< "test" in small letters, anywhere */
} signet_world_test_rule;

/** Initialise with SIGNET_WORLD_OPTIONS_INIT or its function. */
typedef struct signet_world_options {
  uint32_t version;                 /**< SIGNET_WORLD_OPTIONS_VERSION */
  signet_world_test_rule test_rule; /**< default SIGNET_WORLD_TEST_WORD */
  bool delete_pending;      /**< a Pending entry may be deleted; default true */
  bool free_name_on_submit; /**< a rename frees the old name at once, not when
                                 it is approved; default true */
  bool review_unchanged;    /**< an update that changes nothing goes to review;
                                 default true */
  bool length_in_bytes;     /**< lengths count bytes; default false */
  bool delete_used_sign;    /**< a signature that templates use may be deleted;
                                 default true: the pages don't forbid it */
  bool create_tells_id;     /**< create answers the id; default true */
  unsigned max_signs;       /**< signatures in the signs dialect, 100 */
} signet_world_options;

/** The version of signet_world_options that this header describes. */
#define SIGNET_WORLD_OPTIONS_VERSION 1
/* clang-format off */
/** The switches with every default. */
#define SIGNET_WORLD_OPTIONS_INIT                                             \
  { SIGNET_WORLD_OPTIONS_VERSION, SIGNET_WORLD_TEST_WORD, true, true, true,   \
    false, true, true, 100 }
/* clang-format on */

/** Sets every field to that of SIGNET_WORLD_OPTIONS_INIT. */
SIGNET_API void signet_world_options_init(signet_world_options *options);

/** An empty world. @param options NULL: defaults. NULL: out of memory. */
SIGNET_API signet_world *signet_world_new(const signet_world_options *options);

/** Frees the world; lists that it gave out stay valid. NULL is allowed. */
SIGNET_API void signet_world_free(signet_world *world);

/** The switches, which may be changed at any time. Borrowed. */
SIGNET_API signet_world_options *signet_world_switches(signet_world *world);

/** Sets the world's clock, in milliseconds since 1970; it starts at 0. */
SIGNET_API void signet_world_set_time(signet_world *world, int64_t unix_ms);

/** What a world answers. Release `list` with signet_list_release(). */
typedef struct signet_world_reply {
  signet_list *list;  /**< list: all; get, create: a list of one; else NULL */
  signet_error error; /**< kind SIGNET_OK: done; service_message holds the
                           words that the service would use */
} signet_world_reply;

/**
 * Carries out list, get, create, update or delete at once, by the service's
 * rules. An update of a template wants all fields, as the service does. A list
 * holds everything, whatever the operation's fields; only in the signs dialect
 * a `sign_name` there chooses the names that it is a part of. That dialect
 * knows no review: what it creates is Approved, an update leaves the status.
 * A create answers the record even if create_tells_id is off: whoever speaks
 * for the world (the sandbox server, an account) keeps the id to himself.
 * @param dialect  decides the shape of the records and the wording of errors
 * @return whether it was done (reply->error.kind is SIGNET_OK)
 */
SIGNET_API bool signet_world_apply(signet_world *world, signet_dialect dialect,
                                   const signet_operation *operation,
                                   signet_world_reply *reply);

/**
 * Decides the review of a Pending entry, which sets its updated_time and, when
 * it is approved, frees a name that free_name_on_submit kept.
 * @param status  any but Pending; a number that the pages don't know is a test
 *                of what a client makes of it
 * @param remark  the reviewer's words, NULL: none; shown as audit_remark
 * @return false: no such entry, it is not Pending, or out of memory
 */
SIGNET_API bool signet_world_review(signet_world *world, signet_kind kind,
                                    const char *id, int status,
                                    const char *remark);

/** Locks an entry as a running message plan does, or unlocks it.
 * @return false: no such entry */
SIGNET_API bool signet_world_lock(signet_world *world, signet_kind kind,
                                  const char *id, bool locked);

/** One rule of a scripted reviewer; the first that matches decides. */
typedef struct signet_world_reviewer {
  bool any_kind;       /**< signatures and templates; else only `kind` */
  signet_kind kind;    /**< the kind that it decides */
  const char *pattern; /**< shell pattern on the name, NULL: every name */
  int64_t after_ms;    /**< how long after it was submitted */
  int status;          /**< SIGNET_STATUS_APPROVED or _REJECTED */
  const char *remark;  /**< NULL: none */
} signet_world_reviewer;

/** Replaces the scripted reviewer's rules; text is copied. 0 rules: none.
 * @return false: out of memory, the old rules stay */
SIGNET_API bool signet_world_set_reviewers(signet_world *world,
                                           const signet_world_reviewer *rules,
                                           size_t count);

/**
 * Lets the scripted reviewer decide whatever is due at the world's time.
 * @return the time (ms since 1970) at which the next review is due, -1: none
 */
SIGNET_API int64_t signet_world_tick(signet_world *world);

/** Fills the world with a plausible account: @p signs signatures and
 * @p templates templates in all states, the same for the same @p seed.
 * @return false: out of memory */
SIGNET_API bool signet_world_seed(signet_world *world, unsigned signs,
                                  unsigned templates, uint64_t seed);

/**
 * Takes in every record of @p list, which an account listed, as an entry of its
 * own: fields that signet does not know are kept, and whether a message plan
 * locks it, which no list tells, counts as no.
 * @return false: @p error tells which record it can't be; the records before
 *         it are in
 */
SIGNET_API bool signet_world_import(signet_world *world,
                                    const signet_list *list,
                                    signet_error *error);

/**
 * The whole world (entries, switches, reviewer) as JSON text.
 * @return text that ends with NUL, to be freed with signet_world_text_free();
 *         NULL: out of memory
 */
SIGNET_API char *signet_world_save(const signet_world *world, size_t *length);

/** Frees what signet_world_save() gave. NULL is allowed. */
SIGNET_API void signet_world_text_free(char *text);

/**
 * Replaces the world by what @p text (from signet_world_save(), or made by
 * hand: core/sandbox/README.md tells its form) says. The clock goes on.
 * @return false: @p error tells what is wrong, and the world is unchanged
 */
SIGNET_API bool signet_world_load(signet_world *world, const char *text,
                                  size_t length, signet_error *error);

#ifdef __cplusplus
}
#endif
#endif
