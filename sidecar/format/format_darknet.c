#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "Avg IOU") || text_has(text, length, "Region ") || (text_has(text, length, " rate, ") && text_has(text, length, " images"));
}

const struct format format_darknet = {.card = {"darknet", "Darknet (YOLO)", "100: 26.153055, 13.849990 avg loss, 0.001000 rate, 1.2 seconds, 6400 images"}, .probe = probe};
