#include "../check.h"
#include "plot/plot.h"

#define N 50

/* What fn writes, to be freed. */
static char *svg_of(const struct plot *plot)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK(plot_svg(out, plot, 640, 320));
    fclose(out);
    return text;
}

static char *text_of(const struct plot *plot, struct plot_paper paper)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    plot_text(out, plot, &paper);
    fclose(out);
    return text;
}

static char *escaped(const char *what)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    xml_text(out, what);
    fclose(out);
    return text;
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)); text += strlen(what)) n++;
    return n;
}

/* A curve, a band, a level and an interval, as a forecast has them. */
static double xs[N], ys[N], lows[N], highs[N];
static double bar = 1.5, end = N, middle = 1.2, low = 1, high = 2;
static const struct plot_item items[] = {
    {PLOT_BAND, TONE_FORECAST, "nine tenths", N, xs, NULL, lows, highs}, {PLOT_LINE, TONE_SEEN, "seen <b>", N, xs, ys, NULL, NULL},
    {PLOT_LEVEL, TONE_BAR, "bar", 1, NULL, &bar, NULL, NULL}, {PLOT_INTERVAL, TONE_FORECAST, "final", 1, &end, &middle, &low, &high},
};

static struct plot sample(void)
{
    for (int i = 0; i < N; i++) xs[i] = i + 1, ys[i] = 1 + 4.0 / (i + 1), lows[i] = ys[i] - 0.3, highs[i] = ys[i] + 0.3;
    return (struct plot){"a & b", "step", "loss", {NAN, NAN}, {NAN, NAN}, items, 4};
}

TEST(ticks_are_round_and_within_the_range)
{
    double t[TICKS_MAX];
    CHECK_INT(plot_ticks((struct plot_range){0, 1}, 6, t), 6);
    CHECK_NEAR(t[1], 0.2, 1e-12);
    CHECK_INT(plot_ticks((struct plot_range){-3.2, 7.9}, 5, t), 2); /* 0 and 5 */
    CHECK_NEAR(t[0], 0, 0);
    CHECK_NEAR(t[1], 5, 0);
    CHECK_INT(plot_ticks((struct plot_range){1, 1}, 5, t), 0);
    CHECK_INT(plot_ticks((struct plot_range){0, INFINITY}, 5, t), 0);
}

TEST(ticks_of_any_range_are_few_rising_and_told_apart)
{
    for (int i = 0; i < 5000; i++) {
        double scale = pow(10, 24 * check_random() - 12), from = scale * (2 * check_random() - 1), t[TICKS_MAX];
        struct plot_range range = {from, from + scale * (0.01 + check_random())};
        int most = 3 + (int)(9 * check_random()), n = plot_ticks(range, most, t);
        CHECK(n >= 1 && n <= TICKS_MAX);
        for (int k = 0; k < n; k++) CHECK(t[k] >= range.low - 1e-6 * scale && t[k] <= range.high + 1e-6 * scale && (k == 0 || t[k] > t[k - 1]));
    }
}

TEST(tick_texts)
{
    static const struct { double value, step; const char *text; } cases[] = {
        {0.25, 0.05, "0.25"}, {0, 0.5, "0"}, {1500, 500, "1500"}, {20000, 5000, "20k"}, {10000, 2000, "10000"}, {3e6, 1e6, "3M"}, {3e7, 1e7, "30M"}, {-0.002, 0.001, "-0.002"}, {2e-7, 1e-7, "2e-07"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32];
        plot_tick_text(cases[i].value, cases[i].step, text, sizeof text);
        CHECK_STR(text, cases[i].text);
    }
}

