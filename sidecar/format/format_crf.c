#include "format.h"

#include <string.h>

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "act=") || text_has(text, length, "Feature norm") || text_has(text, length, " |g| ");
}

/* f: what is minimised; terr, serr: errors of tags and of sentences. */
static bool meaning(const char *name, double first, struct metric_meaning *meaning)
{
    bool error = !strcmp(name, "terr") || !strcmp(name, "serr");
    (void)first;
    if (strcmp(name, "f") && !error) return false;
    *meaning = error ? (struct metric_meaning){METRIC_SCORE, GOAL_MIN} : (struct metric_meaning){METRIC_TRAIN_LOSS, GOAL_MIN};
    return true;
}

const struct format format_crf = {.card = {"crf", "CRFsuite, CRF++, Wapiti, liblinear", "iter=12 terr=0.03 serr=0.2 act=12345 obj=231.4 diff=0.01"}, .probe = probe, .meaning = meaning};
