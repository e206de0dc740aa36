/* SPDX-License-Identifier: MIT */
#include "account/made.h"

#include "account/account.h"
#include "account/recorder.h"

#include "model/kinds.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>

enum { ID_SIZE = 24, FIRST_CAPACITY = 64 };

struct signet_made_slot {
  char id[ID_SIZE]; /* "": a free slot */
  signet_kind kind;
};

/* The slot of an entry, or the free one where it would stand. */
static struct signet_made_slot *slot_of(const signet_made *made,
                                        signet_kind kind, const char *id)
{
  size_t at = (signet_id_hash(id) + kind) & (made->capacity - 1);
  while (made->slots[at].id[0] != '\0' &&
         (made->slots[at].kind != kind || strcmp(made->slots[at].id, id) != 0))
    at = (at + 1) & (made->capacity - 1);
  return &made->slots[at];
}

static bool grow(signet_made *made)
{
  signet_made larger = {.used = made->used,
                        .capacity = made->capacity > 0 ? made->capacity * 2
                                                       : FIRST_CAPACITY};
  larger.slots = signet_memory_zeroed(larger.capacity, sizeof larger.slots[0]);
  if (larger.slots == NULL)
    return false;
  for (size_t i = 0; i < made->capacity; i++) {
    const struct signet_made_slot *old = &made->slots[i];
    if (old->id[0] != '\0')
      *slot_of(&larger, old->kind, old->id) = *old;
  }
  signet_memory_free(made->slots);
  *made = larger;
  return true;
}

bool signet_made_add(signet_made *made, signet_kind kind, const char *id)
{
  if (id == NULL || id[0] == '\0' || strlen(id) >= ID_SIZE)
    return true; /* no entry that a list shows */
  if (made->used * 2 >= made->capacity && !grow(made))
    return false;
  struct signet_made_slot *slot = slot_of(made, kind, id);
  made->used += slot->id[0] == '\0';
  snprintf(slot->id, sizeof slot->id, "%s", id);
  slot->kind = kind;
  return true;
}

bool signet_made_has(const signet_made *made, signet_kind kind, const char *id)
{
  return made->capacity > 0 && slot_of(made, kind, id)->id[0] != '\0';
}

void signet_made_free(signet_made *made)
{
  signet_memory_free(made->slots);
  *made = (signet_made){0};
}

bool signet_made_is_own(const signet_account *account, signet_kind kind,
                        const char *id)
{
  signet_recorder *recorder = account->recorder;
  return signet_made_has(&account->made, kind, id) ||
         (recorder != NULL && recorder->is_own(recorder, kind, id));
}
