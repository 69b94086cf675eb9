#include "chance.h"
#include "converged.h"
#include "health.h"
#include "judge.h"
#include "look.h"
#include "rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METRICS_MAX 12 /* metrics of a trial that are kept; a log's counters and timers are not */
#define THAWS_MAX 8 /* times that one trial may be thawed */
#define PART_STEP 1.2 /* a running trial is a sibling as far as the last of its progress points 1, 1/1.2, 1/1.2^2 ... */

struct metric_series {
    char name[96];
    struct metric_meaning meaning;
    cf_series *series;
};

struct trial {
    char name[64];
    const struct trial *known_as; /* what the others know of it, which is no other trial to it; NULL: itself */
    double horizon, p_good;
    double score;   /* in a race: how much it deserves to go on, while there is nothing to beat */
    double leg;     /* x at which its leg began, once it was thawed */
    bool judged;            /* here; what other processes judge is only noted */
    bool has_forecast;
    cf_forecast forecast;   /* its last one */
    double forecast_x;      /* as far as that has seen it */
    unsigned forecast_known; /* trials that had finished by then */
    enum trial_status status;
    enum judge_mark mark;
    unsigned thaws; /* times it was thawed */
    size_t n_metrics;
    struct metric_series metrics[METRICS_MAX];
    cf_run *run; /* when complete: as a sibling of the others */
    cf_run *part; /* before, or when stopped: as far as part_x */
    double part_x;
};

struct judge {
    struct policy policy;
    char metric[96];
    struct metric_meaning meaning;
    cf_forecaster *forecaster;
    cf_study *study;
    cf_series *head; /* scratch */
    struct trial **trials;
    double *finals; /* room of them, scratch */
    struct rival *others; /* room of them, scratch */
    size_t n, room;
};

struct policy policy_defaults(void)
{
    return (struct policy){.delta = 0.02, .target = NAN, .keep = 1, .tolerance = CHANCE_TOLERANCE, .horizon = NAN};
}

/* ---- life ----------------------------------------------------------------------------------------------------------------- */

struct judge *judge_create(const struct policy *policy)
{
    struct judge *j = calloc(1, sizeof *j);
    if (!j || !(j->forecaster = cf_forecaster_create()) || !(j->study = cf_study_create()) || !(j->head = cf_series_create())) {
        judge_destroy(j);
        return NULL;
    }
    j->policy = *policy;
    if (policy->metric) {
        snprintf(j->metric, sizeof j->metric, "%s", policy->metric);
        j->meaning = metric_meaning_of(policy->metric);
        if (j->meaning.goal == GOAL_NONE) j->meaning.goal = GOAL_MIN;
        if (policy->goal != GOAL_NONE) j->meaning.goal = policy->goal;
    }
    return j;
}

static void trial_destroy(struct trial *t)
{
    for (size_t i = 0; i < t->n_metrics; i++) cf_series_destroy(t->metrics[i].series);
    cf_run_destroy(t->run);
    cf_run_destroy(t->part);
    free(t);
}

void judge_destroy(struct judge *j)
{
    if (!j) return;
    for (size_t i = 0; i < j->n; i++) trial_destroy(j->trials[i]);
    free(j->trials);
    free(j->finals);
    free(j->others);
    cf_study_destroy(j->study);
    cf_series_destroy(j->head);
    cf_forecaster_destroy(j->forecaster);
    free(j);
}

static struct trial *find(const struct judge *j, const char *name)
{
    for (size_t i = j->n; i--;)
        if (!strncmp(j->trials[i]->name, name, sizeof j->trials[i]->name - 1)) return j->trials[i];
    return NULL;
}

static struct trial *add(struct judge *j, const char *name)
{
    if (j->n == j->room) {
        size_t room = j->room ? 2 * j->room : 32;
        struct trial **trials = realloc(j->trials, room * sizeof *trials);
        if (trials) j->trials = trials;
        double *finals = realloc(j->finals, room * sizeof *finals);
        if (finals) j->finals = finals;
        struct rival *others = realloc(j->others, room * sizeof *others);
        if (others) j->others = others;
        if (!trials || !finals || !others) return NULL;
        j->room = room;
    }
    struct trial *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    snprintf(t->name, sizeof t->name, "%s", name);
    return j->trials[j->n++] = t;
}

