/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_OPERATIONS_H
#define SIGNET_JOB_STORE_SQLITE_OPERATIONS_H

#include "job/store/sqlite/hold.h"
#include "job/store/sqlite/loss.h"
#include "job/store/sqlite/merge.h"
#include "job/store/sqlite/put.h"
#include "job/store/sqlite/read.h"

/** All of the interface but how it is closed. */
#define SIGNET_STORE_OPERATIONS                                                \
  .put_job = signet_store_put_job, .put_write = signet_store_put_write,        \
  .put_step = signet_store_put_step, .commit = signet_store_commit,            \
  .begin_commit = signet_store_begin_commit,                                   \
  .end_commit = signet_store_end_commit, .take_over = signet_store_take_over,  \
  .each_job = signet_store_each_job, .each_write = signet_store_each_write,    \
  .get_step = signet_store_get_step, .get_script = signet_store_get_script,    \
  .damage = signet_store_damage, .accept = signet_store_accept,                \
  .get_loss = signet_store_get_loss, .tell_holder = signet_store_tell_holder,  \
  .tell = signet_store_tell, .note = signet_store_note,                        \
  .former_note = signet_store_former_note, .leave = signet_store_leave_holder, \
  .held_by = signet_store_held_by

#endif
