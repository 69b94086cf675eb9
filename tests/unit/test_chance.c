#include "../check.h"
#include "chance_answers.h"
#include "race_answers.h"
#include "judge/chance.h"

TEST(the_network_answers_as_torch_does)
{
    for (int i = 0; i < CHANCE_ROWS; i++) CHECK_NEAR(chance_of(&chance_net, chance_inputs[i], 0), chance_answers[i], 1e-4 * chance_answers[i] + 1e-6);
}

/* ---- standing ------------------------------------------------------------------------------------------------------------------ */

#define STEPS 100

static cf_series *falling(double final, double level, double scale, double step, int upto)
{
    cf_series *s = cf_series_create();
    for (int i = 1; i <= upto; i++) cf_series_push(s, i * step, level + scale * (final + (3 - final) * exp(-5.0 * i / STEPS)));
    return s;
}

struct stage { cf_series *own, *series[3]; cf_run *run[3]; struct rival rivals[3]; cf_forecast forecast; struct scene scene; };

/* A trial at half of its way among three finished ones, in any unit of x and y; scale < 0: a score to be maximised. */
static void set(struct stage *s, double final, double level, double scale, double step)
{
    static const double finals[] = {1, 1.5, 2};
    cf_goal goal = scale < 0 ? CF_MAXIMISE : CF_MINIMISE;
    cf_forecaster *forecaster = cf_forecaster_create();
    s->own = falling(final, level, scale, step, STEPS / 2);
    for (int i = 0; i < 3; i++) {
        s->series[i] = falling(finals[i], level, scale, 1, STEPS);
        s->run[i] = cf_run_create(s->series[i], STEPS, goal);
        s->rivals[i] = (struct rival){s->series[i], STEPS, s->run[i], NULL, false};
    }
    cf_task task = {.series = s->own, .horizon = STEPS * step, .goal = goal};
    CHECK_INT(cf_forecast_final(forecaster, &task, &s->forecast), CF_OK);
    s->scene = (struct scene){s->own, STEPS * step, goal, cf_run_final(s->run[0]), 20, &s->forecast, s->rivals, 3};
    cf_forecaster_destroy(forecaster);
}

static void clear(struct stage *s)
{
    cf_series_destroy(s->own);
    for (int i = 0; i < 3; i++) cf_series_destroy(s->series[i]), cf_run_destroy(s->run[i]);
}

static double chance_at(double final)
{
    struct stage s;
    float input[STANDING_INPUTS];
    set(&s, final, 0, 1, 1);
    CHECK(standing_inputs(&s.scene, input));
    clear(&s);
    return chance_of(&chance_net, input, 0);
}

TEST(who_stands_better_has_the_better_chance)
{
    double leads = chance_at(0.5), follows = chance_at(1.8), hopeless = chance_at(2.8);
    CHECK(leads > follows && follows >= hopeless);
    CHECK(leads > 0.5 && hopeless < 0.05);
}

TEST(standing_knows_neither_level_nor_scale_nor_unit_nor_direction)
{
    struct stage s;
    float plain[STANDING_INPUTS], other[STANDING_INPUTS];
    static const double ways[][3] = {{0, 100, 1}, {50, 1, 1}, {0, 1, 1000}, {1, -1, 1}};
    set(&s, 1.2, 0, 1, 1);
    CHECK(standing_inputs(&s.scene, plain));
    clear(&s);
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        set(&s, 1.2, ways[w][0], ways[w][1], ways[w][2]);
        CHECK(standing_inputs(&s.scene, other));
        clear(&s);
        for (int i = 19; i < STANDING_INPUTS; i++) CHECK_NEAR(other[i], plain[i], 0.05 + 0.05 * fabs(plain[i])); /* the forecast knows the room left below */
    }
}

TEST(with_nothing_finished_there_is_nothing_to_stand_against)
{
    struct stage s;
    float input[STANDING_INPUTS];
    set(&s, 1.2, 0, 1, 1);
    s.scene.n_rivals = 0;
    CHECK(!standing_inputs(&s.scene, input));
    clear(&s);
}

