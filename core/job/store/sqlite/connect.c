/* SPDX-License-Identifier: MIT */
/* The connection to a journal: one, exclusive, checked and up to date. */

#include "job/store/sqlite/connect.h"

#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/migrate.h"

#include "model/clock.h"
#include "model/error_fill.h"
#include "model/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "sgnt", in the header of the file: the mark of a journal. */
#define APPLICATION_ID 0x73676e74
/* "sgnu": the same, of one that is in use, and so has a log. */
#define IN_USE_ID 0x73676e75

/* See batch.h for what a batch is, and SIGNET_STORE_BATCH_BITS for its
 * number; `last` is the highest number of the job's writes up to it. */
#define SCRIPTS                                                              \
  "CREATE TABLE scripts (number INTEGER PRIMARY KEY, content BLOB NOT NULL)" \
  " STRICT;"
#define BATCHES                                                              \
  "CREATE TABLE batches (number INTEGER PRIMARY KEY, last INTEGER NOT NULL," \
  " content BLOB NOT NULL) STRICT;"

static const char schema[] =
    "CREATE TABLE jobs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " type TEXT, state TEXT, name TEXT, arguments TEXT, account TEXT,"
    " parent TEXT, started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,"
    " done INTEGER NOT NULL, failed INTEGER NOT NULL, skipped INTEGER NOT NULL,"
    " unknown INTEGER NOT NULL, waiting INTEGER NOT NULL) STRICT;"
    "CREATE TABLE steps (job INTEGER NOT NULL, name TEXT NOT NULL,"
    " value TEXT NOT NULL, PRIMARY KEY (job, name)) STRICT, WITHOUT "
    "ROWID;" SCRIPTS BATCHES;

/* Versions before 5 kept the script with the job, whose every change wrote it
 * again. */
static const char move_scripts[] =
    SCRIPTS "INSERT INTO scripts (number, content)"
            " SELECT number << 32, CAST(script AS BLOB) FROM jobs"
            " WHERE length(script) > 0;"
            "ALTER TABLE jobs DROP COLUMN script;";

/* Version 1 had a row for each write; the batches of version 2 never know the
 * service's time, and those of version 3 are no chain. */
enum { SCHEMA_VERSION = 5, CHAINED_VERSION = 4 };

/* The lock comes first: entered with it, WAL mode keeps its index in memory,
 * and no third file and no other process are involved. The first statement that
 * reads is the one for `synchronous`. In pages of 8 KB less is left over beside
 * rows of some kilobytes than in those of 4 KB. Rows are added at the end and
 * read one after the other: a larger cache would only be memory. */
static const char settings[] = "PRAGMA locking_mode=EXCLUSIVE;"
                               "PRAGMA page_size=8192;"
                               "PRAGMA cell_size_check=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA cache_size=-512;"
                               "PRAGMA foreign_keys=OFF;"
                               "PRAGMA synchronous=FULL;";

/* After a large transaction the log is cut back to twice what log.c lets
 * it have. */
static const char log_settings[] = "PRAGMA journal_size_limit=16777216;";

/* The first column of a statement's first row. */
static int read_number(sqlite3 *database, const char *sql, int64_t *number)
{
  sqlite3_stmt *statement;
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);

  if (code != SQLITE_OK)
    return code;
  if (sqlite3_step(statement) == SQLITE_ROW)
    *number = sqlite3_column_int64(statement, 0);
  return sqlite3_finalize(statement);
}

/* Whether that column is a certain text; else `found` has what it is. */
static int read_text(sqlite3 *database, const char *sql, const char *expected,
                     char *found, size_t size)
{
  sqlite3_stmt *statement;
  const char *text = NULL;
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);

  if (code != SQLITE_OK)
    return code;
  *found = '\0';
  if (sqlite3_step(statement) == SQLITE_ROW)
    text = (const char *)sqlite3_column_text(statement, 0);
  if (text == NULL || strcmp(text, expected) != 0) {
    (void)signet_text_escape(found, size, text != NULL ? text : "nothing",
                             text != NULL ? strlen(text) : 7);
  }
  return sqlite3_finalize(statement);
}

static bool check_version(sqlite3 *database, const char *shown,
                          int64_t *version, bool *used, signet_error *error)
{
  int64_t application = 0, objects = 0;
  int code =
      read_number(database, "SELECT count(*) FROM sqlite_schema", &objects);

  if (code == SQLITE_OK)
    code = read_number(database, "PRAGMA application_id", &application);
  if (code == SQLITE_OK)
    code = read_number(database, "PRAGMA user_version", version);
  if (code != SQLITE_OK)
    return signet_store_explain(database, code, shown, error);
  *used = application == IN_USE_ID;
  if (application != APPLICATION_ID && !*used &&
      (application != 0 || *version != 0 || objects != 0)) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "%s is another program's database: name another "
                            "file for the journal",
                            shown);
  }
  if (*version < 0 || *version > SCHEMA_VERSION) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "the journal %s has version %lld, this program "
                            "knows up to %d: use the newer one that wrote it",
                            shown, (long long)*version, (int)SCHEMA_VERSION);
  }
  return true;
}

