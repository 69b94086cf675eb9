#include "../check.h"
#include "judge/judge.h"
#include "judge/look.h"
#include "judge/rule.h"

static struct judge_value loss(double v) { return (struct judge_value){"eval_loss", {METRIC_EVAL_LOSS, GOAL_MIN}, v}; }

static double curve(double t, double final) { return final + (3 - final) * exp(-6 * t); }

/* Runs a trial of 100 steps until it is stopped; where it was. */
static int play(struct judge *j, const char *name, double final, struct verdict *v)
{
    judge_start(j, name, 100);
    for (int i = 1; i <= 100; i++) {
        struct judge_value value = loss(curve(i / 100.0, final) + 0.002 * check_normal());
        CHECK_INT(judge_log(j, name, i, &value, 1, v), CF_OK);
        if (v->stop) return judge_end(j, name, TRIAL_STOPPED), i;
    }
    judge_end(j, name, TRIAL_COMPLETE);
    return 100;
}

static struct judge *judge_with(double delta, double target)
{
    struct policy p = policy_defaults();
    p.delta = delta, p.target = target;
    return judge_create(&p);
}

TEST(the_first_trial_runs_to_its_end)
{
    struct judge *j = judge_with(0.3, NAN);
    struct verdict v;
    CHECK_INT(play(j, "a", 1, &v), 100);
    CHECK_INT(v.reason, REASON_NO_RIVAL);
    judge_destroy(j);
}

TEST(a_hopeless_trial_is_stopped_and_a_better_one_is_not)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    play(j, "a", 1, &v);
    CHECK(play(j, "bad", 2.5, &v) < 60);
    CHECK_INT(v.reason, REASON_HOPELESS);
    CHECK_STR(v.rival, "a");
    CHECK_NEAR(v.bar, 1, 0.02);
    CHECK(v.has_forecast && v.p_good < 0.05);
    CHECK_INT(play(j, "good", 0.5, &v), 100);
    struct judge_value value = loss(2);
    judge_log(j, "bad", 70, &value, 1, &v);
    CHECK(v.stop);
    CHECK_INT(v.reason, REASON_STOPPED_BEFORE);
    judge_destroy(j);
}

TEST(a_gain_below_min_delta_is_not_worth_its_cost)
{
    int ran[2];
    for (int asks = 0; asks < 2; asks++) {
        struct policy p = policy_defaults();
        p.delta = 0.05, p.min_delta = asks ? 0.8 : 0;
        struct judge *j = judge_create(&p);
        struct verdict v;
        play(j, "a", 1, &v);
        play(j, "b", 2.5, &v);
        ran[asks] = play(j, "slightly better", 0.8, &v);
        judge_destroy(j);
    }
    CHECK_INT(ran[0], 100);
    CHECK(ran[1] < 90);
}

TEST(the_larger_of_both_edges_counts)
{
    struct policy p = policy_defaults();
    p.tolerance = 0.1, p.min_delta = 0.5;
    CHECK_NEAR(policy_edge(&p, 0), 0.5, 0);
    CHECK_NEAR(policy_edge(&p, 20), 2, 1e-12);
}

/* Whether a chance of .012 is stopped at progress, when a good trial is worth so many full runs; 0: not told, delta .02. */
static bool stops_at(double progress, double worth)
{
    struct policy p = policy_defaults();
    cf_forecast none = {0};
    struct verdict v;
    if (worth) policy_weigh(&p, worth);
    rule_apply(&(struct rule_input){&p, CF_MINIMISE, progress, 1, 1, false, 0.01, &none}, &v);
    return v.stop;
}

TEST(the_less_is_left_to_run_the_less_a_chance_must_be_worth_it)
{
    CHECK(stops_at(0.25, 0) && !stops_at(0.7, 0));
    CHECK(stops_at(0.25, 50) && !stops_at(0.6, 50));
    CHECK(!stops_at(0.25, 100) && stops_at(0.25, 20) && stops_at(0.7, 20));
}

TEST(what_the_user_calls_good_is_not_stopped)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    play(j, "a", 1, &v);
    judge_start(j, "bad", 100);
    CHECK_INT(judge_mark(j, "bad", MARK_GOOD), CF_OK);
    CHECK_INT(play(j, "bad", 2.5, &v), 100);
    struct judge_value lost = loss(NAN);
    for (int i = 0; i < 3; i++) judge_log(j, "bad", 101 + i, &lost, 1, &v);
    CHECK(!v.stop);
    CHECK_INT(v.reason, REASON_MARKED_GOOD);
    CHECK_INT(judge_mark(j, "bad", MARK_NONE), CF_OK);
    judge_log(j, "bad", 104, &lost, 1, &v);
    CHECK(v.stop);
    CHECK_INT(judge_mark(j, "nobody", MARK_GOOD), CF_EINVAL);
    judge_destroy(j);
}

