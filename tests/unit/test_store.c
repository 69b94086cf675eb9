#include "../check.h"
#include "store/store.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/foregone-test-XXXXXX";
static char error[STORE_ERROR];

static const char *fresh(void)
{
    static char path[64];
    static int n;
    if (!strcmp(directory + strlen(directory) - 6, "XXXXXX") && !mkdtemp(directory)) abort(); /* a made name may end in an X */
    snprintf(path, sizeof path, "%s/%d", directory, n++);
    return path;
}

static struct store_trial last;
static char last_name[64], last_status[32], last_reason[32];
static int trials;

static void keep_last(void *context, const struct store_trial *t)
{
    (void)context;
    last = *t;
    snprintf(last_name, sizeof last_name, "%s", t->name), snprintf(last_status, sizeof last_status, "%s", t->status), snprintf(last_reason, sizeof last_reason, "%s", t->reason);
    trials++;
}

TEST(a_trial_is_written_down_and_read_back)
{
    const char *url = fresh();
    struct store *s = store_open(url, "sweep", STORE_CREATE, error);
    CHECK(s != NULL);
    int64_t id = store_trial_begin(s, "lr3e-5", "python train.py", "/work", 42, 1, error);
    store_note_metric(s, "eval_loss", "min");
    store_set_horizon(s, id, 100);
    for (int i = 0; i < 50; i++) store_observe(s, id, "eval_loss", i, 3 - i * 0.01);
    struct store_verdict v = {true, false, "hopeless", "best", 49, 0.02, 0.4, 0.6, 0.5, 0.6, 0.7};
    store_verdict(s, id, &v);
    CHECK(store_end(s, id, "stopped", 99));
    store_close(s);
    s = store_open(url, "sweep", STORE_EXISTING, error);
    trials = 0;
    store_each_trial(s, keep_last, NULL);
    CHECK_INT(trials, 1);
    CHECK_STR(last_name, "lr3e-5");
    CHECK_STR(last_status, "stopped");
    CHECK_STR(last_reason, "hopeless");
    CHECK_NEAR(last.horizon, 100, 0);
    CHECK_NEAR(last.value, 2.51, 1e-9);
    CHECK_NEAR(last.p_good, 0.02, 1e-12);
    CHECK_STR(store_setting(s, "judged"), "eval_loss");
    store_close(s);
}

TEST(speed_is_taken_from_the_values_not_from_the_start_up)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    int64_t id = store_trial_begin(s, "t", "", "", 1, 1, error);
    store_observe(s, id, "loss", 10, 1);
    store_flush(s, error);
    store_each_trial(s, keep_last, NULL);
    CHECK(isnan(last.seconds_per_x));
    usleep(20000);
    store_observe(s, id, "loss", 12, 1);
    store_flush(s, error);
    store_each_trial(s, keep_last, NULL);
    CHECK(last.seconds_per_x >= 0.009);
    store_close(s);
}

TEST(trials_without_a_name_are_numbered)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    int64_t a = store_trial_begin(s, NULL, "", "", 1, 1, error), b = store_trial_begin(s, NULL, "", "", 1, 1, error);
    CHECK_STR(store_trial_name(s, a), "trial-1");
    CHECK_STR(store_trial_name(s, b), "trial-2");
    store_close(s);
}

TEST(a_restart_goes_on_with_the_trial)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    int64_t a = store_trial_begin(s, "x", "", "", 1, 1, error);
    store_end(s, a, "failed", 1);
    CHECK_INT(store_trial_begin(s, "x", "", "", 2, 2, error), a);
    trials = 0;
    store_each_trial(s, keep_last, NULL);
    CHECK_INT(trials, 1);
    CHECK_STR(last_status, "running");
    store_close(s);
}

static char kept[64];
static size_t kept_size;

static void keep_start(void *context, const struct store_trial *t)
{
    (void)context;
    kept_size = t->start.words_size;
    if (kept_size <= sizeof kept) memcpy(kept, t->start.words, kept_size);
    CHECK_INT(t->start.environment_size, 4);
}

TEST(how_a_trial_was_started_is_kept_byte_by_byte_for_its_owner_alone)
{
    static const char words[] = "run\0--\0a b\0\0\xff\0";
    const char *url = fresh();
    char path[128];
    struct stat about;
    struct store *s = store_open(url, "sweep", STORE_CREATE, error);
    int64_t id = store_trial_begin(s, "x", "", "", 1, 1, error);
    CHECK(store_set_start(s, id, &(struct store_start){words, sizeof words - 1, "A=1", 4}));
    store_close(s);
    s = store_open(url, "sweep", STORE_EXISTING, error);
    store_each_trial(s, keep_start, NULL);
    CHECK_INT(kept_size, sizeof words - 1);
    CHECK(!memcmp(kept, words, kept_size));
    snprintf(path, sizeof path, "%s/sweep.sqlite", url);
    CHECK(!stat(path, &about));
    CHECK_INT(about.st_mode & 0777, 0600);
    store_close(s);
}