static bool enter_log(sqlite3 *database, const char *shown, signet_error *error)
{
  char mode[40];
  int code =
      read_text(database, "PRAGMA journal_mode=WAL", "wal", mode, sizeof mode);

  if (code == SQLITE_OK && *mode == '\0')
    code = sqlite3_exec(database, log_settings, NULL, NULL, NULL);
  if (code != SQLITE_OK)
    return signet_store_explain(database, code, shown, error);
  return *mode == '\0' ||
         signet_error_set(error, SIGNET_ERROR_STORE,
                          "the journal %s can't have a write-ahead log, its "
                          "mode stays \"%s\": keep it on another file system",
                          shown, mode);
}

static bool refuse_content(const signet_store_file *file, const char *problem,
                           signet_error *error)
{
  return signet_error_set(error, SIGNET_ERROR_STORE,
                          "the journal %s is damaged (%s): move it away, or "
                          "put a copy in its place",
                          file->shown, problem);
}

/* SQLite reads what is missing of the last page as zeros. While the log holds
 * pages the file may lack them: a crash can have come between. */
static bool is_whole(sqlite3 *database, const signet_store_file *file,
                     signet_error *error)
{
  char log_path[PATH_MAX + 8];
  struct stat status, log;
  int64_t count = 0, size = 0;
  int code = read_number(database, "PRAGMA page_count", &count);

  if (code == SQLITE_OK)
    code = read_number(database, "PRAGMA page_size", &size);
  if (code != SQLITE_OK)
    return signet_store_explain(database, code, file->shown, error);
  (void)snprintf(log_path, sizeof log_path, "%s-wal", file->path);
  return stat(file->path, &status) != 0 || status.st_size >= count * size ||
         (stat(log_path, &log) == 0 && log.st_size > 0) ||
         refuse_content(file, "it was cut", error);
}

/* The whole check, since a row that the index lacks would never be settled.
 * With one small index it costs hardly more than quick_check: 0.2 s for 100 000
 * writes (86 MB). */
static bool check_content(sqlite3 *database, const signet_store_file *file,
                          signet_error *error)
{
  char problem[160];
  int code = read_text(database, "PRAGMA integrity_check(1)", "ok", problem,
                       sizeof problem);

  if (code != SQLITE_OK)
    return signet_store_explain(database, code, file->shown, error);
  return *problem == '\0' || refuse_content(file, problem, error);
}

static bool migrate(sqlite3 *database, const char *shown, int64_t version,
                    signet_error *error)
{
  char marks[96];
  int code = sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);

  if (code == SQLITE_OK && version < 2) {
    code = sqlite3_exec(database, version == 0 ? schema : BATCHES, NULL, NULL,
                        NULL);
  }
  if (code == SQLITE_OK && version == 1)
    code = signet_store_migrate_rows(database);
  if (code == SQLITE_OK && version > 0)
    code = sqlite3_exec(database, move_scripts, NULL, NULL, NULL);
  (void)snprintf(marks, sizeof marks,
                 "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
                 APPLICATION_ID, (int)SCHEMA_VERSION);
  if (code == SQLITE_OK)
    code = sqlite3_exec(database, marks, NULL, NULL, NULL);
  return code == SQLITE_OK ||
         signet_store_explain(database, code, shown, error);
}

int signet_store_note_use(sqlite3 *database, bool used)
{
  char sql[96];

  (void)snprintf(sql, sizeof sql, "PRAGMA application_id=%d",
                 used ? IN_USE_ID : APPLICATION_ID);
  return sqlite3_exec(database, sql, NULL, NULL, NULL);
}

int signet_store_move_log(sqlite3 *database)
{
  return sqlite3_wal_checkpoint_v2(database, "main", SQLITE_CHECKPOINT_FULL,
                                   NULL, NULL);
}

/* A damaged log stays as it is, to be found again, until somebody decides. */
static void check_log(sqlite3 *database, const signet_store_file *file,
                      signet_store_found *found)
{
  int persist = 1;

  found->state = signet_store_check_log(file->path, found->used, &found->lost);
  if (found->state != SIGNET_STORE_WHOLE) {
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                            NULL);
    (void)sqlite3_file_control(database, "main", SQLITE_FCNTL_PERSIST_WAL,
                               &persist);
  }
}

static void note_version(signet_store_found *found, int64_t version)
{
  found->made = version == 0;
  found->old = version > 0 && version < CHAINED_VERSION;
}

static bool set_up(sqlite3 *database, const signet_store_file *file,
                   signet_store_found *found, signet_error *error)
{
  const char *shown = file->shown;
  int64_t version = 0;
  int code;

  (void)sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  (void)sqlite3_busy_timeout(database, 0);
  code = sqlite3_exec(database, settings, NULL, NULL, NULL);
  if (code != SQLITE_OK)
    return signet_store_explain(database, code, shown, error);
  if (!check_version(database, shown, &version, &found->used, error) ||
      !enter_log(database, shown, error))
    return false;
  check_log(database, file, found);
  note_version(found, version);
  return (version == 0 || (is_whole(database, file, error) &&
                           check_content(database, file, error))) &&
         (version == SCHEMA_VERSION ||
          migrate(database, shown, version, error));
}

