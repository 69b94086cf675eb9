#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "iteration") && text_has(text, length, "| ");
}

const struct format format_megatron = {.card = {"megatron", "Megatron-LM, Megatron-DeepSpeed", " iteration 100/ 5000 | consumed samples: 800 | lm loss: 2.310000E+00 |"}, .probe = probe};
