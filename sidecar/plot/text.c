/* a plot as text: lines in Braille dots (two by four a character), bands in shade; in plain ASCII where the terminal knows no better */
#include "plot.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LABEL 10 /* characters of the labels of y */
#define WIDE_MOST 110

/* ---- paper ------------------------------------------------------------------------------------------------------------------ */

static bool speaks_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

struct plot_paper plot_paper_of(int fd)
{
    struct winsize size = {0};
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    bool terminal = isatty(fd), dumb = !term || !strcmp(term, "dumb");
    struct plot_paper paper = {80, 18, speaks_utf8(), terminal && !dumb && !(no_colour && *no_colour)};
    if (terminal && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col > 0) paper.width = size.ws_col < WIDE_MOST ? size.ws_col : WIDE_MOST;
    return paper;
}

const char *plot_ansi(enum plot_tone tone)
{
    static const char *const escapes[TONE_COUNT] = {"\033[36m", "\033[35m", "\033[33m", "\033[32m", "\033[31m", "\033[90m"};
    return escapes[tone];
}

/* ---- canvas ------------------------------------------------------------------------------------------------------------------ */

struct cell { uint8_t dots; const char *sign; enum plot_tone tone, sign_tone; };

struct canvas {
    const struct plot_paper *paper;
    int wide, high;    /* in characters */
    struct cell *cell;
    struct plot_range x, y;
};