/* Stopped by hand at 60 of 100 because it was good enough: there is no better trial, and the others must beat what it reached. */
TEST(what_the_user_calls_good_is_a_bar)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    judge_start(j, "half", 100);
    for (int i = 1; i <= 60; i++) {
        struct judge_value value = loss(curve(i / 100.0, 1));
        judge_log(j, "half", i, &value, 1, NULL);
    }
    judge_end(j, "half", TRIAL_FAILED);
    CHECK_INT(play(j, "first", 2, &v), 100); /* not marked yet: no rival */
    judge_mark(j, "half", MARK_GOOD);
    CHECK(play(j, "other", 2.5, &v) < 60);
    CHECK_STR(v.rival, "half");
    CHECK_NEAR(v.bar, curve(0.6, 1), 0.02);
    judge_destroy(j);
}

/* Six that fall at a third of the way; how many of them are told, and whether they were stopped or still run when the seventh, at a
 * quarter, is asked, on the quarter itself or after many looks. */
static double asked(int siblings, bool stopped, bool often)
{
    struct judge *j = judge_with(1e-6, NAN); /* nobody is stopped but by hand */
    struct verdict v = {0};
    char name[16];
    for (int k = 0; k < siblings; k++) judge_start(j, (snprintf(name, sizeof name, "t%d", k), name), 100);
    for (int i = 1; i <= 60; i++)
        for (int k = 0; k < siblings; k++) {
            struct judge_value value = loss((3 + 0.02 * k + pow(i, -0.3) + 0.1 * sin(i * 12.9898 + k)) * (i > 33 ? 0.7 : 1));
            snprintf(name, sizeof name, "t%d", k);
            judge_log(j, name, i, &value, 1, often ? &v : NULL);
            if (i == 60 && stopped) judge_end(j, name, TRIAL_STOPPED);
        }
    judge_start(j, "me", 100);
    for (int i = 1; i <= 25; i++) {
        struct judge_value value = loss(3.05 + pow(i, -0.3) + 0.1 * sin(i * 7.77));
        judge_log(j, "me", i, &value, 1, often || i == 25 ? &v : NULL);
    }
    judge_destroy(j);
    return v.forecast.q[49];
}

TEST(where_few_have_finished_the_stopped_and_the_running_are_asked)
{
    double alone = asked(0, false, false), stopped = asked(6, true, false), running = asked(6, false, false);
    CHECK(alone - stopped > 0.3 && alone - running > 0.3);
    CHECK_NEAR(asked(6, true, true), stopped, 1e-9);
    CHECK_NEAR(asked(6, false, true), running, 1e-9); /* it does not matter when they were looked at before */
}

/* Two that begin at once, the one judged here, the other one here or in another process; how far the first got. */
static int beside(double delta, double other, bool noted, enum trial_status status, unsigned keep, struct verdict *v)
{
    struct policy p = policy_defaults();
    p.delta = delta, p.keep = keep;
    struct judge *j = judge_create(&p);
    int x = 1;
    judge_start(j, "other", 100);
    judge_start(j, "me", 100);
    for (; x < 100; x++) {
        struct judge_value theirs = loss(curve(x / 100.0, other) + 0.002 * check_normal()), mine = loss(curve(x / 100.0, 2.5) + 0.002 * check_normal());
        struct verdict unused;
        judge_log(j, "other", x, &theirs, 1, noted ? NULL : &unused);
        judge_end(j, "other", status);
        judge_log(j, "me", x, &mine, 1, v);
        if (v->stop) break;
    }
    judge_destroy(j);
    return x;
}

TEST(before_one_has_finished_those_that_run_are_judged_among_themselves)
{
    struct verdict v;
    CHECK(beside(0.05, 1, false, TRIAL_RUNNING, 1, &v) < 60);
    CHECK_INT(v.reason, REASON_HOPELESS);
    CHECK_STR(v.rival, "other");
    CHECK_NEAR(v.bar, 1, 0.5);
    CHECK(beside(0.05, 1, true, TRIAL_RUNNING, 1, &v) < 60); /* another process judges it */
    CHECK_INT(beside(0.05, 2.5, true, TRIAL_RUNNING, 1, &v), 100);
    CHECK_INT(beside(0.05, 3, true, TRIAL_RUNNING, 1, &v), 100);
}

