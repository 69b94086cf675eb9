/* the learned voice: features, networks, siblings, and what stands around them */
#include "../check.h"

#include "curvefit.h"
#include "stack.h"

#include "torch_answers.h"

static cf_series *falling(int n, double scale, double shift, double noise)
{
    cf_series *series = cf_series_create();
    for (int i = 1; i <= n; i++) cf_series_push(series, i, shift + scale * (2 + pow(i / 50.0, -0.5) + noise * sin(i * 12.9898)));
    return series;
}

static void forecast(const cf_series *series, double horizon, const cf_study *study, cf_forecast *out)
{
    cf_forecaster *forecaster = cf_forecaster_create();
    cf_task task = {.series = series, .horizon = horizon, .study = study};
    CHECK_INT(cf_forecast_final(forecaster, &task, out), CF_OK);
    cf_forecaster_destroy(forecaster);
}

static void check_sane(const cf_forecast *f)
{
    CHECK(isfinite(f->mean) && isfinite(f->sd) && f->sd >= 0);
    for (int i = 0; i < CF_QUANTILES; i++) CHECK(isfinite(f->q[i]) && (i == 0 || f->q[i] >= f->q[i - 1]));
}

TEST(networks_answer_as_torch_did)
{
    for (size_t k = 0; k < sizeof torch_answers / sizeof *torch_answers; k++) {
        double q[CF_QUANTILES];
        cf__network_quantiles(&cf__network_alone, torch_answers[k].input, q);
        int worst = 0;
        for (int i = 0; i < CF_QUANTILES; i++)
            if (fabs(q[i] - torch_answers[k].q[i]) > fabs(q[worst] - torch_answers[k].q[worst])) worst = i;
        CHECK_NEAR(q[worst], torch_answers[k].q[worst], 1e-4 * (1 + fabs(torch_answers[k].q[worst])));
    }
}

TEST(scaling_y_scales_the_forecast)
{
    cf_series *one = falling(300, 1, 0, 0.02), *big = falling(300, 1000, 0, 0.02);
    cf_forecast a, b;
    forecast(one, 1000, NULL, &a);
    forecast(big, 1000, NULL, &b);
    for (int i = 0; i < CF_QUANTILES; i++) CHECK_NEAR(b.q[i] / 1000, a.q[i], 1e-4);
    cf_series_destroy(one);
    cf_series_destroy(big);
}

TEST(a_loss_is_never_forecast_below_zero)
{
    cf_series *series = cf_series_create();
    cf_forecast f;
    for (int i = 1; i <= 50; i++) cf_series_push(series, i, 0.01 * exp(-i / 10.0));
    forecast(series, 1000, NULL, &f);
    CHECK(f.q[0] >= -1e-15);
    cf_series_destroy(series);
}

TEST(a_curve_that_stands_still_is_believed)
{
    cf_series *series = cf_series_create();
    cf_forecast f;
    for (int i = 1; i <= 80; i++) cf_series_push(series, i, i < 20 ? 1.0 / i : 0.05);
    forecast(series, 100, NULL, &f);
    CHECK_NEAR(f.q[49], 0.05, 1e-9);
    CHECK_NEAR(f.q[30], 0.05, 1e-9);
    cf_series_destroy(series);
}

TEST(hostile_series_give_finite_forecasts)
{
    static const double shapes[][6] = {{0, 0, 0, 0, 0, 0}, {1e300, -1e300, 1e300, -1e300, 1, 2}, {1e-300, 2e-300, 1e-300, 0, 0, 0},
                                       {1, NAN, 2, INFINITY, 3, 4}, {1e9, 1, 1, 1, 1, 1}, {-5, -5, -5, -5, -5, 1e12}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int n = 0; n <= 600; n = n < 12 ? n + 1 : n * 7) {
            cf_series *series = cf_series_create();
            cf_forecast f;
            for (int i = 0; i < n; i++) cf_series_push(series, i, shapes[s][i % 6]);
            forecast(series, 1000, NULL, &f);
            check_sane(&f);
            cf_series_destroy(series);
        }
}

static double value_at(int i) { return 2 + pow(i / 50.0, -0.5) + 0.02 * sin(i * 12.9898); }

static void check_same(const cf_series *one, const cf_series *other, double tolerance)
{
    cf_forecast a, b;
    forecast(one, 1000, NULL, &a);
    forecast(other, 1000, NULL, &b);
    check_sane(&b);
    for (int i = 0; i < CF_QUANTILES; i++) CHECK_NEAR(b.q[i], a.q[i], tolerance * (a.q[94] - a.q[4]));
    cf_series_destroy((cf_series *)other);
}

