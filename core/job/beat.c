/* SPDX-License-Identifier: MIT */
/*
 * What a job tells others while it runs, through its store: what it has done,
 * what it waits for, and when it last sent a write. The last is for the run
 * after a kill: an intent may have waited for an hour before it was sent, so
 * its own time says little about when an effect may still come.
 */
#include "job/beat.h"

#include "job/row.h"

#include "account/account.h"
#include "account/settle_window.h"
#include "model/clock.h"
#include "model/memory.h"
#include "net/http_control.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BEAT_MS = 1000, NOTE_MS = 1000, BOOT_SIZE = 40 };

/* A step of the job, under a name that no script's step has. */
static const char note_name[] = "\x1f"
                                "sent";

/* ---- what it waits for ---- */

static size_t count_windows(const signet_account *account, int64_t *left_ms)
{
  size_t count = 0;
  *left_ms = 0;
  for (const signet_call *call = account->first; call != NULL;
       call = call->next) {
    if (!call->settle.window)
      continue;
    int64_t own_ms = signet_window_left(call);
    *left_ms = own_ms > *left_ms ? own_ms : *left_ms;
    count++;
  }
  return count;
}

static void describe_waiting(const signet_account *account, char *out,
                             size_t size)
{
  char moment[32];
  int64_t left_ms = 0;
  size_t reviews =
      account->kinds[0].watch.reviews + account->kinds[1].watch.reviews;
  size_t open = count_windows(account, &left_ms);
  int64_t pause_ms =
      account->http != NULL ? signet_http_paused(account->http) : 0;
  out[0] = '\0';
  if (pause_ms > 0) {
    signet_window_time(pause_ms, moment, sizeof moment);
    snprintf(out, size, "the end of a pause at %s", moment);
  } else if (open > 0) {
    signet_window_time(left_ms, moment, sizeof moment);
    snprintf(out, size, "%zu open write%s until %s", open, open == 1 ? "" : "s",
             moment);
  } else if (reviews > 0) {
    snprintf(out, size, "%zu review%s", reviews, reviews == 1 ? "" : "s");
  }
}

/* ---- telling ---- */

static void on_beat(void *user)
{
  signet_job *job = user;
  char waits[120] = "";
  job->heartbeat.timer = NULL;
  if (job->account != NULL)
    describe_waiting(job->account, waits, sizeof waits);
  job->store->operations->tell(job->store, (int64_t)job->totals.written,
                               &job->heartbeat.told, waits);
  job->heartbeat.timer = signet_timer_start(job->loop, BEAT_MS, on_beat, job);
}

void signet_job_tell(signet_job *job, const signet_job_counts *counts)
{
  job->heartbeat.told = *counts;
}

static void put(char *out, size_t size, const char *text)
{
  snprintf(out, size, "%.*s", (int)size - 1, text != NULL ? text : "");
}

/* A job that has no row yet is known by the id that its row will have. */
static void describe_self(signet_job *job, signet_job_running *self)
{
  *self = (signet_job_running){.writes = 0};
  signet_job_reserve_id(job);
  put(self->id, sizeof self->id,
      job->about.id[0] != '\0' ? job->about.id : job->about.reserved);
  put(self->type, sizeof self->type,
      job->about.type != NULL ? job->about.type
                              : signet_job_type_name(SIGNET_JOB_RUN));
  put(self->name, sizeof self->name, job->about.name);
  put(self->account, sizeof self->account, job->about.identity);
}

void signet_job_begin_beat(signet_job *job)
{
  signet_job_running self;
  describe_self(job, &self);
  job->store->operations->tell_holder(job->store, &self);
  job->heartbeat.beats = true;
  signet_job_note_sending(job); /* nothing that it sends is older */
  if (job->heartbeat.timer == NULL)
    job->heartbeat.timer = signet_timer_start(job->loop, BEAT_MS, on_beat, job);
}

/* One that did not come to its end leaves behind when it last sent something.
 */
void signet_job_end_beat(signet_job *job)
{
  bool over = job->life.ended || job->about.id[0] == '\0';
  signet_timer_cancel(job->heartbeat.timer);
  job->heartbeat.timer = NULL;
  job->heartbeat.beats = false;
  job->store->operations->leave(job->store, over ? NULL : job->about.id);
}

/* ---- the last sending ---- */

/* What tells one start of this machine from another; "-": nothing does. */
static void own_boot(char *boot)
{
  int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t length = file >= 0 ? read(file, boot, BOOT_SIZE - 1) : -1;
  if (file >= 0)
    (void)close(file);
  boot[length > 0 ? length : 0] = '\0';
  boot[strcspn(boot, " \n")] = '\0';
  if (boot[0] == '\0')
    snprintf(boot, BOOT_SIZE, "-");
}

void signet_job_note_sending(signet_job *job)
{
  int64_t now_ms = signet_clock_boot_ms();
  char note[SIGNET_STORE_NOTE_SIZE], boot[BOOT_SIZE];
  if (!job->heartbeat.beats || job->account == NULL)
    return;
  int64_t at = signet_service_clock_at(&job->account->clock, now_ms);
  if (job->heartbeat.noted_boot != 0 &&
      now_ms - job->heartbeat.noted_boot < NOTE_MS &&
      (job->heartbeat.noted || at == 0))
    return;
  job->heartbeat.noted_boot = now_ms;
  job->heartbeat.noted = at != 0;
  own_boot(boot);
  snprintf(note, sizeof note, "%" PRId64 " %s", at, boot);
  job->store->operations->note(job->store, note);
}

/* The time of a note of this machine, which was not started anew since; 0: it
 * is not known. */
static int64_t time_of(const char *note)
{
  char boot[BOOT_SIZE], own[BOOT_SIZE];
  int64_t at;
  own_boot(own);
  return sscanf(note, "%" SCNd64 " %39s", &at, boot) == 2 &&
                 strcmp(boot, own) == 0 && strcmp(boot, "-") != 0
             ? at
             : 0;
}

/* ---- the run before ---- */

typedef struct wanted {
  const char *id;
  bool found;
} wanted;

static bool is_wanted(void *user, const signet_job_row *row)
{
  wanted *looking = user;
  looking->found = strcmp(row->id, looking->id) == 0;
  return !looking->found;
}

/* The next job that holds the journal notes its own, so what a killed run left
 * goes into the journal. */
bool signet_job_keep_note(signet_job *job, signet_error *error)
{
  char former[SIGNET_JOB_ID_SIZE], note[SIGNET_STORE_NOTE_SIZE];
  const signet_store_operations *operations = job->store->operations;
  wanted looking = {former, false};
  if (!operations->former_note(job->store, former, note))
    return true;
  return operations->each_job(job->store, former, is_wanted, &looking, error) &&
         (!looking.found ||
          (operations->put_step(job->store, former, note_name, note, error) &&
           operations->commit(job->store, error)));
}

bool signet_job_recall_note(signet_job *job, signet_error *error)
{
  char *note;
  if (!job->store->operations->get_step(job->store, job->about.id, note_name,
                                        &note, error))
    return false;
  int64_t at = note != NULL ? time_of(note) : 0;
  job->times.sent_at = at > 0 ? at + NOTE_MS : 0;
  signet_memory_free(note);
  return true;
}
