/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_ENTRY_H
#define SIGNET_WORLD_ENTRY_H

#include "world/state.h"

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

#endif
