/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_RECORDER_H
#define SIGNET_ACCOUNT_RECORDER_H

/*
 * Where an account's writes are recorded. With a recorder, no write is sent
 * before the recorder lets it go, every update and delete has a before-image
 * (from what was read last, else it is read now), and an unknown outcome is
 * settled by reading back before anybody is told.
 */

#include "account/call.h"

typedef enum signet_outdated_by {
  SIGNET_OUTDATED_NOT,
  SIGNET_OUTDATED_PERHAPS,  /* if `before` differs, which may be NULL */
  SIGNET_OUTDATED_REVIEWED, /* so, or by more than its review's end */
  SIGNET_OUTDATED_OTHERS,   /* somebody else changed it */
  SIGNET_OUTDATED_LOST      /* or the job itself, which lost what it wrote */
} signet_outdated_by;

typedef struct signet_outdated {
  signet_outdated_by by;
  const char *before; /* JSON of the entry, borrowed */
} signet_outdated;

typedef struct signet_recorder {
  bool before_images; /* an entry that was not read is read before a change */
  /* A write begins: nothing has been read for it yet. @return true: it was done
   * before, or that isn't known yet, and the recorder answers as for `intend`,
   * or with signet_write_go_on(). So is a wait or a get, of an entry that was
   * written again since: signet_read_answer(). */
  bool (*recall)(struct signet_recorder *recorder, signet_call *call);
  /* A write is ready to be sent. The recorder answers, then or later but only
   * from the loop, with one of signet_write_send(), signet_write_answer() and
   * signet_write_refuse(). */
  void (*intend)(struct signet_recorder *recorder, signet_call *call);
  /* What came of a write that was sent: the call's error and outcome are set,
   * an unknown outcome has been settled as far as it can be. A call that is
   * signet_call_is_kept() was cancelled instead: the recorder must forget it.
   */
  void (*decided)(struct signet_recorder *recorder, signet_call *call);
  /* Whether this job's own earlier writes made that entry: it can't be the
   * one that another create looks for. */
  bool (*is_own)(struct signet_recorder *recorder, signet_kind kind,
                 const char *id);
  /* The account is being closed; its calls have come to their end. */
  void (*closing)(struct signet_recorder *recorder, signet_account *account);
  /* The account is closed, or has another recorder: nothing of this one is
   * called for it any more. NULL: nobody wants to know. */
  void (*released)(struct signet_recorder *recorder);
  /* A read of the caller's ended well. NULL: nobody wants to know. */
  void (*looked)(struct signet_recorder *recorder, const signet_call *call);
  /* An update is not sent: its entry is already what it writes, and perhaps
   * rejected. NULL: nobody counts these. */
  void (*unchanged)(struct signet_recorder *recorder, const signet_call *call,
                    bool rejected);
  /* A write is sent now, which may be long after its intent. Called from within
   * libcurl: nothing of the loop may be changed. NULL: nobody wants to know. */
  void (*leaves)(struct signet_recorder *recorder);
  /* Whether an earlier run of the job decided on a write to an entry, and the
   * entry isn't what it was then. @param first  this run reads it for the first
   * time. NULL: the job decided just now. */
  signet_outdated (*outdated)(struct signet_recorder *recorder,
                              const signet_call *call, const signet_record *now,
                              bool first);
  /* A write was refused for that: resuming would only repeat it. NULL: nobody
   * counts these. */
  void (*left)(struct signet_recorder *recorder);
  /* A write ended before it was ready to be sent: its entry can't be read, or
   * isn't what it rests on. NULL: nobody wants to know. */
  void (*dropped)(struct signet_recorder *recorder, signet_call *call);
} signet_recorder;

/** Sets the recorder, which must stay until it is released. */
void signet_account_record(signet_account *account, signet_recorder *recorder);

/** Lets a write that was to be recalled go on. */
void signet_write_go_on(signet_call *call);
/** A write that waited for long: looks at its entry again, whatever was read
 * before, and goes on from there. */
void signet_write_check_again(signet_call *call);
/** Nothing that was read so far is believed any more. */
void signet_account_distrust(signet_account *account);
/** Its intent is about to be put: what is read from now on may show its effect.
 */
void signet_write_intended(signet_call *call);
/** Sends the write. */
void signet_write_send(signet_call *call);
/** Ends the write as done without sending it: it was done before.
 * @param id  of a create the new id, else ignored */
void signet_write_answer(signet_call *call, const char *id);
/** Ends a wait or a get: so the entry was when an earlier run had done that.
 * @param list  with its record */
void signet_read_answer(signet_call *call, signet_list *list);
/** Ends the write without sending it. */
void signet_write_refuse(signet_call *call, const signet_error *error);

/** What reading back says about a write whose outcome was unknown. */
typedef enum signet_verdict {
  SIGNET_VERDICT_NONE = 0, /* nothing was settled */
  SIGNET_VERDICT_DONE,     /* it took effect */
  SIGNET_VERDICT_NOT_DONE, /* the entry is as it was before, and will be */
  SIGNET_VERDICT_AGAIN,    /* it is, so far; sending it again does no harm */
  SIGNET_VERDICT_DRIFT,    /* neither: somebody else changed it */
  SIGNET_VERDICT_OPEN      /* the outcome is not known */
} signet_verdict;

/** One create's intent where the service tells no time: the time is negative.
 * Its seconds say when what looked like it before was created, at the latest,
 * and its milliseconds how many of these a list showed. */
enum { SIGNET_ALIKE_UNKNOWN = 999 };

/** One write to be settled. */
typedef struct signet_settlement {
  signet_kind kind;
  signet_verb verb;
  const char *id;      /* of a create "" */
  const char *before;  /* JSON of the record, NULL: none */
  const char *after;   /* JSON of the fields written, NULL: of a delete */
  int64_t intended_at; /* Unix ms by the service's clock; 0: not known;
                          negative: see above */
  int64_t sent_at;     /* so, when it was last sent, at the latest */
  int64_t since_boot;  /* it was sent before this, on the clock that counts from
                          the machine's start; 0: before now */
  bool perhaps;        /* if it was sent at all; no record before it is known */
  bool anew;           /* and if so, perhaps with another content */
  bool accepted;       /* a create: the service said that it was done */
} signet_settlement;

/** Settles a write of an earlier run by reading back; nothing is written. The
 * call ends without an error where it took effect (a create: with its id); else
 * signet_call_verdict() tells. NULL: out of memory. */
signet_call *signet_settle_start(signet_account *account,
                                 const signet_settlement *settlement,
                                 signet_call_fn done, void *user);
signet_verdict signet_call_verdict(const signet_call *call);

/** Begins to settle a call whose write came to nothing known (settle.c). */
void signet_settle_begin(signet_call *call);
/** Whether a call that is being settled gives up once the account is held: it
 * has looked before without a result, or the service is @p away. */
bool signet_settle_holds(const signet_call *call, bool away);
#endif
