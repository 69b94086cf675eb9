#include "counter.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PLAN_SLACK 0.01 /* by which a run may go beyond its plan, or by one: a last summary, a count from 1 */
#define PLAN_LEAST 10   /* where one more is not much */

static const struct { const char *word; enum counter_rank rank; const char *unit; } words[] = {
    {"step", RANK_STEP, "step"}, {"steps", RANK_STEP, "step"}, {"global_step", RANK_STEP, "step"}, {"current_steps", RANK_STEP, "step"},
    {"num_updates", RANK_STEP, "step"}, {"train_num_updates", RANK_STEP, "step"}, {"valid_num_updates", RANK_STEP, "step"}, {"update", RANK_STEP, "step"}, {"updates", RANK_STEP, "step"}, {"up", RANK_STEP, "step"},
    {"iteration", RANK_STEP, "iteration"}, {"iterations", RANK_STEP, "iteration"}, {"iter", RANK_STEP, "iteration"}, {"iters", RANK_STEP, "iteration"},
    {"it", RANK_STEP, "iteration"}, {"iterate", RANK_STEP, "iteration"}, {"n_iter", RANK_STEP, "iteration"}, {"round", RANK_STEP, "iteration"}, {"timesteps", RANK_STEP, "step"},
    {"total_timesteps", RANK_TIMESTEP, "step"}, {"step_num", RANK_STEP, "step"}, {"train_step", RANK_STEP, "step"}, {"samples_count", RANK_STEP, "step"},
    {"consumed_samples", RANK_STEP, "step"}, {"kimg", RANK_STEP, "step"}, {"counter", RANK_STEP, "step"}, {"global_steps", RANK_STEP, "step"}, {"s", RANK_STEP, "step"}, {"num_steps", RANK_STEP, "step"}, {"number_of_trees", RANK_STEP, "iteration"}, {"trees", RANK_STEP, "iteration"}, {"itn", RANK_EPOCH, "epoch"},
    {"train_steps", RANK_STEP, "step"}, {"trainer/global_step", RANK_STEP, "step"}, {"_step", RANK_STEP, "step"}, {"training_step", RANK_STEP, "step"}, {"training_iteration", RANK_STEP, "iteration"},
    {"epoch", RANK_EPOCH, "epoch"}, {"ep", RANK_EPOCH, "epoch"}, {"epochs", RANK_EPOCH, "epoch"}, {"epoch_num", RANK_EPOCH, "epoch"}, {"epoch_count", RANK_NONE, "epoch"}, {"e", RANK_EPOCH, "epoch"},
    {"episode", RANK_EPOCH, "episode"}, {"generation", RANK_EPOCH, "generation"}, {"gen", RANK_EPOCH, "generation"}, {"trial", RANK_EPOCH, "trial"}, {"pass", RANK_EPOCH, "epoch"},
    {"(batches)", RANK_BATCH, "iteration"}, {"(utterances)", RANK_BATCH, "step"}, {"(examples)", RANK_BATCH, "step"}, {"(samples)", RANK_BATCH, "step"}, {"(sentences)", RANK_BATCH, "step"}, {"mini_batch", RANK_BATCH, "iteration"},
    {"época", RANK_EPOCH, "epoch"}, {"Época", RANK_EPOCH, "epoch"}, {"époque", RANK_EPOCH, "epoch"}, {"Époque", RANK_EPOCH, "epoch"}, {"epoca", RANK_EPOCH, "epoch"}, {"epoche", RANK_EPOCH, "epoch"},
    {"轮", RANK_EPOCH, "epoch"}, {"轮次", RANK_EPOCH, "epoch"}, {"エポック", RANK_EPOCH, "epoch"}, {"에포크", RANK_EPOCH, "epoch"}, {"Эпоха", RANK_EPOCH, "epoch"}, {"эпоха", RANK_EPOCH, "epoch"},
    {"iteración", RANK_STEP, "iteration"}, {"iteração", RANK_STEP, "iteration"}, {"itération", RANK_STEP, "iteration"}, {"iterazione", RANK_STEP, "iteration"}, {"迭代", RANK_STEP, "iteration"}, {"迭代次数", RANK_STEP, "iteration"},
    {"Итерация", RANK_STEP, "iteration"}, {"итерация", RANK_STEP, "iteration"}, {"paso", RANK_STEP, "step"}, {"passo", RANK_STEP, "step"}, {"schritt", RANK_STEP, "step"}, {"步", RANK_STEP, "step"}, {"步数", RANK_STEP, "step"},
    {"ステップ", RANK_STEP, "step"}, {"스텝", RANK_STEP, "step"}, {"Шаг", RANK_STEP, "step"}, {"шаг", RANK_STEP, "step"},
    {"env_steps", RANK_STEP, "step"}, {"env_step", RANK_STEP, "step"}, {"total_env_steps", RANK_STEP, "step"}, {"timestep", RANK_STEP, "step"}, {"num_timesteps", RANK_STEP, "step"}, {"total_num_steps", RANK_STEP, "step"},
    {"timesteps_total", RANK_STEP, "step"}, {"totalenvinteracts", RANK_STEP, "step"}, {"frame", RANK_STEP, "step"}, {"frames", RANK_STEP, "step"},
    {"time/batch", RANK_STEP, "iteration"}, {"batch_id", RANK_BATCH, "iteration"}, {"batch_idx", RANK_BATCH, "iteration"}, {"batch_num", RANK_BATCH, "iteration"}, {"batch", RANK_BATCH, "iteration"}, {"i", RANK_BATCH, "iteration"}, {"minibatch", RANK_BATCH, "iteration"}, {"micro_step", RANK_BATCH, "iteration"}, {"tick", RANK_BATCH, "iteration"}, {"#", RANK_STEP, "step"}, {"(index)", RANK_LEAD, "iteration"}, {"(rule)", RANK_BATCH, "epoch"}, {"progress", RANK_BATCH, "percent"},
};

