/* SPDX-License-Identifier: MIT */
/* What libmicrohttpd allocates for signet fails in its turn. */
#include "failing_libraries.h"

#include <microhttpd.h>

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
