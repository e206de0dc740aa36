/* SPDX-License-Identifier: MIT */
/* Buffers with a maximum, and arenas. */
#include "model/arena.h"
#include "model/buffer.h"
#include "model/memory.h"

#include <criterion/criterion.h>

#include <stdint.h>
#include <string.h>

TestSuite(buffer);
TestSuite(arena);
TestSuite(memory);

Test(buffer, holds_exactly_its_maximum)
{
  for (size_t maximum = 0; maximum <= 300; maximum++) {
    signet_buffer buffer;
    signet_buffer_init(&buffer, maximum);
    for (size_t i = 0; i < maximum; i++)
      cr_assert(signet_buffer_append(&buffer, "x", 1), "byte %zu of %zu", i,
                maximum);
    cr_assert_not(signet_buffer_append(&buffer, "x", 1), "%zu", maximum);
    cr_assert_eq(buffer.length, maximum);
    cr_assert(buffer.failed);
    signet_buffer_free(&buffer);
  }
}

Test(buffer, one_append_over_the_maximum_adds_nothing)
{
  signet_buffer buffer;
  signet_buffer_init(&buffer, 8);
  cr_expect(signet_buffer_string(&buffer, "four"));
  cr_expect_not(signet_buffer_append(&buffer, "fives", 5));
  cr_expect_str_eq(buffer.data, "four");
  cr_expect_not(signet_buffer_append(&buffer, "x", SIZE_MAX));
  signet_buffer_free(&buffer);
}

Test(buffer, remembers_a_failure_until_it_is_cleared)
{
  signet_buffer buffer;
  size_t length;
  signet_buffer_init(&buffer, 4);
  cr_expect_not(signet_buffer_string(&buffer, "12345"));
  cr_expect_not(signet_buffer_string(&buffer, "1"));
  cr_expect_not(signet_buffer_format(&buffer, "%d", 1));
  cr_expect_eq(buffer.length, 0);
  signet_buffer_clear(&buffer);
  cr_expect(signet_buffer_format(&buffer, "%d", 1234));
  cr_expect_str_eq(buffer.data, "1234");
  cr_expect_not(signet_buffer_format(&buffer, "%d", 5));
  cr_expect_null(signet_buffer_take(&buffer, &length));
  cr_expect_not(buffer.failed);
}

Test(buffer, grows_and_always_ends_with_nul)
{
  signet_buffer buffer;
  signet_buffer_init(&buffer, 100000);
  for (size_t i = 0; i < 10000; i++) {
    cr_assert(signet_buffer_format(&buffer, "%04zu,", i));
    cr_assert_eq(buffer.data[buffer.length], '\0');
    cr_assert_lt(buffer.length, buffer.capacity);
  }
  cr_expect_eq(buffer.length, 50000);
  cr_expect_eq(memcmp(buffer.data + 49995, "9999,", 6), 0);
  cr_expect_leq(buffer.capacity, buffer.maximum + 1);
  signet_buffer_free(&buffer);
  cr_expect_null(buffer.data);
  cr_expect_eq(buffer.maximum, 100000);
}

Test(buffer, keeps_nul_bytes)
{
  signet_buffer buffer;
  signet_buffer_init(&buffer, 16);
  cr_expect(signet_buffer_append(&buffer, "a\0b", 3));
  cr_expect_eq(buffer.length, 3);
  cr_expect_eq(memcmp(buffer.data, "a\0b", 4), 0);
  signet_buffer_free(&buffer);
}

Test(buffer, take_hands_over_and_starts_anew)
{
  signet_buffer buffer;
  size_t length = 99;
  signet_buffer_init(&buffer, 16);
  char *text = signet_buffer_take(&buffer, &length);
  cr_assert_not_null(text); /* nothing appended: the empty text */
  cr_expect_str_eq(text, "");
  cr_expect_eq(length, 0);
  signet_memory_free(text);
  signet_buffer_string(&buffer, "words");
  text = signet_buffer_take(&buffer, &length);
  cr_expect_str_eq(text, "words");
  cr_expect_eq(length, 5);
  cr_expect_null(buffer.data);
  cr_expect_eq(buffer.length, 0);
  signet_memory_free(text);
}

