#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "samples/sec: ") || (text_has(text, length, "EPOCH ") && text_has(text, length, " done: loss"));
}

const struct format format_flair = {.card = {"flair", "Flair", "epoch 1 - iter 10/100 - loss 2.31 - time (sec): 1.23 - samples/sec: 123.4 - lr: 0.1"}, .probe = probe};
