/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_H
#define SIGNET_ACCOUNT_H

/**
 * @file signet/account.h
 * The client: an account, its calls, and what they answer.
 *
 * Every operation is a call that runs on a loop. Starting one never waits: it
 * returns a signet_call, and the loop calls the given function when the call is
 * done. A caller without an event loop passes no function and waits with
 * signet_call_wait(), which makes every call a blocking one.
 *
 *     signet_call *call = signet_sign_get(account, "987654321", NULL, NULL);
 *     const signet_error *error = signet_call_wait(call);
 *     if (error == NULL)
 *       puts(signet_record_string(signet_call_record(call), "sign_name"));
 *     signet_call_release(call);
 *
 * Errors always come through the call, wrong arguments too; a NULL call means
 * that memory ran out. An account and its calls belong to the loop's thread.
 */

#include "signet/loop.h"
#include "signet/record.h"
#include "signet/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An account at the service, opened on a loop. */
typedef struct signet_account signet_account;
/** One operation on its way, then its result. */
typedef struct signet_call signet_call;
/** An account in memory; see signet/world.h. */
typedef struct signet_world signet_world;
/** A copy that takes an account's writes; see signet/plan.h. */
typedef struct signet_overlay signet_overlay;

/** Which of the service's two APIs an account speaks. */
typedef enum signet_dialect {
  SIGNET_CONFIGS = 0, /**< today's API: signatures and templates */
  SIGNET_SIGNS = 1    /**< the API of 2023: signatures only, no review states */
} signet_dialect;

/** How hard an account is worked. */
typedef enum signet_pace {
  SIGNET_PACE_GENTLE = 0, /**< a quarter of the requests at once, and half of
                               every rate */
  SIGNET_PACE_NORMAL = 1, /**< begins with few requests at once, and goes up */
  SIGNET_PACE_FAST = 2    /**< as many at once as allowed, from the start */
} signet_pace;

/** "gentle", "normal", "fast". Static text. */
SIGNET_API const char *signet_pace_name(signet_pace pace);

/** What a run found out about an account, for its next run. Zero it, or take it
 * from signet_account_learned(). */
typedef struct signet_learned {
  double rate;          /**< requests per second that the service allows; 0: it
                             set no limit */
  unsigned concurrency; /**< requests at once that it bore; 0: all */
  unsigned forms;       /**< forms in which it stores what is written to it: 1
                             trimmed, 2 composed in another way, 4 countries
                             written in another way */
  int64_t entries[2];   /**< signatures and templates in the last list, less
                             those deleted since: a list that shows far
                             fewer is refused */
  int64_t entries_at_ms[2]; /**< when that was, Unix ms; 0: it isn't known */
  bool entries_open;        /**< the run that is resumed may have deleted more
                                 of them than that: its journal tells */
} signet_learned;

/** The provider's base URL for SIGNET_CONFIGS. */
#define SIGNET_CONFIGS_URL "https://smsapi.engagelab.com"
/** The provider's base URL for SIGNET_SIGNS. */
#define SIGNET_SIGNS_URL "https://sms.api.engagelab.cc"

/**
 * What an account needs. Initialise with SIGNET_ACCOUNT_OPTIONS_INIT or
 * signet_account_options_init(), then set what differs. Text is copied.
 */
