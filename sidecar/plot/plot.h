/* plot: curves, bands and levels on a pair of axes, as SVG or as text for a terminal. Knows nothing of trials. Everything in a plot is
 * borrowed for the call. Values that are not finite are gaps. */
#ifndef PLOT_H
#define PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum plot_kind {
    PLOT_LINE,     /* through (x, y) */
    PLOT_STEPS,    /* y holds from its x to the next */
    PLOT_POINTS,
    PLOT_BAND,     /* the area between low and high over x */
    PLOT_INTERVAL, /* at each x an upright from low to high, with a mark at y */
    PLOT_LEVEL,    /* one y over the whole width; n is 1 */
};

/* Colours that stand out on a light and on a dark ground alike. */
enum plot_tone { TONE_SEEN, TONE_FORECAST, TONE_BAR, TONE_GOOD, TONE_BAD, TONE_QUIET, TONE_COUNT };

struct plot_item {
    enum plot_kind kind;
    enum plot_tone tone;
    const char *name; /* in the legend; NULL: not there */
    size_t n;
    const double *x, *y, *low, *high; /* each n long where its kind uses it, else NULL */
};

struct plot_range { double low, high; }; /* either may be NaN: set by what is drawn */

struct plot {
    const char *title, *x_label, *y_label; /* "": none */
    struct plot_range x, y;
    const struct plot_item *items; /* later ones lie on top */
    size_t n;
};

/* A whole SVG element of so many units; no script, no reference to anything outside. False: the output is gone. */
bool plot_svg(FILE *out, const struct plot *plot, int width, int height);

/* What text may use. width and height in characters, of the whole plot with its axes. */
struct plot_paper { int width, height; bool unicode, colour; };
struct plot_paper plot_paper_of(int fd); /* by the terminal (else 80 wide), the locale and NO_COLOR */
void plot_text(FILE *out, const struct plot *plot, const struct plot_paper *paper);
const char *plot_ansi(enum plot_tone tone); /* the escape that begins it; "\033[0m" ends it */

/* The ranges that are not given, from what is drawn: the first tenth of a line, where it falls from its start, does not set y, nor
 * do single spikes. */
void plot_settle(const struct plot *plot, struct plot_range *x, struct plot_range *y);

#define TICKS_MAX 12
/* At most `most` (2 ... TICKS_MAX) round numbers within the range; returns how many. */
int plot_ticks(struct plot_range range, int most, double ticks[TICKS_MAX]);
/* With as many digits as tell ticks `step` apart: "0.25", "1500", "20k". */
void plot_tick_text(double value, double step, char *text, size_t size);

/* Text within XML or HTML, also within a quoted attribute: escaped; bytes that are no UTF-8 or no XML become U+FFFD. */
void xml_text(FILE *out, const char *text);

#endif
