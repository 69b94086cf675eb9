/* curvefit: where will this learning curve end?
 *
 * A curve is a series of (x, y): x a training counter (step, epoch, token ...) that rises, y a metric as it was logged (a
 * loss that falls, a score that rises). Given the part seen so far and the horizon (the x at which the run is planned to
 * end), the library answers with the distribution of the *final value*: the mean of the values that will be logged in the
 * last 2 % of the horizon, observation noise included.
 *
 * Invariants
 *   - Nothing here prints, exits, reads a clock or the environment, or knows of logs, names of metrics, processes, threads.
 *   - Same pushes, same task, same build: same answer, to the bit.
 *   - Every number that comes out is finite. "Too early to tell" is an outcome, not an error.
 *   - cf_*_create allocates; nothing after that does, but for cf_study_add growing its list.
 *   - Objects are independent; one object must not be used by two threads at once.
 *   - Pushing is O(1) amortised; memory of a series is fixed whatever its length.
 *
 * Ownership: X_create gives an object that X_destroy frees; X_destroy(NULL) is allowed. A const pointer argument is
 * borrowed for the call unless said otherwise.
 */
#ifndef CURVEFIT_H
#define CURVEFIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- call status: 0, or why the call (not the fit) failed --------------------------------------------------------- */

typedef enum cf_status {
    CF_OK = 0,
    CF_EINVAL = -1, /* an argument is out of its range */
    CF_ENOMEM = -2, /* out of memory; nothing was changed */
} cf_status;

const char *cf_status_text(cf_status status); /* static text, never NULL */

typedef enum cf_goal { CF_MINIMISE = 0, CF_MAXIMISE = 1 } cf_goal;

/* ---- series: the bounded summary of what was observed --------------------------------------------------------------- */

#define CF_SERIES_BINS 512 /* bins a series holds at most; up to that many observations are held one by one */

/* One bin: n consecutive observations. With n == 1 all y's are equal and the sums are 0. */
typedef struct cf_bin {
    double x;       /* mean x */
    double x_last;  /* x of the last observation */
    double y;       /* mean y */
    double y_min, y_max, y_last;
    double m2;      /* sum of squared deviations from the bin's mean (Welford) */
    double d1;      /* sum of squared first differences y[i] - y[i-1], over the i in this bin (0 for the very first) */
    double d2;      /* sum of squared second differences y[i] - 2 y[i-1] + y[i-2], likewise */
    uint64_t n;
} cf_bin;

typedef struct cf_series cf_series;

cf_series *cf_series_create(void); /* NULL: out of memory */
void cf_series_destroy(cf_series *series);
void cf_series_clear(cf_series *series);
cf_status cf_series_copy(cf_series *to, const cf_series *from);
void cf_series_head(cf_series *to, const cf_series *from, double last_x); /* what had been seen when x was last_x; trouble with values apart */

/* Adds an observation. x must be finite (CF_EINVAL otherwise).
 * y not finite: counted and remembered (see cf_series_trouble), never averaged into a bin.
 * x equal to the last x: the value is averaged with the last one (ranks, refreshed bars).
 * x below the last x: the run was restarted from a checkpoint; what was seen at and after x is forgotten. */
cf_status cf_series_push(cf_series *series, double x, double y);

size_t cf_series_bins(const cf_series *series, const cf_bin **bins); /* borrowed until the next push; oldest first */
uint64_t cf_series_count(const cf_series *series);                   /* finite observations held in the bins */
double cf_series_last_x(const cf_series *series);                    /* 0 when empty */
double cf_series_last_y(const cf_series *series);                    /* last finite y; 0 when empty */

typedef struct cf_trouble {
    uint64_t nonfinite;      /* observations that were NaN or infinite */
    uint64_t nonfinite_run;  /* how many of them since the last finite one */
    uint64_t constant_run;   /* how many of the last observations equal the last one to the digit */
    uint64_t restarts;       /* times x went back */
} cf_trouble;
cf_trouble cf_series_trouble(const cf_series *series);

/* The mean of y over x >= from_x (weights n); the last y where no bin lies there. 0 when empty. */
double cf_series_mean_from(const cf_series *series, double from_x);

/* ---- schedule of the learning rate ----------------------------------------------------------------------------------- */

typedef enum cf_schedule_kind {
    CF_SCHEDULE_UNKNOWN = 0,
    CF_SCHEDULE_CONSTANT,
    CF_SCHEDULE_LINEAR,
    CF_SCHEDULE_COSINE,
    CF_SCHEDULE_POLYNOMIAL,
    CF_SCHEDULE_INVERSE_SQRT,
    CF_SCHEDULE_WSD, /* warm-up, stable, decay (trapezoid) */
    CF_SCHEDULE_STEP,
    CF_SCHEDULE_COSINE_RESTARTS,
} cf_schedule_kind;

typedef struct cf_schedule {
    cf_schedule_kind kind;
    double warmup;      /* x at which the warm-up ends; 0: none; NaN: unknown */
    double decay_start; /* x at which the decay starts (WSD, step); NaN: unknown */
    double peak;        /* rate after warm-up, > 0; NaN: unknown */
    double final;       /* rate at the horizon, >= 0; NaN: unknown (taken as 0.1 of the peak for cosine, else 0) */
} cf_schedule;