typedef struct signet_account_options {
  uint32_t version;           /**< SIGNET_ACCOUNT_OPTIONS_VERSION */
  signet_dialect dialect;     /**< default SIGNET_CONFIGS */
  const char *base_url;       /**< NULL: the dialect's own */
  const char *key;            /**< the API key (dev_key, sms_user); required */
  const char *secret;         /**< the API secret (dev_secret, sms_key) */
  unsigned concurrency;       /**< requests in flight at once, default 16 */
  double rate;                /**< requests per second, 0: no limit but the
                                   one that 429s show */
  int64_t connect_timeout_ms; /**< default 10 000 */
  int64_t timeout_ms;         /**< one request in all, default 120 000 */
  int64_t poll_interval_ms;   /**< first pause between two looks at a review;
                                   grows to 30 times that; default 2 000 */
  size_t max_reply_bytes;     /**< after decoding, default 256 MiB */
  const char *ca_file;        /**< PEM authorities instead of the system's */
  signet_world *world;        /**< answer from this world instead of HTTP;
                                   borrowed, must outlive the account */
  const char *protect_id;     /**< ids, separated by commas: these entries are
                                   never changed nor deleted */
  const char *protect_name;   /**< shell patterns, separated by commas: nor are
                                   entries whose name, or what looks the same,
                                   matches one; nor are templates deleted
                                   whose signature is protected so */
  signet_overlay *overlay;    /**< nothing is written: writes go to this copy
                                   of the account; borrowed, must outlive it */
  size_t max_header_bytes;    /**< of all heads of a reply together (1xx and
                                   trailers too), default 64 KiB */
  const char *client_cert;    /**< PEM certificate to show to the server */
  const char *client_key;     /**< PEM of its key; NULL: in the same file */
  const char *client_key_password; /**< of an encrypted key */
  const char *proxy;               /**< URL of a proxy (http, https, socks5,
                                        socks5h) without credentials; NULL: none,
                                        whatever the environment says. What is
                                        not https never goes through it */
  const char *proxy_user;          /**< for the proxy alone */
  const char *proxy_password;      /**< for the proxy alone */
  bool http2; /**< HTTP/2 where the server has it; refused where libcurl is
                   older than 8.4 */
  unsigned max_list;        /**< entries of a list, matching or not, default
                                 1 000 000; a signet_request() has none */
  size_t low_speed;         /**< bytes per second below which a request is
                                 given up, 0: none; default 1 … */
  int64_t low_speed_ms;     /**< … after so long; default 60 000 */
  unsigned attempts;        /**< of one request, where it is safe to send it
                                 again; 1: no repetition; default 3 */
  int64_t backoff_ms;       /**< longest pause before the second attempt; it
                                 doubles for each more; default 250 */
  int64_t backoff_max_ms;   /**< and grows to this; default 20 000 */
  unsigned retry_percent;   /**< repetitions, of all requests: more wait;
                                 default 10 */
  unsigned retry_floor;     /**< repetitions that are free, default 3 */
  unsigned breaker;         /**< failures in a row after which the account
                                 pauses and probes; 0: never; default 5 */
  int64_t breaker_pause_ms; /**< before the first probe; doubles up to
                                 backoff_max_ms; default 1 000 */
  int64_t outage_ms;        /**< how long a service may be away, or may
                                 refuse for too many requests, before calls
                                 fail for it; default 900 000 */
  int64_t settle_ms;        /**< before a recorded write without a reply is
                                 read back; default 1 000 */
  double read_rate;         /**< GETs per second, 0: no limit of their own */
  double write_rate;        /**< other requests per second, 0: the same */
  signet_pace pace;         /**< default SIGNET_PACE_NORMAL */
  int64_t fresh_ms;         /**< how long what was read of an entry is believed
                                 before it is changed: an older image is read
                                 again first, see signet_sign_update(); 0:
                                 always, -1: never; default 2 000 */
  bool resubmit;            /**< send updates that change nothing, too */
  int64_t settle_create_ms; /**< beyond timeout_ms, the time in which a write
                                 may still take effect after it was sent; before
                                 that an earlier run's create is not sent again;
                                 default 120 000 */
  bool list_may_shrink;     /**< take a list that shows far fewer entries than
                                 the last one did; default false: it is asked
                                 for again, then SIGNET_ERROR_REFUSED */
} signet_account_options;

/** The version of signet_account_options that this header describes. */
#define SIGNET_ACCOUNT_OPTIONS_VERSION 1
/* clang-format off */
/** The options with every default. */
#define SIGNET_ACCOUNT_OPTIONS_INIT                                          \
  { SIGNET_ACCOUNT_OPTIONS_VERSION, SIGNET_CONFIGS, NULL, NULL, NULL, 16, 0, \
    10000, 120000, 2000, (size_t)256 << 20, NULL, NULL, NULL, NULL, NULL,    \
    (size_t)64 << 10, NULL, NULL, NULL, NULL, NULL, NULL, false, 1000000,    \
    1, 60000, 3, 250, 20000, 10, 3, 5, 1000, 900000, 1000,                   \
    0, 0, SIGNET_PACE_NORMAL, 2000, false, 120000, false }
/* clang-format on */

/** Sets every field to that of SIGNET_ACCOUNT_OPTIONS_INIT. */
SIGNET_API void signet_account_options_init(signet_account_options *options);

