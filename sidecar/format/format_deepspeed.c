#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "skipped=") || text_has(text, length, "RunningAvgSamplesPerSec") || text_has(text, length, "iter time (s)");
}

const struct format format_deepspeed = {.card = {"deepspeed", "DeepSpeed", "[2024-01-02 10:11:12,123] [INFO] [logging.py:69:log_dist] [Rank 0] step=10, skipped=0, lr=[0.0001], mom=[(0.9, 0.999)]"}, .probe = probe};