/* What did not happen (values before a restart), was told twice or is no number leaves the answer as it was. */
TEST(logs_with_gaps_repeats_and_restarts_are_the_same_curve)
{
    cf_series *clean = falling(300, 1, 0, 0.02), *twice = cf_series_create(), *gaps = cf_series_create(), *again = cf_series_create();
    for (int i = 1; i <= 300; i++)
        for (int k = 0; k < 2; k++) cf_series_push(twice, i, value_at(i));
    for (int i = 1; i <= 300; i++) {
        if (i % 50 == 7) cf_series_push(gaps, i - 0.5, i % 100 == 7 ? NAN : INFINITY);
        cf_series_push(gaps, i, value_at(i));
    }
    for (int i = 1; i <= 250; i++) cf_series_push(again, i, value_at(i) + (i > 200 ? 5 : 0));
    for (int i = 201; i <= 300; i++) cf_series_push(again, i, value_at(i));
    check_same(clean, twice, 1e-9);
    check_same(clean, gaps, 1e-9);
    check_same(clean, again, 0.25); /* that it was restarted is an input of the network */
    cf_series_destroy(clean);
}

/* A run that stops being logged early, and one that goes on past its horizon, are answered all the same. */
TEST(runs_that_end_early_or_late_are_answered)
{
    for (int n = 4; n <= 1200; n += 92) {
        cf_series *series = falling(n, 1, 0, 0.02);
        cf_forecast f;
        forecast(series, 1000, NULL, &f);
        check_sane(&f);
        CHECK_INT(f.outcome, n >= 1000 ? CF_FINISHED : CF_FORECAST);
        CHECK(f.p_diverged < 0.01 && (f.p_diverged > 0) == (n < 1000));
        cf_series_destroy(series);
    }
}

TEST(features_are_finite_and_bounded)
{
    for (int trial = 0; trial < 2000; trial++) {
        cf_series *series = cf_series_create();
        struct cf__view view;
        struct cf__features f;
        int n = 2 + (int)(check_random() * 700);
        double size = pow(10, 40 * check_random() - 20), x = 0;
        for (int i = 0; i < n; i++) cf_series_push(series, x += check_random() < 0.1 ? 1e-9 : 1, size * (check_random() < 0.3 ? 1 : check_normal()));
        cf_task task = {.series = series, .horizon = x * (0.5 + 3 * check_random()), .goal = trial % 2 ? CF_MAXIMISE : CF_MINIMISE};
        CHECK(cf__features_of(&task, &view, &f));
        CHECK(f.scale > 0 && isfinite(f.scale) && isfinite(f.level));
        for (unsigned i = 0; i < f.n; i++) CHECK(fabsf(f.value[i]) <= 5);
        CHECK_INT(f.n, cf__network_alone.inputs);
        cf_series_destroy(series);
    }
}

/* What the learned voice makes of an ensemble that says middle, with quantiles from middle - half to middle + half. */
static double median_beside(const cf_series *series, double middle, double half, const cf_schedule *schedule, struct cf__learned *learned)
{
    struct cf__said ensemble = {.due = 1};
    double q[CF_QUANTILES];
    cf_task task = {.series = series, .horizon = 1000, .schedule = schedule};
    for (int i = 0; i < CF_QUANTILES; i++) ensemble.q[i] = middle + half * (i - 49) / 49.0;
    CHECK(cf__learned_quantiles(learned, &task, &ensemble, q));
    for (int i = 1; i < CF_QUANTILES; i++) CHECK(isfinite(q[i]) && q[i] >= q[i - 1]);
    return q[49];
}

TEST(an_ensemble_is_heard_as_far_as_it_is_sure)
{
    cf_series *series = falling(300, 1, 0, 0.02);
    struct cf__learned *learned = calloc(1, sizeof *learned);
    double unsure = median_beside(series, 2.2, 1e6, NULL, learned), alone = learned->median;
    double sure = median_beside(series, 2.2, 1e-6, NULL, learned), middling = median_beside(series, 2.2, 0.3, NULL, learned);
    CHECK_NEAR(unsure, alone, 1e-6);
    CHECK(fabs(sure - 2.2) < fabs(middling - 2.2) && fabs(middling - 2.2) < fabs(alone - 2.2));
    CHECK_NEAR(median_beside(series, NAN, 1, NULL, learned), alone, 1e-9);
    CHECK(isfinite(median_beside(series, 1e300, 1e-6, NULL, learned)));
    cf_schedule stated = {.kind = CF_SCHEDULE_COSINE, .peak = NAN}; /* news: heard more */
    CHECK(fabs(median_beside(series, 2.2, 0.3, &stated, learned) - 2.2) < 0.7 * fabs(middling - 2.2));
    free(learned);
    cf_series_destroy(series);
}

