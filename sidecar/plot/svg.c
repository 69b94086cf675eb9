/* a plot as SVG: a transparent ground, greys and middle tones that read on white and on black */
#include "plot.h"

#include <math.h>
#include <string.h>

#define GREY "#767676"
#define LEFT 64
#define RIGHT 14
#define LEGEND_ROW 16
#define LETTER 6.2 /* width of a letter at 11 units, about */

static const char *const colours[TONE_COUNT] = {"#3f83c6", "#7d6fd0", "#d07a1e", "#2f9e6a", "#d0504c", "#8c8c8c"};

struct page {
    FILE *out;
    const struct plot *plot;
    struct plot_range x, y;
    double top, bottom, width, height; /* margins; size of the inner area */
};

static double px(const struct page *p, double x) { return (x - p->x.low) / (p->x.high - p->x.low) * p->width; }
static double py(const struct page *p, double y) { return (p->y.high - y) / (p->y.high - p->y.low) * p->height; }
/* Far outside is as good as outside, and short. */
static double clamp(double v) { return fmin(fmax(v, -9999), 9999); }

/* ---- axes ------------------------------------------------------------------------------------------------------------------ */

static void text_at(const struct page *p, double x, double y, const char *anchor, const char *more, const char *text)
{
    fprintf(p->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>", x, y, anchor, more);
    xml_text(p->out, text);
    fputs("</text>\n", p->out);
}

static void x_axis(const struct page *p)
{
    double ticks[TICKS_MAX];
    char text[32];
    int n = plot_ticks(p->x, (int)fmax(2, fmin(8, p->width / 70)), ticks);
    for (int i = 0; i < n; i++) {
        double x = LEFT + px(p, ticks[i]), y = p->top + p->height;
        fprintf(p->out, "<path d=\"M%.1f %.1fv4\" stroke=\"" GREY "\"/>\n", x, y);
        plot_tick_text(ticks[i], n > 1 ? ticks[1] - ticks[0] : ticks[0], text, sizeof text);
        text_at(p, x, y + 16, "middle", "", text);
    }
    if (*p->plot->x_label) text_at(p, LEFT + p->width / 2, p->top + p->height + 31, "middle", "", p->plot->x_label);
}

static void y_axis(const struct page *p)
{
    double ticks[TICKS_MAX];
    char text[32], turn[64];
    int n = plot_ticks(p->y, (int)fmax(2, fmin(7, p->height / 34)), ticks);
    for (int i = 0; i < n; i++) {
        double y = p->top + py(p, ticks[i]);
        fprintf(p->out, "<path d=\"M%d %.1fh%.1f\" stroke=\"" GREY "\" stroke-opacity=\".2\"/>\n", LEFT, y, p->width);
        plot_tick_text(ticks[i], n > 1 ? ticks[1] - ticks[0] : ticks[0], text, sizeof text);
        text_at(p, LEFT - 6, y + 4, "end", "", text);
    }
    if (!*p->plot->y_label) return;
    snprintf(turn, sizeof turn, " transform=\"rotate(-90 12 %.1f)\"", p->top + p->height / 2);
    text_at(p, 12, p->top + p->height / 2, "middle", turn, p->plot->y_label);
}

/* ---- items ------------------------------------------------------------------------------------------------------------------ */

static void move_to(const struct page *p, bool first, double x, double y) { fprintf(p->out, "%s%.1f %.1f", first ? "M" : "L", clamp(px(p, x)), clamp(py(p, y))); }

/* Of many values in one column of pixels the lowest and the highest, in the order they came. */
static size_t column_end(const struct page *p, const struct plot_item *item, size_t from, size_t *low, size_t *high)
{
    size_t k = *low = *high = from;
    double column = floor(px(p, item->x[from]));
    for (; k < item->n && isfinite(item->x[k]) && isfinite(item->y[k]) && floor(px(p, item->x[k])) == column; k++) {
        if (item->y[k] < item->y[*low]) *low = k;
        if (item->y[k] > item->y[*high]) *high = k;
    }
    return k;
}

static void curve(const struct page *p, const struct plot_item *item)
{
    bool begun = false, steps = item->kind == PLOT_STEPS;
    double before = NAN;
    fputs("<path fill=\"none\" stroke-width=\"1.5\" stroke-linejoin=\"round\" d=\"", p->out);
    for (size_t k = 0; k < item->n;) {
        size_t low, high;
        if (!isfinite(item->x[k]) || !isfinite(item->y[k])) {
            begun = false, k++;
            continue;
        }
        size_t next = column_end(p, item, k, &low, &high), one = low < high ? low : high, two = low < high ? high : low;
        if (steps && begun) move_to(p, false, item->x[one], before);
        move_to(p, !begun, item->x[one], item->y[one]);
        if (two != one) move_to(p, false, item->x[two], item->y[two]);
        before = item->y[next - 1];
        begun = true, k = next;
    }
    fprintf(p->out, "\" stroke=\"%s\"/>\n", colours[item->tone]);
}

static void points(const struct page *p, const struct plot_item *item)
{
    for (size_t k = 0; k < item->n; k++)
        if (isfinite(item->x[k]) && isfinite(item->y[k]))
            fprintf(p->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>\n", clamp(px(p, item->x[k])), clamp(py(p, item->y[k])), colours[item->tone]);
}

static bool in_band(const struct plot_item *item, size_t k) { return isfinite(item->x[k]) && isfinite(item->low[k]) && isfinite(item->high[k]); }

static void band(const struct page *p, const struct plot_item *item)
{
    bool begun = false;
    fputs("<path stroke=\"none\" fill-opacity=\".22\" d=\"", p->out);
    for (size_t k = 0; k < item->n; k++)
        if (in_band(item, k)) move_to(p, !begun, item->x[k], item->high[k]), begun = true;
    for (size_t k = item->n; k-- > 0;)
        if (in_band(item, k)) move_to(p, false, item->x[k], item->low[k]);
    fprintf(p->out, "%s\" fill=\"%s\"/>\n", begun ? "Z" : "", colours[item->tone]);
}

static void interval(const struct page *p, const struct plot_item *item)
{
    for (size_t k = 0; k < item->n; k++) {
        double x = fmin(fmax(px(p, item->x[k]), 2.5), p->width - 2.5);
        if (in_band(item, k)) fprintf(p->out, "<path d=\"M%.1f %.1fV%.1f\" stroke-width=\"3\" stroke=\"%s\"/>\n", x, clamp(py(p, item->low[k])), clamp(py(p, item->high[k])), colours[item->tone]);
        if (isfinite(item->y[k])) fprintf(p->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x, clamp(py(p, item->y[k])), colours[item->tone]);
    }
}

static void level(const struct page *p, const struct plot_item *item)
{
    if (item->n && isfinite(item->y[0])) fprintf(p->out, "<path d=\"M0 %.1fh%.1f\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\" stroke=\"%s\"/>\n", clamp(py(p, item->y[0])), p->width, colours[item->tone]);
}

static void draw(const struct page *p, const struct plot_item *item)
{
    switch (item->kind) {
    case PLOT_LINE: case PLOT_STEPS: curve(p, item); break;
    case PLOT_POINTS: points(p, item); break;
    case PLOT_BAND: band(p, item); break;
    case PLOT_INTERVAL: interval(p, item); break;
    case PLOT_LEVEL: level(p, item); break;
    }
}

/* ---- legend ----------------------------------------------------------------------------------------------------------------- */

/* Letters, not bytes. */
static double width_of(const char *text)
{
    double n = 0;
    for (; *text; text++) n += (*text & 0xc0) != 0x80;
    return 26 + LETTER * n + 14;
}

static void legend_mark(const struct page *p, const struct plot_item *item, double x, double y)
{
    const char *colour = colours[item->tone];
    if (item->kind == PLOT_BAND) fprintf(p->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"18\" height=\"9\" fill=\"%s\" fill-opacity=\".3\"/>\n", x, y - 8, colour);
    else if (item->kind == PLOT_POINTS || item->kind == PLOT_INTERVAL) fprintf(p->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", x + 9, y - 4, colour);
    else fprintf(p->out, "<path d=\"M%.1f %.1fh18\" stroke-width=\"2\"%s stroke=\"%s\"/>\n", x, y - 4, item->kind == PLOT_LEVEL ? " stroke-dasharray=\"5 3\"" : "", colour);
}

/* Lays the legend out from y on; returns its rows. out NULL: only counts. */
static int legend(const struct page *p, double y, bool draw_it)
{
    double x = LEFT;
    int rows = 0;
    for (size_t i = 0; i < p->plot->n; i++) {
        const struct plot_item *item = &p->plot->items[i];
        if (!item->name) continue;
        if (rows == 0 || x + width_of(item->name) > LEFT + p->width) x = LEFT, rows++;
        if (draw_it) legend_mark(p, item, x, y + LEGEND_ROW * (rows - 1)), text_at(p, x + 24, y + LEGEND_ROW * (rows - 1), "start", "", item->name);
        x += width_of(item->name);
    }
    return rows;
}

bool plot_svg(FILE *out, const struct plot *plot, int width, int height)
{
    struct page p = {.out = out, .plot = plot, .width = width - LEFT - RIGHT};
    double title = *plot->title ? 20 : 6;
    p.top = title + LEGEND_ROW * legend(&p, 0, false) + 4;
    p.height = fmax(20, height - p.top - (*plot->x_label ? 38 : 22));
    plot_settle(plot, &p.x, &p.y);
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"11\" fill=\"" GREY "\">\n", width, height, width, height);
    if (*plot->title) {
        fputs("<title>", out), xml_text(out, plot->title), fputs("</title>\n", out);
        text_at(&p, LEFT, 14, "start", " font-size=\"13\"", plot->title);
    }
    legend(&p, title + 9, true);
    y_axis(&p);
    x_axis(&p);
    fprintf(out, "<svg x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">\n", LEFT, p.top, p.width, p.height);
    for (size_t i = 0; i < plot->n; i++) draw(&p, &plot->items[i]);
    fprintf(out, "</svg>\n<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" stroke=\"" GREY "\" stroke-opacity=\".5\"/>\n</svg>\n", LEFT, p.top, p.width, p.height);
    return !ferror(out);
}
