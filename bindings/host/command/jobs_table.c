/* SPDX-License-Identifier: MIT */
#include "host/command/jobs_table.h"

#include "host/output/progress.h"
#include "model/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum column { JOB, WHEN, TYPE, NAME, STATE, WRITES, ENTRIES, ACCOUNT, COLUMNS };
enum { CELL = 200, NAME_MINIMUM = 8 };

typedef char row[COLUMNS][CELL];

struct table {
  row *rows; /* the head first */
  size_t count;
  size_t widths[COLUMNS];
  bool hidden[COLUMNS];
};

/* --- cells --- */

void signet_host_jobs_entries(const signet_job_counts *counts, char *out,
                              size_t size)
{
  const int64_t parts[] = SIGNET_HOST_COUNTS(counts);
  size_t length = 0;

  (void)snprintf(out, size, "-");
  for (int i = SIGNET_STEP_DONE; i <= SIGNET_STEP_WAITING; i++) {
    if (parts[i] != 0 && length < size) {
      length +=
          (size_t)snprintf(out + length, size - length, "%s%" PRId64 " %s",
                           length > 0 ? ", " : "", parts[i],
                           signet_plan_result_name((signet_plan_result)i));
    }
  }
}

/* "configs 127.0.0.1:8080 abcdef…": what tells accounts apart at a glance. */
static void short_account(char *out, size_t size, const char *account)
{
  char dialect[16] = "", url[120] = "", key[80] = "";
  const char *host;

  if (sscanf(account, "%15s %119s key %79s", dialect, url, key) != 3) {
    signet_text_escape(out, size, account, strlen(account));
    return;
  }
  host = strstr(url, "://");
  (void)snprintf(out, size, "%s %s %.6s%s", dialect,
                 host != NULL ? host + 3 : url, key,
                 strlen(key) > 6 ? "\xe2\x80\xa6" : "");
}

static void fill_row(row cells, const signet_job_view *job)
{
  (void)snprintf(cells[JOB], CELL, "%s", job->id);
  signet_host_job_time(cells[WHEN], CELL, job->started_ms);
  (void)snprintf(cells[TYPE], CELL, "%s", job->type);
  signet_text_escape(cells[NAME], CELL, job->name, strlen(job->name));
  (void)snprintf(cells[STATE], CELL, "%s", job->state);
  (void)snprintf(cells[WRITES], CELL, "%" PRId64, job->writes);
  signet_host_jobs_entries(&job->counts, cells[ENTRIES], CELL);
  short_account(cells[ACCOUNT], CELL, job->account);
}

static void fill(struct table *table, const signet_jobs *jobs)
{
  static const row head = {"JOB",   "WHEN",   "TYPE",    "NAME",
                           "STATE", "WRITES", "ENTRIES", "ACCOUNT"};

  memcpy(table->rows[table->count++], head, sizeof head);
  for (size_t i = 0; i < signet_jobs_count(jobs); i++)
    fill_row(table->rows[table->count++], signet_jobs_at(jobs, i));
}

/* --- widths --- */

static size_t width_of(const char *text)
{
  char out[CELL];

  return signet_host_fit(out, sizeof out, text, CELL);
}

static void measure(struct table *table)
{
  for (size_t i = 0; i < table->count; i++) {
    for (size_t k = 0; k < COLUMNS; k++) {
      size_t width = width_of(table->rows[i][k]);

      table->widths[k] = width > table->widths[k] ? width : table->widths[k];
    }
  }
}

static size_t total(const struct table *table)
{
  size_t columns = 0;

  for (size_t k = 0; k < COLUMNS; k++)
    columns += table->hidden[k] ? 0 : table->widths[k] + 2;
  return columns - 2;
}

/* Leaves out what tells least, then shortens the names. */
static void narrow(struct table *table, size_t columns)
{
  static const enum column least[] = {ACCOUNT, TYPE, WHEN};
  size_t over;

  for (size_t i = 0; i < sizeof least / sizeof least[0]; i++)
    if (total(table) > columns)
      table->hidden[least[i]] = true;
  over = total(table) > columns ? total(table) - columns : 0;
  if (over > 0 && table->widths[NAME] > NAME_MINIMUM) {
    size_t width = table->widths[NAME];

    table->widths[NAME] =
        width > NAME_MINIMUM + over ? width - over : NAME_MINIMUM;
  }
}

/* --- printing --- */

static void print_cell(const struct table *table, size_t index, size_t column,
                       bool first, bool last)
{
  char text[CELL];
  const char *cell = table->rows[index][column];
  size_t width = table->widths[column], space;

  if (width_of(cell) > width) {
    size_t taken = signet_host_fit(text, sizeof text - 4, cell, width - 1);

    (void)strcat(text, "\xe2\x80\xa6");
    space = width - taken - 1;
  } else {
    (void)snprintf(text, sizeof text, "%s", cell);
    space = width - width_of(cell);
  }
  (void)printf("%s%*s%s%*s", first ? "" : "  ",
               column == WRITES ? (int)space : 0, "", text,
               column == WRITES || last ? 0 : (int)space, "");
}

static void print_row(const struct table *table, size_t index)
{
  size_t last = COLUMNS - 1;

  while (table->hidden[last])
    last--;
  for (size_t k = 0; k < COLUMNS; k++)
    if (!table->hidden[k])
      print_cell(table, index, k, k == 0, k == last);
  (void)putchar('\n');
}

bool signet_host_jobs_table(const struct host *host, const signet_jobs *jobs)
{
  struct table table = {0};
  bool color = host->terminal.out_color;

  table.rows = calloc(signet_jobs_count(jobs) + 1, sizeof(row));
  if (table.rows == NULL)
    return false;
  fill(&table, jobs);
  measure(&table);
  if (host->terminal.out_tty)
    narrow(&table, signet_host_columns());
  for (size_t i = 0; table.count > 1 && i < table.count; i++) {
    (void)fputs(signet_host_style(color && i == 0, STYLE_BOLD), stdout);
    print_row(&table, i);
    (void)fputs(signet_host_style(color && i == 0, STYLE_PLAIN), stdout);
  }
  free(table.rows);
  return true;
}
