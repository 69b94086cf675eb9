#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SCHEMA_VERSION 4
#define SUFFIX ".sqlite"
#define KEEP_ALL 2048
#define PENDING_MAX 4096
#define OPEN_AGAIN_MS 20

#define CALLS "CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY, trial INTEGER NOT NULL, x REAL, p_good REAL, bar REAL, mean REAL, q05 REAL, q50 REAL, q95 REAL);"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS trial (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, status TEXT NOT NULL, horizon REAL, unit TEXT, steps REAL, command TEXT,"
    " directory TEXT, checkpoint TEXT, pid INTEGER, pid_start INTEGER, exit_status INTEGER, started REAL, ended REAL, resumed REAL, words BLOB, environment BLOB,"
    " hp TEXT, origin TEXT, good INTEGER);"
    "CREATE TABLE IF NOT EXISTS value (id INTEGER PRIMARY KEY AUTOINCREMENT, trial INTEGER NOT NULL, metric TEXT NOT NULL, x REAL NOT NULL, value REAL, time REAL);"
    "CREATE INDEX IF NOT EXISTS value_of ON value (trial, metric, x);"
    "CREATE TABLE IF NOT EXISTS verdict (id INTEGER PRIMARY KEY AUTOINCREMENT, trial INTEGER NOT NULL, stop INTEGER NOT NULL, dry_run INTEGER NOT NULL,"
    " time REAL, reason TEXT, rival TEXT, x REAL, p_good REAL, bar REAL, mean REAL, q05 REAL, q50 REAL, q95 REAL);" CALLS;

/* From each version to the next. */
static const char *const upgrades[SCHEMA_VERSION] = {
    [1] = "ALTER TABLE trial ADD COLUMN resumed REAL; ALTER TABLE trial ADD COLUMN words BLOB; ALTER TABLE trial ADD COLUMN environment BLOB;",
    [2] = "ALTER TABLE trial ADD COLUMN hp TEXT; ALTER TABLE trial ADD COLUMN origin TEXT; ALTER TABLE trial ADD COLUMN good INTEGER;",
    [3] = CALLS,
};

struct count { int64_t trial; char metric[64]; uint64_t n; double x; };

struct pending { int64_t trial; char metric[64]; double x, value, time; };

/* Values wait in memory and are written in one burst, all else is written at once: a transaction that stays open makes other processes wait. */
struct store {
    sqlite3 *db;
    sqlite3_stmt *insert;
    bool open_transaction;
    int64_t seen; /* state of the file at the last store_changed; 0: not asked yet */
    struct pending *pending;
    size_t n_pending;
    struct count counts[64]; /* values seen of each trial's metric, for thinning */
    size_t n_counts;
    bool (*alive)(int64_t pid, int64_t pid_start);
    char text[640];
    char path[4096];
};

/* ---- small helpers over SQLite --------------------------------------------------------------------------------------------- */

static sqlite3_stmt *prepare(struct store *s, const char *sql)
{
    sqlite3_stmt *st = NULL;
    return sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK ? st : NULL;
}

static void bind_real(sqlite3_stmt *st, int i, double v)
{
    if (isnan(v)) sqlite3_bind_null(st, i);
    else sqlite3_bind_double(st, i, v);
}

static void bind_text(sqlite3_stmt *st, int i, const char *v)
{
    if (v) sqlite3_bind_text(st, i, v, -1, SQLITE_TRANSIENT);
    else sqlite3_bind_null(st, i);
}

static double real_at(sqlite3_stmt *st, int i) { return sqlite3_column_type(st, i) == SQLITE_NULL ? NAN : sqlite3_column_double(st, i); }

static const char *text_at(sqlite3_stmt *st, int i)
{
    const char *text = (const char *)sqlite3_column_text(st, i);
    return text ? text : "";
}

static bool finish(sqlite3_stmt *st)
{
    int status = st ? sqlite3_step(st) : SQLITE_ERROR;
    sqlite3_finalize(st);
    return status == SQLITE_DONE || status == SQLITE_ROW;
}

static bool run_sql(struct store *s, const char *sql) { return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK; }