static double seen[16];
static size_t n_seen;

static void keep_value(void *context, double x, double value)
{
    (void)context, (void)x;
    if (n_seen < 16) seen[n_seen++] = value;
}

TEST(a_trial_that_went_back_has_its_newest_values_at_its_own_speed)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    int64_t id = store_trial_begin(s, "x", "", "", 1, 1, error);
    for (int i = 1; i <= 4; i++) store_observe(s, id, "loss", i, i);
    CHECK(!store_was_stopped(s, id));
    store_verdict(s, id, &(struct store_verdict){true, false, "hopeless", "", 4, 0, 0, 0, 0, 0, 0});
    store_end(s, id, "stopped", 99);
    CHECK(store_was_stopped(s, id));
    store_flush(s, error);
    usleep(300000); /* the pause */
    store_trial_begin(s, "x", "", "", 1, 1, error);
    for (int i = 3; i <= 5; i++) store_observe(s, id, "loss", i, 10 * i);
    store_flush(s, error);
    store_values(s, id, "loss", keep_value, NULL);
    CHECK_INT(n_seen, 5);
    CHECK_NEAR(seen[1], 2, 0);
    CHECK_NEAR(seen[2], 30, 0);
    CHECK_NEAR(seen[4], 50, 0);
    store_each_trial(s, keep_last, NULL);
    CHECK(last.seconds_per_x < 0.05);
    store_close(s);
}

TEST(a_study_of_the_first_schema_is_brought_up_to_date)
{
    static const char old[] = "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
        "CREATE TABLE trial (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, status TEXT NOT NULL, horizon REAL, unit TEXT, steps REAL, command TEXT,"
        " directory TEXT, checkpoint TEXT, pid INTEGER, pid_start INTEGER, exit_status INTEGER, started REAL, ended REAL);"
        "CREATE TABLE value (id INTEGER PRIMARY KEY AUTOINCREMENT, trial INTEGER NOT NULL, metric TEXT NOT NULL, x REAL NOT NULL, value REAL, time REAL);"
        "CREATE TABLE verdict (id INTEGER PRIMARY KEY AUTOINCREMENT, trial INTEGER NOT NULL, stop INTEGER NOT NULL, dry_run INTEGER NOT NULL,"
        " time REAL, reason TEXT, rival TEXT, x REAL, p_good REAL, bar REAL, mean REAL, q05 REAL, q50 REAL, q95 REAL);"
        "INSERT INTO trial (name, status) VALUES ('from-before', 'stopped'); PRAGMA user_version=1;";
    const char *url = fresh();
    char path[128];
    sqlite3 *db;
    mkdir(url, 0700);
    snprintf(path, sizeof path, "%s/old.sqlite", url);
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, old, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    for (int i = 0; i < 2; i++) {
        struct store *s = store_open(url, "old", STORE_EXISTING, error);
        CHECK(s != NULL);
        store_each_trial(s, keep_last, NULL);
        CHECK_STR(last_name, "from-before");
        CHECK_INT(last.start.words_size, i ? 2 : 0);
        int64_t id = store_trial_begin(s, "from-before", "", "", 1, 1, error);
        CHECK(store_set_start(s, id, &(struct store_start){"a", 2, "", 0}));
        store_close(s);
    }
}

static int places;
static void count_places(void *context, double x, double value)
{
    (void)context, (void)x, (void)value;
    places++;
}

static void look(struct store *s, int64_t id, const char *metric)
{
    places = 0;
    store_values(s, id, metric, count_places, NULL);
}

static struct store *begun_again(const char *url, int64_t id)
{
    struct store *s = store_open(url, "sweep", STORE_CREATE, error);
    CHECK_INT(store_trial_begin(s, "x", "", "", 2, 2, error), id);
    return s;
}

TEST(a_trial_that_is_begun_again_and_again_stays_small)
{
    const char *url = fresh();
    struct store *s = store_open(url, "sweep", STORE_CREATE, error);
    int64_t id = store_trial_begin(s, "x", "", "", 1, 1, error);
    for (int go = 0; go < 20; go++) {
        for (int i = 0; i < 5000; i++) store_observe(s, id, "loss", go * 5000 + i, 1);
        store_close(s);
        s = begun_again(url, id);
    }
    look(s, id, "loss");
    if (places < 2048 || places > 12000) CHECK_FAIL("%d values are kept", places);
    store_close(s);
}

