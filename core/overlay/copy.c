/* SPDX-License-Identifier: MIT */
/* How an overlay comes to its copy of the account. */
#include "overlay/copy.h"

#include "account/account.h"
#include "account/clock.h"
#include "account/pool.h"
#include "account/shrunk.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "world/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void drop_lists(signet_overlay *overlay)
{
  signet_timer_cancel(overlay->again);
  overlay->again = NULL;
  overlay->looks = 0;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_step *step = &overlay->lists[kind];
    if (step->active)
      overlay->reader->base->cancel(overlay->reader, step);
    signet_step_clear(step);
  }
  signet_details_stop(overlay->details);
  overlay->details = NULL;
  overlay->running = 0;
  overlay->reader = NULL;
}

static void give_up(signet_overlay *overlay, signet_error *error)
{
  drop_lists(overlay);
  overlay->state = SIGNET_OVERLAY_LIVE; /* the next write tries again */
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  overlay->copied(overlay, error);
}

/* The entries that a copy leaves out. */
typedef struct left_out {
  size_t count;
  char first[300];
} left_out;

static void leave_out(left_out *out, const signet_record *record,
                      const char *why)
{
  char id[SIGNET_ID_SIZE];
  if (out->count++ > 0)
    return;
  signet_record_id(record, id, sizeof id);
  snprintf(out->first, sizeof out->first, "%s %s: %.200s",
           signet_kind_word(signet_record_kind(record)), id, why);
}

/* Its own ids begin there. */
static bool takes_its_id(const signet_record *record)
{
  char id[SIGNET_ID_SIZE];
  char first[SIGNET_ID_SIZE];
  int digits = snprintf(first, sizeof first, "%" PRId64, SIGNET_PROVISIONAL_ID);
  signet_record_id(record, id, sizeof id);
  return strlen(id) == (size_t)digits && strcmp(id, first) >= 0;
}

/* An odd entry is its own problem: the others are copied. */
static bool import_list(const signet_overlay *overlay, signet_world *world,
                        signet_kind kind, left_out *out, signet_error *error)
{
  const signet_list *list = overlay->lists[kind].result.list;
  for (size_t i = 0; list != NULL && i < signet_list_count(list); i++) {
    const signet_record *record = signet_list_at(list, i);
    signet_error_init(error);
    if (takes_its_id(record))
      leave_out(out, record, "a dry run gives such ids to new entries");
    else if (!signet_world_import_record(world, record, i, error)) {
      const char *dot = strchr(error->message, '.');
      if (error->kind != SIGNET_ERROR_VALIDATION)
        return false;
      leave_out(out, record, dot != NULL ? dot + 1 : error->message);
    }
  }
  return true;
}

static void tell_left_out(const signet_overlay *overlay, const left_out *out)
{
  char text[500];
  if (out->count == 0)
    return;
  snprintf(text, sizeof text,
           "%zu %s left out of the dry run, since what the service shows of %s "
           "can't be used: %s%s",
           out->count, out->count == 1 ? "entry is" : "entries are",
           out->count == 1 ? "it" : "them", out->first,
           out->count > 1 ? ", and others" : "");
  signet_account_notify(overlay->reader, text);
}

/* Both lists, into a world of their own: a half of them is of no use. */
static signet_world *import(const signet_overlay *overlay, signet_error *error)
{
  signet_world *world = signet_world_new(NULL);
  left_out out = {0};
  if (world == NULL) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  signet_world_set_time(world, signet_account_time(overlay->reader));
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (!import_list(overlay, world, kind, &out, error)) {
      signet_world_free(world);
      return NULL;
    }
  tell_left_out(overlay, &out);
  world->next_id = SIGNET_PROVISIONAL_ID;
  return world;
}

static bool take_copy(signet_overlay *overlay, signet_error *error)
{
  signet_error problem = SIGNET_ERROR_INIT;
  signet_world *world = import(overlay, &problem);
  if (world == NULL)
    return signet_error_set(
        error,
        problem.kind == SIGNET_ERROR_MEMORY ? SIGNET_ERROR_MEMORY
                                            : SIGNET_ERROR_UNSUPPORTED,
        "the account can't be copied for a dry run: %.400s", problem.message);
  signet_world_free(overlay->world);
  overlay->world = world;
  return true;
}

static void take_lists(signet_overlay *overlay)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (!take_copy(overlay, &error)) {
    give_up(overlay, &error);
    return;
  }
  drop_lists(overlay);
  overlay->state = SIGNET_OVERLAY_COPIED;
  overlay->copied(overlay, NULL);
}

static void on_details(void *user, signet_list *whole,
                       const signet_error *error);

/* A list that shows less than its entries makes no copy of them.
 * @return whether they are read first, or there was no memory for that, which
 * has been told */
