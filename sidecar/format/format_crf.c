#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "act=") || text_has(text, length, "Feature norm") || text_has(text, length, " |g| ");
}

const struct format format_crf = {.card = {"crf", "CRFsuite, CRF++, Wapiti, liblinear", "iter=12 terr=0.03 serr=0.2 act=12345 obj=231.4 diff=0.01"}, .probe = probe};
