/* priors: learns the hyper-parameters of the ensemble from recorded curves and writes curvefit/priors.c.
 *
 *     priors [--evaluations N] [--folds K] [--dry] ARCHIVE...
 *
 * What is minimised, by NLopt, is the mean over cuts of (CRPS of the final value) / (error of "the last value"), in units of each study's
 * spread, studies equal but a source of n of them damped by n^-.4; and, with the same weight, the same ratio for the losses of runs whose
 * learning rate is known; and a little of the log score. With --folds the sources are dealt into K parts and each is scored by what was learned on the others.
 */
#include "../ensemble.h"

#include <jansson.h>
#include <math.h>
#include <nlopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#define CUTS 6
static const double cuts[CUTS] = {0.05, 0.1, 0.2, 0.4, 0.6, 0.8};

#define SURPRISE_SHARE 0.02 /* of the log score in what is minimised: it wants honest tails, of which the CRPS sees little */
#define MOST_SURPRISE 10.0

enum { RUNS_A_STUDY = 1, STUDIES_A_SOURCE = 12, FINAL_PERCENT = 2, WORST = 5 };

struct item { /* one forecast to be made */
    cf_series *series, *rate;
    cf_schedule schedule;
    bool stated;
    double horizon, final, last;
    cf_goal goal;
    unsigned cut, study;
};

struct study {
    char name[160], source[80];
    double spread, weight;
    unsigned runs, fold;
};

static struct item *items;
static struct study *studies;
static unsigned n_items, n_studies, item_room, study_room;
static struct cf__ensemble *ensemble;

static void *grown(void *list, unsigned n, unsigned *room, size_t size)
{
    if (n < *room) return list;
    *room = *room ? 2 * *room : 256;
    list = realloc(list, *room * size);
    if (!list) exit(1);
    return list;
}

/* ---- archives ------------------------------------------------------------------------------------------------------- */

struct curve { double *x, *y; size_t n; };

static double *numbers(const json_t *array, size_t n)
{
    double *out = malloc((n + 1) * sizeof *out);
    for (size_t i = 0; out && i < n; i++) {
        const json_t *v = json_array_get(array, i);
        out[i] = json_is_number(v) ? json_number_value(v) : NAN;
    }
    return out;
}

static struct curve curve_of(const json_t *series)
{
    struct curve c = {.n = json_array_size(json_object_get(series, "x"))};
    c.x = numbers(json_object_get(series, "x"), c.n);
    c.y = numbers(json_object_get(series, "y"), c.n);
    return c;
}

static void release(struct curve *c) { free(c->x), free(c->y); }

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double spread_of(const struct curve *c)
{
    double *sorted = malloc(c->n * sizeof *sorted);
    memcpy(sorted, c->y, c->n * sizeof *sorted);
    qsort(sorted, c->n, sizeof *sorted, rising);
    double spread = sorted[(size_t)(0.95 * (double)(c->n - 1))] - sorted[(size_t)(0.05 * (double)(c->n - 1))];
    free(sorted);
    return spread;
}

static bool usable(const struct curve *c, double horizon)
{
    for (size_t i = 0; i < c->n; i++)
        if (!isfinite(c->x[i]) || !isfinite(c->y[i]) || (i && c->x[i] < c->x[i - 1])) return false;
    return c->n >= 12 && horizon > 0 && c->x[c->n - 1] >= 0.95 * horizon && spread_of(c) > 0;
}

static double final_of(const struct curve *c, double horizon)
{
    double sum = 0, n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->x[i] >= (1 - FINAL_PERCENT / 100.0) * horizon) sum += c->y[i], n++;
    return n > 0 ? sum / n : c->y[c->n - 1];
}

static cf_series *until(const struct curve *c, double x)
{
    cf_series *series = cf_series_create();
    for (size_t i = 0; i < c->n && c->x[i] <= x; i++) cf_series_push(series, c->x[i], c->y[i]);
    return series;
}

/* Position of the study in the list; of a new one, only while its source has few. -1: no. */
static int study_at(const char *name, const char *source)
{
    unsigned of_source = 0;
    for (unsigned i = 0; i < n_studies; i++) {
        if (!strcmp(studies[i].name, name)) return (int)i;
        of_source += !strcmp(studies[i].source, source);
    }
    if (of_source >= STUDIES_A_SOURCE) return -1;
    studies = grown(studies, n_studies, &study_room, sizeof *studies);
    studies[n_studies] = (struct study){.spread = 0};
    snprintf(studies[n_studies].name, sizeof studies->name, "%s", name);
    snprintf(studies[n_studies].source, sizeof studies->source, "%s", source);
    return (int)n_studies++;
}

