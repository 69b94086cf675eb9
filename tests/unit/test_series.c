/* series: the summary against what it summarises */
#include "../check.h"

#include "curvefit.h"
#include "siblings.h"

/* Pushes n noisy values and returns them. */
static double *noisy(cf_series *series, size_t n)
{
    double *y = malloc(n * sizeof *y);
    for (size_t i = 0; i < n; i++) {
        y[i] = 1 / (1 + (double)i / 100) + 0.1 * check_normal();
        cf_series_push(series, (double)i, y[i]);
    }
    return y;
}

static void check_sums(const cf_series *series, const double *y, size_t n)
{
    const cf_bin *bins;
    size_t m = cf_series_bins(series, &bins), at = 0;
    double d1 = 0, d2 = 0, want1 = 0, want2 = 0;
    for (size_t i = 1; i < n; i++) want1 += (y[i] - y[i - 1]) * (y[i] - y[i - 1]);
    for (size_t i = 2; i < n; i++) want2 += pow(y[i] - 2 * y[i - 1] + y[i - 2], 2);
    CHECK(m <= CF_SERIES_BINS);
    for (size_t b = 0; b < m; b++) {
        double mean = 0, m2 = 0, low = INFINITY, high = -INFINITY;
        for (size_t i = at; i < at + bins[b].n; i++) mean += y[i] / (double)bins[b].n, low = fmin(low, y[i]), high = fmax(high, y[i]);
        for (size_t i = at; i < at + bins[b].n; i++) m2 += (y[i] - mean) * (y[i] - mean);
        at += bins[b].n;
        CHECK_NEAR(bins[b].y, mean, 1e-9);
        CHECK_NEAR(bins[b].m2, m2, 1e-6 * (1 + m2));
        CHECK(bins[b].y_min == low && bins[b].y_max == high);
        CHECK(bins[b].x_last == (double)(at - 1) && bins[b].y_last == y[at - 1]);
        d1 += bins[b].d1, d2 += bins[b].d2;
    }
    CHECK_INT(at, n);
    CHECK_NEAR(d1, want1, 1e-6 * want1);
    CHECK_NEAR(d2, want2, 1e-6 * want2);
}

TEST(bins_hold_what_was_pushed)
{
    const size_t lengths[] = {1, 2, 511, 512, 513, 1000, 1000000};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        cf_series *series = cf_series_create();
        double *y = noisy(series, lengths[k]);
        check_sums(series, y, lengths[k]);
        free(y);
        cf_series_destroy(series);
    }
}

TEST(a_million_values_keep_early_and_late_detail)
{
    cf_series *series = cf_series_create();
    const cf_bin *bins;
    free(noisy(series, 1000000));
    size_t m = cf_series_bins(series, &bins), early = 0, late = 0;
    for (size_t b = 0; b < m; b++) early += bins[b].x < 1e4, late += bins[b].x > 5e5;
    CHECK(early >= 40);
    CHECK(late >= 60);
    CHECK_INT(cf_series_count(series), 1000000);
    cf_series_destroy(series);
}

TEST(a_restart_forgets_what_did_not_happen)
{
    cf_series *series = cf_series_create();
    for (int i = 0; i < 100; i++) cf_series_push(series, i, i);
    for (int i = 60; i < 80; i++) cf_series_push(series, i, -1);
    CHECK_INT(cf_series_count(series), 80);
    CHECK_NEAR(cf_series_last_x(series), 79, 0);
    CHECK_NEAR(cf_series_mean_from(series, 60), -1, 1e-12);
    CHECK_INT(cf_series_trouble(series).restarts, 1);
    cf_series_destroy(series);
}

TEST(equal_x_is_averaged)
{
    cf_series *series = cf_series_create();
    cf_series_push(series, 1, 5);
    for (int i = 1; i <= 4; i++) cf_series_push(series, 2, i);
    CHECK_INT(cf_series_count(series), 2);
    CHECK_NEAR(cf_series_last_y(series), 2.5, 1e-12);
    cf_series_destroy(series);
}

TEST(values_that_are_not_finite_are_counted_only)
{
    cf_series *series = cf_series_create();
    cf_series_push(series, 1, 1);
    cf_series_push(series, 2, NAN);
    cf_series_push(series, 3, INFINITY);
    CHECK_INT(cf_series_count(series), 1);
    CHECK_INT(cf_series_trouble(series).nonfinite_run, 2);
    CHECK_INT(cf_series_push(series, NAN, 1), CF_EINVAL);
    cf_series_push(series, 4, 2);
    CHECK_INT(cf_series_trouble(series).nonfinite_run, 0);
    CHECK_INT(cf_series_trouble(series).nonfinite, 2);
    cf_series_destroy(series);
}

TEST(a_head_is_what_had_been_seen)
{
    cf_series *whole = cf_series_create(), *head = cf_series_create(), *part = cf_series_create();
    for (int i = 1; i <= 400; i++) {
        double y = i > 150 ? 1 : check_normal();
        cf_series_push(whole, i, y);
        if (i <= 200) cf_series_push(part, i, y);
    }
    cf_series_head(head, whole, 200);
    CHECK_INT(cf_series_count(head), 200);
    CHECK_INT(cf_series_trouble(head).constant_run, cf_series_trouble(part).constant_run);
    CHECK_NEAR(cf_series_mean_from(head, 0), cf_series_mean_from(part, 0), 1e-12);
    cf_series_destroy(whole);
    cf_series_destroy(head);
    cf_series_destroy(part);
}

CHECK_MAIN
