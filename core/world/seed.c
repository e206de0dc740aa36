/* SPDX-License-Identifier: MIT */
/* A plausible account: companies with their branches, templates for orders,
 * codes and offers, most of it approved, some of it waiting or rejected. */
#include "world/entry.h"
#include "world/review.h"

#include "model/memory.h"
#include "world/seed_words.h"

#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum {
  NAME_SIZE = 160,
  OLDEST_DAYS = 540,  /* entries were made within the last year and a half */
  REJECTED_EVERY = 7, /* so that even a small account has all three states */
  REJECTED_FIRST = 3,
  PENDING_EVERY = 12,
  PENDING_FIRST = 5,
  SIGNED_PERCENT = 75 /* templates that show a signature */
};

static const int64_t DAY_MS = INT64_C(86400000);
static const int64_t WITHOUT_CLOCK_MS = INT64_C(1735689600000); /* 2025 */

typedef struct dice {
  uint64_t state;
} dice;

/* splitmix64: the same numbers on every machine. */
static uint64_t roll(dice *numbers)
{
  numbers->state += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t x = numbers->state;
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static size_t below(dice *numbers, size_t count)
{
  return (size_t)(roll(numbers) % count);
}

static bool set_text(signet_world_text *text, const char *data)
{
  return signet_world_text_set(text, data, strlen(data));
}

static int64_t status_of(size_t number)
{
  if (number % REJECTED_EVERY == REJECTED_FIRST)
    return SIGNET_STATUS_REJECTED;
  return number % PENDING_EVERY == PENDING_FIRST ? SIGNET_STATUS_PENDING
                                                 : SIGNET_STATUS_APPROVED;
}

static bool set_review(signet_world *world, signet_entry *entry, dice *numbers,
                       size_t number, const char *remark)
{
  int64_t now = world->now_ms > 0 ? world->now_ms : WITHOUT_CLOCK_MS;
  int64_t age = (int64_t)below(numbers, OLDEST_DAYS) * DAY_MS +
                (int64_t)below(numbers, (size_t)DAY_MS);
  entry->created_ms = now - age;
  entry->updated_ms =
      entry->created_ms + (int64_t)below(numbers, (size_t)age / 2 + 1);
  entry->submitted_ms = entry->updated_ms;
  entry->status = status_of(number);
  return entry->status != SIGNET_STATUS_REJECTED ||
         set_text(&entry->remark, remark);
}

/* Company, company with a branch, and then with a number too. */
static void sign_name(char *name, size_t size, size_t number)
{
  size_t companies = COUNT_OF(seed_companies);
  size_t branches = COUNT_OF(seed_branches);
  const char *company = seed_companies[number % companies];
  size_t round = number / companies;
  if (round == 0)
    snprintf(name, size, "%s", company);
  else if (round <= branches)
    snprintf(name, size, "%s %s", company, seed_branches[round - 1]);
  else
    snprintf(name, size, "%s %s %zu", company,
             seed_branches[(round - 1) % branches], (round - 1) / branches + 1);
}

static bool take_in(signet_world *world, signet_entry *entry)
{
  entry->id = world->next_id;
  if (!signet_world_add(world, entry))
    return false;
  world->next_id++;
  signet_world_schedule(world, entry);
  return true;
}

static bool seed_sign(signet_world *world, dice *numbers, size_t number)
{
  char name[NAME_SIZE];
  sign_name(name, sizeof name, number);
  const char *remark =
      seed_sign_remarks[below(numbers, COUNT_OF(seed_sign_remarks))];
  if (signet_world_find_name(world, name, strlen(name)) != NULL)
    return true; /* seeded twice: the signature is there */
  signet_entry *entry = signet_entry_new(SIGNET_SIGN);
  if (entry != NULL && set_text(&entry->name, name) &&
      set_review(world, entry, numbers, number, remark) &&
      take_in(world, entry))
    return true;
  signet_entry_free(entry);
  return false;
}

static bool set_content(signet_entry *entry, dice *numbers, size_t number)
{
  char name[NAME_SIZE];
  size_t chosen = below(numbers, COUNT_OF(seed_templates));
  size_t country = below(numbers, COUNT_OF(seed_countries));
  snprintf(name, sizeof name, "%s %zu", seed_templates[chosen].name,
           number + 1);
  return set_text(&entry->name, name) &&
         set_text(&entry->type, seed_templates[chosen].type) &&
         set_text(&entry->content, seed_templates[chosen].content) &&
         set_text(&entry->countries, seed_countries[country]);
}

/* Few signatures have many templates, as in real accounts. */
static void set_signature(signet_entry *entry, dice *numbers,
                          signet_entry *const *signs, size_t sign_count)
{
  size_t percent = below(numbers, 100);
  size_t first = below(numbers, sign_count > 0 ? sign_count : 1);
  size_t chosen = below(numbers, first + 1);
  size_t suffix = below(numbers, 3);
  if (sign_count == 0 || percent >= SIGNED_PERCENT)
    return;
  entry->sign_id = signs[chosen]->id;
  entry->sign_position =
      suffix == 0 ? SIGNET_POSITION_SUFFIX : SIGNET_POSITION_PREFIX;
}

static bool seed_template(signet_world *world, dice *numbers, size_t number,
                          signet_entry *const *signs, size_t sign_count)
{
  const char *remark =
      seed_template_remarks[below(numbers, COUNT_OF(seed_template_remarks))];
  signet_entry *entry = signet_entry_new(SIGNET_TEMPLATE);
  if (entry != NULL && set_content(entry, numbers, number) &&
      set_review(world, entry, numbers, number, remark)) {
    set_signature(entry, numbers, signs, sign_count);
    if (take_in(world, entry))
      return true;
  }
  signet_entry_free(entry);
  return false;
}

bool signet_world_seed(signet_world *world, unsigned signs, unsigned templates,
                       uint64_t seed)
{
  dice numbers = {seed};
  bool done = true;
  for (size_t i = 0; done && i < signs; i++)
    done = seed_sign(world, &numbers, i);
  size_t count = world->shelves[SIGNET_SIGN].count;
  signet_entry **all = signet_memory_zeroed(count + 1, sizeof(signet_entry *));
  if (!done || all == NULL) {
    signet_memory_free(all);
    return false;
  }
  size_t used = 0;
  for (signet_entry *sign = world->shelves[SIGNET_SIGN].first; sign != NULL;
       sign = sign->next)
    all[used++] = sign;
  for (size_t i = 0; done && i < templates; i++)
    done = seed_template(world, &numbers, i, all, used);
  signet_memory_free(all);
  return done;
}