/* The kind a configuration's word means ("cosine", "linear", "wsd", "constant_with_warmup" ...), UNKNOWN for any other or NULL. */
cf_schedule_kind cf_schedule_kind_of(const char *name);

/* ---- study: finished and running siblings ------------------------------------------------------------------------------ */

/* A sibling: one curve of the same study, analysed once, so that many forecasts may use it. The newest twelve are asked that finished; where
 * fewer than CF_FINISHED_ENOUGH did, unfinished ones, too, whose end was forecast and that are farther than the run in question. */
#define CF_FINISHED_ENOUGH 4
typedef struct cf_run cf_run;
typedef struct cf_forecaster cf_forecaster; /* workspace of forecasts, below */
cf_run *cf_run_create(const cf_series *series, double horizon, cf_goal goal); /* copies what it needs; NULL: no memory or unusable */
void cf_run_destroy(cf_run *run);
void cf_run_set_goal(cf_run *run, cf_goal goal); /* for a run whose goal was not known when it was created */
/* Where an unfinished run is expected to end, rate (as logged, or NULL) considered: until this is known it is not asked. Nothing happens to a
 * finished run, or the second time. What the forecaster was last asked is forgotten. */
void cf_run_forecast_end(cf_run *run, cf_forecaster *forecaster, const cf_series *rate);
double cf_run_final(const cf_run *run);                    /* its final value (last 2 % of the horizon); unfinished: its last one */
double cf_run_at(const cf_run *run, double progress);      /* its value near progress in (0, 1] of its horizon */

typedef struct cf_study cf_study;
cf_study *cf_study_create(void);
void cf_study_destroy(cf_study *study);
void cf_study_clear(cf_study *study);
cf_status cf_study_add(cf_study *study, const cf_run *run); /* borrows run until clear or destroy */
size_t cf_study_count(const cf_study *study);

/* ---- forecast ------------------------------------------------------------------------------------------------------------ */

#define CF_QUANTILES 99
#define CF_FAMILIES_MAX 32

/* What is to be forecast. Everything is borrowed for the call. */
typedef struct cf_task {
    const cf_series *series;     /* what was observed; never NULL */
    double horizon;              /* planned last x, > 0 */
    cf_goal goal;
    const cf_series *rate;       /* learning rate as logged; NULL: not logged */
    const cf_schedule *schedule; /* what the configuration states; NULL: nothing */
    const cf_study *study;       /* siblings; NULL: none */
} cf_task;

/* Why a forecast is what it is. */
typedef enum cf_outcome {
    CF_FORECAST = 0,  /* a forecast */
    CF_TOO_FEW,       /* fewer than 4 observations: quantiles are wide and flagged, still usable */
    CF_DIVERGED,      /* the series ends in values that are not finite */
    CF_FINISHED,      /* the horizon was reached: the answer is what was seen */
} cf_outcome;

typedef struct cf_family_weight {
    const char *name; /* static */
    double weight;    /* posterior probability, sums to 1 over the families */
} cf_family_weight;

typedef struct cf_forecast {
    cf_outcome outcome;
    double mean, sd;
    double q[CF_QUANTILES];   /* the 1 % ... 99 % quantiles, never decreasing */
    /* Chance, in [0, 1], that the run ends in values that are not finite or, of a loss, above ten times the larger of its first two: the share of
     * recorded curves that did, by what they had done so far (1: the series ends in values that are not finite). Not in the quantiles. */
    double p_diverged;
    double disagreement;      /* |difference of the voices' medians| over the forecast's sd; 0: they agree */
    size_t n_families;
    cf_family_weight families[CF_FAMILIES_MAX]; /* heaviest first */
} cf_forecast;

cf_forecaster *cf_forecaster_create(void); /* about a megabyte */
void cf_forecaster_destroy(cf_forecaster *forecaster);

/* Fills *forecast. CF_EINVAL only for a broken task (NULL series, horizon not positive); a poor series is an outcome. */
cf_status cf_forecast_final(cf_forecaster *forecaster, const cf_task *task, cf_forecast *forecast);

/* The distribution of a single observation at x (noise included) under the task of the last cf_forecast_final: the parametric ensemble's, moved so
 * that it agrees with the final value's. x may lie inside what was seen. q may be NULL. */
cf_status cf_forecast_at(cf_forecaster *forecaster, double x, double *mean, double *sd, double q[CF_QUANTILES]);
/* Natural log of its density at y; finite always (floored at -1e4). */
double cf_forecast_logpdf(cf_forecaster *forecaster, double x, double y);

/* Under a finished forecast: the chance that the final value is at most v (interpolated quantiles, exponential tails). */
double cf_forecast_cdf(const cf_forecast *forecast, double v);
double cf_forecast_quantile(const cf_forecast *forecast, double p); /* p in (0, 1) */

/* ---- families ------------------------------------------------------------------------------------------------------------ */

size_t cf_family_count(void);
typedef struct cf_family_card {
    const char *name, *formula, *source;
} cf_family_card;
cf_family_card cf_family_card_of(size_t i); /* i < cf_family_count(); static texts */

#ifdef __cplusplus
}
#endif
#endif
