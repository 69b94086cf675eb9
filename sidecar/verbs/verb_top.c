/* top: a study as it runs, drawn anew when something has changed; a single print where there is no terminal */
#include "study/account.h"
#include "plot/plot.h"
#include "study/study_choose.h"
#include "study/totals.h"
#include "study/trial_state.h"
#include "study/trial_text.h"
#include "verbs.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define EVERY_MS 1000
#define NAME_WIDE 20
#define BAR_MOST 30
#define AROUND_BAR 84 /* columns of all the rest */

struct row {
    int64_t id;
    char name[64], state[16];
    double progress, value, x, p_good, q05, q50, q95;
    unsigned finished; /* how many had finished when its chance was worked out */
};

struct top {
    const struct options *options;
    const char *study;
    struct store *store;
    struct plot_paper paper;
    int height;
    struct row *rows, *before; /* now; at the last look */
    size_t n, room, n_before;
    struct totals totals;
};

/* ---- what there is to see --------------------------------------------------------------------------------------------------- */

static void on_trial(void *context, const struct store_trial *t)
{
    struct top *top = context;
    totals_add(&top->totals, t);
    if (top->n == top->room) {
        size_t room = top->room ? 2 * top->room : 32;
        struct row *rows = realloc(top->rows, room * sizeof *rows);
        if (!rows) return;
        top->rows = rows, top->room = room;
    }
    struct row *r = &top->rows[top->n++];
    *r = (struct row){.id = t->id, .progress = t->horizon > 0 ? fmin(1, fmax(0, trial_reached(t) / t->horizon)) : NAN, .value = t->value, .x = t->x,
                      .p_good = t->p_good, .q05 = t->q05, .q50 = t->q50, .q95 = t->q95};
    snprintf(r->name, sizeof r->name, "%s", t->name);
    snprintf(r->state, sizeof r->state, "%s", trial_state(t));
}

static const struct row *row_before(const struct top *top, int64_t id)
{
    for (size_t i = 0; i < top->n_before; i++)
        if (top->before[i].id == id) return &top->before[i];
    return NULL;
}

/* How a running trial stands now is kept nowhere: it is worked out from its values, again when there is a new one or a new rival. */
static void work_out(struct top *top, struct row *r)
{
    const struct row *before = row_before(top, r->id);
    struct account a;
    char error[STORE_ERROR];
    r->finished = top->totals.complete;
    if (before && before->x == r->x && before->finished == r->finished) {
        r->p_good = before->p_good, r->q05 = before->q05, r->q50 = before->q50, r->q95 = before->q95;
        return;
    }
    r->p_good = r->q05 = r->q50 = r->q95 = NAN;
    if (account_make(&a, top->store, r->name, INFINITY, error)) {
        r->p_good = a.verdict.p_good;
        if (a.verdict.has_forecast) r->q05 = a.verdict.forecast.q[4], r->q50 = a.verdict.forecast.q[49], r->q95 = a.verdict.forecast.q[94];
    }
    account_free(&a);
}

/* Those that run come first. */
static int by_state(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    bool runs_x = !strcmp(x->state, "running"), runs_y = !strcmp(y->state, "running");
    if (runs_x != runs_y) return runs_x ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void look(struct top *top)
{
    free(top->before);
    top->before = top->rows, top->n_before = top->n;
    top->rows = NULL, top->n = top->room = 0;
    top->totals = (struct totals){.maximise = !strcmp(store_setting(top->store, "judged_goal"), "max")};
    store_each_trial(top->store, on_trial, top);
    for (size_t i = 0; i < top->n; i++)
        if (!strcmp(top->rows[i].state, "running") && !isnan(top->rows[i].x)) work_out(top, &top->rows[i]);
    if (top->n) qsort(top->rows, top->n, sizeof *top->rows, by_state);
}

/* ---- drawing ------------------------------------------------------------------------------------------------------------------ */

/* At most so many characters, filled up with blanks; what is none becomes a question mark. */
static void put_text(FILE *out, const char *text, int width, bool fill)
{
    int n = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        bool begins = (*c & 0xc0) != 0x80;
        if (begins && n == width) break;
        n += begins;
        fputc(*c < ' ' || *c == 127 ? '?' : *c, out);
    }
    if (fill) fprintf(out, "%*s", width - n, "");
}

static void put_bar(FILE *out, const struct plot_paper *paper, double share, int width)
{
    static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int filled = isnan(share) ? 0 : (int)lround(8 * width * share);
    for (int k = 0; k < width; k++) {
        int here = filled - 8 * k;
        if (paper->unicode) fputs(here >= 8 ? "█" : eighths[here > 0 ? here : 0], out);
        else fputc(here >= 4 ? '#' : '.', out);
    }
}

static enum plot_tone tone_of(const char *state)
{
    static const struct { const char *state; enum plot_tone tone; } tones[] = {{"running", TONE_SEEN}, {"complete", TONE_GOOD}, {"stopped", TONE_BAR}};
    for (size_t i = 0; i < sizeof tones / sizeof *tones; i++)
        if (!strcmp(state, tones[i].state)) return tones[i].tone;
    return TONE_BAD;
}

static int bar_width(const struct plot_paper *paper)
{
    int left = paper->width - AROUND_BAR;
    return left > BAR_MOST ? BAR_MOST : left < 4 ? 4 : left;
}