static sqlite3 *connect_once(const signet_store_file *file,
                             signet_store_found *found, signet_error *error)
{
  sqlite3 *database = NULL;
  int code;
  bool good;

  errno = 0; /* see explain_io() */
  code = sqlite3_open_v2(file->path, &database,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
                             SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                         NULL);
  good = code == SQLITE_OK
             ? set_up(database, file, found, error)
             : signet_store_explain(database, code, file->shown, error);
  if (!good) {
    (void)sqlite3_close(database);
    return NULL;
  }
  return database;
}

/* Two processes that open at the same moment can stand in each other's way, and
 * both would be refused: so each tries again, at different times. */
sqlite3 *signet_store_connect(const signet_store_file *file,
                              signet_store_found *found, signet_error *error)
{
  enum { ATTEMPTS = 3, SPREAD = 13 };
  sqlite3 *database = connect_once(file, found, error);

  for (int attempt = 1; attempt < ATTEMPTS && database == NULL &&
                        error->kind == SIGNET_ERROR_LOCKED;
       attempt++) {
    signet_clock_pause(attempt * (2 + getpid() % SPREAD));
    signet_error_init(error);
    database = connect_once(file, found, error);
  }
  if (database == NULL &&
      (error->kind == SIGNET_ERROR_LOCKED || error->kind == SIGNET_ERROR_STORE))
    (void)signet_store_file_can_lock(file, error);
  return database;
}

/* ---- a snapshot ---- */

/* Places in the header of a database, and the one format that memory has. */
enum {
  HEADER = 100,
  AT_FORMATS = 18,
  AT_VERSION = 60,
  AT_APPLICATION = 68,
  NO_LOG_FORMAT = 1
};

static const char snapshot_settings[] = "PRAGMA journal_mode=OFF;"
                                        "PRAGMA cell_size_check=ON;"
                                        "PRAGMA trusted_schema=OFF;"
                                        "PRAGMA temp_store=MEMORY;"
                                        "PRAGMA cache_size=-512;";

static uint32_t word_at(const unsigned char *page, size_t at)
{
  return (uint32_t)page[at] << 24 | (uint32_t)page[at + 1] << 16 |
         (uint32_t)page[at + 2] << 8 | page[at + 3];
}

bool signet_store_says_used(const unsigned char *page)
{
  return word_at(page, AT_APPLICATION) == IN_USE_ID;
}

/* What is to be brought up to date grows: it is copied once more. */
static int load(sqlite3 *database, const signet_store_snapshot *snapshot)
{
  sqlite3_int64 size = (sqlite3_int64)snapshot->size;
  unsigned char *pages = snapshot->pages;
  unsigned flags = SQLITE_DESERIALIZE_READONLY;
  int code;

  if (snapshot->size < HEADER)
    return size == 0 ? SQLITE_OK : SQLITE_NOTADB;
  pages[AT_FORMATS] = NO_LOG_FORMAT;
  pages[AT_FORMATS + 1] = NO_LOG_FORMAT;
  if (word_at(pages, AT_VERSION) != SCHEMA_VERSION) {
    flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
    pages = sqlite3_malloc64(snapshot->size);
    if (pages == NULL)
      return SQLITE_NOMEM;
    memcpy(pages, snapshot->pages, snapshot->size);
  }
  code = sqlite3_deserialize(database, "main", pages, size, size, flags);
  return code == SQLITE_ERROR ? SQLITE_NOMEM : code; /* it says no more */
}

static bool set_up_snapshot(sqlite3 *database, const signet_store_file *file,
                            const signet_store_snapshot *snapshot,
                            signet_store_found *found, signet_error *error)
{
  int64_t version = 0;
  int code = load(database, snapshot);

  if (code == SQLITE_OK)
    code = sqlite3_exec(database, snapshot_settings, NULL, NULL, NULL);
  if (code != SQLITE_OK)
    return signet_store_explain(database, code, file->shown, error);
  if (snapshot->cut)
    return refuse_content(file, "it was cut", error);
  if (!check_version(database, file->shown, &version, &found->used, error))
    return false;
  found->state = snapshot->state;
  found->lost = snapshot->lost;
  note_version(found, version);
  return (version == 0 || check_content(database, file, error)) &&
         (version == SCHEMA_VERSION ||
          migrate(database, file->shown, version, error));
}

sqlite3 *signet_store_connect_snapshot(const signet_store_file *file,
                                       const signet_store_snapshot *snapshot,
                                       signet_store_found *found,
                                       signet_error *error)
{
  sqlite3 *database = NULL;
  int code = sqlite3_open_v2(":memory:", &database,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_EXRESCODE,
                             NULL);

  if (code == SQLITE_OK
          ? set_up_snapshot(database, file, snapshot, found, error)
          : signet_store_explain(database, code, file->shown, error))
    return database;
  (void)sqlite3_close(database);
  return NULL;
}
