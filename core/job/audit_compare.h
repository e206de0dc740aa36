/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_AUDIT_COMPARE_H
#define SIGNET_JOB_AUDIT_COMPARE_H

#include "job/audit.h"

/** Reads the last writes from the journal. @return false: `error` is set */
bool signet_audit_read_writes(signet_audit *audit);
/** Calls @p function for each row of the job. @return false: so, too */
bool signet_audit_each_row(signet_audit *audit, signet_write_row_fn function,
                           void *user);
/** The last write to the entry of a row; NULL: it is about no entry. */
signet_last_write *signet_audit_find(const signet_audit *audit,
                                     const signet_write_row *row);
/** Lays the records of the present look beside the writes, and says which of
 * them can't be told without the text of the write. @return how many */
size_t signet_audit_judge(signet_audit *audit);
/** What the list doesn't show in full contradicts nothing, where the entries
 * themselves could not be read. */
void signet_audit_drop_partial(signet_audit *audit);
/** The doubted entries that the list doesn't show in full. NULL: no memory */
signet_list *signet_audit_partial(const signet_audit *audit);
/** Takes what was read of these. */
void signet_audit_take_whole(signet_audit *audit);
/** Compares the text of the doubted writes. @return false: `error` is set */
bool signet_audit_look_closer(signet_audit *audit);
/** How many entries of a kind are doubted. */
size_t signet_audit_doubted(const signet_audit *audit, signet_kind kind);

#endif
