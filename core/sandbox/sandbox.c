/* SPDX-License-Identifier: MIT */
#include "sandbox/credentials.h"
#include "sandbox/entries.h"
#include "sandbox/request.h"
#include "sandbox/state_file.h"
#include "sandbox/timers.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "world/state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
  CONNECTIONS = 1000,
  IDLE_SECONDS = 300, /* a client may vanish without a word */
  LATENCY_LONGEST_MS = 86400000,
  STOP_PATIENCE_US = 1000000 /* for answers that are on their way */
};

void signet_sandbox_options_init(signet_sandbox_options *options)
{
  *options = (signet_sandbox_options)SIGNET_SANDBOX_OPTIONS_INIT;
}

uint16_t signet_sandbox_port(const signet_sandbox *sandbox)
{
  return sandbox->port;
}

signet_world *signet_sandbox_world(signet_sandbox *sandbox)
{
  return sandbox->world;
}

static bool out_of_memory(signet_error *error)
{
  return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

static bool take_options(signet_sandbox *sandbox,
                         const signet_sandbox_options *options,
                         signet_error *error)
{
  if (options->latency_ms < 0 || options->latency_ms > LATENCY_LONGEST_MS)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the latency must be 0 to 86400000 ms");
  sandbox->latency_ms = options->latency_ms;
  sandbox->first_latency_ms = options->latency_ms;
  sandbox->seed_signs = options->seed_signs;
  sandbox->seed_templates = options->seed_templates;
  sandbox->authorization = sandbox_authorization(
      options->key != NULL ? options->key : "key",
      options->secret != NULL ? options->secret : "secret");
  if (options->state_file != NULL)
    sandbox->state_file =
        signet_memory_text(options->state_file, strlen(options->state_file));
  if (sandbox->authorization == NULL ||
      (options->state_file != NULL && sandbox->state_file == NULL))
    return out_of_memory(error);
  return true;
}

static bool fill(signet_sandbox *sandbox, signet_error *error)
{
  size_t counts[2];
  sandbox->world = signet_world_new(NULL);
  if (sandbox->world == NULL)
    return out_of_memory(error);
  sandbox_set_clock(sandbox);
  if (!sandbox_state_load(sandbox, error))
    return false;
  sandbox_count_entries(sandbox->world, counts);
  if (counts[SIGNET_SIGN] + counts[SIGNET_TEMPLATE] > 0)
    return true;
  if (!signet_world_seed(sandbox->world, sandbox->seed_signs,
                         sandbox->seed_templates, SANDBOX_SEED))
    return out_of_memory(error);
  return true;
}

/* Paths are decoded by the sandbox, which must see an escaped slash. */
static size_t keep_escapes(void *user, struct MHD_Connection *connection,
                           char *text)
{
  (void)user, (void)connection;
  return strlen(text);
}

static bool listen_on(signet_sandbox *sandbox, uint16_t port,
                      signet_error *error)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  errno = 0;
  sandbox->daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL,
      sandbox_handle, sandbox, MHD_OPTION_SOCK_ADDR, &address,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
      MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
      MHD_OPTION_URI_LOG_CALLBACK, sandbox_request_begin, sandbox,
      MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
      MHD_OPTION_NOTIFY_COMPLETED, sandbox_request_end, sandbox,
      MHD_OPTION_END);
  if (sandbox->daemon == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "can't listen on 127.0.0.1:%u: %s", port,
                            errno != 0 ? strerror(errno) : "no server");
  sandbox->port =
      MHD_get_daemon_info(sandbox->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
  return true;
}

signet_sandbox *signet_sandbox_open(const signet_sandbox_options *options,
                                    signet_error *error)
{
  signet_sandbox *sandbox = signet_memory_zeroed(1, sizeof *sandbox);
  if (sandbox == NULL) {
    out_of_memory(error);
    return NULL;
  }
  sandbox->started_us = sandbox_now_us();
  sandbox->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  bool awake = sandbox->wake_fd >= 0;
  if (!awake)
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "no descriptor left: %s", strerror(errno));
  if (awake && take_options(sandbox, options, error) && fill(sandbox, error) &&
      listen_on(sandbox, options->port, error))
    return sandbox;
  signet_sandbox_close(sandbox);
  return NULL;
}

