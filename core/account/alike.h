/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_ALIKE_H
#define SIGNET_ACCOUNT_ALIKE_H

/*
 * Names of signatures that look the same as another's: composed in another way,
 * in another case or width, with characters that can't be seen. The service
 * takes them for different names, people don't. Before such a name is written,
 * by a create or a rename, that is told, once for each two names. It is looked
 * for in the last list of signatures that this run has read; where there was
 * none, none is made for it.
 */

#include "account/call.h"

/** A list of signatures was read. */
void signet_alike_note(signet_account *account, signet_list *list);
/** A write is about to be recorded and sent. @return whether its name looks the
 * same as that of another signature, which was not told yet: @p text says so */
bool signet_alike_doubts(const signet_call *call, char *text, size_t size);
void signet_alike_free(signet_account *account);

#endif
