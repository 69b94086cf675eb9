/* clock: what the benchmarks share: a clock, a median, a little noise. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdlib.h>
#include <time.h>

static inline double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts. n >= 1 */
static inline double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, rising);
    return values[n / 2];
}

/* In [-0.5, 0.5), the same for the same state. */
static inline double noise(unsigned *state) { return (double)((*state = *state * 1664525u + 1013904223u) >> 8) / 0x1p24 - 0.5; }

#endif
