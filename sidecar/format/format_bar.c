#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "it/s]") || text_has(text, length, "s/it") || text_has(text, length, "%|");
}

const struct format format_bar = {.card = {"bar", "tqdm and other bars", "loss=2.31:  10%|█         | 10/100 [00:10<01:30,  1.00it/s]"}, .probe = probe};
