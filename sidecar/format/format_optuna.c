#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, " finished with value");
}

const struct format format_optuna = {.card = {"optuna", "Optuna", "[I 2024-01-02 10:11:12,123] Trial 3 finished with value: 0.31 and parameters: {'lr': 0.001}. Best is trial 2 with value: 0.29."}, .probe = probe};
