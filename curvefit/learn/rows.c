/* rows: feature vectors of many cuts of one curve, for learning. Built on the fly by data.py against libcurvefit; not part of it. */
#include "../stack.h"

#include <math.h>
#include <stdlib.h>

#define META 6 /* sign, level, scale, progress, room, run */

static void meta_of(const struct cf__features *f, double *meta)
{
    const double values[META] = {f->sign, f->level, f->scale, f->progress, f->room, f->run};
    for (int i = 0; i < META; i++) meta[i] = values[i];
}

/* The median and the width of what the ensemble says of the final value, in z. */
static void ask(struct cf__ensemble *ensemble, const cf_task *task, const struct cf__features *f, double *voice)
{
    struct cf__mixture mixture;
    double q[CF_QUANTILES], z[CF_QUANTILES];
    voice[0] = voice[1] = NAN;
    if (!cf__ensemble_fit(ensemble, task)) return;
    cf__ensemble_final(ensemble, task, &mixture);
    cf__mixture_quantiles(&mixture, q);
    cf__in_z(f, q, z);
    voice[0] = z[49];
    voice[1] = cf__width_of(z);
}

/* cuts: rising counts of observations. features: n_cuts rows of CF__FEATURES; meta: n_cuts rows of 6, scale 0 where there is no row;
 * voice: n_cuts rows of 2, or NULL (then ensemble may be, too). Returns the number of features in use, or -1 without memory. */
int rows_of(const double *x, const double *y, double horizon, int goal, const double *rate_x, const double *rate_y, size_t n_rate,
            const size_t *cuts, size_t n_cuts, float *features, double *meta, struct cf__ensemble *ensemble, double *voice)
{
    struct cf__view *view = malloc(sizeof *view);
    cf_series *series = cf_series_create(), *rate = cf_series_create();
    size_t i = 0, j = 0;
    int used = -1;
    for (size_t c = 0; view && series && rate && c < n_cuts; c++) {
        struct cf__features f;
        for (; i < cuts[c]; i++) cf_series_push(series, x[i], y[i]);
        for (; j < n_rate && rate_x[j] <= x[i - 1]; j++) cf_series_push(rate, rate_x[j], rate_y[j]);
        cf_task task = {.series = series, .horizon = horizon, .goal = (cf_goal)goal, .rate = j ? rate : NULL};
        if (!cf__features_of(&task, view, &f)) f.scale = 0;
        else if (voice) ask(ensemble, &task, &f, voice + 2 * c);
        meta_of(&f, meta + META * c);
        for (int k = 0; k < CF__FEATURES; k++) features[CF__FEATURES * c + k] = f.value[k];
        if ((int)f.n > used) used = (int)f.n;
    }
    free(view);
    cf_series_destroy(series);
    cf_series_destroy(rate);
    return used;
}

cf_run *run_of(const double *x, const double *y, size_t n, double horizon, int goal)
{
    cf_series *series = cf_series_create();
    for (size_t i = 0; series && i < n; i++) cf_series_push(series, x[i], y[i]);
    cf_run *run = series ? cf_run_create(series, horizon, (cf_goal)goal) : NULL;
    cf_series_destroy(series);
    return run;
}

/* Median and width in z of the line through the siblings for the first n observations of a curve; NaN: there is none. */
void line_of(const double *x, const double *y, size_t n, double horizon, int goal, cf_run *const *siblings, size_t n_siblings, double *line)
{
    struct cf__view *view = malloc(sizeof *view);
    cf_series *series = cf_series_create();
    cf_study *study = cf_study_create();
    struct cf__features f;
    line[0] = line[1] = NAN;
    for (size_t i = 0; series && i < n; i++) cf_series_push(series, x[i], y[i]);
    for (size_t i = 0; study && i < n_siblings; i++) cf_study_add(study, siblings[i]);
    cf_task task = {.series = series, .horizon = horizon, .goal = (cf_goal)goal, .study = study};
    if (view && series && study && cf__features_of(&task, view, &f) && !cf__sibling_line(&task, &f, line, line + 1)) line[0] = line[1] = NAN;
    free(view);
    cf_series_destroy(series);
    cf_study_destroy(study);
}
