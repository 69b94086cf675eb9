#include "hindsight.h"

#include "trial_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list rest;
    va_start(rest, format);
    vsnprintf(text + used, size - used, format, rest);
    va_end(rest);
}

const char *hindsight_stop_text(const struct hindsight *all, const struct store_trial *t, char *text, size_t size)
{
    const struct hindsight_trial *past = hindsight_of(all, t->id);
    char place[64];
    *text = 0;
    if (!t->would_stop || !past) return text;
    add(text, size, "a stop was due at %s (dry run)", trial_place(t, t->verdict_x, place, sizeof place));
    if (past->stop == STOP_RIGHT) add(text, size, ": rightly");
    if (past->stop == STOP_WRONG && isnan(t->bar)) add(text, size, ": WRONGLY, it reached the target");
    else if (past->stop == STOP_WRONG) add(text, size, ": WRONGLY, it ended better than %.4g", t->bar);
    if (past->inside >= 0) add(text, size, ", its end was %s the forecast's 90 %%", past->inside ? "within" : "outside");
    return text;
}

const char *hindsight_dry_run_text(const struct hindsight *h, double price, char *text, size_t size)
{
    char span[32];
    *text = 0;
    if (!h->due) return text;
    add(text, size, "dry run: %u stops were due; %u would have been right, %u wrong", h->due, h->right, h->wrong);
    if (h->open) add(text, size, ", %u cannot be told yet", h->open);
    add(text, size, ". They would have saved %.0f %% of the full sweep's steps", 100 * h->saved_share / h->planned);
    if (h->saved_seconds >= 1) add(text, size, ", %s", duration_text(h->saved_seconds, span, sizeof span));
    if (h->saved_seconds >= 1 && price > 0) add(text, size, " ($%.2f)", h->saved_seconds / 3600 * price);
    return text;
}

const char *hindsight_reliability_text(const struct hindsight *h, char *text, size_t size)
{
    *text = 0;
    if (h->intervals) add(text, size, "forecasts so far: %u of %u ends lay within the 90 %% interval", h->held, h->intervals);
    for (int k = 0; k < HINDSIGHT_BINS; k++)
        if (h->bin[k].n)
            add(text, size, "%s%u of %u chances called %.0f to %.0f %% (mean %.1f %%) came true", *text ? "; " : "chances so far: ", h->bin[k].came, h->bin[k].n,
                100 * hindsight_bounds[k], 100 * hindsight_bounds[k + 1], 100 * h->bin[k].p);
    return text;
}
