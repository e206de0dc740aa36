/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_STATE_H
#define SIGNET_WORLD_STATE_H

/*
 * The inside of a world. Entries of a kind hang in a list in the order of
 * their creation, which is the order in which they are listed; tables find
 * them by id and signatures by name. Pending entries for which a reviewer's
 * rule holds also lie in a queue, the next one due first.
 */

#include "model/visibility.h"
#include "signet/world.h"
#include "world/table.h"

/** New ids stay below; a state file may hold higher ones, up to int64's end. */
static const int64_t SIGNET_WORLD_LAST_ID = (int64_t)1 << 62;

/** Text of an entry; NULL data is the empty text. Ends with NUL. */
typedef struct signet_world_text {
  char *data;
  size_t length;
} signet_world_text;

typedef struct signet_entry {
  struct signet_entry *previous;
  struct signet_entry *next;
  signet_kind kind;
  bool locked; /* a message plan uses it */
  int64_t id;
  int64_t status;
  int64_t created_ms;
  int64_t updated_ms;
  int64_t submitted_ms; /* when it last went to review */
  int64_t due_ms;       /* when the reviewer decides; only in the queue */
  size_t queue_place;   /* place in the queue plus one; 0: not in it */
  size_t mark;          /* of whoever holds the world; 0 in a new entry */
  signet_world_text name;
  signet_world_text remark;
  signet_world_text extra; /* unknown fields, a JSON object, or empty */
  /* signature */
  signet_world_text held_name; /* kept until the rename is approved */
  int64_t related_templates;
  struct signet_entry *first_user; /* the templates that are related */
  struct signet_entry *last_user;
  /* template */
  signet_world_text type;
  signet_world_text content;
  signet_world_text countries;
  int64_t sign_id; /* 0: none */
  int64_t sign_position;
  struct signet_entry *user_of; /* the signature that relates it, or NULL */
  struct signet_entry *next_user;
  struct signet_entry *previous_user;
} signet_entry;

struct json_object; /* json-c's */
struct signet_buffer;

/** A reviewer's rule with text of its own. */
typedef struct signet_world_rule {
  bool any_kind;
  signet_kind kind;
  char *pattern; /* NULL: every name */
  int64_t after_ms;
  int status;
  char *remark; /* NULL: none */
} signet_world_rule;

typedef struct signet_world_shelf {
  signet_entry *first;
  signet_entry *last;
  size_t count;
  signet_table ids;
} signet_world_shelf;

struct signet_world {
  signet_world_options options;
  int64_t now_ms;
  int64_t next_id;
  signet_world_shelf shelves[2]; /* by signet_kind */
  signet_table names;            /* signatures, by name and by held name */
  signet_entry **queue;          /* a heap on due_ms */
  size_t queue_count;
  size_t queue_capacity;
  signet_world_rule *rules;
  size_t rule_count;
};

/** One call of signet_world_apply(). */
typedef struct signet_attempt {
  signet_world *world;
  signet_dialect dialect;
  const signet_operation *operation;
  signet_world_reply *reply;
} signet_attempt;

/** Why the service says no. */
typedef enum signet_refusal {
  SIGNET_REFUSE_ID,
  SIGNET_REFUSE_ABSENT,
  SIGNET_REFUSE_NAME_TAKEN,
  SIGNET_REFUSE_PENDING_UPDATE,
  SIGNET_REFUSE_PENDING_DELETE,
  SIGNET_REFUSE_PLANS_UPDATE,
  SIGNET_REFUSE_PLANS_DELETE,
  SIGNET_REFUSE_USED,
  SIGNET_REFUSE_NOT_APPROVED,
  SIGNET_REFUSE_FULL
} signet_refusal;

#endif
