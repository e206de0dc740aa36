/* SPDX-License-Identifier: MIT */
#include "net/pem.h"

#include "model/memory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, HEADING_MAXIMUM = 64 };

static const struct {
  const char *words;
  int holds;
} headings[] = {
    {"CERTIFICATE-----", SIGNET_PEM_CERTIFICATE},
    {"PRIVATE KEY-----", SIGNET_PEM_KEY},
    {"ENCRYPTED PRIVATE KEY-----", SIGNET_PEM_ENCRYPTED},
    {"Proc-Type: 4,ENCRYPTED", SIGNET_PEM_ENCRYPTED},
};

static int look(const char *text, size_t length)
{
  int holds = 0;
  for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
    if (memmem(text, length, headings[i].words, strlen(headings[i].words)) !=
        NULL)
      holds |= headings[i].holds;
  return holds;
}

/* A heading that is cut by a block's end is found with the next one. */
int signet_pem_read(int file)
{
  char text[HEADING_MAXIMUM + BLOCK];
  size_t kept = 0;
  int holds = 0;
  ssize_t count;
  while ((count = read(file, text + kept, BLOCK)) != 0) {
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      holds = -1;
      break;
    }
    size_t length = kept + (size_t)count;
    holds |= look(text, length);
    kept = length < HEADING_MAXIMUM ? length : HEADING_MAXIMUM;
    memmove(text, text + length - kept, kept);
  }
  signet_memory_wipe(text, sizeof text);
  return holds;
}
