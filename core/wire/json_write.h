/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_JSON_WRITE_H
#define SIGNET_WIRE_JSON_WRITE_H

#include "wire/json.h"

/** Appends a JSON string literal. */
SIGNET_INTERNAL void signet_json_write_string(signet_buffer *out,
                                              const char *text, size_t length);
void signet_json_write_value(signet_buffer *out, const signet_value *value);
/** {"name":value,…} in the record's order. */
SIGNET_INTERNAL void signet_json_write_record(signet_buffer *out,
                                              const signet_record *record);
void signet_json_write_fields(signet_buffer *out, const signet_fields *fields);

#endif
