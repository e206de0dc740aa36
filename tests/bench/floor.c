/* SPDX-License-Identifier: MIT */
/*
 * The floor of the benchmark "updates": what a bare C loop on libcurl reaches
 * with the same requests that a signet script sends.
 *
 *   bench_floor BASE_URL COUNT CONCURRENCY
 *
 * Handles are set up once; only the URL and the body change. The loop is
 * curl_multi_perform() and curl_multi_poll(), the fastest of the plain ways:
 * curl_multi_socket_action() with epoll needs the same four system calls a
 * request (two polls of libcurl's own, a send and a receive) and came out 0 to
 * 10 % slower when its epoll registrations were kept, 30 % when they followed
 * every word of libcurl's.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_CONCURRENCY = 256, TEXT_SIZE = 256 };

struct slot {
  CURL *easy;
  char body[TEXT_SIZE];
};

struct run {
  const char *base_url;
  CURLM *multi;
  struct curl_slist *headers;
  long count, started, finished, failed;
  struct slot slots[MAX_CONCURRENCY];
};

static size_t discard(char *data, size_t size, size_t count, void *user)
{
  (void)data;
  (void)user;
  return size * count;
}

/* Sends the next update on `slot`, if there is one. */
static void start(struct run *run, struct slot *slot)
{
  char url[TEXT_SIZE];
  if (run->started == run->count)
    return;
  long id = ++run->started;
  snprintf(url, sizeof(url), "%s/v1/sign-configs/%ld", run->base_url, id);
  int length = snprintf(slot->body, sizeof(slot->body),
                        "{\"sign_name\":\"Name %ld\"}", id);
  curl_easy_setopt(slot->easy, CURLOPT_URL, url);
  curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE, (long)length);
  curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->body);
  curl_multi_add_handle(run->multi, slot->easy);
}

static CURL *new_handle(struct run *run, struct slot *slot)
{
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, run->headers);
  curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  curl_easy_setopt(easy, CURLOPT_USERNAME, "key");
  curl_easy_setopt(easy, CURLOPT_PASSWORD, "secret");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
  return easy;
}

/* Takes what is finished and starts the next on the same handle. */
static void take_finished(struct run *run)
{
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(run->multi, &left)) != NULL) {
    struct slot *slot = NULL;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result != CURLE_OK || status != 200)
      run->failed++;
    run->finished++;
    curl_multi_remove_handle(run->multi, slot->easy);
    start(run, slot);
  }
}

static void run_all(struct run *run, int concurrency)
{
  for (int i = 0; i < concurrency; i++) {
    run->slots[i].easy = new_handle(run, &run->slots[i]);
    start(run, &run->slots[i]);
  }
  for (;;) {
    int running;
    curl_multi_perform(run->multi, &running);
    take_finished(run);
    if (run->finished == run->count)
      break;
    curl_multi_poll(run->multi, NULL, 0, 1000, NULL);
  }
  for (int i = 0; i < concurrency; i++)
    curl_easy_cleanup(run->slots[i].easy);
}

int main(int argc, char **argv)
{
  static struct run run;
  int concurrency = argc == 4 ? atoi(argv[3]) : 0;
  if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    fprintf(stderr, "usage: bench_floor BASE_URL COUNT CONCURRENCY\n");
    return 2;
  }
  run.base_url = argv[1];
  run.count = atol(argv[2]);
  curl_global_init(CURL_GLOBAL_ALL);
  run.multi = curl_multi_init();
  run.headers = curl_slist_append(NULL, "Content-Type: application/json");
  if (run.count > 0)
    run_all(&run, concurrency);
  curl_slist_free_all(run.headers);
  curl_multi_cleanup(run.multi);
  curl_global_cleanup();
  if (run.failed > 0)
    fprintf(stderr, "bench_floor: %ld of %ld failed\n", run.failed, run.count);
  return run.failed > 0;
}
