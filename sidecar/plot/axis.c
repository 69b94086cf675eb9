/* ranges and ticks */
#include "plot.h"

#include <math.h>
#include <stdlib.h>

#define SPIKE 8.0 /* a range so many times that of the middle nine tenths is made by spikes */

/* ---- ranges ---------------------------------------------------------------------------------------------------------------- */

struct values { double *v; size_t n; };

static void take(struct values *values, double v)
{
    if (isfinite(v)) values->v[values->n++] = v;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t count_of(const struct plot *plot)
{
    size_t n = 0;
    for (size_t i = 0; i < plot->n; i++) n += 3 * plot->items[i].n;
    return n;
}

static struct plot_range widened(double low, double high, double share)
{
    if (!(high >= low)) return (struct plot_range){0, 1};
    double margin = high > low ? share * (high - low) : fmax(0.1 * fabs(low), 1e-9);
    return (struct plot_range){low - margin, high + margin};
}

static struct plot_range range_of_x(const struct plot *plot)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < plot->n; i++)
        for (size_t k = 0; plot->items[i].x && k < plot->items[i].n; k++)
            if (isfinite(plot->items[i].x[k])) low = fmin(low, plot->items[i].x[k]), high = fmax(high, plot->items[i].x[k]);
    return widened(low, high, 0);
}

static void take_curve(struct values *values, const struct plot_item *item)
{
    size_t first = item->kind != PLOT_LEVEL && item->kind != PLOT_INTERVAL && item->n >= 10 ? item->n / 10 : 0;
    for (size_t k = first; item->y && k < item->n; k++) take(values, item->y[k]);
}

/* Curves, levels and intervals set the range; a band may widen it by once as much on either side. */
static struct plot_range range_of_y(const struct plot *plot, struct values *values)
{
    for (size_t i = 0; i < plot->n; i++) {
        const struct plot_item *item = &plot->items[i];
        take_curve(values, item);
        for (size_t k = 0; item->kind == PLOT_INTERVAL && k < item->n; k++) take(values, item->low[k]), take(values, item->high[k]);
    }
    if (!values->n) return (struct plot_range){0, 1};
    qsort(values->v, values->n, sizeof *values->v, ascending);
    size_t n = values->n;
    double low = values->v[0], high = values->v[n - 1], q05 = values->v[n / 20], q95 = values->v[n - 1 - n / 20];
    if (n >= 20 && high - low > SPIKE * (q95 - q05) && q95 > q05) low = fmax(low, q05 - (q95 - q05)), high = fmin(high, q95 + (q95 - q05));
    double room = high - low, band_low = low, band_high = high;
    for (size_t i = 0; i < plot->n; i++)
        for (size_t k = 0; plot->items[i].kind == PLOT_BAND && k < plot->items[i].n; k++) {
            if (isfinite(plot->items[i].low[k])) band_low = fmin(band_low, plot->items[i].low[k]);
            if (isfinite(plot->items[i].high[k])) band_high = fmax(band_high, plot->items[i].high[k]);
        }
    return widened(fmax(band_low, low - room), fmin(band_high, high + room), 0.04);
}

static struct plot_range settled(struct plot_range given, struct plot_range drawn)
{
    struct plot_range range = {isfinite(given.low) ? given.low : drawn.low, isfinite(given.high) ? given.high : drawn.high};
    return range.low < range.high ? range : widened(range.low, range.low, 0);
}

void plot_settle(const struct plot *plot, struct plot_range *x, struct plot_range *y)
{
    struct values values = {malloc((count_of(plot) + 1) * sizeof(double)), 0};
    *x = settled(plot->x, range_of_x(plot));
    *y = settled(plot->y, values.v ? range_of_y(plot, &values) : (struct plot_range){0, 1});
    free(values.v);
}

/* ---- ticks ------------------------------------------------------------------------------------------------------------------ */

static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    static const double steps[] = {1, 2, 5, 10};
    for (int i = 0; i < 4; i++)
        if (steps[i] * power >= least * (1 - 1e-9)) return steps[i] * power;
    return 10 * power;
}

int plot_ticks(struct plot_range range, int most, double ticks[TICKS_MAX])
{
    double width = range.high - range.low;
    int n = 0;
    if (most > TICKS_MAX) most = TICKS_MAX;
    if (!(width > 0) || !isfinite(width) || most < 2) return 0;
    double step = round_step(width / most);
    for (double k = ceil(range.low / step - 1e-9); k * step <= range.high + 1e-9 * width && n < TICKS_MAX; k++) ticks[n++] = k == 0 ? 0 : k * step;
    return n;
}

/* The unit follows from the step, so that all ticks of an axis have the same. */
void plot_tick_text(double value, double step, char *text, size_t size)
{
    static const struct { double from, unit; const char *sign; } units[] = {{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {5e3, 1e3, "k"}};
    double most = fmax(fabs(value), step);
    if (value == 0) {
        snprintf(text, size, "0");
        return;
    }
    if (most >= 1e12 || most < 1e-4) {
        snprintf(text, size, "%.3g", value);
        return;
    }
    for (size_t i = 0; i < 3; i++)
        if (step >= units[i].from) {
            snprintf(text, size, "%.5g%s", value / units[i].unit, units[i].sign);
            return;
        }
    int digits = step > 0 && step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;
    snprintf(text, size, "%.*f", digits, value);
}
