#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "max_mem") || text_has(text, length, "max mem") || text_has(text, length, "total_loss: ");
}

const struct format format_detectron2 = {.card = {"detectron2", "detectron2, maskrcnn-benchmark", " eta: 1:23:45  iter: 19  total_loss: 2.31  loss_cls: 0.9  lr: 0.0001  max_mem: 3456M"}, .probe = probe};
