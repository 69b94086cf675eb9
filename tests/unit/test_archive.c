#include "../check.h"
#include "archive/archive.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char directory[] = "/tmp/foregone-test-XXXXXX";
static char error[ARCHIVE_ERROR];

static const char *place(const char *name)
{
    static char path[128];
    if (!strcmp(directory + strlen(directory) - 6, "XXXXXX") && !mkdtemp(directory)) abort(); /* a made name may end in an X */
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static const char *file_of(const char *name, const char *text)
{
    const char *path = place(name);
    FILE *out = fopen(path, "w");
    fputs(text, out);
    fclose(out);
    return path;
}

static const double x[] = {1, 2, 3.5}, y[] = {0.1, NAN, 1.0 / 3};
static const struct archive_series series[] = {{"eval_loss", GOAL_MIN, 3, x, y}, {"l\"r", GOAL_NONE, 2, x, x}, {"empty", GOAL_MAX, 0, x, y}};
static const struct archive_run whole = {.study = "s", .run = "r/1", .unit = "step", .hp = "{\"lr\":0.0001}", .status = "stopped", .command = "python t.py", .horizon = 10,
                                         .secs = NAN, .complete = false, .diverged = true, .n = 3, .series = series};

static void check_is_whole(const struct archive_run *r)
{
    CHECK_STR(r->study, "s");
    CHECK_STR(r->run, "r/1");
    CHECK_STR(r->unit, "step");
    CHECK_STR(r->hp, "{\"lr\":0.0001}");
    CHECK_STR(r->status, "stopped");
    CHECK_STR(r->command, "python t.py");
    CHECK_NEAR(r->horizon, 10, 0);
    CHECK(isnan(r->secs) && !r->complete && r->diverged);
    CHECK_INT(r->n, 3);
    CHECK_STR(r->series[1].name, "l\"r");
    CHECK_INT(r->series[0].goal, GOAL_MIN);
    CHECK_INT(r->series[1].goal, GOAL_NONE);
    CHECK_INT(r->series[2].goal, GOAL_MAX);
    CHECK_INT(r->series[0].n, 3);
    CHECK_INT(r->series[1].n, 2);
    CHECK_INT(r->series[2].n, 0);
    CHECK_NEAR(r->series[0].x[2], 3.5, 0);
    CHECK_NEAR(r->series[0].y[2], 1.0 / 3, 0);
    CHECK_NEAR(r->series[1].y[1], 2, 0);
    CHECK(isnan(r->series[0].y[1]));
}

static void goes_through(const char *name)
{
    struct archive_run run;
    const char *path = place(name);
    struct archive_writer *w = archive_create(path, error);
    CHECK(archive_write(w, &whole) && archive_write(w, &whole));
    CHECK(access(path, F_OK) != 0); /* not there before it is whole */
    CHECK(archive_finish(w, error));
    CHECK(archive_is(path));
    struct archive *a = archive_open(path, error);
    CHECK_INT(archive_next(a, &run, error), ARCHIVE_RUN);
    check_is_whole(&run);
    CHECK_INT(archive_next(a, &run, error), ARCHIVE_RUN);
    check_is_whole(&run);
    CHECK_INT(archive_next(a, &run, error), ARCHIVE_END);
    archive_close(a);
}

TEST(what_is_written_is_read_back_to_the_last_bit) { goes_through("a.jsonl"), goes_through("a.jsonl.gz"); }

TEST(gz_is_compressed_and_plain_is_text)
{
    unsigned char first[2] = {0};
    FILE *in = fopen(place("a.jsonl.gz"), "rb");
    CHECK(in && fread(first, 1, 2, in) == 2);
    CHECK(first[0] == 0x1f && first[1] == 0x8b);
    fclose(in);
    in = fopen(place("a.jsonl"), "rb");
    CHECK_INT(fgetc(in), '{');
    fclose(in);
}

static const char broken[] =
    "\n  \n{\"study\":\"s\",\"run\":\"a\",\"series\":{\"loss\":{\"x\":[1,2],\"y\":[NaN,Infinity]}},\"goal\":{\"loss\":\"min\"},\"horizon\":null,\"complete\":true,\"more\":[1]}\n"
    "garbage\n{\"run\":\"b\"}\n{\"series\":{}}\n{\"run\":\"c\",\"series\":{\"loss\":{\"x\":[1,2],\"y\":[1]}}}\n{\"run\":\"d\",\"series\":{\"loss\":{\"x\":[[]],\"y\":[1]}}}\n"
    "{\"run\":\"e\",\"series\":{\"loss\":{\"x\":[NaN,2],\"y\":[1,2]},\"acc\":{\"x\":[7],\"y\":[8]}},\"hp\":[],\"secs\":2.5}";

TEST(lines_that_are_no_run_are_named_and_skipped)
{
    static const char *const why[] = {":4: ", ":5: no \"series\"", ":6: no \"run\"", ":7: a series needs", ":8: a series holds"};
    struct archive_run run;
    struct archive *a = archive_open(file_of("broken", broken), error);
    CHECK_INT(archive_next(a, &run, error), ARCHIVE_RUN);
    CHECK_STR(run.run, "a");
    CHECK(run.complete && isnan(run.horizon) && isnan(run.series[0].y[0]) && isnan(run.series[0].y[1]));
    for (int i = 0; i < 5; i++) {
        CHECK_INT(archive_next(a, &run, error), ARCHIVE_SKIPPED);
        if (!strstr(error, why[i])) CHECK_FAIL("'%s' does not say '%s'", error, why[i]);
    }
    CHECK_INT(archive_next(a, &run, error), ARCHIVE_RUN);
    CHECK_STR(run.hp, "{}");
    CHECK_STR(run.study, "");
    CHECK_NEAR(run.secs, 2.5, 0);
    CHECK_INT(run.series[0].n, 1);
    CHECK_NEAR(run.series[0].x[0], 2, 0);
    CHECK_NEAR(run.series[1].y[0], 8, 0);
    CHECK_INT(archive_next(a, &run, error), ARCHIVE_END);
    archive_close(a);
}

/* Longer than any buffer of the reader, and with a value on every page of it. */
TEST(a_long_line_is_read_whole)
{
    enum { N = 200000 };
    double *v = calloc(N, sizeof *v);
    for (int i = 0; i < N; i++) v[i] = check_random();
    struct archive_series one = {"loss", GOAL_MIN, N, v, v};
    struct archive_run run = {.study = "s", .run = "r", .unit = "", .hp = "", .status = "", .command = "", .horizon = NAN, .secs = NAN, .n = 1, .series = &one}, got;
    struct archive_writer *w = archive_create(place("long"), error);
    CHECK(archive_write(w, &run) && archive_finish(w, error));
    struct archive *a = archive_open(place("long"), error);
    CHECK_INT(archive_next(a, &got, error), ARCHIVE_RUN);
    CHECK_INT(got.series[0].n, N);
    CHECK(!memcmp(got.series[0].y, v, N * sizeof *v));
    archive_close(a);
    free(v);
}

TEST(a_gzip_that_was_cut_is_said)
{
    struct archive_run run;
    enum archive_got got;
    const char *path = place("a.jsonl.gz");
    struct stat about;
    CHECK(!stat(path, &about) && !truncate(path, about.st_size - 12));
    struct archive *a = archive_open(path, error);
    *error = 0;
    while ((got = archive_next(a, &run, error)) == ARCHIVE_RUN || got == ARCHIVE_SKIPPED) {}
    CHECK_INT(got, ARCHIVE_FAILED);
    CHECK(strstr(error, "a.jsonl.gz") != NULL);
    archive_close(a);
}

TEST(what_cannot_be_opened_or_is_none)
{
    CHECK(!archive_open(place("missing"), error));
    CHECK(strstr(error, "missing: No such file") != NULL);
    CHECK(!archive_create(place("no/where"), error));
    CHECK(strstr(error, "no/where") != NULL);
    CHECK(!archive_is(place("missing")) && !archive_is("-") && !archive_is(directory));
    CHECK(!archive_is(file_of("log", "step 1 loss 2\n")) && !archive_is(file_of("jsonl", "{\"step\":1,\"loss\":2}\n")));
}

TEST(a_full_disk_leaves_nothing_half)
{
    struct archive_writer *w = archive_create("/dev/full", error);
    for (int i = 0; w && i < 1000; i++) archive_write(w, &whole);
    CHECK(w && !archive_finish(w, error));
    CHECK(strstr(error, "/dev/full: cannot be written whole") != NULL);
}

CHECK_MAIN