/* Who kept us waiting once is asked again, but not waited for, until he lets us: what is followed must be read meanwhile. */
static void begin(struct store *s)
{
    if (s->open_transaction) return;
    s->open_transaction = run_sql(s, "BEGIN IMMEDIATE");
    sqlite3_busy_timeout(s->db, s->open_transaction ? STORE_BUSY_MS : 0);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool fail(struct store *s, const char *what, char error[STORE_ERROR])
{
    if (error) snprintf(error, STORE_ERROR, "%.200s: %s: %.80s", s->path, what, sqlite3_errmsg(s->db));
    return false;
}

/* ---- where studies live ------------------------------------------------------------------------------------------------------ */

bool store_directory(const char *url, char *path, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n;
    if (url) n = snprintf(path, size, "%s", url);
    else if (state && *state) n = snprintf(path, size, "%s/foregone/studies", state);
    else n = snprintf(path, size, "%s/.local/state/foregone/studies", home && *home ? home : "/tmp");
    return n > 0 && (size_t)n < size;
}

static bool make_directories(char *path)
{
    for (char *at = path + 1; *at; at++) {
        if (*at != '/') continue;
        *at = 0;
        bool ok = !mkdir(path, 0700) || errno == EEXIST;
        *at = '/';
        if (!ok) return false;
    }
    return !mkdir(path, 0700) || errno == EEXIST;
}

static bool good_name(const char *study) { return *study && strlen(study) < 200 && !strchr(study, '/') && *study != '.'; }

static bool path_of(const char *url, const char *study, enum store_mode mode, char *path, size_t size, char error[STORE_ERROR])
{
    char directory[3500];
    if (url && strstr(url, "://")) {
        snprintf(error, STORE_ERROR, "--store %s: only a directory is supported by this build", url);
        return false;
    }
    if (!good_name(study)) {
        snprintf(error, STORE_ERROR, "'%.60s' cannot be the name of a study: use letters, digits, - and _", study);
        return false;
    }
    if (!store_directory(url, directory, sizeof directory) || (mode == STORE_CREATE && !make_directories(directory))) {
        snprintf(error, STORE_ERROR, "%.200s: %s. Choose another place with --store DIR", directory, strerror(errno));
        return false;
    }
    snprintf(path, size, "%s/%s" SUFFIX, directory, study);
    struct stat about;
    if (mode == STORE_EXISTING && stat(path, &about)) {
        snprintf(error, STORE_ERROR, "no study '%.60s' in %.200s", study, directory);
        return false;
    }
    return true;
}

size_t store_each_study(const char *url, void (*fn)(void *context, const char *study), void *context)
{
    char directory[3500];
    struct dirent **entries;
    size_t studies = 0;
    int n = store_directory(url, directory, sizeof directory) ? scandir(directory, &entries, NULL, alphasort) : -1;
    for (int i = 0; i < n; i++) {
        char *suffix = strstr(entries[i]->d_name, SUFFIX);
        if (suffix && !suffix[strlen(SUFFIX)]) {
            *suffix = 0;
            studies++;
            fn(context, entries[i]->d_name);
        }
        free(entries[i]);
    }
    if (n >= 0) free(entries);
    return studies;
}

/* ---- life -------------------------------------------------------------------------------------------------------------------- */

static int schema_version(struct store *s)
{
    sqlite3_stmt *st = prepare(s, "PRAGMA user_version");
    int version = st && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
    sqlite3_finalize(st);
    return version;
}

/* Inside a transaction: the version is read again, for another process may have been first. */
static bool upgrade(struct store *s)
{
    char sql[64];
    int version = schema_version(s);
    bool ok = version > 0 || run_sql(s, schema);
    for (int v = version; ok && v > 0 && v < SCHEMA_VERSION; v++) ok = run_sql(s, upgrades[v]);
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", SCHEMA_VERSION);
    return ok && run_sql(s, sql);
}

static bool set_up(struct store *s, char error[STORE_ERROR])
{
    int version = schema_version(s);
    if (version > SCHEMA_VERSION) {
        snprintf(error, STORE_ERROR, "%.200s: written by a newer foregone (schema %d, this one knows %d). Update foregone or choose another --study", s->path, version, SCHEMA_VERSION);
        return false;
    }
    if (version < SCHEMA_VERSION) chmod(s->path, 0600); /* environments will be in it */
    bool ok = version >= 0 && run_sql(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
    if (ok && version < SCHEMA_VERSION) ok = run_sql(s, "BEGIN IMMEDIATE") && upgrade(s) && run_sql(s, "COMMIT");
    if (ok) s->insert = prepare(s, "INSERT INTO value (trial, metric, x, value, time) VALUES (?, ?, ?, ?, ?)");
    if (ok && s->insert) return true;
    snprintf(error, STORE_ERROR, "%.200s: %s. Move the file away or choose another --study", s->path, sqlite3_errmsg(s->db));
    return false;
}

/* Many that make one study at once get in each other's way where SQLite does not wait by itself (the change to WAL). */
static bool set_up_patiently(struct store *s, char error[STORE_ERROR])
{
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    for (int waited = 0;; waited += OPEN_AGAIN_MS) {
        if (set_up(s, error)) return *error = 0, true;
        bool busy = sqlite3_errcode(s->db) == SQLITE_BUSY || sqlite3_errcode(s->db) == SQLITE_LOCKED;
        run_sql(s, "ROLLBACK");
        if (!busy || waited >= STORE_BUSY_MS) return false;
        nanosleep(&(struct timespec){0, OPEN_AGAIN_MS * 1000000L}, NULL);
    }
}

struct store *store_open(const char *url, const char *study, enum store_mode mode, char error[STORE_ERROR])
{
    struct store *s = calloc(1, sizeof *s);
    if (s) s->pending = calloc(PENDING_MAX, sizeof *s->pending);
    if (!s || !s->pending || !path_of(url, study, mode, s->path, sizeof s->path, error)) {
        if (!s || !s->pending) snprintf(error, STORE_ERROR, "out of memory");
        if (s) free(s->pending);
        free(s);
        return NULL;
    }
    if (sqlite3_open(s->path, &s->db) == SQLITE_OK && set_up_patiently(s, error)) return s;
    if (!*error) fail(s, "cannot be opened", error);
    store_close(s);
    return NULL;
}

static bool write_value(struct store *s, const struct pending *p)
{
    sqlite3_bind_int64(s->insert, 1, p->trial);
    sqlite3_bind_text(s->insert, 2, p->metric, -1, SQLITE_TRANSIENT);
    bind_real(s->insert, 3, p->x);
    bind_real(s->insert, 4, isfinite(p->value) ? p->value : NAN);
    bind_real(s->insert, 5, p->time);
    bool ok = sqlite3_step(s->insert) == SQLITE_DONE;
    sqlite3_reset(s->insert);
    return ok;
}

bool store_flush(struct store *s, char error[STORE_ERROR])
{
    if (s->n_pending) begin(s);
    bool ok = s->open_transaction || !s->n_pending;
    for (size_t i = 0; i < s->n_pending && ok; i++) ok = write_value(s, &s->pending[i]);
    if (ok && s->open_transaction) ok = run_sql(s, "COMMIT");
    if (!ok) {
        fail(s, "cannot write", error);
        if (s->open_transaction) run_sql(s, "ROLLBACK");
    }
    s->open_transaction = false;
    if (ok || s->n_pending == PENDING_MAX) s->n_pending = 0;
    return ok;
}

void store_close(struct store *s)
{
    if (!s) return;
    if (s->db) store_flush(s, NULL);
    sqlite3_finalize(s->insert);
    sqlite3_close(s->db);
    free(s->pending);
    free(s);
}

/* ---- settings ------------------------------------------------------------------------------------------------------------------ */

const char *store_setting(struct store *s, const char *name)
{
    sqlite3_stmt *st = prepare(s, "SELECT value FROM setting WHERE name = ?");
    *s->text = 0;
    if (st) bind_text(st, 1, name);
    if (st && sqlite3_step(st) == SQLITE_ROW) snprintf(s->text, sizeof s->text, "%s", text_at(st, 0));
    sqlite3_finalize(st);
    return s->text;
}

static bool set_setting(struct store *s, const char *name, const char *value)
{
    sqlite3_stmt *st = prepare(s, "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    if (st) bind_text(st, 1, name), bind_text(st, 2, value);
    return finish(st);
}

bool store_set_setting(struct store *s, const char *name, const char *value)
{
    begin(s);
    return s->open_transaction && set_setting(s, name, value);
}

/* One row a setting: a text of that size, or a number where there is none. */
static const struct setting { const char *name; size_t offset, text; } settings_table[] = {
#define NUMBER(name, field) {name, offsetof(struct store_settings, field), 0}
#define TEXT(name, field) {name, offsetof(struct store_settings, field), sizeof ((struct store_settings *)0)->field}
    TEXT("metric", metric), TEXT("goal", goal), NUMBER("worth", worth), NUMBER("delta", delta), NUMBER("target", target), NUMBER("keep", keep), NUMBER("tolerance", tolerance), NUMBER("min-delta", min_delta),
    TEXT("learn-from", learn_from),
};
#define SETTINGS (sizeof settings_table / sizeof *settings_table)

struct store_settings store_no_settings(void)
{
    return (struct store_settings){.delta = NAN, .target = NAN, .keep = NAN, .tolerance = NAN, .min_delta = NAN, .worth = NAN};
}

static double *number_of(struct store_settings *all, const struct setting *row) { return (double *)((char *)all + row->offset); }

/* As text; "": no opinion. */
static const char *setting_text(const struct store_settings *all, const struct setting *row, char number[32])
{
    if (row->text) return (const char *)all + row->offset;
    double v = *number_of((struct store_settings *)all, row);
    *number = 0;
    if (!isnan(v)) snprintf(number, 32, "%.15g", v);
    return number;
}

static void fill_setting(struct store_settings *all, const struct setting *row, const char *text)
{
    if (row->text) snprintf((char *)all + row->offset, row->text, "%s", text);
    else *number_of(all, row) = *text ? strtod(text, NULL) : NAN;
}

bool store_same_settings(const struct store_settings *a, const struct store_settings *b)
{
    char numbers[2][32];
    for (size_t i = 0; i < SETTINGS; i++)
        if (strcmp(setting_text(a, &settings_table[i], numbers[0]), setting_text(b, &settings_table[i], numbers[1]))) return false;
    return true;
}

static enum store_agreement agree_on(struct store *s, struct store_settings *all, const struct setting *row, char error[STORE_ERROR])
{
    char number[32];
    const char *value = setting_text(all, row, number), *stands = store_setting(s, row->name);
    if (*stands && *value && strcmp(stands, value)) {
        snprintf(error, STORE_ERROR, "this study's %s is %.40s, not %.40s. Leave out --%s; or change it for the trials to come: foregone study set STUDY --%s %.40s; or use another --study",
                 row->name, stands, value, row->name, row->name, value);
        return STORE_CONFLICT;
    }
    if (*value && !*stands && !set_setting(s, row->name, value)) return STORE_TROUBLE;
    if (!*value) fill_setting(all, row, stands);
    return STORE_AGREED;
}

static bool commit_or_undo(struct store *s, bool ok, char error[STORE_ERROR])
{
    if (ok) return store_flush(s, error);
    if (!*error) fail(s, "cannot write", error);
    if (s->open_transaction) run_sql(s, "ROLLBACK");
    return s->open_transaction = false;
}

enum store_agreement store_agree(struct store *s, struct store_settings *settings, char error[STORE_ERROR])
{
    struct store_settings agreed = *settings;
    *error = 0;
    begin(s);
    enum store_agreement got = s->open_transaction ? STORE_AGREED : STORE_TROUBLE;
    for (size_t i = 0; i < SETTINGS && got == STORE_AGREED; i++) got = agree_on(s, &agreed, &settings_table[i], error);
    if (!commit_or_undo(s, got == STORE_AGREED, error)) return got == STORE_AGREED ? STORE_TROUBLE : got;
    *settings = agreed;
    return STORE_AGREED;
}

bool store_change(struct store *s, const struct store_settings *settings, char error[STORE_ERROR])
{
    char number[32];
    *error = 0;
    begin(s);
    bool ok = s->open_transaction;
    for (size_t i = 0; i < SETTINGS && ok; i++) {
        const char *value = setting_text(settings, &settings_table[i], number);
        ok = !*value || set_setting(s, settings_table[i].name, value);
    }
    return commit_or_undo(s, ok, error);
}

struct store_settings store_settings_of(struct store *s)
{
    struct store_settings all = store_no_settings();
    for (size_t i = 0; i < SETTINGS; i++) fill_setting(&all, &settings_table[i], store_setting(s, settings_table[i].name));
    return all;
}

void store_note_metric(struct store *s, const char *metric, const char *goal)
{
    set_setting(s, "judged", metric);
    set_setting(s, "judged_goal", goal);
}

/* ---- trials ---------------------------------------------------------------------------------------------------------------------- */

int64_t store_trial_id(struct store *s, const char *name)
{
    sqlite3_stmt *st = prepare(s, "SELECT id FROM trial WHERE name = ?");
    if (st) bind_text(st, 1, name);
    int64_t id = st && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
    sqlite3_finalize(st);
    return id;
}

void store_set_liveness(struct store *s, bool (*alive)(int64_t pid, int64_t pid_start)) { s->alive = alive; }

/* The first name of its kind, from that number on, that no trial has. */
static const char *next_name(struct store *s, const char *stem, unsigned i, char *name, size_t size)
{
    do snprintf(name, size, "%.48s-%u", stem, i++);
    while (store_trial_id(s, name) >= 0);
    return name;
}

static bool runs_elsewhere(struct store *s, const char *name, int64_t pid, int64_t pid_start)
{
    sqlite3_stmt *st = s->alive ? prepare(s, "SELECT pid, pid_start FROM trial WHERE name = ? AND status = 'running'") : NULL;
    if (st) bind_text(st, 1, name);
    bool found = st && sqlite3_step(st) == SQLITE_ROW;
    int64_t other = found ? sqlite3_column_int64(st, 0) : 0, other_start = found ? sqlite3_column_int64(st, 1) : 0;
    sqlite3_finalize(st);
    return other > 0 && (other != pid || other_start != pid_start) && s->alive(other, other_start);
}

int64_t store_trial_begin(struct store *s, const char *name, const char *command, const char *directory, int64_t pid, int64_t pid_start, char error[STORE_ERROR])
{
    char own[64];
    begin(s);
    if (!name) name = next_name(s, "trial", 1, own, sizeof own);
    else if (runs_elsewhere(s, name, pid, pid_start)) name = next_name(s, name, 2, own, sizeof own);
    sqlite3_stmt *st = prepare(s, "INSERT INTO trial (name, status, command, directory, pid, pid_start, started, resumed) VALUES (?1, 'running', ?2, ?3, ?4, ?5, ?6, ?6)"
                                  " ON CONFLICT (name) DO UPDATE SET status = 'running', command = ?2, directory = ?3, pid = ?4, pid_start = ?5, ended = NULL, resumed = ?6");
    if (st) {
        bind_text(st, 1, name), bind_text(st, 2, command), bind_text(st, 3, directory);
        sqlite3_bind_int64(st, 4, pid), sqlite3_bind_int64(st, 5, pid_start), bind_real(st, 6, now());
    }
    bool ok = finish(st) && store_flush(s, error);
    if (!ok) fail(s, "cannot write", error);
    return ok ? store_trial_id(s, name) : -1;
}

const char *store_trial_name(struct store *s, int64_t id)
{
    sqlite3_stmt *st = prepare(s, "SELECT name FROM trial WHERE id = ?");
    *s->text = 0;
    if (st) sqlite3_bind_int64(st, 1, id);
    if (st && sqlite3_step(st) == SQLITE_ROW) snprintf(s->text, sizeof s->text, "%s", text_at(st, 0));
    sqlite3_finalize(st);
    return s->text;
}

bool store_set_horizon(struct store *s, int64_t id, double horizon)
{
    sqlite3_stmt *st = prepare(s, "UPDATE trial SET horizon = ? WHERE id = ?");
    if (st) bind_real(st, 1, horizon), sqlite3_bind_int64(st, 2, id);
    return finish(st);
}

bool store_set_axis(struct store *s, int64_t id, const char *unit, double steps)
{
    sqlite3_stmt *st = prepare(s, "UPDATE trial SET unit = ?, steps = ? WHERE id = ?");
    if (st) bind_text(st, 1, unit), bind_real(st, 2, steps), sqlite3_bind_int64(st, 3, id);
    return finish(st);
}

static bool set_text(struct store *s, int64_t id, const char *sql, const char *text)
{
    sqlite3_stmt *st = prepare(s, sql);
    if (st) bind_text(st, 1, text), sqlite3_bind_int64(st, 2, id);
    return finish(st);
}

bool store_set_start(struct store *s, int64_t id, const struct store_start *start)
{
    sqlite3_stmt *st = prepare(s, "UPDATE trial SET words = ?, environment = ? WHERE id = ?");
    if (st) {
        sqlite3_bind_blob(st, 1, start->words, (int)start->words_size, SQLITE_TRANSIENT);
        sqlite3_bind_blob(st, 2, start->environment, (int)start->environment_size, SQLITE_TRANSIENT);
        sqlite3_bind_int64(st, 3, id);
    }
    return finish(st);
}

bool store_was_stopped(struct store *s, int64_t id)
{
    sqlite3_stmt *st = prepare(s, "SELECT 1 FROM verdict WHERE trial = ? AND stop AND NOT dry_run LIMIT 1");
    if (st) sqlite3_bind_int64(st, 1, id);
    bool was = st && sqlite3_step(st) == SQLITE_ROW;
    sqlite3_finalize(st);
    return was;
}

bool store_set_checkpoint(struct store *s, int64_t id, const char *path) { return set_text(s, id, "UPDATE trial SET checkpoint = ? WHERE id = ?", path); }
bool store_set_hp(struct store *s, int64_t id, const char *hp) { return set_text(s, id, "UPDATE trial SET hp = ? WHERE id = ?", hp); }
bool store_set_good(struct store *s, int64_t id, bool good) { return set_text(s, id, "UPDATE trial SET good = ? WHERE id = ?", good ? "1" : NULL); }

bool store_end(struct store *s, int64_t id, const char *status, int exit_status)
{
    sqlite3_stmt *st = prepare(s, "UPDATE trial SET status = ?, exit_status = ?, ended = ? WHERE id = ?");
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS); /* there is no later */
    begin(s);
    if (st) bind_text(st, 1, status), sqlite3_bind_int(st, 2, exit_status), bind_real(st, 3, now()), sqlite3_bind_int64(st, 4, id);
    return finish(st) && store_flush(s, NULL); /* at once with its last values: others analyse a finished trial only once */
}

bool store_forget(struct store *s, int64_t id)
{
    static const char *const sql[] = {"DELETE FROM value WHERE trial = ?", "DELETE FROM verdict WHERE trial = ?", "DELETE FROM call WHERE trial = ?", "DELETE FROM trial WHERE id = ?"};
    bool ok = true;
    begin(s);
    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
        sqlite3_stmt *st = prepare(s, sql[i]);
        if (st) sqlite3_bind_int64(st, 1, id);
        ok = finish(st) && ok;
    }
    return ok && store_flush(s, NULL);
}

/* ---- values ----------------------------------------------------------------------------------------------------------------------- */

/* As if all that stands had been counted, so that a trial that is started again and again does not grow with every start. */
static uint64_t counted_for(uint64_t rows)
{
    uint64_t n = rows;
    for (uint64_t room = KEEP_ALL / 2, left = rows > KEEP_ALL ? rows - KEEP_ALL : 0, stride = 2; left; stride *= 2) {
        uint64_t here = left < room ? left : room;
        n += here * (stride - 1), left -= here;
    }
    return n;
}

static void start_count(struct store *s, struct count *c, int64_t id, const char *metric)
{
    sqlite3_stmt *st = prepare(s, "SELECT count(*), max(x) FROM value WHERE trial = ? AND metric = ?");
    *c = (struct count){.trial = id, .x = NAN};
    snprintf(c->metric, sizeof c->metric, "%s", metric);
    if (st) sqlite3_bind_int64(st, 1, id), bind_text(st, 2, c->metric);
    if (st && sqlite3_step(st) == SQLITE_ROW) c->n = counted_for((uint64_t)sqlite3_column_int64(st, 0)), c->x = real_at(st, 1);
    sqlite3_finalize(st);
}

static bool others_counted(const struct store *s, int64_t id)
{
    for (size_t i = 0; i < s->n_counts; i++)
        if (s->counts[i].trial != id) return true;
    return false;
}

/* NULL: too many metrics for one trial. */
static struct count *count_of(struct store *s, int64_t id, const char *metric)
{
    for (size_t i = 0; i < s->n_counts; i++)
        if (s->counts[i].trial == id && !strncmp(s->counts[i].metric, metric, sizeof s->counts[i].metric - 1)) return &s->counts[i];
    if (s->n_counts == sizeof s->counts / sizeof *s->counts) {
        if (!others_counted(s, id) || !store_flush(s, NULL)) return NULL;
        s->n_counts = 0;
    }
    start_count(s, &s->counts[s->n_counts], id, metric);
    return &s->counts[s->n_counts++];
}

/* Is this value kept? Every one at first, then every second, every fourth ...; the first after a step back always. */
static bool kept(struct count *c, double x)
{
    uint64_t n = c->n++, stride = 1;
    bool back = x < c->x;
    c->x = x;
    while (n / stride >= KEEP_ALL) stride *= 2;
    return back || n % stride == 0;
}

bool store_import_value(struct store *s, int64_t id, const char *metric, double x, double value, double time)
{
    struct count *c = count_of(s, id, metric);
    if (!c || !kept(c, x)) return true;
    if (s->n_pending == PENDING_MAX && !store_flush(s, NULL)) return false;
    struct pending *p = &s->pending[s->n_pending++];
    *p = (struct pending){.trial = id, .x = x, .value = value, .time = time};
    snprintf(p->metric, sizeof p->metric, "%s", metric);
    return true;
}

bool store_observe(struct store *s, int64_t id, const char *metric, double x, double value) { return store_import_value(s, id, metric, x, value, now()); }

/* ---- runs from elsewhere ------------------------------------------------------------------------------------------------------------ */

static const char half_imported[] = "importing"; /* the status of a run until all of it is there */

static bool is_half(struct store *s, int64_t id)
{
    sqlite3_stmt *st = prepare(s, "SELECT status FROM trial WHERE id = ?");
    if (st) sqlite3_bind_int64(st, 1, id);
    bool half = st && sqlite3_step(st) == SQLITE_ROW && !strcmp(text_at(st, 0), half_imported);
    sqlite3_finalize(st);
    return half;
}

int64_t store_import_begin(struct store *s, const struct store_import *run, char error[STORE_ERROR])
{
    int64_t there = store_trial_id(s, run->name);
    if (there >= 0 && !is_half(s, there)) return 0;
    if (there >= 0) store_forget(s, there);
    sqlite3_stmt *st = prepare(s, "INSERT INTO trial (name, status, unit, command, hp, origin, horizon) VALUES (?, ?, ?, ?, ?, ?, ?)");
    begin(s);
    if (st) {
        bind_text(st, 1, run->name), bind_text(st, 2, half_imported), bind_text(st, 3, run->unit), bind_text(st, 4, run->command);
        bind_text(st, 5, run->hp), bind_text(st, 6, run->origin), bind_real(st, 7, run->horizon);
    }
    return finish(st) && store_flush(s, error) ? store_trial_id(s, run->name) : (fail(s, "cannot write", error), -1);
}

bool store_import_end(struct store *s, int64_t id, const char *status, char error[STORE_ERROR])
{
    return set_text(s, id, "UPDATE trial SET status = ? WHERE id = ?", status) && store_flush(s, error) ? true : fail(s, "cannot write", error);
}

bool store_verdict(struct store *s, int64_t id, const struct store_verdict *v)
{
    sqlite3_stmt *st = prepare(s, "INSERT INTO verdict (trial, stop, dry_run, time, reason, rival, x, p_good, bar, mean, q05, q50, q95) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
    const double reals[] = {v->x, v->p_good, v->bar, v->mean, v->q05, v->q50, v->q95};
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS); /* once a trial */
    if (st) {
        sqlite3_bind_int64(st, 1, id), sqlite3_bind_int(st, 2, v->stop), sqlite3_bind_int(st, 3, v->dry_run);
        bind_real(st, 4, now()), bind_text(st, 5, v->reason), bind_text(st, 6, v->rival);
        for (int i = 0; i < 7; i++) bind_real(st, 7 + i, reals[i]);
    }
    return finish(st);
}

bool store_call(struct store *s, int64_t id, const struct store_verdict *c)
{
    sqlite3_stmt *st = prepare(s, "INSERT INTO call (trial, x, p_good, bar, mean, q05, q50, q95) VALUES (?,?,?,?,?,?,?,?)");
    const double reals[] = {c->x, c->p_good, c->bar, c->mean, c->q05, c->q50, c->q95};
    if (st) sqlite3_bind_int64(st, 1, id);
    for (int i = 0; st && i < 7; i++) bind_real(st, 2 + i, reals[i]);
    return finish(st);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------------ */

/* The verdict of note of a trial: the one that stopped it last, else the first that would have (a dry run), else its newest. Its speed is that of
 * the time since it began or went on, so that a pause between a stop and a thaw is not counted. */
static const char each_trial_sql[] =
    "SELECT t.id, t.name, t.status, t.command, t.directory, t.checkpoint, t.horizon, t.started, t.ended, l.x, l.value, t.pid, t.pid_start, t.exit_status,"
    " v.reason, v.rival, v.x, v.p_good, v.bar, v.mean, v.q05, v.q50, v.q95, v.stop AND v.dry_run,"
    " coalesce((SELECT (max(time) - min(time)) / (max(x) - min(x)) FROM value WHERE trial = t.id AND time >= coalesce(t.resumed, 0)),"
    "          (SELECT (max(time) - min(time)) / (max(x) - min(x)) FROM value WHERE trial = t.id AND time < t.resumed)), t.unit, t.steps, t.words, t.environment, t.hp, t.origin, t.good"
    " FROM trial t LEFT JOIN verdict v ON v.id = (SELECT id FROM verdict WHERE trial = t.id"
    "  ORDER BY stop DESC, CASE WHEN stop AND dry_run THEN id ELSE -id END LIMIT 1)"
    " LEFT JOIN value l ON l.id = (SELECT id FROM value WHERE trial = t.id AND metric = (SELECT value FROM setting WHERE name = 'judged') ORDER BY id DESC LIMIT 1)"
    " ORDER BY t.id";

/* SQLite counts what other connections write. */
bool store_changed(struct store *s)
{
    sqlite3_stmt *st = prepare(s, "PRAGMA data_version");
    int64_t now_seen = st && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    bool changed = !now_seen || now_seen != s->seen;
    sqlite3_finalize(st);
    s->seen = now_seen;
    return changed;
}

void store_each_trial(struct store *s, void (*fn)(void *context, const struct store_trial *trial), void *context)
{
    sqlite3_stmt *st = prepare(s, each_trial_sql);
    while (st && sqlite3_step(st) == SQLITE_ROW) {
        struct store_trial t = {.id = sqlite3_column_int64(st, 0), .name = text_at(st, 1), .status = text_at(st, 2), .command = text_at(st, 3),
                                .directory = text_at(st, 4), .checkpoint = text_at(st, 5), .horizon = real_at(st, 6), .started = real_at(st, 7),
                                .ended = real_at(st, 8), .x = real_at(st, 9), .value = real_at(st, 10), .pid = sqlite3_column_int64(st, 11),
                                .pid_start = sqlite3_column_int64(st, 12), .exit_status = sqlite3_column_int(st, 13), .reason = text_at(st, 14),
                                .rival = text_at(st, 15), .verdict_x = real_at(st, 16), .p_good = real_at(st, 17), .bar = real_at(st, 18),
                                .mean = real_at(st, 19), .q05 = real_at(st, 20), .q50 = real_at(st, 21), .q95 = real_at(st, 22),
                                .would_stop = sqlite3_column_int(st, 23), .seconds_per_x = real_at(st, 24), .unit = text_at(st, 25), .steps = real_at(st, 26),
                                .start = {sqlite3_column_blob(st, 27), (size_t)sqlite3_column_bytes(st, 27), sqlite3_column_blob(st, 28), (size_t)sqlite3_column_bytes(st, 28)},
                                .hp = text_at(st, 29), .origin = text_at(st, 30), .good = sqlite3_column_int(st, 31)};
        fn(context, &t);
    }
    sqlite3_finalize(st);
}

void store_each_command(struct store *s, int most, void (*fn)(void *context, const struct store_command *command), void *context)
{
    sqlite3_stmt *st = prepare(s, "SELECT command, directory, status = 'complete', ended FROM trial ORDER BY id DESC LIMIT ?");
    if (st) sqlite3_bind_int(st, 1, most);
    while (st && sqlite3_step(st) == SQLITE_ROW) fn(context, &(struct store_command){text_at(st, 0), text_at(st, 1), sqlite3_column_int(st, 2), real_at(st, 3)});
    sqlite3_finalize(st);
}

void store_news(struct store *s, int64_t id, int64_t *cursor, void (*fn)(void *context, const char *trial, const char *metric, double x, double value), void *context)
{
    sqlite3_stmt *st = prepare(s, "SELECT v.id, t.name, v.metric, v.x, v.value FROM value v JOIN trial t ON t.id = v.trial WHERE v.id > ? AND v.trial <> ? ORDER BY v.id");
    if (st) sqlite3_bind_int64(st, 1, *cursor), sqlite3_bind_int64(st, 2, id);
    while (st && sqlite3_step(st) == SQLITE_ROW) {
        *cursor = sqlite3_column_int64(st, 0);
        fn(context, text_at(st, 1), text_at(st, 2), real_at(st, 3), real_at(st, 4));
    }
    sqlite3_finalize(st);
}

void store_values(struct store *s, int64_t id, const char *metric, void (*fn)(void *context, double x, double value), void *context)
{
    sqlite3_stmt *st = prepare(s, "SELECT x, value FROM (SELECT id, x, value, min(x) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS later"
                                  " FROM value WHERE trial = ? AND metric = ?) WHERE later IS NULL OR x < later ORDER BY id");
    if (st) sqlite3_bind_int64(st, 1, id), bind_text(st, 2, metric);
    while (st && sqlite3_step(st) == SQLITE_ROW) fn(context, real_at(st, 0), real_at(st, 1));
    sqlite3_finalize(st);
}

void store_each_value(struct store *s, void (*fn)(void *context, const struct store_value *value), void *context)
{
    sqlite3_stmt *st = prepare(s, "SELECT trial, metric, x, value, time FROM value ORDER BY id");
    while (st && sqlite3_step(st) == SQLITE_ROW) {
        struct store_value v = {sqlite3_column_int64(st, 0), text_at(st, 1), real_at(st, 2), real_at(st, 3), real_at(st, 4)};
        fn(context, &v);
    }
    sqlite3_finalize(st);
}

void store_each_verdict(struct store *s, int64_t id, void (*fn)(void *context, const struct store_verdict *verdict, double time), void *context)
{
    sqlite3_stmt *st = prepare(s, "SELECT stop, dry_run, reason, rival, x, p_good, bar, mean, q05, q50, q95, time FROM verdict WHERE trial = ? ORDER BY id");
    if (st) sqlite3_bind_int64(st, 1, id);
    while (st && sqlite3_step(st) == SQLITE_ROW) {
        struct store_verdict v = {sqlite3_column_int(st, 0), sqlite3_column_int(st, 1), text_at(st, 2), text_at(st, 3), real_at(st, 4), real_at(st, 5),
                                  real_at(st, 6), real_at(st, 7), real_at(st, 8), real_at(st, 9), real_at(st, 10)};
        fn(context, &v, real_at(st, 11));
    }
    sqlite3_finalize(st);
}

void store_each_call(struct store *s, int64_t id, void (*fn)(void *context, const struct store_verdict *call), void *context)
{
    sqlite3_stmt *st = prepare(s, "SELECT x, p_good, bar, mean, q05, q50, q95 FROM call WHERE trial = ? ORDER BY id");
    if (st) sqlite3_bind_int64(st, 1, id);
    while (st && sqlite3_step(st) == SQLITE_ROW)
        fn(context, &(struct store_verdict){.reason = "", .rival = "", .x = real_at(st, 0), .p_good = real_at(st, 1), .bar = real_at(st, 2), .mean = real_at(st, 3),
                                            .q05 = real_at(st, 4), .q50 = real_at(st, 5), .q95 = real_at(st, 6)});
    sqlite3_finalize(st);
}

void store_each_metric(struct store *s, int64_t id, void (*fn)(void *context, const char *metric), void *context)
{
    sqlite3_stmt *st = prepare(s, "SELECT DISTINCT metric FROM value WHERE trial = ? ORDER BY metric");
    if (st) sqlite3_bind_int64(st, 1, id);
    while (st && sqlite3_step(st) == SQLITE_ROW) fn(context, text_at(st, 0));
    sqlite3_finalize(st);
}

const char *store_path(const struct store *s) { return s->path; }
