/* Any bytes, in two chunkings: the same lines, none longer than the ceiling, ended by a zero. */
#include "lines/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct sum { uint64_t lines, hash; };

static void add(void *context, const struct line *line)
{
    struct sum *sum = context;
    if (line->length > LINES_MAX || line->text[line->length]) abort();
    sum->lines++;
    for (size_t i = 0; i < line->length; i++) sum->hash = (sum->hash ^ (unsigned char)line->text[i]) * 1099511628211u;
    sum->hash = (sum->hash ^ line->number) * 1099511628211u;
}

static struct sum run(const char *bytes, size_t n, size_t step)
{
    struct sum sum = {0, 14695981039346656037u};
    struct lines *lines = lines_create(add, &sum);
    for (size_t i = 0; i < n; i += step) lines_feed(lines, bytes + i, n - i < step ? n - i : step);
    lines_end(lines);
    lines_destroy(lines);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sum whole = run((const char *)data, size, size + 1), bits = run((const char *)data, size, 1 + size % 7);
    if (whole.lines != bits.lines || whole.hash != bits.hash) abort();
    return 0;
}
