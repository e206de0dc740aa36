/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_NO_REPLY_H
#define SIGNET_ACCOUNT_NO_REPLY_H

#include "account/step.h"

#define SIGNET_REPLY_NO_MEMORY "the reply can't be kept: out of memory"

/** Decides about a request to which no whole reply came. */
void signet_outcome_no_reply(const signet_account *account, signet_step *step);
/** Which limit the reply is beyond. */
void signet_outcome_describe_limit(const signet_account *account,
                                   const signet_step *step, char *out,
                                   size_t size);
/** Why a list could not be read. */
signet_error_kind signet_outcome_reader_kind(const signet_list_reader *reader);

#endif
