/* SPDX-License-Identifier: MIT */
#include "account/kept.h"
#include "account/account.h"

#include "account/recorder.h"
#include "model/clock.h"

bool signet_kept_grows_old(const signet_account *account)
{
  return account->settings.fresh_ms >= 0 && account->overlay == NULL;
}

bool signet_kept_is_old(const signet_account *account, int64_t read_ms)
{
  return signet_kept_grows_old(account) &&
         (read_ms < account->distrust_ms ||
          signet_clock_boot_ms() - read_ms >= account->settings.fresh_ms);
}

void signet_kept_add(signet_account *account, signet_kind kind,
                     signet_list *list, int64_t read_ms)
{
  if (account->recorder != NULL || account->settings.fresh_ms >= 0)
    signet_images_keep(&account->kinds[kind].images, list, ++account->order,
                       read_ms);
}

void signet_kept_forget(signet_account *account, signet_kind kind,
                        const char *id)
{
  signet_images_forget(&account->kinds[kind].images, id);
  signet_images_forget(&account->kinds[kind].fresh.now, id);
}

/* Where no list is kept or on its way, none can be mistaken. */
void signet_kept_note_write(signet_account *account, signet_kind kind,
                            const char *id)
{
  const signet_fresh *fresh = &account->kinds[kind].fresh;
  if (fresh->step.active || fresh->read_ms >= 0)
    signet_images_note_write(&account->kinds[kind].images, id,
                             ++account->order);
}

void signet_kept_drop(signet_account *account)
{
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_images_free(&account->kinds[kind].fresh.now);
    account->kinds[kind].fresh.read_ms = -1;
  }
}

void signet_account_distrust(signet_account *account)
{
  account->distrust_ms = signet_clock_boot_ms();
}