cf_status judge_start(struct judge *j, const char *name, double horizon)
{
    struct trial *t = find(j, name);
    if (!t && !(t = add(j, name))) return CF_ENOMEM;
    if (t->status == TRIAL_FAILED || t->status == TRIAL_COMPLETE) t->status = TRIAL_RUNNING;
    t->horizon = horizon > 0 && isfinite(horizon) ? horizon : t->horizon > 0 ? t->horizon : j->policy.horizon;
    return CF_OK;
}

cf_status judge_set_horizon(struct judge *j, const char *name, double horizon)
{
    struct trial *t = find(j, name);
    if (!t || horizon <= 0 || isinf(horizon)) return CF_EINVAL;
    t->horizon = isnan(horizon) ? j->policy.horizon : horizon;
    return CF_OK;
}

/* All that is known of it. False: out of memory. */
static bool copy_series(struct trial *to, const struct trial *from)
{
    for (; to->n_metrics < from->n_metrics; to->n_metrics++) {
        struct metric_series *m = &to->metrics[to->n_metrics];
        *m = from->metrics[to->n_metrics];
        if (!(m->series = cf_series_create()) || cf_series_copy(m->series, from->metrics[to->n_metrics].series)) return cf_series_destroy(m->series), false;
    }
    return true;
}

cf_status judge_start_apart(struct judge *j, const char *name, const char *known_as, double horizon)
{
    cf_status status = judge_start(j, known_as, NAN);
    if (status || (status = judge_start(j, name, horizon))) return status;
    struct trial *t = find(j, name), *known = find(j, known_as);
    t->known_as = known, t->mark = known->mark;
    return copy_series(t, known) ? CF_OK : CF_ENOMEM;
}

/* ---- what was logged --------------------------------------------------------------------------------------------------------- */

static struct metric_series *series_named(struct trial *t, const char *name)
{
    for (size_t i = 0; i < t->n_metrics; i++)
        if (!strcmp(t->metrics[i].name, name)) return &t->metrics[i];
    return NULL;
}

static bool is_gradient_norm(const char *name) { return strstr(name, "grad") && strstr(name, "norm"); }

static struct metric_series *series_for(struct judge *j, struct trial *t, const struct judge_value *v)
{
    struct metric_series *m = series_named(t, v->metric);
    bool wanted = !strcmp(v->metric, j->metric) || v->meaning.kind == METRIC_RATE || is_gradient_norm(v->metric) ||
                  (!j->policy.metric && metric_rank(v->metric, v->meaning) > 0);
    if (m || !wanted || t->n_metrics == METRICS_MAX) return m;
    m = &t->metrics[t->n_metrics];
    *m = (struct metric_series){.meaning = v->meaning, .series = cf_series_create()};
    if (!m->series) return NULL;
    snprintf(m->name, sizeof m->name, "%s", v->metric);
    t->n_metrics++;
    return m;
}

/* Without --metric the best kind seen so far is judged: a train loss gives way to an evaluation loss when one appears. */
static void choose_metric(struct judge *j, const struct judge_value *v)
{
    if (j->policy.metric || metric_rank(v->metric, v->meaning) <= (*j->metric ? metric_rank(j->metric, j->meaning) : 0)) return;
    snprintf(j->metric, sizeof j->metric, "%s", v->metric);
    j->meaning = v->meaning;
    for (size_t i = 0; i < j->n; i++) { /* what they were as siblings, they were for another metric */
        cf_run_destroy(j->trials[i]->run);
        cf_run_destroy(j->trials[i]->part);
        j->trials[i]->run = j->trials[i]->part = NULL;
        j->trials[i]->part_x = 0;
    }
    if (j->policy.goal != GOAL_NONE) j->meaning.goal = j->policy.goal;
}

