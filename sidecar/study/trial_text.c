#include "trial_text.h"

#include "judge/judge.h"
#include "place.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A value that is not finite moves the verdict on, not the curve. */
double trial_reached(const struct store_trial *t) { return *t->reason && !(t->x >= t->verdict_x) ? t->verdict_x : t->x; }

double trial_seconds_left(const struct store_trial *t)
{
    if (!(t->horizon > 0) || trial_reached(t) >= t->horizon) return NAN;
    return t->seconds_per_x * (t->horizon - trial_reached(t));
}

const char *trial_place(const struct store_trial *t, double x, char *text, size_t size)
{
    struct axis axis = {"", t->horizon, t->steps};
    snprintf(axis.unit, sizeof axis.unit, "%s", t->unit);
    return place_text(x, &axis, text, size);
}

const char *duration_text(double seconds, char *text, size_t size)
{
    if (seconds < 100) snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 6000) snprintf(text, size, "%.0f min", seconds / 60);
    else snprintf(text, size, "%.1f h", seconds / 3600);
    return text;
}

double trial_seconds_saved(const struct store_trial *t) { return strcmp(t->status, "stopped") ? NAN : trial_seconds_left(t); }

/* A word that this version does not know (an older study's) stands for itself. */
static const char *reason_sentence(const char *word)
{
    for (int i = 0; i < VERDICT_REASON_COUNT; i++)
        if (!strcmp(verdict_reason_word((enum verdict_reason)i), word)) return verdict_reason_sentence((enum verdict_reason)i);
    return word;
}

static void stop_sentence(const struct store_trial *t, char *text, size_t size)
{
    char forecast[96] = "", saved[64] = "", span[32], place[64];
    const char *at = trial_place(t, t->verdict_x, place, sizeof place);
    if (!isnan(t->q50)) snprintf(forecast, sizeof forecast, "; forecast %.4g [%.4g, %.4g]", t->q50, t->q05, t->q95);
    if (trial_seconds_saved(t) >= 1) snprintf(saved, sizeof saved, "; saved %s", duration_text(trial_seconds_saved(t), span, sizeof span));
    if (!strcmp(t->reason, "hopeless") && *t->rival)
        snprintf(text, size, "stopped at %s: %s%.2g %% chance to beat trial %s (%.4g)%s%s", at, t->p_good < 0.001 ? "under " : "", 100 * fmax(t->p_good, 0.001), t->rival, t->bar, forecast, saved);
    else snprintf(text, size, "stopped at %s: %s%s%s", at, reason_sentence(t->reason), forecast, saved);
}

const char *trial_sentence(const struct store_trial *t, const char *state, char *text, size_t size)
{
    char place[64];
    if (!strcmp(state, "stopped")) stop_sentence(t, text, size);
    else if (isnan(t->value)) snprintf(text, size, "no value of the judged metric yet");
    else snprintf(text, size, "%s %.4g at %s", strcmp(state, "complete") ? "is at" : "ended with", t->value, trial_place(t, t->x, place, sizeof place));
    if (t->good) snprintf(text + strlen(text), size - strlen(text), "; you called it good");
    return text;
}