TEST(who_no_longer_runs_promises_nothing)
{
    struct verdict v;
    CHECK_INT(beside(0.05, 1, true, TRIAL_FAILED, 1, &v), 100);
    CHECK_INT(v.reason, REASON_NO_RIVAL);
    CHECK_INT(beside(0.05, 1, true, TRIAL_STOPPED, 1, &v), 100);
    CHECK_INT(beside(0.05, 1, true, TRIAL_RUNNING, 2, &v), 100); /* both are among the best two */
    CHECK_INT(v.reason, REASON_NO_RIVAL);
}

TEST(an_earlier_study_sharpens_and_is_nobodys_rival)
{
    struct judge *plain = judge_with(0.05, NAN), *j = judge_with(0.05, NAN);
    struct verdict v;
    double wide = 0, narrow = 0;
    for (int k = 0; k < 6; k++) {
        char name[16];
        snprintf(name, sizeof name, "old-%d", k);
        judge_start(j, name, 100);
        judge_mark(j, name, MARK_ELDER);
        play(j, name, 0.5 + 0.1 * k, &v); /* they are all better */
    }
    CHECK_INT(play(j, "first", 2, &v), 100);
    CHECK_INT(v.reason, REASON_NO_RIVAL);
    float rank[2];
    for (int side = 0; side < 2; side++) {
        struct judge *one = side ? j : plain;
        if (!side) play(one, "first", 2, &v);
        judge_start(one, "second", 100);
        for (int i = 1; i <= 20; i++) {
            struct judge_value value = loss(curve(i / 100.0, 1.5));
            judge_log(one, "second", i, &value, 1, &v);
        }
        CHECK(v.has_forecast);
        CHECK_STR(v.rival, "first");
        struct look look;
        CHECK(judge_look(one, "second", &look));
        rank[side] = look.input[2]; /* how many finished */
        if (!(v.p_good > 0.8)) CHECK_FAIL("p_good is %g; it heads for 1.5, and what must be beaten is 2", v.p_good); /* not the earlier ones' 0.5 ... 1 */
        *(side ? &narrow : &wide) = v.forecast.sd;
    }
    if (!(narrow < wide)) CHECK_FAIL("sd %g with earlier trials, %g without", narrow, wide);
    judge_destroy(plain);
    judge_destroy(j);
    CHECK_NEAR(rank[1], rank[0], 0);
}

TEST(a_kinder_delta_never_stops_earlier)
{
    for (int k = 0; k < 10; k++) {
        double final = 0.8 + 2 * check_random();
        int at[3];
        static const double deltas[] = {0.3, 0.1, 0.01};
        for (int d = 0; d < 3; d++) {
            struct judge *j = judge_with(deltas[d], NAN);
            struct verdict v;
            uint64_t seed = check_state;
            check_state = 7;
            play(j, "a", 1, &v);
            at[d] = play(j, "b", final, &v);
            check_state = seed;
            judge_destroy(j);
        }
        CHECK(at[0] <= at[1] && at[1] <= at[2]);
    }
}

TEST(a_kinder_target_never_stops_earlier)
{
    int last = 0;
    for (double target = 0.2; target < 2.5; target += 0.3) {
        struct judge *j = judge_with(0.1, target);
        struct verdict v;
        check_state = 11;
        int at = play(j, "a", 1.2, &v);
        CHECK(at >= last);
        last = at;
        judge_destroy(j);
    }
    CHECK_INT(last, 100);
}

TEST(nan_twice_stops_and_once_does_not)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    judge_start(j, "a", 100);
    for (int i = 1; i <= 10; i++) {
        struct judge_value value = loss(i == 5 || i >= 9 ? NAN : 2);
        judge_log(j, "a", i, &value, 1, &v);
        CHECK_INT(v.stop, i == 10);
    }
    CHECK_INT(v.reason, REASON_DIVERGED);
    judge_destroy(j);
}

