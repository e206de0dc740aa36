/* SPDX-License-Identifier: MIT */
/* What was written to the copy, in order, with what a plan has to know. */
#include "overlay/log.h"

#include "model/list.h"
#include "model/memory.h"
#include "wire/json_write.h"
#include "world/entry.h"
#include "world/record.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAXIMUM = 4 << 20 };

void signet_overlay_write_free(signet_overlay_write *write)
{
  signet_memory_free(write->before);
  signet_memory_free(write->after);
  signet_memory_free(write->outage);
  *write = (signet_overlay_write){0};
}

signet_entry *signet_overlay_entry(const signet_overlay *overlay,
                                   signet_kind kind, const char *id)
{
  int64_t number;
  if (!signet_entry_id_parse(id, strlen(id), &number))
    return NULL;
  return signet_world_find(overlay->world, kind, number);
}

static char *record_text(const signet_overlay *overlay,
                         const signet_entry *entry)
{
  signet_buffer text;
  size_t length;
  signet_list *list = signet_list_new(entry->kind);
  const signet_record *record =
      list != NULL
          ? signet_world_record(overlay->world, overlay->dialect, entry, list)
          : NULL;
  signet_buffer_init(&text, TEXT_MAXIMUM);
  if (record != NULL)
    signet_json_write_record(&text, record);
  signet_list_release(list);
  return record != NULL ? signet_buffer_take(&text, &length) : NULL;
}

/* A template can send when it and its signature, if any, are approved. */
static bool can_send(const signet_overlay *overlay, const signet_entry *entry)
{
  const signet_entry *sign;
  if (entry->status != SIGNET_STATUS_APPROVED)
    return false;
  if (entry->sign_id == 0)
    return true;
  sign = signet_world_find(overlay->world, SIGNET_SIGN, entry->sign_id);
  return sign == NULL || sign->status == SIGNET_STATUS_APPROVED;
}

static bool note_outage(const signet_overlay *overlay,
                        const signet_entry *entry, signet_overlay_write *write)
{
  size_t room =
      entry->kind == SIGNET_TEMPLATE
          ? 1
          : (size_t)(entry->related_templates > 0 ? entry->related_templates
                                                  : 0);
  if (room == 0)
    return true;
  write->outage = signet_memory_zeroed(room, sizeof write->outage[0]);
  if (write->outage == NULL)
    return false;
  if (entry->kind == SIGNET_TEMPLATE) {
    if (can_send(overlay, entry))
      write->outage[write->outage_count++] = entry->id;
    return true;
  }
  for (const signet_entry *at = entry->first_user; at != NULL;
       at = at->next_user)
    if (can_send(overlay, at))
      write->outage[write->outage_count++] = at->id;
  return true;
}

/* Of what is undecided, room for one more too. */
static bool reserve(signet_overlay *overlay)
{
  if (overlay->undecided_count == overlay->undecided_capacity) {
    size_t room =
        overlay->undecided_capacity > 0 ? overlay->undecided_capacity * 2 : 64;
    signet_overlay_place *undecided =
        signet_memory_resize(overlay->undecided, room, sizeof undecided[0]);
    if (undecided == NULL)
      return false;
    overlay->undecided = undecided;
    overlay->undecided_capacity = room;
  }
  if (overlay->write_count < overlay->write_capacity)
    return true;
  size_t capacity =
      overlay->write_capacity > 0 ? overlay->write_capacity * 2 : 64;
  signet_overlay_write *writes =
      signet_memory_resize(overlay->writes, capacity, sizeof writes[0]);
  if (writes == NULL)
    return false;
  overlay->writes = writes;
  overlay->write_capacity = capacity;
  return true;
}

static bool note_after(const signet_step *step, signet_overlay_write *write)
{
  signet_buffer text;
  size_t length;
  if (step->request.verb == SIGNET_DELETE)
    return true;
  signet_buffer_init(&text, TEXT_MAXIMUM);
  signet_json_write_fields(&text, step->request.fields);
  write->after = signet_buffer_take(&text, &length);
  return write->after != NULL;
}

static bool note_before(const signet_overlay *overlay,
                        const signet_entry *entry, signet_overlay_write *write)
{
  /* A signature that is gone keeps its templates from sending for good. */
  bool outage = write->verb == SIGNET_UPDATE || entry->kind == SIGNET_SIGN;
  write->assumed = entry->mark == SIGNET_OVERLAY_ASSUMED;
  write->before = record_text(overlay, entry);
  return write->before != NULL &&
         (!outage || !signet_dialect_row_of(overlay->dialect)->reviews ||
          note_outage(overlay, entry, write));
}

/* Whether a review that was under way before decided about the signature that a
 * template is to show. */
static bool assumes_sign(const signet_overlay *overlay, const signet_step *step)
{
  signet_value value;
  char id[SIGNET_ID_SIZE] = "";
  if (step->request.kind != SIGNET_TEMPLATE ||
      step->request.verb == SIGNET_DELETE ||
      !signet_fields_get(step->request.fields, "sign_id", &value) ||
      value.type != SIGNET_STRING || value.as.text.length >= sizeof id)
    return false;
  memcpy(id, value.as.text.data, value.as.text.length);
  const signet_entry *sign = signet_overlay_entry(overlay, SIGNET_SIGN, id);
  return sign != NULL && sign->mark == SIGNET_OVERLAY_ASSUMED;
}

bool signet_overlay_log_begin(signet_overlay *overlay, const signet_step *step,
                              signet_overlay_write *write)
{
  *write = (signet_overlay_write){.verb = step->request.verb,
                                  .kind = step->request.kind,
                                  .jumps = overlay->jumps};
  /* Where there is no entry, the copy will say so. */
  const signet_entry *entry =
      step->request.verb != SIGNET_CREATE
          ? signet_overlay_entry(overlay, step->request.kind, step->request.id)
          : NULL;
  write->assumed_sign = assumes_sign(overlay, step);
  return reserve(overlay) && note_after(step, write) &&
         (entry == NULL || note_before(overlay, entry, write));
}

void signet_overlay_log_end(signet_overlay *overlay, const signet_step *step,
                            signet_overlay_write *write)
{
  if (step->request.verb == SIGNET_CREATE)
    signet_record_id(signet_list_at(step->result.list, 0), write->id,
                     sizeof write->id);
  else
    snprintf(write->id, sizeof write->id, "%s", step->request.id);
  signet_entry *entry =
      signet_overlay_entry(overlay, step->request.kind, write->id);
  write->review = entry != NULL && entry->status == SIGNET_STATUS_PENDING &&
                  signet_dialect_row_of(overlay->dialect)->reviews;
  overlay->writes[overlay->write_count++] = *write;
  if (entry == NULL)
    return;
  entry->mark = overlay->write_count;
  if (entry->status == SIGNET_STATUS_PENDING)
    overlay->undecided[overlay->undecided_count++] =
        (signet_overlay_place){entry->kind, entry->id};
}
