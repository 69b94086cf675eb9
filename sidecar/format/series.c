#include "series.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SIZE(table) (sizeof(table) / sizeof *(table))

static bool is_one_of(const char *name, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcasecmp(name, words[i])) return true;
    return false;
}

/* What a series is: by its name, and by the company it keeps. */
static struct metric_meaning meaning_in(const char *name, const struct series_place *place, bool evaluation)
{
    static const char *const bare[] = {"train", "training", "learn", "val", "valid", "test", "dev"}, *const parts[] = {"box", "cls", "dfl"}, *const of_all[] = {"avg", "mean", "max"};
    static const struct metric_meaning loss = {METRIC_TRAIN_LOSS, GOAL_MIN}, unnamed = {METRIC_TRAIN_LOSS, GOAL_NONE}, score = {METRIC_SCORE, GOAL_MAX};
    struct metric_meaning m = metric_meaning_of(name);
    /* "train 3.29": a loss; beside a loss, and with others of its sort, a score ("loss 0.5, train 0.81, val 0.78") */
    if (is_one_of(name, bare, SIZE(bare))) m = place->beside_loss && place->sets > 1 ? score : loss;
    if (place->separator == '|' && is_one_of(name, parts, SIZE(parts))) m = loss;  /* columns of YOLO's; elsewhere settings are called so */
    if (place->separator == '|' && is_one_of(name, of_all, SIZE(of_all))) m = score; /* columns of a population's fitness */
    if (!strcmp(name, "column 1") || !strcmp(name, "column 2") || !strncmp(name, "item ", 5)) m = unnamed; /* better than nothing, but any numbers may look so */
    if (m.kind == METRIC_TRAIN_LOSS && evaluation) m.kind = METRIC_EVAL_LOSS;
    if ((m.kind == METRIC_TRAIN_LOSS || m.kind == METRIC_EVAL_LOSS) && place->beside_loss && metric_is_error(name)) m.kind = METRIC_SCORE;
    return m;
}

static bool is_shown(const struct series_set *set, const char *shown)
{
    for (size_t i = 0; i < set->n; i++)
        if (!strcmp(set->series[i].shown, shown)) return true;
    return false;
}

bool series_is_named(const struct series_set *set, const char *name)
{
    for (size_t i = 0; i < set->n; i++)
        if (!strcmp(set->series[i].name, name)) return true;
    return false;
}

/* A second loss of the same name that is first seen after an evaluation was announced is the evaluation's, and so are the others beside it. */
static struct series *add(struct series_set *set, const char *name, unsigned signature, const struct series_place *place)
{
    if (set->n == SERIES_MAX || !metric_name_is_text(name)) return NULL;
    struct series *s = &set->series[set->n];
    bool says = metric_is_evaluation(name), second = !place->context && place->second && !metric_is_training(name) && metric_meaning_of(name).goal != GOAL_NONE;
    bool evaluation = says || place->context == CONTEXT_EVAL || second;
    snprintf(s->name, sizeof s->name, "%s", name);
    s->signature = signature;
    s->meaning = meaning_in(name, place, evaluation);
    bool prefix = evaluation && !says && !metric_is_training(name);
    snprintf(s->shown, sizeof s->shown, "%s%s", prefix ? "eval " : "", name);
    for (unsigned i = 2; is_shown(set, s->shown) && i < 100; i++) snprintf(s->shown, sizeof s->shown, "%s (%u)", name, i);
    set->n++;
    return s;
}

void series_clear(struct series_set *set)
{
    memset(set->slot, 0, sizeof set->slot);
    set->n = 0;
}

static unsigned signature_of(const struct series_place *p)
{
    return (unsigned)p->context | p->counter_kinds << 2 | (unsigned)(unsigned char)p->separator << 10 | (p->again & 15) << 18 | p->opening << 22;
}

struct series *series_of(struct series_set *set, const char *name, unsigned hash, const struct series_place *place, bool *new)
{
    *new = false;
    unsigned signature = signature_of(place), mask = SIZE(set->slot) - 1, at = (hash ^ signature * 2654435761u) >> 16 & mask;
    for (; set->slot[at]; at = (at + 1) & mask) {
        struct series *s = &set->series[set->slot[at] - 1];
        if (s->signature == signature && !strcmp(s->name, name)) return s;
    }
    struct series *s = add(set, name, signature, place);
    *new = s != NULL;
    if (s) set->slot[at] = (unsigned short)set->n;
    return s;
}
