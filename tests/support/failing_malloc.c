/* SPDX-License-Identifier: MIT */
/* To be preloaded: one allocation of the executable fails, or all from it on.
 * FAILING_MALLOC_AT=N counts those that the executable's own code asks for,
 * the first is 1; FAILING_MALLOC_ON=1 lets all that follow fail, too; the file
 * FAILING_MALLOC_COUNT gets how many were asked for.
 *
 * FAILING_MALLOC_AT=1-N/STRIDE runs the command once for each of these, one
 * after the other, without loading its libraries anew. What the run of an N
 * writes goes to the files N.out and N.err in the folder FAILING_MALLOC_FOLDER;
 * standard output gets a line for each, "N STATUS", where a signal is a
 * negative status. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static uintptr_t begin, end; /* the executable's code */
static unsigned long fail_at;
static int fail_on;
static atomic_ulong asked;

static int take_first(struct dl_phdr_info *info, size_t size, void *user)
{
  (void)size;
  (void)user;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];

    if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0) {
      begin = info->dlpi_addr + part->p_vaddr;
      end = begin + part->p_memsz;
    }
  }
  return 1;
}

static void write_to(int stream, const char *folder, const char *name)
{
  char path[4096];
  int file;

  (void)snprintf(path, sizeof path, "%s/%lu.%s", folder, fail_at, name);
  file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || dup2(file, stream) < 0)
    _exit(127);
  (void)close(file);
}

/* Returns in a process for each place, and never in this one. */
static void run_each(unsigned long last, unsigned long stride)
{
  const char *folder = getenv("FAILING_MALLOC_FOLDER");
  pid_t child;
  int status;

  for (unsigned long place = 1; place <= last; place += stride) {
    child = fork();
    if (child == 0) {
      (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
      fail_at = place;
      write_to(STDOUT_FILENO, folder, "out");
      write_to(STDERR_FILENO, folder, "err");
      return;
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
      _exit(127);
    (void)dprintf(STDOUT_FILENO, "%lu %d\n", place,
                  WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
  }
  _exit(0);
}

/* What the libraries do before main() is done by now. */
__attribute__((constructor)) static void start(void)
{
  const char *places = getenv("FAILING_MALLOC_AT");
  unsigned long last, stride;

  fail_on = getenv("FAILING_MALLOC_ON") != NULL;
  (void)dl_iterate_phdr(take_first, NULL);
  (void)unsetenv("LD_PRELOAD"); /* what it starts is left alone */
  if (places != NULL && sscanf(places, "1-%lu/%lu", &last, &stride) == 2)
    run_each(last, stride);
  else
    fail_at = places != NULL ? strtoul(places, NULL, 10) : 0;
}

/* What comes behind main() is not the executable's own: a build that measures
 * writes down what it has counted then. */
static void stop(void)
{
  const char *path = getenv("FAILING_MALLOC_COUNT");
  FILE *file = path != NULL ? fopen(path, "we") : NULL;

  fail_at = 0;
  if (file != NULL) {
    (void)fprintf(file, "%lu\n", atomic_load(&asked));
    (void)fclose(file);
  }
}

static int fails(const void *caller)
{
  uintptr_t at = (uintptr_t)caller;
  unsigned long number;

  if (at < begin || at >= end)
    return 0;
  number = atomic_fetch_add(&asked, 1) + 1;
  if (number == 1)
    (void)atexit(stop); /* within main(): it runs before what began earlier */
  if (fail_at == 0 || number < fail_at || (number > fail_at && !fail_on))
    return 0;
  errno = ENOMEM;
  return 1;
}

#define FAILS() fails(__builtin_return_address(0))

void *malloc(size_t size)
{
  return FAILS() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
  return FAILS() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
  return FAILS() ? NULL : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
  size_t whole;

  if (__builtin_mul_overflow(count, size, &whole)) {
    errno = ENOMEM;
    return NULL;
  }
  return FAILS() ? NULL : __libc_realloc(memory, whole);
}

char *strdup(const char *text)
{
  size_t length = strlen(text) + 1;
  char *copy = FAILS() ? NULL : __libc_malloc(length);

  return copy != NULL ? memcpy(copy, text, length) : NULL;
}

/* The C library's streams ask from within it, so they fail as a whole. */
FILE *open_memstream(char **text, size_t *length)
{
  static FILE *(*original)(char **, size_t *);

  if (original == NULL) {
    original = (FILE * (*)(char **, size_t *))(uintptr_t)dlsym(
        RTLD_NEXT, "open_memstream");
  }
  return FAILS() ? NULL : original(text, length);
}

FILE *fopen(const char *path, const char *mode)
{
  static FILE *(*original)(const char *, const char *);

  if (original == NULL) {
    original = (FILE * (*)(const char *, const char *))(uintptr_t)dlsym(
        RTLD_NEXT, "fopen");
  }
  return FAILS() ? NULL : original(path, mode);
}

FILE *fdopen(int file, const char *mode)
{
  static FILE *(*original)(int, const char *);

  if (original == NULL) {
    original =
        (FILE * (*)(int, const char *))(uintptr_t)dlsym(RTLD_NEXT, "fdopen");
  }
  return FAILS() ? NULL : original(file, mode);
}
