/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_LOAD_MEMBER_H
#define SIGNET_JOB_PLAN_LOAD_MEMBER_H

/* The members of a plan's JSON, each of the type that it must have. What is
 * wrong is said in the error; then all of these return false, or NULL. */

#include "job/plan/plan.h"

#include <json-c/json.h>

/** A step that is read, or the whole plan. */
typedef struct signet_loading {
  signet_plan *plan;
  json_object *object; /* the step, or the whole */
  size_t number;       /* of the step, 0: the whole */
  signet_error *error;
} signet_loading;

bool signet_load_wrong(const signet_loading *in, const char *name,
                       const char *what);
bool signet_load_no_memory(const signet_loading *in);
/** Refuses a member that is none of these. */
bool signet_load_check(const signet_loading *in, const char *const *names);
/** The member if it is there and of that type. NULL: told. */
json_object *signet_load_member(const signet_loading *in, const char *name,
                                json_type type, const char *must);
const char *signet_load_text(const signet_loading *in, const char *name);
bool signet_load_size(const signet_loading *in, const char *name, size_t *size);
bool signet_load_boolean(const signet_loading *in, const char *name,
                         bool *value);
/** A word, whose number goes to `choice`. */
bool signet_load_word(const signet_loading *in, const char *name,
                      int (*number_of)(const char *word), int *choice);
/** Numbers of earlier steps. */
bool signet_load_numbers(const signet_loading *in, const char *name,
                         const size_t **numbers, size_t *count);
/** Whether it is text that can be an id. */
bool signet_load_is_id(json_object *member);
/** The ids of the templates that can't be sent meanwhile. */
bool signet_load_outage(const signet_loading *in, signet_plan_step *step);
/** The text of an object, or NULL for null; which of them must be right. */
bool signet_load_image(const signet_loading *in, const char *name, bool wanted,
                       const char **text);

#endif
