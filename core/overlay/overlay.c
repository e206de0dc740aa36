/* SPDX-License-Identifier: MIT */
/* The life of an overlay. */
#include "overlay/overlay.h"

#include "account/account.h"
#include "overlay/backend.h"
#include "overlay/log.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>

static bool attach(signet_overlay *overlay, signet_account *account,
                   signet_error *error)
{
  const char *identity = signet_account_identity(account);
  if (overlay->identity[0] != '\0' && strcmp(overlay->identity, identity) != 0)
    return signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "a dry run is of one account, and this one is of "
                            "%s; run the other account in one of its own",
                            overlay->identity);
  snprintf(overlay->identity, sizeof overlay->identity, "%s", identity);
  overlay->dialect = account->dialect;
  overlay->loop = account->loop;
  account->base = account->backend;
  account->backend = &signet_backend_overlay;
  account->overlay = overlay;
  return true;
}

void signet_overlay_options_init(signet_overlay_options *options)
{
  *options = (signet_overlay_options)SIGNET_OVERLAY_OPTIONS_INIT;
}

signet_overlay *signet_overlay_new(const signet_overlay_options *options,
                                   signet_error *error)
{
  signet_overlay_options defaults = SIGNET_OVERLAY_OPTIONS_INIT;
  options = options != NULL ? options : &defaults;
  signet_error_init(error);
  if (options->version != SIGNET_OVERLAY_OPTIONS_VERSION ||
      options->reject_percent > 100) {
    signet_error_set(error, SIGNET_ERROR_VALIDATION,
                     "the overlay's options are of another version, or reject "
                     "more than 100 percent");
    return NULL;
  }
  signet_overlay *overlay = signet_memory_zeroed(1, sizeof *overlay);
  if (overlay != NULL)
    overlay->world = signet_world_new(NULL);
  if (overlay == NULL || overlay->world == NULL) {
    signet_memory_free(overlay);
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  overlay->options = *options;
  overlay->layer.attach = attach;
  overlay->copied = signet_overlay_copied;
  return overlay;
}

void signet_overlay_free(signet_overlay *overlay)
{
  if (overlay == NULL)
    return;
  for (size_t i = 0; i < overlay->write_count; i++)
    signet_overlay_write_free(&overlay->writes[i]);
  signet_timer_cancel(overlay->timer);
  signet_memory_free(overlay->writes);
  signet_memory_free(overlay->undecided);
  signet_world_free(overlay->world);
  signet_memory_free(overlay);
}
