#include "account.h"

#include "elders.h"
#include "options/settings.h"
#include "trial_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLACK 3.0 /* seconds: a trial's own values may be written a little after the verdict on them */
#define CLOSE 0.01

/* A trial of the study as it stood at the moment in question. */
struct standing { int64_t id; char name[64]; double horizon; enum judge_mark mark; enum trial_status status; };

struct making {
    struct account *a;
    struct store *store;
    struct judge *judge;
    struct standing *trials;
    size_t n, room;
    int64_t id;                 /* of the trial in question */
    const char *name;
    double horizon;
    bool found, thaw, may_converge;
    double went_on;             /* x of its last stop before; NaN: none */
    size_t values_room;
};

/* ---- the trial ----------------------------------------------------------------------------------------------------------------- */

/* Was this among the words of `run` that it was started with? */
static bool started_with(const struct store_start *start, const char *option)
{
    bool whole = start->words && start->words_size && !start->words[start->words_size - 1];
    for (size_t i = 0; whole && i < start->words_size; i += strlen(start->words + i) + 1) {
        if (!strcmp(start->words + i, "--")) return false;
        if (!strncmp(start->words + i, option, strlen(option))) return true;
    }
    return false;
}

/* Where no checkpoint is left a stop is for good, whatever was asked for. */
static bool may_thaw(const struct store_trial *t) { return started_with(&t->start, "--thaw") && *t->checkpoint; }

static void find_trial(void *context, const struct store_trial *t)
{
    struct making *m = context;
    if (strcmp(t->name, m->name)) return;
    struct account *a = m->a;
    m->found = true;
    m->id = t->id;
    m->thaw = may_thaw(t);
    m->may_converge = started_with(&t->start, "--stop-when-converged");
    a->axis = (struct axis){"", t->horizon, t->steps};
    snprintf(a->axis.unit, sizeof a->axis.unit, "%s", t->unit);
    snprintf(a->trial, sizeof a->trial, "%s", t->name);
    snprintf(a->status, sizeof a->status, "%s", trial_state(t));
    if (isnan(a->at)) a->at = !strcmp(t->status, "stopped") || t->would_stop ? t->verdict_x : INFINITY;
}

static void keep_stored(struct account *a, const struct store_verdict *v, double time)
{
    a->has_stored = true;
    a->moment = time;
    a->stored.stop = v->stop, a->stored.dry_run = v->dry_run;
    snprintf(a->stored.reason, sizeof a->stored.reason, "%s", v->reason);
    snprintf(a->stored.rival, sizeof a->stored.rival, "%s", v->rival);
    a->stored.p_good = v->p_good, a->stored.bar = v->bar, a->stored.q05 = v->q05, a->stored.q50 = v->q50, a->stored.q95 = v->q95;
}

static void find_verdict(void *context, const struct store_verdict *v, double time)
{
    struct making *m = context;
    if (v->x == m->a->at) keep_stored(m->a, v, time);
    else if (v->stop && !v->dry_run && !m->a->has_stored && !(v->x > m->a->at)) m->went_on = v->x;
}

/* ---- its values, and when the place in question was reached ------------------------------------------------------------------------------- */

static void take_value(void *context, const struct store_value *v)
{
    struct making *m = context;
    struct account *a = m->a;
    if (v->trial != m->id || strcmp(v->metric, a->metric)) return;
    while (a->n && a->x[a->n - 1] >= v->x) a->n--; /* it went back there */
    if (a->n == m->values_room) {
        size_t room = m->values_room ? 2 * m->values_room : 256;
        double *x = realloc(a->x, room * sizeof *x);
        if (x) a->x = x;
        double *y = x ? realloc(a->y, room * sizeof *y) : NULL;
        if (!y) return;
        a->y = y, m->values_room = room;
    }
    a->x[a->n] = v->x, a->y[a->n++] = v->value;
    if (v->x <= a->at && !a->has_stored) a->moment = v->time;
}

static void split_values(struct account *a)
{
    size_t all = a->n;
    if (isinf(a->at)) a->at = all ? a->x[all - 1] : NAN;
    for (a->n = 0; a->n < all && a->x[a->n] <= a->at; a->n++) {}
    a->later_n = all - a->n;
}

/* ---- the judge, as it was --------------------------------------------------------------------------------------------------------------------- */

