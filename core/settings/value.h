/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SETTINGS_VALUE_H
#define SIGNET_SETTINGS_VALUE_H

#include "settings/rows.h"

/**
 * Reads a value of a row of the transport's: a plain number, seconds, bytes, or
 * a choice's index, whatever the locale.
 * @return false: it is none, or not within the row's limits
 */
bool signet_setting_read(const struct setting_row *row, const char *text,
                         double *number);
/** What a value of the row must be: goes on after "must be". */
void signet_setting_must(const struct setting_row *row, char *out, size_t size);
/** Sets the row's member of @p options to a value that was checked, which the
 * options borrow if it is text. */
void signet_setting_fill(const struct setting_row *row, const char *text,
                         signet_account_options *options);

#endif
