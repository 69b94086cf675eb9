/* schedule: the words that configurations use for the course of the learning rate */
#include "curvefit.h"

#include <string.h>

static const struct { const char *word; cf_schedule_kind kind; } words[] = {
    {"restart", CF_SCHEDULE_COSINE_RESTARTS}, /* before cosine: cosine_with_restarts */
    {"warmdown", CF_SCHEDULE_WSD}, /* before linear: constant_then_linear_warmdown */
    {"cooldown", CF_SCHEDULE_WSD},
    {"wsd", CF_SCHEDULE_WSD}, /* before cosine and linear: wsd_cosine */
    {"cosine", CF_SCHEDULE_COSINE},
    {"warmup_stable_decay", CF_SCHEDULE_WSD},
    {"trapez", CF_SCHEDULE_WSD},
    {"linear", CF_SCHEDULE_LINEAR},
    {"poly", CF_SCHEDULE_POLYNOMIAL},
    {"quadratic", CF_SCHEDULE_POLYNOMIAL},
    {"inverse_sqrt", CF_SCHEDULE_INVERSE_SQRT},
    {"inv_sqrt", CF_SCHEDULE_INVERSE_SQRT},
    {"step", CF_SCHEDULE_STEP},
    {"const", CF_SCHEDULE_CONSTANT},
    {"none", CF_SCHEDULE_CONSTANT},
};

cf_schedule_kind cf_schedule_kind_of(const char *name)
{
    for (size_t i = 0; name && i < sizeof words / sizeof *words; i++)
        if (strcasestr(name, words[i].word)) return words[i].kind;
    return CF_SCHEDULE_UNKNOWN;
}
