#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "poch[") || text_has(text, length, "[Epoch ");
}

const struct format format_mxnet = {.card = {"mxnet", "MXNet's Speedometer and Module.fit, GluonCV, GluonNLP", "INFO:root:Epoch[0] Batch [50] Speed: 1234.5 samples/sec accuracy=0.31"}, .probe = probe};
