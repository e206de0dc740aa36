/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_H
#define SIGNET_JOB_H

/**
 * @file signet/job.h
 * Jobs: one run of a script against one account, with a journal of its writes.
 *
 * With a job attached, no write of the account is sent before the journal holds
 * it, with what the entry was and what it shall be; all writes that become
 * ready in one turn of the loop share one commit. A write whose reply never
 * came is settled by reading back. A job that ended early can be resumed: what
 * is open is settled, and a write that was done before (same operation, target
 * and content, n-th occurrence) is answered from the journal and not sent
 * again.
 *
 * The journal is a file in the state directory, one for each account; it holds
 * no secret. A job that writes holds it alone, so that one job runs on an
 * account at a time; the lock ends with its process, however that ends. Nothing
 * is opened before the first write. Journals can be read at any time.
 */

#include "signet/account.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A job while it runs. */
typedef struct signet_job signet_job;

/** How many writes a run may send. */
typedef struct signet_job_limit {
  int64_t number; /**< so many, or percent; -1: no limit */
  bool percent;   /**< of the account's entries of that kind */
  int64_t from;   /**< percent: only where there are at least so many */
} signet_job_limit;

/* clang-format off */
/** So many as there are. */
#define SIGNET_JOB_NO_LIMIT { -1, false, 0 }
/** What `signet run` allows deletes where nothing else is said. */
#define SIGNET_JOB_USUAL_DELETES { 30, true, 10 }
/* clang-format on */

/** Asked once, before the first delete of a run is recorded. @return false:
 * nothing is deleted; @p error, if it was filled, says why */
typedef bool (*signet_job_confirm_fn)(void *user, const char *account,
                                      signet_error *error);

/** How many writes of one sort a run is going to send. */
typedef struct signet_job_amount {
  int64_t signs;     /**< to signatures */
  int64_t templates; /**< to templates */
  int64_t either;    /**< to entries of a kind that isn't said */
} signet_job_amount;

/** What a run is going to write, see signet_job_announce(). */
typedef struct signet_job_announcement {
  signet_job_amount creates; /**< of new entries */
  signet_job_amount updates; /**< of entries that are there */
  signet_job_amount deletes; /**< of entries that are there */
} signet_job_announcement;

/** What a job is. Initialise with SIGNET_JOB_OPTIONS_INIT or its function. */
typedef struct signet_job_options {
  uint32_t version;      /**< SIGNET_JOB_OPTIONS_VERSION */
  const char *state_dir; /**< where journals are kept, made if need be: a
                              folder, or its URL sqlite:FOLDER; so, too, in
                              the functions that read journals */
  const char *resume;    /**< the id, or how it begins, of a job to go on with,
                              whose type, name, arguments and parent are taken
                              from the journal; NULL: a new job */
  const char *type;      /**< "run", "apply" or "undo"; default "run" */
  const char *name;      /**< of the script as it was called */
  const char *script;    /**< its text, which resuming runs again */
  const char *arguments; /**< JSON array of strings */
  const char *parent;    /**< the job that is undone, or a plan's digest */
  int64_t wait_lock_ms;  /**< wait so long for another job on the account to
                              end; default 0 */
  bool no_journal; /**< check writes and settle them, but keep nothing: such a
                        job has no id, and can't be resumed */
  signet_job_limit max_changes;  /**< of all writes; default none */
  signet_job_limit max_deletes;  /**< of deletes; default none */
  signet_job_confirm_fn confirm; /**< NULL: deletes need no confirmation */
  void *confirm_user;            /**< the first argument of `confirm` */
  bool limits_in_lua; /**< a refusal names the limits as signet.connect does,
                           not as the command line */
  bool new_input;     /**< of a resumed job: files are taken as they are now */
  bool accept_damage; /**< go on with a journal whose log was damaged or lost:
                           what it held is not known then */
  bool borrow_script; /**< `script` is not copied, which saves memory where it
                           is a large plan's text: it must stay until
                           signet_job_keeps_script(), or the job is freed; the
                           plan of signet_job_undo() likewise */
} signet_job_options;

/** The version of signet_job_options that this header describes. */
#define SIGNET_JOB_OPTIONS_VERSION 1
/* clang-format off */
/** The options with every default. */
#define SIGNET_JOB_OPTIONS_INIT \
  { SIGNET_JOB_OPTIONS_VERSION, NULL, NULL, "run", NULL, NULL, NULL, NULL, 0, \
    false, SIGNET_JOB_NO_LIMIT, SIGNET_JOB_NO_LIMIT, NULL, NULL, false, \
    false, false, false }
