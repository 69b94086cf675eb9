#include "../check.h"
#include "replay/replay.h"

#define POINTS 50

/* Straight falls from 3 to their final values, all logged at the same places. */
struct made { double x[POINTS], y[16][POINTS]; struct replay_trial trials[16]; char names[16][24]; };

static struct replay_sweep sweep_of(struct made *m, const double *finals, size_t n, unsigned workers)
{
    for (size_t k = 0; k < POINTS; k++) m->x[k] = (double)(k + 1) * 2;
    for (size_t i = 0; i < n; i++) {
        snprintf(m->names[i], sizeof m->names[i], "t%u", (unsigned)i % 1000);
        for (size_t k = 0; k < POINTS; k++) m->y[i][k] = 3 + (finals[i] - 3) * m->x[k] / 100;
        m->trials[i] = (struct replay_trial){m->names[i], 100, POINTS, m->x, m->y[i], {0}};
    }
    return (struct replay_sweep){m->trials, n, "eval_loss", GOAL_MIN, workers, false, false};
}

static struct replay_outcome play(const struct replay_sweep *sweep, const char *name, double a, double b, struct replay_fate *fates)
{
    struct replay_outcome outcome;
    struct policy judged = policy_defaults();
    CHECK_INT(replay_run(sweep, replay_policy_named(name), (double[]){a, b}, &judged, &outcome, fates), CF_OK);
    return outcome;
}

static const double falling[] = {2, 1.5, 2.5, 1, 2.9};

TEST(without_stopping_all_is_run_and_nothing_lost)
{
    struct made m;
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    struct replay_outcome o = play(&sweep, "no-stop", 0, 0, NULL);
    CHECK_NEAR(o.cost, 1, 1e-12);
    CHECK_NEAR(o.regret, 0, 1e-12);
    CHECK_INT(o.best_trial, 3);
    CHECK_NEAR(o.spread, 2.01 - 1.02, 0.05); /* the last 2 % are the last two values */
    CHECK(o.scored && o.kept_within_1 && o.kept_within_5);
}

/* A learning rate that has come down to 0 long before the end: nothing more will be learned, and even the first trial ends. */
TEST(the_judge_is_told_the_learning_rate)
{
    struct made m;
    struct replay_fate fates[5];
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    double rate[POINTS] = {1, 1};
    play(&sweep, "foregone", 0.02, 0, fates);
    CHECK(fates[0].finished);
    m.trials[0].rate = (struct replay_curve){POINTS, m.x, rate};
    play(&sweep, "foregone", 0.02, 0, fates);
    CHECK(!fates[0].finished);
    CHECK_INT(fates[0].verdict.reason, REASON_DEAD);
}

TEST(the_oracle_finishes_the_records_alone)
{
    struct made m;
    struct replay_fate fates[5];
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    struct replay_outcome o = play(&sweep, "oracle", 0, 0, fates);
    CHECK_NEAR(o.cost, (3 + 2 * 0.02) / 5, 1e-12);
    CHECK_NEAR(o.regret, 0, 1e-12);
    for (int i = 0; i < 5; i++) CHECK_INT(fates[i].finished, i == 0 || i == 1 || i == 3);
    CHECK_INT(fates[2].points, 1);
}

TEST(with_two_workers_trials_overlap)
{
    struct made m;
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 2);
    struct replay_outcome o = play(&sweep, "oracle", 0, 0, NULL);
    CHECK_NEAR(o.cost, (3 + 2 * 0.02) / 5, 1e-12); /* 2 and 1.5 begin together; both finish before a third is logged */
    sweep.workers = 5;
    o = play(&sweep, "oracle", 0, 0, NULL);
    CHECK_NEAR(o.cost, (1 + 4 * 1.0) / 5, 0.05); /* nothing has finished before all are nearly done */
}

TEST(a_rule_that_stops_the_winner_regrets_it)
{
    struct made m;
    struct replay_sweep sweep = sweep_of(&m, (double[]){2, 2.2, 1, 2.1, 2.3}, 5, 1);
    for (int k = 0; k < 20; k++) m.y[2][k] = 3; /* the winner does not move for long */
    struct replay_fate fates[5];
    struct replay_outcome o = play(&sweep, "patience", 4, 0, fates);
    CHECK(!fates[2].finished);
    CHECK_INT(fates[2].points, 5);
    CHECK_NEAR(o.regret, (2 - 1) / (2.1 - 1), 0.03);
    CHECK(!o.kept_within_5);
    CHECK_NEAR(fates[2].run, 0.1, 1e-12);
}

TEST(nothing_kept_is_the_greatest_regret)
{
    struct made m;
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 30; k++) m.y[i][k] = 3;
    struct replay_outcome o = play(&sweep, "patience", 2, 0, NULL);
    CHECK_NEAR(o.regret, REPLAY_REGRET_MOST, 0);
    CHECK(isnan(o.kept));
}

TEST(asha_lets_the_best_of_a_rung_go_on)
{
    struct made m;
    struct replay_fate fates[5];
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    play(&sweep, "asha", 2, 0.25, fates);
    CHECK_NEAR(fates[2].run, 0.26, 1e-12); /* third of three at the first rung */
    CHECK(fates[3].finished && !fates[4].finished);
}

