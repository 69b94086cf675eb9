#include "format.h"

static bool probe(const char *text, size_t length)
{
    return (length > 5 && (text_has(text, 5, "iter ") || text_has(text, 5, "step "))) && text_has(text, length, "loss");
}

const struct format format_nanogpt = {.card = {"nanogpt", "nanoGPT, build-nanogpt, llm.c, nanochat", "iter 100: loss 2.3100, time 35.10ms"}, .probe = probe};
