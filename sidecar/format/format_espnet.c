#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "optim0_lr0") || text_has(text, length, "epoch results: ");
}

const struct format format_espnet = {.card = {"espnet", "ESPnet", "1epoch:train:1-50batch: iter_time=0.1, loss_ctc=80.1, acc=0.31, loss=60.3, optim0_lr0=1e-05"}, .probe = probe};
