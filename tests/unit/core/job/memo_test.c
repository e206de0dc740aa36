/* SPDX-License-Identifier: MIT */
/* What was done is recognised again, however its fields are ordered. */
#include "job/memo.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The entry that is taken, NULL: none. */
static const signet_memo_entry *
take(signet_memo *memo, const uint64_t digest[2], const signet_fields *fields)
{
  const signet_memo_entry *entry;
  cr_assert(signet_memo_take(memo, digest, fields, &entry));
  return entry;
}

static void digest_of(signet_verb verb, signet_kind kind, const char *target,
                      const char *after, uint64_t digest[2])
{
  cr_assert(signet_memo_digest(verb, kind, target, after, digest));
}

static bool same(signet_verb verb, signet_kind kind, const char *left,
                 const char *right)
{
  uint64_t a[2], b[2];
  digest_of(verb, kind, "1", left, a);
  digest_of(verb, kind, "1", right, b);
  return memcmp(a, b, sizeof a) == 0;
}

Test(memo, the_order_of_fields_does_not_count)
{
  cr_expect(same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":1,\"b\":\"x\"}",
                 "{\"b\":\"x\",\"a\":1}"));
  cr_expect(
      same(SIGNET_REQUEST, SIGNET_SIGN,
           "{\"method\":\"POST\",\"body\":\"{\\\"a\\\":1,\\\"b\\\":2}\"}",
           "{\"body\":\"{\\\"b\\\":2,\\\"a\\\":1}\",\"method\":\"POST\"}"));
  cr_expect(same(SIGNET_REQUEST, SIGNET_SIGN, "{\"body\":\"[1, 2]\"}",
                 "{\"body\":\"[1,2]\"}"));
  cr_expect_not(same(SIGNET_REQUEST, SIGNET_SIGN, "{\"body\":\"\"}",
                     "{\"body\":\"[]\"}"));
  cr_expect(same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":{\"x\":[1,2],\"y\":3}}",
                 "{\"a\":{\"y\":3,\"x\":[1,2]}}"));
}

Test(memo, everything_else_counts)
{
  uint64_t a[2], b[2];
  cr_expect_not(same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":1}", "{\"a\":2}"));
  cr_expect_not(same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":1}", "{\"a\":\"1\"}"));
  cr_expect_not(same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":1}", "{\"b\":1}"));
  cr_expect_not(
      same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":[1,2]}", "{\"a\":[2,1]}"));
  cr_expect_not(
      same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":[1,[2]]}", "{\"a\":[[1],2]}"));
  cr_expect_not(same(SIGNET_CREATE, SIGNET_SIGN, "{\"a\":{\"b\":1}}",
                     "{\"a\":{},\"b\":1}"));
  cr_expect_not(same(SIGNET_DELETE, SIGNET_SIGN, NULL, "{}"));
  digest_of(SIGNET_DELETE, SIGNET_SIGN, "1", NULL, a);
  digest_of(SIGNET_DELETE, SIGNET_SIGN, "12", NULL, b);
  cr_expect_neq(memcmp(a, b, sizeof a), 0);
  digest_of(SIGNET_DELETE, SIGNET_TEMPLATE, "1", NULL, b);
  cr_expect_neq(memcmp(a, b, sizeof a), 0);
}

Test(memo, an_object_of_many_fields)
{
  char left[2000] = "{", right[2000] = "{";
  for (int i = 0; i < 40; i++) {
    char member[32];
    snprintf(member, sizeof member, "%s\"f%d\":%d", i > 0 ? "," : "", i, i);
    strcat(left, member);
    snprintf(member, sizeof member, "%s\"f%d\":%d", i > 0 ? "," : "", 39 - i,
             39 - i);
    strcat(right, member);
  }
  strcat(left, "}");
  strcat(right, "}");
  cr_expect(same(SIGNET_CREATE, SIGNET_SIGN, left, right));
}

Test(memo, equal_writes_are_answered_in_order_and_once)
{
  signet_memo memo = {0};
  uint64_t digest[2];
  digest_of(SIGNET_CREATE, SIGNET_SIGN, "", "{}", digest);
  cr_assert_null(take(&memo, digest, NULL));
  for (int i = 0; i < 600; i++) {
    char answer[24];
    snprintf(answer, sizeof answer, "%d", i);
    cr_assert(
        signet_memo_add(&memo, digest, SIGNET_MEMO_DONE, i, answer, NULL));
  }
  for (int i = 0; i < 600; i++) {
    const signet_memo_entry *entry = take(&memo, digest, NULL);
    cr_assert_not_null(entry);
    cr_assert_eq(entry->number, i);
    cr_assert_eq(atoi(entry->answer), i);
  }
  cr_expect_null(take(&memo, digest, NULL));
  signet_memo_free(&memo);
}

Test(memo, different_writes_are_kept_apart)
{
  enum { COUNT = 300 };
  signet_memo memo = {0};
  uint64_t digests[COUNT][2];
  for (int i = 0; i < COUNT; i++) {
    char target[12];
    snprintf(target, sizeof target, "%d", i);
    digest_of(SIGNET_DELETE, SIGNET_SIGN, target, NULL, digests[i]);
    cr_assert(
        signet_memo_add(&memo, digests[i], SIGNET_MEMO_DONE, i, NULL, NULL));
  }
  for (int i = COUNT - 1; i >= 0; i--) {
    const signet_memo_entry *entry = take(&memo, digests[i], NULL);
    cr_assert_not_null(entry);
    cr_assert_eq(entry->number, i);
    cr_assert_null(take(&memo, digests[i], NULL));
  }
  signet_memo_free(&memo);
}

Test(memo, a_template_is_recalled_by_some_of_its_fields)
{
  signet_memo memo = {0};
  uint64_t digest[2];
  signet_fields *fields = signet_fields_new();
  cr_assert(signet_memo_compares(SIGNET_UPDATE, SIGNET_TEMPLATE));
  cr_assert_not(signet_memo_compares(SIGNET_CREATE, SIGNET_TEMPLATE));
  cr_assert_not(signet_memo_compares(SIGNET_UPDATE, SIGNET_SIGN));
  digest_of(SIGNET_UPDATE, SIGNET_TEMPLATE, "1", "anything", digest);
  cr_assert(signet_memo_add(&memo, digest, SIGNET_MEMO_DONE, 1, NULL,
                            "{\"template_name\":\"N\",\"sign_id\":\"5\"}"));
  cr_assert(signet_fields_set_string(fields, "template_name", "Other"));
  cr_expect_null(take(&memo, digest, fields));
  cr_assert(signet_fields_set_string(fields, "template_name", "N"));
  cr_assert(signet_fields_set_string(fields, "country_codes", "DE"));
  cr_expect_null(take(&memo, digest, fields));
  signet_fields_free(fields);
  fields = signet_fields_new();
  cr_assert(signet_fields_set_string(fields, "template_name", "N"));
  cr_expect_not_null(take(&memo, digest, fields));
  cr_expect_null(take(&memo, digest, fields));
  signet_fields_free(fields);
  signet_memo_free(&memo);
}
