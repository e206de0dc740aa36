/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ERROR_H
#define SIGNET_ERROR_H

/**
 * @file signet/error.h
 * Errors are values: a function that can fail fills a signet_error that its
 * caller owns. Reporting one never allocates, so running out of memory can be
 * reported too. Text that does not fit is cut at a character boundary.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SIGNET_API
#else
/** Marks what the libraries export. */
#define SIGNET_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** What went wrong. The numbers are part of the ABI and never change. */
typedef enum signet_error_kind {
  SIGNET_OK = 0,
  SIGNET_ERROR_VALIDATION = 1,       /**< an argument breaks a stated rule */
  SIGNET_ERROR_AUTH = 2,             /**< credentials wrong or not permitted */
  SIGNET_ERROR_NOT_FOUND = 3,        /**< no such signature or template */
  SIGNET_ERROR_CONFLICT = 4,         /**< the name is taken */
  SIGNET_ERROR_PENDING = 5,          /**< waits for review: can't be updated */
  SIGNET_ERROR_IN_USE = 6,           /**< a pending or running plan uses it */
  SIGNET_ERROR_NOT_APPROVED = 7,     /**< the signature isn't approved */
  SIGNET_ERROR_RATE_LIMITED = 8,     /**< the service asks to slow down */
  SIGNET_ERROR_SERVER = 9,           /**< 5xx, or a reply that makes no sense */
  SIGNET_ERROR_NETWORK = 10,         /**< resolve, connect, TLS, broken reply */
  SIGNET_ERROR_TIMEOUT = 11,         /**< a time limit ran out */
  SIGNET_ERROR_UNKNOWN_OUTCOME = 12, /**< a write may or may not have worked */
  SIGNET_ERROR_REJECTED = 13,        /**< the review said no */
  SIGNET_ERROR_REFUSED = 14,         /**< signet's own safety check said no */
  SIGNET_ERROR_CANCELLED = 15,       /**< interrupted before it was sent */
  SIGNET_ERROR_UNSUPPORTED = 16,     /**< the dialect has no such call */
  SIGNET_ERROR_CONFIGURATION = 17,   /**< a setting is missing or wrong */
  SIGNET_ERROR_MEMORY = 18,          /**< out of memory */
  SIGNET_ERROR_LIMIT = 19,           /**< a reply is more than allowed */
  SIGNET_ERROR_STORE = 20,           /**< the journal can't be used */
  SIGNET_ERROR_LOCKED = 21,          /**< another job works on the account */
  SIGNET_ERROR_SCRIPT = 22           /**< a script raised a value of its own */
} signet_error_kind;

/** What is known about the effect of one call at the service. */
typedef enum signet_outcome {
  SIGNET_OUTCOME_NOT_SENT = 0,  /**< nothing left this machine */
  SIGNET_OUTCOME_REFUSED = 1,   /**< a complete reply said no */
  SIGNET_OUTCOME_APPLIED = 2,   /**< a complete reply said yes, sent once */
  SIGNET_OUTCOME_THROTTLED = 3, /**< told to wait; nothing was done */
  SIGNET_OUTCOME_UNKNOWN = 4    /**< everything else */
} signet_outcome;

/**
 * One error. Initialise with SIGNET_ERROR_INIT or signet_error_init().
 * Strings are UTF-8, end with NUL and are escaped: what the service sent holds
 * no control or bidirectional characters here, so it can be printed as it is.
 */
typedef struct signet_error {
  uint32_t version;          /**< SIGNET_ERROR_VERSION of the caller */
  signet_error_kind kind;    /**< SIGNET_OK: no error */
  signet_outcome outcome;    /**< of the call that failed */
  bool retryable;            /**< the same call may work later, and is safe */
  int http_status;           /**< 0: there was no complete reply */
  int64_t code;              /**< the service's `code`, 0: none */
  int64_t retry_after_ms;    /**< what Retry-After asked for, -1: nothing */
  char operation[32];        /**< "signs:update", "" outside of a call */
  char id[24];               /**< the entry's id, "" where there is none */
  char message[512];         /**< one sentence for a person */
  char service_message[256]; /**< the service's own words, "" if none */
} signet_error;

/** The version of signet_error that this header describes. */
#define SIGNET_ERROR_VERSION 1
/* clang-format off */
/** No error. */
#define SIGNET_ERROR_INIT                                                      \
  { SIGNET_ERROR_VERSION, SIGNET_OK, SIGNET_OUTCOME_NOT_SENT, false, 0, 0, -1, \
    "", "", "", "" }
/* clang-format on */

/** Sets every field of @p error to that of SIGNET_ERROR_INIT. */
SIGNET_API void signet_error_init(signet_error *error);

/**
 * The kind's name as scripts see it ("not_found", …). Static text, never NULL;
 * "unknown" for a number that is no kind.
 */
SIGNET_API const char *signet_error_kind_name(signet_error_kind kind);

/** The outcome's name ("applied", …). Static text, never NULL. */
SIGNET_API const char *signet_outcome_name(signet_outcome outcome);

#ifdef __cplusplus
}
#endif
#endif
