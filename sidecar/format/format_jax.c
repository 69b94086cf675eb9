#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "completed step: ") || text_has(text, length, "steps_per_second=");
}

const struct format format_jax = {.card = {"jax", "MaxText, T5X, clu's metric writers", "completed step: 10, seconds: 1.23, TFLOP/s/device: 123.4, total_weights: 65536, loss: 2.31"}, .probe = probe};