static double number_or_nan(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static cf_schedule schedule_of(const json_t *hp)
{
    return (cf_schedule){.kind = cf_schedule_kind_of(json_string_value(json_object_get(hp, "lr_schedule"))), .warmup = number_or_nan(hp, "warmup"),
                         .decay_start = number_or_nan(hp, "decay_start"), .peak = number_or_nan(hp, "lr"), .final = number_or_nan(hp, "lr_final")};
}

static void add_items(const json_t *record, const struct curve *c, const struct curve *rate, double horizon, cf_goal goal, unsigned study)
{
    const json_t *hp = json_object_get(record, "hp");
    for (unsigned k = 0; k < CUTS; k++) {
        size_t n = 0;
        while (n < c->n && c->x[n] <= cuts[k] * horizon) n++;
        if (n < 4 || n == c->n || (study + k) % 2) continue; /* every other cut, in turn */
        items = grown(items, n_items, &item_room, sizeof *items);
        items[n_items++] = (struct item){.series = until(c, c->x[n - 1]), .rate = rate->n ? until(rate, c->x[n - 1]) : NULL,
                                         .schedule = schedule_of(hp), .stated = json_object_get(hp, "lr_schedule") != NULL, .horizon = horizon,
                                         .final = final_of(c, horizon), .last = c->y[n - 1], .goal = goal, .cut = k, .study = study};
    }
}

static void add_metric(const json_t *record, const char *metric, const json_t *series, const struct curve *rate)
{
    const char *goal = json_string_value(json_object_get(json_object_get(record, "goal"), metric));
    char name[160], source[80];
    if (!goal || !strcmp(metric, "lr") || !strcmp(metric, "grad_norm") || !strcmp(metric, "epoch")) return;
    struct curve c = curve_of(series);
    double horizon = number_or_nan(record, "horizon");
    if (!(horizon > 0) && c.n) horizon = c.x[c.n - 1];
    snprintf(name, sizeof name, "%s/%s", json_string_value(json_object_get(record, "study")), metric);
    snprintf(source, sizeof source, "%s", json_string_value(json_object_get(record, "source")));
    source[strcspn(source, "@")] = 0;
    int study = usable(&c, horizon) ? study_at(name, source) : -1;
    if (study >= 0 && studies[study].runs < RUNS_A_STUDY) {
        struct study *s = &studies[study];
        s->spread += (spread_of(&c) - s->spread) / ++s->runs;
        add_items(record, &c, rate, fmax(horizon, c.x[c.n - 1]), strcmp(goal, "max") ? CF_MINIMISE : CF_MAXIMISE, (unsigned)study);
    }
    release(&c);
}

static void add_record(const json_t *record)
{
    json_t *all = json_object_get(record, "series"), *series;
    const char *metric;
    struct curve rate = curve_of(json_object_get(all, "lr"));
    if (!usable(&rate, 1) && rate.n < 2) rate.n = 0;
    if (json_is_true(json_object_get(record, "complete")))
        json_object_foreach(all, metric, series) add_metric(record, metric, series, &rate);
    release(&rate);
}

static void read_archive(const char *path)
{
    gzFile file = gzopen(path, "rb");
    size_t room = 1 << 26;
    char *line = malloc(room);
    if (!file || !line) {
        fprintf(stderr, "priors: cannot read %s\n", path);
        exit(1);
    }
    while (gzgets(file, line, (int)room)) {
        json_t *record = json_loads(line, JSON_ALLOW_NUL, NULL);
        if (record) add_record(record);
        json_decref(record);
    }
    free(line);
    gzclose(file);
}

static void weigh_studies(unsigned folds)
{
    unsigned sources = 0;
    for (unsigned i = 0; i < n_studies; i++) {
        unsigned n = 0, first = n_studies;
        for (unsigned j = 0; j < n_studies; j++)
            if (!strcmp(studies[i].source, studies[j].source)) n++, first = j < first ? j : first;
        studies[i].weight = pow(n, -0.4);
        studies[i].fold = first == i ? sources++ % folds : studies[first].fold;
    }
}

/* ---- the score -------------------------------------------------------------------------------------------------------------- */

/* CRPS from 99 quantiles: twice the mean pinball loss. */
static double crps_of(const double q[CF_QUANTILES], double v)
{
    double sum = 0;
    for (int i = 0; i < CF_QUANTILES; i++) {
        double p = (i + 1) / 100.0, d = v - q[i];
        sum += 2 * fmax(p * d, (p - 1) * d);
    }
    return sum / CF_QUANTILES;
}

struct answer { double crps, median, surprise; bool inside; }; /* surprise: -log density of the final value */

static struct answer answer_to(const struct item *it)
{
    struct cf__mixture mixture;
    double q[CF_QUANTILES], n = (double)cf_series_count(it->series), share = FINAL_PERCENT / 100.0;
    cf_task task = {.series = it->series, .horizon = it->horizon, .goal = it->goal, .rate = it->rate, .schedule = it->stated ? &it->schedule : NULL};
    if (!cf__ensemble_fit(ensemble, &task)) return (struct answer){fabs(it->last - it->final), it->last, 0, false};
    cf__ensemble_predict(ensemble, it->horizon * (1 - share / 2), fmax(1, share * it->horizon * n / cf_series_last_x(it->series)), &mixture);
    cf__mixture_quantiles(&mixture, q);
    return (struct answer){crps_of(q, it->final), q[49], -cf__mixture_logpdf(&mixture, it->final), q[4] <= it->final && it->final <= q[94]};
}

struct score { double skill[CUTS], inside[CUTS], relative[CUTS], relative_last[CUTS], surprise, loss; };

struct sums { double crps, last, inside, surprise, weight, relative, relative_last, relative_crps, relative_weight; };

static void add_answer(struct sums *s, const struct item *it, const struct answer *a)
{
    const struct study *study = &studies[it->study];
    double w = study->weight / study->runs, floor = fmax(study->spread, 1e-12);
    double crps = fmin(a->crps / floor, WORST);
    if (!(crps <= WORST)) crps = WORST;
    s->crps += w * crps;
    s->last += w * fmin(fabs(it->last - it->final) / floor, WORST);
    s->inside += w * a->inside;
    s->surprise += w * fmin(a->surprise - log(floor), MOST_SURPRISE);
    s->weight += w;
    if (!it->rate || it->goal != CF_MINIMISE || !(it->final > 2 * study->spread)) return; /* losses that keep their size, as in pre-training */
    s->relative_crps += w * fmin(a->crps / it->final, 0.3);
    s->relative += w * fmin(fabs(a->median - it->final) / it->final, 1);
    s->relative_last += w * fmin(fabs(it->last - it->final) / it->final, 0.3);
    s->relative_weight += w;
}

/* fold: only that one with chosen, all but that one without; -1: all. */
static struct score score_of(const struct cf__priors *priors, int fold, bool chosen)
{
    struct sums sums[CUTS] = {{0}};
    struct score score = {.loss = 0};
    cf__ensemble_use(ensemble, priors);
    for (unsigned i = 0; i < n_items; i++) {
        if (fold >= 0 && (studies[items[i].study].fold == (unsigned)fold) != chosen) continue;
        struct answer a = answer_to(&items[i]);
        add_answer(&sums[items[i].cut], &items[i], &a);
    }
    for (unsigned k = 0; k < CUTS; k++) {
        const struct sums *s = &sums[k];
        double known = s->relative_weight > 0, weight = fmax(s->weight, 1e-12);
        score.skill[k] = 1 - s->crps / fmax(s->last, 1e-12);
        score.inside[k] = s->inside / weight;
        score.relative[k] = known ? s->relative / s->relative_weight : 0;
        score.relative_last[k] = known ? s->relative_last / s->relative_weight : 0;
        score.surprise += s->surprise / weight / CUTS;
        score.loss += (1 - score.skill[k] + s->relative_crps / fmax(s->relative_last, 1e-12) + SURPRISE_SHARE * s->surprise / weight) / CUTS;
    }
    return score;
}

/* ---- the parameters -------------------------------------------------------------------------------------------------------- */

enum how { LOG, RAW, LOGIT };

struct knob { const char *name; size_t at; enum how how; double low, high; };
#define AT(field) #field, offsetof(struct cf__priors, field)
static const struct knob knobs[] = {
    {AT(level_sd), LOG, 0.2, 50},     {AT(gain_mean), RAW, 0, 3},        {AT(gain_sd), LOG, 0.2, 50},      {AT(drop_share), LOG, 0.01, 5},
    {AT(drop_power), RAW, 0, 1.2},    {AT(drop_sd), LOG, 0.1, 2},        {AT(start), LOG, 1e-3, 3},        {AT(log_time), LOG, 3, 1e4},
    {AT(least_noise), LOG, 1e-5, 1e-2}, {AT(shape), LOG, 0.6, 30},       {AT(most_independent), LOG, 1, 300}, {AT(temper), LOG, 0.1, 2},
    {AT(stray), LOGIT, 0.005, 0.05},
    {AT(rate_sd[0]), LOG, 1e-4, 0.05}, {AT(rate_sd[1]), LOG, 1e-3, 0.2}, {AT(rate_sd[2]), LOG, 1e-2, 1},   {AT(rate_sd[3]), LOG, 0.05, 4},
    {AT(rate_prior[0]), LOG, 1e-3, 10}, {AT(rate_prior[1]), LOG, 1e-3, 10}, {AT(rate_prior[2]), LOG, 1e-3, 10}, {AT(rate_prior[3]), LOG, 1e-3, 10},
    {AT(course.clock), RAW, 0.3, 1.3}, {AT(course.lag), LOG, 1e-3, 0.1}, {AT(course.contradicted), LOG, 1e-3, 0.5}, {AT(course.hidden), LOGIT, 0.005, 0.9},
};
#define KNOBS (sizeof knobs / sizeof *knobs)
#define LEAST_WEIGHT 0.05
#define MOST_WEIGHT 5.0

static double forth(enum how how, double v) { return how == LOG ? log(v) : how == LOGIT ? log(v / (1 - v)) : v; }
static double back(enum how how, double v) { return how == LOG ? exp(v) : how == LOGIT ? 1 / (1 + exp(-v)) : v; }

static unsigned unpack(const struct cf__priors *from, double *v, double *low, double *high)
{
    for (unsigned i = 0; i < KNOBS; i++) {
        low[i] = forth(knobs[i].how, knobs[i].low);
        high[i] = forth(knobs[i].how, knobs[i].high);
        v[i] = fmin(fmax(forth(knobs[i].how, *(const double *)((const char *)from + knobs[i].at)), low[i]), high[i]);
    }
    unsigned n = KNOBS;
    for (size_t i = 0; i < cf_family_count(); i++, n++) {
        double weight = 1;
        for (size_t j = 0; j < CF_FAMILIES_MAX && from->family[j].name; j++)
            if (!strcmp(from->family[j].name, cf_family_card_of(i).name)) weight = from->family[j].weight;
        low[n] = log(LEAST_WEIGHT), high[n] = log(MOST_WEIGHT);
        v[n] = fmin(fmax(log(weight), low[n]), high[n]);
    }
    return n;
}

static struct cf__priors pack(const double *v)
{
    struct cf__priors p = {.level_sd = 0};
    for (unsigned i = 0; i < KNOBS; i++) *(double *)((char *)&p + knobs[i].at) = back(knobs[i].how, v[i]);
    for (size_t i = 0; i < cf_family_count(); i++) p.family[i] = (struct cf__family_prior){cf_family_card_of(i).name, exp(v[KNOBS + i])};
    double sum = 0;
    for (unsigned k = 0; k < CF__RATES; k++) sum += p.rate_prior[k];
    for (unsigned k = 0; k < CF__RATES; k++) p.rate_prior[k] /= sum;
    return p;
}

/* ---- learning -------------------------------------------------------------------------------------------------------------- */

struct search { int fold; unsigned done; double best; double at[KNOBS + CF_FAMILIES_MAX]; };

static double objective(unsigned n, const double *v, double *gradient, void *data)
{
    struct search *s = data;
    (void)gradient;
    struct cf__priors p = pack(v);
    double loss = score_of(&p, s->fold, false).loss;
    if (loss < s->best) {
        s->best = loss;
        memcpy(s->at, v, n * sizeof *v);
    }
    if (++s->done % 10 == 0) fprintf(stderr, "  %u evaluations: %.4f\n", s->done, s->best);
    return isfinite(loss) ? loss : 1e3;
}

static struct cf__priors learn(int fold, unsigned evaluations)
{
    double v[KNOBS + CF_FAMILIES_MAX], low[KNOBS + CF_FAMILIES_MAX], high[KNOBS + CF_FAMILIES_MAX], step[KNOBS + CF_FAMILIES_MAX], loss;
    unsigned n = unpack(&cf__priors, v, low, high);
    struct search search = {.fold = fold, .best = INFINITY};
    for (unsigned i = 0; i < n; i++) step[i] = 0.07 * (high[i] - low[i]);
    nlopt_opt opt = nlopt_create(NLOPT_LN_BOBYQA, n);
    nlopt_set_lower_bounds(opt, low);
    nlopt_set_upper_bounds(opt, high);
    nlopt_set_initial_step(opt, step);
    nlopt_set_min_objective(opt, objective, &search);
    nlopt_set_maxeval(opt, (int)evaluations);
    nlopt_optimize(opt, v, &loss);
    nlopt_destroy(opt);
    return pack(search.at);
}

static void print_score(FILE *out, const char *what, const struct score *s)
{
    fprintf(out, "%s: skill", what);
    for (unsigned k = 0; k < CUTS; k++) fprintf(out, " %.3f", s->skill[k]);
    fprintf(out, "; 90 %% interval holds");
    for (unsigned k = 0; k < CUTS; k++) fprintf(out, " %.2f", s->inside[k]);
    fprintf(out, "; rate known, error %%");
    for (unsigned k = 0; k < CUTS; k++) fprintf(out, " %.1f", 100 * s->relative[k]);
    fprintf(out, " (last value");
    for (unsigned k = 0; k < CUTS; k++) fprintf(out, " %.1f", 100 * s->relative_last[k]);
    fprintf(out, ")\n");
}

static void write_table(const char *path, const struct cf__priors *p, const char *card)
{
    FILE *out = fopen(path, "w");
    if (!out) exit(1);
    fprintf(out, "/* Generated by curvefit/learn/priors.c; do not edit.\n%s */\n#include \"ensemble.h\"\n\nconst struct cf__priors cf__priors = {\n", card);
    for (unsigned i = 0; i < KNOBS; i++)
        fprintf(out, "    .%s = %.4g,\n", knobs[i].name, *(const double *)((const char *)p + knobs[i].at));
    fprintf(out, "    .family = {\n");
    for (size_t i = 0; i < cf_family_count(); i++) fprintf(out, "        {\"%s\", %.4g},\n", p->family[i].name, p->family[i].weight);
    fprintf(out, "    },\n};\n");
    fclose(out);
}

/* FNV-1a over the archives, so that the card says what it was learned from. */
static uint64_t hash_of(const char *path, uint64_t hash)
{
    FILE *in = fopen(path, "rb");
    unsigned char buffer[65536];
    size_t n;
    while (in && (n = fread(buffer, 1, sizeof buffer, in)) > 0)
        for (size_t i = 0; i < n; i++) hash = (hash ^ buffer[i]) * 0x100000001b3;
    if (in) fclose(in);
    return hash;
}

static void append_score(char *card, size_t room, const char *what, const struct score *s)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    print_score(out, what, s);
    fclose(out);
    size_t used = strlen(card);
    snprintf(card + used, room - used, " * %s", text);
    free(text);
}

