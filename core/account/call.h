/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_CALL_H
#define SIGNET_ACCOUNT_CALL_H

/*
 * The inside of accounts and calls.
 *
 * A step is one primitive operation on a backend: one request of one of the
 * two HTTP dialects, or one operation on a world. A call is what the user asked
 * for; it takes one or more steps (update of a template: read, then write), and
 * it is the same whatever the backend.
 */

#include "account/identity.h"
#include "account/images.h"
#include "account/made.h"
#include "account/phase.h"
#include "account/retry_state.h"
#include "account/service_clock.h"
#include "model/buffer.h"
#include "model/record_build.h"
#include "net/http.h"
#include "signet/account.h"
#include "wire/list_reader.h"

enum { SIGNET_ID_SIZE = 24, SIGNET_PATH_MAXIMUM = 2048 };

typedef struct signet_step {
  /* What to do; borrowed until the step is done. */
  signet_verb verb;
  signet_kind kind;
  const char *id;
  const signet_fields *fields; /* body, or filter of a list */
  const char *method;          /* of SIGNET_REQUEST */
  const char *path;
  const char *body;
  size_t body_length;
  bool parting;              /* for some seconds nothing follows */
  bool urgent;               /* it goes before all others that wait */
  bool (*ready)(void *user); /* asked just before it leaves; NULL: it is */
  void (*done)(void *user);
  void *user;
  void (*stepped)(void *user); /* what `done` of a call's step calls */

  /* What came of it. */
  bool unready;        /* it did not leave, because `ready` said no */
  signet_error *error; /* set by the owner; kind SIGNET_OK: it worked */
  signet_list *list;   /* list, get */
  int64_t listed; /* list: entries there are, matching or not; -1: unknown */
  uint64_t duplicates;            /* list: entries that it showed twice … */
  char duplicate[SIGNET_ID_SIZE]; /* … and the first of these */
  char new_id[SIGNET_ID_SIZE];    /* create: "" if the service did not tell */
  int64_t server_time;            /* Unix seconds by its clock, 0: unknown */
  signet_buffer reply;            /* request: the JSON text */

  /* The backend's own. */
  signet_account *account;
  bool active;
  signet_post post;
  signet_exchange exchange;
  signet_buffer request;
  char *target;               /* path and query */
  signet_list_reader *reader; /* NULL: no list has begun */
  bool reading;
  bool too_long;      /* the list has more entries than an account takes */
  bool no_memory;     /* for what came of the reply */
  int64_t parsing_ns; /* of the processor, spent on reading a list */
  signet_attempts attempts;
  bool overlaid; /* an overlay answers it, not the backend below */
  struct signet_step *overlay_next;
  struct signet_step *spare_next; /* in the account's store */
} signet_step;

/** @param record  the call's entry in that list, NULL: it isn't there, or has
 * to be found in another way */
typedef void (*signet_look_fn)(signet_call *call, const signet_list *list,
                               const signet_record *record);

/** Where the operations are carried out. */
typedef struct signet_backend {
  /* Starts a step; `done` is called from a later step of the loop. */
  void (*start)(signet_account *account, signet_step *step);
  /* Takes a running step back; `done` is not called, the error is filled. */
  void (*cancel)(signet_account *account, signet_step *step);
  /* Whether a running step has not been sent yet. */
  bool (*is_queued)(const signet_step *step);
  /* Shows a call its entry until a review has decided about it; NULL: lists of
   * the service do (watch.c). */
  void (*wait)(signet_call *call, signet_look_fn look);
  /* Whether it is a copy by now, which nobody else changes; NULL: never. */
  bool (*is_copy)(const signet_account *account);
  /* The account closes, its calls have been ended; NULL: nothing to do. */
  void (*close)(signet_account *account);
} signet_backend;

/** With what every overlay begins: an account knows no more of it. */
typedef struct signet_layer {
  /* Puts it between an account and its backend. @return false: it belongs to
   * another account */
  bool (*attach)(signet_overlay *overlay, signet_account *account,
                 signet_error *error);
} signet_layer;

extern const signet_backend signet_backend_http;
extern const signet_backend signet_backend_world;

