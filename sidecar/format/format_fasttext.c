#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "words/sec/thread");
}

const struct format format_fasttext = {.card = {"fasttext", "fastText", "Progress:  10.0% words/sec/thread: 12345 lr:  0.09 avg.loss:  2.31 ETA: 0h 0m 1s"}, .probe = probe};