int main(int argc, char **argv)
{
    unsigned evaluations = 600, folds = 1;
    bool dry = false;
    uint64_t hash = 0xcbf29ce484222325;
    char card[4096], date[32];
    time_t now = time(NULL);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--evaluations") && i + 1 < argc) evaluations = (unsigned)atoi(argv[++i]);
        else if (!strcmp(argv[i], "--folds") && i + 1 < argc) folds = (unsigned)atoi(argv[++i]);
        else if (!strcmp(argv[i], "--dry")) dry = true;
        else read_archive(argv[i]), hash = hash_of(argv[i], hash);
    }
    if (!n_items || !(ensemble = cf__ensemble_create()) || folds < 1) return fprintf(stderr, "priors: no complete curve in the archives given\n"), 1;
    weigh_studies(folds);
    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
    snprintf(card, sizeof card, " * %s; data %016llx; %u forecasts, %u study-metrics; %u evaluations. At 5/10/20/40/60/80 %% seen, compiled-in tables before:\n",
             date, (unsigned long long)hash, n_items, n_studies, evaluations);
    struct score score = score_of(&cf__priors, -1, false);
    fprintf(stderr, "%u forecasts of %u study-metrics\n", n_items, n_studies);
    print_score(stderr, "before", &score);
    append_score(card, sizeof card, "before", &score);
    for (unsigned f = 0; evaluations && folds > 1 && f < folds; f++) {
        struct cf__priors p = learn((int)f, evaluations);
        char what[32];
        snprintf(what, sizeof what, "fold %u, not learned on", f);
        score = score_of(&p, (int)f, true);
        print_score(stderr, what, &score);
        append_score(card, sizeof card, what, &score);
    }
    if (!evaluations) return 0;
    struct cf__priors p = learn(-1, evaluations);
    score = score_of(&p, -1, false);
    print_score(stderr, "after", &score);
    append_score(card, sizeof card, "learned on all of it", &score);
    if (!dry) write_table("curvefit/priors.c", &p, card);
    return 0;
}