/** Carries a step out on a world; its `done` is not called. */
void signet_step_on_world(signet_step *step, signet_world *world);

/** A call waits in one queue at a time: for a shared list (watch.h), or to see
 * its entry or the holder of a name. */
typedef struct signet_call_queue {
  signet_call *next;
  signet_call *previous;
  uint64_t round;      /* which list may answer it */
  signet_look_fn look; /* what is done with a list; NULL: its owner knows */
  unsigned failures;   /* lists that did not show its entry, or too few */
} signet_call_queue;

/** What an update or delete rests on (fresh.h). */
typedef struct signet_call_basis {
  signet_list *expected;     /* NULL: nothing is known yet */
  const signet_record *seen; /* a record of that list, if this run read it;
                                NULL: the only one, which the caller gave */
  int64_t seen_ms;           /* when it was read */
  int64_t looked_ms;         /* when its entry was read last; -1: it was not */
  uint32_t next_request;     /* of the account, when it had looked again */
  bool relooking : 1;        /* it looks again before it leaves */
  bool urgent : 1;           /* it has just looked again */
  bool completed : 1;        /* the fields were completed from the entry */
} signet_call_basis;

/** Of a write: how it was sent, and who waits to hear of it. */
typedef struct signet_call_write {
  /* All is known of its entry: it is recorded, and sent … */
  void (*decided)(signet_call *call, const signet_record *before);
  void (*send)(signet_call *call); /* … or it is sent once more */
  char *before;                    /* JSON of the record as it was; owned */
  int64_t number;                  /* the recorder's own */
  bool recorded : 1;               /* the recorder waits to hear how it ended */
  bool counted : 1;    /* the recorder counts it against its limits */
  bool claimed : 1;    /* it was asked about before, or intended by an earlier
                          run */
  bool held : 1;       /* it waits for others to be asked for (job/claims.c) */
  bool again : 1;      /* it goes on with an earlier run's write */
  bool uncertain : 1;  /* an attempt before the last may have worked */
  bool earlier : 1;    /* one was throttled, or showed no effect in an earlier
                          run: what refuses this one may be its effect after
                          all */
  bool created : 1;    /* the service said so, but not its id */
  bool unchanged : 1;  /* nothing was sent: the entry is so already */
  unsigned attempts;   /* requests that it has taken */
  unsigned failed;     /* those that count against their limit */
  unsigned waited_ms;  /* since the first was throttled, pauses apart */
  unsigned name_tries; /* refusals for a name that was freed (namesake.h) */
  int64_t created_after;   /* server seconds, 0: unknown */
  uint64_t intended_order; /* what was read before it had this number; 0: by
                              an earlier run */
  int64_t intended_boot;   /* signet_clock_boot_ms() at the intent, or when an
                              earlier run's began to be settled */
  int64_t intended_at;     /* the intent by the service's clock, Unix ms; 0: it
                              was not known; negative: as in recorder.h */
  int64_t sent_at;         /* so the last sending, at the latest; 0: so, too */
  int64_t sent_boot;       /* the same of this run, as signet_clock_boot_ms() */
} signet_call_write;

/** While its outcome is found out by reading back (settle.h). */
typedef struct signet_call_settle {
  void (*read_back)(void *user); /* looks once more */
  signet_error *unsettled;       /* what was known before; owned */
  int verdict;                   /* signet_verdict */
  unsigned tries;                /* reads that failed */
  unsigned looks;                /* how often the entry was found unchanged */
  int64_t look_began;            /* the last reading, signet_clock_boot_ms() */
  bool refusal : 1;              /* the last attempt was answered with a no */
  bool perhaps : 1;              /* an earlier run may have sent it, or not */
  bool anew : 1;        /* and then with another content: it was decided anew */
  bool sought : 1;      /* its effect was looked for (job/lost.c) */
  bool to_decide : 1;   /* several entries may be its own: a person can tell */
  bool window : 1;      /* it waits for its window's end (settle_wait.c) */
  bool window_told : 1; /* somebody was told */
  unsigned window_looks;
  int64_t window_first; /* when the first of these began */
} signet_call_settle;