/**
 * Opens an account on @p loop. Nothing is sent yet.
 * @param error  filled on failure: SIGNET_ERROR_CONFIGURATION (a missing
 *               credential, a URL that is not https, …) or _MEMORY
 * @return the account, NULL on failure; close with signet_account_close()
 */
SIGNET_API signet_account *
signet_account_open(signet_loop *loop, const signet_account_options *options,
                    signet_error *error);

/**
 * Ends every call that is not done (their functions are called with
 * SIGNET_ERROR_CANCELLED or _UNKNOWN_OUTCOME), wipes the secret, frees the
 * account. Calls that the caller still holds stay readable. NULL is allowed.
 */
SIGNET_API void signet_account_close(signet_account *account);

/** What settings call @p dialect: "configs" or "signs"; static text. */
SIGNET_API const char *signet_dialect_name(signet_dialect dialect);

/** The dialect of such a name; -1 for a text that is none, and for NULL. */
SIGNET_API int signet_dialect_number(const char *name);
/** Whether entries of @p dialect hold their ids as integers, not as text. */
SIGNET_API bool signet_dialect_has_integer_ids(signet_dialect dialect);
/** The dialect that @p account speaks. */
SIGNET_API signet_dialect signet_account_dialect(const signet_account *account);

/** The base URL in use, borrowed; it never holds credentials. */
SIGNET_API const char *signet_account_url(const signet_account *account);

/** Which account this is, for journals and messages: its dialect, URL and key.
 * Borrowed. */
SIGNET_API const char *signet_account_identity(const signet_account *account);

/** Whether the account's options protect @p record from being changed, or
 * deleted, by what it is now: its id or name, and of a template that is to be
 * deleted those of its signature. Names that look the same are alike.
 * @return true: @p error says why; false: it is not protected */
SIGNET_API bool signet_account_protects(const signet_account *account,
                                        const signet_record *record,
                                        bool deletes, signet_error *error);

/** The service's clock in Unix seconds, as its last reply told it; 0: none has
 * told. This machine's own clock may be wrong. */
SIGNET_API int64_t signet_account_service_time(const signet_account *account);

/** Requests that have been handed to the network since opening. */
SIGNET_API uint64_t signet_account_requests(const signet_account *account);

/**
 * While @p held, calls that are not in flight yet end with
 * SIGNET_ERROR_CANCELLED, and so does every new one; what is in flight goes
 * on. A write whose reply was lost is looked for once, if that comes within two
 * seconds and nothing shows yet that the service is away; else its outcome
 * stays unknown. This is how an interrupted run comes to a clean end.
 */
SIGNET_API void signet_account_hold(signet_account *account, bool held);

/** How many calls wait for a review, where all calls of the account do and a
 * list has shown that none is decided; else 0. */
SIGNET_API size_t signet_account_awaits_reviews(const signet_account *account);

/**
 * Called while an account pauses, which is when it sends nothing because the
 * service asked for it or seems to be down: at the beginning of the pause, each
 * second of it, and with 0 at its end. From signet_loop_step(); it must not
 * close the account.
 * @param milliseconds  left
 * @param reason        why, for a person; borrowed
 */
typedef void (*signet_pause_fn)(signet_account *account, int64_t milliseconds,
                                const char *reason, void *user);

/** Who is told of the account's pauses; one function an account. NULL: nobody.
 */
SIGNET_API void signet_account_on_pause(signet_account *account,
                                        signet_pause_fn function, void *user);

/**
 * Called while calls of an account wait because the service seems to allow no
 * more requests a second: once that rate is known, and when it has changed by a
 * tenth. From signet_loop_step(); it must not close the account.
 * @param learned  signet_account_teach() told it, no refusal of this run
 */
typedef void (*signet_rate_fn)(signet_account *account, double per_second,
                               bool learned, void *user);

/** Sets the function to call for that; an account has one. NULL: none. */
SIGNET_API void signet_account_on_rate(signet_account *account,
                                       signet_rate_fn function, void *user);

/**
 * Called with a sentence for the person who watches a run: that this machine's
 * date differs from the service's, or when the outcome of a write can be
 * decided. From signet_loop_step(); it must not close the account.
 * @param text  a clause without a full stop; borrowed
 */
