/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_RULES_H
#define SIGNET_RULES_H

/**
 * @file signet/rules.h
 * The service's rules about names, contents and ids, written once. The client
 * checks them before it sends anything; the world (and so the sandbox server)
 * checks them when a request comes in.
 *
 * A client refuses by itself only what the service's pages state beyond doubt.
 * What they leave open (is "test" forbidden inside "latest"?) is a warning
 * here and a switch in the world.
 */

#include "signet/record.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One rule of one page. The names are stable and appear in error messages. */
typedef enum signet_rule {
  SIGNET_RULE_NONE = 0,
  SIGNET_RULE_ID = 1,   /**< ids are 1 to 19 digits */
  SIGNET_RULE_UTF8 = 2, /**< text is valid UTF-8 without NUL */
  SIGNET_RULE_SIGN_NAME_REQUIRED = 3,
  SIGNET_RULE_SIGN_NAME_LENGTH = 4, /**< 2 to 60 characters */
  SIGNET_RULE_SIGN_NAME_TEXT = 5,   /**< none of 【 】 [ ] */
  SIGNET_RULE_TEMPLATE_NAME_REQUIRED = 6,
  SIGNET_RULE_TEMPLATE_NAME_LENGTH = 7, /**< up to 255 characters */
  SIGNET_RULE_TEMPLATE_TYPE = 8,        /**< required, not empty */
  SIGNET_RULE_TEMPLATE_CONTENT_REQUIRED = 9,
  SIGNET_RULE_TEMPLATE_CONTENT_TEXT = 10, /**< none of 【 】 、 [ ] 测试 */
  SIGNET_RULE_TEMPLATE_CONTENT_TEST = 11, /**< the word "test": doubtful */
  SIGNET_RULE_COUNTRY_CODES = 12,         /**< required, "CN,US" */
  SIGNET_RULE_SIGN_ID_REQUIRED = 13,      /**< add_signature needs sign_id */
  SIGNET_RULE_SIGN_POSITION = 14,         /**< add_signature needs 1 or 2 */
  SIGNET_RULE_FIELD_TYPE = 15,            /**< a field is of the wrong type */
  SIGNET_RULE_FIELD_UNKNOWN = 16,         /**< the call has no such field */
  SIGNET_RULE_NAME_INVISIBLE = 17         /**< a name shows something */
} signet_rule;

/** A broken rule, or a doubtful one. */
typedef struct signet_violation {
  signet_rule rule;  /**< which one */
  const char *field; /**< the field at fault, static text */
  char text[256];    /**< one sentence: what, and what the rule is; escaped */
} signet_violation;

/** The rule's stable name ("sign_name_length"). Static text, never NULL. */
SIGNET_API const char *signet_rule_name(signet_rule rule);

/**
 * The page of the provider's documentation that states the rule ("Create
 * Signature Configuration"). Static text; "" where the rule is signet's own.
 */
SIGNET_API const char *signet_rule_page(signet_rule rule);

/**
 * Checks an id of @p length bytes: 1 to 19 digits and nothing else, so that it
 * can stand in a path. @return false: broken, @p violation is filled.
 */
SIGNET_API bool signet_rule_check_id(const char *id, size_t length,
                                     signet_violation *violation);

/**
 * Checks the fields of a whole entry as it would be sent: a signature's
 * `sign_name`, or all fields of a template.
 * @return false: a stated rule is broken, @p violation is filled
 */
SIGNET_API bool signet_rule_check_entry(signet_kind kind,
                                        const signet_fields *fields,
                                        signet_violation *violation);

/**
 * Checks only the fields that are there, for a partial update: nothing is
 * required, but what is given must be right.
 */
SIGNET_API bool signet_rule_check_partial(signet_kind kind,
                                          const signet_fields *fields,
                                          signet_violation *violation);

/**
 * Looks for what the service may refuse although its pages are not clear.
 * @return true: @p violation holds a doubt worth showing; false: none
 */
SIGNET_API bool signet_rule_doubt(signet_kind kind, const signet_fields *fields,
                                  signet_violation *violation);

/**
 * Whether two texts are the same but for white space around them and for the
 * form in which Unicode composes their characters.
 */
SIGNET_API bool signet_text_same(const char *a, size_t a_length, const char *b,
                                 size_t b_length);

/**
 * What a person sees of a text: texts with equal skeletons look the same, or
 * nearly. Upper and lower case, full width, kinds of spaces and dashes are one,
 * what has no width is left out, and so is white space around the text.
 * @return owned by the caller: free it with signet_text_skeleton_free(); NULL:
 *         out of memory
 */
SIGNET_API char *signet_text_skeleton(const char *text, size_t length);

/** Frees what signet_text_skeleton() gave. NULL is allowed. */
SIGNET_API void signet_text_skeleton_free(char *skeleton);

/** Unicode characters (code points) in @p length bytes of valid UTF-8. */
SIGNET_API size_t signet_rule_characters(const char *text, size_t length);

#ifdef __cplusplus
}
#endif
#endif
