#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "{'") && text_has(text, length, "': ");
}

const struct format format_hf_trainer = {.card = {"hf-trainer", "Hugging Face Trainer, TRL, PEFT: Python dicts, also glued to a bar", "{'loss': 2.31, 'grad_norm': 1.2, 'learning_rate': 4e-05, 'epoch': 0.1}"}, .probe = probe};
