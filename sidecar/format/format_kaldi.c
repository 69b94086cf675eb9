#include "format.h"

#include <string.h>

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, " objective function for ") || text_has(text, length, "AVG.LOSS") || text_has(text, length, "avg. like is");
}

/* What nnet3 and chain print is a log-probability a frame: it rises to 0. */
static bool meaning(const char *name, double first, struct metric_meaning *meaning)
{
    (void)first;
    if (!strstr(name, "objective function")) return false;
    *meaning = (struct metric_meaning){METRIC_TRAIN_LOSS, GOAL_MAX};
    return true;
}

const struct format format_kaldi = {.card = {"kaldi", "Kaldi: nnet1, nnet3, chain, GMM", "LOG (nnet3-train:Print():nnet-training.cc:318) Overall average objective function for 'output' is -1.2 over 12345 frames."}, .probe = probe, .meaning = meaning};