static bool is_aligned(const void *place, size_t alignment)
{
  return (uintptr_t)place % alignment == 0;
}

Test(arena, gives_aligned_memory_that_does_not_overlap)
{
  signet_arena arena = {0};
  enum { PIECES = 2000 };
  static char *pieces[PIECES];
  for (size_t i = 0; i < PIECES; i++) {
    size_t size = i % 97 + 1;
    bool text = i % 3 == 0;
    pieces[i] = text ? signet_arena_text(&arena, size)
                     : signet_arena_allocate(&arena, size);
    cr_assert_not_null(pieces[i]);
    cr_assert(is_aligned(pieces[i], text ? 4 : 8), "piece %zu", i);
    memset(pieces[i], (int)(i % 251), size);
  }
  for (size_t i = 0; i < PIECES; i++)
    for (size_t k = 0; k < i % 97 + 1; k++)
      cr_assert_eq((uint8_t)pieces[i][k], i % 251, "piece %zu", i);
  signet_arena_free(&arena);
  cr_expect_eq(arena.total, 0);
}

Test(arena, refuses_what_can_not_be)
{
  signet_arena arena = {0};
  cr_expect_null(signet_arena_allocate(&arena, SIZE_MAX));
  cr_expect_null(signet_arena_allocate(&arena, SIZE_MAX / 2 + 1));
  cr_expect_null(signet_arena_text(&arena, SIZE_MAX - 7));
  cr_expect_eq(arena.total, 0);
  cr_expect_not_null(signet_arena_allocate(&arena, (size_t)3 << 20));
  cr_expect_not_null(signet_arena_allocate(&arena, 1));
  signet_arena_free(&arena);
}

Test(arena, rewinds_over_chunks)
{
  signet_arena arena = {0};
  signet_arena_mark start = signet_arena_here(&arena);
  char *kept = signet_arena_allocate(&arena, 100);
  memset(kept, 'k', 100);
  signet_arena_mark mark = signet_arena_here(&arena);
  size_t total = arena.total;
  char *first = signet_arena_allocate(&arena, 8);
  for (int i = 0; i < 100; i++)
    memset(signet_arena_allocate(&arena, 1000), 'x', 1000);
  cr_expect_gt(arena.total, total);
  signet_arena_rewind(&arena, mark);
  cr_expect_eq(arena.total, total);
  cr_expect_eq(signet_arena_allocate(&arena, 8), first,
               "the place isn't used again");
  for (size_t i = 0; i < 100; i++)
    cr_expect_eq(kept[i], 'k');
  signet_arena_rewind(&arena, start);
  cr_expect_eq(arena.total, 0);
  cr_expect_null(arena.chunks);
}

Test(memory, overflow_is_no_memory)
{
  cr_expect_null(signet_memory_zeroed(SIZE_MAX, 2));
  cr_expect_null(signet_memory_zeroed(SIZE_MAX / 2 + 1, 2));
  cr_expect_null(signet_memory_zeroed(SIZE_MAX, 1));
  cr_expect_null(signet_memory_resize(NULL, SIZE_MAX / 8, 16));
  cr_expect_null(signet_memory_text("x", SIZE_MAX));
  signet_memory_free(NULL);
}

Test(memory, text_is_copied_with_its_nul_bytes)
{
  char *copy = signet_memory_text("a\0b", 3);
  cr_assert_eq(memcmp(copy, "a\0b", 4), 0);
  signet_memory_wipe(copy, 3);
  cr_assert_eq(memcmp(copy, "\0\0\0", 4), 0);
  signet_memory_wipe(NULL, 3);
  signet_memory_free(copy);
}
