#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "num_updates");
}

const struct format format_fairseq = {.card = {"fairseq", "fairseq: its simple lines and its JSON", "2024-01-02 10:11:12 | INFO | train | epoch 001 | loss 8.9 | num_updates 1000 | lr 1e-05"}, .probe = probe};
