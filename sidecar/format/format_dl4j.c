#include "format.h"

#include <string.h>

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "Score at iteration ");
}

static bool meaning(const char *name, double first, struct metric_meaning *meaning)
{
    (void)first;
    if (strcmp(name, "Score")) return false;
    *meaning = (struct metric_meaning){METRIC_TRAIN_LOSS, GOAL_MIN};
    return true;
}

const struct format format_dl4j = {.card = {"dl4j", "Deeplearning4j's ScoreIterationListener, whose score is a loss", "Score at iteration 100 is 1.6235"}, .probe = probe, .meaning = meaning};