/* clang-format on */

/** Sets every field to that of SIGNET_JOB_OPTIONS_INIT. */
SIGNET_API void signet_job_options_init(signet_job_options *options);

/** A job that no account is attached to yet. Text is copied, but for a script
 * that is borrowed. NULL: @p error. */
SIGNET_API signet_job *signet_job_new(const signet_job_options *options,
                                      signet_error *error);

/**
 * Records every write of @p account in @p job from now on. A job belongs to one
 * account, that of its first write; several handles may be attached, all on one
 * loop. Others may be read, but a write to one is refused. A resumed job
 * belongs to the account that is attached first.
 */
SIGNET_API bool signet_job_attach(signet_job *job, signet_account *account,
                                  signet_error *error);

/**
 * Lets the job write, or not: while it may not, every write of its accounts is
 * refused with @p sentence before anything is read for it, and the journal is
 * not opened.
 * @param sentence  what to do about it, at most 200 bytes are kept; NULL: the
 *                  job may write, which every job may from its beginning
 */
SIGNET_API void signet_job_read_only(signet_job *job, const char *sentence);

/**
 * Another command of the same person begins, as at a prompt: its first delete
 * is confirmed anew, and what a limit or a no refused may be tried again. What
 * was written counts against the limits as before.
 */
SIGNET_API void signet_job_ask_anew(signet_job *job);

/** What settling the writes of earlier runs came to. */
typedef struct signet_job_findings {
  int64_t done;       /**< took effect */
  int64_t not_done;   /**< had no effect: may be sent again */
  int64_t drift;      /**< somebody else changed the entry meanwhile */
  int64_t open;       /**< can't be told: not sent again */
  int64_t refused;    /**< the service said no before: not sent again */
  int64_t remembered; /**< writes that are not sent again, those included */
  bool over;          /**< the job is done by now: there is nothing to resume */
} signet_job_findings;

/**
 * Opens the journal of a resumed job and settles what its earlier runs left
 * open, stepping the loop. An account must be attached. Without this call it
 * happens at the first write.
 */
SIGNET_API bool signet_job_settle(signet_job *job,
                                  signet_job_findings *findings,
                                  signet_error *error);

/** The entries that a job counted. */
typedef struct signet_job_counts {
  int64_t done;    /**< written, or nothing to write */
  int64_t failed;  /**< refused, or raised an error */
  int64_t skipped; /**< left alone with a reason */
  int64_t unknown; /**< it is not known whether the write worked */
  int64_t waiting; /**< waits for a review */
} signet_job_counts;

/**
 * Settles what is still open (stepping the loop), writes how the job ended, and
 * lets the journal go. Call it before the account is closed. A job that never
 * wrote leaves no trace.
 * @return false: the journal could not be written, @p error says why
 */
SIGNET_API bool signet_job_end(signet_job *job, signet_job_state state,
                               const signet_job_counts *counts,
                               signet_error *error);

/** Frees the job; without signet_job_end() it stays "running" in the journal,
 * to be resumed. Where accounts are open whose writes it records, they refuse
 * to write from now on, and it lets go of the journal when the last of them is
 * closed. NULL is allowed. */
SIGNET_API void signet_job_free(signet_job *job);

/** The job's id, borrowed; NULL while it has not written anything. */
SIGNET_API const char *signet_job_id(const signet_job *job);

/** Whether the journal has the job's script, or there is none: one that was
 * borrowed may be freed. */
SIGNET_API bool signet_job_keeps_script(const signet_job *job);

/** Why a write of this run was refused by a limit or not confirmed; NULL: none
 * was. Borrowed. */
SIGNET_API const signet_error *signet_job_refusal(const signet_job *job);

/**
 * Says what the run is going to write, before it writes: the limits are judged
 * and deletes are confirmed at once, so that a run which is refused has sent
 * nothing. What was confirmed here is not asked again; what goes beyond it is
 * judged as it comes, as all writes of a run are that announces nothing.
 * Several announcements add up. A job that is resumed announces what is left,
 * or all of it. May list the entries, stepping the loop.
 * @param account  whose entries are counted; NULL: the one that was attached
 * @return false: @p error says why, and every later write is refused so
 */
SIGNET_API bool signet_job_announce(signet_job *job, signet_account *account,
                                    const signet_job_announcement *announcement,
                                    signet_error *error);

/** Whether entries must be listed before the announcement can be judged, which
 * signet_job_announce() would wait for. @p kind is set to theirs. */
