#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "iter time: ");
}

const struct format format_litgpt = {.card = {"litgpt", "LitGPT", "Epoch 1 | iter 10 step 10 | loss train: 2.31, val: n/a | iter time: 345.67 ms"}, .probe = probe};
