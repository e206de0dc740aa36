/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_KINDS_H
#define SIGNET_MODEL_KINDS_H

/* What differs between the kinds of entries. */

#include "signet/record.h"

/** For tables by id. */
size_t signet_id_hash(const char *id);
/** The `sign_id` or `template_id` that names a kind's entries. */
const char *signet_kind_id_field(signet_kind kind);
/** Whether the service's pages name such a field of what is read. Entries may
 * have others: only a doubt may rest on this. */
bool signet_kind_has_field(signet_kind kind, const char *name);

#endif