static void find_stop(void *context, const struct store_verdict *v, double time)
{
    struct making *m = context;
    struct standing *s = &m->trials[m->n - 1];
    if (v->stop && !v->dry_run && time <= m->a->moment && s->status == TRIAL_RUNNING) s->status = TRIAL_STOPPED;
}

/* What had ended by then had ended; what went on later had been stopped. */
static void take_standing(void *context, const struct store_trial *t)
{
    struct making *m = context;
    if (m->n == m->room) {
        size_t room = m->room ? 2 * m->room : 32;
        struct standing *trials = realloc(m->trials, room * sizeof *trials);
        if (!trials) return;
        m->trials = trials, m->room = room;
    }
    struct standing *s = &m->trials[m->n++];
    *s = (struct standing){.id = t->id, .horizon = t->horizon, .mark = t->good ? MARK_GOOD : MARK_NONE, .status = TRIAL_RUNNING};
    snprintf(s->name, sizeof s->name, "%s", t->name);
    if (t->id == m->id) {
        if (m->a->stored.stop) s->mark = MARK_NONE; /* it was marked after it had been stopped */
        return;
    }
    bool over = *t->origin || !(t->ended > m->a->moment);
    if (over && !strcmp(t->status, "complete")) s->status = TRIAL_COMPLETE;
    else if (over && !strcmp(t->status, "failed")) s->status = TRIAL_FAILED;
    else if (over && !strcmp(t->status, "stopped")) s->status = TRIAL_STOPPED;
    if (over && trial_converged(t) && !t->good) s->mark = MARK_CONVERGED;
}

static void add_stops(struct making *m)
{
    size_t all = m->n;
    for (m->n = 1; m->n <= all; m->n++)
        if (m->trials[m->n - 1].id != m->id) store_each_verdict(m->store, m->trials[m->n - 1].id, find_stop, m);
    m->n = all;
}

static void feed(void *context, const struct store_value *v)
{
    struct making *m = context;
    const struct account *a = m->a;
    bool own = v->trial == m->id;
    if (own ? v->x > a->at || v->time > a->moment + SLACK : v->time > a->moment) return;
    struct judge_value value = {v->metric, metric_meaning_of(v->metric), v->value};
    for (size_t i = 0; i < m->n; i++)
        if (m->trials[i].id == v->trial) judge_log(m->judge, m->trials[i].name, v->x, &value, 1, NULL);
}

static void ask(struct making *m)
{
    struct account *a = m->a;
    for (size_t i = 0; i < m->n; i++) judge_start(m->judge, m->trials[i].name, m->trials[i].horizon);
    store_each_value(m->store, feed, m);
    for (size_t i = 0; i < m->n; i++) {
        if (m->trials[i].status != TRIAL_RUNNING) judge_end(m->judge, m->trials[i].name, m->trials[i].status);
        judge_mark(m->judge, m->trials[i].name, m->trials[i].mark);
        a->finished += m->trials[i].status == TRIAL_COMPLETE;
    }
    if (!isnan(m->went_on)) judge_resume(m->judge, a->trial, m->went_on);
    judge_log(m->judge, a->trial, a->at, NULL, 0, &a->verdict);
    cf_forecaster *forecaster = a->verdict.has_forecast ? judge_forecast(m->judge, a->trial) : NULL;
    if (forecaster) fan_of(&a->fan, forecaster, a->at, a->axis.horizon);
}

/* ---- is it what was said then? -------------------------------------------------------------------------------------------------------------------- */

static void compare(struct account *a)
{
    const struct verdict *v = &a->verdict;
    const char *word = verdict_reason_word(v->reason);
    double width = a->stored.q95 - a->stored.q05;
    *a->difference = 0;
    if (!a->has_stored) return;
    if (strcmp(a->stored.reason, word)) snprintf(a->difference, sizeof a->difference, "the reason was %s and is %s", a->stored.reason, word);
    else if (fabs(a->stored.p_good - v->p_good) > CLOSE) snprintf(a->difference, sizeof a->difference, "the chance was %.3g %% and is %.3g %%", 100 * a->stored.p_good, 100 * v->p_good);
    else if (strcmp(a->stored.rival, v->rival)) snprintf(a->difference, sizeof a->difference, "the trial to beat was %.40s and is %.40s", a->stored.rival, v->rival);
    else if (v->has_forecast && fabs(a->stored.q50 - v->forecast.q[49]) > CLOSE * width)
        snprintf(a->difference, sizeof a->difference, "the forecast was %.5g and is %.5g", a->stored.q50, v->forecast.q[49]);
}

