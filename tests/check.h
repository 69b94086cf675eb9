/* check: unit tests. A test file is a program: TEST(name) bodies, then `int main(int argc, char **argv) { return check_main(argc, argv); }`
 * is written for you by CHECK_MAIN. Prints TAP; each failing check prints both values and its place, and the test goes on.
 * Every random test draws from check_random(), seeded by --seed N (default 1), so a failure can be replayed.
 */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*check_fn)(void);
struct check_test { const char *name; check_fn fn; };
static struct check_test check_tests[256];
static int check_count, check_failed_here;
static uint64_t check_state = 1;

#define TEST(name) \
    static void name(void); \
    __attribute__((constructor)) static void register_##name(void) { check_tests[check_count++] = (struct check_test){#name, name}; } \
    static void name(void)

#define CHECK_FAIL(...) (printf("# %s:%d: ", __FILE__, __LINE__), printf(__VA_ARGS__), printf("\n"), check_failed_here++)
#define CHECK(c) do { if (!(c)) CHECK_FAIL("not true: %s", #c); } while (0)
#define CHECK_INT(got, want) do { long long g_ = (long long)(got), w_ = (long long)(want); if (g_ != w_) CHECK_FAIL("%s is %lld, not %lld", #got, g_, w_); } while (0)
#define CHECK_STR(got, want) do { const char *g_ = (got), *w_ = (want); if (!g_ || strcmp(g_, w_)) CHECK_FAIL("%s is \"%s\", not \"%s\"", #got, g_ ? g_ : "(null)", w_); } while (0)
#define CHECK_NEAR(got, want, tolerance) do { double g_ = (got), w_ = (want); if (!(fabs(g_ - w_) <= (tolerance))) CHECK_FAIL("%s is %.17g, not %.17g", #got, g_, w_); } while (0)

/* Uniform in (0, 1); splitmix64. */
static inline double check_random(void)
{
    uint64_t z = (check_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53 + 0x1p-54;
}
static inline double check_normal(void) { return sqrt(-2 * log(check_random())) * cos(6.283185307179586 * check_random()); }

static inline int check_main(int argc, char **argv)
{
    uint64_t seed = argc == 3 && !strcmp(argv[1], "--seed") ? strtoull(argv[2], NULL, 10) : 1;
    int failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%d\n", check_count);
    for (int i = 0; i < check_count; i++) {
        check_failed_here = 0;
        check_state = seed;
        check_tests[i].fn();
        printf("%sok %d - %s\n", check_failed_here ? "not " : "", i + 1, check_tests[i].name);
        failed += check_failed_here != 0;
    }
    if (failed) printf("# seed %llu\n", (unsigned long long)seed);
    return failed != 0;
}
#define CHECK_MAIN int main(int argc, char **argv) { return check_main(argc, argv); }

#endif
