#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "step = ") || text_has(text, length, "global_step") || text_has(text, length, "per-step time");
}

const struct format format_estimator = {.card = {"estimator", "tf.estimator, tensor2tensor, TF object detection", "INFO:tensorflow:loss = 2.31, step = 100 (0.345 sec)"}, .probe = probe};