TEST(an_explosion_stops_and_a_spike_does_not)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    for (int trial = 0; trial < 2; trial++) {
        char name[] = {(char)('a' + trial), 0};
        bool stopped = false;
        judge_start(j, name, 100);
        for (int i = 1; i <= 30 && !stopped; i++) {
            struct judge_value value = loss(i == 15 || i == 16 || (trial && i > 16) ? 300 : 2.0 - i * 0.01);
            judge_log(j, name, i, &value, 1, &v);
            stopped = v.stop;
        }
        CHECK_INT(stopped, trial);
    }
    CHECK_INT(v.reason, REASON_DIVERGED);
    judge_destroy(j);
}

TEST(a_hidden_nan_is_seen)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    judge_start(j, "a", 100);
    for (int i = 1; i <= 6; i++) {
        struct judge_value values[] = {{"loss", {METRIC_TRAIN_LOSS, GOAL_MIN}, i > 3 ? 0.0 : 2.0}, {"grad_norm", {METRIC_OTHER, GOAL_NONE}, i > 3 ? NAN : 1.0}};
        judge_log(j, "a", i, values, 2, &v);
        CHECK_INT(v.stop, i >= 5);
        if (i == 5) CHECK_INT(v.reason, REASON_DIVERGED);
    }
    judge_destroy(j);
}

TEST(without_a_horizon_it_says_so)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    struct judge_value value = loss(1);
    judge_start(j, "a", NAN);
    for (int i = 1; i < 9; i++) judge_log(j, "a", i, &value, 1, &v);
    CHECK(!v.stop);
    CHECK_INT(v.reason, REASON_NO_HORIZON);
    judge_destroy(j);
}

TEST(a_horizon_that_turned_out_wrong_is_forgotten)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    struct judge_value value = loss(1);
    judge_start(j, "a", 100);
    for (int i = 1; i < 9; i++) judge_log(j, "a", i, &value, 1, &v);
    CHECK(v.reason != REASON_NO_HORIZON);
    CHECK_INT(judge_set_horizon(j, "a", NAN), CF_OK);
    judge_log(j, "a", 9, &value, 1, &v);
    CHECK(!v.stop);
    CHECK_INT(v.reason, REASON_NO_HORIZON);
    judge_destroy(j);
}

TEST(an_evaluation_loss_takes_over_from_a_train_loss)
{
    struct judge *j = judge_with(0.05, NAN);
    struct judge_value train = {"loss", {METRIC_TRAIN_LOSS, GOAL_MIN}, 2}, eval = loss(2);
    enum metric_goal goal;
    judge_log(j, "a", 1, &train, 1, NULL);
    CHECK_STR(judge_metric(j, &goal), "loss");
    judge_log(j, "a", 2, &eval, 1, NULL);
    CHECK_STR(judge_metric(j, &goal), "eval_loss");
    CHECK_INT(goal, GOAL_MIN);
    judge_destroy(j);
}

TEST(trials_of_other_horizons_meet_on_progress)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    play(j, "a", 1, &v);
    judge_start(j, "long", 1000);
    int at = 0;
    for (int i = 10; i <= 1000 && !at; i += 10) {
        struct judge_value value = loss(curve(i / 1000.0, 0.6) + 0.002 * check_normal());
        judge_log(j, "long", i, &value, 1, &v);
        if (v.stop) at = i;
    }
    CHECK_INT(at, 0);
    judge_destroy(j);
}

TEST(reasons_have_words_and_sentences)
{
    for (int r = REASON_TOO_FEW; r <= REASON_STOPPED_BEFORE; r++) {
        CHECK(*verdict_reason_word((enum verdict_reason)r) && *verdict_reason_sentence((enum verdict_reason)r));
        for (int k = 0; k < r; k++) CHECK(strcmp(verdict_reason_word((enum verdict_reason)r), verdict_reason_word((enum verdict_reason)k)) != 0);
    }
}

/* ---- the race ------------------------------------------------------------------------------------------------------------------- */

#define RACERS 6
struct racer { char name[16]; double final; int at, legs; };

/* Logs steps of a trial from where it stands until it is stopped or over. */
static void run_leg(struct judge *j, struct racer *r, struct verdict *v)
{
    r->legs++;
    do {
        struct judge_value value = loss(curve(++r->at / 100.0, r->final) + 0.002 * check_normal());
        CHECK_INT(judge_log(j, r->name, r->at, &value, 1, v), CF_OK);
    } while (!v->stop && r->at < 100);
    judge_end(j, r->name, v->stop ? TRIAL_STOPPED : TRIAL_COMPLETE);
}