static void import_one(struct store *s, const char *name)
{
    struct store_import run = {name, "epoch", "python t.py", "{\"lr\":1}", "old.log", 10};
    int64_t id = store_import_begin(s, &run, error);
    CHECK(id > 0);
    for (int i = 0; i < 10; i++) store_import_value(s, id, "loss", i, 1, 7 + 2 * i), store_import_value(s, id, "acc", i, 1, NAN);
    CHECK(store_import_end(s, id, "complete", error));
}

TEST(more_runs_are_imported_than_are_counted_at_once)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    char name[16];
    for (int i = 0; i < 100; i++) snprintf(name, sizeof name, "r%d", i), import_one(s, name);
    CHECK_INT(store_import_begin(s, &(struct store_import){"r7", "", "", "", "", NAN}, error), 0);
    store_note_metric(s, "loss", "min");
    trials = 0;
    store_each_trial(s, keep_last, NULL);
    CHECK_INT(trials, 100);
    CHECK_STR(last_status, "complete");
    CHECK_NEAR(last.x, 9, 0);
    CHECK_NEAR(last.seconds_per_x, 2, 1e-9);
    look(s, store_trial_id(s, "r99"), "acc");
    CHECK_INT(places, 10);
    store_close(s);
}

TEST(an_import_that_was_cut_short_is_begun_anew)
{
    const char *url = fresh();
    pid_t child = fork();
    if (child == 0) {
        struct store *o = store_open(url, "sweep", STORE_CREATE, error);
        int64_t id = store_import_begin(o, &(struct store_import){"r", "", "", "", "", 10}, error);
        store_import_value(o, id, "loss", 3, 1, NAN);
        store_flush(o, error);
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    struct store *s = store_open(url, "sweep", STORE_EXISTING, error);
    store_each_trial(s, keep_last, NULL);
    CHECK_STR(last_status, "importing");
    import_one(s, "r");
    look(s, store_trial_id(s, "r"), "loss");
    CHECK_INT(places, 10);
    store_close(s);
}

static struct store_settings settings(const char *metric, double delta)
{
    struct store_settings got = store_no_settings();
    snprintf(got.metric, sizeof got.metric, "%s", metric);
    got.delta = delta;
    return got;
}

TEST(a_conflicting_setting_is_refused_and_says_so)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    struct store_settings first = settings("eval_loss", NAN), other = settings("accuracy", 0.3);
    CHECK_INT(store_agree(s, &first, error), STORE_AGREED);
    CHECK_INT(store_agree(s, &first, error), STORE_AGREED);
    CHECK_INT(store_agree(s, &other, error), STORE_CONFLICT);
    CHECK(strstr(error, "metric is eval_loss, not accuracy") && strstr(error, "--study") && strstr(error, "study set STUDY --metric accuracy"));
    CHECK(isnan(store_settings_of(s).delta)); /* the rest of what was refused does not hold either */
    store_close(s);
}

TEST(what_is_left_open_is_as_the_study_has_it)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    struct store_settings first = settings("", 0.1 + 0.2), open = store_no_settings(), same = settings("loss", 0.1 + 0.2), other = settings("", 0.1);
    CHECK_INT(store_agree(s, &first, error), STORE_AGREED);
    CHECK_INT(store_agree(s, &open, error), STORE_AGREED);
    CHECK_NEAR(open.delta, 0.3, 1e-12);
    CHECK(!*open.metric && isnan(open.target));
    CHECK_INT(store_agree(s, &same, error), STORE_AGREED);
    CHECK_INT(store_agree(s, &other, error), STORE_CONFLICT);
    CHECK(store_change(s, &other, error));
    CHECK_NEAR(store_settings_of(s).delta, 0.1, 0);
    CHECK_STR(store_settings_of(s).metric, "loss");
    store_close(s);
}

/* Twenty first trials at once, each with a delta of its own: one sets it, and the others are told. */
TEST(of_many_first_trials_one_sets)
{
    const char *url = fresh();
    int agreed = 0, conflicts = 0, status;
    for (int i = 0; i < 20; i++)
        if (fork() == 0) {
            struct store *s = store_open(url, "sweep", STORE_CREATE, error);
            struct store_settings mine = settings("", 0.01 * (i + 1));
            _exit(s ? (int)store_agree(s, &mine, error) : 99);
        }
    while (wait(&status) > 0) agreed += WEXITSTATUS(status) == STORE_AGREED, conflicts += WEXITSTATUS(status) == STORE_CONFLICT;
    CHECK_INT(agreed, 1);
    CHECK_INT(conflicts, 19);
}

static int news;
static void count_news(void *context, const char *trial, const char *metric, double x, double value)
{
    (void)context, (void)metric, (void)x, (void)value;
    CHECK_STR(trial, "other");
    news++;
}

