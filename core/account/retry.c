/* SPDX-License-Identifier: MIT */
#include "account/retry.h"

#include "account/account.h"
#include "account/breaker.h"
#include "account/outcome.h"
#include "model/clock.h"
#include "net/http_control.h"

enum { HTTP_REDIRECTS = 3 };

static void on_told(signet_retry *retry, bool there);

void signet_retry_init(signet_retry *retry, signet_account *account,
                       const signet_account_options *options,
                       void (*resend)(signet_step *step),
                       void (*end)(signet_step *step))
{
  uint64_t now = (uint64_t)signet_clock_boot_ns();
  *retry = (signet_retry){
      .account = account,
      .resend = resend,
      .end = end,
      .attempts = options->attempts > 0 ? options->attempts : 1,
      .backoff_ms = options->backoff_ms,
      .backoff_max_ms = options->backoff_max_ms,
      .budget_percent = options->retry_percent,
      .budget_floor = options->retry_floor,
      .breaker_failures = options->attempts > 1 ? options->breaker : 0,
      .breaker_pause_ms = options->breaker_pause_ms,
      .outage_ms = options->outage_ms,
      .away_since = -1,
      /* Clients that failed together must not come back together. */
      .random = (now ^ (uint64_t)(uintptr_t)account) | 1};
  signet_breaker_init(retry, on_told);
}

void signet_retry_stop(signet_retry *retry)
{
  if (retry->account == NULL)
    return;
  signet_timer_cancel(retry->patience);
  retry->patience = NULL;
  signet_breaker_stop(retry);
}

/* ---- how long ---- */

int64_t signet_retry_backoff(const signet_retry *retry, unsigned failed)
{
  int64_t longest = retry->backoff_ms;
  for (unsigned i = 1; i < failed && longest < retry->backoff_max_ms; i++)
    longest *= 2;
  return longest < retry->backoff_max_ms ? longest : retry->backoff_max_ms;
}

static uint64_t next_random(signet_retry *retry)
{
  retry->random ^= retry->random << 13;
  retry->random ^= retry->random >> 7;
  retry->random ^= retry->random << 17;
  return retry->random;
}

/* Full jitter. */
static int64_t pick_delay(signet_retry *retry, unsigned failed)
{
  int64_t longest = signet_retry_backoff(retry, failed);
  return (int64_t)(next_random(retry) % ((uint64_t)longest + 1));
}

/* ---- the budget ---- */

static bool has_budget(const signet_retry *retry)
{
  uint64_t share = retry->first * retry->budget_percent / 100;
  return retry->running == 0 || retry->repeated < retry->budget_floor + share;
}

static void run(signet_step *step)
{
  signet_retry *retry = &step->account->retry;
  step->http.attempts.running = true;
  retry->running++;
}

/* It is sent no more. */
static void leave(signet_step *step)
{
  if (step->http.attempts.begun)
    step->account->retry.steps--;
  step->http.attempts.begun = false;
}

static void rest(signet_step *step)
{
  signet_retry *retry = &step->account->retry;
  if (step->http.attempts.running)
    retry->running--;
  step->http.attempts.running = false;
}

static void send_again(signet_step *step)
{
  run(step);
  step->http.attempts.number++;
  step->account->retry.resend(step);
}

static void enqueue(signet_step_queue *queue, signet_step *step)
{
  step->http.attempts.queue = queue;
  step->http.attempts.next = NULL;
  step->http.attempts.previous = queue->last;
  if (queue->last != NULL)
    queue->last->http.attempts.next = step;
  else
    queue->first = step;
  queue->last = step;
}

static void dequeue(signet_step *step)
{
  signet_attempts *attempts = &step->http.attempts;
  signet_step_queue *queue = attempts->queue;
  attempts->queue = NULL;
  if (attempts->previous != NULL)
    attempts->previous->http.attempts.next = attempts->next;
  else
    queue->first = attempts->next;
  if (attempts->next != NULL)
    attempts->next->http.attempts.previous = attempts->previous;
  else
    queue->last = attempts->previous;
}

/* Lets those go who wait for budget that is there now. */
static void release(signet_retry *retry)
{
  while (retry->budget.first != NULL && has_budget(retry)) {
    signet_step *step = retry->budget.first;
    dequeue(step);
    retry->repeated++;
    send_again(step);
  }
}

/* ---- again, or not ---- */

static void on_timer(void *user)
{
  signet_step *step = user;
  signet_retry *retry = &step->account->retry;
  step->http.attempts.timer = NULL;
  enqueue(&retry->budget, step);
  release(retry);
}

static bool wait(signet_step *step, int64_t delay_ms)
{
  step->http.attempts.timer =
      signet_timer_start(step->account->loop, delay_ms, on_timer, step);
  return step->http.attempts.timer != NULL;
}