TEST(voices_that_agree_narrow_the_answer_and_voices_apart_widen_it)
{
    cf_series *series = falling(300, 1, 0, 0.02);
    struct cf__learned *learned = calloc(1, sizeof *learned);
    median_beside(series, 2.2, 1e6, NULL, learned);
    double alone = learned->heard.width, middle = learned->median;
    median_beside(series, middle, alone, NULL, learned);
    double agree = learned->heard.width;
    median_beside(series, middle + 4 * alone, alone, NULL, learned);
    CHECK(agree < 0.95 * alone && learned->heard.width > 1.2 * agree);
    median_beside(series, 1e300, alone, NULL, learned);
    CHECK(learned->heard.width < 5 * alone); /* at most 5 widths apart count */
    free(learned);
    cf_series_destroy(series);
}

static cf_run *with_end(cf_run *run)
{
    cf_forecaster *forecaster = cf_forecaster_create();
    cf_run_forecast_end(run, forecaster, NULL);
    cf_forecaster_destroy(forecaster);
    return run;
}

/* A sibling of 200 steps, seen for some of them, that falls by a fifth at step `fall`. */
static cf_run *sibling(int r, int seen, int fall)
{
    cf_series *series = cf_series_create();
    for (int i = 1; i <= seen; i++) cf_series_push(series, i, (3 + 0.02 * r + pow(i, -0.3) + 0.1 * sin(i * 12.9898 + r)) * (i > fall ? 0.8 : 1));
    cf_run *run = with_end(cf_run_create(series, 200, CF_MINIMISE));
    cf_series_destroy(series);
    return run;
}

static cf_series *before_the_fall(int n)
{
    cf_series *series = cf_series_create();
    for (int i = 1; i <= n; i++) cf_series_push(series, i, 3.05 + pow(i, -0.3) + 0.1 * sin(i * 7.77));
    return series;
}

/* Forecasts of the series without and with n siblings. */
static void forecast_beside(const cf_series *series, cf_run **runs, int n, cf_forecast *alone, cf_forecast *together)
{
    cf_study *study = cf_study_create();
    for (int r = 0; r < n; r++) CHECK_INT(cf_study_add(study, runs[r]), CF_OK);
    forecast(series, 200, NULL, alone);
    forecast(series, 200, study, together);
    check_sane(together);
    cf_study_destroy(study);
}

static void destroy_all(cf_run **runs, int n, cf_series *series)
{
    for (int r = 0; r < n; r++) cf_run_destroy(runs[r]);
    cf_series_destroy(series);
}

static void check_nothing_moves(const cf_series *series, cf_run *run)
{
    cf_forecast alone, together;
    forecast_beside(series, &run, 1, &alone, &together);
    for (int i = 0; i < CF_QUANTILES; i++) CHECK_NEAR(together.q[i], alone.q[i], 0);
}

/* Siblings that all fall late, by a fifth: a run at the same place is expected to do the same. */
TEST(siblings_that_fall_late_are_heard)
{
    cf_run *runs[6];
    cf_forecast alone, together;
    cf_series *series = before_the_fall(80);
    for (int r = 0; r < 6; r++) runs[r] = sibling(r, 200, 150);
    forecast_beside(series, runs, 6, &alone, &together);
    CHECK(fabs(together.q[49] - 2.61) < 0.7 * fabs(alone.q[49] - 2.61));
    destroy_all(runs, 6, series);
}

/* They need not have finished, if they are farther than the run that asks. */
TEST(unfinished_siblings_that_fell_are_heard)
{
    cf_run *runs[6];
    cf_forecast alone, together;
    cf_series *series = before_the_fall(30);
    for (int r = 0; r < 6; r++) runs[r] = sibling(r, 120, 60);
    forecast_beside(series, runs, 6, &alone, &together);
    CHECK(fabs(together.q[49] - 2.6) < 0.7 * fabs(alone.q[49] - 2.6));
    CHECK(together.q[94] > 2.4 && together.q[4] < 2.8);
    destroy_all(runs, 6, series);
}

