/* stack: see stack.h. Mirrored by learn/voice.py. */
#include "stack.h"

#include <math.h>
#include <string.h>

#define STILL_RUN 2 /* equal values in a row from which a curve may have come to stand */
#define FINAL_SHARE 0.02 /* the last share of the horizon whose mean is the final value */
#define NARROWING 0.2    /* 1/2 were right for independent errors */
#define DOUBTED 0.5      /* how much wider an answer gets whose siblings' ends are as doubtful as its own */
#define LINE_NARROWING 0.5
#define APART 5.0        /* widths beyond which two voices that are apart do not widen the answer further */
#define NEWS 0.5         /* how far what a schedule says may move the end, over what the fall still to come is expected to buy */
#define FARTHEST 1e3     /* scales from the level beyond which another voice is not followed */

/* A voice beside the learned one, in z. news: how far what it knows, and the learned one does not, moves the end. */
struct other { double median, width, news; struct cf__doubt doubt; double narrowing; };

/* The siblings' correction of the first answer, both in z. */
static void correct(const cf_study *study, struct cf__learned *l, double z[CF_QUANTILES])
{
    float input[CF__SIBLING_INPUTS];
    double m = z[49], w = cf__width_of(z), second[CF_QUANTILES], doubt = 0;
    l->siblings = study ? cf__sibling_inputs(study, &l->features, z, input, &doubt) : 0;
    if (!l->siblings) return;
    cf__network_quantiles(&cf__network_siblings, input, second);
    for (int i = 0; i < CF_QUANTILES; i++) z[i] = m + w * (second[49] + (1 + DOUBTED * doubt) * (second[i] - second[49]));
}

/* ---- the other voices ------------------------------------------------------------------------------------------------------- */

/* How many values the last 2 % of the horizon will hold, judged by the rate of logging so far. */
static double final_observations(const cf_task *task)
{
    double seen = cf_series_last_x(task->series), n = (double)cf_series_count(task->series);
    return seen > 0 ? fmax(1, FINAL_SHARE * task->horizon * n / seen) : 1;
}

void cf__ensemble_final(const struct cf__ensemble *ensemble, const cf_task *task, struct cf__mixture *mixture)
{
    cf__ensemble_predict(ensemble, task->horizon * (1 - FINAL_SHARE / 2), final_observations(task), mixture);
}

void cf__in_z(const struct cf__features *f, const double q[CF_QUANTILES], double z[CF_QUANTILES])
{
    for (int i = 0; i < CF_QUANTILES; i++) z[i] = (f->sign * q[f->sign > 0 ? i : CF_QUANTILES - 1 - i] - f->level) / f->scale;
}

/* Two voices of which each says how sure it is are weighed by precision. The other one is surer than it should be, so its variance is
 * raised; the shape of the distribution stays ours, and narrows less than if they erred independently. That they are apart widens it, as
 * it does a mixture of two: by the variance share·(1 - share)·distance². */
static void hear(const struct other *other, double z[CF_QUANTILES])
{
    double width = cf__width_of(z), middle = z[49], of_own = other->doubt.of_own * width, of_scale = other->doubt.of_scale;
    double own = hypot(width, other->news), share = own * own / (own * own + other->width * other->width + of_scale * of_scale + of_own * of_own);
    if (!isfinite(other->median) || !(share > 0)) return;
    double away = fmin(fmax(other->median, -FARTHEST), FARTHEST) - middle, apart = fmin(fabs(away) / own, APART);
    double factor = pow(1 - share, other->narrowing) * sqrt(1 + share * (1 - share) * apart * apart);
    for (int i = 0; i < CF_QUANTILES; i++) z[i] = middle + share * away + factor * (z[i] - middle);
}

/* What a configuration states is news to the learned voice, unless siblings have told it. */
static void hear_ensemble(const struct cf__learned *l, const cf_task *task, const struct cf__said *ensemble, double z[CF_QUANTILES])
{
    const struct cf__features *f = &l->features;
    double e[CF_QUANTILES], news = task->schedule && !l->siblings ? NEWS * ensemble->due / f->scale : 0;
    cf__in_z(f, ensemble->q, e);
    hear(&(struct other){e[49], cf__width_of(e), news, cf__calibration.doubt[l->siblings > 0], NARROWING}, z);
}