struct signet_call {
  signet_account *account; /* NULL once the call is finished */
  signet_account *home;    /* whose memory it came from */
  signet_loop *loop;
  signet_call *next; /* of the account's calls */
  signet_call *previous;
  signet_call_fn done;
  void *user;
  signet_post post; /* calls `done` */

  /* What was asked; it stays as it is once it is checked, but for the id of
   * what is created, and fields that are completed from the entry. */
  signet_verb verb;
  signet_kind kind;
  char id[SIGNET_ID_SIZE];
  signet_fields *fields;
  int64_t status;
  char *method;
  char *path;
  char *body;
  size_t body_length;

  signet_call_phase phase;
  bool released;
  bool internal; /* a read of the job itself, not of its caller */
  void (*leave)(signet_call *call); /* takes it out of its queue; NULL: it is in
                                       none */
  signet_call_queue queue;
  signet_timer *deadline;           /* of a wait; else the end of a pause */
  signet_step *step;                /* NULL: none runs */
  int64_t read_ms;                  /* when its last step was sent */
  void (*after)(signet_call *call); /* what follows a read that worked */

  signet_call_basis basis;
  signet_call_write write;
  signet_call_settle settle;

  /* The answer. */
  signet_error error;
  signet_list *list;
  signet_buffer reply; /* of a request */
  char *warning;       /* NULL: none */
};

/** Writes that wait to see what their entries are now, and the last list that
 * showed it (fresh.h). */
typedef struct signet_fresh {
  signet_account *account;
  signet_kind kind;
  signet_call *first;
  signet_call *last;
  size_t waiting;
  signet_post post; /* looks at who waits */
  signet_step step; /* the list */
  signet_error error;
  uint64_t round;       /* of that list */
  uint64_t order;       /* so, too, of what its account has done */
  signet_images now;    /* what the last list showed … */
  int64_t read_ms;      /* … and when it was sent; -1: there is none */
  bool partial;         /* lists show less than the entries themselves */
  size_t wanted;        /* entries that were wanted … */
  int64_t wanted_since; /* … since then … */
  size_t wanted_before; /* … and in as long before that */
  int64_t took_ms;      /* from the last list's sending to its end */
} signet_fresh;

/** How many entries of a kind there must be, as far as is known. */
typedef struct signet_seen {
  int64_t count; /* of the last list, less those deleted since */
  int64_t at_ms; /* when that was, Unix ms; 0: it isn't known */
  bool open;     /* a run that ended early may have deleted more of them */
} signet_seen;

/** The last list of signatures by what people see of the names (alike.h). */
typedef struct signet_alike {
  signet_list *list;               /* NULL: none was read */
  bool delivered;                  /* its reader has seen it */
  struct signet_alike_slot *slots; /* NULL: not asked for since */
  size_t capacity;
  uint64_t *told; /* hashes of what was */
  size_t told_count;
  struct signet_alike_own *own; /* names that this run has written */
  size_t own_capacity;
  size_t own_count;
} signet_alike;

typedef struct signet_freed_name signet_freed_name;

/** Writes that were refused for a name that is taken (namesake.h). */
typedef struct signet_holders {
  signet_account *account;
  signet_call *first;
  signet_call *last;
  signet_post post;
  signet_step step; /* the list */
  signet_error error;
  signet_list *list; /* the last one; NULL: none */
  uint64_t round;    /* lists that have ended */
  signet_freed_name *freed;
  size_t freed_count;
} signet_holders;

/** One shared list call for everyone who waits for entries of a kind. Those who
 * wait for a review and those who look for what they created are in no equal
 * hurry: each has its own time for the next list, which all are shown. */
