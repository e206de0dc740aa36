/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_RECORD_H
#define SIGNET_RECORD_H

/**
 * @file signet/record.h
 * Records and fields: what the service answers, and what is sent to it.
 *
 * A record is one signature or template as the service sent it: every field
 * under the service's own name, known to signet or not, in the order in which
 * it came. Integers are exact over the whole range of int64. Records live in a
 * list, which owns their memory; a call for a single entry gives a list of one.
 *
 * Fields are a small set of named values that a caller fills: the body of a
 * create or update, or the filter of a list.
 */

#include "signet/error.h"
#include "signet/words.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a template shows its signature. */
enum {
  SIGNET_POSITION_NONE = 0,
  SIGNET_POSITION_PREFIX = 1,
  SIGNET_POSITION_SUFFIX = 2
};

/** What a value is. */
typedef enum signet_value_type {
  SIGNET_NULL = 0,
  SIGNET_BOOLEAN = 1,
  SIGNET_INTEGER = 2,
  SIGNET_NUMBER = 3,  /**< a number that is no int64 */
  SIGNET_STRING = 4,  /**< UTF-8; may hold NUL; also ends with NUL */
  SIGNET_JSON = 5,    /**< an array or object, as JSON text */
  SIGNET_CONTAINS = 6 /**< in filters only: text that the field's text holds */
} signet_value_type;

/** One value. Text is borrowed from whatever the value was read from. */
typedef struct signet_value {
  signet_value_type type; /**< which member of `as` holds it */
  union {
    bool boolean;
    int64_t integer;
    double number;
    struct {
      const char *data;
      size_t length;
    } text; /**< of SIGNET_STRING, SIGNET_JSON and SIGNET_CONTAINS */
  } as;     /**< the value itself; nothing for SIGNET_NULL */
} signet_value;

/** One signature or template as the service sent it. */
typedef struct signet_record signet_record;
/** Records and the memory that they live in. */
typedef struct signet_list signet_list;
/** Named values to send or to filter by. */
typedef struct signet_fields signet_fields;

/**
 * @name Lists: counted references; not shared between threads.
 * @{
 */

/** Takes one more reference to @p list and returns it. */
SIGNET_API signet_list *signet_list_retain(signet_list *list);

/** Gives a reference back; the last one frees every record. NULL is allowed. */
SIGNET_API void signet_list_release(signet_list *list);

/** How many records @p list holds. */
SIGNET_API size_t signet_list_count(const signet_list *list);

/** Bytes of memory that @p list holds, for reports and limits. */
SIGNET_API size_t signet_list_memory(const signet_list *list);

/** Record @p index (from 0), borrowed from the list; NULL: out of range. */
SIGNET_API const signet_record *signet_list_at(const signet_list *list,
                                               size_t index);
/** @} */

/**
 * @name Records: borrowed from their list, valid as long as it lives.
 * @{
 */

/** Whether @p record is a signature or a template. */
SIGNET_API signet_kind signet_record_kind(const signet_record *record);

/** How many fields the service sent. */
SIGNET_API size_t signet_record_count(const signet_record *record);

/**
 * Field @p index in the order of arrival.
 * @param name    set to the field's name, ends with NUL, borrowed
 * @param value   set to its value, borrowed
 * @return false: out of range, nothing is set
 */
SIGNET_API bool signet_record_at(const signet_record *record, size_t index,
                                 const char **name, signet_value *value);

/** Looks a field up by name. @return false: the record has no such field. */
SIGNET_API bool signet_record_get(const signet_record *record, const char *name,
                                  signet_value *value);

/** The same for a name of @p length bytes that need not end with NUL. */
SIGNET_API bool signet_record_find(const signet_record *record,
                                   const char *name, size_t length,
                                   signet_value *value);

/** A string field, borrowed; NULL where it is absent or no string. */
SIGNET_API const char *signet_record_string(const signet_record *record,
                                            const char *name);

/** An integer field; @p absent where it is absent or no integer. */
SIGNET_API int64_t signet_record_integer(const signet_record *record,
                                         const char *name, int64_t absent);

/**
 * The entry's id as decimal digits, whatever the dialect sends it as.
 * @param buffer   at least 24 bytes
 * @return @p buffer, "" where the record has no usable id
 */
SIGNET_API const char *signet_record_id(const signet_record *record,
                                        char *buffer, size_t size);
/** @} */

/**
 * @name Fields: owned by the caller.
 * @{
 */

/** An empty set. NULL: out of memory. Free with signet_fields_free(). */
SIGNET_API signet_fields *signet_fields_new(void);

/** Frees @p fields; NULL is allowed. */
SIGNET_API void signet_fields_free(signet_fields *fields);

/**
 * Sets field @p name to @p value; an earlier value of that name is replaced.
 * Name and text are copied. @return false: out of memory, nothing changed.
 */
SIGNET_API bool signet_fields_set(signet_fields *fields, const char *name,
                                  const signet_value *value);

/** signet_fields_set() for text that ends with NUL. */
SIGNET_API bool signet_fields_set_string(signet_fields *fields,
                                         const char *name, const char *text);

/** signet_fields_set() for an integer. */
SIGNET_API bool signet_fields_set_integer(signet_fields *fields,
                                          const char *name, int64_t integer);

/** signet_fields_set() for a boolean. */
SIGNET_API bool signet_fields_set_boolean(signet_fields *fields,
                                          const char *name, bool boolean);

/** How many fields are set. */
SIGNET_API size_t signet_fields_count(const signet_fields *fields);

/** Field @p index in the order of setting, as signet_record_at(). */
SIGNET_API bool signet_fields_at(const signet_fields *fields, size_t index,
                                 const char **name, signet_value *value);

/** Looks a field up by name. @return false: it isn't set. */
SIGNET_API bool signet_fields_get(const signet_fields *fields, const char *name,
                                  signet_value *value);
/** @} */

#ifdef __cplusplus
}
#endif
#endif