static const struct { const char *word; bool epochs; } plans[] = {
    {"max_steps", false}, {"total_steps", false}, {"max_iter", false}, {"max_iters", false}, {"num_iterations", false}, {"train_iters", false},
    {"num_train_steps", false}, {"num_training_steps", false}, {"max_update", false}, {"max_updates", false}, {"total_iters", false}, {"train_steps", false},
    {"total optimization steps", false}, {"n_estimators", false}, {"num_boost_round", false}, {"num_steps", false},
    {"total number of training steps", false}, {"total_kimg", false}, {"training duration", false}, {"total_iterations", false},
    {"epochs", true}, {"num_epochs", true}, {"num_train_epochs", true}, {"max_epochs", true}, {"max_epoch", true}, {"total_epochs", true}, {"n_epochs", true},
    {"training iterations", false}, {"number of training iterations", false}, {"num epochs", true}, {"max epochs", true}, {"nepochs", true}, {"epoch_num_total", true}, {"n_epoch", true},
};

void counters_reset(struct counters *c)
{
    memset(c, 0, sizeof *c);
    c->plan_step = c->plan_epoch = c->compared = NAN;
    c->turns = 1;
}

void counters_clear(struct counters *c)
{
    for (size_t i = 0; i < c->n; i++) c->counter[i].value = c->counter[i].epoch = NAN, c->counter[i].uses = c->counter[i].sightings = 0, c->counter[i].shifts = c->counter[i].rises = c->counter[i].beside = c->counter[i].apart = 0;
    c->second_pass = true;
    c->turns++;
}

/* sec/kimg, s/step, tokens/step: how much of something one takes, which counts nothing. slash: in the name. */
static bool is_per(const char *name, const char *slash)
{
    static const char *const units[] = {"s", "sec", "secs", "second", "seconds", "ms", "us", "min", "mins", "h", "hours", "tok", "toks", "tokens", "samples", "examples", "words", "images", "imgs", "frames", "flops", "bytes"};
    const char *from = slash;
    while (from > name && isalpha((unsigned char)from[-1])) from--;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i]) == (size_t)(slash - from) && !memcmp(from, units[i], (size_t)(slash - from))) return true;
    return false;
}

static void lower_tail(const char *name, char *full, char *tail, size_t size)
{
    size_t n = 0;
    for (; name[n] && n + 1 < size; n++) full[n] = (char)(name[n] == '-' ? '_' : tolower((unsigned char)name[n])); /* Global-step */
    full[n] = 0;
    const char *space = strrchr(full, ' '), *slash = strrchr(full, '/');
    bool of_run = slash && slash >= full + 4 && !strcmp(slash - 4, "time/batch"); /* a "batch" beside it begins again each epoch */
    const char *from = space > slash ? space + 1 : of_run ? slash - 4 : slash && !is_per(full, slash) ? slash + 1 : full;
    snprintf(tail, size, "%s", from);
}