static struct judge *start_race(struct racer racers[RACERS], struct verdict *v)
{
    static const double finals[RACERS] = {1.6, 2.4, 1, 2.2, 2.6, 1.9};
    struct policy p = policy_defaults();
    p.thaw = true;
    struct judge *j = judge_create(&p);
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){"", finals[i], 0, 0};
        snprintf(racers[i].name, sizeof racers[i].name, "r%d", i);
        judge_start(j, racers[i].name, 100);
        run_leg(j, &racers[i], v);
        CHECK_INT(v->reason, REASON_PAUSED);
    }
    return j;
}

static struct racer *racer_named(struct racer racers[RACERS], const char *name)
{
    for (int i = 0; i < RACERS; i++)
        if (!strcmp(racers[i].name, name)) return &racers[i];
    return NULL;
}

TEST(a_race_finishes_the_best_and_lets_the_others_go)
{
    struct racer racers[RACERS];
    struct verdict v;
    double chance, run = 0;
    const char *next;
    struct judge *j = start_race(racers, &v);
    for (int i = 0; i < RACERS; i++) CHECK_INT(racers[i].at, 5);
    while ((next = judge_idle(j, &chance))) {
        struct racer *r = racer_named(racers, next);
        CHECK(r && r->at < 100);
        if (!r || r->at == 100) break;
        CHECK(isnan(chance) || (chance > 0 && chance < 1));
        run_leg(j, r, &v);
    }
    for (int i = 0; i < RACERS; i++) {
        CHECK(racers[i].legs <= 6);
        run += racers[i].at;
    }
    CHECK_INT(racers[2].at, 100);
    CHECK(run < 0.6 * 100 * RACERS);
    judge_destroy(j);
}

TEST(nobody_is_paused_who_was_marked_good_or_is_nearly_done)
{
    struct racer racers[RACERS];
    struct verdict v;
    struct judge *j = start_race(racers, &v);
    CHECK_INT(judge_resume(j, "r1", NAN), CF_OK);
    judge_mark(j, "r1", MARK_GOOD);
    run_leg(j, &racers[1], &v);
    CHECK_INT(racers[1].at, 100);
    CHECK_INT(judge_resume(j, "r4", 93), CF_OK);
    struct judge_value value = loss(3);
    judge_log(j, "r4", 96, &value, 1, &v);
    CHECK_INT(v.reason, REASON_NEARLY_DONE);
    CHECK_INT(judge_resume(j, "nobody", NAN), CF_EINVAL);
    judge_destroy(j);
}

TEST(a_trial_that_is_ill_has_no_next_leg)
{
    struct racer racers[RACERS];
    struct verdict v;
    double deserves;
    struct judge *j = start_race(racers, &v);
    judge_resume(j, "r0", NAN);
    for (int i = 6; i < 9; i++) {
        struct judge_value value = loss(NAN);
        judge_log(j, "r0", i, &value, 1, &v);
    }
    CHECK_INT(v.reason, v.stop ? REASON_STOPPED_BEFORE : REASON_DIVERGED);
    CHECK(judge_prospect(j, "r0", &v, &deserves));
    CHECK_INT(v.reason, REASON_DIVERGED);
    CHECK(isinf(deserves));
    judge_destroy(j);
}

TEST(a_prospect_is_a_look_without_a_consequence)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    double deserves;
    judge_start(j, "wrongly", 100);
    for (int i = 1; i <= 30; i++) judge_log(j, "wrongly", i, &(struct judge_value){"eval_loss", {METRIC_EVAL_LOSS, GOAL_MIN}, curve(i / 100.0, 0.5)}, 1, NULL);
    judge_end(j, "wrongly", TRIAL_STOPPED);
    CHECK(judge_prospect(j, "wrongly", &v, &deserves));
    CHECK_INT(v.reason, REASON_NO_RIVAL);
    CHECK(isfinite(deserves));
    play(j, "best", 1, &v);
    play(j, "fair", 1.5, &v);
    play(j, "hopeless", 2.9, &v);
    for (int i = 0; i < 2; i++) {
        CHECK(judge_prospect(j, "wrongly", &v, &deserves));
        CHECK(!v.stop && v.p_good > 0.5);
        CHECK_NEAR(deserves, v.p_good, 0);
        CHECK(judge_prospect(j, "hopeless", &v, &deserves));
        CHECK(v.stop && isinf(deserves));
    }
    CHECK(!judge_prospect(j, "best", &v, &deserves));
    CHECK(!judge_prospect(j, "nobody", &v, &deserves));
    struct judge_value value = loss(0.5);
    judge_log(j, "wrongly", 31, &value, 1, &v);
    CHECK_INT(v.reason, REASON_STOPPED_BEFORE);
    judge_destroy(j);
}