static void take_note(struct judge *j, struct trial *t, double x, const struct judge_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (t->mark != MARK_ELDER) choose_metric(j, &values[i]); /* what an earlier study logged may never be logged here */
        struct metric_series *m = series_for(j, t, &values[i]);
        if (m) cf_series_push(m->series, x, values[i].value);
    }
}

static const cf_series *of_kind(const struct trial *t, enum metric_kind kind, bool gradient)
{
    for (size_t i = 0; i < t->n_metrics; i++)
        if (gradient ? is_gradient_norm(t->metrics[i].name) : t->metrics[i].meaning.kind == kind) return t->metrics[i].series;
    return NULL;
}

/* ---- rivals ------------------------------------------------------------------------------------------------------------------- */

static cf_goal goal_of(const struct judge *j) { return j->meaning.goal == GOAL_MAX ? CF_MAXIMISE : CF_MINIMISE; }
static bool is_held_out(const struct judge *j) { return j->meaning.kind == METRIC_EVAL_LOSS; }
static bool better(const struct judge *j, double a, double b) { return goal_of(j) == CF_MAXIMISE ? a > b : a < b; }

/* Another trial to this one. One that is known under a name of its own is met under that. */
static bool is_other(const struct trial *t, const struct trial *me) { return t != me && t != me->known_as && !t->known_as; }

/* A complete trial's curve, analysed once; again when the judged metric has changed since. */
static const cf_run *finished_run(struct judge *j, struct trial *t)
{
    struct metric_series *m = series_named(t, j->metric);
    if (t->status != TRIAL_COMPLETE || !m) return NULL;
    if (!t->run) t->run = cf_run_create(m->series, fmax(t->horizon > 0 ? t->horizon : 0, cf_series_last_x(m->series)), goal_of(j));
    return t->run;
}

/* How far an unfinished trial is a sibling: as far as it got, or while it runs to the last point of a grid, so that what is said of the
 * others does not depend on when they were asked. */
static double part_end(const struct trial *t, double x)
{
    double progress = x / t->horizon;
    if (t->status == TRIAL_STOPPED || !(progress > 0)) return fmax(x, 0);
    return t->horizon * pow(PART_STEP, floor(log(progress) / log(PART_STEP)));
}

static const cf_run *unfinished_run(struct judge *j, struct trial *t)
{
    struct metric_series *m = series_named(t, j->metric);
    bool counts = (t->status == TRIAL_RUNNING || t->status == TRIAL_STOPPED) && t->mark != MARK_ELDER;
    if (!counts || !m || !(t->horizon > 0)) return NULL;
    double x = part_end(t, cf_series_last_x(m->series));
    if (x == t->part_x) return t->part;
    cf_series_head(j->head, m->series, x);
    cf_run_destroy(t->part);
    t->part = cf_run_create(j->head, t->horizon, goal_of(j));
    t->part_x = x;
    if (t->part) cf_run_forecast_end(t->part, j->forecaster, t->status == TRIAL_STOPPED ? of_kind(t, METRIC_RATE, false) : NULL);
    return t->part;
}

static bool forecast_of(struct judge *j, const struct trial *t, const cf_series *series, cf_forecast *forecast)
{
    cf_task task = {.series = series, .horizon = t->horizon, .goal = goal_of(j), .rate = of_kind(t, METRIC_RATE, false),
                    .study = cf_study_count(j->study) ? j->study : NULL};
    return cf_forecast_final(j->forecaster, &task, forecast) == CF_OK;
}

/* What is forecast of a trial that another process judges, anew when it has come farther or another one has finished; the study holds the finished ones. */
static void know_forecast(struct judge *j, struct trial *t)
{
    struct metric_series *m = series_named(t, j->metric);
    bool over = t->status == TRIAL_COMPLETE || t->status == TRIAL_FAILED;
    if (t->judged || over || t->mark == MARK_ELDER || !m || !cf_series_count(m->series) || !(t->horizon > 0)) return;
    double x = part_end(t, cf_series_last_x(m->series));
    unsigned known = (unsigned)cf_study_count(j->study);
    if (t->has_forecast && t->forecast_x == x && t->forecast_known == known) return;
    cf_series_head(j->head, m->series, x);
    t->has_forecast = forecast_of(j, t, j->head, &t->forecast) && t->forecast.outcome == CF_FORECAST;
    t->forecast_x = x, t->forecast_known = known;
}

