/* the learning rate: what was seen, what a configuration states, what may come */
#include "../check.h"
#include "ensemble.h"

#define HORIZON 1000

static const struct cf__course_priors priors = {.clock = 1, .lag = 0.02, .contradicted = 0.02, .hidden = 0.2};

static double constant(double t) { return t * 0 + 1; }
static double cosine(double t) { return 0.5 * (1 + cos(M_PI * t)); }
static double trapezoid(double t) { return t < 0.6 ? 1 : (1 - t) / 0.4; }
static double warming(double t) { return t; }
static double warmed(double t) { return t < 0.1 ? t / 0.1 : 1 - (t - 0.1) / 0.9; }

static void course_of(struct cf__course *course, double (*rate)(double), double share, const cf_schedule *stated)
{
    cf_series *values = cf_series_create(), *rates = cf_series_create();
    for (int x = 1; x <= share * HORIZON; x++) {
        cf_series_push(values, x, 1.0 / x);
        if (rate) cf_series_push(rates, x, 3e-4 * rate((double)x / HORIZON));
    }
    cf__course_of(course, &(cf_task){.series = values, .horizon = HORIZON, .rate = rate ? rates : NULL, .schedule = stated}, &priors);
    cf_series_destroy(values), cf_series_destroy(rates);
}

/* Means over the futures of what lies at the end. */
static struct cf__moment at_end(const struct cf__course *course)
{
    struct cf__moment mean = {0, 0};
    for (unsigned i = 0; i < course->n; i++) {
        struct cf__moment m = cf__course_at(course, i, 1);
        mean.area += course->weight[i] * m.area;
        mean.drop += course->weight[i] * m.drop;
    }
    return mean;
}

static void check_end(const char *what, double (*rate)(double), double share, const cf_schedule *stated, double area, double drop)
{
    struct cf__course course;
    course_of(&course, rate, share, stated);
    struct cf__moment end = at_end(&course);
    if (fabs(end.area - area) > 0.03 || fabs(end.drop - drop) > 0.12) CHECK_FAIL("%s: area %.3f, drop %.3f at the end, not about %.3f and %.3f", what, end.area, end.drop, area, drop);
}

TEST(what_is_stated_is_followed)
{
    cf_schedule s = {.kind = CF_SCHEDULE_COSINE, .warmup = NAN, .decay_start = NAN, .peak = 3e-4, .final = 0};
    check_end("stated cosine", NULL, 0.3, &s, 0.5, 1);
    s.kind = CF_SCHEDULE_CONSTANT;
    check_end("stated constant", NULL, 0.3, &s, 1, 0);
    s = (cf_schedule){.kind = CF_SCHEDULE_WSD, .warmup = 100, .decay_start = 600, .peak = 3e-4, .final = 0};
    check_end("stated trapezoid", NULL, 0.3, &s, 0.05 + 0.5 + 0.2, 1);
}

TEST(what_was_logged_tells_how_it_goes_on)
{
    check_end("cosine", cosine, 0.4, NULL, 0.5, 0.95);
    check_end("linear after a warm-up", warmed, 0.4, NULL, 0.5, 0.98);
    check_end("a trapezoid whose decay has begun", trapezoid, 0.7, NULL, 0.8, 0.95);
}

/* A rate that still rises, by 3e-4 a horizon: where its peak is stated, the rest is known. A rise to the very end counts twice as a fall would. */
TEST(a_warm_up_goes_on_to_the_peak_that_is_stated)
{
    cf_schedule s = {.kind = CF_SCHEDULE_COSINE, .warmup = NAN, .decay_start = NAN, .peak = 1e-3, .final = 0};
    check_end("a peak beyond the horizon", warming, 0.47, &s, 0.5, 2);
    s = (cf_schedule){.kind = CF_SCHEDULE_COSINE, .warmup = 2000, .decay_start = NAN, .peak = NAN, .final = NAN};
    check_end("a warm-up beyond the horizon", warming, 0.47, &s, 0.5, 2);
    check_end("the same, no rate logged", NULL, 0.47, &s, 0.5, 0);
    s = (cf_schedule){.kind = CF_SCHEDULE_WSD, .warmup = NAN, .decay_start = 990, .peak = 2.25e-4, .final = 0};
    check_end("a peak before the horizon", warming, 0.47, &s, 0.62, 0.15);
}