static bool need_details(signet_overlay *overlay, signet_kind kind)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_list *list = overlay->lists[kind].result.list;
  if (list == NULL || !signet_details_are_needed(list))
    return false;
  overlay->detailed = kind;
  overlay->details = signet_details_start(
      overlay->reader, overlay->reader->base, list, on_details, overlay);
  if (overlay->details == NULL) {
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
    give_up(overlay, &error);
  }
  return true;
}

static void on_details(void *user, signet_list *whole,
                       const signet_error *error)
{
  signet_overlay *overlay = user;
  signet_error problem = *error;
  signet_step *step = &overlay->lists[overlay->detailed];
  overlay->details = NULL;
  if (whole == NULL) {
    give_up(overlay, &problem);
    return;
  }
  signet_list_release(step->result.list);
  step->result.list = signet_list_retain(whole);
  if (overlay->detailed == SIGNET_TEMPLATE ||
      !need_details(overlay, SIGNET_TEMPLATE))
    take_lists(overlay);
}

/* The signatures may have come last. */
static void note_signatures(signet_overlay *overlay)
{
  signet_step *step = &overlay->lists[SIGNET_TEMPLATE];
  if (step->result.list != NULL &&
      signet_dialect_has(overlay->dialect, SIGNET_TEMPLATE) &&
      overlay->reader->http != NULL)
    signet_details_note(step);
}

static void finish(signet_overlay *overlay)
{
  signet_error error = overlay->errors[SIGNET_SIGN];
  if (error.kind == SIGNET_OK)
    error = overlay->errors[SIGNET_TEMPLATE];
  if (error.kind != SIGNET_OK)
    give_up(overlay, &error);
  else {
    note_signatures(overlay);
    if (!need_details(overlay, SIGNET_SIGN) &&
        !need_details(overlay, SIGNET_TEMPLATE))
      take_lists(overlay);
  }
}

static void list_both(void *user);

/* The kind whose list is far too short; -1: none is. */
static int short_kind(const signet_overlay *overlay)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (overlay->errors[kind].kind == SIGNET_OK &&
        overlay->lists[kind].result.list != NULL &&
        signet_shrunk_is(overlay->reader, kind,
                         overlay->lists[kind].result.listed))
      return (int)kind;
  return -1;
}

static void note_lists(const signet_overlay *overlay)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (overlay->lists[kind].result.list != NULL)
      signet_shrunk_note(overlay->reader, kind,
                         overlay->lists[kind].result.listed);
}

/* A copy of a part of the account would be a plan for a part of it. */
static void check_lists(signet_overlay *overlay)
{
  int kind = short_kind(overlay);
  if (kind < 0) {
    note_lists(overlay);
    finish(overlay);
    return;
  }
  if (++overlay->looks < SIGNET_SHORT_LOOKS)
    overlay->again = signet_timer_start(
        overlay->loop, signet_shrunk_pause(overlay->reader, overlay->looks),
        list_both, overlay);
  if (overlay->again != NULL)
    return;
  signet_shrunk_refuse(overlay->reader, (signet_kind)kind,
                       overlay->lists[kind].result.listed,
                       &overlay->errors[kind]);
  finish(overlay);
}

static void on_list(void *user)
{
  signet_overlay *overlay = user;
  if (--overlay->running == 0)
    check_lists(overlay);
}

static void list_kind(signet_overlay *overlay, signet_kind kind)
{
  signet_step *step = &overlay->lists[kind];
  signet_error_init(&overlay->errors[kind]);
  signet_step_init(step, &overlay->errors[kind]);
  step->request.verb = SIGNET_LIST;
  step->request.kind = kind;
  step->done = on_list;
  step->user = overlay;
  overlay->running++;
  overlay->reader->base->start(overlay->reader, step);
}

static void list_both(void *user)
{
  signet_overlay *overlay = user;
  overlay->again = NULL;
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    signet_step_clear(&overlay->lists[kind]);
  list_kind(overlay, SIGNET_SIGN);
  if (signet_dialect_has(overlay->dialect, SIGNET_TEMPLATE))
    list_kind(overlay, SIGNET_TEMPLATE);
}

void signet_overlay_copy(signet_overlay *overlay, signet_account *account)
{
  if (overlay->state != SIGNET_OVERLAY_LIVE)
    return;
  overlay->state = SIGNET_OVERLAY_COPYING;
  overlay->reader = account;
  list_both(overlay);
}

void signet_overlay_stop_copy(signet_overlay *overlay,
                              const signet_account *account)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (overlay->reader != account)
    return;
  signet_error_set(&error, SIGNET_ERROR_CANCELLED,
                   "the account was closed while it was copied");
  give_up(overlay, &error);
}
