/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_VISIBILITY_H
#define SIGNET_VISIBILITY_H

/*
 * Marks what the project's other libraries call of libsignet's inside. Built
 * as a shared library it has to export that too, though no public header
 * declares it and it may change from one version to the next.
 */
#define SIGNET_INTERNAL __attribute__((visibility("default")))

#endif