/* Where a new one may stand: at the end, or in the place of a fraction that was there once. SIZE_MAX: there is no room. */
static size_t room(const struct counters *c)
{
    if (c->n < COUNTERS_MAX) return c->n;
    for (size_t i = 0; i < c->n; i++)
        if (c->counter[i].rank <= RANK_LEAD && c->counter[i].total > 0 && !c->counter[i].changes && !c->counter[i].uses) return i;
    return SIZE_MAX;
}

static size_t find(struct counters *c, const char *name, enum counter_rank rank, const char *unit)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->counter[i].name, name)) return i;
    size_t at = room(c);
    if (at == SIZE_MAX) return SIZE_MAX;
    struct counter *new = &c->counter[at];
    *new = (struct counter){.rank = rank, .unit = unit, .value = NAN, .total = NAN, .epoch = NAN};
    snprintf(new->name, sizeof new->name, "%s", name);
    c->turns++;
    if (at == c->n) c->n++;
    return at;
}

/* One counter a total: the bar of each evaluation starts again and is demoted. SIZE_MAX: it is new. */
static size_t known_bar(const struct counters *c, double total, bool first)
{
    enum counter_rank rank = first ? RANK_LEAD : RANK_BAR;
    for (size_t i = 0; i < c->n; i++) /* "it 6400/128028", and elsewhere only "6400/128028" */
        if (c->counter[i].rank >= RANK_STEP && c->counter[i].total == total) return i;
    for (size_t i = 0; i < c->n; i++)
        if (c->counter[i].rank == rank && c->counter[i].total == total && *c->counter[i].name == '(') return i;
    return SIZE_MAX;
}

static size_t find_bar(struct counters *c, double total, bool first, bool evaluation)
{
    char name[24];
    size_t known = known_bar(c, total, first);
    if (known != SIZE_MAX) return known;
    snprintf(name, sizeof name, first ? "(%.10g)" : "(bar %.10g)", total);
    size_t new = find(c, name, first ? RANK_LEAD : RANK_BAR, "step");
    if (new != SIZE_MAX) c->counter[new].evaluation = evaluation;
    return new;
}

/* The epoch the run says it is in; NULL: it never said. */
static const struct counter *epoch_of(const struct counters *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->counter[i].rank == RANK_EPOCH && !isnan(c->counter[i].value)) return &c->counter[i];
    return NULL;
}

/* "epoch: 20" among the settings, and then "epoch 1": that was no epoch, but how many there are to be. */
static bool was_plan(const struct counter *k, double now)
{
    return k->rank == RANK_EPOCH && k->sightings == 1 && k->value > 1 && now <= 1;
}

/* Back as often as on: how long each episode was, not how many steps there have been. */
static bool wanders(const struct counter *k) { return k->falls > 1 && 2 * k->falls >= k->changes; }

/* What the choice of x asks of a counter. */
struct character { bool seen, changes, fraction, crossed, wanders, falls; unsigned resets; double total; };
static struct character character_of(const struct counter *k) { return (struct character){!isnan(k->value), k->changes > 0, k->fraction, k->crossed, wanders(k), k->falls > 0, k->resets, k->total}; }

static bool is_same(const struct character *a, const struct character *b)
{
    bool total = a->total == b->total || (isnan(a->total) && isnan(b->total));
    return a->seen == b->seen && a->changes == b->changes && a->fraction == b->fraction && a->crossed == b->crossed && a->wanders == b->wanders && a->falls == b->falls && a->resets == b->resets && total;
}

void counters_of_evaluation(struct counters *c, unsigned mask)
{
    for (size_t i = 0; i < c->n; i++) c->counter[i].evaluation |= mask >> i & 1 && c->counter[i].rank <= RANK_BATCH && c->counter[i].sightings == 1;
}

void counters_begin(struct counters *c) { c->began = c->sightings; }

