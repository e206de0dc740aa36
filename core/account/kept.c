/* SPDX-License-Identifier: MIT */
#include "account/kept.h"

#include "account/recorder.h"
#include "model/clock.h"

bool signet_kept_grows_old(const signet_account *account)
{
  return account->fresh_ms >= 0 && account->overlay == NULL;
}

bool signet_kept_is_old(const signet_account *account, int64_t read_ms)
{
  return signet_kept_grows_old(account) &&
         (read_ms < account->distrust_ms ||
          signet_clock_boot_ms() - read_ms >= account->fresh_ms);
}

void signet_kept_add(signet_account *account, signet_kind kind,
                     signet_list *list, int64_t read_ms)
{
  if (account->recorder != NULL || account->fresh_ms >= 0)
    signet_images_keep(&account->images[kind], list, ++account->order, read_ms);
}

void signet_kept_forget(signet_account *account, signet_kind kind,
                        const char *id)
{
  signet_images_forget(&account->images[kind], id);
  signet_images_forget(&account->fresh[kind].now, id);
}

/* Where no list is kept or on its way, none can be mistaken. */
void signet_kept_note_write(signet_account *account, signet_kind kind,
                            const char *id)
{
  const signet_fresh *fresh = &account->fresh[kind];
  if (fresh->step.active || fresh->read_ms >= 0)
    signet_images_note_write(&account->images[kind], id, ++account->order);
}

void signet_kept_drop(signet_account *account)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_images_free(&account->fresh[kind].now);
    account->fresh[kind].read_ms = -1;
  }
}

void signet_account_distrust(signet_account *account)
{
  account->distrust_ms = signet_clock_boot_ms();
}
