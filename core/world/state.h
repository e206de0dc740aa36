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

/** @name text and entries (entry.c) @{ */
SIGNET_INTERNAL const char *
signet_world_text_data(const signet_world_text *text);
bool signet_world_text_set(signet_world_text *text, const char *data,
                           size_t length);
void signet_world_text_clear(signet_world_text *text);
bool signet_world_text_equal(const signet_world_text *text, const char *data,
                             size_t length);

signet_entry *signet_entry_new(signet_kind kind);
void signet_entry_free(signet_entry *entry);
/** Parses 1 to 19 digits within int64. @return false: no id */
bool signet_entry_id_parse(const char *text, size_t length, int64_t *id);

signet_entry *signet_world_find(const signet_world *world, signet_kind kind,
                                int64_t id);
/** The signature that has or holds a name. */
signet_entry *signet_world_find_name(const signet_world *world,
                                     const char *name, size_t length);
/** Takes @p entry, whose id, name and sign_id are set, into the world and
 * counts it at its signature. @return false: memory; nothing changed */
bool signet_world_add(signet_world *world, signet_entry *entry);
/** Takes the entry out of the world and frees it. */
void signet_world_remove(signet_world *world, signet_entry *entry);
/** Renames a signature, whose new name must be free; @p hold keeps the old
 * name taken. @return false: memory; nothing changed */
bool signet_world_rename(signet_world *world, signet_entry *sign,
                         const char *name, size_t length, bool hold);
/** Frees the name that a signature holds beside its own. */
void signet_world_release_name(signet_world *world, signet_entry *sign);
/** Lets a template use another signature (0: none) and keeps the counts. */
void signet_world_relate(signet_world *world, signet_entry *entry,
                         int64_t sign_id);
/** @} */

/** Exchanges everything that two worlds hold. */
SIGNET_INTERNAL void signet_world_swap(signet_world *a, signet_world *b);

/** @name review (review.c, queue.c) @{ */
/** The entry of an id as text. NULL: there is none. */
SIGNET_INTERNAL signet_entry *
signet_world_entry(const signet_world *world, signet_kind kind, const char *id);
/** Decides about a Pending entry. @return false: memory; nothing changed */
SIGNET_INTERNAL bool signet_world_decide(signet_world *world,
                                         signet_entry *entry, int status,
                                         const char *remark);
/** Sends an entry to review: Pending, no remark, submitted now. */
void signet_world_submit(signet_world *world, signet_entry *entry);
/** Puts a Pending entry into the queue if a rule of the reviewer holds. */
void signet_world_schedule(signet_world *world, signet_entry *entry);
/** Room for @p needed entries in all: every entry of the world may come to wait
 * at once, when the reviewer gets new rules. */
bool signet_queue_reserve(signet_world *world, size_t needed);
void signet_queue_push(signet_world *world, signet_entry *entry);
void signet_queue_remove(signet_world *world, signet_entry *entry);
/** @} */

/** @name answers (record.c, refuse.c) @{ */
/** Appends the entry in the dialect's shape. NULL: out of memory, and the list
 * may hold it by half. */
const signet_record *signet_world_record(const signet_world *world,
                                         signet_dialect dialect,
                                         const signet_entry *entry,
                                         signet_list *list);
/** @return false, always, so that a caller can return it */
bool signet_world_refuse(signet_attempt *attempt, signet_refusal refusal);
/** The same about the signature that a template names. */
bool signet_world_refuse_sign(signet_attempt *attempt, signet_refusal refusal);
bool signet_world_refuse_memory(signet_attempt *attempt);
/** Refuses with a sentence of the rules; the dialect decides what is shown. */
bool signet_world_refuse_text(signet_attempt *attempt, const char *text);
/** Checks the fields that a create or update brings, by the rules and by the
 * world's switches. @return false: refused */
bool signet_world_check(signet_attempt *attempt);
/** The entry that the operation names. NULL: refused. */
signet_entry *signet_world_target(signet_attempt *attempt);
/** Answers with one record. */
bool signet_world_answer(signet_attempt *attempt, const signet_entry *entry);
/** Takes a new entry, whose content and status are set, into the world and
 * answers with it. @return false: memory; the entry is freed */
bool signet_world_enter(signet_attempt *attempt, signet_entry *entry);
/** @} */

/** @name the state as text (save.c, load.c, load_entry.c) @{ */
/** Reads one entry of a state file into the world.
 * @param listed  it is of a service's list, which may show no name
 * @return false: @p error says what is wrong with it */
bool signet_world_load_entry(signet_world *world, signet_kind kind,
                             struct json_object *object, size_t index,
                             bool listed, signet_error *error);
/** The same of a record that an account listed. */
bool signet_world_import_record(signet_world *world,
                                const signet_record *record, size_t index,
                                signet_error *error);
SIGNET_INTERNAL void
signet_world_write_options(struct signet_buffer *out,
                           const signet_world_options *options);
SIGNET_INTERNAL void signet_world_write_reviewers(struct signet_buffer *out,
                                                  const signet_world *world);
/** Sets the options that a JSON object names. */
SIGNET_INTERNAL bool signet_world_load_options(struct json_object *object,
                                               signet_world_options *options,
                                               signet_error *error);
/** Replaces the reviewer's rules by those of a JSON array. */
SIGNET_INTERNAL bool signet_world_load_reviewers(signet_world *world,
                                                 struct json_object *array,
                                                 signet_error *error);
/** "approved", "rejected" or a number, but not Pending. */
SIGNET_INTERNAL bool signet_world_load_status(struct json_object *member,
                                              int *status);
/** @} */

/** @name operations (sign.c, template.c) @{ */
bool signet_world_create_sign(signet_attempt *attempt);
bool signet_world_update_sign(signet_attempt *attempt);
bool signet_world_create_template(signet_attempt *attempt);
bool signet_world_update_template(signet_attempt *attempt);
/** @} */

#endif
