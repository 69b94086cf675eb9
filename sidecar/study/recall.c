#include "recall.h"

#include "study/trial_state.h"

#include <string.h>
#include <time.h>

#define LOOK_ANYWAY_S 5

struct teller { struct judge *judge; int64_t not_state_of; };

static void on_value(void *context, const char *trial, const char *metric, double x, double value)
{
    const struct teller *teller = context;
    struct judge_value v = {metric, metric_meaning_of(metric), value};
    judge_log(teller->judge, trial, x, &v, 1, NULL);
}

static void on_trial(void *context, const struct store_trial *t)
{
    const struct teller *teller = context;
    if (t->id == teller->not_state_of) {
        judge_mark(teller->judge, t->name, t->good ? MARK_GOOD : MARK_NONE);
        return;
    }
    const char *state = trial_state(t);
    judge_start(teller->judge, t->name, t->horizon);
    if (!strcmp(state, "complete")) judge_end(teller->judge, t->name, TRIAL_COMPLETE);
    else if (!strcmp(state, "stopped")) judge_end(teller->judge, t->name, TRIAL_STOPPED);
    else if (!strcmp(state, "failed") || !strcmp(state, "lost")) judge_end(teller->judge, t->name, TRIAL_FAILED);
    judge_mark(teller->judge, t->name, t->good ? MARK_GOOD : trial_converged(t) ? MARK_CONVERGED : MARK_NONE);
}

void recall(struct store *store, struct judge *judge, int64_t *cursor, int64_t not_values_of, int64_t not_state_of)
{
    struct teller teller = {judge, not_state_of};
    store_news(store, not_values_of, cursor, on_value, &teller);
    store_each_trial(store, on_trial, &teller);
}

static double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void recall_news(struct store *store, struct judge *judge, struct recalled *recalled, int64_t not_values_of, int64_t not_state_of)
{
    double time = clock_s();
    if (!store_changed(store) && time < recalled->looked + LOOK_ANYWAY_S) return;
    recalled->looked = time;
    recall(store, judge, &recalled->cursor, not_values_of, not_state_of);
}