static void put_row(FILE *out, const struct top *top, const struct row *r)
{
    const struct plot_paper *paper = &top->paper;
    int bar = bar_width(paper);
    char number[16] = "", chance[16] = "", forecast[64] = "", line[128];
    if (isfinite(r->value)) snprintf(number, sizeof number, "%.4g", r->value);
    if (isfinite(r->p_good)) snprintf(chance, sizeof chance, "%.2g %%", 100 * r->p_good);
    if (isfinite(r->q50)) snprintf(forecast, sizeof forecast, "%.4g [%.4g, %.4g]", r->q50, r->q05, r->q95);
    put_text(out, r->name, NAME_WIDE, true);
    if (paper->colour) fputs(plot_ansi(tone_of(r->state)), out);
    fprintf(out, " %-8s ", r->state);
    put_bar(out, paper, r->progress, bar);
    if (paper->colour) fputs("\033[0m", out);
    if (isnan(r->progress)) snprintf(line, sizeof line, "    - %%");
    else snprintf(line, sizeof line, " %4.0f %%", 100 * r->progress);
    snprintf(line + strlen(line), sizeof line - strlen(line), " %9s %8s  %s", number, chance, forecast);
    put_text(out, line, paper->width > NAME_WIDE + 10 + bar ? paper->width - NAME_WIDE - 10 - bar : 0, false);
    fputc('\n', out);
}

static void put_line(FILE *out, const struct top *top, const char *text)
{
    put_text(out, text, top->paper.width, false);
    fputc('\n', out);
}

/* rows_most: how many fit. */
static void draw(FILE *out, const struct top *top, size_t rows_most)
{
    char text[512];
    const char *metric = store_setting(top->store, "judged");
    snprintf(text, sizeof text, "study %s%s%s%s", top->study, *metric ? ", judged by " : "", metric, *metric ? (top->totals.maximise ? " (higher is better)" : " (lower is better)") : "");
    put_line(out, top, text);
    put_line(out, top, totals_text(&top->totals, top->options->price, text, sizeof text));
    snprintf(text, sizeof text, "%-*s %-8s %-*s %9s %8s  %s", NAME_WIDE, "trial", "state", bar_width(&top->paper) + 7, "progress", "value", "chance", "forecast, nine tenths");
    fputc('\n', out);
    put_line(out, top, text);
    for (size_t i = 0; i < top->n && i < rows_most; i++) put_row(out, top, &top->rows[i]);
    if (top->n > rows_most) fprintf(out, "... and %zu more\n", top->n - rows_most);
}

/* ---- the terminal --------------------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t ending, resized;
static void on_end(int number) { ending = number; }
static void on_resize(int number) { (void)number, resized = 1; }

static void measure(struct top *top)
{
    struct winsize size = {0};
    top->paper = plot_paper_of(STDOUT_FILENO);
    top->height = 24;
    if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row > 0 && size.ws_col > 0) top->height = size.ws_row, top->paper.width = size.ws_col;
}

static void write_all(const char *text, size_t size)
{
    while (size) {
        ssize_t n = write(STDOUT_FILENO, text, size);
        if (n < 0 && errno != EINTR && errno != EAGAIN) return;
        if (n > 0) text += n, size -= (size_t)n;
    }
}

static void say(const char *text) { write_all(text, strlen(text)); }

/* Writes the picture where it differs from the last one. */
static void show(const struct top *top, char **last)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return;
    draw(out, top, top->height > 9 ? (size_t)top->height - 8 : 1);
    fputs("\nq quits", out);
    fclose(out);
    if (!*last || strcmp(*last, text)) {
        say("\033[H");
        for (char *row = text, *end; *row; row = *end ? end + 1 : end) {
            end = strchrnul(row, '\n');
            write_all(row, (size_t)(end - row));
            say(*end ? "\033[K\r\n" : "\033[K");
        }
        say("\033[J");
    }
    free(*last);
    *last = text;
}

/* True: a key that ends it. */
static bool wait_for_key(void)
{
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    char keys[32];
    if (poll(&in, 1, EVERY_MS) <= 0) return false;
    ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
    if (n == 0) return true;
    for (ssize_t i = 0; i < n; i++)
        if (keys[i] == 'q' || keys[i] == 'Q' || keys[i] == 3) return true;
    return false;
}

static void watch(struct top *top)
{
    struct termios before, raw;
    char *last = NULL;
    struct sigaction end = {.sa_handler = on_end}, resize = {.sa_handler = on_resize};
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    if (tcgetattr(STDIN_FILENO, &before)) return;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) sigaction(ends[i], &end, NULL);
    sigaction(SIGWINCH, &resize, NULL);
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    say("\033[?1049h\033[?25l");
    for (bool done = false; !done && !ending; done = wait_for_key()) {
        if (resized) free(last), last = NULL, resized = 0;
        measure(top);
        look(top);
        show(top, &last);
    }
    say("\033[?25h\033[?1049l");
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    free(last);
}

/* ---- the verb ----------------------------------------------------------------------------------------------------------------------- */

int verb_top(int argc, char **argv)
{
    struct options options;
    struct study_choice choice;
    char error[STORE_ERROR] = "";
    int fault = options_only(&options, argc, argv);
    if (fault) return -1 - fault;
    const char *study = study_choose(&options, "top", &choice), *term = getenv("TERM");
    struct store *store = study ? store_open(options.store, study, STORE_EXISTING, error) : NULL;
    if (!store) {
        if (study) fprintf(stderr, "foregone top: %s\n", error);
        return EXIT_MISUSE;
    }
    struct top top = {.options = &options, .study = study, .store = store};
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb")) watch(&top);
    else {
        top.paper = plot_paper_of(STDOUT_FILENO), top.paper.width = 160;
        look(&top);
        draw(stdout, &top, top.n);
    }
    free(top.rows);
    free(top.before);
    store_close(store);
    return 0;
}
