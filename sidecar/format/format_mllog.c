#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, ":::MLL");
}

const struct format format_mllog = {.card = {"mllog", "MLPerf logging", ":::MLLOG {\"key\": \"eval_loss\", \"value\": 0.4, \"metadata\": {\"step_num\": 10}}"}, .probe = probe};
