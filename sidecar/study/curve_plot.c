#include "curve_plot.h"

#include <math.h>

void fan_of(struct fan *fan, cf_forecaster *forecaster, double from, double horizon)
{
    fan->n = 0;
    for (int k = 0; k < FAN_POINTS && from < horizon; k++) {
        double x = from + (horizon - from) * k / (FAN_POINTS - 1), mean, sd, q[CF_QUANTILES];
        if (cf_forecast_at(forecaster, x, &mean, &sd, q)) continue;
        fan->x[fan->n] = x, fan->low[fan->n] = q[4], fan->middle[fan->n] = q[49], fan->high[fan->n++] = q[94];
    }
}

struct plot curve_plot_of(const struct curve_plot *c, struct curve_plot_layout *l)
{
    size_t n = 0;
    l->horizon = c->horizon, l->bar = c->bar;
    if (c->fan) {
        l->items[n++] = (struct plot_item){PLOT_BAND, TONE_FORECAST, "nine tenths of single values", c->fan->n, c->fan->x, NULL, c->fan->low, c->fan->high};
        l->items[n++] = (struct plot_item){PLOT_LINE, TONE_FORECAST, NULL, c->fan->n, c->fan->x, c->fan->middle, NULL, NULL};
    }
    if (c->later_n) l->items[n++] = (struct plot_item){PLOT_LINE, TONE_QUIET, "came later", c->later_n, c->later_x, c->later_y, NULL, NULL};
    l->items[n++] = (struct plot_item){PLOT_LINE, TONE_SEEN, "seen", c->n, c->x, c->y, NULL, NULL};
    if (isfinite(c->bar)) l->items[n++] = (struct plot_item){PLOT_LEVEL, TONE_BAR, c->bar_name, 1, NULL, &l->bar, NULL, NULL};
    if (c->forecast) {
        l->low = c->forecast->q[4], l->middle = c->forecast->q[49], l->high = c->forecast->q[94];
        l->items[n++] = (struct plot_item){PLOT_INTERVAL, TONE_FORECAST, "final value", 1, &l->horizon, &l->middle, &l->low, &l->high};
    }
    return (struct plot){c->title, c->x_label, c->y_label, {0, c->horizon > 0 ? c->horizon : NAN}, {NAN, NAN}, l->items, n};
}
