/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_IDENTITY_H
#define SIGNET_ACCOUNT_IDENTITY_H

/*
 * Which account this is, as text: "configs https://host key KEY". All spellings
 * of a base URL are one account, so that it has one journal and one lock.
 */

#include "signet/account.h"

enum { SIGNET_IDENTITY_SIZE = 512 };

/** The text with the URL as it was given. @return false: it does not fit */
bool signet_identity_spell(char *out, signet_dialect dialect, const char *url,
                           const char *key);

/**
 * The text with the URL's canonical form; one that is no such text is copied.
 * @param out  of SIGNET_IDENTITY_SIZE
 * @return false: out of memory
 */
bool signet_identity_canonical(const char *identity, char *out);

#endif
