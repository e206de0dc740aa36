/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_LINES_H
#define SIGNET_JOB_PLAN_LINES_H

#include "job/plan/plan.h"

/** Where the first step's line begins in the text of a plan.
 * NULL: the text is not laid out so. */
const char *signet_plan_lines(const char *text, size_t length);
/** The plan without its steps, if these stand on @p lines; else the whole.
 * NULL: *problem says why; if it is NULL too, memory ran out. */
struct json_object *signet_plan_parse_head(const char *text, size_t length,
                                           const char *lines,
                                           const char **problem);
/** The step on a line; *line goes to the next one. NULL: *problem says why. */
struct json_object *signet_plan_parse_line(const char **line,
                                           const char **problem);

#endif
