/* Any bytes, in two chunkings, each read a second time with what the first taught: no crash, no leak, the same number of values. */
#include "format/reader.h"

#include <stdint.h>
#include <stdlib.h>

static void count(void *context, const struct observation *o)
{
    (void)o;
    ++*(uint64_t *)context;
}

static uint64_t run(const char *bytes, size_t n, size_t step)
{
    char error[160];
    uint64_t values = 0;
    struct reader *r = reader_create(NULL, count, &values, error, sizeof error);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i += step) reader_feed(r, bytes + i, n - i < step ? n - i : step);
        reader_end(r);
        if (!pass) reader_again(r);
    }
    reader_destroy(r);
    return values;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    if (run((const char *)data, size, size) != run((const char *)data, size, 3)) abort();
    return 0;
}
