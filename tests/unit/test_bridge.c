/* what is said of single observations on the way agrees with what is said of the end */
#include "../check.h"
#include "bridge.h"

#define HORIZON 400

static cf_series *curve(int n, double fall)
{
    cf_series *series = cf_series_create();
    for (int i = 1; i <= n; i++)
        cf_series_push(series, i, 2 + pow(i, -0.5) + 0.004 * sin(i * 12.9898) - (i > 300 ? fall * (i - 300) / 100 : 0));
    return series;
}

struct answer { cf_forecast final; double end[CF_QUANTILES], next[CF_QUANTILES], seen[CF_QUANTILES], logpdf; };

static struct answer ask(const cf_study *study)
{
    struct answer a;
    double mean, sd;
    cf_forecaster *f = cf_forecaster_create();
    cf_series *series = curve(200, 0);
    CHECK_INT(cf_forecast_final(f, &(cf_task){.series = series, .horizon = HORIZON, .study = study}, &a.final), CF_OK);
    CHECK_INT(cf_forecast_at(f, 396, &mean, &sd, a.end), CF_OK);
    CHECK_INT(cf_forecast_at(f, 202, &mean, &sd, a.next), CF_OK);
    CHECK_INT(cf_forecast_at(f, 150, &mean, &sd, a.seen), CF_OK);
    a.logpdf = cf_forecast_logpdf(f, 396, 1.55);
    cf_forecaster_destroy(f);
    cf_series_destroy(series);
    return a;
}

TEST(siblings_move_the_way_there_too)
{
    cf_study *study = cf_study_create();
    cf_run *runs[4];
    struct answer alone = ask(NULL), together;
    for (int r = 0; r < 4; r++) {
        cf_series *series = curve(HORIZON, 0.5 + 0.001 * r);
        CHECK((runs[r] = cf_run_create(series, HORIZON, CF_MINIMISE)) && cf_study_add(study, runs[r]) == CF_OK);
        cf_series_destroy(series);
    }
    together = ask(study);
    CHECK(together.final.q[49] < alone.final.q[49] - 0.2);
    CHECK_NEAR(together.end[49], together.final.q[49], 0.05);
    CHECK_NEAR(alone.end[49], alone.final.q[49], 0.05);
    CHECK_NEAR(together.next[49], alone.next[49], 0.01); /* what comes next is not moved */
    for (int i = 0; i < CF_QUANTILES; i++) CHECK_NEAR(together.seen[i], alone.seen[i], 0);
    CHECK(together.logpdf > alone.logpdf + 1);
    cf_study_destroy(study);
    for (int r = 0; r < 4; r++) cf_run_destroy(runs[r]);
}

/* Horizons of many lengths: the last x, over the horizon and back, is not always itself. */
TEST(the_last_value_seen_is_seen)
{
    cf_forecaster *f = cf_forecaster_create();
    for (int horizon = 41; horizon < 400; horizon += 7) {
        cf_series *series = curve(40, 0);
        double mean, sd, q[CF_QUANTILES];
        cf_forecast final;
        CHECK_INT(cf_forecast_final(f, &(cf_task){.series = series, .horizon = horizon / 9.0 + 40}, &final), CF_OK);
        CHECK_INT(cf_forecast_at(f, 40, &mean, &sd, q), CF_OK);
        CHECK_NEAR(q[49], mean, 0.05 * sd);
        CHECK(q[98] - q[50] < 10 * sd && q[98] > q[50]);
        cf_series_destroy(series);
    }
    cf_forecaster_destroy(f);
}

TEST(a_bound_is_no_infinite_width)
{
    double ensemble[CF_QUANTILES], q[CF_QUANTILES];
    struct cf__bridge b;
    for (int i = 0; i < CF_QUANTILES; i++) ensemble[i] = exp(0.001 * (i - 49)), q[i] = i < 20 ? 0 : 1;
    cf__bridge_to(&b, true, ensemble, q);
    CHECK(b.after > b.before && b.after < 1);
    CHECK_NEAR(b.shift, 0, 1e-12);
    for (int i = 0; i < CF_QUANTILES; i++) q[i] = 0;
    cf__bridge_to(&b, true, ensemble, q); /* nothing to go by: as the ensemble says */
    CHECK_NEAR(b.after, b.before, 0);
}

CHECK_MAIN