static void write_500(struct store *s, int64_t trial)
{
    for (int i = 0; i < 500; i++) {
        CHECK(store_observe(s, trial, "loss", i, i));
        if (i % 50 == 0) CHECK(store_flush(s, error));
    }
    CHECK(store_flush(s, error));
}

// Each opens its own connection after the fork: a connection must not be carried across one.
TEST(two_processes_share_a_study)
{
    const char *url = fresh();
    int64_t cursor = 0;
    pid_t child = fork();
    struct store *s = store_open(url, "sweep", STORE_CREATE, error);
    int64_t mine = store_trial_begin(s, child ? "mine" : "other", "", "", 1, 1, error);
    write_500(s, mine);
    if (child == 0) {
        store_close(s);
        _exit(check_failed_here != 0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    news = 0;
    store_news(s, mine, &cursor, count_news, NULL);
    CHECK_INT(news, 500);
    store_news(s, mine, &cursor, count_news, NULL);
    CHECK_INT(news, 500);
    store_close(s);
}

/* What one has written, in whatever way, does not keep another from writing. */
TEST(nobody_is_kept_waiting)
{
    const char *url = fresh();
    struct store *a = store_open(url, "sweep", STORE_CREATE, error), *b = store_open(url, "sweep", STORE_CREATE, error);
    int64_t id = store_trial_begin(a, "a", "", "", 1, 1, error);
    store_set_horizon(a, id, 10), store_set_axis(a, id, "step", NAN), store_set_checkpoint(a, id, "c"), store_note_metric(a, "loss", "min");
    store_set_start(a, id, &(struct store_start){"a", 2, "", 0});
    store_verdict(a, id, &(struct store_verdict){false, false, "good-chance", "", 4, 0, 0, 0, 0, 0, 0});
    store_observe(a, id, "loss", 1, 1);
    CHECK(store_trial_begin(b, "b", "", "", 1, 1, error) > 0);
    CHECK(store_end(a, id, "complete", 0));
    store_each_trial(b, keep_last, NULL);
    CHECK_STR(last_name, "b");
    look(b, id, "loss"); /* at once with its end */
    CHECK_INT(places, 1);
    store_close(a);
    store_close(b);
}

TEST(a_writer_killed_in_the_middle_harms_nobody)
{
    const char *url = fresh();
    struct store *s = store_open(url, "sweep", STORE_CREATE, error);
    store_trial_begin(s, "mine", "", "", 1, 1, error);
    pid_t child = fork();
    if (child == 0) {
        char fault[STORE_ERROR];
        struct store *o = store_open(url, "sweep", STORE_CREATE, fault);
        int64_t id = store_trial_begin(o, "other", "", "", 2, 2, fault);
        for (int i = 0;; i++) {
            store_observe(o, id, "loss", i, i);
            store_flush(o, fault);
        }
    }
    trials = 0;
    for (int i = 0; i < 2000 && trials < 2; i++) trials = 0, store_each_trial(s, keep_last, NULL), usleep(1000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    int64_t id = store_trial_begin(s, "third", "", "", 3, 3, error);
    CHECK(id > 0);
    store_close(s);
}

TEST(a_long_series_stays_small)
{
    struct store *s = store_open(fresh(), "sweep", STORE_CREATE, error);
    int64_t id = store_trial_begin(s, "other", "", "", 1, 1, error), cursor = 0;
    for (int i = 0; i < 300000; i++) store_observe(s, id, "loss", i, i);
    store_flush(s, error);
    news = 0;
    store_news(s, -1, &cursor, count_news, NULL);
    CHECK(news > 2000 && news < 30000);
    store_close(s);
}

TEST(corrupt_and_foreign_files_are_named)
{
    char path[128];
    const char *url = fresh();
    mkdir(url, 0700);
    snprintf(path, sizeof path, "%s/bad.sqlite", url);
    FILE *out = fopen(path, "w");
    for (int i = 0; i < 5000; i++) fputs("garbage", out);
    fclose(out);
    *error = 0;
    CHECK(!store_open(url, "bad", STORE_CREATE, error));
    CHECK(strstr(error, "bad.sqlite") != NULL);
    CHECK(!store_open(url, "missing", STORE_EXISTING, error));
    CHECK(strstr(error, "missing") != NULL);
    CHECK(!store_open(url, "../evil", STORE_CREATE, error));
    CHECK(!store_open("postgres://x", "a", STORE_CREATE, error));
    CHECK(!store_open("/proc/nowhere", "a", STORE_CREATE, error));
    CHECK(strstr(error, "--store") != NULL);
}

CHECK_MAIN
