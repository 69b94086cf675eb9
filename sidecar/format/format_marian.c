#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, " : Up. ");
}

const struct format format_marian = {.card = {"marian", "Marian NMT", "[2024-01-02 10:11:12] Ep. 1 : Up. 500 : Sen. 32,000 : Cost 4.31 : Time 12.34s"}, .probe = probe};