/* "step 10/50, loss 0.4, epoch 1": what was counted in this record before the epoch was named. */
static void note_ahead(struct counters *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct counter *k = &c->counter[i];
        bool ahead = (k->rank >= RANK_STEP || k->rank == RANK_LEAD) && k->seen > c->began && !isnan(k->value);
        c->turns += ahead && !k->ahead;
        k->ahead |= ahead;
    }
}

static void note_total(struct counter *k, double value, double total)
{
    bool shift = k->sightings && total != k->total && !isnan(total) && !isnan(k->total);
    k->shifts += shift;
    if (shift) k->rises = 0;
    else k->rises += value > k->value;
    if (!isnan(total)) k->total = total;
}

void counters_note(struct counters *c, size_t mine, double value, double total)
{
    struct counter *k = &c->counter[mine];
    struct character before = character_of(k), after;
    const struct counter *epoch = epoch_of(c);
    if (was_plan(k, value)) c->plan_epoch = fmax(c->plan_epoch, k->value), k->value = NAN, c->turns++;
    k->crossed |= epoch && value > k->value && epoch->value > k->epoch;
    k->epoch = epoch ? epoch->value : NAN;
    k->changes += value > k->value;
    k->fraction |= value != floor(value);
    k->resets += value < 0.5 * k->value;
    k->through |= value < 0.5 * k->value && k->value >= 0.5 * k->total;
    k->falls += value < k->value;
    note_total(k, value, total);
    if (k->rank == RANK_EPOCH) note_ahead(c);
    k->value = value, k->sightings++, k->seen = ++c->sightings;
    after = character_of(k);
    c->turns += !is_same(&before, &after);
}

/* which: as find says. True: there was room for it. */
static bool note(struct counters *c, size_t which, const struct field *f, size_t *mine)
{
    *mine = which;
    if (which == SIZE_MAX) return false;
    counters_note(c, which, f->value, f->total);
    return true;
}

/* An evaluator beside the trainer states an epoch of its own: the longest plan counts. */
static bool note_plan(struct counters *c, enum counter_plan plan, double value)
{
    if (plan == PLAN_NONE || !(value > 0)) return false;
    double *total = plan == PLAN_EPOCHS ? &c->plan_epoch : &c->plan_step;
    *total = fmax(*total, value);
    c->turns++;
    return true;
}

static const char first_number[] = "(first number)";

static bool counts_to_total(const struct field *f) { return f->total > 0 && f->value <= f->total; }
static bool leads_whole(const struct field *f, bool first) { return first && f->leads && f->value == floor(f->value) && f->value >= 0 && f->value < 1e12; }

void counters_plan(struct counters *c, enum counter_plan plan, double total) { note_plan(c, plan, total); }

static bool take_nameless(struct counters *c, const struct field *f, bool first, bool evaluation, size_t *mine)
{
    if (counts_to_total(f)) return note(c, find_bar(c, f->total, first && f->leads, evaluation), f, mine);
    return leads_whole(f, first) && note(c, find(c, first_number, RANK_LEAD, "iteration"), f, mine);
}

bool counters_would_take(const struct counters *c, const struct field *f, bool first, size_t mine)
{
    if (counts_to_total(f)) return mine != SIZE_MAX && known_bar(c, f->total, first && f->leads) == mine;
    if (leads_whole(f, first)) return mine != SIZE_MAX && !strcmp(c->counter[mine].name, first_number);
    return mine == SIZE_MAX;
}

static enum counter_plan plan_of(const char *name)
{
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        if (!strcmp(plans[i].word, name)) return plans[i].epochs ? PLAN_EPOCHS : PLAN_STEPS;
    return PLAN_NONE;
}

/* Where the base ends of "epoch number", "train no", "№"; SIZE_MAX: the name is none of an ordinal. */
static size_t without_ordinal(const char *name)
{
    static const char *const ordinals[] = {"no", "nr", "num", "number", "idx", "index", "№", "n°", "nº"};
    size_t length = strlen(name), n;
    for (size_t i = 0; i < sizeof ordinals / sizeof *ordinals; i++) {
        if ((n = strlen(ordinals[i])) > length || strcmp(name + length - n, ordinals[i])) continue;
        if (n == length) return n < 4 ? 0 : SIZE_MAX;
        if (strchr(" _", name[length - n - 1])) return length - n - 1;
    }
    return SIZE_MAX;
}