static void sooner(int64_t *timeout_us, int64_t us)
{
  if (us < 0)
    us = 0;
  if (*timeout_us < 0 || us < *timeout_us)
    *timeout_us = us;
}

/* Microseconds until something is due, -1: nothing is. */
static int64_t next_timeout(signet_sandbox *sandbox, int64_t review_ms)
{
  int64_t timeout_us = -1;
  MHD_UNSIGNED_LONG_LONG idle_ms;
  if (sandbox->timer_count > 0)
    sooner(&timeout_us, sandbox->timers[0]->due_us - sandbox_now_us());
  if (review_ms >= 0) {
    int64_t left_ms = review_ms - sandbox_wall_ms(sandbox);
    sooner(&timeout_us, left_ms < 3600000 ? left_ms * 1000 : 3600000000);
  }
  if (MHD_get_timeout(sandbox->daemon, &idle_ms) == MHD_YES)
    sooner(&timeout_us, idle_ms < 1000 ? (int64_t)idle_ms * 1000 : 1000000);
  return timeout_us;
}

static void wait_for_work(signet_sandbox *sandbox, int64_t timeout_us)
{
  uint64_t woken;
  struct pollfd files[2] = {
      {MHD_get_daemon_info(sandbox->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
       POLLIN, 0},
      {sandbox->wake_fd, POLLIN, 0},
  };
  struct timespec timeout = {timeout_us / 1000000, timeout_us % 1000000 * 1000};
  if (ppoll(files, 2, timeout_us >= 0 ? &timeout : NULL, NULL) > 0 &&
      files[1].revents != 0)
    while (read(sandbox->wake_fd, &woken, sizeof woken) > 0)
      continue;
}

static void turn(signet_sandbox *sandbox, int64_t longest_us)
{
  sandbox_set_clock(sandbox);
  int64_t review_ms = signet_world_tick(sandbox->world);
  sandbox_timers_run(sandbox, sandbox_request_wake);
  int64_t timeout_us = next_timeout(sandbox, review_ms);
  if (longest_us >= 0)
    sooner(&timeout_us, longest_us);
  wait_for_work(sandbox, timeout_us);
  sandbox_set_clock(sandbox);
  sandbox_timers_run(sandbox, sandbox_request_wake);
  MHD_run(sandbox->daemon);
}

bool signet_sandbox_run(signet_sandbox *sandbox, signet_error *error)
{
  while (!atomic_load(&sandbox->stopping))
    turn(sandbox, -1);
  /* Answers that are under way are sent; those that wait are not. */
  int64_t end_us = sandbox_now_us() + STOP_PATIENCE_US;
  while (sandbox->open_count > sandbox->timer_count &&
         sandbox_now_us() < end_us)
    turn(sandbox, end_us - sandbox_now_us());
  return sandbox_state_save(sandbox, error);
}

static void close_daemon(signet_sandbox *sandbox)
{
  if (sandbox->daemon == NULL)
    return;
  /* Suspended connections would be an error of ours. */
  while (sandbox->timer_count > 0) {
    sandbox_request *request = sandbox->timers[0];
    sandbox_timer_drop(request);
    request->phase = SANDBOX_READY;
    request->status = 0;
    MHD_resume_connection(request->connection);
  }
  MHD_stop_daemon(sandbox->daemon);
}

void signet_sandbox_close(signet_sandbox *sandbox)
{
  if (sandbox == NULL)
    return;
  close_daemon(sandbox);
  if (sandbox->wake_fd >= 0)
    close(sandbox->wake_fd);
  signet_world_free(sandbox->world);
  sandbox_faults_clear(&sandbox->faults);
  sandbox_log_free(&sandbox->log);
  signet_memory_free(sandbox->timers);
  signet_memory_free(sandbox->state_file);
  if (sandbox->authorization != NULL)
    signet_memory_wipe(sandbox->authorization, strlen(sandbox->authorization));
  signet_memory_free(sandbox->authorization);
  signet_memory_free(sandbox);
}
