#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "reduced_train_loss");
}

const struct format format_nemo = {.card = {"nemo", "NeMo and Megatron Core on Lightning", "Training epoch 0, iteration 9/99 | lr: 1e-05 | global_step: 9 | reduced_train_loss: 2.31 | val_loss: 2.4"}, .probe = probe};