TEST(text_is_escaped_and_what_is_no_xml_replaced)
{
    static const struct { const char *in, *out; } cases[] = {
        {"<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"}, {"a&\"b\"", "a&amp;&quot;b&quot;"}, {"größer 學", "größer 學"},
        {"\x01\x1b[31m", "\xef\xbf\xbd\xef\xbf\xbd[31m"}, {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"}, {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"}, {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = escaped(cases[i].in);
        CHECK_STR(text, cases[i].out);
        free(text);
    }
}

TEST(svg_has_what_was_asked_for_and_nothing_else)
{
    struct plot plot = sample();
    char *svg = svg_of(&plot);
    CHECK(strstr(svg, "<title>a &amp; b</title>") && strstr(svg, ">seen &lt;b&gt;</text>"));
    CHECK(!strstr(svg, "<script") && !strstr(svg, "href") && !strstr(svg, "nan") && !strstr(svg, "inf"));
    CHECK_INT(count(svg, "<svg"), 2);
    CHECK_INT(count(svg, "</svg>"), 2);
    CHECK_INT(count(svg, "Z\" fill"), 1);           /* the band */
    CHECK_INT(count(svg, "stroke-dasharray"), 1 + 1); /* the bar, and in the legend */
    free(svg);
}

TEST(gaps_and_nothing_at_all_are_drawn)
{
    double bad[] = {NAN, INFINITY, 1, -INFINITY, 1e300}, x[] = {0, 1, 2, 3, NAN};
    struct plot_item odd[] = {{PLOT_LINE, TONE_SEEN, "odd", 5, x, bad, NULL, NULL}, {PLOT_STEPS, TONE_SEEN, NULL, 5, x, bad, NULL, NULL}, {PLOT_POINTS, TONE_BAD, NULL, 5, x, bad, NULL, NULL},
                              {PLOT_BAND, TONE_FORECAST, NULL, 5, x, NULL, bad, bad}, {PLOT_INTERVAL, TONE_FORECAST, NULL, 5, x, bad, bad, bad}, {PLOT_LEVEL, TONE_BAR, NULL, 1, NULL, bad, NULL, NULL}};
    for (size_t n = 0; n <= 6; n++) {
        struct plot plot = {"", "", "", {NAN, NAN}, {NAN, NAN}, odd, n};
        char *svg = svg_of(&plot), *text = text_of(&plot, (struct plot_paper){60, 12, true, true});
        CHECK(!strstr(svg, "nan") && !strstr(svg, "inf") && strlen(text) > 60);
        free(svg), free(text);
    }
}

TEST(a_long_curve_is_a_short_path_that_keeps_its_extremes)
{
    enum { LONG = 200000 };
    double *x = malloc(LONG * sizeof *x), *y = malloc(LONG * sizeof *y);
    for (int i = 0; i < LONG; i++) x[i] = i, y[i] = i == 77777 ? 5 : 0.001 * (i % 7);
    struct plot_item item = {PLOT_LINE, TONE_SEEN, NULL, LONG, x, y, NULL, NULL};
    struct plot plot = {"", "", "", {NAN, NAN}, {0, 5}, &item, 1};
    char *svg = svg_of(&plot);
    CHECK(strlen(svg) < 40000);
    CHECK(strstr(svg, " 0.0L")); /* the spike reaches the top */
    free(svg), free(x), free(y);
}

TEST(text_keeps_to_its_paper_and_alphabet)
{
    struct plot plot = sample();
    char *plain = text_of(&plot, (struct plot_paper){70, 16, false, false}), *fine = text_of(&plot, (struct plot_paper){70, 16, true, false});
    CHECK_INT(count(plain, "\n"), 1 + 14 + 1 + 1); /* title, rows, axis, legend */
    for (char *c = plain; *c; c++)
        if (*c != '\n' && (*c < 32 || *c > 126)) CHECK_FAIL("byte %d in plain text", *c);
    for (char *row = strtok(plain, "\n"); row; row = strtok(NULL, "\n")) CHECK(strlen(row) <= 72);
    CHECK(strstr(fine, "░") && strstr(fine, "●") && strstr(fine, "─") && strstr(fine, "\xe2\xa0") && !strstr(fine, "\033"));
    free(plain), free(fine);
}

TEST(spikes_and_the_first_fall_do_not_set_the_range)
{
    struct plot_range x, y;
    struct plot plot = sample();
    plot.items = items + 1, plot.n = 1;
    plot_settle(&plot, &x, &y);
    CHECK_NEAR(x.low, 1, 0);
    CHECK_NEAR(x.high, N, 0);
    CHECK(y.high < 2 && y.low < 1.08 && y.low > 0.9);
    ys[40] = 1e9;
    plot_settle(&plot, &x, &y);
    CHECK(y.high < 3);
}

CHECK_MAIN
