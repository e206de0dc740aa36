/* SPDX-License-Identifier: MIT */
#include "refused_calls.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

refusal refusing;

void refuse(const char *name, int number, size_t after)
{
  refusing = (refusal){name, number, after, 1, 0};
}

size_t refuse_nothing(void)
{
  size_t refused = refusing.refused;
  refusing = (refusal){0};
  return refused;
}

static bool refuses(const char *name)
{
  if (refusing.name == NULL || strcmp(name, refusing.name) != 0)
    return false;
  if (refusing.after > 0) {
    refusing.after--;
    return false;
  }
  if (refusing.refused == refusing.times)
    return false;
  refusing.refused++;
  errno = refusing.number;
  return true;
}

/* REFUSING(type, name, (parameters), (arguments), what a refused one gives) */
#define REFUSING(type, name, parameters, arguments, failure)     \
  type __real_##name parameters;                                 \
  type __wrap_##name parameters;                                 \
  type __wrap_##name parameters                                  \
  {                                                              \
    return refuses(#name) ? (failure) : __real_##name arguments; \
  }

REFUSING(ssize_t, read, (int file, void *data, size_t size), (file, data, size),
         -1)
REFUSING(ssize_t, write, (int file, const void *data, size_t size),
         (file, data, size), -1)
REFUSING(int, fsync, (int file), (file), -1)
REFUSING(int, rename, (const char *from, const char *to), (from, to), -1)
REFUSING(int, fstat, (int file, struct stat *status), (file, status), -1)
REFUSING(int, eventfd, (unsigned value, int flags), (value, flags), -1)
REFUSING(int, epoll_create1, (int flags), (flags), -1)
REFUSING(int, epoll_ctl,
         (int set, int what, int file, struct epoll_event *event),
         (set, what, file, event), -1)
REFUSING(CURLMcode, curl_multi_socket_action,
         (CURLM * multi, curl_socket_t descriptor, int mask, int *running),
         (multi, descriptor, mask, running), CURLM_OUT_OF_MEMORY)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return refuses("open") ? -1 : __real_open(path, flags, mode);
}