/* Told to come back later, which is no failure: as often as it takes. */
static bool come_back(signet_step *step)
{
  signet_retry *retry = &step->account->retry;
  signet_attempts *attempts = &step->http.attempts;
  if (attempts->throttled++ == 0) {
    attempts->since = signet_loop_now(step->account->loop);
    attempts->asked_ms = signet_http_asked(step->account->http);
  }
  if (retry->attempts < 2 || retry->breaker.spent ||
      attempts->waited_ms + signet_breaker_waited(retry, attempts->since,
                                                  attempts->asked_ms) >=
          retry->outage_ms)
    return false;
  if (signet_http_paused(step->account->http) == 0)
    return wait(step, pick_delay(retry, attempts->throttled));
  send_again(step); /* into the queue, which the pause holds */
  return true;
}

/* It says where the service is, which no repetition changes. */
static bool is_redirect(int status)
{
  return status / 100 == HTTP_REDIRECTS;
}

static bool may_repeat(const signet_step *step)
{
  return step->result.error->retryable &&
         !is_redirect(step->http.exchange.status);
}

/* The last attempt failed; but where nothing has worked since the first, that
 * may say nothing about the request: it waits to hear whether the service is
 * away. */
static bool is_doubtful(signet_step *step)
{
  signet_retry *retry = &step->account->retry;
  if (retry->attempts < 2 || !retry->breaker.reached ||
      retry->successes != step->http.attempts.successes ||
      !signet_breaker_ask(retry))
    return false;
  enqueue(&retry->doubt, step);
  return true;
}

/* Into the queue, which the breaker holds. */
static void send_when_open(signet_step *step)
{
  step->account->retry.repeated++;
  send_again(step);
}

static void on_told(signet_retry *retry, bool there)
{
  while (retry->doubt.first != NULL) {
    signet_step *step = retry->doubt.first;
    dequeue(step);
    if (!there && retry->breaker.open) {
      send_when_open(step);
      continue;
    }
    leave(step);
    retry->end(step);
  }
}

/* Whether the service has come back as often as a request is sent, and failed
 * just this one each time: then it is not the service that is away. */
static bool is_hopeless(signet_step *step)
{
  const signet_retry *retry = &step->account->retry;
  signet_attempts *attempts = &step->http.attempts;
  if (attempts->failed > 1 && retry->successes != attempts->last)
    attempts->answered++;
  attempts->last = retry->successes;
  return attempts->answered >= retry->attempts;
}

static bool try_again(signet_step *step)
{
  signet_retry *retry = &step->account->retry;
  signet_attempts *attempts = &step->http.attempts;
  attempts->failed++;
  if (retry->breaker.spent || is_hopeless(step))
    return false; /* nobody waits for the service any more */
  if (retry->breaker.open && retry->attempts > 1) {
    send_when_open(step);
    return true;
  }
  return attempts->failed < retry->attempts
             ? wait(step, pick_delay(retry, attempts->failed))
             : is_doubtful(step);
}

bool signet_retry_again(signet_step *step)
{
  signet_account *account = step->account;
  bool again = false;
  rest(step);
  signet_breaker_note(&account->retry, &step->http.exchange);
  if (step->result.error->kind != SIGNET_OK && may_repeat(step) &&
      !account->held)
    again = step->http.exchange.meaning == HTTP_TOO_MANY_REQUESTS
                ? come_back(step)
                : try_again(step);
  if (!again)
    leave(step);
  release(&account->retry);
  return again;
}

bool signet_retry_begin(signet_step *step)
{
  signet_retry *retry = &step->account->retry;
  unsigned before =
      step->http.attempts.number; /* of the call, in earlier steps */
  step->http.attempts =
      (signet_attempts){.begun = true,
                        .number = before,
                        .failed = step->http.attempts.failed,
                        .waited_ms = step->http.attempts.waited_ms,
                        .successes = retry->successes,
                        .last = retry->successes};
  retry->steps++;
  if (before > 0 && wait(step, pick_delay(retry, step->http.attempts.failed)))
    return false;
  if (before > 0)
    retry->repeated++; /* no memory to wait with */
  else
    retry->first++;
  step->http.attempts.number++;
  run(step);
  if (retry->budget.first != NULL)
    release(retry);
  return true;
}

bool signet_retry_is_waiting(const signet_step *step)
{
  return step->http.attempts.timer != NULL || step->http.attempts.queue != NULL;
}

bool signet_retry_repeats(const signet_step *step)
{
  return signet_retry_is_waiting(step) || step->http.attempts.number > 1;
}

void signet_retry_drop(signet_step *step)
{
  signet_retry *retry = &step->account->retry;
  if (signet_retry_is_waiting(step)) {
    step->http.exchange.sent = false; /* whatever the last attempt came to */
    step->http.exchange.status = 0;
    step->http.exchange.meaning = 0;
  }
  signet_timer_cancel(step->http.attempts.timer);
  step->http.attempts.timer = NULL;
  if (step->http.attempts.queue != NULL)
    dequeue(step);
  rest(step);
  leave(step);
  release(retry);
}

bool signet_retry_allows(const signet_account *account, unsigned failed,
                         int status)
{
  return !account->held && failed < account->retry.attempts &&
         !is_redirect(status);
}
