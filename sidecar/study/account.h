/* account: a verdict made again from what the store holds: the judge is fed what was logged until then, and asked. Nothing is narrated from notes. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "curve_plot.h"
#include "judge/judge.h"
#include "options/options.h"
#include "place.h"
#include "store/store.h"

struct account {
    char trial[64], status[16], metric[96];
    enum metric_goal goal;
    struct axis axis;
    struct policy policy;       /* its metric points nowhere; see metric above */
    double at, moment;          /* the place of the verdict; when it was, seconds since 1970, NaN: unknown */
    struct verdict verdict;     /* as this version gives it */
    bool has_stored;            /* a verdict of note was kept at that very place: */
    struct { bool stop, dry_run; char reason[32], rival[64]; double p_good, bar, q05, q50, q95; } stored;
    char difference[160];       /* between the two, in words; "": none */
    unsigned finished;          /* trials that had finished by then */
    size_t n, later_n;          /* values of the judged metric: until then, and after it */
    double *x, *y;              /* n + later_n of them */
    struct fan fan;             /* fan.n 0: none */
};

/* at NaN: where it was stopped or a dry run would have stopped it, else at its last value. False with a message. account_free in any case. */
bool account_make(struct account *account, struct store *store, const char *trial, double at, char error[STORE_ERROR]);
void account_free(struct account *account);

/* Why, in one sentence without a full stop. */
const char *account_sentence(const struct account *account, char *text, size_t size);
struct plot account_plot(const struct account *account, const char *title, struct curve_plot_layout *layout, char bar_name[96]);

#endif
