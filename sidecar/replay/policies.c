#include "policies.h"

#include <string.h>

typedef double settings[REPLAY_SETTINGS];
static const settings none[] = {{0}};
static const settings deltas[] = {{.01}, {.02}, {.05}, {.1}, {.2}, {.3}};
static const settings patiences[] = {{2}, {4}, {8}};
static const settings graces[] = {{.04}, {.1}, {.2}, {.3}, {.5}};
static const settings rungs[] = {{2, .04}, {2, .11}, {2, .25}, {3, .04}, {3, .11}, {3, .25}, {4, .04}, {4, .11}, {4, .25}};
static const settings cuts[] = {
    {.04, 1}, {.04, 2}, {.04, 3}, {.04, 5}, {.04, 8}, {.08, 1}, {.08, 2}, {.08, 3}, {.08, 5}, {.08, 8}, {.12, 1}, {.12, 2}, {.12, 3}, {.12, 5}, {.12, 8},
    {.2, 1},  {.2, 2},  {.2, 3},  {.2, 5},  {.2, 8},  {.3, 1},  {.3, 2},  {.3, 3},  {.3, 5},  {.3, 8},  {.4, 1},  {.4, 2},  {.4, 3},  {.4, 5},  {.4, 8},
};

#define USUAL(list) list, sizeof(list) / sizeof *(list)

static const struct { struct replay_policy policy; run_fn *run; } table[] = {
    {{"foregone", "stops when the chance to end up good enough is below DELTA", false, 1, USUAL(deltas)}, run_foregone},
    {{"no-stop", "runs everything", false, 0, USUAL(none)}, run_no_stop},
    {{"patience", "stops after N values without a better one", false, 1, USUAL(patiences)}, run_patience},
    {{"median", "from progress GRACE stops what is worse than the median of the finished trials' running means", false, 1, USUAL(graces)}, run_median},
    {{"asha", "asynchronous halving: at each rung the best 1/ETA so far go on; first rung at progress R", false, 2, USUAL(rungs)}, run_asha},
    {{"sha", "synchronous halving: all wait at each rung, the best 1/ETA go on; first rung at progress R", true, 2, USUAL(rungs)}, run_sha},
    {{"i-epoch", "runs all to progress R and finishes the best K", true, 2, USUAL(cuts)}, run_i_epoch},
    {{"oracle", "knows the end: stops at its first value what will not beat the best finished trial", false, 0, USUAL(none)}, run_oracle},
};

size_t replay_policy_count(void) { return sizeof table / sizeof *table; }
const struct replay_policy *replay_policy_at(size_t i) { return i < replay_policy_count() ? &table[i].policy : NULL; }

const struct replay_policy *replay_policy_named(const char *name)
{
    for (size_t i = 0; i < replay_policy_count(); i++)
        if (!strcmp(table[i].policy.name, name)) return &table[i].policy;
    return NULL;
}

run_fn *policy_run(const struct replay_policy *policy)
{
    for (size_t i = 0; i < replay_policy_count(); i++)
        if (&table[i].policy == policy) return table[i].run;
    return NULL;
}