typedef struct signet_watch {
  signet_account *account;
  signet_kind kind;
  signet_call *first;
  signet_call *last;
  size_t reviews;  /* calls that wait for one */
  size_t searches; /* creates that look for their entry */
  signet_step step;
  signet_error error;
  signet_timer *timer;
  int64_t due;          /* when the timer fires, in the loop's time */
  int64_t review_due;   /* the next list for those who wait for a review */
  int64_t interval_ms;  /* between two of these */
  bool review_turn;     /* the running or last list was one of these */
  bool written;         /* an entry was, since that list was begun */
  int64_t again_due;    /* the next list for those whose entry wasn't shown, or
                           after one that was too short; INT64_MAX: nobody's */
  unsigned short_lists; /* lists in a row that were too short */
  int64_t search_due;   /* the next list for those who search */
  int64_t search_ms;    /* after the next one that fails */
  unsigned search_failures;  /* lists in a row */
  uint64_t search_successes; /* of the account when the last one failed */
  int64_t last_start;
  int64_t cost_ms; /* of a processor that the last list took */
  uint64_t round;  /* of the running or last list */
  struct signet_search
      *reading;       /* what the list shows less of; NULL: nothing */
  signet_list *whole; /* what those who search look at; NULL: the list */
  void (*observer)(void *user, const signet_list *list); /* NULL: nobody */
  void *observer_user;
} signet_watch;

enum { SIGNET_SPARE_CALLS = 64 };

struct signet_account {
  /* A call may outlive its account, whose memory stays until the last one is
   * released: calls and steps go back to it, since they are too large for
   * malloc's fast ways. */
  size_t references;
  bool closed;
  signet_call *spare;
  size_t spare_count;
  signet_step *spare_steps;
  size_t spare_step_count;
  signet_loop *loop;
  const signet_backend *backend;
  signet_overlay *overlay;    /* NULL: writes go to the service */
  const signet_backend *base; /* below the overlay */
  signet_dialect dialect;
  signet_http *http;
  signet_sleeper sleeper; /* if there is http */
  signet_world *world;
  int64_t poll_interval_ms;
  size_t max_reply_bytes;
  size_t max_header_bytes;
  unsigned max_list;
  uint64_t world_requests;
  bool held;
  signet_call *first;
  signet_call *last;
  signet_watch watches[2];
  signet_list *late[2]; /* see signet_settle_look_late(); NULL: none */
  signet_fresh fresh[2];
  signet_holders holders;
  signet_alike alike;
  int64_t fresh_ms;     /* how long what was read is believed; -1: always */
  int64_t distrust_ms;  /* what was read before is not */
  bool resubmit;        /* updates that change nothing are sent */
  bool list_may_shrink; /* lists are taken, however short they are */
  signet_seen seen[2];
  struct signet_recorder *recorder; /* NULL: writes are not recorded */
  int64_t settle_ms;                /* before an unknown outcome is read back */
  int64_t settle_create_ms; /* margin beyond a request's time limit … */
  int64_t timeout_ms;       /* … which is this */
  signet_retry retry;
  signet_service_clock clock;
  uint64_t order;       /* of intents and of what is read, which comes first */
  signet_made made;     /* the entries that its creates came to */
  bool made_incomplete; /* one did not fit into memory */
  char identity[SIGNET_IDENTITY_SIZE]; /* of all spellings of the base URL */
  char spelled[SIGNET_IDENTITY_SIZE];  /* with the URL as it was given */
  signet_images images[2];             /* what was read last, if recorded */
  unsigned forms;                      /* signet_form: of what it stores */
  int64_t listed[2]; /* the most that a list showed; -1: none */
  char *protect_id;  /* NULL: none */
  char *protect_name;
  signet_pace pace;
  signet_pause_fn on_pause; /* hears of pauses; NULL: nobody */
  void *pause_user;
  signet_rate_fn on_rate; /* hears of the rate; NULL: nobody */
  void *rate_user;
  signet_notice_fn on_notice; /* hears of the rest; NULL: nobody */
  void *notice_user;
  bool skew_told;     /* that this machine's date is wrong */
  signet_timer *tell; /* of windows that writes wait for */
  int tell_pauses;    /* that it has made for those that come */
  int64_t told_ms;    /* the latest end that was told, boot time; 0: none */
};

/** Zeroes a step and its reply; `error` must be set by the owner after. */
void signet_step_init(signet_step *step, signet_error *error);
/** Frees what the step holds; not while it is active. */
void signet_step_clear(signet_step *step);

/** Sends the step's request once more (backend_http.c). */
void signet_step_resend(signet_step *step);
/** Ends the step with the error that its last attempt left (backend_http.c). */
void signet_step_end(signet_step *step);