static bool look_up(const char *full, const char *tail, struct counter_word *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, tail) && strcmp(words[i].word, full)) continue;
        word->rank = words[i].rank, word->unit = words[i].unit;
        return true;
    }
    return false;
}

/* "Global Step" is global_step, not the "Step" beside it. */
static void join_words(const char *full, char *tail, struct counter_word *word)
{
    char joined[FIELD_NAME_MAX];
    snprintf(joined, sizeof joined, "%s", full);
    for (char *blank = joined; (blank = strchr(blank, ' '));) *blank = '_';
    if (look_up(joined, joined, word)) snprintf(tail, sizeof joined, "%s", joined);
}

static bool holds_one(const char *name, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(name, words[i])) return true;
    return false;
}

/* Steps of something within the run, as long as it says so by words of its own: "warm-up steps: 500" plans no run, nor does "save every 10 epochs". */
static bool is_part(const char *full)
{
    static const char *const words[] = {"warm", "eval", "valid", "val ", "test", "save", "log ", "every", "interval", "decay", "accum", "diffusion", "denois", "sampl", "inference", "rollout", "local", "inner", "freeze", "frozen"};
    return strpbrk(full, " /") && holds_one(full, words, sizeof words / sizeof *words);
}

/* "EarlyStopping counter: 3 out of 10", "patience 3/10" */
static bool is_patience(const char *full)
{
    static const char *const words[] = {"early", "patience"};
    return holds_one(full, words, sizeof words / sizeof *words);
}

static bool is_plural(const char *tail)
{
    static const char *const words[] = {"steps", "epochs", "iterations", "iters", "updates"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(tail, words[i])) return true;
    return false;
}

/* "epoch no" is an epoch; "img no", "train no" count what nobody listed. */
static void look_up_ordinal(char *full, char *tail, size_t ordinal, struct counter_word *word)
{
    char whole[FIELD_NAME_MAX];
    snprintf(whole, sizeof whole, "%s", full);
    full[ordinal] = 0;
    lower_tail(full, full, tail, FIELD_NAME_MAX);
    if (look_up(full, tail, word) || strchr(whole, '_')) return;
    word->rank = RANK_LEAD, word->unit = "iteration";
    snprintf(tail, FIELD_NAME_MAX, "%s", whole);
}

struct counter_word counter_word_of(const char *name)
{
    char full[FIELD_NAME_MAX], tail[FIELD_NAME_MAX];
    struct counter_word word = {RANK_NONE, PLAN_NONE, "", NULL, false};
    lower_tail(name, full, tail, sizeof full);
    if (strstr(full, " per ") || strstr(full, "_per_") || !strncmp(full, "per ", 4) || strstr(full, "this ") || strstr(full, "each ") || strstr(full, "fps")) return word; /* steps per epoch = 8; seconds required for this iteration: 0.1; fps step: 26157 */
    if (!strcmp(tail, "s") && strcmp(full, "s")) return word; /* tok/s */
    word.part = is_part(full);
    if (is_patience(full) || (word.part && is_plural(tail))) return word;
    word.plan = word.part ? PLAN_NONE : plan_of(full) ? plan_of(full) : plan_of(tail);
    bool counts = look_up(full, tail, &word);
    if (counts && strchr(full, ' ')) join_words(full, tail, &word);
    size_t ordinal = counts ? SIZE_MAX : without_ordinal(full);
    if (ordinal != SIZE_MAX) look_up_ordinal(full, tail, ordinal, &word);
    snprintf(word.name, sizeof word.name, "%.23s", tail);
    return word;
}

/* "mode": "val", "iter": 250: how long the evaluation was, while the run counts thousands. */
static bool is_of_evaluation(const struct counters *c, const struct field *f, const struct counter_word *word)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->counter[i].name, word->name)) return word->rank != RANK_EPOCH && f->value < c->counter[i].value;
    return false;
}

/* "gen: 0.019" of a generator's loss, "s: 0.25" of seconds: so short a word may be another; only an epoch is often half over. */
static bool is_another(const struct field *f, const struct counter_word *word) { return f->value != floor(f->value) && strlen(word->name) <= 3 && strcmp(word->unit, "epoch"); }

