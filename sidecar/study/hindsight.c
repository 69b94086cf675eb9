#include "hindsight.h"

#include "judge/judge.h"
#include "options/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINAL_FROM 0.98 /* of the horizon */

const double hindsight_bounds[HINDSIGHT_BINS + 1] = {0, 0.05, 0.2, 0.5, 0.8, 1};

struct making {
    struct hindsight *all;
    struct store *store;
    struct policy policy;
    char metric[96];
    double sign;            /* 1: lower is better */
    double margin;          /* an edge below it is none */
    size_t room;
    bool failed;
    double from, sum, last; /* of the trial that is read */
    unsigned n;
    double final;
};

/* ---- how they ended ---------------------------------------------------------------------------------------------------------------- */

static void take_value(void *context, double x, double value)
{
    struct making *m = context;
    if (x >= m->from) m->sum += value, m->n++;
    m->last = value;
}

/* Infinite where it ended in values that are not finite: as bad as can be. A trial that failed for another reason tells nothing. */
static double final_of(struct making *m, const struct store_trial *t)
{
    bool diverged = !strcmp(t->reason, verdict_reason_word(REASON_DIVERGED));
    if (strcmp(t->status, "complete")) return !strcmp(t->status, "failed") && diverged ? INFINITY * m->sign : NAN;
    m->from = FINAL_FROM * (t->horizon > 0 ? fmin(t->horizon, t->x) : t->x), m->sum = 0, m->n = 0, m->last = NAN;
    store_values(m->store, t->id, m->metric, take_value, m);
    double final = m->n ? m->sum / m->n : m->last;
    return isfinite(final) ? final : isfinite(t->x) || diverged ? INFINITY * m->sign : NAN;
}

static void take_end(void *context, const struct store_trial *t)
{
    struct making *m = context;
    if (m->all->n == m->room) {
        size_t room = m->room ? 2 * m->room : 32;
        struct hindsight_trial *trials = realloc(m->all->trials, room * sizeof *trials);
        if (!trials) {
            m->failed = true;
            return;
        }
        m->all->trials = trials, m->room = room;
    }
    m->all->trials[m->all->n++] = (struct hindsight_trial){.id = t->id, .final = final_of(m, t), .inside = -1, .saved_share = NAN, .saved_seconds = NAN};
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The tolerance, as a share of median less best of all that ended. */
static double margin_of(const struct making *m)
{
    double *finals = calloc(m->all->n + 1, sizeof *finals);
    size_t n = 0;
    for (size_t i = 0; finals && i < m->all->n; i++)
        if (isfinite(m->all->trials[i].final)) finals[n++] = m->sign * m->all->trials[i].final;
    if (n) qsort(finals, n, sizeof *finals, rising);
    double spread = n > 1 ? finals[n / 2] - finals[0] : 0;
    free(finals);
    return policy_edge(&m->policy, spread);
}

/* ---- what was said ----------------------------------------------------------------------------------------------------------------- */

static bool was_good(const struct making *m, double bar)
{
    if (!isnan(m->policy.target)) return m->sign * m->final <= m->sign * m->policy.target;
    return m->sign * m->final < m->sign * bar - m->margin;
}

static bool has_bar(const struct making *m, double bar) { return !isnan(bar) || !isnan(m->policy.target); }

static void count_call(void *context, const struct store_verdict *c)
{
    struct making *m = context;
    struct hindsight *all = m->all;
    if (isfinite(m->final) && !isnan(c->q05)) all->intervals++, all->held += m->final >= c->q05 && m->final <= c->q95;
    if (isnan(c->p_good) || !has_bar(m, c->bar)) return;
    int k = 0;
    while (k < HINDSIGHT_BINS - 1 && c->p_good >= hindsight_bounds[k + 1]) k++;
    all->bin[k].n++, all->bin[k].came += was_good(m, c->bar), all->bin[k].p += c->p_good;
}

/* One that would have been stopped as converged had to beat what it had reached itself. */
static enum hindsight_stop stop_was(const struct making *m, const struct store_trial *t)
{
    bool converged = !strcmp(t->reason, verdict_reason_word(REASON_CONVERGED));
    if (isnan(m->final)) return STOP_OPEN;
    if (isinf(m->final)) return STOP_RIGHT;
    if (converged) return m->sign * m->final < m->sign * t->bar - m->margin ? STOP_WRONG : STOP_RIGHT;
    if (!has_bar(m, t->bar)) return STOP_OPEN;
    return was_good(m, t->bar) ? STOP_WRONG : STOP_RIGHT;
}

static void judge_stop(struct making *m, struct hindsight_trial *h, const struct store_trial *t)
{
    struct hindsight *all = m->all;
    double left = t->horizon > 0 ? fmax(0, t->horizon - t->verdict_x) : NAN;
    h->stop = stop_was(m, t);
    if (isfinite(m->final) && !isnan(t->q05)) h->inside = m->final >= t->q05 && m->final <= t->q95;
    h->saved_share = left / t->horizon, h->saved_seconds = left * t->seconds_per_x;
    all->due++, all->open += h->stop == STOP_OPEN, all->right += h->stop == STOP_RIGHT, all->wrong += h->stop == STOP_WRONG;
    if (!isnan(h->saved_share)) all->saved_share += h->saved_share;
    if (!isnan(h->saved_seconds)) all->saved_seconds += h->saved_seconds;
}

static void take_said(void *context, const struct store_trial *t)
{
    struct making *m = context;
    struct hindsight_trial *h = (struct hindsight_trial *)hindsight_of(m->all, t->id);
    if (!h) return;
    m->final = h->final;
    m->all->planned += 1;
    if (t->would_stop) judge_stop(m, h, t);
    if (isnan(h->final)) return;
    store_each_call(m->store, t->id, count_call, m);
    if (t->would_stop) count_call(m, &(struct store_verdict){.p_good = t->p_good, .bar = t->bar, .q05 = t->q05, .q95 = t->q95});
}

bool hindsight_make(struct hindsight *all, struct store *store)
{
    struct making m = {.all = all, .store = store, .policy = policy_defaults(), .sign = strcmp(store_setting(store, "judged_goal"), "max") ? 1 : -1};
    struct store_settings settings = store_settings_of(store);
    *all = (struct hindsight){0};
    settings_to_policy(&settings, &m.policy);
    snprintf(m.metric, sizeof m.metric, "%s", store_setting(store, "judged"));
    store_each_trial(store, take_end, &m);
    m.margin = margin_of(&m);
    store_each_trial(store, take_said, &m);
    for (int k = 0; k < HINDSIGHT_BINS; k++)
        if (all->bin[k].n) all->bin[k].p /= all->bin[k].n;
    return !m.failed;
}

void hindsight_free(struct hindsight *all)
{
    free(all->trials);
    *all = (struct hindsight){0};
}

const struct hindsight_trial *hindsight_of(const struct hindsight *all, int64_t id)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->trials[i].id == id) return &all->trials[i];
    return NULL;
}
