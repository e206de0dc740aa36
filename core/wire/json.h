/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_JSON_H
#define SIGNET_WIRE_JSON_H

/*
 * JSON text from and to the model. Reading is json-c's, but for lists
 * (entry.h); nesting ends at 32 levels of arrays and objects, those of a whole
 * text together. Integers are exact: one beyond int64 is kept
 * as its text (SIGNET_JSON), one beyond uint64 is an error, and never another
 * number.
 */

#include "model/buffer.h"
#include "model/visibility.h"
#include "signet/record.h"

#include <json-c/json.h>

enum { SIGNET_JSON_DEPTH = 32 };

/** What is said of a text that is nested deeper. */
#define SIGNET_JSON_TOO_DEEP "the JSON is nested deeper than 32 levels"

/** Parses one whole JSON text, which must be valid UTF-8 with nothing behind
 * it. NULL on failure, with a sentence in @p problem (static text). Free with
 * json_object_put(); JSON null gives NULL and *problem == NULL. */
SIGNET_INTERNAL json_object *signet_json_parse(const char *text, size_t length,
                                               const char **problem);

/** Whether it was memory that lacked when one of these functions left
 * @p problem, and not the text that is wrong. */
SIGNET_INTERNAL bool signet_json_ran_out(const char *problem);

/** Whether the text is well, but for being nested deeper than it may be. */
bool signet_json_is_too_deep(const char *problem);

/** A value that borrows from @p object (text of SIGNET_JSON included). */
signet_value signet_json_value(json_object *object);

/** Reads a JSON object into fields. @return false: not an object, a doubled
 * allocation failure, … with a sentence in @p problem */
SIGNET_INTERNAL bool signet_json_fields(json_object *object,
                                        signet_fields *fields,
                                        const char **problem);

/** Appends @p object, a JSON object, to @p list as a record. NULL: memory. */
const signet_record *signet_json_record(json_object *object, signet_list *list);
/** The same with the types of the configs API, whatever the service made of
 * them (types.h). */
const signet_record *signet_json_configs_record(json_object *object,
                                                signet_list *list);

/** The integer, where it is one that int64 holds: json-c gives the nearest for
 * one beyond. */
bool signet_json_int64(json_object *object, int64_t *integer);

/** Whether a JSON object has every field of @p filter with an equal value. An
 * integer and a string of the same digits are equal, as ids are. */
bool signet_json_matches(json_object *object, const signet_fields *filter);

#endif