bool counters_take(struct counters *c, const struct field *f, const struct counter_word *word, bool first, bool evaluation, size_t *mine)
{
    *mine = SIZE_MAX;
    if (!isfinite(f->value) || f->separator == '>') return false;
    if (!*f->name) return take_nameless(c, f, first, evaluation, mine);
    if (note_plan(c, word->plan, f->value)) return true;
    if (evaluation && word->rank && is_of_evaluation(c, f, word)) return true;
    if (word->rank && is_another(f, word)) return false;
    struct field counted = *f;
    if (word->part || (evaluation && word->rank != RANK_EPOCH)) counted.total = NAN;
    return word->rank && note(c, find(c, word->name, word->rank, word->unit), &counted, mine);
}

/* It begins again while an epoch counts on: a batch within an epoch, and so, until it crossed into another, is what counts to a total
 * of its own. A bar that begins again is that of some evaluation. */
static bool demoted(const struct counters *c, const struct counter *k)
{
    const struct counter *epoch = epoch_of(c);
    if (k->rank == RANK_EPOCH) return false;
    if (k->total > 0 && !k->crossed && epoch && (epoch->total > 1 || c->plan_epoch > 1)) return true;
    if (!k->resets && !wanders(k)) return false;
    if (k->rank == RANK_BAR && k->resets) return true;
    for (size_t i = 0; i < c->n; i++)
        if (c->counter[i].rank == RANK_EPOCH && c->counter[i].changes && !wanders(&c->counter[i]) && 2 * c->counter[i].resets <= k->resets) return true;
    return false;
}

/* "GPU no. 3", "model no. 2": which of several, not how far. */
static bool tells_apart(const struct counter *k, bool known) { return k->rank == RANK_LEAD && *k->name != '(' && (k->falls || (known && !k->changes)); }

/* Higher is better; 0: not a counter of this log. */
static unsigned merit(const struct counters *c, const struct counter *k, bool here, bool known)
{
    bool begun = k->rank == RANK_EPOCH && k->total > 1; /* "Epoch 1/8" will count on */
    bool still = !k->changes && (known || (!here && !begun));
    bool counts_on = k->rank == RANK_LEAD && (k->total > 0 || (*k->name != '(' && k->changes)) && !k->resets; /* "[100/200000] loss: 0.4", "Img No. 100", and below it "accuracy: 0.9" */
    if (isnan(k->value) || tells_apart(k, known) || (!here && k->rank <= RANK_LEAD && !counts_on)) return 0;
    if (demoted(c, k)) return here ? 3 : 1;
    if (still) return here ? 4 + (unsigned)k->rank : 2;
    /* In "12/21150 (epoch 0.002)" the first counts finer; so does a whole number of updates beside a fraction of one. */
    bool coarse = k->fraction && k->rank == RANK_EPOCH && here, lead = k->rank == RANK_LEAD && k->total > 0 && here;
    bool on = k->rank < RANK_EPOCH && k->total > 0 && k->ahead && k->crossed && !k->falls; /* "7/5000 (epoch 2)" */
    enum counter_rank rank = coarse ? RANK_LEAD : on ? RANK_STEP : lead ? RANK_BATCH : k->rank;
    return 100 + 100 * here + 10 * rank - k->fraction;
}

/* Of two that are as good: of the log as it stands, the one that was more often x; in one record the finer; elsewhere the one that was seen last. */
static bool rather(const struct counter *k, const struct counter *best, unsigned mask)
{
    bool here = mask & ~(~0u << COUNTERS_MAX);
    if (here && k->total > best->total) return true;
    return mask ? !(mask & ~(~0u << COUNTERS_MAX)) && k->seen > best->seen : k->uses > best->uses;
}

const struct counter *counters_best(const struct counters *c, unsigned mask)
{
    const struct counter *best = NULL;
    unsigned top = 0;
    bool used = false, here = mask & ~(~0u << COUNTERS_MAX);
    for (size_t i = 0; i < c->n; i++) used |= c->counter[i].uses > 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct counter *k = &c->counter[i];
        if (!mask && used && !k->uses) continue; /* of the log as it stands: what was nobody's x is not the log's */
        unsigned m = merit(c, k, !mask || mask & 1u << i, c->second_pass || !mask);
        if (k->rank == RANK_TIMESTEP && !here && m >= 100) m -= 10 * (RANK_TIMESTEP - RANK_STEP); /* in one record it is finer than a step; apart from it, no better */
        if (m > top || (m && m == top && rather(k, best, mask))) top = m, best = k;
    }
    return best;
}