TEST(every_input_is_finite_whatever_is_seen)
{
    for (int k = 0; k < 50; k++) {
        struct stage s;
        float input[STANDING_INPUTS];
        set(&s, 1, 0, 1, 1);
        cf_series_clear(s.own);
        for (int i = 1; i < 30; i++) cf_series_push(s.own, i, check_random() < 0.1 ? 1e300 * check_normal() : check_random() < 0.3 ? 0 : check_normal());
        if (standing_inputs(&s.scene, input))
            for (int i = 0; i < STANDING_INPUTS; i++) CHECK(isfinite(input[i]));
        clear(&s);
    }
}

/* ---- in a race ------------------------------------------------------------------------------------------------------------------- */

TEST(the_network_of_races_answers_as_torch_does)
{
    for (int i = 0; i < RACE_ROWS; i++)
        for (unsigned k = 0; k < 2; k++) CHECK_NEAR(chance_logit(&race_net, race_inputs[i], k), race_answers[2 * i + (int)k], 1e-3);
}

/* As set(), but nobody has finished: the others stand where it stands, or as far as one value. */
static void set_race(struct stage *s, cf_forecast forecasts[3], double final, double level, double scale, double step)
{
    set(s, final, level, scale, step);
    static const double finals[] = {1, 1.5, 2};
    cf_forecaster *forecaster = cf_forecaster_create();
    for (int i = 0; i < 3; i++) {
        cf_series_destroy(s->series[i]);
        s->series[i] = falling(finals[i], level, scale, 1, i == 2 ? 1 : STEPS / 2);
        cf_task task = {.series = s->series[i], .horizon = STEPS, .goal = s->scene.goal};
        CHECK_INT(cf_forecast_final(forecaster, &task, &forecasts[i]), CF_OK);
        s->rivals[i] = (struct rival){s->series[i], STEPS, NULL, &forecasts[i], false};
    }
    s->scene.bar = NAN;
    cf_forecaster_destroy(forecaster);
}

TEST(in_a_race_the_better_deserves_more_though_nobody_has_finished)
{
    double score[2];
    for (int i = 0; i < 2; i++) {
        struct stage s;
        cf_forecast forecasts[3];
        float input[RACE_INPUTS];
        set_race(&s, forecasts, i ? 2.8 : 0.5, 0, 1, 1);
        CHECK(standing_in_race(&s.scene, input));
        for (int k = 0; k < RACE_INPUTS; k++) CHECK(isfinite(input[k]));
        score[i] = chance_logit(&race_net, input, RACE_SCORE);
        clear(&s);
    }
    CHECK(score[0] > score[1] + 1);
}

TEST(a_race_knows_neither_level_nor_scale_nor_unit_nor_direction)
{
    static const struct { double level, scale, step, near; } other[] = {{5, 1, 1, 0.75}, {0, 40, 1, 1e-3}, {0, 1, 7, 1e-3}, {0, -1, 1, 0.75}}; /* the forecast knows the room left above 0 */
    struct stage s;
    cf_forecast forecasts[3];
    float plain[RACE_INPUTS], input[RACE_INPUTS];
    set_race(&s, forecasts, 1.2, 0, 1, 1);
    CHECK(standing_in_race(&s.scene, plain));
    clear(&s);
    for (size_t k = 0; k < sizeof other / sizeof *other; k++) {
        set_race(&s, forecasts, 1.2, other[k].level, other[k].scale, other[k].step);
        CHECK(standing_in_race(&s.scene, input));
        clear(&s);
        CHECK_NEAR(chance_logit(&race_net, input, RACE_SCORE), chance_logit(&race_net, plain, RACE_SCORE), other[k].near);
    }
}

TEST(alone_there_is_no_race)
{
    struct stage s;
    float input[RACE_INPUTS];
    set(&s, 1.2, 0, 1, 1);
    s.scene.n_rivals = 0;
    CHECK(!standing_in_race(&s.scene, input));
    clear(&s);
}

CHECK_MAIN