TEST(halving_pays_for_rungs)
{
    struct made m;
    struct replay_fate fates[5];
    struct replay_sweep sweep = sweep_of(&m, falling, 4, 1);
    struct replay_outcome o = play(&sweep, "sha", 2, 0.25, fates);
    CHECK_NEAR(o.cost, (4 * 0.25 + 2 * 0.25 + 1 * 0.5) / 4, 1e-12);
    CHECK(fates[3].finished && !fates[1].finished);
    CHECK_NEAR(fates[1].run, 0.5, 1e-12);
    o = play(&sweep, "i-epoch", 0.1, 2, fates);
    CHECK_NEAR(o.cost, (4 * 0.1 + 2 * 0.9) / 4, 1e-12);
    CHECK(fates[3].finished && fates[1].finished && !fates[0].finished);
}

TEST(the_median_rule_waits_for_three)
{
    struct made m;
    struct replay_fate fates[5];
    struct replay_sweep sweep = sweep_of(&m, (double[]){1, 1.2, 1.4, 2.9, 0.5}, 5, 1);
    play(&sweep, "median", 0.1, 0, fates);
    CHECK(fates[0].finished && fates[2].finished && fates[4].finished);
    CHECK(!fates[3].finished && fates[3].run < 0.5);
}

TEST(a_score_is_lost_the_other_way_round)
{
    struct made m;
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < POINTS; k++) m.y[i][k] = -m.y[i][k];
    sweep.goal = GOAL_MAX;
    struct replay_outcome o = play(&sweep, "oracle", 0, 0, NULL);
    CHECK_INT(o.best_trial, 3);
    CHECK(o.best < 0 && o.regret == 0);
}

TEST(values_that_are_not_finite_are_the_worst)
{
    struct made m;
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    for (int k = 20; k < POINTS; k++) m.y[3][k] = NAN;
    struct replay_outcome o = play(&sweep, "no-stop", 0, 0, NULL);
    CHECK_INT(o.best_trial, 1);
    for (int i = 0; i < 5; i++) m.y[i][POINTS - 1] = NAN;
    o = play(&sweep, "no-stop", 0, 0, NULL);
    CHECK(!o.scored);
    CHECK_NEAR(o.cost, 1, 1e-12);
}

TEST(ours_stops_what_is_hopeless_and_keeps_the_best)
{
    struct made m;
    struct replay_fate fates[8];
    struct replay_sweep sweep = sweep_of(&m, (double[]){1.2, 2.8, 2.7, 1.0, 2.9, 2.6, 2.5, 2.75}, 8, 1);
    struct replay_outcome o = play(&sweep, "foregone", 0.05, 0, fates);
    CHECK(o.cost < 0.9 && o.regret < 0.05);
    CHECK_INT(fates[7].verdict.reason, REASON_HOPELESS);
    struct replay_outcome again = play(&sweep, "foregone", 0.05, 0, NULL);
    CHECK_NEAR(again.cost, o.cost, 0);
    sweep.thaw = true;
    CHECK(play(&sweep, "foregone", 0.05, 0, NULL).regret < 0.05);
}

TEST(every_policy_of_the_table_runs_at_its_usual_settings)
{
    struct made m;
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 2);
    struct policy judged = policy_defaults();
    for (size_t i = 0; i < replay_policy_count(); i++) {
        const struct replay_policy *p = replay_policy_at(i);
        CHECK(replay_policy_named(p->name) == p && *p->sentence && p->n_usual >= 1 && p->n_settings <= REPLAY_SETTINGS);
        for (size_t k = 0; k < p->n_usual; k++) {
            struct replay_outcome o;
            CHECK_INT(replay_run(&sweep, p, p->usual[k], &judged, &o, NULL), CF_OK);
            CHECK(o.cost > 0 && o.cost <= 1 + 1e-12 && o.regret >= 0 && o.regret_less_noise <= o.regret);
        }
    }
    CHECK(!replay_policy_named("none such") && !replay_policy_at(99));
}

TEST(a_broken_sweep_is_refused)
{
    struct made m;
    struct replay_outcome o;
    struct policy judged = policy_defaults();
    struct replay_sweep sweep = sweep_of(&m, falling, 5, 1);
    const struct replay_policy *p = replay_policy_named("no-stop");
    sweep.workers = 0;
    CHECK_INT(replay_run(&sweep, p, p->usual[0], &judged, &o, NULL), CF_EINVAL);
    sweep.workers = 1;
    m.trials[1].n = 0;
    CHECK_INT(replay_run(&sweep, p, p->usual[0], &judged, &o, NULL), CF_EINVAL);
    sweep.n = 0;
    CHECK_INT(replay_run(&sweep, p, p->usual[0], &judged, &o, NULL), CF_EINVAL);
}

TEST(a_shuffle_is_a_permutation_that_the_seed_decides)
{
    size_t a[20], b[20], c[20], seen[20] = {0};
    replay_shuffle(a, 20, 5);
    replay_shuffle(b, 20, 5);
    replay_shuffle(c, 20, 6);
    for (int i = 0; i < 20; i++) seen[a[i]]++;
    for (int i = 0; i < 20; i++) CHECK_INT(seen[i], 1);
    CHECK(!memcmp(a, b, sizeof a) && memcmp(a, c, sizeof a));
}

TEST(the_least_cost_is_read_off_the_front)
{
    struct replay_point points[] = {{.8, .01}, {.4, .09}, {.6, .03}, {.7, .2}};
    CHECK_NEAR(replay_least_cost(points, 4, .03), .6, 1e-12);
    CHECK_NEAR(replay_least_cost(points, 4, .06), .5, 1e-12);
    CHECK_NEAR(replay_least_cost(points, 4, .005), .9, 1e-12);
    CHECK_NEAR(replay_least_cost(points, 4, .5), .4, 1e-12);
    CHECK_NEAR(replay_least_cost(points, 0, .5), 1, 0);
}

CHECK_MAIN