SIGNET_API bool
signet_job_announce_needs(const signet_job *job, const signet_account *account,
                          const signet_job_announcement *announcement,
                          signet_kind *kind);

/** All that the run has announced; NULL: nothing. Borrowed. */
SIGNET_API const signet_job_announcement *
signet_job_announced(const signet_job *job);

/** What lifts that refusal when the job is resumed: "max-changes",
 * "max-deletes", "yes"; NULL: nothing does. Static text. */
SIGNET_API const char *signet_job_refusal_lifted_by(const signet_job *job);

/** How many writes of the job the service refused in all runs, or met an entry
 * that somebody else had changed: resuming does not send them again. */
SIGNET_API uint64_t signet_job_refused(const signet_job *job);

/** How many of its writes have an unknown outcome that no resume can decide
 * about, since several entries may be what they came to. */
SIGNET_API uint64_t signet_job_to_decide(const signet_job *job);

/** One write of which the service said that it was done, and which it does not
 * show. Text is borrowed. */
typedef struct signet_job_mismatch {
  int64_t number;      /**< of the write in the journal */
  const char *verb;    /**< "create", "update", "delete" */
  const char *kind;    /**< "sign", "template" */
  const char *id;      /**< of the entry */
  const char *finding; /**< a sentence's end: "it is gone" */
} signet_job_mismatch;

/** Called for each mismatch; everything is borrowed for the call. */
typedef void (*signet_job_mismatch_fn)(void *user,
                                       const signet_job_mismatch *mismatch);

/**
 * Compares the account with what the journal says was done: one list call for
 * each kind that the job wrote, stepping the loop. What is contradicted is
 * looked at again, since a list may lag behind: after the account's `settle`,
 * and once more up to ten seconds later. What is contradicted still is unknown
 * from then on, in the journal too, so that resuming settles it. What was
 * compared before is not compared again unless the job wrote since. Call it
 * before signet_job_end(). A job that wrote nothing sends nothing.
 * @param account   of the job; NULL: the one that was attached
 * @param function  called for each mismatch of this run, those of earlier
 *                  audits too; may be NULL
 * @return false: the entries could not be read, @p error says why
 */
SIGNET_API bool signet_job_audit(signet_job *job, signet_account *account,
                                 signet_job_mismatch_fn function, void *user,
                                 signet_error *error);

/** An audit that is under way. */
typedef struct signet_audit signet_audit;

/** Called once, from the loop or while the account is closed, when an audit has
 * ended. It may free the audit. */
typedef void (*signet_audit_fn)(void *user, const signet_error *error);

/**
 * Begins the same without stepping the loop.
 * @return NULL: there is nothing to compare; or it could not be begun, and
 *         @p error says why
 */
SIGNET_API signet_audit *signet_audit_start(signet_job *job,
                                            signet_account *account,
                                            signet_audit_fn done, void *user,
                                            signet_error *error);

/** Ends an audit, which calls nobody any more. NULL is allowed. */
SIGNET_API void signet_audit_free(signet_audit *audit);

/** Calls @p function for each mismatch that the audits of this run found. */
SIGNET_API void signet_job_each_mismatch(const signet_job *job,
                                         signet_job_mismatch_fn function,
                                         void *user);

/** How many there are. They are not among what signet_job_unknown() counts. */
SIGNET_API uint64_t signet_job_contradicted(const signet_job *job);

/** Entries that the service stored in another form than they were written in,
 * which means the same: they are done. */
typedef struct signet_job_stored {
  int64_t entries;   /**< all of them */
  int64_t trimmed;   /**< without the white space around a text */
  int64_t composed;  /**< in another form of Unicode */
  int64_t countries; /**< with the countries written in another way */
  bool news;         /**< nothing taught the account one of these forms */
  char example[400]; /**< the first one, as a clause; "": none */
  int64_t changed;   /**< entries that show neither what was written nor what
                          was there before: somebody else changed them since */
  char change[400];  /**< the first of these, as a clause; "": none */
} signet_job_stored;

/** What the last signet_job_audit() found of that; zeros: nothing. */
SIGNET_API void signet_job_get_stored(const signet_job *job,
                                      signet_job_stored *stored);

/** Tells that the run decides something by chance or by the clock: a resumed
 * job that asks for other writes than before is stopped then, whatever it has
 * looked at. */
SIGNET_API void signet_job_by_chance(signet_job *job);

/** Tells that a part of the caller sleeps and will go on by itself (1), or no
 * longer does (-1): a resumed job that waits for what is asked next counts on
 * it. */
