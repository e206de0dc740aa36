/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_LIST_H
#define SIGNET_MODEL_LIST_H

/*
 * How lists come to be. All records of a list lie in one arena. Records that
 * have the same fields of the same types in the same order share one shape, so
 * that a record costs eight bytes a field beside its text.
 *
 *   signet_list *list = signet_list_new(SIGNET_SIGN);
 *   signet_list_begin(list);
 *   signet_list_add(list, "sign_id", 7, &value);   …
 *   const signet_record *record = signet_list_end(list);
 *
 * Each of these may fail for want of memory; list_end then returns NULL and the
 * list is as it was before list_begin.
 */

#include "signet/record.h"

/** An empty list with one reference. NULL: out of memory. */
signet_list *signet_list_new(signet_kind kind);
/** The kind that it was made with. */
signet_kind signet_list_kind(const signet_list *list);
/** Begins a record; one that was begun and not ended is dropped. */
void signet_list_begin(signet_list *list);
/** Adds a field; name and text are copied. Of a name that is added twice the
 * last value counts. */
void signet_list_add(signet_list *list, const char *name, size_t length,
                     const signet_value *value);
/** Ends the record. NULL: out of memory, or more than 256 fields. */
const signet_record *signet_list_end(signet_list *list);
/** Appends a record with the fields of another list's. @return false: memory */
bool signet_list_copy(signet_list *list, const signet_record *record);
/** Of templates: that the list names no signature doesn't mean that they have
 * none, or does. The records keep that, and so do their copies. */
void signet_list_hide_signatures(signet_list *list, bool hides);
/** Drops the record that was begun. */
void signet_list_drop(signet_list *list);
/** Frees what only building needs (8 KiB); building may begin again later. */
void signet_list_seal(signet_list *list);

#endif
