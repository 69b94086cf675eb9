#include "format.h"

#include <string.h>

static bool probe(const char *text, size_t length)
{
    return length > 4 && (!memcmp(text, "DLL ", 4) || !memcmp(text, "DLLL", 4));
}

const struct format format_dllogger = {.card = {"dllogger", "NVIDIA's DLLogger", "DLL 2024-01-02 10:11:12.123 - Epoch: 0 Iteration: 100  train_loss : 2.31"}, .probe = probe};
