#include "replay_runs.h"

#include "judge/looks.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE 16
#define WORK 2.0e4       /* values in all orders together, about, that are judged at the delta asked for unless --orders is given */
#define ORDERS_FEWEST 5
#define ORDERS_MOST 100
#define FRONT_SHARE 5    /* other deltas are run in one order of so many */
#define THREADS_MOST 64

struct result { bool scored, best, within_1, within_5; double cost, regret, less_noise, hours; };

struct job { size_t sweep, line; unsigned order; struct result result; bool failed; };

struct work {
    struct replay_runs *runs;
    struct job *jobs;
    size_t n;
    _Atomic size_t next;
    bool patient; /* someone waits at a terminal */
};

/* ---- one replay ------------------------------------------------------------------------------------------------------------ */

/* Judges tell trials apart by the first 63 bytes of a name; paths may be longer. */
struct lineup { struct replay_trial *trials; size_t *order; char (*names)[NAME_SIZE]; size_t n; };

static size_t sweep_size(const struct replay_runs *runs, const struct finished_sweep *s)
{
    double asked = runs->options->trials > 0 ? runs->options->trials : s->n > REPLAY_MOST_TRIALS ? REPLAY_SAMPLE : (double)s->n;
    return asked < (double)s->n ? (size_t)asked : s->n;
}

/* Order 0 is the one given. */
static bool line_up(struct lineup *l, const struct replay_runs *runs, const struct finished_sweep *s, unsigned order)
{
    *l = (struct lineup){calloc(s->n, sizeof *l->trials), calloc(s->n, sizeof *l->order), calloc(s->n, sizeof *l->names), sweep_size(runs, s)};
    if (!l->trials || !l->order || !l->names) return false;
    for (size_t i = 0; i < s->n; i++) l->order[i] = i;
    if (order) replay_shuffle(l->order, s->n, (uint64_t)runs->options->seed * 1000003u + order);
    for (size_t i = 0; i < l->n; i++) {
        const struct finished_trial *t = &s->trials[l->order[i]];
        snprintf(l->names[i], NAME_SIZE, "%zu", l->order[i]);
        l->trials[i] = (struct replay_trial){l->names[i], t->horizon, t->values.n, t->values.x, t->values.y, {t->rate.n, t->rate.x, t->rate.y}};
    }
    return true;
}

static void lineup_free(struct lineup *l)
{
    free(l->trials);
    free(l->order);
    free(l->names);
}

static struct replay_sweep sweep_of(const struct lineup *l, const struct replay_runs *runs, const struct finished_sweep *s, bool thaw)
{
    return (struct replay_sweep){l->trials, l->n, s->metric, s->goal, (unsigned)runs->options->workers, s->live, thaw};
}

/* What the whole horizon takes. */
static double full_hours(const struct replay_runs *runs, const struct finished_trial *t)
{
    if (runs->options->hours > 0) return runs->options->hours;
    return t->seconds / 3600 * t->horizon / t->values.x[t->values.n - 1];
}

/* A trial whose time nobody knows takes the mean of the others. */
static double hours_of(const struct replay_runs *runs, const struct finished_sweep *s, const struct lineup *l, const struct replay_fate *fates)
{
    double known = 0, share = 0, all = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct finished_trial *t = &s->trials[l->order[i]];
        double run = fates ? fates[i].run : t->values.x[t->values.n - 1] / t->horizon, hours = full_hours(runs, t);
        all += run;
        if (isfinite(hours)) known += run * hours, share += run;
    }
    return known > 0 ? known * all / share : NAN;
}

