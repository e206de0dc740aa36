/* SPDX-License-Identifier: MIT */
/* What other libraries allocate for signet fails in its turn as well: the
 * linker puts these functions before theirs (--wrap, in CMakeLists.txt). */
#include "failing_memory.h"

#include <json-c/json.h>
#include <microhttpd.h>

#define REAL(name) __real_##name
#define WRAPPED(name) __wrap_##name

/* FAILING(type, name, (parameters), (arguments), what it gives when it fails)
 */
#define FAILING(type, name, parameters, arguments, failure)   \
  type REAL(name) parameters;                                 \
  type WRAPPED(name) parameters;                              \
  type WRAPPED(name) parameters                               \
  {                                                           \
    return failing_turn() ? (failure) : REAL(name) arguments; \
  }

FAILING(json_tokener *, json_tokener_new_ex, (int depth), (depth), NULL)
FAILING(json_object *, json_object_new_object, (void), (), NULL)
FAILING(json_object *, json_object_new_int64, (int64_t number), (number), NULL)
FAILING(int, json_object_object_add,
        (json_object * object, const char *name, json_object *member),
        (object, name, member), -1)
FAILING(const char *, json_object_to_json_string_ext,
        (json_object * object, int flags), (object, flags), NULL)
FAILING(const char *, json_object_to_json_string_length,
        (json_object * object, int flags, size_t *length),
        (object, flags, length), NULL)
FAILING(struct MHD_Response *, MHD_create_response_from_buffer,
        (size_t size, void *data, enum MHD_ResponseMemoryMode mode),
        (size, data, mode), NULL)
FAILING(struct MHD_Response *,
        MHD_create_response_from_buffer_with_free_callback,
        (size_t size, void *data, MHD_ContentReaderFreeCallback release),
        (size, data, release), NULL)
FAILING(struct MHD_Response *, MHD_create_response_from_callback,
        (uint64_t size, size_t block, MHD_ContentReaderCallback reader,
         void *user, MHD_ContentReaderFreeCallback release),
        (size, block, reader, user, release), NULL)
