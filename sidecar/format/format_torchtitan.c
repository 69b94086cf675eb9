#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "tps: ") || text_has(text, length, "tokens_per_second_per_gpu");
}

const struct format format_torchtitan = {.card = {"torchtitan", "torchtitan, torchtune", "step: 10  loss:  8.21  memory: 34.56GiB(36.41%)  tps: 1,234  mfu: 12.34%"}, .probe = probe};
