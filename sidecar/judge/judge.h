/* judge: the one engine behind run, tail, serve and replay. It holds the trials of a study (bounded summaries), asks
 * curvefit for forecasts and the rule (rule.c) for verdicts. Pure: no I/O, no clock, no store. Same calls, same answers.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "curvefit.h"
#include "metric/metric.h"

struct policy {
    const char *metric;     /* name; NULL: chosen by metric_rank and kept */
    enum metric_goal goal;  /* GOAL_NONE: by the metric's meaning */
    double delta;           /* of those stopped at most this share would have been good enough (rule.h); in (0, 1) */
    double target;          /* good enough = at least as good; NaN: none */
    unsigned keep;          /* good enough = among the best keep; >= 1 */
    double tolerance;       /* share of the study's spread that is not worth its cost; >= 0 */
    double min_delta;       /* the same in units of the metric; the larger of both counts; >= 0 */
    double horizon;         /* for trials that state none; NaN: unknown */
    unsigned trials;        /* planned trials of the sweep; 0: unknown */
    unsigned workers;       /* trials that run at once; 0: unknown */
    bool thaw;              /* a race: stopped trials may go on later */
    bool stop_when_converged; /* a trial that has got all but all it will get ends there (converged.h) */
};
struct policy policy_defaults(void);
/* A good trial is worth so many full runs, > 1: going on pays while P(good enough) worth > what is left to run. */
void policy_weigh(struct policy *policy, double worth);
/* By how much a bar must be beaten, in units of the metric; >= 0. spread: of the study's trials, 0 when unknown. */
double policy_edge(const struct policy *policy, double spread);

/* Why. The closed list of the protocol: enum, word and sentence from one table. */
#define VERDICT_REASONS(X) \
    X(REASON_TOO_FEW,        "too-few-points",    "fewer observations than a forecast needs") \
    X(REASON_NO_HORIZON,     "horizon-unknown",   "no planned end is known; give --horizon") \
    X(REASON_NO_METRIC,      "no-metric",         "no value of the judged metric yet") \
    X(REASON_NO_RIVAL,       "no-rival-yet",      "no other trial to beat and no target") \
    X(REASON_GOOD_CHANCE,    "good-chance",       "the chance to end up good enough is worth what is left to run") \
    X(REASON_UNSURE,         "unsure",            "the forecast is too wide to stop on") \
    X(REASON_NEARLY_DONE,    "nearly-done",       "what is left costs less than it could tell") \
    X(REASON_FINISHED,       "finished",          "the trial reached its horizon") \
    X(REASON_MARKED_GOOD,    "marked-good",       "the user said that this trial is good") \
    X(REASON_FAULT,          "fault",             "a fault of ours; training goes on") \
    X(REASON_HOPELESS,       "hopeless",          "the chance to end up good enough is not worth what is left to run") \
    X(REASON_DIVERGED,       "diverged",          "the loss is not finite or exploded") \
    X(REASON_CONVERGED,      "converged",         "next to nothing more is to be gained") \
    X(REASON_DEAD,           "dead",              "the run repeats one value to the last digit") \
    X(REASON_PAUSED,         "paused",            "other trials go first; it may go on when its turn comes") \
    X(REASON_STOPPED_BEFORE, "stopped-before",    "this trial was stopped earlier")

enum verdict_reason {
#define X(name, word, sentence) name,
    VERDICT_REASONS(X)
#undef X
    VERDICT_REASON_COUNT
};
const char *verdict_reason_word(enum verdict_reason reason);
const char *verdict_reason_sentence(enum verdict_reason reason);

struct verdict {
    bool stop;
    enum verdict_reason reason;
    double p_good;          /* NaN: not known */
    double x;               /* where it was given */
    double bar;             /* the value to beat, NaN: none */
    char rival[64];         /* name of the trial that holds the bar, or "" */
    bool has_forecast;
    cf_forecast forecast;   /* valid with has_forecast */
};

struct judge_value {
    const char *metric;
    struct metric_meaning meaning;
    double value;
};

struct judge; /* NULL from create: out of memory */
struct judge *judge_create(const struct policy *policy);
void judge_destroy(struct judge *judge);

/* horizon NaN: unknown so far (judge_set_horizon later). A known trial name goes on (restart). */
cf_status judge_start(struct judge *judge, const char *trial, double horizon);
/* A trial of which the others learn by another way, as known_as (a study's memory, thinned): what is logged for name only name knows, and known_as is
 * neither its rival nor its sibling. It begins with all that is known of known_as, which is started if need be. So one judge serves several followers as
 * a judge each would. Not for a race. */
cf_status judge_start_apart(struct judge *judge, const char *name, const char *known_as, double horizon);
cf_status judge_set_horizon(struct judge *judge, const char *trial, double horizon); /* NaN: what was said turned out wrong, and it is unknown again */
/* Adds observations at x (several metrics of one moment) and judges. verdict may be NULL: take note only (other processes'
 * trials, old logs), which is cheap. */
cf_status judge_log(struct judge *judge, const char *trial, double x, const struct judge_value *values, size_t n, struct verdict *verdict);

/* A trial that was stopped at x goes on, by the advice of another judge. x NaN: the last that was logged. */
cf_status judge_resume(struct judge *judge, const char *trial, double x);

enum trial_status { TRIAL_RUNNING, TRIAL_COMPLETE, TRIAL_STOPPED, TRIAL_FAILED };
cf_status judge_end(struct judge *judge, const char *trial, enum trial_status status);

/* What is known of a trial besides its values. */
enum judge_mark {
    MARK_NONE,
    MARK_GOOD,  /* the user's word: it is never stopped, and what it has reached is a result to beat, finished or not */
    MARK_CONVERGED, /* it was stopped since there was nothing more to gain: what it has reached is a result to beat, and it is not thawed */
    MARK_ELDER, /* of an earlier study: once complete it sharpens forecasts, and is nobody's rival */
};
cf_status judge_mark(struct judge *judge, const char *trial, enum judge_mark mark);

/* The stopped trial that deserves to go on most; NULL: none does. Thaws it; *p_good is its chance, NaN while nothing has finished.
 * The name is borrowed until the next call. */
const char *judge_idle(struct judge *judge, double *p_good);

/* What the verdict on a stopped trial would be if it went on now; changes nothing. deserves: orders stopped trials, the higher the sooner;
 * -INFINITY: it does not deserve to go on. False: no such stopped trial. */
bool judge_prospect(struct judge *judge, const char *trial, struct verdict *verdict, double *deserves);

/* The forecast of a trial as its next verdict would make it; cf_forecast_at then answers for this trial until the judge is called again. Borrowed.
 * NULL: there is none (no value, no horizon). */
cf_forecaster *judge_forecast(struct judge *judge, const char *trial);

/* Whether the stops from now on can be taken back: policy.thaw. */
void judge_set_thaw(struct judge *judge, bool thaw);

/* The metric judged, NULL before it is known; its goal. Borrowed. */
const char *judge_metric(const struct judge *judge, enum metric_goal *goal);

#endif