static void do_job(struct replay_runs *runs, struct job *job)
{
    const struct finished_sweep *s = &runs->finished->sweeps[job->sweep];
    const struct replay_line *line = &runs->lines[job->line];
    struct policy judged = options_policy(runs->options);
    struct replay_outcome o;
    struct lineup l;
    struct replay_fate *fates = calloc(s->n, sizeof *fates);
    job->failed = !line_up(&l, runs, s, job->order) || !fates;
    struct replay_sweep sweep = sweep_of(&l, runs, s, line->thaw);
    if (!job->failed) job->failed = replay_run(&sweep, line->policy, line->settings, &judged, &o, fates) != CF_OK;
    if (!job->failed)
        job->result = (struct result){o.scored, fates[o.best_trial].finished, o.kept_within_1, o.kept_within_5, o.cost, o.regret, o.regret_less_noise, hours_of(runs, s, &l, fates)};
    lineup_free(&l);
    free(fates);
}

bool replay_given_order(const struct replay_runs *runs, const struct finished_sweep *s, struct replay_fate *fates)
{
    struct policy judged = options_policy(runs->options);
    struct replay_outcome o;
    struct lineup l;
    double settings[REPLAY_SETTINGS] = {judged.delta};
    bool ok = line_up(&l, runs, s, 0);
    struct replay_sweep sweep = sweep_of(&l, runs, s, false);
    ok = ok && replay_run(&sweep, replay_policy_at(0), settings, &judged, &o, fates) == CF_OK;
    lineup_free(&l);
    return ok;
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------- */

static void *worker(void *context)
{
    struct work *w = context;
    for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->n;) {
        do_job(w->runs, &w->jobs[i]);
        if (w->patient) fprintf(stderr, "\rreplayed %zu of %zu", i + 1, w->n);
    }
    return NULL;
}

static void run_jobs(struct work *w)
{
    pthread_t threads[THREADS_MOST];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = cores > THREADS_MOST ? THREADS_MOST : (int)cores, begun = 0;
    while (begun < n - 1 && !pthread_create(&threads[begun], NULL, worker, w)) begun++;
    worker(w);
    for (int i = 0; i < begun; i++) pthread_join(threads[i], NULL);
}

static unsigned orders_of(const struct replay_runs *runs)
{
    double values = 1;
    if (runs->options->orders > 0) return (unsigned)runs->options->orders;
    for (size_t i = 0; i < runs->finished->n; i++) {
        const struct finished_sweep *s = &runs->finished->sweeps[i];
        double points = 0;
        for (size_t k = 0; k < s->n; k++) points += s->live ? fmin(LOOKS_MOST, (double)s->trials[k].values.n) : (double)s->trials[k].values.n;
        values += points * (double)sweep_size(runs, s) / (double)s->n;
    }
    return (unsigned)fmin(ORDERS_MOST, fmax(ORDERS_FEWEST, WORK / values));
}

static bool add_line(struct replay_runs *runs, const struct replay_policy *policy, const double *settings, bool thaw, unsigned orders)
{
    struct replay_line *lines = realloc(runs->lines, (runs->n + 1) * sizeof *lines);
    if (!lines) return false;
    runs->lines = lines;
    lines[runs->n] = (struct replay_line){.policy = policy, .thaw = thaw, .orders = orders};
    memcpy(lines[runs->n++].settings, settings, sizeof lines->settings);
    return true;
}

static bool make_lines(struct replay_runs *runs)
{
    const struct replay_policy *judge = replay_policy_at(0);
    double asked[REPLAY_SETTINGS] = {options_policy(runs->options).delta};
    unsigned few = runs->options->orders > 0 ? runs->orders : (runs->orders + FRONT_SHARE - 1) / FRONT_SHARE;
    bool ok = add_line(runs, judge, asked, false, runs->orders) && add_line(runs, judge, asked, true, runs->orders);
    for (size_t k = 0; k < replay_policy_count(); k++) {
        const struct replay_policy *p = replay_policy_at(k);
        for (size_t i = 0; i < p->n_usual; i++) {
            if (p == judge && p->usual[i][0] == asked[0]) continue;
            ok = ok && add_line(runs, p, p->usual[i], false, p == judge ? few : runs->orders);
            if (p == judge) ok = ok && add_line(runs, p, p->usual[i], true, few);
        }
    }
    return ok;
}

