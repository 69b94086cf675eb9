#include "format.h"

#include <string.h>

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, ":::MLL");
}

/* The rules of MLPerf call every target eval_accuracy. That of the language models is a loss: no share of what was right is above 1, and
 * no BLEU in the rounds that report one begins below 12. */
static bool meaning(const char *name, double first, struct metric_meaning *meaning)
{
    if (strcmp(name, "eval_accuracy") || !(first > 1 && first < 12)) return false;
    *meaning = (struct metric_meaning){METRIC_EVAL_LOSS, GOAL_MIN};
    return true;
}

const struct format format_mllog = {.card = {"mllog", "MLPerf logging", ":::MLLOG {\"key\": \"eval_loss\", \"value\": 0.4, \"metadata\": {\"step_num\": 10}}"}, .probe = probe, .meaning = meaning};
