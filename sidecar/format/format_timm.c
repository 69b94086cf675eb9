#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "Acc@1") || text_has(text, length, "Prec@1") || ((text_has(text, length, "Train: ") || text_has(text, length, "Epoch: [")) && text_has(text, length, "["));
}

const struct format format_timm = {.card = {"timm", "timm, Swin and the ImageNet examples", "Train: 0 [  50/1251 (  4%)]  Loss: 6.95 (6.95)  Time: 1.2s  LR: 1.0e-06"}, .probe = probe};
