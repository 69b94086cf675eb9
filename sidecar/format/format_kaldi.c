#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, " objective function for ") || text_has(text, length, "AVG.LOSS") || text_has(text, length, "avg. like is");
}

const struct format format_kaldi = {.card = {"kaldi", "Kaldi: nnet1, nnet3, chain, GMM", "LOG (nnet3-train:Print():nnet-training.cc:318) Overall average objective function for 'output' is -1.2 over 12345 frames."}, .probe = probe};
