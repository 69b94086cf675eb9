/* bench_read: how fast the reader goes through logs that lie in memory, on one core. Usage: bench_read FILE ...
 * Prints "file MB/s values" a line: the best of REPEATS passes of processor time, one pass each as run and tail make them. */
#include "format/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REPEATS 5
#define CHUNK 65536 /* as the sources read */

static double processor_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void count(void *context, const struct observation *o)
{
    (void)o;
    ++*(unsigned long *)context;
}

static double pass(const char *bytes, size_t n, unsigned long *values)
{
    char error[160];
    *values = 0;
    struct reader *reader = reader_create(NULL, count, values, error, sizeof error);
    if (!reader) exit(1);
    double start = processor_s();
    for (size_t i = 0; i < n; i += CHUNK) reader_feed(reader, bytes + i, n - i < CHUNK ? n - i : CHUNK);
    reader_end(reader);
    double took = processor_s() - start;
    reader_destroy(reader);
    return took;
}

static char *whole_file(const char *path, size_t *n)
{
    FILE *in = fopen(path, "rb");
    if (!in || fseek(in, 0, SEEK_END)) exit(1);
    *n = (size_t)ftell(in);
    rewind(in);
    char *bytes = malloc(*n + 1);
    if (!bytes || fread(bytes, 1, *n, in) != *n) exit(1);
    fclose(in);
    return bytes;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t n;
        unsigned long values = 0;
        char *bytes = whole_file(argv[i], &n);
        double best = 1e9;
        for (int k = 0; k < REPEATS; k++) {
            double took = pass(bytes, n, &values);
            if (took < best) best = took;
        }
        printf("%s %.1f %lu\n", argv[i], (double)n / best / 1e6, values);
        free(bytes);
    }
    return 0;
}
