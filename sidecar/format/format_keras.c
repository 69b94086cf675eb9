#include "format.h"

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "[===") || text_has(text, length, "━");
}

const struct format format_keras = {.card = {"keras", "Keras 2 and 3 bars", "100/100 [==============================] - 3s 30ms/step - loss: 2.3100 - val_loss: 2.4000"}, .probe = probe};