SIGNET_API void signet_job_asleep(signet_job *job, int change);

/** How many updates of this run were not sent because their entries held
 * already what they write, and how many of these entries are rejected. */
SIGNET_API void signet_job_get_unchanged(const signet_job *job, uint64_t *all,
                                         uint64_t *rejected);

/** How many of this run's writes were answered from the journal. */
SIGNET_API uint64_t signet_job_remembered(const signet_job *job);

/** How many of the job's writes have an outcome that is not known, whatever a
 * script made of that: those of this run, and those of earlier ones that could
 * not be settled. */
SIGNET_API uint64_t signet_job_unknown(const signet_job *job);

/** How many of the job's writes took effect, those of earlier runs too. */
SIGNET_API uint64_t signet_job_written(const signet_job *job);

/** What damage to its journal took of a job's writes. */
typedef struct signet_job_loss {
  bool lost;           /**< something, perhaps */
  int64_t commits;     /**< of the whole journal, at least; 0: not counted */
  int64_t after_ms;    /**< when the last commit that is left was made, since
                            1970; 0: unknown */
  int64_t accepted_ms; /**< when that was accepted; 0: not yet */
  uint64_t found;      /**< writes of that loss which this run found to have
                            taken effect, and did not send again */
} signet_job_loss;

/** Tells what the run has done of its entries, for others that look at the jobs
 * while it goes on. */
SIGNET_API void signet_job_tell(signet_job *job,
                                const signet_job_counts *counts);

/** What the journal lost of earlier runs. Each write that it doesn't know is
 * looked for then before it is sent. */
SIGNET_API void signet_job_get_loss(const signet_job *job,
                                    signet_job_loss *loss);

/**
 * A value that was kept under @p name by an earlier run of this job, as JSON.
 * @param value  set to the text, NULL: none; free with signet_job_text_free()
 */
SIGNET_API bool signet_job_step(signet_job *job, const char *name, char **value,
                                signet_error *error);

/** Keeps a JSON value under @p name; it is durable when this returns. */
SIGNET_API bool signet_job_keep_step(signet_job *job, const char *name,
                                     const char *value, signet_error *error);

/** Gives a job that has written nothing its place in the journal all the same,
 * so that it can be resumed. @return false: it has none, @p error says why */
SIGNET_API bool signet_job_record(signet_job *job, signet_error *error);

/**
 * @name What a job runs with
 *
 * A job that is resumed goes on with what it began with: what was kept of its
 * options, and the files that it read, which are refused where they changed.
 * @{
 */

/** Keeps a text about how the job is run. @param type  a word */
SIGNET_API bool signet_job_keep_input(signet_job *job, const char *type,
                                      const char *value, signet_error *error);

/** Reads such a text of the job of exactly that id.
 * @param value  set to the text, NULL: none; free with signet_job_text_free()
 */
SIGNET_API bool signet_job_read_input(const char *state_dir, const char *id,
                                      const char *type, char **value,
                                      signet_error *error);

/**
 * Reads the text that a job carries out: the script of a run, else the plan,
 * which may be large.
 * @param text  set to it, free with signet_job_text_free(); NULL: none was
 * kept, or no journal that can be read has such a job
 */
SIGNET_API bool signet_job_read_script(const char *state_dir, const char *id,
                                       char **text, signet_error *error);

/**
 * Reads a file and keeps its content, or at least its digest, with the job. A
 * resumed job gets what its first run read; where the file has changed since,
 * that is refused (SIGNET_ERROR_REFUSED), and where it is gone the kept content
 * serves.
 * @param job      NULL: nothing is kept
 * @param type     what the file is to the job: "file", "module"
 * @param content  set to it, ends with NUL; free with signet_job_text_free()
 */
SIGNET_API bool signet_job_file(signet_job *job, const char *type,
                                const char *path, char **content,
                                size_t *length, signet_error *error);
/** @} */

/** Frees what signet_job_step() gave. NULL is allowed. */
SIGNET_API void signet_job_text_free(char *text);

/**
 * @name Reading journals
 * @{
 */

/** A job that runs now. */
typedef struct signet_job_running {
  char id[64];              /**< of the job */
  char type[16];            /**< as in signet_job_options; "": unknown */
  char name[160];           /**< so, escaped */
  char host[68];            /**< of the process; "": unknown */
  int64_t process;          /**< its id; 0: unknown */
  int64_t since_ms;         /**< since 1970 */
  int64_t writes;           /**< that took effect, in all runs; -1: unknown */
  signet_job_counts counts; /**< of the entries of this run */
  char waits[160];          /**< what it waits for: "3 reviews"; "": nothing */
  char account[512];        /**< which account it works on; "": unknown */
} signet_job_running;

