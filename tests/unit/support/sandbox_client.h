/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_SANDBOX_CLIENT_H
#define SIGNET_TESTS_SANDBOX_CLIENT_H

/* A sandbox on a thread of its own, and a client of bare sockets that sees
 * every byte and can send wrong ones. */

#include "signet/sandbox.h"

typedef struct reply {
  int status;       /* 0: the connection ended before a status line */
  bool whole;       /* as many bytes of body as were announced */
  char head[2048];  /* status line and headers */
  char body[65536]; /* its beginning, without a newline at the very end */
  size_t length;    /* of the whole body */
} reply;

extern signet_sandbox *sandbox;

/** Starts a sandbox with default options. */
void sandbox_begin(void);
void sandbox_begin_with(const signet_sandbox_options *options);
/** Stops and closes it. @return what signet_sandbox_run() answered */
bool sandbox_finish(void);
void sandbox_end(void);

/** One request with the right credentials on a connection of its own.
 * @return valid until the next call */
const reply *call(const char *method, const char *path, const char *body);
/** The same without credentials: for the control API, and for 401s. */
const reply *call_bare(const char *method, const char *path, const char *body);
/** The same with one more header line ("Name: value\r\n"). */
const reply *call_with(const char *header, const char *method, const char *path,
                       const char *body);
/** Sends these bytes and reads until the server closes. */
const reply *call_raw(const char *bytes, size_t length);
/** A connection to the sandbox. */
int connect_to_sandbox(void);
int64_t now_ms(void);

#define expect_reply(wanted_status, wanted_body, answer)      \
  do {                                                        \
    const reply *answered_ = (answer);                        \
    cr_expect_eq(answered_->status, (wanted_status), "%d %s", \
                 answered_->status, answered_->body);         \
    cr_expect_str_eq(answered_->body, (wanted_body));         \
    cr_expect(answered_->whole);                              \
  } while (0)

#endif