TEST(what_was_logged_outweighs_what_was_stated)
{
    cf_schedule s = {.kind = CF_SCHEDULE_COSINE, .warmup = NAN, .decay_start = NAN, .peak = 3e-4, .final = 0};
    struct cf__course course;
    course_of(&course, constant, 0.5, &s);
    CHECK(at_end(&course).area > 0.85);
}

TEST(futures_share_the_past_and_sum_to_one)
{
    double (*const rates[])(double) = {NULL, constant, cosine, trapezoid, warming, warmed};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        struct cf__course course;
        double sum = 0;
        course_of(&course, rates[r], 0.35, NULL);
        CHECK(course.n >= 1 && course.known == (rates[r] != NULL));
        for (unsigned i = 0; i < course.n; i++) {
            sum += course.weight[i];
            for (double t = 0; t <= 0.34; t += 0.02) {
                struct cf__moment a = cf__course_at(&course, 0, t), b = cf__course_at(&course, i, t);
                CHECK_NEAR(a.area, b.area, 1e-6);
                CHECK_NEAR(a.drop, b.drop, 1e-6);
            }
        }
        CHECK_NEAR(sum, 1, 1e-9);
    }
}

static double pretraining(double t) { return exp(1.1 + 0.12 * pow(t < 0.6 ? t : 0.6 + 0.4 * (t - 0.6), -0.5) - 0.05 * (1 - trapezoid(t))); }

TEST(a_decay_that_was_announced_is_reckoned_with)
{
    struct cf__ensemble *e = cf__ensemble_create();
    cf_series *values = cf_series_create();
    cf_schedule stated = {.kind = CF_SCHEDULE_WSD, .warmup = NAN, .decay_start = 600, .peak = 3e-4, .final = 0}, flat = stated;
    double median[2], q[CF_QUANTILES], truth = pretraining(0.99);
    flat.kind = CF_SCHEDULE_CONSTANT;
    for (int x = 5; x <= HORIZON / 2; x += 5) cf_series_push(values, x, pretraining((double)x / HORIZON) * (1 + 0.002 * check_normal()));
    for (int i = 0; i < 2; i++) {
        struct cf__mixture m;
        CHECK(cf__ensemble_fit(e, &(cf_task){.series = values, .horizon = HORIZON, .schedule = i ? &stated : &flat}));
        cf__ensemble_predict(e, 0.99 * HORIZON, 4, &m);
        cf__mixture_quantiles(&m, q);
        median[i] = q[49];
    }
    CHECK(fabs(median[1] - truth) < 0.04 * truth); /* the decay buys .05 of the loss; what it will buy is guessed */
    CHECK(median[0] > median[1] + 0.015 * truth);
    cf_series_destroy(values), cf__ensemble_destroy(e);
}

TEST(words_mean_kinds)
{
    static const struct { const char *word; cf_schedule_kind kind; } cases[] = {
        {"cosine", CF_SCHEDULE_COSINE}, {"constant_with_warmup", CF_SCHEDULE_CONSTANT}, {"staged+linear_cooldown", CF_SCHEDULE_WSD},
        {"constant_then_linear_warmdown_by_wallclock", CF_SCHEDULE_WSD}, {"cosine_with_restarts", CF_SCHEDULE_COSINE_RESTARTS}, {"wsd_cosine", CF_SCHEDULE_WSD},
        {"trapezoid", CF_SCHEDULE_WSD}, {"linear", CF_SCHEDULE_LINEAR}, {"inverse_sqrt", CF_SCHEDULE_INVERSE_SQRT}, {"polynomial", CF_SCHEDULE_POLYNOMIAL}, {"?", CF_SCHEDULE_UNKNOWN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) CHECK_INT(cf_schedule_kind_of(cases[i].word), cases[i].kind);
    CHECK_INT(cf_schedule_kind_of(NULL), CF_SCHEDULE_UNKNOWN);
}

CHECK_MAIN
