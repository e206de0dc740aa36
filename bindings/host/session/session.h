/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_SESSION_H
#define SIGNET_HOST_SESSION_H

/* An engine with the settings of the command line, the job that it writes
 * under, and the report of what runs in it. */

#include "host/output/report.h"
#include "host/output/trace.h"
#include "host/session/script.h"

struct session {
  struct host *host;
  struct report report;
  struct trace trace;
  signet_settings *settings;
  signet_loop *loop;
  signet_job *job;         /* NULL: none */
  signet_account *account; /* the host's own, NULL: not needed yet */
  signet_engine *engine;
  signet_overlay *overlay; /* of a dry run; NULL: writes are sent */
  bool writes;             /* a REPL that may write */
  bool confirmed;          /* somebody has said yes to deletes */
  bool failed;             /* the host's own part failed */
  bool resumed;            /* the job has run before */
  bool plan_job;           /* a plan's, or an undo */
  bool script_job;         /* a script's, not a plan's or a REPL's */
  bool over;               /* it came to its end meanwhile, elsewhere */
  bool early;              /* it was interrupted before it went on */
  bool interrupted;        /* the run, by a signal or its deadline */
  signet_timer *tell;      /* lets others know what is done by now */
  struct {
    int64_t until_ms;     /* since 1970; 0: by no pause */
    char reason[160];     /* of that pause */
    uint64_t reviews;     /* that the script waits for; 0: by none */
    signet_timer *hold;   /* holds the host's account */
    signet_timer *review; /* looks whether the script waits for reviews */
  } park;                 /* --park: what the run doesn't wait for */
};

/**
 * @param script  what is to run; NULL: a REPL
 * @return EXIT_DONE, else the exit status: the error has been reported, and the
 *         session is closed
 */
int signet_host_session_open(struct session *session, struct host *host,
                             const struct script *script);

/** Reports a run's end, after the job's. @return its exit status */
int signet_host_session_end(struct session *session, bool good,
                            const signet_failure *failure);

/** Whether something that was to be printed is missing, or the run ended for
 * that. A reader that had seen enough when all was done is no failure. */
bool signet_host_session_lacks_output(const struct session *session);

/** Tells that the run was interrupted by its deadline, if it was. */
void signet_host_session_tell_deadline(struct session *session);

/** Takes the keys that change the pace, while a bar is shown. */
void signet_host_session_take_keys(struct session *session);

void signet_host_session_close(struct session *session);

/** Reports an error before anything ran, and closes the session.
 * @return exit status */
int signet_host_session_give_up(struct session *session,
                                const signet_error *error);

#endif
