/* SPDX-License-Identifier: MIT */
/* The question before the first delete of a run. */

#include "host/job.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A line of the terminal. @return false: it ended, or a signal came */
static bool read_answer(char *answer, size_t size)
{
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  ssize_t length;

  /* Unlike read(), poll() does not go on behind a signal. */
  if (poll(&input, 1, -1) <= 0) {
    return false;
  }
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

bool signet_host_confirm(void *user, const char *account, signet_error *error)
{
  struct session *session = user;
  const struct terminal *terminal = &session->host->terminal;
  bool color = terminal->error_color;
  char answer[256];

  if (!terminal->error_tty || !isatty(STDIN_FILENO)) {
    return refuse(error, "without a terminal to confirm it nothing is deleted: "
                         "--yes allows it");
  }
  signet_host_progress_hide(&session->report.progress);
  (void)fflush(stdout);
  (void)fprintf(stderr, "%sThis run deletes entries of ",
                signet_host_style(color, STYLE_YELLOW));
  signet_host_write_safe(stderr, account, strlen(account));
  (void)fprintf(stderr, ".%s Go on? [y/N] ",
                signet_host_style(color, STYLE_PLAIN));
  (void)fflush(stderr);
  return (read_answer(answer, sizeof answer) && is_yes(answer)) ||
         refuse(error, "the deletes were not confirmed");
}