static bool make_jobs(struct work *w)
{
    struct replay_runs *runs = w->runs;
    size_t n = 0;
    for (size_t k = 0; k < runs->n; k++) n += runs->lines[k].orders * runs->finished->n;
    if (!(w->jobs = calloc(n, sizeof *w->jobs))) return false;
    for (size_t k = 0; k < runs->n; k++)
        for (size_t i = 0; i < runs->finished->n; i++)
            for (unsigned o = 0; o < runs->lines[k].orders; o++) w->jobs[w->n++] = (struct job){.sweep = i, .line = k, .order = o};
    return true;
}

/* ---- means --------------------------------------------------------------------------------------------------------------------- */

enum { COST, REGRET, LESS_NOISE, BEST, WITHIN_1, WITHIN_5, HOURS, FIGURES };

struct mean { double sum[FIGURES], n; };

static void into_mean(struct mean *m, const double v[FIGURES])
{
    for (int i = 0; i < FIGURES; i++) m->sum[i] += v[i];
    m->n++;
}

static void fold(struct mean *into, const struct mean *from)
{
    double v[FIGURES];
    if (from->n < 1) return;
    for (int i = 0; i < FIGURES; i++) v[i] = from->sum[i] / from->n;
    into_mean(into, v);
}

static size_t fold_sweep(struct replay_line *line, const struct job *jobs, struct mean *source)
{
    struct mean sweep = {0};
    for (unsigned o = 0; o < line->orders; o++) {
        const struct result *r = &jobs[o].result;
        if (jobs[o].failed || !r->scored) continue;
        line->scored++, line->kept += r->best;
        into_mean(&sweep, (double[FIGURES]){r->cost, r->regret, r->less_noise, r->best, r->within_1, r->within_5, r->hours});
    }
    fold(source, &sweep);
    return line->orders;
}

static void summarise(struct replay_line *line, const struct finished *finished, const struct job *jobs)
{
    struct mean all = {0};
    for (size_t i = 0; i < finished->n;) {
        struct mean source = {0};
        size_t first = i;
        for (; i < finished->n && finished->sweeps[i].source == finished->sweeps[first].source; i++) jobs += fold_sweep(line, jobs, &source);
        fold(&all, &source);
    }
    double *const out[FIGURES] = {&line->cost, &line->regret, &line->regret_less_noise, &line->best_kept, &line->within_1, &line->within_5, &line->hours};
    for (int i = 0; i < FIGURES; i++) *out[i] = all.n > 0 ? all.sum[i] / all.n : NAN;
}

static double full_hours_of_all(const struct replay_runs *runs)
{
    for (size_t k = 0; k < runs->n; k++)
        if (!strcmp(runs->lines[k].policy->name, "no-stop")) return runs->lines[k].hours;
    return NAN;
}

bool replay_runs_make(struct replay_runs *runs, struct finished *finished, const struct options *options)
{
    *runs = (struct replay_runs){.options = options, .finished = finished};
    struct work w = {.runs = runs, .patient = isatty(STDERR_FILENO)};
    runs->orders = orders_of(runs);
    bool ok = make_lines(runs) && make_jobs(&w);
    if (ok) run_jobs(&w);
    if (w.patient) fputs("\r\033[K", stderr);
    const struct job *jobs = w.jobs;
    for (size_t k = 0; ok && k < runs->n; k++) {
        summarise(&runs->lines[k], finished, jobs);
        jobs += runs->lines[k].orders * finished->n;
    }
    for (size_t i = 0; i < w.n; i++) ok = ok && !w.jobs[i].failed;
    runs->hours = full_hours_of_all(runs);
    free(w.jobs);
    return ok;
}

void replay_runs_free(struct replay_runs *runs)
{
    free(runs->lines);
    runs->lines = NULL;
}

const struct replay_line *replay_runs_default(const struct replay_runs *runs, bool thaw) { return &runs->lines[thaw]; }
