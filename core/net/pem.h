/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_PEM_H
#define SIGNET_NET_PEM_H

/* What a file in PEM holds, by its headings. Whether it can be used is for the
 * library to say that uses it. */

typedef enum signet_pem {
  SIGNET_PEM_CERTIFICATE = 1 << 0,
  SIGNET_PEM_KEY = 1 << 1,
  SIGNET_PEM_ENCRYPTED = 1 << 2 /* the key */
} signet_pem;

/** Reads an open file to its end. @return what is in it, as bits; -1: it can't
 * be read (errno) */
int signet_pem_read(int file);

#endif