typedef void (*signet_notice_fn)(signet_account *account, const char *text,
                                 void *user);

/** Sets the function to call for that; an account has one. NULL: none. */
SIGNET_API void signet_account_on_notice(signet_account *account,
                                         signet_notice_fn function, void *user);

/** Milliseconds left of the account's pause; 0: there is none. */
SIGNET_API int64_t signet_account_paused(const signet_account *account);

/**
 * Lets @p function see every request of the account when it has ended; one
 * function an account. NULL: nobody. A world sends no requests.
 * @param bytes  how much of each body it sees; 0: neither bodies nor headers
 */
SIGNET_API void signet_account_on_trace(signet_account *account,
                                        signet_trace_fn function, void *user,
                                        size_t bytes);

/**
 * Goes on at another pace, from the next request on. No pace exceeds the
 * concurrency and the rates that the account was opened with.
 */
SIGNET_API void signet_account_set_pace(signet_account *account,
                                        signet_pace pace);

/** The account's pace. */
SIGNET_API signet_pace signet_account_pace(const signet_account *account);

/** What has been found out about the service so far; zeros: nothing. */
SIGNET_API void signet_account_learned(const signet_account *account,
                                       signet_learned *learned);

/** Begins with what an earlier run found out: before the first call. What no
 * run can have found out is ignored. */
SIGNET_API void signet_account_teach(signet_account *account,
                                     const signet_learned *learned);

/** What kind of run learns about an account, or is taught. */
typedef enum signet_learner {
  SIGNET_LEARNER_READS,  /**< a run that deletes nothing */
  SIGNET_LEARNER_WRITES, /**< one that may delete something */
  SIGNET_LEARNER_RESUMES /**< so, too; its journal tells what was deleted
                              before */
} signet_learner;

/**
 * Begins with what earlier runs kept of this account in the file `learned` of
 * that folder, as signet_account_teach() does. What is older than 30 days, or
 * in a file that is damaged, is not known.
 * @param folder  of the state (signet_jobs_folder()); NULL: nothing is kept
 */
SIGNET_API void signet_account_teach_kept(signet_account *account,
                                          const char *folder,
                                          signet_learner learner);

/** Keeps what was found out for the next run, before the account is closed.
 * The file holds no secret. What can't be kept is found out again. */
SIGNET_API void signet_account_keep_learned(const signet_account *account,
                                            const char *folder,
                                            signet_learner learner);

/**
 * Called once, from signet_loop_step(), when @p call is done. The call stays
 * valid until it is released, here or later.
 */
typedef void (*signet_call_fn)(signet_call *call, void *user);

/**
 * An operation in data form, for callers (such as a script binding) that choose
 * the verb at run time. Everything is copied by signet_call_start().
 */
typedef struct signet_operation {
  uint32_t version; /**< SIGNET_OPERATION_VERSION */
  signet_kind kind; /**< of the entries that it is about */
  signet_verb verb; /**< what to do */
  const char *id;   /**< get, update, delete, wait */
  size_t id_length; /**< bytes in id; it may hold anything: it is checked */
  const signet_fields *fields; /**< create, update: what to write; list: the
                                    filter, NULL or empty: everything */
  int64_t status;              /**< wait: the status wanted */
  int64_t timeout_ms;          /**< wait: give up after, -1: never */
  const char *method;          /**< request: "GET", "POST", "PUT" or "DELETE" */
  const char *path;            /**< request: begins with a slash */
  const char *body;            /**< request: JSON text, NULL: none */
  size_t body_length;          /**< bytes in body */
  const char *expected;        /**< update, delete: what the caller saw of the
                                    entry, as JSON of its record or of some of
                                    its fields; the entry must still be so, else
                                    the call ends with SIGNET_ERROR_CONFLICT.
                                    NULL: what this account delivered last */
} signet_operation;

/** The version of signet_operation that this header describes. */
#define SIGNET_OPERATION_VERSION 1
/* clang-format off */
/** An operation with nothing set: it gets a signature without an id. */
#define SIGNET_OPERATION_INIT                                              \
  { SIGNET_OPERATION_VERSION, SIGNET_SIGN, SIGNET_GET, NULL, 0, NULL, 0, -1, \
    NULL, NULL, NULL, 0, NULL }
/* clang-format on */

