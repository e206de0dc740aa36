/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_SESSION_H
#define SIGNET_HOST_SESSION_H

/* An engine with the settings of the command line, and the report of what runs
 * in it. */

#include "host/report.h"

struct session {
  struct host *host;
  struct report report;
  signet_settings *settings;
  signet_engine *engine;
  signet_overlay *overlay; /* of a dry run; NULL: writes are sent */
  bool failed;             /* the host's own part failed */
};

/**
 * @param script  path of the script, for `require`; NULL: there is none
 * @return EXIT_DONE, else the exit status: the error has been reported, and the
 *         session is closed
 */
int signet_host_session_open(struct session *session, struct host *host,
                             const char *script, bool interactive);

/** Reports a run's end. @return its exit status */
int signet_host_session_end(struct session *session, bool good,
                            const signet_failure *failure);

void signet_host_session_close(struct session *session);

/** The exit status for an error of this kind. */
int signet_host_status(signet_error_kind kind);

#endif