/* ---- divergence and dead runs ------------------------------------------------------------------------------------------------- */

/* Logs values of one trial until a stop; the step of it, 0: none. */
static int log_until_stop(struct judge *j, const char *metric, const double *values, int n, double horizon, struct verdict *v)
{
    judge_start(j, "only", horizon);
    for (int i = 0; i < n; i++) {
        struct judge_value value = {metric, metric_meaning_of(metric), values[i]};
        judge_log(j, "only", i + 1, &value, 1, v);
        if (v->stop) return i + 1;
    }
    return 0;
}

static int stop_of(const char *metric, const double *values, int n, double horizon, enum verdict_reason reason)
{
    struct policy p = policy_defaults();
    p.metric = metric;
    struct judge *j = judge_create(&p);
    struct verdict v;
    int at = log_until_stop(j, metric, values, n, horizon, &v);
    if (at) CHECK_INT(v.reason, reason);
    judge_destroy(j);
    return at;
}

TEST(an_evaluation_loss_may_grow_tenfold_by_overfitting)
{
    double v[100];
    for (int i = 0; i < 100; i++) v[i] = i < 5 ? 5 - 0.1 * i : i < 60 ? 54 + 0.1 * i : 60 * exp(-0.2 * (i - 60)); /* learns by heart, then understands */
    CHECK_INT(stop_of("eval_loss", v, 100, 100, REASON_DIVERGED), 0);
    CHECK_INT(stop_of("train_loss", v, 100, 100, REASON_DIVERGED), 11); /* five bins over a twentieth of the horizon */
    for (int i = 5; i < 100; i++) v[i] = 1e4;
    CHECK(stop_of("eval_loss", v, 100, 100, REASON_DIVERGED) > 0);
}

TEST(one_value_repeated_is_dead_only_over_a_fifth_of_the_run)
{
    double v[1000];
    for (int i = 0; i < 1000; i++) v[i] = i < 10 ? 0.7 - 0.0001 * i : 0.6931;
    CHECK_INT(stop_of("loss", v, 1000, 1000, REASON_DEAD), 211);
    for (int i = 150; i < 1000; i++) v[i] = 0.6931 * exp(-0.002 * (i - 150)); /* a plateau that ends */
    CHECK_INT(stop_of("loss", v, 1000, 1000, REASON_DEAD), 0);
}

TEST(a_score_at_chance_is_never_dead)
{
    double v[500];
    for (int i = 0; i < 500; i++) v[i] = i < 120 ? 0.0009 : 0.2 * (i - 120) / 380;
    CHECK_INT(stop_of("eval_accuracy", v, 500, 500, REASON_DEAD), 0);
}

TEST(a_loss_stuck_at_chance_for_half_of_the_run_is_dead)
{
    double v[100];
    for (int i = 0; i < 100; i++) v[i] = 2.3026 + 0.001 * check_normal();
    int at = stop_of("loss", v, 100, 100, REASON_DEAD);
    CHECK(at >= 50 && at < 60);
    for (int i = 30; i < 100; i++) v[i] -= 0.002 * (i - 30); /* leaves, slowly */
    CHECK_INT(stop_of("loss", v, 100, 100, REASON_DEAD), 0);
}

/* A rate that falls to 0 at step `gone` and comes back at step `back`. The step of the stop. */
static int stop_by_rate(int gone, int back)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v = {0};
    int at = 0;
    judge_start(j, "a", 200);
    for (int i = 1; i <= 180 && !at; i++) {
        double rate = i <= 2 ? 0 : i < gone || i >= back ? 1e-3 : 0;
        struct judge_value values[] = {loss(1 + 1.0 / i), {"learning_rate", {METRIC_RATE, GOAL_NONE}, rate}};
        judge_log(j, "a", i, values, 2, &v);
        if (v.stop) at = i;
    }
    if (at) CHECK_INT(v.reason, REASON_DEAD);
    judge_destroy(j);
    return at;
}

TEST(a_rate_of_zero_for_good_is_dead_and_a_restart_is_not)
{
    CHECK_INT(stop_by_rate(500, 1000), 0); /* a warm-up from 0 */
    CHECK(stop_by_rate(60, 1000) > 60);
    CHECK_INT(stop_by_rate(60, 62), 0);
}