const struct counter *counters_best_of(struct counters *c, unsigned mask)
{
    if (!(mask & ~(~0u << COUNTERS_MAX))) return counters_best(c, mask); /* the one that was seen last, which changes */
    size_t at = (mask ^ mask >> 4) % (sizeof c->found / sizeof *c->found);
    if (c->found[at].mask != mask || c->found[at].turns != c->turns) c->found[at].best = counters_best(c, mask), c->found[at].mask = mask, c->found[at].turns = c->turns;
    return c->found[at].best;
}

/* x moved on: are the bars where it is? */
static void compare_bars(struct counters *c, const struct counter *x)
{
    for (size_t i = 0; i < c->n; i++) {
        struct counter *k = &c->counter[i];
        if (k->rank != RANK_BAR || isnan(k->value) || k == x) continue;
        if (k->value == x->value) k->beside++;
        else k->apart++;
    }
}

void counters_used(struct counters *c, const struct counter *x)
{
    if (!x) return;
    c->counter[x - c->counter].uses++;
    if (x->rank >= RANK_STEP && x->value != c->compared) c->compared = x->value, compare_bars(c, x);
}

/* It is done within an epoch of several, as far as anything says. */
static bool is_within(const struct counters *c, const struct counter *k)
{
    const struct counter *epoch = epoch_of(c);
    return k->rank != RANK_EPOCH && epoch && k != epoch && !k->crossed && !k->ahead && !epoch->fraction && epoch->total != 1 && c->plan_epoch != 1;
}

/* "Batch 10/500": as a rule one pass over the data of several, said or not. */
static bool is_pass(const struct counter *k) { return k->rank == RANK_BATCH && *k->name != '(' && strcmp(k->unit, "percent") && !k->crossed; }

/* A name that counts says what its fraction is; one without has to rise first, and so has one whose end was another before. */
static bool believed(const struct counters *c, const struct counter *k)
{
    bool named = *k->name != '(', whole = k->fraction || k->total == floor(k->total), shifting = k->shifts && k->rises <= k->shifts;
    if (!(k->total > 0) || !whole || k->value > k->total || k->evaluation || shifting || (!named && !k->rises)) return false;
    return k->rank == RANK_EPOCH || !(k->through || is_pass(k) || is_within(c, k));
}

/* "7000/50000" of a bar, and elsewhere "[ITER 7000]": they count the same. NaN: there is no such bar. */
static double total_beside(const struct counters *c, const struct counter *x)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct counter *k = &c->counter[i];
        if (k->rank == RANK_BAR && x->rank >= RANK_STEP && k->beside > 1 && k->beside >= k->apart && believed(c, k) && !demoted(c, k)) return k->total;
    }
    return NAN;
}

/* "Steps: 20000" once, and then "Step 10", "Step 20". NaN: nothing was said. */
static double stated_once(const struct counters *c, const struct counter *x)
{
    size_t length = strlen(x->name);
    for (size_t i = 0; i < c->n; i++) {
        const struct counter *k = &c->counter[i];
        if (!strncmp(k->name, x->name, length) && !strcmp(k->name + length, "s") && !k->changes && k->value >= x->value) return k->value;
    }
    return NAN;
}

double counters_total(const struct counters *c, const struct counter *x)
{
    if (!x) return NAN;
    if (believed(c, x)) return x->total;
    bool nameless = !strcmp(x->name, first_number) && isnan(c->plan_step); /* "[3] loss: 0.4", and max_epoch=200 */
    double plan = x->rank == RANK_EPOCH || nameless ? c->plan_epoch : c->plan_step;
    if (isnan(plan)) plan = stated_once(c, x);
    if (isnan(plan)) plan = total_beside(c, x);
    return x->value <= plan + (plan < PLAN_LEAST ? 0 : fmax(1, PLAN_SLACK * plan)) ? plan : NAN;
}

const struct counter *counters_bar(const struct counters *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct counter *k = &c->counter[i];
        if (k->rank == RANK_BAR && k->value > 0 && believed(c, k) && !demoted(c, k)) return k;
    }
    return NULL;
}