TEST(no_farther_diverged_and_useless_siblings_are_left_out)
{
    cf_series *series = before_the_fall(80), *lost = before_the_fall(150);
    for (int i = 151; i < 154; i++) cf_series_push(lost, i, NAN);
    cf_run *runs[] = {sibling(0, 80, 150), sibling(0, 90, 150), sibling(0, 2, 150), with_end(cf_run_create(lost, 200, CF_MINIMISE))};
    for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) check_nothing_moves(series, runs[r]), cf_run_destroy(runs[r]);
    cf_series_destroy(lost);
    cf_series_destroy(series);
}

TEST(where_four_have_finished_no_unfinished_one_is_asked)
{
    cf_run *runs[5];
    cf_forecast alone, four, five;
    cf_series *series = before_the_fall(30);
    for (int r = 0; r < 4; r++) runs[r] = sibling(r, 200, 150);
    runs[4] = sibling(4, 120, 60);
    forecast_beside(series, runs, 4, &alone, &four);
    forecast_beside(series, runs, 5, &alone, &five);
    for (int i = 0; i < CF_QUANTILES; i++) CHECK_NEAR(five.q[i], four.q[i], 0);
    forecast_beside(series, runs + 1, 4, &alone, &five);
    CHECK(five.q[49] != four.q[49]);
    destroy_all(runs, 5, series);
}

/* A run at distance off from the middle one, and a decay late in the run that takes off a share of what is left above floor. */
static cf_series *decaying(int seen, double off, double floor, double direction)
{
    cf_series *series = cf_series_create();
    for (int i = 1; i <= seen; i++) {
        double y = 2 + off + pow(i, -0.5) - (i > 150 ? 0.5 * (i - 150) / 50.0 : 0);
        cf_series_push(series, i, floor + direction * y);
    }
    return series;
}

/* What the line through n siblings, two steps apart, says of a run at distance off: median in the unit of y; *width likewise. */
static double line_at(double off, int n, double floor, cf_goal goal, double *width)
{
    double direction = goal == CF_MAXIMISE ? -1 : 1, median = NAN;
    cf_study *study = cf_study_create();
    cf_run *runs[8];
    for (int r = 0; r < n; r++) {
        cf_series *series = decaying(200, 0.02 * (r - (n - 1) / 2.0), floor, direction);
        CHECK((runs[r] = cf_run_create(series, 200, goal)) && cf_study_add(study, runs[r]) == CF_OK);
        cf_series_destroy(series);
    }
    cf_series *own = decaying(100, off, floor, direction);
    struct cf__view *view = malloc(sizeof *view);
    struct cf__features f;
    cf_task task = {.series = own, .horizon = 200, .goal = goal, .study = study};
    CHECK(cf__features_of(&task, view, &f));
    CHECK_INT(cf__sibling_line(&task, &f, &median, width), n > 0);
    free(view);
    cf_series_destroy(own);
    cf_study_destroy(study);
    for (int r = 0; r < n; r++) cf_run_destroy(runs[r]);
    *width *= f.scale;
    return f.sign * (f.level + f.scale * median);
}

TEST(a_line_through_siblings_knows_what_is_still_to_come)
{
    const double end = 2 + pow(199, -0.5) - 0.475; /* of the middle one: mean of the last 2 % */
    double one, six, far, flipped;
    CHECK_NEAR(line_at(0, 6, 0, CF_MINIMISE, &six), end, 0.01);
    CHECK_NEAR(line_at(0, 1, 0, CF_MINIMISE, &one), end, 0.01);
    CHECK_NEAR(line_at(0.03, 6, 0, CF_MINIMISE, &six), end + 0.03, 0.015);
    CHECK_NEAR(line_at(0, 6, 5, CF_MAXIMISE, &flipped), 5 - end, 0.01);
    CHECK_NEAR(line_at(0, 6, -5, CF_MINIMISE, &flipped), end - 5, 0.01); /* values below 0: no logarithm */
    line_at(2, 6, 0, CF_MINIMISE, &far);
    CHECK(six < one && one < 0.3 && six > 0 && far > 5 * six);
    line_at(0, 0, 0, CF_MINIMISE, &far);
}

TEST(a_line_through_equal_values_is_finite)
{
    cf_series *flat = cf_series_create();
    for (int i = 1; i <= 100; i++) cf_series_push(flat, i, 1);
    cf_run *run = cf_run_create(flat, 100, CF_MINIMISE);
    cf_study *study = cf_study_create();
    cf_forecast f;
    CHECK_INT(cf_study_add(study, run), CF_OK);
    forecast(flat, 200, study, &f);
    check_sane(&f);
    CHECK_NEAR(f.q[49], 1, 1e-3);
    cf_study_destroy(study);
    cf_run_destroy(run);
    cf_series_destroy(flat);
}

CHECK_MAIN
