#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "net output #") || text_has(text, length, "solver.cpp:");
}

const struct format format_caffe = {.card = {"caffe", "Caffe", "I0102 10:11:12.123456 1234 solver.cpp:228] Iteration 20, loss = 2.31"}, .probe = probe};
