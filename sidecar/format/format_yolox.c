#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "iter_time: ");
}

const struct format format_yolox = {.card = {"yolox", "YOLOX", "epoch: 1/300, iter: 10/1234, mem: 3456Mb, iter_time: 0.345s, total_loss: 12.3, iou_loss: 4.5, lr: 1.2e-05, size: 640, ETA: 1:23:45"}, .probe = probe};
