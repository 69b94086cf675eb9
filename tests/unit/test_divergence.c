/* the chance that a run ends non-finite or far above its start */
#include "../check.h"
#include "divergence.h"

/* y(i) for i = 1 ... n of a run of 200. */
static double chance(double (*y)(int), int n, cf_goal goal)
{
    cf_series *series = cf_series_create();
    for (int i = 1; i <= n; i++) cf_series_push(series, i, y(i));
    double p = cf__chance_of_divergence(&(cf_task){.series = series, .horizon = 200, .goal = goal});
    cf_series_destroy(series);
    return p;
}

static double falling(int i) { return 2 + 1.0 / i; }
static double spiking(int i) { return i == 50 ? 400 : falling(i); }
static double leaving(int i) { return i >= 95 ? 40 + i : falling(i); }
static double below_zero(int i) { return -5 + 0.1 * i; }
static double broken(int i) { return i == 50 ? NAN : falling(i); }
static double ending(int i) { return i > 98 ? INFINITY : falling(i); }

TEST(a_curve_is_judged_by_what_curves_like_it_did)
{
    double calm = chance(falling, 100, CF_MINIMISE), spiked = chance(spiking, 100, CF_MINIMISE), up = chance(spiking, 50, CF_MINIMISE);
    CHECK(calm > 0 && calm < 0.005);
    CHECK(chance(falling, 180, CF_MINIMISE) < calm && chance(falling, 100, CF_MAXIMISE) < calm);
    CHECK(spiked > calm && spiked < 0.1);
    CHECK(up > 0.5 && chance(leaving, 101, CF_MINIMISE) > up);
    CHECK_NEAR(chance(leaving, 96, CF_MINIMISE), up, 0); /* not for long enough yet */
    CHECK(chance(leaving, 101, CF_MAXIMISE) < calm);     /* a score that grows */
    CHECK(chance(below_zero, 100, CF_MINIMISE) < 0.005); /* there is no tenfold of it */
    CHECK(chance(broken, 100, CF_MINIMISE) > 0.1 && chance(broken, 100, CF_MINIMISE) < 0.9);
    CHECK_NEAR(chance(ending, 100, CF_MINIMISE), 1, 0);
}

CHECK_MAIN
