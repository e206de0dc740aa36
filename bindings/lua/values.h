/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_VALUES_H
#define SIGNET_LUA_VALUES_H

/* Between libsignet's values and Lua's: errors, records, fields, JSON. */

#include "lua/runtime.h"

#include <json-c/json.h>

/* --- box.c: C memory that survives a Lua error --- */

typedef void (*signet_release_fn)(void *memory);

typedef struct signet_box {
  void *memory;
  signet_release_fn release;
} signet_box;

/** Pushes an empty box; what is put into it is released with it. */
signet_box *signet_box_push(lua_State *L, signet_release_fn release);
/** Releases what the box holds now. Idempotent. */
void signet_box_clear(signet_box *box);

/* --- error.c --- */

/** The one translator: pushes the Lua error object for @p error. */
void signet_lua_error_push(lua_State *L, const signet_error *error);
/** Reads an error object back. @return false: it is none */
bool signet_lua_error_read(lua_State *L, int index, signet_error *error);
/** Raises @p error. */
int signet_lua_raise(lua_State *L, const signet_error *error);
/** Raises a "validation" error. */
int signet_lua_invalid(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Raises "not enough memory". */
int signet_lua_no_memory(lua_State *L);
/** Fills kind and message. */
void signet_lua_error_set(signet_error *error, signet_error_kind kind,
                          const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- text.c --- */

bool signet_lua_utf8_valid(const char *text, size_t length);
/** Pushes @p text with control and bidirectional characters escaped. */
void signet_lua_push_shown(lua_State *L, const char *text, size_t length);
/** Adds signet.same_text and signet.skeleton. Stack: the module on top. */
void signet_lua_text_open(lua_State *L);

/* --- json.c --- */

enum { SIGNET_LUA_DEPTH = 32 };

/** Pushes the decoded value of a JSON text; raises when it is none. */
void signet_lua_json_push(lua_State *L, const char *text, size_t length);
/** Pushes the JSON text of the value at @p index; @p what names it in errors.
 */
void signet_lua_json_text(lua_State *L, int index, const char *what);

/* --- record.c --- */

/** Pushes a list; takes a reference of its own. */
void signet_lua_list_push(lua_State *L, signet_list *list);
/** Pushes record @p index of the list at @p list_index of the stack. */
void signet_lua_record_push(lua_State *L, int list_index, size_t index);
/** The record or list at @p index, NULL: it is none. */
const signet_record *signet_lua_record_at(lua_State *L, int index);
signet_list *signet_lua_list_at(lua_State *L, int index);
/** Pushes a value; null is nil. */
void signet_lua_value_push(lua_State *L, const signet_value *value);
/** Replaces the record or list at the top by a plain table. */
void signet_lua_table_push(lua_State *L, int index);
void signet_record_open(lua_State *L);

/* --- fields.c --- */

/** An entry's id in an argument, as digits; borrowed from the stack. */
const char *signet_lua_id(lua_State *L, int index, size_t *length);
/** The fields of the table at @p index, valid until the next call of this. */
const signet_fields *signet_lua_fields(lua_State *L, int index,
                                       signet_dialect dialect);
/** The same for a filter, where { contains = "text" } may stand for a value. */
const signet_fields *signet_lua_filter(lua_State *L, int index,
                                       signet_dialect dialect);
/** A status by name or number. */
int64_t signet_lua_status(lua_State *L, int index);
/** Raises unless the table's keys are among @p names (NULL at the end). */
void signet_lua_check_keys(lua_State *L, int index, const char *what,
                           const char *const *names);
/** Seconds in field @p name as milliseconds; @p absent: not given. */
int64_t signet_lua_milliseconds(lua_State *L, int index, const char *what,
                                int64_t absent);

/* --- report.c, account.c, call.c --- */

/** Adds log, and what the Lua parts tell the host with, to the table on top. */
void signet_report_open(lua_State *L);

/** Adds what announce.lua is made of to the table on top. */
void signet_announce_open(lua_State *L);

/** Adds `connect` to the table on top. */
void signet_account_open_library(lua_State *L);
void signet_collection_open(lua_State *L);
/** Pushes sms.signs or sms.templates for the account on top of the stack. */
void signet_collection_push(lua_State *L, signet_handle *handle,
                            signet_kind kind);

/** What a call gives back to Lua. */
typedef enum signet_result {
  SIGNET_RESULT_TRUE = 0,
  SIGNET_RESULT_LIST = 1,
  SIGNET_RESULT_FIRST = 2, /* of a list, or nil */
  SIGNET_RESULT_RECORD = 3,
  SIGNET_RESULT_ID = 4,
  SIGNET_RESULT_JSON = 5
} signet_result;

/** Starts @p operation and waits for it, yielding or blocking; the caller
 * returns what this returns. */
int signet_lua_call(lua_State *L, signet_handle *handle,
                    const signet_operation *operation, signet_result result);
/** Compares what the account's job wrote with what the service shows, yielding
 * or blocking; the account is at index 1. The caller returns what this
 * returns: what the service does not show. */
int signet_lua_audit(lua_State *L, signet_handle *handle);
/** Pushes the account object of a handle. */
void signet_handle_push(lua_State *L, const signet_handle *handle);
/** The open account of a handle; raises when it is closed. */
signet_account *signet_handle_account(lua_State *L,
                                      const signet_handle *handle);

#endif