TEST(a_leader_is_never_dead)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v;
    play(j, "a", 2, &v);
    judge_start(j, "b", 100);
    for (int i = 1; i <= 90; i++) {
        struct judge_value value = loss(1.5);
        judge_log(j, "b", i, &value, 1, &v);
        CHECK(!v.stop);
    }
    judge_destroy(j);
}

TEST(a_spike_that_recovers_does_not_stop)
{
    double v[100];
    for (int i = 0; i < 100; i++) v[i] = (i >= 20 && i < 24) || i == 60 ? 400 : 3 * exp(-0.02 * i) + 0.2;
    CHECK_INT(stop_of("loss", v, 100, 100, REASON_DIVERGED), 0);
}

TEST(steps_of_any_size_meet_on_progress)
{
    int at[3];
    static const double steps[] = {1, 7, 1000}; /* other batch sizes: other counts for the same run */
    for (int s = 0; s < 3; s++) {
        struct judge *j = judge_with(0.05, NAN);
        struct verdict v;
        check_state = 3;
        play(j, "a", 1, &v);
        play(j, "b", 1.3, &v);
        judge_start(j, "c", 100 * steps[s]);
        at[s] = 0;
        for (int i = 1; i <= 100 && !at[s]; i++) {
            struct judge_value value = loss(curve(i / 100.0, 2.2) + 0.002 * check_normal());
            judge_log(j, "c", i * steps[s], &value, 1, &v);
            if (v.stop) at[s] = i;
        }
        judge_destroy(j);
    }
    CHECK(at[0] > 0);
    CHECK_INT(at[1], at[0]);
    CHECK_INT(at[2], at[0]);
}

/* A trial of 200 steps that falls fast and then stands, with so much noise; where it was stopped. */
static int play_flat(struct judge *j, const char *name, double final, double noise, struct verdict *v)
{
    judge_start(j, name, 200);
    for (int i = 1; i <= 200; i++) {
        struct judge_value value = loss(final + 2 * exp(-i / 6.0) + noise * check_normal());
        judge_log(j, name, i, &value, 1, v);
        if (v->stop) return judge_end(j, name, TRIAL_STOPPED), i;
    }
    judge_end(j, name, TRIAL_COMPLETE);
    return 200;
}

TEST(a_converged_trial_ends_only_where_that_is_asked_for)
{
    struct policy p = policy_defaults();
    struct verdict v;
    struct judge *j = judge_create(&p);
    CHECK_INT(play_flat(j, "a", 1, 1e-5, &v), 200);
    judge_destroy(j);
    p.stop_when_converged = true;
    j = judge_create(&p);
    int at = play_flat(j, "a", 1, 1e-5, &v);
    CHECK(at >= 20 && at < 190);
    CHECK_INT(v.reason, REASON_CONVERGED);
    CHECK_NEAR(v.bar, 1, 1e-2);
    judge_destroy(j);
}

TEST(what_a_converged_trial_has_reached_is_a_bar_and_it_is_not_thawed)
{
    struct policy p = policy_defaults();
    struct verdict v;
    double chance;
    p.stop_when_converged = true;
    struct judge *j = judge_create(&p);
    CHECK(play_flat(j, "a", 1, 1e-5, &v) < 190);
    judge_set_thaw(j, true);
    CHECK(judge_idle(j, &chance) == NULL);
    judge_set_thaw(j, false);
    play(j, "b", 2, &v);
    CHECK_NEAR(v.bar, 1, 1e-2);
    CHECK_STR(v.rival, "a");
    judge_destroy(j);
}

TEST(a_trial_that_still_falls_has_not_converged)
{
    struct policy p = policy_defaults();
    struct verdict v;
    p.stop_when_converged = true;
    struct judge *j = judge_create(&p);
    judge_start(j, "a", 200);
    for (int i = 1; i <= 150; i++) {
        struct judge_value value = loss(1 + 2 * pow(i, -0.3));
        judge_log(j, "a", i, &value, 1, &v);
        if (v.stop) CHECK_FAIL("stopped at %d", i);
    }
    judge_destroy(j);
}

/* ---- several followers, one judge -------------------------------------------------------------------------------------------- */

#define FOLLOWERS 6

/* A judge each, or one for all; what the others learn of a trial they learn under its name, a step late. */
struct followers { struct judge *own[FOLLOWERS], *shared; char name[FOLLOWERS][16], apart[FOLLOWERS][16]; bool over[FOLLOWERS]; };

