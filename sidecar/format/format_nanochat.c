#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "| lrm: ") || text_has(text, length, "step_avg:") || text_has(text, length, "Validation bpb");
}

const struct format format_nanochat = {.card = {"nanochat", "nanochat, modded-nanogpt", "step 00010/00500 (2.00%) | loss: 2.31 | lrm: 1.00 | dt: 123.4ms | tok/sec: 12,345"}, .probe = probe};
