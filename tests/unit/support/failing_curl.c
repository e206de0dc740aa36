/* SPDX-License-Identifier: MIT */
/* What signet asks libcurl for fails in its turn. libcurl's own memory doesn't
 * fail with it: versions before 8 may crash then. */
#include "failing_libraries.h"

#include <curl/curl.h>

FAILING(CURL *, curl_easy_init, (void), (), NULL)
FAILING(CURLM *, curl_multi_init, (void), (), NULL)
FAILING(CURLU *, curl_url, (void), (), NULL)
FAILING(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy),
        (multi, easy), CURLM_OUT_OF_MEMORY)
FAILING(struct curl_slist *, curl_slist_append,
        (struct curl_slist * list, const char *text), (list, text), NULL)
