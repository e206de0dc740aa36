/* SPDX-License-Identifier: MIT */
/* The life of an overlay, and how it comes to its copy of the account. */
#include "overlay/overlay.h"

#include "account/shrunk.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void signet_overlay_options_init(signet_overlay_options *options)
{
  *options = (signet_overlay_options)SIGNET_OVERLAY_OPTIONS_INIT;
}

signet_overlay *signet_overlay_new(const signet_overlay_options *options,
                                   signet_error *error)
{
  signet_overlay_options defaults = SIGNET_OVERLAY_OPTIONS_INIT;
  options = options != NULL ? options : &defaults;
  signet_error_init(error);
  if (options->version != SIGNET_OVERLAY_OPTIONS_VERSION ||
      options->reject_percent > 100) {
    signet_error_set(error, SIGNET_ERROR_VALIDATION,
                     "the overlay's options are of another version, or reject "
                     "more than 100 percent");
    return NULL;
  }
  signet_overlay *overlay = signet_memory_zeroed(1, sizeof *overlay);
  if (overlay != NULL)
    overlay->world = signet_world_new(NULL);
  if (overlay == NULL || overlay->world == NULL) {
    signet_memory_free(overlay);
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  overlay->options = *options;
  return overlay;
}

void signet_overlay_free(signet_overlay *overlay)
{
  if (overlay == NULL)
    return;
  for (size_t i = 0; i < overlay->write_count; i++)
    signet_overlay_write_free(&overlay->writes[i]);
  signet_timer_cancel(overlay->timer);
  signet_memory_free(overlay->writes);
  signet_memory_free(overlay->undecided);
  signet_world_free(overlay->world);
  signet_memory_free(overlay);
}

bool signet_overlay_attach(signet_overlay *overlay, signet_account *account,
                           signet_error *error)
{
  const char *identity = signet_account_identity(account);
  if (overlay->identity[0] != '\0' && strcmp(overlay->identity, identity) != 0)
    return signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "a dry run is of one account, and this one is of "
                            "%s; run the other account in one of its own",
                            overlay->identity);
  snprintf(overlay->identity, sizeof overlay->identity, "%s", identity);
  overlay->dialect = account->dialect;
  overlay->loop = account->loop;
  account->base = account->backend;
  account->backend = &signet_backend_overlay;
  account->overlay = overlay;
  return true;
}

/* ---- the copy ---- */

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
  signet_overlay_copied(overlay, error);
  signet_overlay_fail_waiting(overlay, error);
}

static bool has_room_for_ids(const signet_world *world, signet_error *error)
{
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    for (const signet_entry *entry = world->shelves[kind].first; entry != NULL;
         entry = entry->next)
      if (entry->id >= SIGNET_PROVISIONAL_ID)
        return signet_error_set(error, SIGNET_ERROR_UNSUPPORTED,
                                "the account has an entry %" PRId64
                                ", which is an id that a dry run gives to new "
                                "entries",
                                entry->id);
  return true;
}

/* Both lists, into a world of their own: a half of them is of no use. */
static signet_world *import(const signet_overlay *overlay, signet_error *error)
{
  signet_world *world = signet_world_new(NULL);
  if (world == NULL) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  signet_world_set_time(world, signet_account_time(overlay->reader));
  bool good = true;
  for (int kind = SIGNET_SIGN; good && kind <= SIGNET_TEMPLATE; kind++)
    if (overlay->lists[kind].list != NULL)
      good = signet_world_import(world, overlay->lists[kind].list, error);
  if (good && has_room_for_ids(world, error)) {
    world->next_id = SIGNET_PROVISIONAL_ID;
    return world;
  }
  signet_world_free(world);
  return NULL;
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
  signet_overlay_copied(overlay, NULL);
  signet_overlay_stir(overlay);
}

static void on_details(void *user, signet_list *whole,
                       const signet_error *error)
{
  signet_overlay *overlay = user;
  signet_error problem = *error;
  overlay->details = NULL;
  if (whole == NULL) {
    give_up(overlay, &problem);
    return;
  }
  signet_list_release(overlay->lists[SIGNET_TEMPLATE].list);
  overlay->lists[SIGNET_TEMPLATE].list = signet_list_retain(whole);
  take_lists(overlay);
}

/* A list that shows less than its templates makes no copy of them. */
static void finish(signet_overlay *overlay)
{
  signet_error error = overlay->errors[SIGNET_SIGN];
  signet_list *templates = overlay->lists[SIGNET_TEMPLATE].list;
  if (error.kind == SIGNET_OK)
    error = overlay->errors[SIGNET_TEMPLATE];
  bool incomplete = error.kind == SIGNET_OK && templates != NULL &&
                    signet_details_are_needed(templates);
  if (incomplete) {
    overlay->details = signet_details_start(
        overlay->reader, overlay->reader->base, templates, on_details, overlay);
    if (overlay->details != NULL)
      return;
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  if (error.kind != SIGNET_OK)
    give_up(overlay, &error);
  else
    take_lists(overlay);
}

static void list_both(void *user);

/* The kind whose list is far too short; -1: none is. */
static int short_kind(const signet_overlay *overlay)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (overlay->errors[kind].kind == SIGNET_OK &&
        overlay->lists[kind].list != NULL &&
        signet_shrunk_is(overlay->reader, kind, overlay->lists[kind].listed))
      return (int)kind;
  return -1;
}

static void note_lists(const signet_overlay *overlay)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (overlay->lists[kind].list != NULL)
      signet_shrunk_note(overlay->reader, kind, overlay->lists[kind].listed);
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
                       overlay->lists[kind].listed, &overlay->errors[kind]);
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
  step->verb = SIGNET_LIST;
  step->kind = kind;
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
  if (overlay->dialect == SIGNET_CONFIGS)
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

void signet_overlay_detach(signet_overlay *overlay, signet_account *account)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (overlay->waiting == NULL) { /* the loop may end before the overlay */
    signet_timer_cancel(overlay->timer);
    overlay->timer = NULL;
  }
  if (overlay->reader != account)
    return;
  signet_error_set(&error, SIGNET_ERROR_CANCELLED,
                   "the account was closed while it was copied");
  give_up(overlay, &error);
}