/* Where few have finished, the others tell what they can. */
static void add_unfinished(struct judge *j, const struct trial *me)
{
    for (size_t i = 0; i < j->n; i++) {
        const cf_run *part = is_other(j->trials[i], me) ? unfinished_run(j, j->trials[i]) : NULL;
        if (part) cf_study_add(j->study, part);
    }
}

struct rivals {
    double bar, spread;
    unsigned finished;
    const char *name;
    bool promised; /* the bar is what a running one is forecast to reach: none has finished */
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What a trial has to show for others to beat: its final value; of one marked good, or stopped as converged, what it has reached. NaN: nothing. */
static double result_of(struct judge *j, struct trial *t)
{
    const cf_run *run = finished_run(j, t);
    bool counts = t->mark == MARK_GOOD || (t->mark == MARK_CONVERGED && t->status == TRIAL_STOPPED);
    struct metric_series *m = run || !counts ? NULL : series_named(t, j->metric);
    if (t->mark == MARK_ELDER) return NAN;
    if (run) return cf_run_final(run);
    return m && cf_series_count(m->series) ? converged_level(m->series) : NAN;
}

/* Median less best of all trials that are over: what a finished one reached, what a stopped one was forecast to reach. Those that
 * finished alone would be the good ones, and near ties would look far apart. */
static double spread_of(struct judge *j, const struct trial *me, double sign)
{
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++) {
        const struct trial *t = j->trials[i];
        double value = t->mark == MARK_ELDER ? NAN : t->run ? cf_run_final(t->run) : t->status == TRIAL_STOPPED && t->has_forecast ? t->forecast.q[CF_QUANTILES / 2] : NAN;
        if (is_other(t, me) && isfinite(value)) j->finals[n++] = sign * value;
    }
    qsort(j->finals, n, sizeof *j->finals, ascending);
    return n > 1 ? j->finals[n / 2] - j->finals[0] : 0;
}

/* Finished siblings, best first: the bar is the keep-th best of them. */
static struct rivals gather_rivals(struct judge *j, const struct trial *me)
{
    struct rivals r = {.bar = NAN, .name = ""};
    double *finals = j->finals, sign = goal_of(j) == CF_MAXIMISE ? -1 : 1;
    cf_study_clear(j->study);
    for (size_t i = 0; i < j->n; i++) {
        struct trial *t = j->trials[i];
        const cf_run *run = is_other(t, me) ? finished_run(j, t) : NULL;
        double result = is_other(t, me) ? result_of(j, t) : NAN;
        if (run) cf_study_add(j->study, run);
        if (!isnan(result)) finals[r.finished++] = sign * result;
    }
    for (size_t i = 0; i < j->n; i++)
        if (is_other(j->trials[i], me)) know_forecast(j, j->trials[i]);
    if (cf_study_count(j->study) < CF_FINISHED_ENOUGH) add_unfinished(j, me);
    if (r.finished < j->policy.keep || !r.finished) return r;
    qsort(finals, r.finished, sizeof *finals, ascending);
    r.bar = sign * finals[j->policy.keep - 1];
    for (size_t i = 0; i < j->n; i++)
        if (is_other(j->trials[i], me) && result_of(j, j->trials[i]) == r.bar) r.name = j->trials[i]->name;
    r.spread = spread_of(j, me, sign);
    return r;
}

/* ---- verdicts --------------------------------------------------------------------------------------------------------------------- */

cf_forecaster *judge_forecast(struct judge *j, const char *name)
{
    struct trial *t = find(j, name);
    struct metric_series *m = t && *j->metric ? series_named(t, j->metric) : NULL;
    cf_forecast forecast;
    if (!m || !(t->horizon > 0)) return NULL;
    gather_rivals(j, t);
    return forecast_of(j, t, m->series, &forecast) ? j->forecaster : NULL;
}

