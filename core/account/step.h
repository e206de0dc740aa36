/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_STEP_H
#define SIGNET_ACCOUNT_STEP_H

/*
 * A step is one primitive operation on a backend: one request of one of the two
 * HTTP dialects, or one operation on a world. Calls take steps, and so do the
 * lists that calls share.
 */

#include "account/phase.h"
#include "account/retry_state.h"
#include "dialect/dialect.h"
#include "model/buffer.h"
#include "net/http.h"
#include "net/post.h"
#include "signet/account.h"
#include "wire/list_reader.h"

enum { SIGNET_PATH_MAXIMUM = 2048 };

/** What to do. What it points to is borrowed until the step is done. */
typedef struct signet_step_request {
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
} signet_step_request;

/** What came of it. */
typedef struct signet_step_result {
  signet_error *error; /* set by the owner; kind SIGNET_OK: it worked */
  signet_list *list;   /* list, get */
  int64_t listed;      /* list: entries there are, matching or not; -1: unknown
                        */
  uint64_t duplicates; /* list: entries that it showed twice … */
  char duplicate[SIGNET_ID_SIZE]; /* … and the first of these */
  char new_id[SIGNET_ID_SIZE];    /* create: "" if the service did not tell */
  int64_t server_time;            /* Unix seconds by its clock, 0: unknown */
  signet_buffer reply;            /* request: the JSON text */
  bool unready;     /* it did not leave, because `ready` said no */
  bool names_signs; /* list: it shows signatures of templates */
  bool unseen;      /* list: it doesn't show a field of `fields` */
} signet_step_result;

/** Its way over HTTP (backend_http.c). */
typedef struct signet_step_http {
  signet_exchange exchange;
  char *target; /* path and query */
  signet_buffer body;
  signet_list_reader *reader; /* NULL: no list has begun */
  int64_t parsing_ns;         /* of the processor, spent on reading a list */
  signet_attempts attempts;
  bool reading;
  bool too_long;  /* the list has more entries than an account takes */
  bool no_memory; /* for what came of the reply */
} signet_step_http;

typedef struct signet_step {
  signet_step_request request;
  signet_step_result result;
  void (*done)(void *user);
  void *user;
  void (*stepped)(void *user); /* what `done` of a call's step calls */

  /* The backend's own. */
  signet_account *account;
  signet_post post;
  signet_step_http http;
  bool active;
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

/** A step of the call, in that phase; `done` gets the call, whose step is gone
 * when it returns. It leaves with signet_call_start_step(). @return NULL: out
 * of memory */
signet_step *signet_call_take_step(signet_call *call, signet_call_phase phase,
                                   signet_verb verb, void (*done)(void *user));
void signet_call_start_step(signet_call *call);

#endif