/** Sets every field to that of SIGNET_OPERATION_INIT. */
SIGNET_API void signet_operation_init(signet_operation *operation);

/**
 * Starts @p operation.
 * @param done  called when it is done; NULL: the caller waits or polls
 * @return the call, owned by the caller: release it with signet_call_release();
 *         NULL: out of memory, nothing was started
 */
SIGNET_API signet_call *signet_call_start(signet_account *account,
                                          const signet_operation *operation,
                                          signet_call_fn done, void *user);

/**
 * @name The operations by name
 * Each starts the call that signet_call_start() would. Ids are the service's
 * decimal digits as text, in both dialects. Templates exist only in the
 * configs dialect; in the other the call ends with SIGNET_ERROR_UNSUPPORTED.
 * @{
 */

/**
 * Every signature that matches @p filter, in the service's order. The service
 * has no filter: signet compares each field by value while the list streams in,
 * and keeps only what matches. NULL: all.
 * GET /v1/sign-configs ("Template&Sender ID", Get Signature Configuration
 * List); GET /v1/signs ("SMS Sign", Query (Batch)).
 */
SIGNET_API signet_call *signet_sign_list(signet_account *account,
                                         const signet_fields *filter,
                                         signet_call_fn done, void *user);
/** One signature. GET /v1/sign-configs/:signId, GET /v1/signs/{sign_id}. */
SIGNET_API signet_call *signet_sign_get(signet_account *account, const char *id,
                                        signet_call_fn done, void *user);
/**
 * A new signature; signet_call_id() is its id, read back by the unique name
 * when the service does not tell it. Goes to review.
 * POST /v1/sign-configs ("Create Signature Configuration"), POST /v1/signs.
 * @param fields  sign_name
 */
SIGNET_API signet_call *signet_sign_create(signet_account *account,
                                           const signet_fields *fields,
                                           signet_call_fn done, void *user);
/**
 * Updates and deletes rest on what the account has delivered of the entry last,
 * by a list, a get or a wait, or on signet_operation.expected. What is older
 * than signet_account_options.fresh_ms is read again before the write, one by
 * one or by one list for many, unless the account itself wrote the entry last.
 * So it is where the write had to wait for its turn, for a rate or a pause, and
 * the last look has become too old by then: the write is the next request after
 * another look. If its content or its status has changed since, the call ends
 * with SIGNET_ERROR_CONFLICT, whose message names both values, and nothing is
 * sent; a get or list by the caller makes the write possible. Where nothing was
 * delivered, there is nothing to compare. An update whose entry is known and
 * holds just what it writes is not sent either, but is done: see
 * signet_call_unchanged().
 *
 * Renames a signature, which sends it to review: none of its templates can
 * send until it is approved.
 * PUT /v1/sign-configs/:signId ("Update Signature Configuration"),
 * PUT /v1/signs/{sign_id}.
 */
SIGNET_API signet_call *signet_sign_update(signet_account *account,
                                           const char *id,
                                           const signet_fields *fields,
                                           signet_call_fn done, void *user);
/**
 * Finds a signature, other than that of @p id (NULL: any), whose name is not
 * @p name and looks the same: composed in another way, in another case or
 * width, with characters that can't be seen. It is looked for in the last whole
 * list of signatures that the account has read; what was written since is left
 * out. The account tells signet_account_on_notice() of such a name before it is
 * written, once; of what was found here it doesn't.
 * @param index  set to where it stands in that list
 * @return the list, borrowed until the next call of the account; NULL: there is
 *         none
 */
SIGNET_API signet_list *signet_sign_alike(signet_account *account,
                                          const char *name, size_t length,
                                          const char *id, size_t *index);
/** Deletes a signature. DELETE /v1/sign-configs/:signId, /v1/signs/{…}. */
SIGNET_API signet_call *signet_sign_delete(signet_account *account,
                                           const char *id, signet_call_fn done,
                                           void *user);
/**
 * Done when the signature has @p status; ends with SIGNET_ERROR_REJECTED at
 * once when it is rejected instead, SIGNET_ERROR_TIMEOUT after @p timeout_ms
 * (-1: never). All waiting calls of an account share one list call a tick.
 */
SIGNET_API signet_call *signet_sign_wait(signet_account *account,
                                         const char *id, int status,
                                         int64_t timeout_ms,
                                         signet_call_fn done, void *user);

