/* SPDX-License-Identifier: MIT */
/* What was last read of each entry. */
#include "account/images.h"
#include "model/fields.h"
#include "model/list.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(images);

static signet_list *list_of(const char *const *ids, size_t count)
{
  signet_list *list = signet_list_new(SIGNET_SIGN);
  for (size_t i = 0; i < count; i++) {
    signet_value id = signet_value_text(ids[i], strlen(ids[i]));
    signet_list_begin(list);
    signet_list_add(list, "sign_id", 7, &id);
    cr_assert_not_null(signet_list_end(list));
  }
  return list;
}

static void keep(signet_images *images, const char *id, uint64_t order)
{
  signet_list *list = list_of(&id, 1);
  signet_images_keep(images, list, order, 0);
  signet_list_release(list);
}

Test(images, the_last_read_is_found_until_it_is_forgotten)
{
  signet_images images = {0};
  cr_expect_null(signet_images_find(&images, "1", NULL));
  cr_expect_not(signet_images_seen(&images, "1", 100));
  keep(&images, "1", 50);
  keep(&images, "9999999999999999999", 50);
  keep(&images, "1", 70);
  const signet_record *record = signet_images_find(&images, "1", NULL);
  cr_assert_not_null(record);
  cr_expect_str_eq(signet_record_string(record, "sign_id"), "1");
  cr_expect_not_null(signet_images_find(&images, "9999999999999999999", NULL));
  signet_images_forget(&images, "1");
  signet_images_forget(&images, "2");
  cr_expect_null(signet_images_find(&images, "1", NULL));
  cr_expect(signet_images_seen(&images, "1", 51), "since it was first read");
  cr_expect_not(signet_images_seen(&images, "1", 50));
  cr_expect_not(signet_images_seen(&images, "2", 51));
  signet_images_free(&images);
}

Test(images, of_many_each_is_found)
{
  enum { MANY = 5000 };
  signet_images images = {0};
  char id[24];
  for (int i = 1; i <= MANY; i++) {
    snprintf(id, sizeof id, "%d", i * 4096);
    keep(&images, id, 1);
  }
  for (int i = 1; i <= MANY; i++) {
    snprintf(id, sizeof id, "%d", i * 4096);
    const signet_record *record = signet_images_find(&images, id, NULL);
    cr_assert_not_null(record, "%s", id);
    cr_expect_str_eq(signet_record_string(record, "sign_id"), id);
    snprintf(id, sizeof id, "%d", i * 4096 + 1);
    cr_expect_null(signet_images_find(&images, id, NULL));
  }
  signet_images_free(&images);
}

/* Another entry's image must never stand in for it, and what can't be said to
 * be new must not be taken for new. */
Test(images, an_id_that_is_not_kept_counts_as_seen)
{
  static const char *const odd[] = {"01", "0", "0000000000000000001"};
  for (size_t i = 0; i < 3; i++) {
    signet_images images = {0};
    keep(&images, "1", 10);
    keep(&images, odd[i], 10);
    cr_expect_null(signet_images_find(&images, odd[i], NULL));
    cr_expect_not_null(signet_images_find(&images, "1", NULL));
    cr_expect(signet_images_seen(&images, odd[i], 11), "%s", odd[i]);
    signet_images_free(&images);
  }
}

/* A record without a usable id is no entry; one whose id can't be kept as a
 * number leaves open what was seen. */
Test(images, ids_that_are_no_numbers_are_not_kept)
{
  static const char *const ids[] = {"18446744073709551616",
                                    "18446744073709551620",
                                    "99999999999999999999999",
                                    "12x",
                                    ":1",
                                    "/1",
                                    "012"};
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    signet_images images = {0};
    cr_expect_not(signet_images_seen(&images, ids[i], 100), "%s", ids[i]);
    keep(&images, ids[i], 50);
    cr_expect_null(signet_images_find(&images, ids[i], NULL), "%s", ids[i]);
    cr_expect_eq(signet_images_seen(&images, "7", 100), ids[i][0] == '0', "%s",
                 ids[i]);
    signet_images_free(&images);
  }
}
