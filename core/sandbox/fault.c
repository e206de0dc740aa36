/* SPDX-License-Identifier: MIT */
#include "sandbox/fault.h"

#include "model/clock.h"
#include "model/memory.h"

#include <fnmatch.h>
#include <json-c/json.h>
#include <string.h>

static const int64_t SECOND = 1000000000;

/* Whether the request is one of those that a limit of so many a second lets
 * through: those of a second of the clock are counted, or it is a bucket. */
static bool spares(sandbox_fault *fault)
{
  if (fault->per_second == 0)
    return false;
  int64_t now = signet_clock_boot_ns();
  if (!fault->counted)
    fault->spared += (double)(now - fault->spared_ns) / (double)SECOND *
                     (double)fault->per_second;
  else if (now / SECOND > fault->spared_ns / SECOND)
    fault->spared = (double)fault->per_second;
  fault->spared_ns = now;
  if (fault->spared > (double)fault->burst)
    fault->spared = (double)fault->burst;
  if (fault->spared < 1)
    return false;
  fault->spared -= 1;
  return true;
}

/* Whether the rule's turn has come with this request, which it matches. */
static bool fires(sandbox_fault *fault)
{
  fault->seen++;
  if (spares(fault))
    return false;
  if (fault->seen < fault->nth ||
      (fault->seen - fault->nth) % fault->every != 0)
    return false;
  if (fault->count > 0 && fault->fired >= fault->count)
    return false;
  fault->fired++;
  return true;
}

static bool matches(const sandbox_fault *fault, const char *method,
                    const char *path)
{
  return (fault->method == NULL || strcmp(fault->method, method) == 0) &&
         fnmatch(fault->path, path, 0) == 0;
}

sandbox_fault *sandbox_faults_match(sandbox_faults *faults, const char *method,
                                    const char *path)
{
  sandbox_fault *chosen = NULL;
  for (sandbox_fault *fault = faults->first; fault != NULL;
       fault = fault->next) {
    if (!matches(fault, method, path))
      continue;
    /* One that another has forestalled still counts the request as seen. */
    if (chosen != NULL)
      fault->seen++;
    else if (fires(fault))
      chosen = fault;
  }
  if (chosen != NULL)
    chosen->references++;
  return chosen;
}

void sandbox_fault_release(sandbox_fault *fault)
{
  if (fault == NULL || --fault->references > 0)
    return;
  signet_memory_free(fault->method);
  signet_memory_free(fault->path);
  signet_memory_free(fault->body);
  json_object_put(fault->headers);
  signet_memory_free(fault);
}

bool sandbox_faults_remove(sandbox_faults *faults, uint64_t id)
{
  for (sandbox_fault **at = &faults->first; *at != NULL; at = &(*at)->next) {
    if ((*at)->id != id)
      continue;
    sandbox_fault *fault = *at;
    *at = fault->next;
    sandbox_fault_release(fault);
    return true;
  }
  return false;
}

void sandbox_faults_clear(sandbox_faults *faults)
{
  while (faults->first != NULL) {
    sandbox_fault *fault = faults->first;
    faults->first = fault->next;
    sandbox_fault_release(fault);
  }
}