/* All others that logged the judged metric, as the trial meets them. */
static struct scene scene_of(struct judge *j, const struct trial *me, const cf_series *series, double bar, const cf_forecast *forecast)
{
    struct scene scene = {series, me->horizon, goal_of(j), bar, j->policy.trials, forecast, j->others, 0};
    for (size_t i = 0; i < j->n; i++) {
        struct trial *t = j->trials[i];
        struct metric_series *m = !is_other(t, me) || t->mark == MARK_ELDER ? NULL : series_named(t, j->metric);
        if (!m || !cf_series_count(m->series) || !(t->horizon > 0)) continue;
        const cf_run *run = finished_run(j, t);
        j->others[scene.n_rivals++] = (struct rival){m->series, t->horizon, run, t->has_forecast ? &t->forecast : NULL, t->status == TRIAL_RUNNING};
    }
    return scene;
}

static void keep_forecast(struct trial *t, const cf_forecast *forecast)
{
    t->forecast = *forecast;
    t->has_forecast = t->judged = true;
}

bool judge_look(struct judge *j, const char *name, struct look *look)
{
    struct trial *t = find(j, name);
    struct metric_series *m = t && *j->metric ? series_named(t, j->metric) : NULL;
    if (!m || !(t->horizon > 0)) return false;
    struct rivals rivals = gather_rivals(j, t);
    if (!forecast_of(j, t, m->series, &look->forecast) || look->forecast.outcome != CF_FORECAST) return false;
    keep_forecast(t, &look->forecast);
    look->bar = rivals.bar;
    look->spread = rivals.spread;
    if (isnan(rivals.bar)) return false;
    struct scene scene = scene_of(j, t, m->series, rivals.bar, &look->forecast);
    return standing_inputs(&scene, look->input);
}

bool judge_look_in_race(struct judge *j, const char *name, bool anew, struct race_look *look)
{
    struct trial *t = find(j, name);
    struct metric_series *m = t && *j->metric ? series_named(t, j->metric) : NULL;
    cf_forecast forecast;
    if (!m || !cf_series_count(m->series) || !(t->horizon > 0)) return false;
    look->bar = gather_rivals(j, t).bar;
    look->progress = cf_series_last_x(m->series) / t->horizon;
    if (anew || !t->has_forecast) {
        if (!forecast_of(j, t, m->series, &forecast)) return false;
        keep_forecast(t, &forecast);
    }
    struct scene scene = scene_of(j, t, m->series, look->bar, &t->forecast);
    return standing_in_race(&scene, look->input);
}

/* The chance to beat the bar by the edge, as learned; in a race also the score of the trial. NaN: not known. */
static double learned_chance(struct judge *j, struct trial *t, const cf_series *series, const struct rivals *r, const cf_forecast *forecast)
{
    float input[RACE_INPUTS];
    double beyond = rule_margin(policy_edge(&j->policy, r->spread) - CHANCE_TOLERANCE * r->spread, goal_of(j)); /* what the networks were not taught to ask */
    struct scene scene = scene_of(j, t, series, r->bar + beyond, forecast);
    if (j->policy.thaw) {
        bool stands = standing_in_race(&scene, input);
        t->score = stands ? chance_logit(&race_net, input, RACE_SCORE) : 0;
        return stands && !isnan(r->bar) ? chance_of(&race_net, input, RACE_CHANCE) : NAN;
    }
    if (r->promised) return standing_best_of_running(&scene);
    return !isnan(r->bar) && standing_inputs(&scene, input) ? chance_of(&chance_net, input, 0) : NAN;
}

/* Before the first has finished the best of those that run is the one to beat, by what both are forecast to reach. With pauses nobody needs to be beaten yet, and among the
 * best of several is who is behind. */
