/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SAME_H
#define SIGNET_ACCOUNT_SAME_H

/*
 * Whether an entry holds what was written, and whether two records of an entry
 * show the same content. Values are compared by what they mean: countries as a
 * set, "otp" as "authentication", ids as digits, an empty sign_id as none,
 * other text by form (model/form.h). Every comparison of what was written with
 * what the service shows goes through here.
 *
 * A field that a record doesn't show is not empty: nothing is known of it. A
 * template's sign_id and sign_position are the exception, which the service
 * leaves out where the template has no signature; but not where the record
 * shows another field of its signature, or its list never shows any.
 */

#include "model/form.h"
#include "signet/record.h"

typedef enum signet_likeness {
  SIGNET_DIFFERENT,
  SIGNET_SAME,
  SIGNET_UNSEEN /* what is shown is the same, but something isn't shown */
} signet_likeness;

/** Whether two values of the field @p name mean the same. */
bool signet_value_same(const char *name, const signet_value *a,
                       const signet_value *b);

/** The forms (signet_form) in which two values of a field differ that are the
 * same; 0: none. */
unsigned signet_value_forms(const char *name, const signet_value *wanted,
                            const signet_value *shown);

/** Compares a record with all fields that a write sends.
 * @param field  set to the first field that differs or isn't shown; may be
 *               NULL */
signet_likeness signet_entry_compare(signet_kind kind,
                                     const signet_fields *fields,
                                     const signet_record *record,
                                     const char **field);
/** Whether a record shows everything that @p fields wrote. */
bool signet_entry_is_same(signet_kind kind, const signet_fields *fields,
                          const signet_record *record);
/** The forms (signet_form) in which a record that is the same holds what was
 * written; 0: byte by byte. */
unsigned signet_entry_forms(signet_kind kind, const signet_fields *fields,
                            const signet_record *record);

/** Of the content, in its order: bits of the fields that a record shows with
 * another value than the one that @p fields writes. */
unsigned signet_entry_changes(signet_kind kind, const signet_fields *fields,
                              const signet_record *record);
/** Whether a record shows one of these as it was written. */
bool signet_entry_agrees(signet_kind kind, const signet_fields *fields,
                         const signet_record *record, unsigned which);

/** The fields of an entry that a write can change, ending with NULL. */
const char *const *signet_entry_content(signet_kind kind);
/** A field of an entry's content; NULL stands for "no signature".
 * @return false: the record doesn't show it */
bool signet_record_content(const signet_record *record, const char *name,
                           signet_value *value);
/** The first field of the content in which two records differ, of those that
 * both show; NULL: none. Static text. */
const char *signet_entry_difference(signet_kind kind, const signet_record *a,
                                    const signet_record *b);
/** Whether two records show the same content, as far as both show it. */
bool signet_entry_same_content(signet_kind kind, const signet_record *a,
                               const signet_record *b);
/** Whether a record shows all of the content: a list may show less than the
 * entry itself does. */
bool signet_entry_is_whole(signet_kind kind, const signet_record *record);

#endif
