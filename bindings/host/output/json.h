/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_JSON_H
#define SIGNET_HOST_JSON_H

/* The objects of --json, one per line. */

#include "signet/engine.h"

#include <json-c/json.h>
#include <stdio.h>

/** A new object {"event":name}. */
json_object *signet_host_json_event(const char *name);

/** Adds text; what is no UTF-8 becomes U+FFFD. NULL adds nothing. */
void signet_host_json_text(json_object *object, const char *name,
                           const char *text, size_t length);

/** Adds "error":{…}. */
void signet_host_json_error(json_object *object, const signet_error *error,
                            const char *kind, const char *message);

/** Adds the five counts. */
void signet_host_json_counts(json_object *object, const signet_counts *counts);

/** Writes one line and frees the object. @return false: it did not get out */
bool signet_host_json_write(FILE *stream, json_object *object);

#endif