static void follow(struct followers *f)
{
    struct policy p = policy_defaults();
    p.delta = 0.2;
    f->shared = judge_create(&p);
    for (int k = 0; k < FOLLOWERS; k++) {
        snprintf(f->name[k], sizeof f->name[k], "t%d", k), snprintf(f->apart[k], sizeof f->apart[k], "\2%d", k);
        f->own[k] = judge_create(&p), f->over[k] = false;
        judge_start(f->own[k], f->name[k], 100);
        CHECK_INT(judge_start_apart(f->shared, f->apart[k], f->name[k], 100), CF_OK);
    }
}

static void tell(struct followers *f, int k, double x, double y)
{
    struct judge_value value = loss(y);
    for (int other = 0; other < FOLLOWERS; other++)
        if (other != k) judge_start(f->own[other], f->name[k], 100), judge_log(f->own[other], f->name[k], x, &value, 1, NULL);
    judge_start(f->shared, f->name[k], 100), judge_log(f->shared, f->name[k], x, &value, 1, NULL);
}

static void tell_end(struct followers *f, int k, enum trial_status status)
{
    for (int other = 0; other < FOLLOWERS; other++)
        if (other != k) judge_end(f->own[other], f->name[k], status);
    judge_end(f->shared, f->name[k], status);
    f->over[k] = true;
}

static void compare(const struct verdict *a, const struct verdict *b)
{
    CHECK_INT(a->stop, b->stop);
    CHECK_INT(a->reason, b->reason);
    CHECK_STR(a->rival, b->rival);
    CHECK((isnan(a->p_good) && isnan(b->p_good)) || a->p_good == b->p_good);
    CHECK((isnan(a->bar) && isnan(b->bar)) || a->bar == b->bar);
    CHECK(a->has_forecast == b->has_forecast && (!a->has_forecast || a->forecast.q[49] == b->forecast.q[49]));
}

TEST(one_judge_for_all_gives_the_verdicts_of_a_judge_each)
{
    static const int length[FOLLOWERS] = {40, 100, 100, 100, 100, 100}; /* the first is far ahead of the others, and finishes */
    struct followers f;
    struct verdict own, shared;
    int stops = 0;
    follow(&f);
    for (int i = 1; i <= 100; i++) {
        double y[FOLLOWERS];
        bool stop[FOLLOWERS];
        for (int k = 0; k < FOLLOWERS; k++) {
            double x = i * 100.0 / length[k];
            if (f.over[k]) continue;
            struct judge_value value = loss(y[k] = curve(x / 100, 0.8 + 0.3 * k) + 0.002 * check_normal());
            judge_log(f.own[k], f.name[k], x, &value, 1, &own);
            judge_log(f.shared, f.apart[k], x, &value, 1, &shared);
            compare(&own, &shared);
            stop[k] = shared.stop;
        }
        for (int k = 0; k < FOLLOWERS; k++) {
            if (f.over[k]) continue;
            tell(&f, k, i * 100.0 / length[k], y[k]);
            if (stop[k] || i == length[k]) tell_end(&f, k, stop[k] ? TRIAL_STOPPED : TRIAL_COMPLETE);
            stops += stop[k];
        }
    }
    CHECK(stops > 0);
    judge_destroy(f.shared);
    for (int k = 0; k < FOLLOWERS; k++) judge_destroy(f.own[k]);
}

TEST(a_trial_apart_begins_with_what_is_known_of_it)
{
    struct judge *j = judge_with(0.05, NAN);
    struct verdict v, w;
    for (int i = 1; i <= 30; i++) {
        struct judge_value value = loss(curve(i / 100.0, 1));
        judge_log(j, "a", i, &value, 1, NULL);
    }
    judge_start(j, "a", 100);
    CHECK_INT(judge_start_apart(j, "\2a", "a", 100), CF_OK);
    struct judge_value value = loss(curve(0.31, 1));
    judge_log(j, "\2a", 31, &value, 1, &v);
    judge_log(j, "a", 31, &value, 1, &w);
    CHECK(v.has_forecast && v.forecast.q[49] == w.forecast.q[49]);
    CHECK_INT(v.reason, REASON_NO_RIVAL);
    judge_mark(j, "a", MARK_GOOD);
    value.value = NAN;
    for (int i = 32; i < 40; i++) judge_log(j, "\2a", i, &value, 1, &v);
    CHECK_INT(v.reason, REASON_MARKED_GOOD);
    judge_destroy(j);
}

CHECK_MAIN
