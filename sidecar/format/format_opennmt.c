#include "format.h"

static bool probe(const char *text, size_t length)
{
    return (text_has(text, length, " tok/s") && text_has(text, length, "ppl: ")) || text_has(text, length, "target words/s") || text_has(text, length, "ource tokens/s") || text_has(text, length, "Tokens per Sec");
}

const struct format format_opennmt = {.card = {"opennmt", "OpenNMT-py, -tf and -lua, Sockeye, Joey NMT", "Step 50/100000; acc: 3.92; ppl: 140.13; xent: 9.55; lr: 0.00001; 3472/3510 tok/s"}, .probe = probe};
