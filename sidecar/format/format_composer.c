#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "/train/") || text_has(text, length, "s/eval/");
}

const struct format format_composer = {.card = {"composer", "Composer, llm-foundry", "Train loss/train/total: 2.31"}, .probe = probe};
