/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_UNDO_IMAGE_H
#define SIGNET_JOB_PLAN_UNDO_IMAGE_H

/* What the plan of an undo is made from: the writes of the job, and how their
 * entries were before and after. */

#include "job/plan/undo.h"

/** One write of the job that was done. Text is owned. */
typedef struct signet_past {
  int64_t number;
  signet_verb verb;
  signet_kind kind;
  char id[24];
  char *before;
  char *after;
  bool raw; /* a request, or nothing is known of what was there */
} signet_past;

/** An undo whose plan is being made. */
typedef struct signet_undoing {
  signet_past *writes;
  size_t count;
  size_t capacity;
  const char *job;
  bool failed; /* `error` says why */
  signet_error *error;
  signet_plan *plan;
  int64_t next_id;
  json_object *renewed; /* "s7": the provisional id of what comes back */
  size_t irreversible;
  bool reviews; /* the dialect has them */
  const signet_undo_source *source;
} signet_undoing;

/** The undo fails. @return false */
bool signet_undo_no_memory(signet_undoing *all);
/** The same: to guess what was meant could undo something else. */
bool signet_undo_damaged(signet_undoing *all, int64_t number, const char *what);
/** *image: the object, or NULL where there is no text. */
bool signet_undo_parse(signet_undoing *all, const signet_past *write,
                       const char *text, json_object **image);
/** The member is taken over; NULL: there was no memory for it. */
bool signet_undo_put(signet_undoing *all, json_object *to, const char *name,
                     json_object *member);
/** What an update or a create has to write to get a record back. NULL: told. */
json_object *signet_undo_fields(signet_undoing *all, signet_kind kind,
                                json_object *record);
/** What an entry looks like after fields were written to it. NULL: told. */
json_object *signet_undo_image(signet_undoing *all, const signet_past *write,
                               const char *id);

#endif
