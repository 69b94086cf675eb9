#include "mlflow_db.h"

#include <float.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS 1000
#define LINE_MOST 96
#define PATH_ROOM 4096

struct mlflow_rows {
    sqlite3 *db;
    sqlite3_stmt *next; /* the rows behind the last one that was read */
    sqlite3_int64 last;
};

/* ---- the file -------------------------------------------------------------------------------------------------------------- */

static bool is_sqlite(const char *path)
{
    char head[16];
    FILE *in = fopen(path, "rb");
    bool yes = in && fread(head, 1, sizeof head, in) == sizeof head && !memcmp(head, "SQLite format 3", sizeof head);
    if (in) fclose(in);
    return yes;
}

static sqlite3 *open_database(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_busy_timeout(db, BUSY_MS);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    return db && sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK ? st : NULL;
}

bool mlflow_db_is(const char *path)
{
    size_t n = strlen(path);
    if (n < 4 || strcmp(path + n - 3, ".db") || !is_sqlite(path)) return false;
    sqlite3 *db = open_database(path);
    sqlite3_stmt *st = prepare(db, "SELECT key, value, timestamp, run_uuid, step, is_nan FROM metrics, (SELECT lifecycle_stage FROM runs LIMIT 1) LIMIT 1");
    sqlite3_finalize(st);
    sqlite3_close(db);
    return st;
}

static const char *text(sqlite3_stmt *st, int i)
{
    const char *t = (const char *)sqlite3_column_text(st, i);
    return t ? t : "";
}

bool mlflow_db_list(const char *path, mlflow_metric_fn fn, void *context)
{
    sqlite3 *db = open_database(path);
    sqlite3_stmt *st = prepare(db, "SELECT r.run_uuid, m.key, (SELECT max(timestamp) FROM metrics WHERE run_uuid = r.run_uuid) FROM runs r JOIN metrics m ON m.run_uuid = r.run_uuid "
                                   "WHERE r.lifecycle_stage IS NOT 'deleted' GROUP BY r.run_uuid, m.key");
    bool ok = st;
    while (ok && sqlite3_step(st) == SQLITE_ROW) ok = fn(context, text(st, 0), text(st, 1), sqlite3_column_int64(st, 2));
    sqlite3_finalize(st);
    sqlite3_close(db);
    return ok;
}

/* ---- what lies in it ------------------------------------------------------------------------------------------------------- */

/* DATABASE/RUN/metrics/NAME, cut into the three. */
static bool cut(const char *path, char whole[PATH_ROOM], const char **run, const char **metric)
{
    if (snprintf(whole, PATH_ROOM, "%s", path) >= PATH_ROOM) return false;
    char *end = strstr(whole, ".db/"), *rest = end ? strstr(end, "/metrics/") : NULL;
    if (!rest) return false;
    end[3] = *rest = 0;
    *run = end + 4, *metric = rest + strlen("/metrics/");
    return **run && **metric && is_sqlite(whole);
}

void mlflow_db_params(const char *path, void (*fn)(void *context, const char *name, double value), void *context)
{
    char whole[PATH_ROOM];
    const char *run, *metric;
    if (!cut(path, whole, &run, &metric)) return;
    sqlite3 *db = open_database(whole);
    sqlite3_stmt *st = prepare(db, "SELECT key, value FROM params WHERE run_uuid = ?");
    if (st) sqlite3_bind_text(st, 1, run, -1, SQLITE_STATIC);
    while (st && sqlite3_step(st) == SQLITE_ROW) {
        char *end;
        const char *value = text(st, 1);
        double number = strtod(value, &end);
        if (end > value && !*end) fn(context, text(st, 0), number);
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
}

/* Rows are only ever added, each behind all others. */
struct mlflow_rows *mlflow_rows_open(const char *path)
{
    char whole[PATH_ROOM];
    const char *run, *metric;
    struct mlflow_rows *rows = cut(path, whole, &run, &metric) ? calloc(1, sizeof *rows) : NULL;
    if (!rows) return NULL;
    rows->db = open_database(whole);
    rows->next = prepare(rows->db, "SELECT rowid, timestamp, value, is_nan, step FROM metrics WHERE rowid > ? AND run_uuid = ? AND key = ? ORDER BY rowid");
    if (rows->next && sqlite3_bind_text(rows->next, 2, run, -1, SQLITE_TRANSIENT) == SQLITE_OK && sqlite3_bind_text(rows->next, 3, metric, -1, SQLITE_TRANSIENT) == SQLITE_OK) return rows;
    mlflow_rows_close(rows);
    return NULL;
}

void mlflow_rows_close(struct mlflow_rows *rows)
{
    if (!rows) return;
    sqlite3_finalize(rows->next);
    sqlite3_close(rows->db);
    free(rows);
}

/* Infinity is kept as the largest number, and NaN beside it. */
static size_t line_of(sqlite3_stmt *st, char *out, size_t room)
{
    double value = sqlite3_column_double(st, 2);
    long long when = sqlite3_column_int64(st, 1), step = sqlite3_column_int64(st, 4);
    const char *odd = sqlite3_column_int(st, 3) ? "nan" : value >= DBL_MAX ? "inf" : value <= -DBL_MAX ? "-inf" : NULL;
    int n = odd ? snprintf(out, room, "%013lld %s %lld\n", when, odd, step) : snprintf(out, room, "%013lld %.17g %lld\n", when, value, step);
    return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

ssize_t mlflow_rows_read(struct mlflow_rows *rows, char *bytes, size_t size)
{
    size_t n = 0;
    sqlite3_bind_int64(rows->next, 1, rows->last);
    while (size - n > LINE_MOST && sqlite3_step(rows->next) == SQLITE_ROW) {
        n += line_of(rows->next, bytes + n, size - n);
        rows->last = sqlite3_column_int64(rows->next, 0);
    }
    sqlite3_reset(rows->next);
    return (ssize_t)n;
}
