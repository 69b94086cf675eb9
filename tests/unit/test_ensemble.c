/* the grid posterior: recovery, calibration, equivariance, hostile input */
#include "../check.h"
#include "ensemble.h"

static struct cf__ensemble *ensemble(void)
{
    static struct cf__ensemble *e;
    if (!e) e = cf__ensemble_create();
    return e;
}

static void push_curve(cf_series *s, double share, double noise, double (*curve)(double))
{
    cf_series_clear(s);
    for (int i = 1; i <= 500 * share; i++) cf_series_push(s, i, curve(i / 500.0) + noise * check_normal());
}

static double power(double t) { return 1.2 + 0.8 * pow(t, -0.5) / 5; }
static double exponential(double t) { return 0.3 + 2 * exp(-4 * t); }
static double saturating(double t) { return 0.9 - 0.7 / (1 + pow(6 * t, 1.5)); }

static double score(double t) { return -exponential(t); }
static double loss(double t) { return exp(exponential(t) - 1); } /* a loss is fitted by its logarithm */

TEST(known_curves_are_recovered_within_noise)
{
    static const struct { const char *name; double (*curve)(double); cf_goal goal; double noise, near; } cases[] = {
        {"power law", power, CF_MINIMISE, 0.01, 0.04}, {"score", score, CF_MAXIMISE, 0.01, 0.12}, /* 0.23 are still to come */
        {"loss", loss, CF_MINIMISE, 0.005, 0.04}, {"saturating", saturating, CF_MAXIMISE, 0.01, 0.04}};
    cf_series *s = cf_series_create();
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int inside = 0, near = 0;
        for (int seed = 0; seed < 20; seed++) {
            struct cf__mixture m;
            double q[CF_QUANTILES], truth = cases[c].curve(0.99);
            push_curve(s, 0.5, cases[c].noise, cases[c].curve);
            cf_task task = {.series = s, .horizon = 500, .goal = cases[c].goal};
            CHECK(cf__ensemble_fit(ensemble(), &task));
            cf__ensemble_predict(ensemble(), 495, 10, &m);
            cf__mixture_quantiles(&m, q);
            inside += truth >= q[1] && truth <= q[97];
            near += fabs(q[49] - truth) < cases[c].near;
        }
        if (inside < 16) CHECK_FAIL("%s: the 96 %% interval held the truth %d times of 20", cases[c].name, inside);
        if (near < 17) CHECK_FAIL("%s: the median was within %g of the truth %d times of 20", cases[c].name, cases[c].near, near);
    }
    cf_series_destroy(s);
}

TEST(weights_sum_to_one_and_name_families)
{
    cf_family_weight w[CF_FAMILIES_MAX];
    cf_series *s = cf_series_create();
    double sum = 0;
    push_curve(s, 0.6, 0.005, exponential);
    cf_task task = {.series = s, .horizon = 500};
    cf__ensemble_fit(ensemble(), &task);
    size_t n = cf__ensemble_families(ensemble(), w);
    for (size_t i = 0; i < n; i++) sum += w[i].weight;
    CHECK_NEAR(sum, 1, 1e-9);
    for (size_t i = 1; i < n; i++) CHECK(w[i].weight <= w[i - 1].weight);
    cf_series_destroy(s);
}

/* What the ensemble says of one curve in other units: y·by + plus, and x in other units too. */
static void compare_units(cf_goal goal, double by, double plus)
{
    cf_series *a = cf_series_create(), *b = cf_series_create();
    double y[250], qa[CF_QUANTILES], qb[CF_QUANTILES];
    struct cf__mixture m;
    for (int i = 0; i < 250; i++) y[i] = power((i + 1) / 500.0) + 0.02 * check_normal();
    for (int i = 0; i < 250; i++) cf_series_push(a, i + 1, y[i]), cf_series_push(b, (i + 1) * 7, by * y[i] + plus);
    cf__ensemble_fit(ensemble(), &(cf_task){.series = a, .horizon = 500, .goal = goal});
    cf__ensemble_predict(ensemble(), 495, 5, &m), cf__mixture_quantiles(&m, qa);
    cf__ensemble_fit(ensemble(), &(cf_task){.series = b, .horizon = 3500, .goal = goal});
    cf__ensemble_predict(ensemble(), 3465, 5, &m), cf__mixture_quantiles(&m, qb);
    for (int i = 0; i < CF_QUANTILES; i += 7) CHECK_NEAR(qb[i], by * qa[i] + plus, 1e-6 * by);
    cf_series_destroy(a), cf_series_destroy(b);
}

