/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_LIST_READER_H
#define SIGNET_WIRE_LIST_READER_H

/*
 * Reads a JSON array of objects in pieces, as they come from the network, and
 * keeps the objects that match a filter as records with the types of the
 * configs API. Of
 * objects with the same id the first one is kept. Memory is that of one object
 * and of the records kept, however long the array is.
 */

#include "wire/entry.h"
#include "wire/id_set.h"

typedef enum signet_list_place {
  SIGNET_LIST_BEFORE, /* before the opening bracket */
  SIGNET_LIST_FIRST,  /* an entry or the closing bracket */
  SIGNET_LIST_ENTRY,  /* an entry */
  SIGNET_LIST_AFTER,  /* a comma or the closing bracket */
  SIGNET_LIST_DONE,
  SIGNET_LIST_FAILED
} signet_list_place;

typedef struct signet_list_reader {
  signet_list *list;           /* borrowed */
  const signet_fields *filter; /* borrowed; NULL: everything */
  signet_json_entry *entry;    /* the one being read */
  signet_buffer unread;
  size_t enough; /* read on when so much is unread */
  signet_list_place place;
  uint64_t offset;     /* bytes read, for messages */
  uint64_t read;       /* objects read, kept or not */
  signet_id_set ids;   /* of what was kept */
  uint64_t duplicates; /* objects left out, whose ids were kept before … */
  char duplicate[24];  /* … and the first of these ids */
  bool names_signs;    /* some entry shows which signature it has, or none */
  bool unseen;         /* some entry doesn't show a field of the filter */
  bool memory;         /* it failed for want of memory … */
  bool limit; /* … or because something in it is larger than it may be */
  char problem[128];
} signet_list_reader;

/** @return false: out of memory */
bool signet_list_reader_init(signet_list_reader *reader, signet_list *list,
                             const signet_fields *filter);
/** @return false: this is no such array; `problem` is a sentence */
bool signet_list_reader_feed(signet_list_reader *reader, const char *data,
                             size_t length);
/** Whether the array has come to its end. @return false, and a `problem` */
bool signet_list_reader_finish(signet_list_reader *reader);
/** Whether what was read doesn't show a field that it is filtered by, so that
 * entries may be missing. @param signs_unused  no template has a signature */
bool signet_list_reader_misses(const signet_list_reader *reader,
                               bool signs_unused);
void signet_list_reader_free(signet_list_reader *reader);

#endif
