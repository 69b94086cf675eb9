/* curve_plot: what was seen of a curve, the fan of its forecast and the value to beat, as one plot. */
#ifndef CURVE_PLOT_H
#define CURVE_PLOT_H

#include "curvefit.h"
#include "plot/plot.h"

#define FAN_POINTS 48

/* Quantiles of single values at places after what was seen. */
struct fan {
    size_t n;
    double x[FAN_POINTS], low[FAN_POINTS], middle[FAN_POINTS], high[FAN_POINTS]; /* 5 %, 50 %, 95 % */
};

/* Of the forecaster's last forecast, from x to the horizon. */
void fan_of(struct fan *fan, cf_forecaster *forecaster, double from, double horizon);

/* forecast and fan NULL: none; bar NaN: none. Everything is borrowed. */
struct curve_plot {
    const char *title, *x_label, *y_label;
    size_t n;
    const double *x, *y;
    size_t later_n;                 /* what came after the place of the forecast, to hold against it */
    const double *later_x, *later_y;
    double horizon, bar;
    const char *bar_name;
    const struct fan *fan;
    const cf_forecast *forecast;
};

enum { CURVE_PLOT_ITEMS = 6 };
/* Lays it out; items and ends keep it together for as long as the plot is used. */
struct curve_plot_layout { struct plot_item items[CURVE_PLOT_ITEMS]; double horizon, bar, low, middle, high; };
struct plot curve_plot_of(const struct curve_plot *what, struct curve_plot_layout *layout);

#endif
