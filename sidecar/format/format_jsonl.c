#include "format.h"

static bool probe(const char *text, size_t length)
{
    return length && (*text == '{' || text_has(text, length, "{\""));
}

const struct format format_jsonl = {.card = {"jsonl", "JSON, one object a line or over several lines", "{\"step\": 10, \"loss\": 2.31}"}, .probe = probe};