static void look_among_running(struct judge *j, const struct trial *me, struct rivals *r)
{
    if (!isnan(r->bar) || j->policy.thaw || j->policy.keep > 1) return;
    for (size_t i = 0; i < j->n; i++) {
        const struct trial *t = j->trials[i];
        if (!is_other(t, me) || t->status != TRIAL_RUNNING || !t->has_forecast) continue;
        double median = t->forecast.q[CF_QUANTILES / 2];
        if (r->promised && !better(j, median, r->bar)) continue;
        *r = (struct rivals){median, 0, 0, t->name, true};
    }
}

static bool has_converged(const struct judge *j, const struct rule_input *rule, const cf_series *series)
{
    struct converged_input in = {series, rule->forecast, rule->goal, rule->progress, rule->spread, &j->policy};
    return j->policy.stop_when_converged && converged(&in);
}

/* What it would have had to beat is itself. */
static void stop_as_converged(struct verdict *v, const cf_series *series)
{
    v->stop = true;
    v->reason = REASON_CONVERGED;
    v->bar = converged_level(series);
    *v->rival = 0;
}

static void judge_series(struct judge *j, struct trial *t, const cf_series *series, struct verdict *v)
{
    struct rivals rivals = gather_rivals(j, t);
    struct health health = {series, of_kind(t, METRIC_OTHER, true), of_kind(t, METRIC_RATE, false), t->horizon, j->meaning.goal, is_held_out(j),
                            !isnan(rivals.bar) && better(j, cf_series_last_y(series), rivals.bar)};
    look_among_running(j, t, &rivals);
    v->bar = rivals.bar;
    snprintf(v->rival, sizeof v->rival, "%s", rivals.name);
    if (health_is_ill(&health, &v->reason)) {
        v->stop = true;
        v->p_good = 0;
        return;
    }
    if (!(t->horizon > 0)) {
        v->reason = REASON_NO_HORIZON;
        return;
    }
    v->has_forecast = forecast_of(j, t, series, &v->forecast);
    if (!v->has_forecast) {
        v->reason = REASON_FAULT;
        return;
    }
    if (v->forecast.outcome == CF_TOO_FEW && !j->policy.thaw) return; /* a race is run by what there is */
    keep_forecast(t, &v->forecast);
    double learned = learned_chance(j, t, series, &rivals, &v->forecast);
    struct rule_input in = {&j->policy, goal_of(j), cf_series_last_x(series) / t->horizon, rivals.bar, rivals.spread, rivals.promised, learned, &v->forecast};
    rule_apply(&in, v);
    if (!v->stop && has_converged(j, &in, series)) stop_as_converged(v, series);
}

static struct verdict verdict_at(struct judge *j, struct trial *t, double x)
{
    struct verdict v = {.reason = REASON_TOO_FEW, .p_good = NAN, .bar = NAN, .x = x};
    struct metric_series *m = *j->metric ? series_named(t, j->metric) : NULL;
    if (t->status == TRIAL_STOPPED) v.stop = true, v.reason = REASON_STOPPED_BEFORE, v.p_good = t->p_good;
    else if (!m) v.reason = REASON_NO_METRIC;
    else judge_series(j, t, m->series, &v);
    if (!isnan(v.p_good)) t->p_good = v.p_good;
    if (v.stop && t->mark == MARK_GOOD) v.stop = false, v.reason = REASON_MARKED_GOOD;
    return v;
}

static void pause_for_others(struct judge *j, struct trial *t, struct verdict *v);

cf_status judge_log(struct judge *j, const char *name, double x, const struct judge_value *values, size_t n, struct verdict *verdict)
{
    struct trial *t = find(j, name);
    if (!isfinite(x)) return CF_EINVAL;
    if (!t) {
        cf_status status = judge_start(j, name, NAN);
        if (status) return status;
        t = find(j, name);
    }
    if (t->status != TRIAL_STOPPED || t->mark == MARK_GOOD) take_note(j, t, x, values, n);
    if (verdict) *verdict = verdict_at(j, t, x);
    if (verdict && j->policy.thaw && !verdict->stop) pause_for_others(j, t, verdict);
    if (verdict && verdict->stop) t->status = TRIAL_STOPPED;
    if (verdict && verdict->reason == REASON_CONVERGED) t->mark = MARK_CONVERGED;
    return CF_OK;
}