/** Every template that matches. GET /v1/template-configs. */
SIGNET_API signet_call *signet_template_list(signet_account *account,
                                             const signet_fields *filter,
                                             signet_call_fn done, void *user);
/** One template. GET /v1/template-configs/:templateId. */
SIGNET_API signet_call *signet_template_get(signet_account *account,
                                            const char *id, signet_call_fn done,
                                            void *user);
/**
 * A new template; signet_call_id() is its id. POST /v1/template-configs.
 * @param fields  template_name, template_type, template_content,
 *                country_codes; for a signature sign_id and sign_position
 *                (add_signature follows from sign_id if it is not given)
 */
SIGNET_API signet_call *signet_template_create(signet_account *account,
                                               const signet_fields *fields,
                                               signet_call_fn done, void *user);
/**
 * Changes the given fields of a template and leaves the others as they are: the
 * current record is read first unless all fields are given, because the service
 * wants all of them and would otherwise drop the signature.
 * PUT /v1/template-configs/:templateId.
 */
SIGNET_API signet_call *signet_template_update(signet_account *account,
                                               const char *id,
                                               const signet_fields *fields,
                                               signet_call_fn done, void *user);
/** Deletes a template. DELETE /v1/template-configs/:templateId. */
SIGNET_API signet_call *signet_template_delete(signet_account *account,
                                               const char *id,
                                               signet_call_fn done, void *user);
/** As signet_sign_wait(), for a template. */
SIGNET_API signet_call *signet_template_wait(signet_account *account,
                                             const char *id, int status,
                                             int64_t timeout_ms,
                                             signet_call_fn done, void *user);
/**
 * Any request with the account's credentials; signet_call_body() is the reply.
 * A reply that is not JSON, or of a status of 300 and above, is an error. What
 * it holds is the caller's affair: an array of any length, too.
 * @param body  JSON text, NULL: none; a GET has none
 */
SIGNET_API signet_call *signet_request(signet_account *account,
                                       const char *method, const char *path,
                                       const char *body, size_t body_length,
                                       signet_call_fn done, void *user);
/** @} */

/**
 * @name Calls
 * @{
 */

/** Whether @p call is done: its function has been called or is about to be. */
SIGNET_API bool signet_call_is_done(const signet_call *call);

/**
 * The blocking variant of every operation: steps the loop until @p call is
 * done; other calls and timers go on meanwhile. Not from inside a callback.
 * @return NULL: it worked; else the error, borrowed from the call
 */
SIGNET_API const signet_error *signet_call_wait(signet_call *call);

/** The error of a call that is done, borrowed; NULL: it worked. */
SIGNET_API const signet_error *signet_call_error(const signet_call *call);

/** What is known about the call's effect at the service. */
SIGNET_API signet_outcome signet_call_outcome(const signet_call *call);

/** list: the records; get, wait: a list of one; else NULL. Borrowed. */
SIGNET_API signet_list *signet_call_list(const signet_call *call);

/** get, wait: the record; else NULL. Borrowed from the call's list. */
SIGNET_API const signet_record *signet_call_record(const signet_call *call);

/** create: the new id; update, delete, get, wait: the id; else "". */
SIGNET_API const char *signet_call_id(const signet_call *call);

/** request: the reply's JSON text, borrowed; else NULL. */
SIGNET_API const char *signet_call_body(const signet_call *call,
                                        size_t *length);

/** Whether an update that is done was not sent, because the entry held already
 * what it writes. signet_account_options.resubmit sends these. */
SIGNET_API bool signet_call_unchanged(const signet_call *call);

/** A doubt about what was sent (see signet_rule_doubt()) or about a filter that
 * matched nothing, or NULL. */
SIGNET_API const char *signet_call_warning(const signet_call *call);

/**
 * Ends a call early. One that is still queued ends with
 * SIGNET_ERROR_CANCELLED; a write in flight is abandoned with
 * SIGNET_ERROR_UNKNOWN_OUTCOME. Its function is called from the next step.
 */
SIGNET_API void signet_call_cancel(signet_call *call);

/**
 * Gives the call back. One that is not done goes on, but its function is not
 * called any more. NULL is allowed.
 */
SIGNET_API void signet_call_release(signet_call *call);
/** @} */

#ifdef __cplusplus
}
#endif
#endif