/* ---- all ------------------------------------------------------------------------------------------------------------------------------------------- */

static bool find(struct making *m, char error[STORE_ERROR])
{
    struct account *a = m->a;
    store_each_trial(m->store, find_trial, m);
    if (!m->found) return snprintf(error, STORE_ERROR, "no trial '%.60s' in this study. `foregone status` lists them", m->name), false;
    store_each_verdict(m->store, m->id, find_verdict, m);
    store_each_value(m->store, take_value, m);
    split_values(a);
    if (a->n || a->has_stored) return true;
    return snprintf(error, STORE_ERROR, "trial '%.60s' has no value of %s%s", a->trial, *a->metric ? a->metric : "a metric that could be judged", a->later_n ? " until there" : " yet"), false;
}

static void set_policy(struct making *m, struct store_settings *settings)
{
    struct account *a = m->a;
    *settings = store_settings_of(m->store);
    a->policy = policy_defaults();
    settings_to_policy(settings, &a->policy);
    a->policy.metric = a->metric;
    metric_goal_parse(store_setting(m->store, "judged_goal"), &a->policy.goal);
    a->goal = a->policy.goal;
    a->policy.thaw = m->thaw;
    a->policy.stop_when_converged = m->may_converge;
}

bool account_make(struct account *a, struct store *store, const char *trial, double at, char error[STORE_ERROR])
{
    struct making m = {.a = a, .store = store, .name = trial, .went_on = NAN};
    struct store_settings settings;
    *a = (struct account){.at = at, .moment = NAN};
    snprintf(a->metric, sizeof a->metric, "%s", store_setting(store, "judged"));
    bool ok = find(&m, error);
    if (ok) {
        set_policy(&m, &settings);
        store_each_trial(store, take_standing, &m);
        add_stops(&m);
        m.judge = judge_create(&a->policy);
        if (m.judge) elders_tell(store, settings.learn_from, m.judge), ask(&m);
        else {
            snprintf(error, STORE_ERROR, "out of memory");
            ok = false;
        }
    }
    if (ok) compare(a);
    judge_destroy(m.judge);
    free(m.trials);
    a->policy.metric = NULL;
    return ok;
}

void account_free(struct account *a)
{
    free(a->x), free(a->y);
    a->x = a->y = NULL;
}

const char *account_sentence(const struct account *a, char *text, size_t size)
{
    const struct verdict *v = &a->verdict;
    char place[64];
    int n = snprintf(text, size, "%s at %s: %s", v->stop ? "stopped" : "not stopped", place_text(a->at, &a->axis, place, sizeof place), verdict_reason_sentence(v->reason));
    if (n < 0 || (size_t)n >= size || isnan(v->p_good) || (v->reason != REASON_HOPELESS && v->reason != REASON_GOOD_CHANCE && v->reason != REASON_UNSURE)) return text;
    const char *under = v->p_good < 0.001 ? "under " : "";
    if (!isnan(a->policy.target)) snprintf(text + n, size - (size_t)n, " (%s%.2g %% to reach %.5g)", under, 100 * fmax(v->p_good, 0.001), a->policy.target);
    else snprintf(text + n, size - (size_t)n, " (%s%.2g %% to beat trial %s, %.5g)", under, 100 * fmax(v->p_good, 0.001), v->rival, v->bar);
    return text;
}

struct plot account_plot(const struct account *a, const char *title, struct curve_plot_layout *layout, char bar_name[96])
{
    bool target = !isnan(a->policy.target);
    snprintf(bar_name, 96, target ? "target" : "to beat: %s", a->verdict.rival);
    struct curve_plot what = {title, a->axis.unit, a->metric, a->n, a->x, a->y, a->later_n, a->x + a->n, a->y + a->n, a->axis.horizon, target ? a->policy.target : a->verdict.bar, bar_name,
                              a->fan.n ? &a->fan : NULL, a->verdict.has_forecast ? &a->verdict.forecast : NULL};
    return curve_plot_of(&what, layout);
}
