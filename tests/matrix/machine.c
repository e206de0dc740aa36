/* SPDX-License-Identifier: MIT */
/* Memory that is kept account of, ports without a service, and a folder for
 * journals. */
#include "worker.h"

#include "folder.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- memory ---- */

/* What a loop takes, its own thread gives back: each cell must end at zero. */
static _Thread_local int64_t balance;

typedef union block {
  size_t size;
  max_align_t align;
} block;

static void *counted_allocate(size_t size)
{
  block *made = malloc(sizeof *made + size);
  if (made == NULL)
    return NULL;
  made->size = size;
  balance += (int64_t)size;
  return made + 1;
}

static void counted_release(void *memory)
{
  block *old = memory;
  if (old == NULL)
    return;
  old--;
  balance -= (int64_t)old->size;
  free(old);
}

static void *counted_reallocate(void *memory, size_t size)
{
  void *made = counted_allocate(size);
  if (made == NULL || memory == NULL)
    return made;
  size_t old = ((block *)memory - 1)->size;
  memcpy(made, memory, old < size ? old : size);
  counted_release(memory);
  return made;
}

const signet_allocator matrix_allocator = {counted_allocate, counted_reallocate,
                                           counted_release};

int64_t matrix_memory(void)
{
  return balance;
}

/* ---- targets without a service, and the journals ---- */

static char state_dir[200];
static int refusing = -1;
static int deaf = -1;
static int deaf_fill[8];

static int bind_loopback(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made >= 0 && bind(made, (struct sockaddr *)&address, sizeof address) == 0)
    return made;
  return -1;
}

static uint16_t port_of(int made)
{
  struct sockaddr_in address = {0};
  socklen_t size = sizeof address;
  if (getsockname(made, (struct sockaddr *)&address, &size) != 0)
    return 0;
  return ntohs(address.sin_port);
}

/* A queue that is full makes the kernel drop every further SYN. */
static bool fill_queue(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_of(deaf));
  for (size_t i = 0; i < sizeof deaf_fill / sizeof deaf_fill[0]; i++) {
    deaf_fill[i] =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (deaf_fill[i] < 0)
      return false;
    (void)connect(deaf_fill[i], (struct sockaddr *)&address, sizeof address);
  }
  return true;
}

bool matrix_targets_open(void)
{
  if (!folder_make(FOLDER_ON_DISK, state_dir, sizeof state_dir))
    return false;
  refusing = bind_loopback();
  deaf = bind_loopback();
  return refusing >= 0 && deaf >= 0 && listen(deaf, 0) == 0 && fill_queue();
}

bool matrix_targets_close(void)
{
  const char *held = folder_remove(state_dir);
  if (held != NULL)
    fprintf(stderr, "the secret stands in %s\n", held);
  for (size_t i = 0; i < sizeof deaf_fill / sizeof deaf_fill[0]; i++)
    close(deaf_fill[i]);
  close(deaf);
  close(refusing);
  return held == NULL;
}

const char *matrix_state_dir(void)
{
  return state_dir;
}

uint16_t matrix_port(const matrix_worker *worker)
{
  switch (worker->cell->target) {
  case TARGET_REFUSING:
    return port_of(refusing);
  case TARGET_DEAF:
    return port_of(deaf);
  default:
    return fault_server_port(worker->server);
  }
}