/** One job as it stands in a journal. Text is borrowed for the call. */
typedef struct signet_job_view {
  const char *id;                    /**< what `signet resume` takes */
  const char *type;                  /**< as in signet_job_options */
  const char *state;                 /**< see signet_job_state_name() */
  const char *name;                  /**< as in signet_job_options */
  const char *arguments;             /**< as in signet_job_options */
  const char *account;               /**< which account it is about */
  const char *parent;                /**< as in signet_job_options */
  int64_t started_ms;                /**< since 1970 */
  int64_t ended_ms;                  /**< since 1970; 0: not yet */
  signet_job_counts counts;          /**< of its entries */
  signet_job_loss loss;              /**< what its journal lost of it */
  int64_t writes;                    /**< that took effect, in all runs */
  const signet_job_running *running; /**< what it does now; NULL: it does not
                                          run */
  const char *journal;               /**< where it is kept */
  bool declined; /**< its deletes were not confirmed, and it has sent nothing:
                    it is resumed only where it is named */
} signet_job_view;

/** One write as it stands in a journal. Text is borrowed for the call. */
typedef struct signet_write_view {
  int64_t number;            /**< ascending within the journal */
  const char *verb;          /**< "create", "update", "delete", "request" */
  const char *kind;          /**< "sign", "template" */
  const char *target;        /**< the entry's id */
  const char *before;        /**< the record before, as JSON; NULL: not known */
  const char *after;         /**< the fields written, as JSON; NULL: none */
  const char *state;         /**< "intent", "done", "failed", "unknown", … */
  const char *answer;        /**< the new id of a create, else NULL */
  const char *error_kind;    /**< what it failed with, else NULL */
  const char *error_message; /**< the same as a sentence, else NULL */
  int64_t attempts;          /**< how often it was sent */
  int64_t intended_ms;       /**< when it was recorded, since 1970 */
  int64_t decided_ms;        /**< when its outcome was; 0: not yet */
} signet_write_view;

/** Gets one job. Return false to stop early. */
typedef bool (*signet_job_view_fn)(void *user, const signet_job_view *job);
/** Gets one write. Return false to stop early. */
typedef bool (*signet_write_view_fn)(void *user,
                                     const signet_write_view *write);

/**
 * Shows every job in the journals of @p state_dir, the newest first in each: as
 * they were at one moment, while the job that runs now goes on. It is never
 * kept waiting, and nothing is written. A job that holds its journal and has
 * written nothing yet comes last; `counts` are of what a running job has told.
 * @param prefix  only those whose id begins so; NULL: all
 * @param busy    called with the journal that a process holds which has not
 *                told what job it works for; may be NULL
 */
SIGNET_API bool signet_jobs_each(const char *state_dir, const char *prefix,
                                 signet_job_view_fn function,
                                 void (*busy)(void *user, const char *journal),
                                 void *user, signet_error *error);

/** The folder of the journals that @p state_dir names, where a host may keep
 * files of its own; NULL: they are in no folder, or @p state_dir is NULL. Part
 * of @p state_dir. */
SIGNET_API const char *signet_jobs_folder(const char *state_dir);

/** Who holds a journal, without being in its way: about as it was a second ago.
 * @param journal  as signet_jobs_each() names it
 * @return false: nobody, or nobody who said so */
SIGNET_API bool signet_job_running_read(const char *journal,
                                        signet_job_running *running);

/**
 * Finds the one job that a word of a user means.
 * @param word  the job's id, or how it begins
 * @param id    set to the whole id
 * @param size  of `id`; SIGNET_JOB_ID_ROOM is enough
 * @return false: no job, or more than one, is meant (SIGNET_ERROR_VALIDATION);
 *         or a journal can't be read
 */
SIGNET_API bool signet_job_find(const char *state_dir, const char *word,
                                char *id, size_t size, signet_error *error);

/** Room for a job's id and the NUL behind it. */
#define SIGNET_JOB_ID_ROOM 64

/** Shows every write of the job of exactly that id, in order; of a job that
 * runs, those that are in the journal by now.
 * @return false: there is no such job, or its journal can't be read */
SIGNET_API bool signet_job_writes_each(const char *state_dir, const char *id,
                                       signet_write_view_fn function,
                                       void *user, signet_error *error);
/** @} */

#ifdef __cplusplus
}
#endif
#endif