cf_status judge_end(struct judge *j, const char *name, enum trial_status status)
{
    struct trial *t = find(j, name);
    if (!t) return CF_EINVAL;
    t->status = status;
    return CF_OK;
}

cf_status judge_mark(struct judge *j, const char *name, enum judge_mark mark)
{
    struct trial *t = find(j, name);
    if (!t) return CF_EINVAL;
    t->mark = mark;
    for (size_t i = 0; i < j->n; i++) /* the user's word is for the trial, whatever it is called */
        if (j->trials[i]->known_as == t) j->trials[i]->mark = mark == MARK_GOOD ? MARK_GOOD : MARK_NONE;
    return CF_OK;
}

/* ---- thawing ------------------------------------------------------------------------------------------------------------------------ */

/* As if it went on now. */
static struct verdict prospect(struct judge *j, struct trial *t)
{
    t->status = TRIAL_RUNNING;
    t->thaws++;
    struct verdict v = verdict_at(j, t, NAN);
    t->thaws--;
    t->status = TRIAL_STOPPED;
    return v;
}

/* How much a trial deserves to go on: its chance, or, while there is nothing to beat, its score. */
static double merit(const struct trial *t, const struct verdict *v)
{
    if (v->stop || !v->has_forecast) return -INFINITY;
    return isnan(v->p_good) ? t->score : v->p_good;
}

bool judge_prospect(struct judge *j, const char *name, struct verdict *v, double *deserves)
{
    struct trial *t = find(j, name);
    if (!t || t->status != TRIAL_STOPPED || t->mark == MARK_CONVERGED) return false;
    *v = prospect(j, t);
    *deserves = merit(t, v);
    return true;
}

static struct trial *most_deserving(struct judge *j, double *top, double *p_good)
{
    struct trial *best = NULL;
    *top = -INFINITY;
    for (size_t i = 0; i < j->n; i++) {
        struct trial *t = j->trials[i];
        if (t->status != TRIAL_STOPPED || t->mark == MARK_CONVERGED || t->thaws >= THAWS_MAX) continue;
        struct verdict v = prospect(j, t);
        if (merit(t, &v) > *top) *top = merit(t, &v), best = t, *p_good = v.p_good;
    }
    return best;
}

static double last_x(const struct judge *j, struct trial *t)
{
    struct metric_series *m = *j->metric ? series_named(t, j->metric) : NULL;
    return m ? cf_series_last_x(m->series) : 0;
}

static void go_on(const struct judge *j, struct trial *t)
{
    t->status = TRIAL_RUNNING;
    t->thaws++;
    t->leg = last_x(j, t);
}

/* When its leg is over: the first one always, a later one if somebody else deserves the next more. */
static void pause_for_others(struct judge *j, struct trial *t, struct verdict *v)
{
    double x = last_x(j, t), top, p_good;
    if (t->mark == MARK_GOOD || !v->has_forecast || !rule_leg_over(t->thaws ? t->leg / t->horizon : 0, x / t->horizon)) return;
    t->leg = x;
    if (t->thaws && (!most_deserving(j, &top, &p_good) || top <= merit(t, v))) return;
    v->stop = true;
    v->reason = REASON_PAUSED;
}

const char *judge_idle(struct judge *j, double *p_good)
{
    double top;
    struct trial *best = most_deserving(j, &top, p_good);
    if (best) go_on(j, best);
    return best ? best->name : NULL;
}

cf_status judge_resume(struct judge *j, const char *name, double x)
{
    struct trial *t = find(j, name);
    if (!t) return CF_EINVAL;
    go_on(j, t);
    if (isfinite(x)) t->leg = x;
    return CF_OK;
}

void judge_set_thaw(struct judge *j, bool thaw) { j->policy.thaw = thaw; }

const char *judge_metric(const struct judge *j, enum metric_goal *goal)
{
    if (goal) *goal = j->meaning.goal;
    return *j->metric ? j->metric : NULL;
}
