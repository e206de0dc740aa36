/* SPDX-License-Identifier: MIT */
/* The question before the deletes of a run: all that were announced, else
 * before the first one. */

#include "host/session/confirm.h"

#include "host/system/interrupt.h"
#include "host/system/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static bool is_interrupted(const struct session *session)
{
  return session->engine != NULL ? signet_engine_interrupted(session->engine)
                                 : signet_host_interrupt_asked() > 0;
}

/* A line of the terminal. @return false: it ended, or the run has to */
static bool read_answer(const struct session *session, char *answer,
                        size_t size)
{
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  ssize_t length;
  int ready;

  /* Unlike read(), poll() does not go on behind a signal. */
  do {
    ready = poll(&input, 1, -1);
  } while (ready < 0 && errno == EINTR && !is_interrupted(session));
  if (ready <= 0)
    return false;
  length = read(STDIN_FILENO, answer, size - 1);
  answer[length > 0 ? length : 0] = '\0';
  return length > 0;
}

static bool is_yes(char *answer)
{
  answer[strcspn(answer, "\r\n")] = '\0';
  return strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 ||
         strcmp(answer, "yes") == 0;
}

static bool refuse(signet_error *error, const char *sentence)
{
  (void)snprintf(error->message, sizeof error->message, "%s", sentence);
  return false;
}

bool signet_host_can_ask(const struct session *session)
{
  return session->host->terminal.error_tty && isatty(STDIN_FILENO);
}

static bool ask(struct session *session, const char *question)
{
  bool color = session->host->terminal.error_color;
  char answer[256];

  signet_host_progress_hide(&session->report.progress);
  signet_host_keys_end(); /* an answer is a line, and is seen */
  (void)fflush(stdout);
  (void)fputs(signet_host_style(color, STYLE_YELLOW), stderr);
  signet_host_write_safe(stderr, question, strlen(question));
  (void)fprintf(stderr, "%s [y/N] ", signet_host_style(color, STYLE_PLAIN));
  (void)fflush(stderr);
  return read_answer(session, answer, sizeof answer) && is_yes(answer);
}

bool signet_host_ask(struct session *session, const char *question)
{
  session->confirmed = ask(session, question);
  return session->confirmed;
}

static size_t add_count(char *text, size_t size, size_t length, int64_t count,
                        const char *one, const char *several)
{
  if (count == 0 || length >= size)
    return length;
  return length +
         (size_t)snprintf(text + length, size - length, "%s%" PRId64 " %s%s",
                          length > 0 ? " and " : "", count,
                          count == 1 || several == NULL ? one : several,
                          count == 1 || several != NULL ? "" : "s");
}

/* "Delete 286 templates and 9 signatures of acme-live?" The account is called
 * as its profile is, where one was chosen. */
static void put_question(const struct session *session, const char *account,
                         char *question, size_t size)
{
  const signet_job_announcement *announced =
      session->job != NULL ? signet_job_announced(session->job) : NULL;
  const char *profile = signet_settings_get(session->settings, "profile");
  const char *origin = signet_settings_origin(session->settings, "profile");
  char what[120] = "";
  size_t length = 0;

  if (profile != NULL && strcmp(origin, "default") != 0)
    account = profile;
  if (announced == NULL) {
    (void)snprintf(question, size, "This run deletes entries of %.600s. Go on?",
                   account);
    return;
  }
  length = add_count(what, sizeof what, length, announced->deletes.templates,
                     signet_kind_word(SIGNET_TEMPLATE), NULL);
  length = add_count(what, sizeof what, length, announced->deletes.signs,
                     signet_kind_word(SIGNET_SIGN), NULL);
  (void)add_count(what, sizeof what, length, announced->deletes.either, "entry",
                  "entries");
  (void)snprintf(question, size, "Delete %s of %.500s?", what, account);
}

bool signet_host_confirm(void *user, const char *account, signet_error *error)
{
  struct session *session = user;
  char question[700];

  if (session->confirmed)
    return true;
  if (!signet_host_can_ask(session)) {
    return refuse(error,
                  "deletes have to be confirmed, and there is no terminal "
                  "to ask on: --yes confirms them");
  }
  put_question(session, account, question, sizeof question);
  return ask(session, question) ||
         refuse(error, "the deletes were not confirmed");
}
