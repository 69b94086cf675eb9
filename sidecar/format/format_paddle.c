#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "batch_cost") || text_has(text, length, "ips: ");
}

const struct format format_paddle = {.card = {"paddle", "PaddlePaddle and its toolkits", "[TRAIN] epoch: 1, iter: 10/1000, loss: 2.31, lr: 0.01, batch_cost: 0.34, ips: 12.3 samples/sec"}, .probe = probe};
