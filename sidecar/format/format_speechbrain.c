#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, " - train loss: ");
}

const struct format format_speechbrain = {.card = {"speechbrain", "SpeechBrain's train_log.txt", "epoch: 1, lr: 1.00e+00 - train loss: 3.45 - valid loss: 2.34, valid WER: 78.9"}, .probe = probe};