/* In dots, x to the right and y down; outside is left out. */
static void dot(struct canvas *c, double x, double y, enum plot_tone tone)
{
    static const uint8_t bit[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (!(x >= 0 && y >= 0 && x < 2 * c->wide && y < 4 * c->high)) return;
    int column = (int)x, row = (int)y;
    struct cell *cell = &c->cell[row / 4 * c->wide + column / 2];
    cell->dots |= bit[row % 4][column % 2];
    cell->tone = tone;
}

static double dx(const struct canvas *c, double x) { return (x - c->x.low) / (c->x.high - c->x.low) * (2 * c->wide - 1); }
static double dy(const struct canvas *c, double y) { return (c->y.high - y) / (c->y.high - c->y.low) * (4 * c->high - 1); }

static double within(double v, double most) { return fmin(fmax(v, -1), most); }

static void line(struct canvas *c, double x0, double y0, double x1, double y1, enum plot_tone tone)
{
    x0 = within(x0, 2 * c->wide), x1 = within(x1, 2 * c->wide), y0 = within(y0, 4 * c->high), y1 = within(y1, 4 * c->high);
    int n = (int)fmax(1, ceil(fmax(fabs(x1 - x0), fabs(y1 - y0))));
    for (int i = 0; i <= n; i++) dot(c, round(x0 + (x1 - x0) * i / n), round(y0 + (y1 - y0) * i / n), tone);
}

static struct cell *cell_at(struct canvas *c, double x, double y)
{
    bool inside = x > -0.5 && x < 2 * c->wide - 0.5 && y > -0.5 && y < 4 * c->high - 0.5;
    return inside ? &c->cell[(int)(round(y) / 4) * c->wide + (int)(round(x) / 2)] : NULL;
}

/* A sign lies under the dots of its place. */
static void sign_at(struct canvas *c, double x, double y, const char *sign, enum plot_tone tone)
{
    struct cell *cell = cell_at(c, x, y);
    if (cell) cell->sign = sign, cell->sign_tone = tone;
}

static void sign_over(struct canvas *c, double x, double y, const char *sign, enum plot_tone tone)
{
    struct cell *cell = cell_at(c, x, y);
    if (cell) cell->dots = 0;
    sign_at(c, x, y, sign, tone);
}

/* ---- items -------------------------------------------------------------------------------------------------------------------- */

static void draw_curve(struct canvas *c, const struct plot_item *item)
{
    double x0 = NAN, y0 = NAN;
    for (size_t k = 0; k < item->n; k++) {
        double x = dx(c, item->x[k]), y = dy(c, item->y[k]);
        bool gap = !isfinite(x) || !isfinite(y) || !isfinite(x0);
        if (item->kind == PLOT_POINTS || gap) dot(c, round(x), round(y), item->tone);
        else if (item->kind == PLOT_STEPS) line(c, x0, y0, x, y0, item->tone), line(c, x, y0, x, y, item->tone);
        else line(c, x0, y0, x, y, item->tone);
        x0 = isfinite(x) && isfinite(y) ? x : NAN, y0 = y;
    }
}

/* low and high between the two x's that stand around x; false: outside. */
static bool band_at(const struct plot_item *item, double x, double *low, double *high)
{
    for (size_t k = 0; k + 1 < item->n; k++) {
        double share = (x - item->x[k]) / (item->x[k + 1] - item->x[k]);
        if (!(share >= 0 && share <= 1)) continue;
        *low = item->low[k] + share * (item->low[k + 1] - item->low[k]);
        *high = item->high[k] + share * (item->high[k + 1] - item->high[k]);
        return isfinite(*low) && isfinite(*high);
    }
    return false;
}

static void draw_band(struct canvas *c, const struct plot_item *item)
{
    for (int column = 0; column < c->wide; column++) {
        double x = c->x.low + (c->x.high - c->x.low) * (2 * column + 0.5) / (2 * c->wide - 1), low, high;
        if (!band_at(item, x, &low, &high)) continue;
        for (int row = 0; row < c->high; row++)
            if (dy(c, high) <= 4 * row + 2.5 && dy(c, low) >= 4 * row + 0.5) sign_at(c, 2 * column, 4 * row, c->paper->unicode ? "░" : ".", item->tone);
    }
}

static void draw_interval(struct canvas *c, const struct plot_item *item)
{
    for (size_t k = 0; k < item->n; k++) {
        double x = within(dx(c, item->x[k]), 2 * c->wide - 1), top = within(dy(c, item->high[k]), 4 * c->high), end = within(dy(c, item->low[k]), 4 * c->high);
        bool whole = isfinite(item->low[k]) && isfinite(item->high[k]);
        for (double y = top; whole && y < end + 4; y += 4) sign_over(c, x, fmin(y, end), c->paper->unicode ? "┃" : "|", item->tone);
        sign_over(c, x, dy(c, item->y[k]), c->paper->unicode ? "●" : "o", item->tone);
    }
}

static void draw(struct canvas *c, const struct plot_item *item)
{
    if (item->kind == PLOT_BAND) draw_band(c, item);
    else if (item->kind == PLOT_INTERVAL) draw_interval(c, item);
    else if (item->kind != PLOT_LEVEL) draw_curve(c, item);
    else
        for (int column = 0; item->n && isfinite(item->y[0]) && column < c->wide; column++) sign_at(c, 2 * column, dy(c, item->y[0]), c->paper->unicode ? "─" : "-", item->tone);
}

/* ---- printing ------------------------------------------------------------------------------------------------------------------- */

static void put(FILE *out, const struct plot_paper *paper, enum plot_tone tone, const char *text)
{
    if (paper->colour) fprintf(out, "%s%s\033[0m", plot_ansi(tone), text);
    else fputs(text, out);
}

static void put_cell(FILE *out, const struct canvas *c, const struct cell *cell)
{
    char braille[4] = {(char)0xe2, (char)(0xa0 | cell->dots >> 6), (char)(0x80 | (cell->dots & 0x3f)), 0};
    if (cell->dots) put(out, c->paper, cell->tone, c->paper->unicode ? braille : "*");
    else if (cell->sign) put(out, c->paper, cell->sign_tone, cell->sign);
    else fputc(' ', out);
}

static void print_rows(FILE *out, const struct canvas *c)
{
    double ticks[TICKS_MAX];
    char label[32];
    int n = plot_ticks(c->y, c->high / 3 > 2 ? c->high / 3 : 2, ticks);
    for (int row = 0; row < c->high; row++) {
        *label = 0;
        for (int i = 0; i < n; i++)
            if ((int)(round(dy(c, ticks[i])) / 4) == row) plot_tick_text(ticks[i], n > 1 ? ticks[1] - ticks[0] : ticks[0], label, sizeof label);
        fprintf(out, "%*s %s", LABEL, label, c->paper->unicode ? (*label ? "┤" : "│") : "|");
        for (int column = 0; column < c->wide; column++) put_cell(out, c, &c->cell[row * c->wide + column]);
        fputc('\n', out);
    }
}

static void print_x_axis(FILE *out, const struct canvas *c, const char *label)
{
    double ticks[TICKS_MAX];
    char row[WIDE_MOST + 48];
    int n = plot_ticks(c->x, c->wide / 12 > 2 ? c->wide / 12 : 2, ticks);
    memset(row, ' ', sizeof row);
    for (int i = 0; i < n; i++) {
        char text[32];
        plot_tick_text(ticks[i], n > 1 ? ticks[1] - ticks[0] : ticks[0], text, sizeof text);
        int length = (int)strlen(text), at = (int)(dx(c, ticks[i]) / 2) - length / 2;
        at = at < 0 ? 0 : at > c->wide - length ? c->wide - length : at;
        if (at >= 0) memcpy(row + at, text, (size_t)length);
    }
    row[c->wide] = 0;
    for (size_t end = strlen(row); end > 0 && row[end - 1] == ' ';) row[--end] = 0;
    fprintf(out, "%*s %s  %s\n", LABEL + 1, "", row, label);
}

static void print_legend(FILE *out, const struct plot *plot, const struct plot_paper *paper)
{
    static const char *const fine[] = {"⠒⠒", "⠒⠒", "⠂⠐", "░░", "┃●", "──"}, *const coarse[] = {"**", "**", "**", "..", "|o", "--"};
    bool any = false;
    for (size_t i = 0; i < plot->n; i++) {
        const struct plot_item *item = &plot->items[i];
        if (!item->name) continue;
        fprintf(out, any ? "   " : "%*s ", LABEL + 1, "");
        put(out, paper, item->tone, (paper->unicode ? fine : coarse)[item->kind]);
        fprintf(out, " %s", item->name);
        any = true;
    }
    if (any) fputc('\n', out);
}

void plot_text(FILE *out, const struct plot *plot, const struct plot_paper *paper)
{
    struct canvas c = {.paper = paper, .wide = paper->width - LABEL - 2, .high = paper->height - 2};
    if (c.wide > WIDE_MOST) c.wide = WIDE_MOST;
    if (c.wide < 10) c.wide = 10;
    if (c.high < 4) c.high = 4;
    c.cell = calloc((size_t)(c.wide * c.high), sizeof *c.cell);
    if (!c.cell) return;
    plot_settle(plot, &c.x, &c.y);
    for (size_t i = 0; i < plot->n; i++) draw(&c, &plot->items[i]);
    if (*plot->title) fprintf(out, "%*s %s\n", LABEL + 1, "", plot->title);
    print_rows(out, &c);
    print_x_axis(out, &c, plot->x_label);
    print_legend(out, plot, paper);
    free(c.cell);
}