/** Once an account is held, nobody waits out a pause that the service asks for:
 * what has to come after it ends now. A write's outcome stays open. */
void signet_account_end_waiting(signet_account *account);
/** Takes the service's time, in Unix seconds, from a reply that came after
 * @p taken_ms. */
void signet_account_note_date(signet_account *account, int64_t date,
                              int64_t taken_ms);
/** The service's Unix milliseconds, by this machine's clock where its own is
 * not known: to show, and for nothing that depends on it. */
int64_t signet_account_time(const signet_account *account);
/** Tells a person something, if somebody listens. */
void signet_account_notify(signet_account *account, const char *text);
/** Gives back one reference to the account's memory. */
void signet_account_unref(signet_account *account);

/** Frees the calls and steps that are kept for those that come next. */
void signet_account_free_spare(signet_account *account);

/** A call of zeroes, with a reference to its account. NULL: out of memory. */
signet_call *signet_call_allocate(signet_account *account);
/** Frees all that a call holds, and gives its memory back. */
void signet_call_free(signet_call *call);

/** A call that has not begun. NULL: out of memory. */
signet_call *signet_call_new(signet_account *account,
                             const signet_operation *operation,
                             signet_call_fn done, void *user);

/** Ends a call with whatever its error says; its function is called from the
 * loop's next step. */
void signet_call_finish(signet_call *call);
/** signet_call_finish() with an error of that kind. */
void signet_call_fail(signet_call *call, signet_error_kind kind,
                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The call is in that phase from now on; @p leave takes it out of the queue
 * that it has joined, NULL: it is in none. */
void signet_call_enter(signet_call *call, signet_call_phase phase,
                       void (*leave)(signet_call *call));
/** Takes it out of its queue. */
void signet_call_leave(signet_call *call);
/** Whether its outcome is being found out by reading back. */
bool signet_call_settles(const signet_call *call);
/** Whether the recorder has it, and nothing of it was sent. */
bool signet_call_is_kept(const signet_call *call);
/** Whether it waits for shared lists. */
bool signet_call_watches(const signet_call *call);

/** A step of the call, in that phase; `done` gets the call, whose step is gone
 * when it returns. It leaves with signet_call_start_step(). @return NULL: out
 * of memory */
signet_step *signet_call_take_step(signet_call *call, signet_call_phase phase,
                                   signet_verb verb, void (*done)(void *user));
void signet_call_start_step(signet_call *call);

/** The call's step, fresh; NULL: out of memory. */
signet_step *signet_call_need_step(signet_call *call);
/** Gives the call's step back, which isn't active. */
void signet_call_drop_step(signet_call *call);

/** "list", "get", … */
const char *signet_verb_name(signet_verb verb);

/** Lets @p look see each list of its kind that starts from now on: for a review
 * at the next tick, for what was created at once. */
void signet_watch_add(signet_call *call, signet_call_phase phase,
                      signet_look_fn look);
/** The list didn't show the entry that the call waits for, which proves little:
 * a list may lag behind. It looks again after a pause, and for longer where the
 * account made the entry itself. @return false: it has looked long enough */
bool signet_watch_looks_again(signet_call *call);
/** Ends a call that waits with SIGNET_ERROR_TIMEOUT after so long; -1: never.
 * @return false: out of memory */
bool signet_watch_set_deadline(signet_call *call, int64_t timeout_ms);
/** Shows every list of that kind to @p observer, before whoever waits; NULL:
 * nobody. Lists are made only while a call waits. */
void signet_watch_observe(signet_account *account, signet_kind kind,
                          void (*observer)(void *user, const signet_list *list),
                          void *user);
/** Makes a list for the calls that wait, as soon as possible. */
void signet_watch_look_now(signet_watch *watch);
/** Ends the list call; everyone who waits must have been removed. */
void signet_watch_stop(signet_watch *watch);
/** Once an account is held: calls that have searched a list already stop
 * searching, and so do all calls if the service is @p away. */
void signet_watch_hold(signet_watch *watch, bool away);
/** "updating signature 987654321": for messages; escaped. */
void signet_call_phrase(signet_verb verb, signet_kind kind, const char *id,
                        char *out, size_t size);

#endif