TEST(a_loss_may_be_in_any_unit) { compare_units(CF_MINIMISE, 1000, 0); }
TEST(a_score_may_be_in_any_unit_from_any_zero) { compare_units(CF_MAXIMISE, 1000, -40); }

TEST(a_poor_series_never_gives_nan)
{
    static const double hostile[][6] = {{1, 1, 1, 1, 1, 1}, {1, 2, 1, 2, 1, 2}, {1e300, 1e299, 1e298, 1e297, 1e296, 1e295}, {-1e300, 1e300, -1e300, 1e300, 0, 0},
                                        {1e-300, 2e-300, 1e-300, 0, 0, 0}, {NAN, 1, INFINITY, 2, NAN, 3}, {5, 1e12, 5, 5, 5, 5}};
    cf_forecaster *f = cf_forecaster_create();
    cf_series *s = cf_series_create();
    for (size_t k = 0; k < sizeof hostile / sizeof *hostile; k++)
        for (int n = 0; n <= 6; n++) {
            cf_forecast out;
            cf_series_clear(s);
            for (int i = 0; i < n; i++) cf_series_push(s, i, hostile[k][i]);
            CHECK_INT(cf_forecast_final(f, &(cf_task){.series = s, .horizon = 100}, &out), CF_OK);
            CHECK(isfinite(out.mean) && isfinite(out.sd) && isfinite(out.p_diverged));
            for (int i = 0; i < CF_QUANTILES; i++) {
                CHECK(isfinite(out.q[i]));
                CHECK(!i || out.q[i] >= out.q[i - 1]);
            }
            double mean, sd, q[CF_QUANTILES];
            if (!cf_forecast_at(f, 50, &mean, &sd, q)) CHECK(isfinite(mean) && isfinite(sd) && isfinite(q[0]) && isfinite(q[98]));
            CHECK(isfinite(cf_forecast_logpdf(f, 50, 1)));
        }
    cf_series_destroy(s), cf_forecaster_destroy(f);
}

TEST(density_integrates_to_one)
{
    cf_forecaster *f = cf_forecaster_create();
    cf_series *s = cf_series_create();
    cf_forecast out;
    double sum = 0, mean, sd;
    push_curve(s, 0.5, 0.02, exponential);
    cf_forecast_final(f, &(cf_task){.series = s, .horizon = 500}, &out);
    cf_forecast_at(f, 400, &mean, &sd, NULL);
    for (int i = -4000; i < 4000; i++) sum += exp(cf_forecast_logpdf(f, 400, mean + i * sd / 200)) * sd / 200;
    CHECK_NEAR(sum, 1, 0.01);
    cf_series_destroy(s), cf_forecaster_destroy(f);
}

TEST(cdf_and_quantile_are_inverse)
{
    cf_forecast out = {0};
    for (int i = 0; i < CF_QUANTILES; i++) out.q[i] = i * i;
    for (double p = 0.002; p < 1; p += 0.013) CHECK_NEAR(cf_forecast_cdf(&out, cf_forecast_quantile(&out, p)), p, 1e-6);
    CHECK(cf_forecast_cdf(&out, -1e9) >= 0 && cf_forecast_cdf(&out, -1e9) < 1e-6);
    CHECK(cf_forecast_cdf(&out, 1e9) <= 1 && cf_forecast_cdf(&out, 1e9) > 1 - 1e-6);
}

TEST(a_broken_task_is_refused)
{
    cf_forecaster *f = cf_forecaster_create();
    cf_series *s = cf_series_create();
    cf_forecast out;
    CHECK_INT(cf_forecast_final(f, &(cf_task){.series = NULL, .horizon = 1}, &out), CF_EINVAL);
    CHECK_INT(cf_forecast_final(f, &(cf_task){.series = s, .horizon = 0}, &out), CF_EINVAL);
    CHECK_INT(cf_forecast_final(f, &(cf_task){.series = s, .horizon = NAN}, &out), CF_EINVAL);
    CHECK_INT(cf_forecast_final(f, &(cf_task){.series = s, .horizon = 10}, &out), CF_OK);
    CHECK_INT(out.outcome, CF_TOO_FEW);
    cf_series_destroy(s), cf_forecaster_destroy(f);
}

CHECK_MAIN
