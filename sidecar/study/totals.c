#include "totals.h"

#include "trial_state.h"
#include "trial_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void note_end(struct totals *all, const struct store_trial *t)
{
    if (all->complete++ && (all->maximise ? t->value <= all->best : t->value >= all->best)) return;
    all->best = t->value;
    snprintf(all->best_name, sizeof all->best_name, "%s", t->name);
}

void totals_add(struct totals *all, const struct store_trial *t)
{
    double share = t->horizon > 0 && trial_reached(t) >= 0 ? fmin(1, trial_reached(t) / t->horizon) : 1;
    bool stopped = !strcmp(t->status, "stopped");
    all->trials++;
    all->run += stopped ? share : 1;
    all->planned += 1;
    if (!isnan(trial_seconds_saved(t))) all->saved_seconds += trial_seconds_saved(t);
    all->stopped += stopped;
    if ((!strcmp(t->status, "complete") || trial_converged(t)) && !isnan(t->value)) note_end(all, t);
}

const char *totals_text(const struct totals *all, double price, char *text, size_t size)
{
    char span[32], saved[80] = "", best[160] = "", money[40] = "";
    if (all->saved_seconds >= 1 && price > 0) snprintf(money, sizeof money, " ($%.2f)", all->saved_seconds / 3600 * price);
    if (all->saved_seconds >= 1) snprintf(saved, sizeof saved, ", %s saved%s", duration_text(all->saved_seconds, span, sizeof span), money);
    if (*all->best_name) snprintf(best, sizeof best, "; best: %s (%.4g)", all->best_name, all->best);
    if (!all->trials) snprintf(text, size, "no trial yet");
    else snprintf(text, size, "%u trials, %u stopped: %.0f %% of the full sweep's steps were not run%s%s", all->trials, all->stopped, 100 * (1 - all->run / all->planned), saved, best);
    return text;
}
