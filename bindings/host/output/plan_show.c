/* SPDX-License-Identifier: MIT */
/* A plan for people: what changes, old to new, round by round. */

#include "host/output/plan_show.h"

#include "host/output/plan_words.h"
#include "host/output/report_line.h"

#include "model/text.h"

#include <json-c/json.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A longer change gets a line for each side. */
enum { ONE_LINE = 56, VALUE_SIZE = 8192 };

struct showing {
  FILE *out;
  bool color;
  const signet_plan *plan;
};

static const char *style(const struct showing *show, enum style which)
{
  return signet_host_style(show->color, which);
}

static const char *plural(size_t count)
{
  return count == 1 ? "" : "s";
}

/* ---- the fields of one step ---- */

static void value_text(char *out, size_t size, json_object *value)
{
  const char *text =
      value == NULL ? "(none)"
      : json_object_is_type(value, json_type_string)
          ? json_object_get_string(value)
          : json_object_to_json_string_ext(
                value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  size_t length = json_object_is_type(value, json_type_string)
                      ? (size_t)json_object_get_string_len(value)
                      : strlen(text);

  if (length == 0)
    (void)snprintf(out, size, "(empty)");
  else
    (void)signet_text_escape(out, size, text, length);
}

static void show_old_new(const struct showing *show, const char *name,
                         const char *old, const char *new)
{
  const char *red = style(show, STYLE_RED), *green = style(show, STYLE_GREEN);
  const char *plain = style(show, STYLE_PLAIN);

  if (strlen(old) + strlen(new) <= ONE_LINE) {
    (void)fprintf(show->out, "      %s: %s%s%s → %s%s%s\n", name, red, old,
                  plain, green, new, plain);
  } else {
    (void)fprintf(show->out, "      %s:\n      %s- %s%s\n      %s+ %s%s\n",
                  name, red, old, plain, green, new, plain);
  }
}

static void show_one(const struct showing *show, const char *name, char sign,
                     const char *text)
{
  (void)fprintf(show->out, "      %s%c %s: %s%s\n",
                style(show, sign == '+' ? STYLE_GREEN : STYLE_RED), sign, name,
                text, style(show, STYLE_PLAIN));
}

static json_object *member_of(json_object *object, const char *name)
{
  json_object *member = NULL;

  (void)json_object_object_get_ex(object, name, &member);
  return member;
}

static bool hides_signature(json_object *after)
{
  json_object *member = member_of(after, "add_signature");

  return member != NULL && !json_object_get_boolean(member);
}

/* What a record has is compared as text: ids are digits or integers. */
static void show_change(const struct showing *show, const char *name,
                        json_object *old, json_object *new)
{
  char was[VALUE_SIZE], is[VALUE_SIZE];

  value_text(was, sizeof was, old);
  value_text(is, sizeof is, new);
  if (strcmp(was, is) != 0)
    show_old_new(show, name, was, is);
}

static void show_update(const struct showing *show, json_object *before,
                        json_object *after)
{
  bool hidden = hides_signature(after);
  const char *old_sign;

  json_object_object_foreach(after, name, value)
  {
    bool of_signature = strcmp(name, "add_signature") == 0 ||
                        strcmp(name, "sign_id") == 0 ||
                        strcmp(name, "sign_position") == 0;

    if (!of_signature || (!hidden && strcmp(name, "add_signature") != 0))
      show_change(show, name, member_of(before, name), value);
  }
  old_sign = json_object_get_string(member_of(before, "sign_id"));
  if (hidden && old_sign != NULL && *old_sign != '\0')
    show_change(show, "sign_id", member_of(before, "sign_id"), NULL);
}

/* Everything that a create writes, or that a delete loses. */
static void show_all(const struct showing *show, json_object *object, char sign)
{
  char text[VALUE_SIZE];

  json_object_object_foreach(object, name, value)
  {
    if (strcmp(name, "add_signature") == 0 ||
        (sign == '-' && (strstr(name, "_time") != NULL ||
                         json_object_get_string_len(value) == 0)))
      continue;
    value_text(text, sizeof text, value);
    show_one(show, name, sign, text);
  }
}

/* A delete of many entries is read by their names. */
static void show_fields(const struct showing *show,
                        const signet_plan_step *step, bool whole)
{
  json_object *before =
      step->before != NULL ? json_tokener_parse(step->before) : NULL;
  json_object *after =
      step->after != NULL ? json_tokener_parse(step->after) : NULL;

  if (step->verb == SIGNET_UPDATE)
    show_update(show, before, after);
  else if (step->verb == SIGNET_CREATE)
    show_all(show, after, '+');
  else if (whole)
    show_all(show, before, '-');
  (void)json_object_put(before);
  (void)json_object_put(after);
}

/* ---- steps and rounds ---- */

static void show_numbers(const struct showing *show, const char *head,
                         const size_t *numbers, size_t count)
{
  enum { SHOWN = 6 };

  if (count == 0)
    return;
  (void)fprintf(show->out, "      %s%s step%s", style(show, STYLE_DIM), head,
                plural(count));
  for (size_t i = 0; i < count && i < SHOWN; i++)
    (void)fprintf(show->out, "%s %zu", i > 0 ? "," : "", numbers[i]);
  if (count > SHOWN)
    (void)fprintf(show->out, " and %zu more", count - SHOWN);
  (void)fprintf(show->out, "%s\n", style(show, STYLE_PLAIN));
}

static void show_step(const struct showing *show, const signet_plan_step *step,
                      bool verbose)
{
  static const enum style styles[] = {STYLE_GREEN, STYLE_YELLOW, STYLE_RED};
  enum style which = styles[step->verb == SIGNET_CREATE   ? 0
                            : step->verb == SIGNET_UPDATE ? 1
                                                          : 2];
  const char *mark = signet_undo_mark_word(step->mark);

  (void)fprintf(show->out, "%5zu %s%s%s %s %s %s\"%s\"%s", step->number,
                style(show, which), signet_verb_name(step->verb),
                style(show, STYLE_PLAIN), signet_kind_word(step->kind),
                step->id, style(show, STYLE_BOLD), step->name,
                style(show, STYLE_PLAIN));
  if (*mark != '\0') {
    (void)fprintf(show->out, " [%s%s%s]", mark,
                  step->old[0] != '\0' ? ", was " : "", step->old);
  }
  if (step->outage_count > 0 && step->kind == SIGNET_SIGN) {
    (void)fprintf(show->out, " (%zu template%s can't send %s)",
                  step->outage_count, plural(step->outage_count),
                  step->verb == SIGNET_DELETE ? "from then on" : "meanwhile");
  }
  (void)fputc('\n', show->out);
  show_fields(show, step, verbose);
  if (step->assumed) {
    (void)fprintf(show->out, "      %safter its review, which is under way%s\n",
                  style(show, STYLE_DIM), style(show, STYLE_PLAIN));
  }
  if (step->assumed_sign) {
    (void)fprintf(show->out,
                  "      %safter the review of its signature, which is under "
                  "way%s\n",
                  style(show, STYLE_DIM), style(show, STYLE_PLAIN));
  }
  show_numbers(show, "after", step->needs, step->need_count);
  show_numbers(show, "after the review of", step->reviews, step->review_count);
}

static void show_round(const struct showing *show, size_t index, bool verbose)
{
  signet_plan_round round = {0};
  bool many = signet_plan_rounds(show->plan) > 1;

  (void)signet_plan_round_at(show->plan, index, &round);
  if (many) {
    (void)fprintf(show->out, "%sRound %zu%s%s\n", style(show, STYLE_BOLD),
                  index + 1, style(show, STYLE_PLAIN),
                  index > 0 ? ", when the reviews that it waits for are decided"
                            : "");
  }
  for (size_t i = 0; i < signet_plan_count(show->plan); i++) {
    const signet_plan_step *step = signet_plan_at(show->plan, i);

    if (step->round == index + 1)
      show_step(show, step, verbose);
  }
  if (many && round.reviews > 0) {
    (void)fprintf(show->out,
                  "      %zu review%s; %zu template%s can't send until then\n",
                  round.reviews, plural(round.reviews), round.outage_count,
                  plural(round.outage_count));
  }
}

static void show_totals(const struct showing *show)
{
  const signet_plan *plan = show->plan;
  struct plan_totals totals;
  size_t count = signet_plan_count(plan), rounds = signet_plan_rounds(plan);
  const char *joint = ": ";

  signet_host_plan_totals(plan, &totals);
  (void)fprintf(show->out, "%s%zu change%s", style(show, STYLE_BOLD), count,
                plural(count));
  const struct {
    size_t count;
    signet_verb verb;
  } parts[] = {{totals.creates, SIGNET_CREATE},
               {totals.updates, SIGNET_UPDATE},
               {totals.deletes, SIGNET_DELETE}};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if (parts[i].count > 0) {
      (void)fprintf(show->out, "%s%zu %s%s", joint, parts[i].count,
                    signet_verb_name(parts[i].verb), plural(parts[i].count));
      joint = ", ";
    }
  }
  (void)fprintf(show->out, "%s\n", style(show, STYLE_PLAIN));
  if (totals.reviews > 0) {
    (void)fprintf(show->out,
                  "%zu review%s in %zu round%s; templates that can't send "
                  "meanwhile: %zu\n",
                  totals.reviews, plural(totals.reviews), rounds,
                  plural(rounds), totals.outage);
  }
}

void signet_host_plan_show(struct report *report, const signet_plan *plan)
{
  char *text = NULL;
  size_t length = 0;
  struct showing show = {open_memstream(&text, &length),
                         report->host->terminal.out_color, plan};
  signet_plan_about about;

  if (show.out == NULL)
    return;
  signet_plan_describe(plan, &about);
  if (signet_plan_count(plan) == 0) {
    (void)fprintf(show.out, "Nothing would be changed.\n");
  } else {
    (void)fprintf(show.out, "Plan for %s\n", about.account);
    for (size_t i = 0; i < signet_plan_rounds(plan); i++)
      show_round(&show, i, report->verbose);
    show_totals(&show);
  }
  (void)fclose(show.out);
  signet_host_report_text(report, text, length);
  free(text);
}
