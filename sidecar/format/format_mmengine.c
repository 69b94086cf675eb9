#include "format.h"

static bool probe(const char *text, size_t length)
{
    return (text_has(text, length, "data_time: ") || text_has(text, length, "\"data_time\"")) && (text_has(text, length, "memory") || text_has(text, length, "mode"));
}

const struct format format_mmengine = {.card = {"mmengine", "OpenMMLab: mmdetection, mmsegmentation ..., mmengine", "2024/01/02 10:11:12 - mmengine - INFO - Epoch(train) [1][50/400] lr: 1e-04 eta: 0:12:34 time: 0.3 data_time: 0.02 memory: 3456 loss: 2.31"}, .probe = probe};
