/* SPDX-License-Identifier: MIT */
/* What is one for the whole process: libcurl's initialisation, and who gives
 * memory. */
#include "model/memory.h"
#include "signet/loop.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static signet_allocator global_allocator;
static bool global_custom;
static bool global_done;

static char *allocate_text(const char *text)
{
  size_t length = strlen(text);
  char *copy = global_allocator.allocate(length + 1);
  if (copy != NULL)
    memcpy(copy, text, length + 1);
  return copy;
}

static void *allocate_array(size_t count, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes))
    return NULL;
  void *memory = global_allocator.allocate(bytes > 0 ? bytes : 1);
  if (memory != NULL)
    memset(memory, 0, bytes);
  return memory;
}

static CURLcode initialise_curl(void)
{
  if (!global_custom)
    return curl_global_init(CURL_GLOBAL_ALL);
  signet_memory_replace(&global_allocator);
  return curl_global_init_mem(
      CURL_GLOBAL_ALL, global_allocator.allocate, global_allocator.release,
      global_allocator.reallocate, allocate_text, allocate_array);
}

/* libcurl writes the keys of every connection to the file that this variable
 * names, and has no option against it: it must not see it. */
static void initialise(void)
{
  static const char name[] = "SSLKEYLOGFILE";
  const char *file = getenv(name);
  char *kept = file != NULL ? strdup(file) : NULL;
  unsetenv(name);
  global_done = initialise_curl() == CURLE_OK;
  if (kept != NULL)
    setenv(name, kept, 1);
  free(kept);
}

bool signet_global_init(const signet_allocator *allocator)
{
  if (allocator != NULL && !global_done && !global_custom) {
    global_allocator = *allocator;
    global_custom = true;
    pthread_once(&global_once, initialise);
    return global_done;
  }
  pthread_once(&global_once, initialise);
  return global_done && allocator == NULL;
}

const char *signet_version(void)
{
  return SIGNET_VERSION;
}