static void hear_line(const struct cf__features *f, const cf_task *task, double z[CF_QUANTILES])
{
    struct other line = {.narrowing = LINE_NARROWING};
    if (cf__sibling_line(task, f, &line.median, &line.width)) hear(&line, z);
}

/* ---- what stands around ------------------------------------------------------------------------------------------------- */

/* The tails, from the quartiles outwards; the middle stays. */
static void stretch(double q[CF_QUANTILES], double low, double high)
{
    double middle = q[49];
    for (int i = 0; i < CF_QUANTILES; i++) {
        double ramp = fmin(fmax((fabs((i + 1) / 100.0 - 0.5) - 0.25) / 0.2, 0), 1);
        q[i] = middle + (q[i] - middle) * (1 + ramp * ((i < 49 ? low : high) - 1));
    }
}

/* Value of the quantile function at p, by interpolation; flat beyond the 1 % and the 99 % quantile. */
static double at(const double q[CF_QUANTILES], double p)
{
    double u = fmin(fmax(p * 100 - 1, 0), CF_QUANTILES - 1);
    int i = u < CF_QUANTILES - 1 ? (int)u : CF_QUANTILES - 2;
    return q[i] + (u - i) * (q[i + 1] - q[i]);
}

/* Share below v, between 0 and 1, by interpolation. */
static double share_below(const double q[CF_QUANTILES], double v)
{
    if (v < q[0]) return 0;
    if (v > q[CF_QUANTILES - 1]) return 1;
    int i = 0;
    while (i < CF_QUANTILES - 2 && q[i + 1] < v) i++;
    double step = q[i + 1] - q[i];
    return (i + 1 + (step > 0 ? (v - q[i]) / step : 0)) / 100.0;
}

static double chance_still(const struct cf__features *f)
{
    const double *b = cf__calibration.still;
    if (f->run < STILL_RUN) return 0;
    bool at_bound = f->room <= 1e-9 * fmax(1, fabs(f->level));
    return 1 / (1 + exp(-(b[0] + b[1] * log(f->run) + b[2] * f->progress + b[3] * at_bound)));
}

static void add_mass(double q[CF_QUANTILES], double where, double mass)
{
    double old[CF_QUANTILES], below = (1 - mass) * share_below(q, where);
    memcpy(old, q, sizeof old);
    for (int i = 0; i < CF_QUANTILES; i++) {
        double p = (i + 1) / 100.0;
        q[i] = p < below ? at(old, p / (1 - mass)) : p <= below + mass ? where : at(old, (p - mass) / (1 - mass));
    }
}

bool cf__learned_quantiles(struct cf__learned *l, const cf_task *task, const struct cf__said *ensemble, double q[CF_QUANTILES])
{
    const struct cf__features *f = &l->features;
    const struct cf__calibration *c = &cf__calibration;
    double z[CF_QUANTILES];
    if (!cf__features_of(task, &l->view, &l->features)) return false;
    cf__network_quantiles(&cf__network_alone, f->value, z);
    correct(task->study, l, z);
    double late = fmin(fmax((f->progress - 0.2) / 0.4, 0), 1);
    int which = l->siblings > 0;
    l->median = f->sign * (f->level + f->scale * z[49]);
    hear_ensemble(l, task, ensemble, z);
    hear_line(f, task, z);
    l->heard.median = f->level + f->scale * z[49];
    l->heard.width = f->scale * cf__width_of(z);
    stretch(z, c->tail_low[which].early + late * (c->tail_low[which].late - c->tail_low[which].early),
            c->tail_high[which].early + late * (c->tail_high[which].late - c->tail_high[which].early));
    for (int i = 0; i < CF_QUANTILES; i++) z[i] = fmax(f->level + f->scale * z[i], f->level - f->room);
    double mass = chance_still(f);
    if (mass > 0) add_mass(z, f->sign * cf_series_last_y(task->series), mass);
    for (int i = 0; i < CF_QUANTILES; i++) q[i] = f->sign * z[f->sign > 0 ? i : CF_QUANTILES - 1 - i];
    return true;
}
